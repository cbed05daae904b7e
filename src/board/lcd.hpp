/// What the glass of the meter can light: eight large digits, seven small ones for the code of the value, and icons.
///
///     +------------------------------------------------------------------+
///     |  Q1..Q4  L1 L2 L3   anti-creep   alarm disconnect optical battery |
///     |  code        digits                                    unit       |
///     |  8.8.8.8.8.8.8   8.8.8.8.8.8.8.8         k M W V A r h Hz m3 MJ GJ |
///     |  tariffs 1 to 6     water heat gas sub-meter            load      |
///     +------------------------------------------------------------------+
///
/// The meter hands over a whole picture (`meter::Meter::lcd`); the board's driver lights it, blinks what is to blink,
/// once a second or so, and switches the back-light.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <string_view>

namespace ferraris::board {

enum class Icon : std::uint8_t {
    quadrant_1,
    quadrant_2,
    quadrant_3,
    quadrant_4,
    phase_1,
    phase_2,
    phase_3,
    active_anti_creep,
    reactive_anti_creep,
    unit_kilo,
    unit_mega,
    unit_watt,
    unit_volt,
    unit_ampere,
    unit_reactive,
    unit_hour,
    unit_hertz,
    unit_cubic_metre,
    unit_megajoule,
    unit_gigajoule,
    water_meter,
    heat_meter,
    gas_meter,
    electricity_meter,
    load,
    alarm,
    disconnect,
    optical,
    battery,
    tariff_1,
    tariff_2,
    tariff_3,
    tariff_4,
    tariff_5,
    tariff_6,
};
inline constexpr std::size_t kIconCount = 35;

/// As people call them, in the order of `Icon`.
inline constexpr std::array<std::string_view, kIconCount> kIconNames{"Q1",
                                                                     "Q2",
                                                                     "Q3",
                                                                     "Q4",
                                                                     "L1",
                                                                     "L2",
                                                                     "L3",
                                                                     "active anti-creep",
                                                                     "reactive anti-creep",
                                                                     "k",
                                                                     "M",
                                                                     "W",
                                                                     "V",
                                                                     "A",
                                                                     "r",
                                                                     "h",
                                                                     "Hz",
                                                                     "m3",
                                                                     "MJ",
                                                                     "GJ",
                                                                     "water",
                                                                     "heat",
                                                                     "gas",
                                                                     "electricity",
                                                                     "load",
                                                                     "alarm",
                                                                     "disconnect",
                                                                     "optical",
                                                                     "battery",
                                                                     "tariff 1",
                                                                     "tariff 2",
                                                                     "tariff 3",
                                                                     "tariff 4",
                                                                     "tariff 5",
                                                                     "tariff 6"};

[[nodiscard]] constexpr std::string_view name_of(Icon icon) { return kIconNames[static_cast<std::size_t>(icon)]; }

/// Bit n stands for icon n.
class IconSet {
public:
    constexpr IconSet() = default;
    constexpr explicit IconSet(std::uint64_t bits) : bits_(bits & kAll) {}
    [[nodiscard]] static constexpr IconSet all() { return IconSet(kAll); }

    [[nodiscard]] constexpr std::uint64_t bits() const { return bits_; }
    [[nodiscard]] constexpr bool has(Icon icon) const { return (bits_ >> static_cast<unsigned>(icon) & 1U) != 0; }
    constexpr void set(Icon icon, bool on = true) {
        const std::uint64_t bit = std::uint64_t{1} << static_cast<unsigned>(icon);
        bits_ = on ? bits_ | bit : bits_ & ~bit;
    }
    friend constexpr bool operator==(const IconSet&, const IconSet&) = default;

private:
    static constexpr std::uint64_t kAll = (std::uint64_t{1} << kIconCount) - 1;
    std::uint64_t bits_{0};
};

/// Of one digit: bits 0 to 6 are segments a to g, bit 7 is the point behind the digit. The last digit of a field has
/// no point.
using Segments = std::uint8_t;
inline constexpr Segments kPoint = 0x80;
inline constexpr std::size_t kDigitCount = 8;
inline constexpr std::size_t kCodeDigitCount = 7;

struct Lcd {
    std::array<Segments, kDigitCount> digits{};    ///< the value, from left to right
    std::array<Segments, kCodeDigitCount> code{};  ///< what is shown, as an OBIS code
    IconSet icons{};
    IconSet blinking{};  ///< of `icons`, those that blink
    bool back_light{false};

    friend constexpr bool operator==(const Lcd&, const Lcd&) = default;
};

/// Every segment and icon: for people to see that none is broken.
[[nodiscard]] constexpr Lcd full_screen() {
    Lcd lcd;
    lcd.digits.fill(0xFF);
    lcd.digits.back() = 0x7F;
    lcd.code.fill(0xFF);
    lcd.code.back() = 0x7F;
    lcd.icons = IconSet::all();
    return lcd;
}

}  // namespace ferraris::board
