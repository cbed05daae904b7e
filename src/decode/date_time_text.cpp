#include "decode/date_time_text.hpp"

#include <fmt/format.h>

#include <cstdlib>

#include "base/civil_time.hpp"

namespace ferraris::decode {
namespace {

constexpr std::uint8_t kAny = dlms::kNotSpecified;

constexpr const char* kMonths[] = {"January", "February", "March",     "April",   "May",      "June",
                                   "July",    "August",   "September", "October", "November", "December"};
constexpr const char* kDays[] = {"Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday"};

bool within(std::uint8_t value, std::uint8_t least, std::uint8_t most) {
    return value == kAny || (value >= least && value <= most);
}

std::string offset_text(std::int16_t deviation) {
    const int minutes = -deviation;
    return fmt::format("{}{:02}:{:02}", minutes < 0 ? '-' : '+', std::abs(minutes) / 60, std::abs(minutes) % 60);
}

bool has_deviation(const dlms::DateTime& time) { return time.deviation != dlms::kDeviationNotSpecified; }

/// Year, month, day, hour and minute name one minute of local time.
bool complete(const dlms::DateTime& time) {
    const dlms::Date& date = time.date;
    return date.year != dlms::kYearNotSpecified && date.month >= 1 && date.month <= 12 && date.day_of_month >= 1 &&
           date.day_of_month <= days_in_month(date.year, date.month) && time.time.hour <= 23 && time.time.minute <= 59;
}

std::string clock_text(const dlms::Time& time) {
    const auto field = [](std::uint8_t value) {
        return value == kAny ? std::string("**") : fmt::format("{:02}", value);
    };
    std::string text = field(time.hour) + ":" + field(time.minute) + ":" + field(time.second);
    if (time.hundredths != kAny && time.hundredths != 0) text += fmt::format(".{:02}", time.hundredths);
    return text;
}

std::string pattern_day(const dlms::Date& date) {
    const bool weekday = date.day_of_week >= 1 && date.day_of_week <= 7;
    const std::string name = weekday ? kDays[date.day_of_week - 1] : "day";
    if (date.day_of_month == dlms::kLastDay) return "last " + name;
    if (date.day_of_month == dlms::kSecondLastDay) return "second last " + name;
    if (date.day_of_month == kAny) return weekday ? "every " + name : "every day";
    if (weekday) return fmt::format("first {} from day {}", name, date.day_of_month);
    return fmt::format("day {}", date.day_of_month);
}

std::string pattern_text(const dlms::DateTime& time) {
    const dlms::Date& date = time.date;
    std::string text = date.year == dlms::kYearNotSpecified ? "every year" : fmt::format("{}", date.year);
    if (date.month == dlms::kMonthDaylightSavingsBegin) {
        text += ", when daylight saving begins";
    } else if (date.month == dlms::kMonthDaylightSavingsEnd) {
        text += ", when daylight saving ends";
    } else {
        const bool named = date.month >= 1 && date.month <= 12;
        text += named ? fmt::format(", {}", kMonths[date.month - 1]) : ", every month";
    }
    text += ", " + pattern_day(date) + ", " + clock_text(time.time);
    if (has_deviation(time)) text += offset_text(time.deviation);
    return text;
}

}  // namespace

std::optional<dlms::DateTime> plausible_date_time(ByteView octets) {
    const auto time = dlms::decode_date_time(octets);
    if (!time) return std::nullopt;
    const dlms::Date& date = time->date;
    const dlms::Time& clock = time->time;
    const bool special_month =
        date.month == dlms::kMonthDaylightSavingsEnd || date.month == dlms::kMonthDaylightSavingsBegin;
    const bool special_day = date.day_of_month == dlms::kLastDay || date.day_of_month == dlms::kSecondLastDay;
    const bool good = (date.year == dlms::kYearNotSpecified || (date.year >= 1970 && date.year < 2200)) &&
                      (special_month || within(date.month, 1, 12)) &&
                      (special_day || within(date.day_of_month, 1, 31)) && within(date.day_of_week, 0, 7) &&
                      within(clock.hour, 0, 23) && within(clock.minute, 0, 59) && within(clock.second, 0, 59) &&
                      within(clock.hundredths, 0, 99) &&
                      (!has_deviation(*time) || (time->deviation >= -840 && time->deviation <= 840));
    if (!good) return std::nullopt;
    return time;
}

std::optional<std::int64_t> local_seconds(const dlms::DateTime& time) {
    if (!complete(time)) return std::nullopt;
    CivilTime civil{time.date.year, time.date.month, time.date.day_of_month, time.time.hour, time.time.minute, 0, 0};
    if (time.time.second != kAny) civil.second = time.time.second;
    return utc_from_civil(civil).seconds();
}

std::string date_time_text(const dlms::DateTime& time) {
    if (time == dlms::DateTime{}) return "not set";
    if (!complete(time)) return pattern_text(time);
    std::string text = fmt::format("{:04}-{:02}-{:02}T{}", time.date.year, time.date.month, time.date.day_of_month,
                                   clock_text(time.time));
    if (has_deviation(time)) text += offset_text(time.deviation);
    return text;
}

std::string clock_status_text(std::uint8_t status) {
    struct Bit {
        std::uint8_t bit;
        const char* meaning;
    };
    static constexpr Bit kBits[] = {
        {0x01, "invalid"}, {0x02, "doubtful"}, {0x04, "different clock base"}, {0x08, "invalid clock status"}};
    if (status == kAny) return {};
    std::string text;
    for (const Bit& bit : kBits) {
        if ((status & bit.bit) == 0) continue;
        if (!text.empty()) text += ", ";
        text += bit.meaning;
    }
    return text;
}

}  // namespace ferraris::decode
