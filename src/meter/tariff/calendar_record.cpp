#include "meter/tariff/calendar_record.hpp"

namespace ferraris::meter {
namespace {

void write_name_record(const CalendarName& name, ByteWriter& out) {
    out.u8(static_cast<std::uint8_t>(name.size()));
    out.put(name.view());
}

bool take_name_record(CalendarName& name, ByteReader& in) { return name.assign(in.take(in.u8())); }

bool take_season_record(CalendarSet& set, ByteReader& in) {
    Season season;
    if (!take_name_record(season.name, in)) return false;
    const auto start = dlms::decode_date_time(in.take(dlms::kDateTimeSize));
    if (!start || !take_name_record(season.week, in)) return false;
    season.start = *start;
    return set.seasons.push_back(season);
}

bool take_week_record(CalendarSet& set, ByteReader& in) {
    WeekProfile week;
    if (!take_name_record(week.name, in)) return false;
    for (std::uint8_t& day : week.days) day = in.u8();
    return set.weeks.push_back(week);
}

bool take_day_record(CalendarSet& set, ByteReader& in) {
    DayProfile day;
    day.id = in.u8();
    day.count = in.u8();
    day.first = static_cast<std::uint16_t>(set.switches.size());
    for (unsigned i = 0; i < day.count; ++i) {
        Switch change;
        change.hour = in.u8();
        change.minute = in.u8();
        change.second = in.u8();
        change.target = static_cast<SwitchTarget>(in.u8());
        change.script = in.u8();
        if (!set.switches.push_back(change)) return false;
    }
    return set.days.push_back(day);
}

template <class Take>
bool take_records(ByteReader& in, Take&& take) {
    const std::uint8_t count = in.u8();
    for (unsigned i = 0; i < count; ++i) {
        if (!take()) return false;
    }
    return !in.failed();
}

}  // namespace

void write_record(const CalendarSet& set, ByteWriter& out) {
    write_name_record(set.name, out);
    out.u8(static_cast<std::uint8_t>(set.seasons.size()));
    for (const Season& season : set.seasons) {
        write_name_record(season.name, out);
        out.put(dlms::encode(season.start));
        write_name_record(season.week, out);
    }
    out.u8(static_cast<std::uint8_t>(set.weeks.size()));
    for (const WeekProfile& week : set.weeks) {
        write_name_record(week.name, out);
        out.put(week.days);
    }
    out.u8(static_cast<std::uint8_t>(set.days.size()));
    for (const DayProfile& day : set.days) {
        out.u8(day.id);
        out.u8(day.count);
        for (const Switch& change : set.switches_of(day)) {
            out.u8(change.hour);
            out.u8(change.minute);
            out.u8(change.second);
            out.u8(static_cast<std::uint8_t>(change.target));
            out.u8(change.script);
        }
    }
}

bool take_record(CalendarSet& set, ByteView record) {
    set = CalendarSet{};
    ByteReader in(record);
    const bool whole = take_name_record(set.name, in) &&
                       take_records(in, [&] { return take_season_record(set, in); }) &&
                       take_records(in, [&] { return take_week_record(set, in); }) &&
                       take_records(in, [&] { return take_day_record(set, in); }) && in.at_end();
    if (!whole) set = CalendarSet{};
    return whole;
}

}  // namespace ferraris::meter
