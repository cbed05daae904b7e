/// The Gregorian calendar without time zones, leap seconds or an operating system.
#pragma once

#include <compare>
#include <cstdint>

namespace ferraris {

/// An instant: milliseconds since 1970-01-01T00:00:00 UTC. All time inside Ferraris is this; local time exists only in
/// what people and the COSEM clock show.
struct UtcTime {
    std::int64_t milliseconds{0};

    [[nodiscard]] static constexpr UtcTime from_seconds(std::int64_t seconds) { return {seconds * 1000}; }
    /// Whole seconds, rounded towards the past.
    [[nodiscard]] constexpr std::int64_t seconds() const {
        return milliseconds >= 0 ? milliseconds / 1000 : -((-milliseconds + 999) / 1000);
    }
    friend constexpr auto operator<=>(const UtcTime&, const UtcTime&) = default;
};

/// A calendar date and time of day in some zone that the context names.
struct CivilTime {
    std::int32_t year{1970};
    std::uint8_t month{1};       ///< 1 to 12
    std::uint8_t day{1};         ///< 1 to 31
    std::uint8_t hour{0};        ///< 0 to 23
    std::uint8_t minute{0};      ///< 0 to 59
    std::uint8_t second{0};      ///< 0 to 59
    std::uint8_t hundredths{0};  ///< 0 to 99
    friend constexpr bool operator==(const CivilTime&, const CivilTime&) = default;
};

[[nodiscard]] constexpr bool is_leap_year(std::int32_t year) {
    return year % 4 == 0 && (year % 100 != 0 || year % 400 == 0);
}

/// `month` from 1 to 12.
[[nodiscard]] constexpr std::uint8_t days_in_month(std::int32_t year, std::uint8_t month) {
    constexpr std::uint8_t kDays[] = {31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};
    return month == 2 && is_leap_year(year) ? std::uint8_t{29} : kDays[month - 1];
}

/// Days from 1970-01-01; the year is counted from March so that the leap day comes last.
[[nodiscard]] constexpr std::int64_t days_from_civil(std::int32_t year, std::uint8_t month, std::uint8_t day) {
    const std::int64_t y = month <= 2 ? std::int64_t{year} - 1 : std::int64_t{year};
    const std::int64_t era = (y >= 0 ? y : y - 399) / 400;
    const std::int64_t year_of_era = y - era * 400;
    const std::int64_t shifted_month = month > 2 ? month - 3 : month + 9;
    const std::int64_t day_of_year = (153 * shifted_month + 2) / 5 + day - 1;
    const std::int64_t day_of_era = year_of_era * 365 + year_of_era / 4 - year_of_era / 100 + day_of_year;
    return era * 146097 + day_of_era - 719468;
}

/// 1 = Monday to 7 = Sunday, as in COSEM.
[[nodiscard]] constexpr std::uint8_t weekday_from_days(std::int64_t days) {
    const std::int64_t remainder = (days + 3) % 7;
    return static_cast<std::uint8_t>((remainder < 0 ? remainder + 7 : remainder) + 1);
}

[[nodiscard]] constexpr CivilTime civil_from_utc(UtcTime time) {
    const std::int64_t seconds = time.seconds();
    const std::int64_t days = seconds >= 0 ? seconds / 86400 : -((-seconds + 86399) / 86400);
    const std::int64_t second_of_day = seconds - days * 86400;
    const std::int64_t z = days + 719468;
    const std::int64_t era = (z >= 0 ? z : z - 146096) / 146097;
    const std::int64_t day_of_era = z - era * 146097;
    const std::int64_t year_of_era = (day_of_era - day_of_era / 1460 + day_of_era / 36524 - day_of_era / 146096) / 365;
    const std::int64_t day_of_year = day_of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
    const std::int64_t shifted_month = (5 * day_of_year + 2) / 153;
    CivilTime civil;
    civil.day = static_cast<std::uint8_t>(day_of_year - (153 * shifted_month + 2) / 5 + 1);
    civil.month = static_cast<std::uint8_t>(shifted_month < 10 ? shifted_month + 3 : shifted_month - 9);
    civil.year = static_cast<std::int32_t>(year_of_era + era * 400 + (civil.month <= 2 ? 1 : 0));
    civil.hour = static_cast<std::uint8_t>(second_of_day / 3600);
    civil.minute = static_cast<std::uint8_t>(second_of_day % 3600 / 60);
    civil.second = static_cast<std::uint8_t>(second_of_day % 60);
    civil.hundredths = static_cast<std::uint8_t>((time.milliseconds - seconds * 1000) / 10);
    return civil;
}

/// The fields must be in range (`days_in_month` and so on); they are not checked here.
[[nodiscard]] constexpr UtcTime utc_from_civil(const CivilTime& civil) {
    const std::int64_t days = days_from_civil(civil.year, civil.month, civil.day);
    const std::int64_t hours = days * 24 + civil.hour;
    const std::int64_t seconds = (hours * 60 + civil.minute) * 60 + civil.second;
    return {(seconds * 100 + civil.hundredths) * 10};
}

}  // namespace ferraris
