#include "meter/store/safe_value.hpp"

#include <algorithm>
#include <array>

#include "base/crc.hpp"

namespace ferraris::meter {
namespace {

constexpr std::size_t kCheckedHeader = 8;

}  // namespace

bool SafeValue::recover() {
    std::array<std::optional<Header>, kSectors> found{};
    for (unsigned turn = 0; turn < kSectors; ++turn) {
        if (!look(turn, found[turn])) return false;
    }
    present_ = found[0] || found[1];
    if (!present_) return true;
    const bool second = !found[0] || (found[1] && found[1]->sequence > found[0]->sequence);
    turn_ = second ? 1 : 0;
    newest_ = *found[turn_];
    return true;
}

bool SafeValue::write(ByteView value, std::uint32_t floor) {
    if (value.size() > flash_.sector_size() - kHeaderSize) return false;
    const auto turn = static_cast<std::uint8_t>(1 - turn_);
    const Header header{static_cast<std::uint16_t>(value.size()), std::max(newest_.sequence, floor) + 1};
    std::array<std::uint8_t, kHeaderSize> octets{};
    ByteWriter out(octets);
    out.u16(magic_);
    out.u16(header.length);
    out.u32(header.sequence);
    out.u32(crc32(value, crc32(out.written())));
    if (!flash_.erase(first_sector_ + turn) || !flash_.program(address(turn) + kHeaderSize, value) ||
        !flash_.program(address(turn), octets)) {
        return false;
    }
    turn_ = turn;
    newest_ = header;
    present_ = true;
    return true;
}

std::optional<std::size_t> SafeValue::read(ByteSpan out) const {
    if (!present_ || newest_.length > out.size()) return std::nullopt;
    if (!flash_.read(address(turn_) + kHeaderSize, out.first(newest_.length))) return std::nullopt;
    return newest_.length;
}

bool SafeValue::look(unsigned turn, std::optional<Header>& found) const {
    std::array<std::uint8_t, kHeaderSize> octets{};
    if (!flash_.read(address(turn), octets)) return false;
    ByteReader in(octets);
    const bool known = in.u16() == magic_;
    Header header;
    header.length = in.u16();
    header.sequence = in.u32();
    const std::uint32_t check = in.u32();
    if (!known || header.length > flash_.sector_size() - kHeaderSize) return true;
    std::uint32_t crc = crc32(ByteView(octets).first(kCheckedHeader));
    std::array<std::uint8_t, 64> piece{};
    for (std::uint32_t offset = 0; offset < header.length;) {
        const ByteSpan part = ByteSpan(piece).first(std::min<std::size_t>(piece.size(), header.length - offset));
        if (!flash_.read(address(turn) + kHeaderSize + offset, part)) return false;
        crc = crc32(part, crc);
        offset += static_cast<std::uint32_t>(part.size());
    }
    if (crc == check) found = header;
    return true;
}

}  // namespace ferraris::meter
