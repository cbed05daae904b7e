/// COSEM date-times (IEC 62056-6-2, 4.1.6.1) for people: ISO 8601 where the time is complete, words where it is a
/// pattern ("every year").
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/bytes.hpp"
#include "base/civil_time.hpp"
#include "decode/date_time_text.hpp"
#include "dlms/date_time.hpp"

namespace ferraris::cli {

using decode::clock_status_text;
using decode::date_time_text;
using decode::local_seconds;
using decode::plausible_date_time;

/// A point of time as a user writes it.
struct UserTime {
    CivilTime civil{};
    std::optional<std::int16_t> offset_minutes{};  ///< east of Greenwich; nothing: local time of the meter
};

/// "2026-01-31", "2026-01-31T12:00", "2026-01-31T12:00:05", each with an optional "Z", "+01:00" or "-0530"; a space
/// serves as T. Nothing when it is something else, or a date that does not exist.
[[nodiscard]] std::optional<UserTime> parse_user_time(std::string_view text);

/// What the user wrote behind `option`, for example --from; throws CliError when it is no time, or out of the years
/// 1970 to 2199.
[[nodiscard]] UserTime user_time(const std::string& text, std::string_view option);
/// True when `a` is certainly before `b`: with one in the meter's local time and the other with an offset nobody knows
/// closer than a day.
[[nodiscard]] bool is_before(const UserTime& a, const UserTime& b);

/// With the offset as deviation; daylight saving is not marked, for nobody but the meter knows it.
[[nodiscard]] dlms::DateTime to_date_time(const UserTime& time);
/// This machine's time with its offset from UTC now.
[[nodiscard]] dlms::DateTime date_time_now();

/// How a meter wants date-times written; by default as the standard and most meters do.
struct TimeForm {
    enum class Deviation : std::uint8_t { standard, reversed, unspecified };
    Deviation deviation{Deviation::standard};  ///< reversed: minutes to add to UTC to get local time
    bool tagged{false};                        ///< as date-time, and not in an octet-string
};

/// One A-XDR element.
[[nodiscard]] std::vector<std::uint8_t> time_element(const dlms::DateTime& time, const TimeForm& form);

}  // namespace ferraris::cli
