/// One set of the activity calendar (IEC 62056-6-2, class 20): seasons name a week, weeks name a day for each day of
/// the week, days say when what is switched.
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <span>

#include "base/fixed_vector.hpp"
#include "dlms/date_time.hpp"
#include "meter/clock/daylight_saving.hpp"

namespace ferraris::meter {

inline constexpr std::size_t kMostNameOctets = 16;
inline constexpr std::size_t kMostSeasons = 12;
inline constexpr std::size_t kMostWeeks = 12;
inline constexpr std::size_t kMostDays = 24;
inline constexpr std::size_t kMostSwitchesADay = 48;
inline constexpr std::size_t kMostSwitches = 384;  ///< of all days together

/// Of a calendar, a season, a week.
using CalendarName = FixedVector<std::uint8_t, kMostNameOctets>;

/// What a switch of the calendar acts on. Each has a script table (class 9) of its own.
enum class SwitchTarget : std::uint8_t { tariff, relay };

/// Scripts of the relay's table.
inline constexpr std::uint8_t kOpenRelay = 1;
inline constexpr std::uint8_t kCloseRelay = 2;

struct Switch {
    std::uint8_t hour{0};
    std::uint8_t minute{0};
    std::uint8_t second{0};
    SwitchTarget target{SwitchTarget::tariff};
    std::uint8_t script{1};  ///< a tariff, 1 to 6; or one of the relay's scripts

    [[nodiscard]] constexpr std::int32_t second_of_day() const { return (hour * 60 + minute) * 60 + second; }
    friend bool operator==(const Switch&, const Switch&) = default;
};

struct Season {
    CalendarName name{};
    dlms::DateTime start{};  ///< as it was sent; what `season_start` makes of it counts
    CalendarName week{};
};

struct WeekProfile {
    CalendarName name{};
    std::array<std::uint8_t, 7> days{};  ///< ids of day profiles, Monday to Sunday
};

struct DayProfile {
    std::uint8_t id{0};
    std::uint8_t count{0};
    std::uint16_t first{0};  ///< in `CalendarSet::switches`
};

/// What is wrong with a calendar.
enum class CalendarFault : std::uint8_t {
    none,
    wrong_type,
    too_many,          ///< more than this meter has room for
    name_too_long,     ///< more than `kMostNameOctets`
    name_twice,        ///< two seasons or two weeks of one name
    impossible_start,  ///< a date that does not exist, or not the begin of a day
    start_twice,       ///< two seasons begin at the same time: which of them it is cannot be told
    day_twice,         ///< two day profiles of one id, two special days of one index or one date
    impossible_time,   ///< no time of day, or one with wild cards
    time_twice,        ///< two switches of one day act on the same thing at the same time
    unknown_script,    ///< neither a tariff nor a script of the relay
    no_season,
    unknown_week,  ///< a season names a week that there is not
    unknown_day,   ///< a week names a day that there is not
    no_tariff,     ///< no day ever selects a tariff
};

struct CalendarSet {
    CalendarName name{};
    FixedVector<Season, kMostSeasons> seasons{};
    FixedVector<WeekProfile, kMostWeeks> weeks{};
    FixedVector<DayProfile, kMostDays> days{};
    FixedVector<Switch, kMostSwitches> switches{};

    [[nodiscard]] std::span<const Switch> switches_of(const DayProfile& day) const {
        return switches.view().subspan(day.first, day.count);
    }
    [[nodiscard]] const DayProfile* day(std::uint8_t id) const;
    [[nodiscard]] const WeekProfile* week(const CalendarName& week_name) const;
};

/// What the meter comes with: one season, the low tariff 3 from 22:00 to 6:00 and from 13:00 to 15:00, else the high
/// tariff 2.
[[nodiscard]] const CalendarSet& factory_calendar();

/// Whether what the parts say of each other fits together. The parts themselves are judged when they are written.
[[nodiscard]] CalendarFault check_calendar(const CalendarSet& set);

/// Whether a season may begin so: at the begin of a day, in each year or in one; a change of daylight saving may stand
/// for the day (months 0xFD and 0xFE); all wild cards: always.
[[nodiscard]] bool is_season_start(const dlms::DateTime& start);
/// The last day on or before `day`, both in days since 1970, on which `start` begins; far in the past for "always".
/// Nothing when it has not come yet.
[[nodiscard]] std::optional<std::int64_t> season_start(const dlms::DateTime& start, std::int64_t day,
                                                       const LocalTimeRule& rule);

/// Whether the date may stand in a special days table: each field is a wild card or possible.
[[nodiscard]] bool is_day_pattern(const dlms::Date& pattern);
/// Whether `day` (days since 1970) is one of those that `pattern` means.
[[nodiscard]] bool matches(const dlms::Date& pattern, std::int64_t day, const LocalTimeRule& rule);

}  // namespace ferraris::meter
