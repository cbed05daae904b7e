#include "cli/date_time.hpp"

#include <fmt/format.h>

#include <charconv>
#include <chrono>
#include <ctime>

#include "cli/error.hpp"
#include "dlms/enumerations.hpp"

namespace ferraris::cli {
namespace {

/// What users can name: after the beginning of machines' time, before the numbers of some of them end.
constexpr int kFirstYear = 1970;
constexpr int kLastYear = 2199;

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

std::optional<UserTime> parse_user_time(std::string_view text) {
    UserTime time;
    const auto year = take_number(text, 4);
    if (!year || *year < kFirstYear || *year > kLastYear || !take_char(text, '-')) return std::nullopt;
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

UserTime user_time(const std::string& text, std::string_view option) {
    if (const auto time = parse_user_time(text)) return *time;
    std::string_view rest = text;
    const auto year = take_number(rest, 4);
    if (year && rest.starts_with('-') && (*year < kFirstYear || *year > kLastYear)) {
        throw CliError(
            fmt::format("{} \"{}\" is out of range; give a time from {} to {}", option, text, kFirstYear, kLastYear));
    }
    throw CliError(fmt::format("{} \"{}\" is no time; write 2026-01-31, 2026-01-31T12:00 or 2026-01-31T12:00+01:00",
                               option, text));
}

bool is_before(const UserTime& a, const UserTime& b) {
    constexpr std::int64_t kMillisecondsPerMinute = 60'000;
    constexpr std::int64_t kDay = 1440 * kMillisecondsPerMinute;
    const auto utc = [](const UserTime& time) {
        return utc_from_civil(time.civil).milliseconds - time.offset_minutes.value_or(0) * kMillisecondsPerMinute;
    };
    const bool alike = a.offset_minutes.has_value() == b.offset_minutes.has_value();
    return utc(a) + (alike ? 0 : kDay) < utc(b);
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

std::vector<std::uint8_t> time_element(const dlms::DateTime& time, const TimeForm& form) {
    dlms::DateTime written = time;
    const bool known = written.deviation != dlms::kDeviationNotSpecified;
    if (known && form.deviation == TimeForm::Deviation::reversed)
        written.deviation = static_cast<std::int16_t>(-written.deviation);
    if (form.deviation == TimeForm::Deviation::unspecified) written.deviation = dlms::kDeviationNotSpecified;
    const auto octets = dlms::encode(written);
    std::vector<std::uint8_t> element{static_cast<std::uint8_t>(dlms::DataTag::date_time)};
    if (!form.tagged)
        element = {static_cast<std::uint8_t>(dlms::DataTag::octet_string), static_cast<std::uint8_t>(octets.size())};
    element.insert(element.end(), octets.begin(), octets.end());
    return element;
}

}  // namespace ferraris::cli
