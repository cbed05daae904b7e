#include "meter/display/quantity_digits.hpp"

#include <algorithm>
#include <array>
#include <span>
#include <string_view>

#include "meter/display/seven_segments.hpp"

namespace ferraris::meter {
namespace {

using board::Icon;
using dlms::Unit;

struct UnitRow {
    Unit unit;
    bool in_thousands;
    bool is_energy;
    std::array<Icon, 4> icons;
    std::size_t icon_count;
};

constexpr std::array kUnitRows{
    UnitRow{Unit::watt_hour, true, true, {Icon::unit_watt, Icon::unit_hour}, 2},
    UnitRow{Unit::var_hour, true, true, {Icon::unit_volt, Icon::unit_ampere, Icon::unit_reactive, Icon::unit_hour}, 4},
    UnitRow{Unit::volt_ampere_hour, true, true, {Icon::unit_volt, Icon::unit_ampere, Icon::unit_hour}, 3},
    UnitRow{Unit::watt, true, false, {Icon::unit_watt}, 1},
    UnitRow{Unit::var, true, false, {Icon::unit_volt, Icon::unit_ampere, Icon::unit_reactive}, 3},
    UnitRow{Unit::volt_ampere, true, false, {Icon::unit_volt, Icon::unit_ampere}, 2},
    UnitRow{Unit::ampere, false, false, {Icon::unit_ampere}, 1},
    UnitRow{Unit::volt, false, false, {Icon::unit_volt}, 1},
    UnitRow{Unit::hertz, false, false, {Icon::unit_hertz}, 1},
    UnitRow{Unit::hour, false, false, {Icon::unit_hour}, 1},
};
constexpr UnitRow kNoUnit{Unit::count, false, false, {}, 0};

constexpr std::uint64_t kRollOver = 100'000'000;
constexpr std::size_t kMaxDigits = 20;  ///< of 64 bits

const UnitRow& row_of(Unit unit) {
    const auto* const found = std::ranges::find(kUnitRows, unit, &UnitRow::unit);
    return found != kUnitRows.end() ? *found : kNoUnit;
}

/// `magnitude` times ten to the `exponent`, cut off. What leaves the 64 bits stays at their end; of an energy only what
/// is below the roll-over is kept.
std::uint64_t scaled(std::uint64_t magnitude, int exponent, bool rolls_over) {
    for (; exponent < 0 && magnitude != 0; ++exponent) magnitude /= 10;
    if (rolls_over) magnitude %= kRollOver;
    for (; exponent > 0 && magnitude != 0; --exponent) {
        if (magnitude > UINT64_MAX / 10) return UINT64_MAX;
        magnitude *= 10;
        if (rolls_over) magnitude %= kRollOver;
    }
    return magnitude;
}

void show_digits(std::uint64_t magnitude, bool negative, std::size_t least, std::uint8_t decimals,
                 std::span<board::Segments> field) {
    std::array<char, kMaxDigits + 2> text{};
    std::size_t at = text.size();
    const auto put = [&](char character) { text[--at] = character; };
    for (std::size_t digit = 0; digit < least || magnitude != 0; ++digit) {
        if (digit == decimals && decimals != 0) put('.');
        put(static_cast<char>('0' + magnitude % 10));
        magnitude /= 10;
    }
    if (negative) put('-');
    const std::string_view shown(text.data() + at, text.size() - at);
    const bool fits = digits_of(shown).value_or(field.size() + 1) <= field.size();
    show_text(fits ? shown : "--------", Alignment::right, field);
}

}  // namespace

void show_quantity(const DisplayQuantity& quantity, std::uint8_t decimals, board::Lcd& lcd) {
    const UnitRow& row = row_of(quantity.unit);
    for (const Icon icon : std::span(row.icons).first(row.icon_count)) lcd.icons.set(icon);
    if (row.in_thousands) lcd.icons.set(Icon::unit_kilo);
    const bool negative = quantity.number < 0;
    const auto bits = static_cast<std::uint64_t>(quantity.number);
    const int exponent = quantity.scaler - (row.in_thousands ? 3 : 0) + decimals;
    const std::uint64_t magnitude = scaled(negative ? 0 - bits : bits, exponent, row.is_energy);
    const std::size_t least = row.is_energy && !negative ? lcd.digits.size() : decimals + 1U;
    show_digits(magnitude, negative && magnitude != 0, least, decimals, lcd.digits);
}

}  // namespace ferraris::meter
