#include "meter/schedule/date_pattern.hpp"

namespace ferraris::meter {
namespace {

using dlms::kNotSpecified;

constexpr int kSecondsPerDay = 86400;

constexpr bool field_fits(std::uint8_t pattern, int value) { return pattern == kNotSpecified || pattern == value; }

/// The values of one field from `from` on, in the direction `step`, that fit; `last` is the limit.
struct Field {
    int value;
    bool found;
};

constexpr Field nearest(std::uint8_t pattern, int from, int step, int most) {
    if (from < 0 || from > most) return {0, false};
    if (pattern == kNotSpecified) return {from, true};
    const bool ahead = step > 0 ? pattern >= from : pattern <= from;
    return {pattern, ahead};
}

/// Second of the day nearest to `from` in the direction `step` that fits; -1: none.
int nearest_second(const dlms::Time& pattern, int from, int step) {
    if (from < 0 || from >= kSecondsPerDay) return -1;
    const int start_of_minute = step > 0 ? 0 : 59;
    Field hour = nearest(pattern.hour, from / 3600, step, 23);
    while (hour.found) {
        const bool same_hour = hour.value == from / 3600;
        Field minute = nearest(pattern.minute, same_hour ? from / 60 % 60 : start_of_minute, step, 59);
        while (minute.found) {
            const bool same_minute = same_hour && minute.value == from / 60 % 60;
            const Field second = nearest(pattern.second, same_minute ? from % 60 : start_of_minute, step, 59);
            if (second.found) return (hour.value * 60 + minute.value) * 60 + second.value;
            minute = nearest(pattern.minute, minute.value + step, step, 59);
        }
        hour = nearest(pattern.hour, hour.value + step, step, 23);
    }
    return -1;
}

std::optional<CivilTime> find(const DatePattern& pattern, UtcTime from, int step) {
    CivilTime day = civil_from_utc(from);
    int second = (day.hour * 60 + day.minute) * 60 + day.second;
    day.hour = day.minute = day.second = day.hundredths = 0;
    for (int i = 0; i < kPatternHorizonDays; ++i) {
        const int found = fits(pattern.date, day) ? nearest_second(pattern.time, second, step) : -1;
        if (found >= 0) {
            day.hour = static_cast<std::uint8_t>(found / 3600);
            day.minute = static_cast<std::uint8_t>(found / 60 % 60);
            day.second = static_cast<std::uint8_t>(found % 60);
            return day;
        }
        day = civil_from_utc({utc_from_civil(day).milliseconds + std::int64_t{step} * kSecondsPerDay * 1000});
        second = step > 0 ? 0 : kSecondsPerDay - 1;
    }
    return std::nullopt;
}

}  // namespace

bool fits(const dlms::Date& pattern, const CivilTime& day) {
    if (pattern.year != dlms::kYearNotSpecified && pattern.year != day.year) return false;
    if (!field_fits(pattern.month, day.month)) return false;
    const std::uint8_t weekday = weekday_from_days(days_from_civil(day.year, day.month, day.day));
    if (!field_fits(pattern.day_of_week, weekday)) return false;
    const bool weekday_given = pattern.day_of_week != kNotSpecified;
    const int left = days_in_month(day.year, day.month) - day.day;
    // With a day of week: the last, or second last, such day of the month.
    const int step = weekday_given ? 7 : 1;
    if (pattern.day_of_month == dlms::kLastDay) return left < step;
    if (pattern.day_of_month == dlms::kSecondLastDay) return left >= step && left < 2 * step;
    return field_fits(pattern.day_of_month, day.day);
}

bool possible(const DatePattern& pattern) {
    const bool month_is_one = pattern.date.month <= 12 || pattern.date.month == kNotSpecified;
    return month_is_one && dlms::possible(pattern.date) && dlms::possible(pattern.time);
}

std::optional<CivilTime> next_occurrence(const DatePattern& pattern, const CivilTime& after) {
    return find(pattern, UtcTime::from_seconds(utc_from_civil(after).seconds() + 1), 1);
}

std::optional<CivilTime> last_occurrence(const DatePattern& pattern, const CivilTime& at) {
    return find(pattern, UtcTime::from_seconds(utc_from_civil(at).seconds()), -1);
}

}  // namespace ferraris::meter
