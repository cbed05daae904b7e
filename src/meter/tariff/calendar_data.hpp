/// The attributes of the activity calendar and of the special days table as the line has them (IEC 62056-6-2, classes
/// 20 and 11). The meter and the program that sends tables to meters share them.
#pragma once

#include "dlms/data.hpp"
#include "meter/tariff/special_days.hpp"

namespace ferraris::meter {

/// The script tables that a day profile may name.
inline constexpr dlms::LogicalName kTariffScriptTable = dlms::obis(0, 0, 10, 0, 100);
inline constexpr dlms::LogicalName kRelayScriptTable = dlms::obis(0, 1, 10, 0, 106);

/// The parts of a set, in the order of the attributes 2 to 5 (active) and 6 to 9 (passive).
enum class CalendarPart : std::uint8_t { name, seasons, weeks, days };
inline constexpr std::size_t kCalendarPartCount = 4;
/// The longest value of a part.
inline constexpr std::size_t kMostCalendarPartOctets = 8192;

void write_part(const CalendarSet& set, CalendarPart part, dlms::DataWriter& out);
/// Takes `value` over into `set`. After a fault the part holds what came before the fault: work on a copy.
[[nodiscard]] CalendarFault take_part(CalendarSet& set, CalendarPart part, ByteView value);

void write_special_day(const SpecialDay& entry, dlms::DataWriter& out);
void write_special_days(const SpecialDays& table, dlms::DataWriter& out);
[[nodiscard]] CalendarFault take_special_day(SpecialDay& entry, dlms::DataReader& in);
/// As `take_part`.
[[nodiscard]] CalendarFault take_special_days(SpecialDays& table, ByteView value);

}  // namespace ferraris::meter
