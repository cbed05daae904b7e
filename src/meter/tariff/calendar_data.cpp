#include "meter/tariff/calendar_data.hpp"

#include <algorithm>

#include "meter/registers/energy_registers.hpp"

namespace ferraris::meter {
namespace {

using dlms::DataTag;

const dlms::LogicalName& script_table(SwitchTarget target) {
    return target == SwitchTarget::tariff ? kTariffScriptTable : kRelayScriptTable;
}

/// Dates and times come as octet-string, and from some clients under the tag of their own.
std::optional<ByteView> octets_or(dlms::DataReader& in, DataTag own_tag) {
    const auto element = in.any();
    if (!element || (element->tag != DataTag::octet_string && element->tag != own_tag)) return std::nullopt;
    return element->content;
}

CalendarFault take_name(CalendarName& name, dlms::DataReader& in) {
    const ByteView octets = in.octet_string();
    if (!in.ok()) return CalendarFault::wrong_type;
    return name.assign(octets) ? CalendarFault::none : CalendarFault::name_too_long;
}

template <class Vector>
bool has_name(const Vector& rows, const CalendarName& name) {
    return std::ranges::any_of(rows, [&](const auto& row) { return equal(row.name.view(), name.view()); });
}

CalendarFault take_season(CalendarSet& set, dlms::DataReader& in) {
    Season season;
    if (in.structure() != 3) return CalendarFault::wrong_type;
    if (const auto fault = take_name(season.name, in); fault != CalendarFault::none) return fault;
    const auto octets = octets_or(in, DataTag::date_time);
    if (!octets) return CalendarFault::wrong_type;
    const auto start = dlms::decode_date_time(*octets);
    if (!start) return CalendarFault::impossible_start;
    season.start = *start;
    if (const auto fault = take_name(season.week, in); fault != CalendarFault::none) return fault;
    if (has_name(set.seasons, season.name)) return CalendarFault::name_twice;
    if (!is_season_start(season.start)) return CalendarFault::impossible_start;
    for (const Season& other : set.seasons) {
        if (other.start.date == season.start.date) return CalendarFault::start_twice;
    }
    return set.seasons.push_back(season) ? CalendarFault::none : CalendarFault::too_many;
}

CalendarFault take_week(CalendarSet& set, dlms::DataReader& in) {
    WeekProfile week;
    if (in.structure() != 1 + week.days.size()) return CalendarFault::wrong_type;
    if (const auto fault = take_name(week.name, in); fault != CalendarFault::none) return fault;
    for (std::uint8_t& day : week.days) day = in.unsigned_();
    if (!in.ok()) return CalendarFault::wrong_type;
    if (has_name(set.weeks, week.name)) return CalendarFault::name_twice;
    return set.weeks.push_back(week) ? CalendarFault::none : CalendarFault::too_many;
}

CalendarFault take_script(Switch& change, const dlms::LogicalName& table, std::uint16_t selector) {
    const bool tariff = table == kTariffScriptTable;
    if (!tariff && table != kRelayScriptTable) return CalendarFault::unknown_script;
    if (selector < 1 || selector > (tariff ? kRateCount : kCloseRelay)) return CalendarFault::unknown_script;
    change.target = tariff ? SwitchTarget::tariff : SwitchTarget::relay;
    change.script = static_cast<std::uint8_t>(selector);
    return CalendarFault::none;
}

CalendarFault take_switch(CalendarSet& set, const DayProfile& day, dlms::DataReader& in) {
    Switch change;
    if (in.structure() != 3) return CalendarFault::wrong_type;
    const auto octets = octets_or(in, DataTag::time);
    if (!octets) return CalendarFault::wrong_type;
    const auto time = dlms::decode_time(*octets);
    if (!time) return CalendarFault::impossible_time;
    const dlms::LogicalName table = in.logical_name();
    const std::uint16_t selector = in.long_unsigned();
    if (!in.ok()) return CalendarFault::wrong_type;
    const bool whole_second = time->hundredths == 0 || time->hundredths == dlms::kNotSpecified;
    if (!dlms::possible(*time) || !time->fully_specified() || !whole_second) return CalendarFault::impossible_time;
    change.hour = time->hour;
    change.minute = time->minute;
    change.second = time->second;
    if (const auto fault = take_script(change, table, selector); fault != CalendarFault::none) return fault;
    for (const Switch& other : set.switches_of(day)) {
        if (other.target == change.target && other.second_of_day() == change.second_of_day()) {
            return CalendarFault::time_twice;
        }
    }
    return set.switches.push_back(change) ? CalendarFault::none : CalendarFault::too_many;
}

CalendarFault take_day(CalendarSet& set, dlms::DataReader& in) {
    DayProfile day;
    if (in.structure() != 2) return CalendarFault::wrong_type;
    day.id = in.unsigned_();
    day.first = static_cast<std::uint16_t>(set.switches.size());
    const std::size_t count = in.array();
    if (!in.ok()) return CalendarFault::wrong_type;
    if (set.day(day.id) != nullptr) return CalendarFault::day_twice;
    if (count > kMostSwitchesADay) return CalendarFault::too_many;
    for (std::size_t i = 0; i < count; ++i) {
        if (const auto fault = take_switch(set, day, in); fault != CalendarFault::none) return fault;
        ++day.count;
    }
    return set.days.push_back(day) ? CalendarFault::none : CalendarFault::too_many;
}

template <class Take>
CalendarFault take_each(ByteView value, Take&& take) {
    dlms::DataReader in(value);
    const std::size_t count = in.array();
    for (std::size_t i = 0; i < count && in.ok(); ++i) {
        if (const auto fault = take(in); fault != CalendarFault::none) return fault;
    }
    return in.finished() ? CalendarFault::none : CalendarFault::wrong_type;
}

void write_days(const CalendarSet& set, dlms::DataWriter& out) {
    out.array(set.days.size());
    for (const DayProfile& day : set.days) {
        out.structure(2);
        out.unsigned_(day.id);
        out.array(day.count);
        for (const Switch& change : set.switches_of(day)) {
            out.structure(3);
            out.octet_string(dlms::encode(dlms::Time{change.hour, change.minute, change.second, 0}));
            out.octet_string(script_table(change.target));
            out.long_unsigned(change.script);
        }
    }
}

}  // namespace

void write_part(const CalendarSet& set, CalendarPart part, dlms::DataWriter& out) {
    switch (part) {
        case CalendarPart::name:
            return out.octet_string(set.name.view());
        case CalendarPart::seasons:
            out.array(set.seasons.size());
            for (const Season& season : set.seasons) {
                out.structure(3);
                out.octet_string(season.name.view());
                out.octet_string(dlms::encode(season.start));
                out.octet_string(season.week.view());
            }
            return;
        case CalendarPart::weeks:
            out.array(set.weeks.size());
            for (const WeekProfile& week : set.weeks) {
                out.structure(1 + week.days.size());
                out.octet_string(week.name.view());
                for (const std::uint8_t day : week.days) out.unsigned_(day);
            }
            return;
        case CalendarPart::days:
            return write_days(set, out);
    }
}

CalendarFault take_part(CalendarSet& set, CalendarPart part, ByteView value) {
    switch (part) {
        case CalendarPart::name: {
            dlms::DataReader in(value);
            const auto fault = take_name(set.name, in);
            return fault == CalendarFault::none && !in.finished() ? CalendarFault::wrong_type : fault;
        }
        case CalendarPart::seasons:
            set.seasons.clear();
            return take_each(value, [&](dlms::DataReader& in) { return take_season(set, in); });
        case CalendarPart::weeks:
            set.weeks.clear();
            return take_each(value, [&](dlms::DataReader& in) { return take_week(set, in); });
        case CalendarPart::days:
            set.days.clear();
            set.switches.clear();
            return take_each(value, [&](dlms::DataReader& in) { return take_day(set, in); });
    }
    return CalendarFault::wrong_type;
}

void write_special_day(const SpecialDay& entry, dlms::DataWriter& out) {
    out.structure(3);
    out.long_unsigned(entry.index);
    out.octet_string(dlms::encode(entry.date));
    out.unsigned_(entry.day);
}

void write_special_days(const SpecialDays& table, dlms::DataWriter& out) {
    out.array(table.size());
    for (const SpecialDay& entry : table) write_special_day(entry, out);
}

CalendarFault take_special_day(SpecialDay& entry, dlms::DataReader& in) {
    if (in.structure() != 3) return CalendarFault::wrong_type;
    entry.index = in.long_unsigned();
    const auto octets = octets_or(in, DataTag::date);
    entry.day = in.unsigned_();
    if (!octets || !in.ok()) return CalendarFault::wrong_type;
    const auto date = dlms::decode_date(*octets);
    if (!date) return CalendarFault::impossible_start;
    entry.date = *date;
    return CalendarFault::none;
}

CalendarFault take_special_days(SpecialDays& table, ByteView value) {
    table.clear();
    return take_each(value, [&](dlms::DataReader& in) {
        SpecialDay entry;
        if (const auto fault = take_special_day(entry, in); fault != CalendarFault::none) return fault;
        const bool known = std::ranges::find(table, entry.index, &SpecialDay::index) != table.end();
        return known ? CalendarFault::day_twice : insert(table, entry);
    });
}

}  // namespace ferraris::meter
