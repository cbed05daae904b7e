/// A table of tariffs as people look at it: a bar for each kind of day, a year as a calendar, a week hour by hour.
#pragma once

#include <cstdint>
#include <string>

#include "cli/tou_table.hpp"

namespace ferraris::cli {

/// A bar of half hours for each day profile, under the letter that `tou_year_chart` has for it. Figures are tariffs, in
/// colour with `colour`; a second line shows relay 2 where the day switches it, # for closed.
[[nodiscard]] std::string tou_day_chart(const TouTable& table, bool colour);
/// A letter for each day: which profile it goes by; small letters are special days.
[[nodiscard]] std::string tou_year_chart(const TouTable& table, std::int32_t year);
/// The week, Monday to Sunday, that holds `day` (days since 1970).
[[nodiscard]] std::string tou_week_chart(const TouTable& table, std::int64_t day, bool colour);

}  // namespace ferraris::cli
