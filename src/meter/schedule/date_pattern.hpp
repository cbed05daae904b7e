/// Points of local time that come again: date and time with wild cards, as schedules and communication windows have
/// them (IEC 62056-6-2, Single action schedule and Push setup).
#pragma once

#include <optional>

#include "base/civil_time.hpp"
#include "dlms/date_time.hpp"

namespace ferraris::meter {

struct DatePattern {
    dlms::Date date{};
    dlms::Time time{};  ///< hundredths do not count
};

/// How far `next_occurrence` and `last_occurrence` look.
inline constexpr int kPatternHorizonDays = 367;

/// Whether `day` (its time does not count) is one of those that `pattern` means.
[[nodiscard]] bool fits(const dlms::Date& pattern, const CivilTime& day);
/// Every field is a wild card or in range. The months that stand for changes of daylight saving are none.
[[nodiscard]] bool possible(const DatePattern& pattern);
/// The first match after `after`, to the second; nothing within the horizon.
[[nodiscard]] std::optional<CivilTime> next_occurrence(const DatePattern& pattern, const CivilTime& after);
/// The last match at or before `at`, likewise.
[[nodiscard]] std::optional<CivilTime> last_occurrence(const DatePattern& pattern, const CivilTime& at);

}  // namespace ferraris::meter
