/// A table of tariffs as the attributes of objects that hold it, in a meter and in COSEM XML.
#pragma once

#include <array>
#include <cstdint>
#include <string>
#include <vector>

#include "cli/tou_table.hpp"
#include "dlms/data.hpp"
#include "dlms/logical_name.hpp"
#include "meter/tariff/calendar_data.hpp"

namespace ferraris::cli {

/// One attribute of the table: where the meter has it, and how it is read and written.
struct TouPart {
    const char* what{nullptr};
    std::uint16_t class_id{0};
    dlms::LogicalName name{};
    std::int8_t active{0};   ///< the attribute that counts
    std::int8_t passive{0};  ///< the attribute that is written
    bool required{false};
    void (*write)(const TouTable& table, dlms::DataWriter& out){nullptr};
    meter::CalendarFault (*take)(TouTable& table, ByteView value){nullptr};
};

inline constexpr dlms::LogicalName kActivityCalendar = dlms::obis(0, 0, 13, 0, 0);
inline constexpr dlms::LogicalName kSpecialDaysTable = dlms::obis(0, 0, 11, 0, 0);

namespace tou {

template <meter::CalendarPart part>
void write(const TouTable& table, dlms::DataWriter& out) {
    meter::write_part(table.calendar, part, out);
}
template <meter::CalendarPart part>
meter::CalendarFault take(TouTable& table, ByteView value) {
    return meter::take_part(table.calendar, part, value);
}

}  // namespace tou

inline constexpr std::array<TouPart, 5> kTouParts{{
    {"the calendar's name", 20, kActivityCalendar, 2, 6, false, tou::write<meter::CalendarPart::name>,
     tou::take<meter::CalendarPart::name>},
    {"the season profile", 20, kActivityCalendar, 3, 7, true, tou::write<meter::CalendarPart::seasons>,
     tou::take<meter::CalendarPart::seasons>},
    {"the week profile table", 20, kActivityCalendar, 4, 8, true, tou::write<meter::CalendarPart::weeks>,
     tou::take<meter::CalendarPart::weeks>},
    {"the day profile table", 20, kActivityCalendar, 5, 9, true, tou::write<meter::CalendarPart::days>,
     tou::take<meter::CalendarPart::days>},
    {"the special days table", 11, kSpecialDaysTable, 2, 2, false,
     [](const TouTable& table, dlms::DataWriter& out) { meter::write_special_days(table.special_days, out); },
     [](TouTable& table, ByteView value) { return meter::take_special_days(table.special_days, value); }},
}};

[[nodiscard]] std::vector<std::uint8_t> encoded(const TouPart& part, const TouTable& table);

/// What `found` has otherwise than `wanted`: "the season profile", …; empty: nothing.
[[nodiscard]] std::vector<std::string> differences(const TouTable& wanted, const TouTable& found);

}  // namespace ferraris::cli
