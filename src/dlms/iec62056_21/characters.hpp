/// The characters of IEC 62056-21 on the line: parity, block check, baud rates (IEC 62056-21, 5 and 6.3).
#pragma once

#include <bit>
#include <cstddef>
#include <cstdint>
#include <optional>

#include "base/bytes.hpp"

namespace ferraris::dlms::iec62056_21 {

enum Character : std::uint8_t {
    kStartOfHeader = 0x01,
    kStartOfText = 0x02,
    kEndOfText = 0x03,
    kEndOfBlock = 0x04,  ///< EOT instead of ETX: another block follows
    kAcknowledge = 0x06,
    kLineFeed = 0x0A,
    kCarriageReturn = 0x0D,
    kNegativeAcknowledge = 0x15,
};

/// A character of seven bits with its even parity in bit 7, as a port without parity of its own carries it.
[[nodiscard]] constexpr std::uint8_t with_even_parity(std::uint8_t character) {
    const auto bits = static_cast<std::uint8_t>(character & 0x7FU);
    return static_cast<std::uint8_t>(std::popcount(bits) % 2 == 0 ? bits : bits | 0x80U);
}
/// The seven bits, or nothing where the parity is odd.
[[nodiscard]] constexpr std::optional<std::uint8_t> without_parity(std::uint8_t octet) {
    if (std::popcount(octet) % 2 != 0) return std::nullopt;
    return static_cast<std::uint8_t>(octet & 0x7FU);
}

/// BCC: exclusive or of all characters after the first SOH or STX up to and including ETX or EOT (ISO 1155).
class BlockCheck {
public:
    constexpr void add(std::uint8_t character) { value_ = static_cast<std::uint8_t>(value_ ^ (character & 0x7FU)); }
    constexpr void add(ByteView characters) {
        for (const std::uint8_t character : characters) add(character);
    }
    constexpr void reset() { value_ = 0; }
    [[nodiscard]] constexpr std::uint8_t value() const { return value_; }

private:
    std::uint8_t value_{0};
};

inline constexpr std::uint32_t kInitialBaud = 300;

/// What the port has to be set to. With parity in software (an option of both sides) always eight bits.
struct LineFormat {
    std::uint32_t baud{kInitialBaud};
    bool eight_bits{false};  ///< 8N1; else 7E1
    friend constexpr bool operator==(const LineFormat&, const LineFormat&) = default;
};

/// Baud rate of the characters '0' to '6' (modes C, D and E).
[[nodiscard]] constexpr std::optional<std::uint32_t> baud_of_mode_c(std::uint8_t character) {
    if (character < '0' || character > '6') return std::nullopt;
    return kInitialBaud << static_cast<unsigned>(character - '0');
}
/// Baud rate of the characters 'A' to 'F' (mode B).
[[nodiscard]] constexpr std::optional<std::uint32_t> baud_of_mode_b(std::uint8_t character) {
    if (character < 'A' || character > 'F') return std::nullopt;
    return 600U << static_cast<unsigned>(character - 'A');
}

/// How long `octets` of ten bits each occupy the line, rounded up.
[[nodiscard]] constexpr std::int64_t airtime_ms(std::size_t octets, std::uint32_t baud) {
    return (static_cast<std::int64_t>(octets) * 10'000 + baud - 1) / baud;
}

}  // namespace ferraris::dlms::iec62056_21
