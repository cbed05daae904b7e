/// Dates of tariff tables as people write them: "12-25", "2026-04-05", "last sunday of march", "begin of daylight
/// saving", "always".
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "dlms/date_time.hpp"

namespace ferraris::cli {

/// Nothing for what is none of these forms. Whether the date exists is for `dlms::possible` to say.
[[nodiscard]] std::optional<dlms::Date> parse_tou_date(std::string_view text);
/// The same words; five octets in hexadecimal behind "hex" for what has none.
[[nodiscard]] std::string tou_date_text(const dlms::Date& date);
/// The forms, for a message.
inline constexpr std::string_view kTouDateForms =
    "write 12-25, 2026-12-25, \"monday 12-25\", \"last sunday of march\", \"second last day of june\", "
    "\"begin of daylight saving\", \"always\" or \"hex FFFF0C19FF\"";

}  // namespace ferraris::cli
