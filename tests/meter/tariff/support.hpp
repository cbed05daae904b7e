/// A calendar on its way into a meter, as a client sends it.
#pragma once

#include "meter/fixture.hpp"
#include "meter/tariff/calendar_data.hpp"

namespace ferraris::meter::testing {

inline constexpr dlms::LogicalName kCalendar = dlms::obis(0, 0, 13, 0, 0);
inline constexpr dlms::LogicalName kSpecialDaysTable = dlms::obis(0, 0, 11, 0, 0);

inline std::vector<std::uint8_t> part_octets(const CalendarSet& set, CalendarPart part) {
    std::vector<std::uint8_t> octets(kMostCalendarPartOctets);
    ByteWriter out(octets);
    dlms::DataWriter data(out);
    write_part(set, part, data);
    EXPECT_FALSE(out.overflowed());
    octets.resize(out.size());
    return octets;
}

inline dlms::DataAccessResult send_passive(Bench& bench, const CalendarSet& set) {
    for (std::size_t part = 0; part < kCalendarPartCount; ++part) {
        const auto attribute = static_cast<std::int8_t>(6 + part);
        const auto result =
            bench.write(kUtilitySap, {20, kCalendar, attribute}, part_octets(set, static_cast<CalendarPart>(part)));
        if (result != dlms::DataAccessResult::success) return result;
    }
    return dlms::DataAccessResult::success;
}

inline dlms::ActionResult activate(Bench& bench) {
    return bench.invoke(kUtilitySap, {20, kCalendar, 1}, octets("0F00"));
}

inline CalendarName name_of(const char* text) {
    CalendarName name;
    for (; *text != 0; ++text) (void)name.push_back(static_cast<std::uint8_t>(*text));
    return name;
}

/// One day for the whole year.
inline CalendarSet one_day(const char* name, std::initializer_list<Switch> switches) {
    CalendarSet set;
    set.name = name_of(name);
    (void)set.seasons.push_back({name_of("S"), {}, name_of("W")});
    (void)set.weeks.push_back({name_of("W"), {7, 7, 7, 7, 7, 7, 7}});
    (void)set.days.push_back({7, static_cast<std::uint8_t>(switches.size()), 0});
    for (const Switch& each : switches) (void)set.switches.push_back(each);
    return set;
}

}  // namespace ferraris::meter::testing
