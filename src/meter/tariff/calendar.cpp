#include "meter/tariff/calendar.hpp"

#include <algorithm>

#include "base/bytes.hpp"
#include "meter/schedule/date_pattern.hpp"

namespace ferraris::meter {
namespace {

/// "Always" lies before every day that a clock can show.
constexpr std::int64_t kAlways = -1'000'000;
/// 29 February comes again after eight years at the latest (2096 to 2104).
constexpr std::int32_t kMostYearsBack = 8;

constexpr CivilTime midnight_of(std::int64_t day) { return civil_from_utc(UtcTime::from_seconds(day * 86400)); }

constexpr bool is_zero_or_open(std::uint8_t value) { return value == 0 || value == dlms::kNotSpecified; }

constexpr bool is_daylight_saving_month(std::uint8_t month) {
    return month == dlms::kMonthDaylightSavingsBegin || month == dlms::kMonthDaylightSavingsEnd;
}

/// The pattern of the day that a month of this kind stands for.
const dlms::DateTime& change_of(std::uint8_t month, const LocalTimeRule& rule) {
    return month == dlms::kMonthDaylightSavingsBegin ? rule.begin : rule.end;
}

bool is_open_day(const dlms::Date& date) {
    return date.day_of_month == dlms::kNotSpecified && date.day_of_week == dlms::kNotSpecified;
}

constexpr CalendarName short_name(const char* text) {
    CalendarName name;
    for (; *text != 0; ++text) (void)name.push_back(static_cast<std::uint8_t>(*text));
    return name;
}

constexpr CalendarSet make_factory_calendar() {
    constexpr std::uint8_t kHigh = 2;
    constexpr std::uint8_t kLow = 3;
    constexpr std::array kSwitches{
        Switch{0, 0, 0, SwitchTarget::tariff, kLow},  Switch{6, 0, 0, SwitchTarget::tariff, kHigh},
        Switch{13, 0, 0, SwitchTarget::tariff, kLow}, Switch{15, 0, 0, SwitchTarget::tariff, kHigh},
        Switch{22, 0, 0, SwitchTarget::tariff, kLow},
    };
    CalendarSet set;
    set.name = short_name("factory");
    (void)set.seasons.push_back({short_name("year"), {}, short_name("week")});
    (void)set.weeks.push_back({short_name("week"), {1, 1, 1, 1, 1, 1, 1}});
    (void)set.days.push_back({1, static_cast<std::uint8_t>(kSwitches.size()), 0});
    (void)set.switches.assign(kSwitches);
    return set;
}

constexpr CalendarSet kFactoryCalendar = make_factory_calendar();

}  // namespace

const CalendarSet& factory_calendar() { return kFactoryCalendar; }

const DayProfile* CalendarSet::day(std::uint8_t id) const {
    const auto* const found = std::ranges::find(days, id, &DayProfile::id);
    return found != days.end() ? found : nullptr;
}

const WeekProfile* CalendarSet::week(const CalendarName& week_name) const {
    const auto* const found =
        std::ranges::find_if(weeks, [&](const WeekProfile& week) { return equal(week.name.view(), week_name.view()); });
    return found != weeks.end() ? found : nullptr;
}

CalendarFault check_calendar(const CalendarSet& set) {
    if (set.seasons.empty()) return CalendarFault::no_season;
    for (const Season& season : set.seasons) {
        if (set.week(season.week) == nullptr) return CalendarFault::unknown_week;
    }
    for (const WeekProfile& week : set.weeks) {
        for (const std::uint8_t id : week.days) {
            if (set.day(id) == nullptr) return CalendarFault::unknown_day;
        }
    }
    const bool selects =
        std::ranges::any_of(set.switches, [](const Switch& change) { return change.target == SwitchTarget::tariff; });
    return selects ? CalendarFault::none : CalendarFault::no_tariff;
}

bool is_season_start(const dlms::DateTime& start) {
    const dlms::Time& time = start.time;
    const bool at_midnight = is_zero_or_open(time.hour) && is_zero_or_open(time.minute) &&
                             is_zero_or_open(time.second) && is_zero_or_open(time.hundredths);
    const dlms::Date& date = start.date;
    if (!at_midnight || !dlms::possible(start)) return false;
    if (is_daylight_saving_month(date.month)) return is_open_day(date);
    if (date.month == dlms::kNotSpecified) return date.year == dlms::kYearNotSpecified && is_open_day(date);
    return !is_open_day(date);
}

std::optional<std::int64_t> season_start(const dlms::DateTime& start, std::int64_t day, const LocalTimeRule& rule) {
    const dlms::Date& date = start.date;
    if (date.month == dlms::kNotSpecified) return kAlways;
    dlms::DateTime pattern = is_daylight_saving_month(date.month) ? change_of(date.month, rule) : start;
    pattern.time = {0, 0, 0, 0};
    pattern.date.year = dlms::kYearNotSpecified;
    const std::int32_t this_year = midnight_of(day).year;
    const bool once = date.year != dlms::kYearNotSpecified;
    const std::int32_t newest = once ? std::int32_t{date.year} : this_year;
    const std::int32_t oldest = once ? newest : this_year - kMostYearsBack;
    for (std::int32_t year = newest; year >= oldest; --year) {
        const auto begins = occurrence(pattern, year);
        if (!begins) continue;
        const std::int64_t first = days_from_civil(begins->year, begins->month, begins->day);
        if (first <= day) return first;
    }
    return std::nullopt;
}

bool is_day_pattern(const dlms::Date& pattern) {
    return dlms::possible(pattern) && (!is_daylight_saving_month(pattern.month) || is_open_day(pattern));
}

bool matches(const dlms::Date& pattern, std::int64_t day, const LocalTimeRule& rule) {
    const CivilTime midnight = midnight_of(day);
    if (!is_daylight_saving_month(pattern.month)) return fits(pattern, midnight);
    if (pattern.year != dlms::kYearNotSpecified && pattern.year != midnight.year) return false;
    const auto change = occurrence(change_of(pattern.month, rule), midnight.year);
    return change && change->month == midnight.month && change->day == midnight.day;
}

}  // namespace ferraris::meter
