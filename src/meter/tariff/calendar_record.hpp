/// A calendar as flash keeps it: the same as on the line without tags, a third of the octets.
#pragma once

#include "base/bytes.hpp"
#include "meter/tariff/calendar.hpp"

namespace ferraris::meter {

/// Of the longest calendar: it fits a sector.
inline constexpr std::size_t kMostCalendarRecord =
    (1 + kMostNameOctets) + 4 + kMostSeasons * (2 * (1 + kMostNameOctets) + dlms::kDateTimeSize) +
    kMostWeeks * (1 + kMostNameOctets + 7) + kMostDays * 2 + kMostSwitches * 5;

void write_record(const CalendarSet& set, ByteWriter& out);
/// False: not a whole record; `set` then holds no calendar.
[[nodiscard]] bool take_record(CalendarSet& set, ByteView record);

}  // namespace ferraris::meter
