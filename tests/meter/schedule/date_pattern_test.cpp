#include "meter/schedule/date_pattern.hpp"

#include <gtest/gtest.h>
#include <rapidcheck.h>

namespace ferraris::meter {
namespace {

constexpr std::uint8_t kAny = dlms::kNotSpecified;
constexpr std::uint16_t kAnyYear = dlms::kYearNotSpecified;

DatePattern at(std::uint8_t hour, std::uint8_t minute, std::uint8_t second, dlms::Date date = {}) {
    return {date, {hour, minute, second, kAny}};
}

TEST(DatePattern, NextOfTheHourTheDayAndTheMonth) {
    const CivilTime now{2026, 1, 31, 23, 59, 30, 0};
    EXPECT_EQ(next_occurrence(at(kAny, 0, 0), now), (CivilTime{2026, 2, 1, 0, 0, 0, 0}));
    EXPECT_EQ(next_occurrence(at(kAny, 59, 30), now), (CivilTime{2026, 2, 1, 0, 59, 30, 0})) << "after, not at";
    EXPECT_EQ(next_occurrence(at(6, 30, 0), now), (CivilTime{2026, 2, 1, 6, 30, 0, 0}));
    EXPECT_EQ(next_occurrence(at(23, 59, kAny), now), (CivilTime{2026, 1, 31, 23, 59, 31, 0}));
    EXPECT_EQ(next_occurrence(at(0, 0, 0, {kAnyYear, kAny, dlms::kLastDay, kAny}), now),
              (CivilTime{2026, 2, 28, 0, 0, 0, 0}));
    EXPECT_EQ(next_occurrence(at(0, 0, 0, {kAnyYear, kAny, dlms::kSecondLastDay, kAny}), now),
              (CivilTime{2026, 2, 27, 0, 0, 0, 0}));
    EXPECT_EQ(next_occurrence(at(2, 0, 0, {kAnyYear, 3, dlms::kLastDay, 7}), now), (CivilTime{2026, 3, 29, 2, 0, 0, 0}))
        << "the last Sunday of March";
    EXPECT_EQ(next_occurrence(at(2, 0, 0, {kAnyYear, kAny, kAny, 1}), now), (CivilTime{2026, 2, 2, 2, 0, 0, 0}))
        << "Monday";
    EXPECT_EQ(next_occurrence(at(0, 0, 0, {2025, 1, 1, kAny}), now), std::nullopt);
}

TEST(DatePattern, LastAtOrBefore) {
    const CivilTime now{2026, 3, 1, 6, 0, 0, 0};
    EXPECT_EQ(last_occurrence(at(6, 0, 0), now), now);
    EXPECT_EQ(last_occurrence(at(6, 0, 1), now), (CivilTime{2026, 2, 28, 6, 0, 1, 0}));
    EXPECT_EQ(last_occurrence(at(kAny, kAny, 30), now), (CivilTime{2026, 3, 1, 5, 59, 30, 0}));
    EXPECT_EQ(last_occurrence(at(0, 0, 0, {2026, 3, 2, kAny}), now), std::nullopt);
}

TEST(DatePattern, WhatIsPossible) {
    EXPECT_TRUE(possible(at(kAny, 0, 0)));
    EXPECT_FALSE(possible(at(24, 0, 0)));
    EXPECT_FALSE(possible(at(0, 0, 0, {kAnyYear, dlms::kMonthDaylightSavingsBegin, 1, kAny})));
    EXPECT_FALSE(possible(at(0, 0, 0, {2026, 2, 30, kAny})));
}

TEST(DatePattern, NothingMatchesInBetween) {
    EXPECT_TRUE(rc::check([] {
        const auto pick = [](int most) {
            return static_cast<std::uint8_t>(*rc::gen::oneOf(rc::gen::just(int{kAny}), rc::gen::inRange(0, most)));
        };
        const DatePattern pattern = at(pick(24), pick(60), pick(60));
        const UtcTime start = UtcTime::from_seconds(1'767'225'600 + *rc::gen::inRange(0, 86400));
        const CivilTime now = civil_from_utc(start);
        const auto next = next_occurrence(pattern, now);
        RC_ASSERT(next.has_value());
        RC_ASSERT(utc_from_civil(*next) > start);
        // From one second before it, looking back, the last one is not after `now`.
        const CivilTime before = civil_from_utc({utc_from_civil(*next).milliseconds - 1000});
        const auto last = last_occurrence(pattern, before);
        RC_ASSERT(last.has_value());
        RC_ASSERT(utc_from_civil(*last) <= start);
        RC_ASSERT(last_occurrence(pattern, *next) == next);
    }));
}

}  // namespace
}  // namespace ferraris::meter
