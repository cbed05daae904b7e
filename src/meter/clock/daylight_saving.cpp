#include "meter/clock/daylight_saving.hpp"

namespace ferraris::meter {
namespace {

using dlms::kLastDay;
using dlms::kNotSpecified;
using dlms::kSecondLastDay;

constexpr UtcTime plus_minutes(UtcTime time, std::int64_t minutes) { return {time.milliseconds + minutes * 60'000}; }

/// Day of the month, beyond the month's end when there is none.
int day_of(std::int32_t year, std::uint8_t month, std::uint8_t day, std::uint8_t weekday) {
    const int days = days_in_month(year, month);
    const bool any_weekday = weekday == kNotSpecified;
    const bool from_the_end = day == kLastDay || day == kSecondLastDay;
    const int before = day == kSecondLastDay ? 1 : 0;
    if (any_weekday) return from_the_end ? days - before : day;
    if (from_the_end) {
        const int last = weekday_from_days(days_from_civil(year, month, static_cast<std::uint8_t>(days)));
        return days - (last - weekday + 7) % 7 - 7 * before;
    }
    const std::uint8_t from = day == kNotSpecified ? std::uint8_t{1} : day;
    const int first = weekday_from_days(days_from_civil(year, month, from));
    return from + (weekday - first + 7) % 7;
}

}  // namespace

std::optional<CivilTime> occurrence(const dlms::DateTime& pattern, std::int32_t year) {
    const dlms::Date& date = pattern.date;
    if (!is_yearly_pattern(pattern)) return std::nullopt;
    if (date.year != dlms::kYearNotSpecified && date.year != year) return std::nullopt;
    const int day = day_of(year, date.month, date.day_of_month, date.day_of_week);
    if (day < 1 || day > days_in_month(year, date.month)) return std::nullopt;
    const auto open_is_zero = [](std::uint8_t value) { return value == kNotSpecified ? std::uint8_t{0} : value; };
    CivilTime time;
    time.year = year;
    time.month = date.month;
    time.day = static_cast<std::uint8_t>(day);
    time.hour = open_is_zero(pattern.time.hour);
    time.minute = open_is_zero(pattern.time.minute);
    time.second = open_is_zero(pattern.time.second);
    return time;
}

bool is_yearly_pattern(const dlms::DateTime& pattern) {
    const bool some_day = pattern.date.day_of_month != kNotSpecified || pattern.date.day_of_week != kNotSpecified;
    return dlms::possible(pattern) && pattern.date.month <= 12 && some_day;
}

std::optional<UtcTime> LocalTimeRule::begins_in(std::int32_t year) const {
    const auto wall = occurrence(begin, year);
    if (!wall) return std::nullopt;
    return plus_minutes(utc_from_civil(*wall), time_zone_minutes);
}

std::optional<UtcTime> LocalTimeRule::ends_in(std::int32_t year) const {
    const auto wall = occurrence(end, year);
    if (!wall) return std::nullopt;
    return plus_minutes(utc_from_civil(*wall), time_zone_minutes - daylight_saving_minutes);
}

bool LocalTimeRule::daylight_saving_active(UtcTime utc) const {
    if (!daylight_saving_enabled) return false;
    const std::int32_t year = civil_from_utc(plus_minutes(utc, -time_zone_minutes)).year;
    const auto from = begins_in(year);
    const auto until = ends_in(year);
    if (!from || !until) return false;
    // In the south the year begins and ends in summer.
    return *from < *until ? utc >= *from && utc < *until : utc >= *from || utc < *until;
}

std::optional<UtcTime> LocalTimeRule::next_change(UtcTime utc) const {
    if (!daylight_saving_enabled) return std::nullopt;
    const std::int32_t year = civil_from_utc(plus_minutes(utc, -time_zone_minutes)).year;
    std::optional<UtcTime> next;
    const auto consider = [&](std::optional<UtcTime> change) {
        if (change && *change > utc && (!next || *change < *next)) next = change;
    };
    for (const std::int32_t candidate : {year, year + 1}) {
        consider(begins_in(candidate));
        consider(ends_in(candidate));
        // A rule of one year ends with it, whatever it says of its last season.
        consider(plus_minutes(utc_from_civil({candidate, 1, 1}), time_zone_minutes));
    }
    return next;
}

std::int16_t LocalTimeRule::deviation_minutes(UtcTime utc) const {
    return static_cast<std::int16_t>(time_zone_minutes - (daylight_saving_active(utc) ? daylight_saving_minutes : 0));
}

CivilTime LocalTimeRule::local(UtcTime utc) const { return civil_from_utc(plus_minutes(utc, -deviation_minutes(utc))); }

UtcTime LocalTimeRule::utc(const CivilTime& local, bool later) const {
    const UtcTime wall = utc_from_civil(local);
    const UtcTime in_summer = plus_minutes(wall, time_zone_minutes - daylight_saving_minutes);
    const UtcTime in_winter = plus_minutes(wall, time_zone_minutes);
    const bool summer = daylight_saving_active(in_summer);
    const bool winter = !daylight_saving_active(in_winter);
    return summer && !(later && winter) ? in_summer : in_winter;
}

std::optional<UtcTime> LocalTimeRule::utc(const dlms::DateTime& date_time, bool later) const {
    if (date_time.deviation != dlms::kDeviationNotSpecified) return dlms::to_utc(date_time);
    const auto as_if_utc = dlms::to_utc(date_time);
    if (!as_if_utc) return std::nullopt;
    return utc(civil_from_utc(*as_if_utc), later);
}

}  // namespace ferraris::meter
