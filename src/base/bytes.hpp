/// Octets, and bounded cursors to read and to write them. Network order (big endian) throughout, as in A-XDR.
#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <span>
#include <string_view>

namespace ferraris {

using ByteView = std::span<const std::uint8_t>;
using ByteSpan = std::span<std::uint8_t>;

/// The octets of a text, as passwords and strings go over the line.
[[nodiscard]] inline ByteView octets_of(std::string_view text) {
    return {reinterpret_cast<const std::uint8_t*>(text.data()), text.size()};
}

/// Reads forward over octets that somebody else owns. A read past the end yields zeros and sets `failed()`, which
/// stays set: parse first, ask once. Nothing is ever read outside the view.
class ByteReader {
public:
    constexpr explicit ByteReader(ByteView data) : data_(data) {}

    [[nodiscard]] constexpr bool failed() const { return failed_; }
    [[nodiscard]] constexpr std::size_t position() const { return position_; }
    [[nodiscard]] constexpr std::size_t remaining() const { return data_.size() - position_; }
    [[nodiscard]] constexpr bool at_end() const { return position_ == data_.size(); }
    /// What has not been read yet.
    [[nodiscard]] constexpr ByteView rest() const { return data_.subspan(position_); }
    /// The octets from an earlier `position()` up to here.
    [[nodiscard]] constexpr ByteView since(std::size_t start) const { return data_.subspan(start, position_ - start); }

    constexpr void fail() {
        failed_ = true;
        position_ = data_.size();
    }
    [[nodiscard]] constexpr std::uint8_t peek() const { return at_end() ? 0 : data_[position_]; }

    constexpr ByteView take(std::size_t count) {
        if (count > remaining()) {
            fail();
            return {};
        }
        const ByteView taken = data_.subspan(position_, count);
        position_ += count;
        return taken;
    }
    constexpr void skip(std::size_t count) { (void)take(count); }

    constexpr std::uint8_t u8() { return static_cast<std::uint8_t>(unsigned_of(1)); }
    constexpr std::uint16_t u16() { return static_cast<std::uint16_t>(unsigned_of(2)); }
    constexpr std::uint32_t u32() { return static_cast<std::uint32_t>(unsigned_of(4)); }
    constexpr std::uint64_t u64() { return unsigned_of(8); }

    /// An unsigned number of `width` octets (1 to 8).
    constexpr std::uint64_t unsigned_of(std::size_t width) {
        const ByteView octets = take(width);
        std::uint64_t value = 0;
        for (const std::uint8_t octet : octets) value = (value << 8U) | octet;
        return value;
    }

private:
    ByteView data_;
    std::size_t position_{0};
    bool failed_{false};
};

/// Writes forward into octets that somebody else owns, through a window: the first `skip` octets of what is produced
/// are passed over (they went out earlier), then as much as fits is kept. What does not fit is counted, not written,
/// so that a long answer can be produced again and again, one window after the other (block transfer), and so that a
/// caller learns how much room something needs. Check `overflowed()` where everything has to fit.
class ByteWriter {
public:
    constexpr explicit ByteWriter(ByteSpan out, std::size_t skip = 0) : out_(out), skip_(skip) {}

    /// Octets kept so far.
    [[nodiscard]] constexpr ByteView written() const { return out_.first(size_); }
    [[nodiscard]] constexpr std::size_t size() const { return size_; }
    [[nodiscard]] constexpr std::size_t room() const { return out_.size() - size_; }
    /// Octets produced so far: passed over, kept and lost.
    [[nodiscard]] constexpr std::size_t produced() const { return produced_; }
    [[nodiscard]] constexpr bool overflowed() const { return produced_ > skip_ + size_; }

    /// Room for a second writer to fill; `advance` then takes over what it kept. For a window without `skip` only.
    [[nodiscard]] constexpr ByteSpan unused() const { return out_.subspan(size_); }
    constexpr void advance(std::size_t count) {
        size_ += count;
        produced_ += count;
    }

    constexpr void put(ByteView octets) {
        std::size_t start = 0;
        if (produced_ < skip_) start = std::min(octets.size(), skip_ - produced_);
        produced_ += octets.size();
        const std::size_t wanted = octets.size() - start;
        const std::size_t count = std::min(wanted, room());
        if (count != 0) {
            std::copy_n(octets.begin() + static_cast<std::ptrdiff_t>(start), count,
                        out_.begin() + static_cast<std::ptrdiff_t>(size_));
        }
        size_ += count;
    }
    constexpr void u8(std::uint8_t value) { put(ByteView(&value, 1)); }
    constexpr void u16(std::uint16_t value) { unsigned_of(value, 2); }
    constexpr void u32(std::uint32_t value) { unsigned_of(value, 4); }
    constexpr void u64(std::uint64_t value) { unsigned_of(value, 8); }
    constexpr void unsigned_of(std::uint64_t value, std::size_t width) {
        std::uint8_t octets[8] = {};
        for (std::size_t i = 0; i < width; ++i) {
            octets[i] = static_cast<std::uint8_t>(value >> (8 * (width - 1 - i)));
        }
        put(ByteView(octets, width));
    }

private:
    ByteSpan out_;
    std::size_t skip_;
    std::size_t size_{0};
    std::size_t produced_{0};
};

[[nodiscard]] inline bool equal(ByteView a, ByteView b) { return std::ranges::equal(a, b); }

}  // namespace ferraris
