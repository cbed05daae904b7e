#include "twin/scenario/moment.hpp"

#include <array>
#include <charconv>

namespace ferraris::twin::scenario {
namespace {

constexpr std::int64_t kSecondsADay = 86'400;
/// A century: what is longer is a slip of the finger, and would overflow.
constexpr std::int64_t kMostDays = 36'525;

/// A number of `digits` digits at the front of `text`, which it is taken from; `digits` 0: as many as there are.
std::optional<std::int64_t> take_number(std::string_view& text, std::size_t digits) {
    std::size_t length = 0;
    while (length < text.size() && text[length] >= '0' && text[length] <= '9') ++length;
    constexpr std::size_t kMostDigits = 6;
    if (length == 0 || length > kMostDigits || (digits != 0 && length != digits)) return std::nullopt;
    std::int64_t value = 0;
    (void)std::from_chars(text.data(), text.data() + length, value);
    text.remove_prefix(length);
    return value;
}

bool take(std::string_view& text, std::string_view prefix) {
    if (!text.starts_with(prefix)) return false;
    text.remove_prefix(prefix.size());
    return true;
}

/// "18:00" or "18:00:15".
std::optional<std::int64_t> take_time_of_day(std::string_view& text) {
    const auto hour = take_number(text, 2);
    if (!hour || *hour > 23 || !take(text, ":")) return std::nullopt;
    const auto minute = take_number(text, 2);
    if (!minute || *minute > 59) return std::nullopt;
    std::int64_t second = 0;
    if (take(text, ":")) {
        const auto given = take_number(text, 2);
        if (!given || *given > 59) return std::nullopt;
        second = *given;
    }
    return (*hour * 60 + *minute) * 60 + second;
}

/// "2d", "2d 12:00", "00:30:15".
std::optional<std::int64_t> parse_duration(std::string_view text) {
    std::string_view rest = text;
    const auto days = take_number(rest, 0);
    if (!days || !take(rest, "d")) {
        rest = text;
        const auto time = take_time_of_day(rest);
        return rest.empty() ? time : std::nullopt;
    }
    if (*days > kMostDays) return std::nullopt;
    if (rest.empty()) return *days * kSecondsADay;
    if (!take(rest, " ")) return std::nullopt;
    const auto time = take_time_of_day(rest);
    if (!time || !rest.empty()) return std::nullopt;
    return *days * kSecondsADay + *time;
}

}  // namespace

std::optional<UtcTime> Moment::first(UtcTime start) const {
    const std::int64_t begin = start.seconds();
    switch (kind) {
        case Kind::after_start:
            return UtcTime::from_seconds(begin + seconds);
        case Kind::absolute:
            return seconds >= begin ? std::optional(UtcTime::from_seconds(seconds)) : std::nullopt;
        case Kind::of_day:
            break;
    }
    const std::int64_t today = begin / kSecondsADay * kSecondsADay + seconds;
    return UtcTime::from_seconds(today >= begin ? today : today + kSecondsADay);
}

std::optional<UtcTime> Moment::next(UtcTime time) const {
    if (!repeats()) return std::nullopt;
    return UtcTime::from_seconds(time.seconds() + (kind == Kind::of_day ? kSecondsADay : period_s));
}

std::optional<UtcTime> parse_utc(std::string_view text) {
    constexpr std::int64_t kFirstYear = 1970;
    constexpr std::int64_t kLastYear = 2105;  // The meter's stamps have 32 bits.
    const auto year = take_number(text, 4);
    if (!year || *year < kFirstYear || *year > kLastYear || !take(text, "-")) return std::nullopt;
    const auto month = take_number(text, 2);
    if (!month || *month < 1 || *month > 12 || !take(text, "-")) return std::nullopt;
    const auto day = take_number(text, 2);
    CivilTime civil;
    civil.year = static_cast<std::int32_t>(*year);
    civil.month = static_cast<std::uint8_t>(*month);
    if (!day || *day < 1 || *day > days_in_month(civil.year, civil.month)) return std::nullopt;
    civil.day = static_cast<std::uint8_t>(*day);
    if (!take(text, "T") && !take(text, " ")) return std::nullopt;
    const auto time = take_time_of_day(text);
    if (!time || text != "Z") return std::nullopt;
    return UtcTime::from_seconds(utc_from_civil(civil).seconds() + *time);
}

std::optional<Moment> parse_moment(std::string_view text) {
    Moment moment;
    if (take(text, "+")) {
        const auto after = parse_duration(text);
        if (!after) return std::nullopt;
        moment.seconds = *after;
        return moment;
    }
    if (take(text, "every day at ")) {
        const auto time = take_time_of_day(text);
        if (!time || !text.empty()) return std::nullopt;
        moment.kind = Moment::Kind::of_day;
        moment.seconds = *time;
        return moment;
    }
    if (take(text, "every ")) {
        const auto period = parse_duration(text);
        if (!period || *period == 0) return std::nullopt;
        moment.seconds = moment.period_s = *period;
        return moment;
    }
    const auto time = parse_utc(text);
    if (!time) return std::nullopt;
    moment.kind = Moment::Kind::absolute;
    moment.seconds = time->seconds();
    return moment;
}

}  // namespace ferraris::twin::scenario
