/// One value in two sectors of flash that take turns: whatever cuts a write, either the new value is there or the old.
///
///     sector 0                                            sector 1
///     +--------+----------------------------+ - - - -+    +--------+ - - - - - - - - - - - - - - - - +
///     | header | value                      | erased |    | header | the value before                |
///     +--------+----------------------------+ - - - -+    +--------+ - - - - - - - - - - - - - - - - +
///     header: magic(2) length(2) sequence(4) crc32(4) over these and the value
///
/// The header is programmed last. For values too long for the parameter store, which change now and then.
#pragma once

#include <cstdint>
#include <optional>

#include "base/bytes.hpp"
#include "board/flash.hpp"
#include "meter/store/record_ring.hpp"

namespace ferraris::meter {

class SafeValue {
public:
    static constexpr std::uint32_t kHeaderSize = 12;
    static constexpr std::uint32_t kSectors = 2;

    /// Two sectors from `first_sector` on; each `magic` once in a flash.
    SafeValue(board::Flash& flash, std::uint32_t first_sector, std::uint16_t magic)
        : flash_(flash), first_sector_(first_sector), magic_(magic) {}

    /// Finds the newest whole value. False: the flash does not answer.
    [[nodiscard]] bool recover();
    /// Durable when it returns true, under a sequence number greater than `sequence()` and `floor`. False: longer than
    /// a sector less its header, or a fault; the old value stays.
    [[nodiscard]] bool write(ByteView value, std::uint32_t floor = 0);
    /// The length; nothing when none was ever written or `out` is too small.
    [[nodiscard]] std::optional<std::size_t> read(ByteSpan out) const;
    [[nodiscard]] bool written() const { return present_; }
    /// Of the newest value: how many there were; 0: none.
    [[nodiscard]] std::uint32_t sequence() const { return newest_.sequence; }

private:
    struct Header {
        std::uint16_t length{0};
        std::uint32_t sequence{0};
    };

    [[nodiscard]] std::uint32_t address(unsigned turn) const { return (first_sector_ + turn) * flash_.sector_size(); }
    [[nodiscard]] bool look(unsigned turn, std::optional<Header>& found) const;

    board::Flash& flash_;
    std::uint32_t first_sector_;
    std::uint16_t magic_;
    Header newest_{};
    std::uint8_t turn_{1};  ///< where the newest is; the other one is written next
    bool present_{false};
};

}  // namespace ferraris::meter
