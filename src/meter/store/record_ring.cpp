#include "meter/store/record_ring.hpp"

#include <algorithm>
#include <array>

#include "base/crc.hpp"

namespace ferraris::meter {
namespace {

constexpr std::size_t kHeaderSize = 16;
constexpr std::size_t kCheckSize = 4;

}  // namespace

RecordRing::RecordRing(board::Flash& flash, FlashRegion region, std::uint16_t payload_size, std::uint16_t magic)
    : flash_(flash), region_(region), magic_(magic) {
    shape(payload_size);
}

void RecordRing::shape(std::uint16_t payload_size) {
    payload_size_ = payload_size;
    records_per_sector_ =
        static_cast<std::uint32_t>((flash_.sector_size() - kHeaderSize) / (payload_size_ + kCheckSize));
}

bool RecordRing::recover() {
    epoch_ = greatest_epoch();
    // What has another size must not come back either.
    if (!has_records()) ++epoch_;
    return find_records();
}

bool RecordRing::recover(std::uint16_t payload_size, std::uint32_t epoch) {
    shape(payload_size);
    epoch_ = epoch;
    return find_records();
}

bool RecordRing::has_records() const {
    for (std::uint32_t i = 0; i < region_.sector_count; ++i) {
        if (belongs(read_header(i), i)) return true;
    }
    return false;
}

std::uint32_t RecordRing::greatest_epoch() const {
    std::uint32_t greatest = 0;
    for (std::uint32_t i = 0; i < region_.sector_count; ++i) {
        const Header header = read_header(i);
        if (header.valid) greatest = std::max(greatest, header.epoch);
    }
    return greatest;
}

bool RecordRing::find_records() {
    if (region_.sector_count == 0 || records_per_sector_ == 0) return false;
    bool found = false;
    std::uint32_t newest = 0;
    for (std::uint32_t i = 0; i < region_.sector_count; ++i) {
        const Header header = read_header(i);
        if (!belongs(header, i)) continue;
        if (!found || header.first > newest) newest = header.first;
        found = true;
    }
    if (!found) {
        oldest_ = next_ = 0;
        return open_sector();
    }
    oldest_ = newest;
    for (std::uint32_t n = 1; n < region_.sector_count && oldest_ >= records_per_sector_; ++n) {
        const std::uint32_t earlier = oldest_ - records_per_sector_;
        const Header header = read_header(sector_of(earlier));
        if (!belongs(header, sector_of(earlier)) || header.first != earlier) break;
        oldest_ = earlier;
    }
    next_ = newest;
    while (next_ < newest + records_per_sector_ && !slot_is_blank(next_)) ++next_;
    return next_ < newest + records_per_sector_ || open_sector();
}

bool RecordRing::append(ByteView payload) {
    if (payload.size() != payload_size_ || payload.size() > kMaxPayload) return false;
    std::array<std::uint8_t, kMaxPayload + kCheckSize> record{};
    ByteWriter out(record);
    out.put(payload);
    out.u32(check(next_, payload));
    // A record that the flash refused has left its slot in an unknown state: the number is used up either way.
    const bool stored = flash_.program(address_of(next_), out.written());
    ++next_;
    const bool ready = next_ % records_per_sector_ != 0 || open_sector();
    return stored && ready;
}

bool RecordRing::read(std::uint32_t sequence, ByteSpan payload) const {
    if (sequence < oldest_ || sequence >= next_ || payload.size() != payload_size_) return false;
    const std::uint32_t address = address_of(sequence);
    std::array<std::uint8_t, kCheckSize> sum{};
    if (!flash_.read(address, payload) || !flash_.read(address + payload_size_, sum)) return false;
    return ByteReader(sum).u32() == check(sequence, payload);
}

bool RecordRing::clear(std::uint16_t payload_size, std::uint32_t epoch) {
    shape(payload_size);
    epoch_ = epoch;
    next_ = (next_ + records_per_sector_ - 1) / records_per_sector_ * records_per_sector_;
    oldest_ = next_;
    return open_sector();
}

StoreCondition RecordRing::examine(board::Flash& flash, FlashRegion region) {
    StoreCondition condition;
    for (std::uint32_t i = 0; i < region.sector_count; ++i) {
        std::array<std::uint8_t, 4> head{};
        if (!flash.read((region.first_sector + i) * flash.sector_size(), head)) continue;
        ByteReader in(head);
        const std::uint16_t magic = in.u16();
        // A sector says what is in it.
        RecordRing ring(flash, region, in.u16(), magic);
        const Header header = ring.read_header(i);
        const bool known = header.valid && header.payload_size <= kMaxPayload && ring.sector_of(header.first) == i;
        if (!known) {
            if (!ring.sector_is_blank(i)) ++condition.damaged;
            continue;
        }
        ring.epoch_ = header.epoch;
        ring.oldest_ = header.first;
        ring.next_ = header.first + ring.records_per_sector_;
        std::array<std::uint8_t, kMaxPayload> payload{};
        for (std::uint32_t sequence = ring.oldest_; sequence != ring.next_; ++sequence) {
            if (ring.slot_is_blank(sequence)) continue;
            ++(ring.read(sequence, ByteSpan(payload).first(header.payload_size)) ? condition.records
                                                                                 : condition.damaged);
        }
    }
    return condition;
}

bool RecordRing::sector_is_blank(std::uint32_t index) const {
    const std::uint32_t begin = (region_.first_sector + index) * flash_.sector_size();
    constexpr std::uint32_t kPiece = 64;
    std::array<std::uint8_t, kPiece> piece{};
    for (std::uint32_t offset = 0; offset < flash_.sector_size(); offset += kPiece) {
        if (!flash_.read(begin + offset, piece)) return false;
        if (!std::ranges::all_of(piece, [](std::uint8_t octet) { return octet == 0xFF; })) return false;
    }
    return true;
}

RecordRing::Header RecordRing::read_header(std::uint32_t index) const {
    std::array<std::uint8_t, kHeaderSize> octets{};
    if (!flash_.read((region_.first_sector + index) * flash_.sector_size(), octets)) return {};
    ByteReader in(octets);
    Header header;
    const bool known = in.u16() == magic_;
    header.payload_size = in.u16();
    header.epoch = in.u32();
    header.first = in.u32();
    header.valid = known && in.u32() == crc32(ByteView(octets).first(kHeaderSize - kCheckSize));
    return header;
}

bool RecordRing::belongs(const Header& header, std::uint32_t index) const {
    return header.valid && header.epoch == epoch_ && header.payload_size == payload_size_ &&
           header.first % records_per_sector_ == 0 && sector_of(header.first) == index;
}

bool RecordRing::open_sector() {
    const std::uint32_t sector = region_.first_sector + sector_of(next_);
    if (next_ - oldest_ >= region_.sector_count * records_per_sector_) {
        oldest_ = next_ - (region_.sector_count - 1) * records_per_sector_;
    }
    std::array<std::uint8_t, kHeaderSize> header{};
    ByteWriter out(header);
    out.u16(magic_);
    out.u16(payload_size_);
    out.u32(epoch_);
    out.u32(next_);
    out.u32(crc32(out.written()));
    return flash_.erase(sector) && flash_.program(sector * flash_.sector_size(), header);
}

bool RecordRing::slot_is_blank(std::uint32_t sequence) const {
    const std::uint32_t end = address_of(sequence) + payload_size_ + kCheckSize;
    std::array<std::uint8_t, 64> piece{};
    for (std::uint32_t address = address_of(sequence); address < end;) {
        const ByteSpan octets = ByteSpan(piece).first(std::min<std::size_t>(piece.size(), end - address));
        if (!flash_.read(address, octets)) return false;
        if (!std::ranges::all_of(octets, [](std::uint8_t octet) { return octet == 0xFF; })) return false;
        address += static_cast<std::uint32_t>(octets.size());
    }
    return true;
}

std::uint32_t RecordRing::sector_of(std::uint32_t sequence) const {
    return sequence / records_per_sector_ % region_.sector_count;
}

std::uint32_t RecordRing::address_of(std::uint32_t sequence) const {
    return (region_.first_sector + sector_of(sequence)) * flash_.sector_size() +
           static_cast<std::uint32_t>(kHeaderSize + sequence % records_per_sector_ * (payload_size_ + kCheckSize));
}

std::uint32_t RecordRing::check(std::uint32_t sequence, ByteView payload) const {
    std::array<std::uint8_t, 8> place{};
    ByteWriter out(place);
    out.u32(sequence);
    out.u32(epoch_);
    return crc32(payload, crc32(place));
}

}  // namespace ferraris::meter
