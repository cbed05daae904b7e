/// Which tariff counts now. What decides stands behind this one function: today a fixed table by the hour of the day.
#pragma once

#include "base/civil_time.hpp"
#include "meter/registers/energy_registers.hpp"

namespace ferraris::meter {

/// The tariff, 1 to 6, at a local time. By the label of the reference instrument 2 is the high tariff (day) and 3 the
/// low one (night).
[[nodiscard]] Rate tariff_at(const CivilTime& local);

}  // namespace ferraris::meter
