/// COSEM date-time, date and time as octet strings with wildcards (IEC 62056-6-2, 4.1.6.1).
#pragma once

#include <array>
#include <cstdint>
#include <optional>

#include "base/bytes.hpp"
#include "base/civil_time.hpp"

namespace ferraris::dlms {

inline constexpr std::size_t kDateTimeSize = 12;
inline constexpr std::size_t kDateSize = 5;
inline constexpr std::size_t kTimeSize = 4;

inline constexpr std::uint8_t kNotSpecified = 0xFF;
inline constexpr std::uint16_t kYearNotSpecified = 0xFFFF;
inline constexpr std::int16_t kDeviationNotSpecified = -0x8000;
/// Months that stand for the changes of daylight saving time.
inline constexpr std::uint8_t kMonthDaylightSavingsEnd = 0xFD;
inline constexpr std::uint8_t kMonthDaylightSavingsBegin = 0xFE;
/// Days that count from the end of the month. With a day of week: the last such day of the month.
inline constexpr std::uint8_t kSecondLastDay = 0xFD;
inline constexpr std::uint8_t kLastDay = 0xFE;

/// Bits of the clock status; 0xFF means that there is none.
namespace clock_status {
inline constexpr std::uint8_t kInvalidValue = 0x01;
inline constexpr std::uint8_t kDoubtfulValue = 0x02;
inline constexpr std::uint8_t kDifferentClockBase = 0x04;
inline constexpr std::uint8_t kInvalidClockStatus = 0x08;
inline constexpr std::uint8_t kDaylightSavingActive = 0x80;
inline constexpr std::uint8_t kNotSpecified = 0xFF;
}  // namespace clock_status

/// 5 octets. A default one is all wildcards.
struct Date {
    std::uint16_t year{kYearNotSpecified};
    std::uint8_t month{kNotSpecified};         ///< 1 to 12, 0xFD, 0xFE, 0xFF
    std::uint8_t day_of_month{kNotSpecified};  ///< 1 to 31, 0xFD, 0xFE, 0xFF
    std::uint8_t day_of_week{kNotSpecified};   ///< 1 = Monday to 7 = Sunday, 0xFF

    friend constexpr bool operator==(const Date&, const Date&) = default;
    [[nodiscard]] constexpr bool fully_specified() const {
        return year != kYearNotSpecified && month <= 12 && day_of_month <= 31;
    }
};

/// 4 octets. A default one is all wildcards.
struct Time {
    std::uint8_t hour{kNotSpecified};
    std::uint8_t minute{kNotSpecified};
    std::uint8_t second{kNotSpecified};
    std::uint8_t hundredths{kNotSpecified};

    friend constexpr bool operator==(const Time&, const Time&) = default;
    /// Hundredths do not count: nearly nobody has them.
    [[nodiscard]] constexpr bool fully_specified() const {
        return hour != kNotSpecified && minute != kNotSpecified && second != kNotSpecified;
    }
};

/// 12 octets: local date and time, its deviation, and the status of the clock.
struct DateTime {
    Date date{};
    Time time{};
    std::int16_t deviation{kDeviationNotSpecified};  ///< minutes to add to local time to get UTC; CEST is -120
    std::uint8_t status{clock_status::kNotSpecified};

    friend constexpr bool operator==(const DateTime&, const DateTime&) = default;
};

/// Every field is a wildcard or in range, and a fully specified date exists and has the day of week that it says.
[[nodiscard]] bool possible(const Date& date);
[[nodiscard]] bool possible(const Time& time);
/// Also the deviation: not specified or -840 to 840, which lets the meters pass that have its sign the wrong way round.
[[nodiscard]] bool possible(const DateTime& date_time);

/// Nothing when the size is wrong. Values are not judged: ask `possible`.
[[nodiscard]] std::optional<Date> decode_date(ByteView five_octets);
[[nodiscard]] std::optional<Time> decode_time(ByteView four_octets);
[[nodiscard]] std::optional<DateTime> decode_date_time(ByteView twelve_octets);
[[nodiscard]] std::array<std::uint8_t, kDateSize> encode(const Date& date);
[[nodiscard]] std::array<std::uint8_t, kTimeSize> encode(const Time& time);
[[nodiscard]] std::array<std::uint8_t, kDateTimeSize> encode(const DateTime& date_time);

/// The instant; nothing when date or time have wildcards (hundredths may) or do not exist; the day of week is not
/// looked at. A deviation that is not specified takes the
/// place of `deviation_if_none`, the minutes that the reader knows from elsewhere (0: the meter keeps UTC).
[[nodiscard]] std::optional<UtcTime> to_utc(const DateTime& date_time, std::int16_t deviation_if_none = 0);
/// Local date and time at `instant` where the deviation is `deviation` minutes (none: UTC). Hundredths as they are.
[[nodiscard]] DateTime from_utc(UtcTime instant, std::int16_t deviation, std::uint8_t status);

/// The same clock `seconds` later or earlier, with the same deviation and status. Unchanged where it has wildcards that
/// the sum would need; seconds and hundredths stay what they are where they are not specified.
[[nodiscard]] DateTime plus_seconds(const DateTime& time, std::int64_t seconds);

}  // namespace ferraris::dlms
