/// Numbers with their units on the digits and unit icons of the display.
#pragma once

#include <cstdint>

#include "board/lcd.hpp"
#include "dlms/enumerations.hpp"

namespace ferraris::meter {

/// A value of a register: `number` times ten to the `scaler` units.
struct DisplayQuantity {
    std::int64_t number{0};
    std::int8_t scaler{0};
    dlms::Unit unit{dlms::Unit::count};
};

/// Shows `quantity` with `decimals` (0 to 3), cut off, not rounded: a display never runs ahead of its register. Powers
/// and energies are in thousands of their unit. Energies have all their digits and roll over from 99,999,999; what else
/// does not fit is eight dashes.
void show_quantity(const DisplayQuantity& quantity, std::uint8_t decimals, board::Lcd& lcd);

}  // namespace ferraris::meter
