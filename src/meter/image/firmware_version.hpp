/// Versions of the program, and what comes with them.
#pragma once

#include <array>
#include <compare>
#include <cstdint>
#include <string_view>

#include "base/fixed_vector.hpp"

namespace ferraris::meter {

/// Compares as people read it: 1.2.10 is newer than 1.2.9.
struct FirmwareVersion {
    std::uint8_t major{0};
    std::uint8_t minor{0};
    std::uint16_t build{0};

    friend constexpr auto operator<=>(const FirmwareVersion&, const FirmwareVersion&) = default;
    /// As one number: an octet, an octet, two octets.
    [[nodiscard]] constexpr std::uint32_t number() const {
        return static_cast<std::uint32_t>(major) << 24U | static_cast<std::uint32_t>(minor) << 16U | build;
    }
    [[nodiscard]] static constexpr FirmwareVersion from(std::uint32_t number) {
        return {static_cast<std::uint8_t>(number >> 24U), static_cast<std::uint8_t>(number >> 16U),
                static_cast<std::uint16_t>(number)};
    }
};

/// Of the program that the factory puts in.
inline constexpr FirmwareVersion kFirmwareVersion{0, 1, 0};
/// An image is for one kind of hardware.
inline constexpr std::string_view kHardwareType = "FRS-1P-5-80";

/// "Ferraris 0.1.0".
using VersionText = FixedVector<std::uint8_t, 24>;
[[nodiscard]] constexpr VersionText text_of(const FirmwareVersion& version) {
    VersionText text;
    for (const char letter : std::string_view("Ferraris")) (void)text.push_back(static_cast<std::uint8_t>(letter));
    char before = ' ';
    for (const unsigned number : {unsigned{version.major}, unsigned{version.minor}, unsigned{version.build}}) {
        (void)text.push_back(static_cast<std::uint8_t>(before));
        before = '.';
        std::array<std::uint8_t, 5> digits{};
        std::size_t count = 0;
        unsigned rest = number;
        do {
            digits[count++] = static_cast<std::uint8_t>('0' + rest % 10);
            rest /= 10;
        } while (rest != 0);
        while (count != 0) (void)text.push_back(digits[--count]);
    }
    return text;
}

/// The public key (x || y on P-256) that images are verified with; all zeros: none, and no image is taken.
using FirmwareKey = std::array<std::uint8_t, 64>;

}  // namespace ferraris::meter
