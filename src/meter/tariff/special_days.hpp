/// Days that go by another profile than their week says (IEC 62056-6-2, Special days table, class 11).
#pragma once

#include "base/bytes.hpp"
#include "meter/tariff/calendar.hpp"

namespace ferraris::meter {

inline constexpr std::size_t kMostSpecialDays = 64;

struct SpecialDay {
    std::uint16_t index{0};
    dlms::Date date{};  ///< may have wild cards
    std::uint8_t day{0};
    friend bool operator==(const SpecialDay&, const SpecialDay&) = default;
};

using SpecialDays = FixedVector<SpecialDay, kMostSpecialDays>;

/// The id of the day profile of `day` (days since 1970). Of several entries that match, the one with the least index
/// counts.
[[nodiscard]] std::optional<std::uint8_t> special_day(const SpecialDays& table, std::int64_t day,
                                                      const LocalTimeRule& rule);
/// Puts `entry` into the table, in place of the one with its index. Impossible dates, and a date that the table has
/// under another index, are refused, and the table stays.
[[nodiscard]] CalendarFault insert(SpecialDays& table, const SpecialDay& entry);
/// False: no entry has that index.
[[nodiscard]] bool remove(SpecialDays& table, std::uint16_t index);

}  // namespace ferraris::meter
