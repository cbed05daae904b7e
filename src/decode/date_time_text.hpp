/// COSEM date-times (IEC 62056-6-2, 4.1.6.1) for people: ISO 8601 where the time is complete, words where it is a
/// pattern ("every year").
#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "base/bytes.hpp"
#include "dlms/date_time.hpp"

namespace ferraris::decode {

/// The octets are a date-time that a meter would send. More generous than `dlms::possible`: a wrong or missing day of
/// week, which real meters have, is no reason to show hex. Tells other octet-strings of 12 octets apart.
[[nodiscard]] std::optional<dlms::DateTime> plausible_date_time(ByteView octets);

/// Local date and time as if it were UTC; nothing unless year to minute are all given.
[[nodiscard]] std::optional<std::int64_t> local_seconds(const dlms::DateTime& time);

/// "2026-01-31T12:00:00+01:00"; without an offset where the meter gives none; hundredths where they are not 0; words
/// for patterns: "every year, March, last Sunday, 02:00:00".
[[nodiscard]] std::string date_time_text(const dlms::DateTime& time);
/// What the status octet says beyond daylight saving: "", "invalid", "doubtful", "invalid clock status", …
[[nodiscard]] std::string clock_status_text(std::uint8_t status);

}  // namespace ferraris::decode
