#include "cli/date_time.hpp"

#include <fmt/format.h>

#include <charconv>
#include <chrono>
#include <ctime>

namespace ferraris::cli {
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

/// Takes `digits` digits off the front.
std::optional<int> take_number(std::string_view& text, std::size_t digits) {
    if (text.size() < digits) return std::nullopt;
    int value = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + digits, value);
    if (error != std::errc() || end != text.data() + digits || text.front() == '-') return std::nullopt;
    text.remove_prefix(digits);
    return value;
}

bool take_char(std::string_view& text, char c) {
    if (text.empty() || text.front() != c) return false;
    text.remove_prefix(1);
    return true;
}

/// Hour, minute and, when there, second.
bool take_clock(std::string_view& text, CivilTime& civil) {
    const auto hour = take_number(text, 2);
    if (!hour || !take_char(text, ':')) return false;
    const auto minute = take_number(text, 2);
    if (!minute) return false;
    int second = 0;
    if (take_char(text, ':')) {
        const auto given = take_number(text, 2);
        if (!given) return false;
        second = *given;
    }
    if (*hour > 23 || *minute > 59 || second > 59) return false;
    civil.hour = static_cast<std::uint8_t>(*hour);
    civil.minute = static_cast<std::uint8_t>(*minute);
    civil.second = static_cast<std::uint8_t>(second);
    return true;
}

bool take_offset(std::string_view& text, UserTime& time) {
    if (take_char(text, 'Z') || take_char(text, 'z')) {
        time.offset_minutes = std::int16_t{0};
        return true;
    }
    if (text.empty()) return true;
    const bool west = text.front() == '-';
    if (!take_char(text, '+') && !take_char(text, '-')) return false;
    const auto hours = take_number(text, 2);
    if (!hours || *hours > 14) return false;
    int minutes = 0;
    if (!text.empty()) {
        (void)take_char(text, ':');
        const auto given = take_number(text, 2);
        if (!given || *given > 59) return false;
        minutes = *given;
    }
    const int offset = *hours * 60 + minutes;
    time.offset_minutes = static_cast<std::int16_t>(west ? -offset : offset);
    return true;
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

dlms::DateTime plus_seconds(const dlms::DateTime& time, std::int64_t seconds) {
    const auto local = local_seconds(time);
    if (!local) return time;
    dlms::DateTime result = dlms::from_utc(UtcTime::from_seconds(*local + seconds), 0, time.status);
    result.deviation = time.deviation;
    result.time.hundredths = time.time.hundredths;
    if (time.time.second == kAny) result.time.second = kAny;
    return result;
}

std::optional<UserTime> parse_user_time(std::string_view text) {
    UserTime time;
    const auto year = take_number(text, 4);
    if (!year || *year < 1970 || *year > 2199 || !take_char(text, '-')) return std::nullopt;
    const auto month = take_number(text, 2);
    if (!month || *month < 1 || *month > 12 || !take_char(text, '-')) return std::nullopt;
    const auto day = take_number(text, 2);
    if (!day || *day < 1 || *day > days_in_month(*year, static_cast<std::uint8_t>(*month))) return std::nullopt;
    time.civil.year = *year;
    time.civil.month = static_cast<std::uint8_t>(*month);
    time.civil.day = static_cast<std::uint8_t>(*day);
    if (take_char(text, 'T') || take_char(text, ' ')) {
        if (!take_clock(text, time.civil)) return std::nullopt;
    }
    if (!take_offset(text, time) || !text.empty()) return std::nullopt;
    return time;
}

dlms::DateTime to_date_time(const UserTime& user) {
    const CivilTime& civil = user.civil;
    dlms::DateTime time;
    time.date = {static_cast<std::uint16_t>(civil.year), civil.month, civil.day,
                 weekday_from_days(days_from_civil(civil.year, civil.month, civil.day))};
    time.time = {civil.hour, civil.minute, civil.second, 0};
    time.status = 0;
    if (user.offset_minutes) time.deviation = static_cast<std::int16_t>(-*user.offset_minutes);
    return time;
}

dlms::DateTime date_time_now() {
    const auto now = std::chrono::system_clock::now().time_since_epoch();
    const std::int64_t milliseconds = std::chrono::duration_cast<std::chrono::milliseconds>(now).count();
    const std::time_t seconds = milliseconds / 1000;
    std::tm local{};
    ::localtime_r(&seconds, &local);
    const std::uint8_t status = local.tm_isdst > 0 ? dlms::clock_status::kDaylightSavingActive : std::uint8_t{0};
    return dlms::from_utc({milliseconds}, static_cast<std::int16_t>(-local.tm_gmtoff / 60), status);
}

}  // namespace ferraris::cli
