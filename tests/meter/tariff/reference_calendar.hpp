/// What a calendar means, told anew and slowly: day after day from the beginning, with the calendar of the standard
/// library. Shares no line with the meter.
#pragma once

#include <chrono>
#include <cstdint>
#include <map>
#include <optional>
#include <vector>

#include "meter/tariff/special_days.hpp"

namespace ferraris::meter::testing {

namespace calendar {

using std::chrono::days;
using std::chrono::sys_days;
using std::chrono::year_month_day;

inline bool is_last_of_month(sys_days day, int step) {
    return year_month_day(day + days(step)).month() != year_month_day(day).month();
}

/// The wild cards of the Blue Book, one field after the other.
inline bool date_fits(const dlms::Date& pattern, sys_days day) {
    const year_month_day date(day);
    const unsigned weekday = std::chrono::weekday(day).iso_encoding();
    if (pattern.year != 0xFFFF && static_cast<int>(pattern.year) != static_cast<int>(date.year())) return false;
    if (pattern.month != 0xFF && pattern.month != static_cast<unsigned>(date.month())) return false;
    if (pattern.day_of_week != 0xFF && pattern.day_of_week != weekday) return false;
    const int step = pattern.day_of_week == 0xFF ? 1 : 7;
    if (pattern.day_of_month == 0xFE) return is_last_of_month(day, step);
    if (pattern.day_of_month == 0xFD) return !is_last_of_month(day, step) && is_last_of_month(day, 2 * step);
    return pattern.day_of_month == 0xFF || pattern.day_of_month == static_cast<unsigned>(date.day());
}

inline sys_days last_sunday(int year, unsigned month) {
    return sys_days(std::chrono::year(year) / std::chrono::month(month) / std::chrono::Sunday[std::chrono::last]);
}

/// Central European local time at `utc`, in seconds.
inline std::int64_t central_european(std::int64_t utc) {
    const sys_days day(days(utc / 86400));
    const int year = static_cast<int>(year_month_day(day).year());
    const std::int64_t begin = last_sunday(year, 3).time_since_epoch().count() * 86400LL + 3600;
    const std::int64_t end = last_sunday(year, 10).time_since_epoch().count() * 86400LL + 3600;
    return utc + 3600 + (utc >= begin && utc < end ? 3600 : 0);
}

}  // namespace calendar

/// Every switch of the days from `from` to `until`, by wall-clock second.
class ReferenceCalendar {
public:
    ReferenceCalendar(const CalendarSet& set, const SpecialDays& special, int from_year, int until_year) {
        using namespace calendar;
        const Season* season = nullptr;
        const sys_days until(std::chrono::year(until_year) / 12 / 31);
        for (sys_days day(std::chrono::year(from_year) / 1 / 1); day <= until; day += days(1)) {
            for (const Season& each : set.seasons) {
                if (begins(each, day) || (season == nullptr && each.start.date == dlms::Date{})) season = &each;
            }
            if (const DayProfile* const profile = profile_of(set, special, season, day)) add(set, *profile, day);
        }
    }

    /// The script that was executed last at `local`, if that was on one of the `days` days up to today.
    std::optional<std::uint8_t> at(SwitchTarget target, std::int64_t local, int days) const {
        const auto& events = events_[static_cast<std::size_t>(target)];
        const auto after = events.upper_bound(local);
        if (after == events.begin()) return std::nullopt;
        const auto [when, script] = *std::prev(after);
        return local / 86400 - when / 86400 < days ? std::optional(script) : std::nullopt;
    }

private:
    static bool begins(const Season& season, calendar::sys_days day) {
        using namespace calendar;
        const dlms::Date& date = season.start.date;
        if (date == dlms::Date{}) return false;
        if (date.month == 0xFE || date.month == 0xFD) {
            const int year = static_cast<int>(year_month_day(day).year());
            return day == last_sunday(year, date.month == 0xFE ? 3 : 10);
        }
        return date_fits(date, day);
    }
    static const DayProfile* profile_of(const CalendarSet& set, const SpecialDays& special, const Season* season,
                                        calendar::sys_days day) {
        std::map<std::uint16_t, std::uint8_t> by_index;
        for (const SpecialDay& each : special) {
            if (calendar::date_fits(each.date, day)) by_index[each.index] = each.day;
        }
        const auto find = [&](std::uint8_t id) -> const DayProfile* {
            for (const DayProfile& profile : set.days) {
                if (profile.id == id) return &profile;
            }
            return nullptr;
        };
        if (!by_index.empty()) {
            if (const DayProfile* const profile = find(by_index.begin()->second)) return profile;
        }
        if (season == nullptr) return nullptr;
        for (const WeekProfile& week : set.weeks) {
            if (equal(week.name.view(), season->week.view())) {
                return find(week.days[std::chrono::weekday(day).iso_encoding() - 1]);
            }
        }
        return nullptr;
    }
    void add(const CalendarSet& set, const DayProfile& profile, calendar::sys_days day) {
        for (std::size_t i = 0; i < profile.count; ++i) {
            const Switch& each = set.switches[profile.first + i];
            const std::int64_t second = each.hour * 3600LL + each.minute * 60LL + each.second;
            events_[static_cast<std::size_t>(each.target)][day.time_since_epoch().count() * 86400LL + second] =
                each.script;
        }
    }

    std::array<std::map<std::int64_t, std::uint8_t>, 2> events_;
};

}  // namespace ferraris::meter::testing
