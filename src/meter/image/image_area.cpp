#include "meter/image/image_area.hpp"

#include <algorithm>

#include "meter/store/layout.hpp"

namespace ferraris::meter {
namespace {

constexpr std::uint32_t kBlocksOfSector = kSectorSize / ImageArea::kBlockSize;
constexpr std::uint32_t kMarksAddress = kImageMarkRegion.first_sector * kSectorSize;
static_assert(kFirstImageRegion.sector_count * kSectorSize == kMaxImageSize);

std::uint32_t first_sector(board::Slot slot) {
    return slot == board::Slot::second ? kSecondImageRegion.first_sector : kFirstImageRegion.first_sector;
}

}  // namespace

bool ImageArea::clear() { return flash_.erase(kImageMarkRegion.first_sector); }

ImageArea::Stored ImageArea::store(board::Slot slot, std::uint32_t number, ByteView octets) {
    const std::uint32_t address = first_sector(slot) * kSectorSize + number * kBlockSize;
    if (is_marked(number)) return holds(address, octets) ? Stored::yes : Stored::another;
    const bool stored = open_sector(slot, number / kBlocksOfSector) && flash_.program(address, octets) &&
                        holds(address, octets) && mark(number);
    return stored ? Stored::yes : Stored::fault;
}

ImageArea::Marks ImageArea::marks() const {
    Marks marks{};
    if (!flash_.read(kMarksAddress, marks)) return {};
    for (std::uint8_t& octet : marks) octet = static_cast<std::uint8_t>(~octet);
    return marks;
}

std::uint32_t ImageArea::first_missing(std::uint32_t count) const {
    const Marks all = marks();
    for (std::uint32_t number = 0; number < count; ++number) {
        if ((unsigned{all[number / 8]} >> (7U - number % 8U) & 1U) == 0) return number;
    }
    return count;
}

bool ImageArea::read(board::Slot slot, std::uint32_t offset, ByteSpan out) const {
    if (out.size() > kMaxImageSize || offset > kMaxImageSize - out.size()) return false;
    return flash_.read(first_sector(slot) * kSectorSize + offset, out);
}

// What lies in the sector is of another image, or of blocks that power cut short.
bool ImageArea::open_sector(board::Slot slot, std::uint32_t sector) {
    const std::uint32_t bit = kMaxBlocks + sector;
    return is_marked(bit) || (flash_.erase(first_sector(slot) + sector) && mark(bit));
}

bool ImageArea::is_marked(std::uint32_t bit) const {
    std::array<std::uint8_t, 1> octet{};
    return flash_.read(kMarksAddress + bit / 8, octet) && (unsigned{octet[0]} >> (7U - bit % 8U) & 1U) == 0;
}

bool ImageArea::mark(std::uint32_t bit) {
    const std::array<std::uint8_t, 1> octet{static_cast<std::uint8_t>(~(0x80U >> bit % 8))};
    return flash_.program(kMarksAddress + bit / 8, octet);
}

bool ImageArea::holds(std::uint32_t address, ByteView octets) const {
    std::array<std::uint8_t, kBlockSize> there{};
    const ByteSpan part = ByteSpan(there).first(octets.size());
    return flash_.read(address, part) && equal(part, octets);
}

}  // namespace ferraris::meter
