#include "meter/clock/daylight_saving.hpp"

#include <gtest/gtest.h>
#include <rapidcheck.h>

#include "meter/fixture.hpp"

namespace ferraris::meter {
namespace {

using testing::utc;

UtcTime before(UtcTime time) { return {time.milliseconds - 1}; }

TEST(DaylightSaving, FollowsTheEuropeanRule) {
    const LocalTimeRule rule;
    // Last Sundays of March and October, 1:00 UTC.
    const struct {
        std::int32_t year;
        std::uint8_t march, october;
    } kYears[] = {{2023, 26, 29}, {2024, 31, 27}, {2025, 30, 26}, {2026, 29, 25}, {2027, 28, 31}, {2028, 26, 29}};
    for (const auto& [year, march, october] : kYears) {
        const UtcTime begin = utc(year, 3, march, 1);
        const UtcTime end = utc(year, 10, october, 1);
        EXPECT_FALSE(rule.daylight_saving_active(before(begin))) << year;
        EXPECT_TRUE(rule.daylight_saving_active(begin)) << year;
        EXPECT_TRUE(rule.daylight_saving_active(before(end))) << year;
        EXPECT_FALSE(rule.daylight_saving_active(end)) << year;
    }
    EXPECT_EQ(rule.deviation_minutes(utc(2026, 7, 1)), -120);
    EXPECT_EQ(rule.deviation_minutes(utc(2026, 1, 1)), -60);
    EXPECT_EQ(rule.local(utc(2026, 7, 1, 12)).hour, 14);
    EXPECT_EQ(rule.local(utc(2026, 12, 31, 23)).year, 2027);
}

TEST(DaylightSaving, LivesInTheSouthToo) {
    LocalTimeRule rule;  // Sydney: first Sunday of October 2:00 to first Sunday of April 3:00
    rule.time_zone_minutes = -600;
    rule.begin.date = {dlms::kYearNotSpecified, 10, 1, 7};
    rule.end.date = {dlms::kYearNotSpecified, 4, 1, 7};
    EXPECT_TRUE(rule.daylight_saving_active(utc(2026, 1, 1)));
    EXPECT_TRUE(rule.daylight_saving_active(before(utc(2026, 4, 4, 16))));
    EXPECT_FALSE(rule.daylight_saving_active(utc(2026, 4, 4, 16)));
    EXPECT_FALSE(rule.daylight_saving_active(before(utc(2026, 10, 3, 16))));
    EXPECT_TRUE(rule.daylight_saving_active(utc(2026, 10, 3, 16)));
}

TEST(DaylightSaving, CanBeOffOrForOneYear) {
    LocalTimeRule rule;
    rule.daylight_saving_enabled = false;
    EXPECT_FALSE(rule.daylight_saving_active(utc(2026, 7, 1)));
    rule.daylight_saving_enabled = true;
    rule.begin.date.year = 2026;
    EXPECT_TRUE(rule.daylight_saving_active(utc(2026, 7, 1)));
    EXPECT_FALSE(rule.daylight_saving_active(utc(2027, 7, 1)));
}

TEST(DaylightSaving, FindsDaysByPattern) {
    const auto day = [](std::uint8_t month, std::uint8_t day_of_month, std::uint8_t weekday) {
        dlms::DateTime pattern;
        pattern.date = {dlms::kYearNotSpecified, month, day_of_month, weekday};
        const auto found = occurrence(pattern, 2026);
        return found ? int{found->day} : 0;
    };
    EXPECT_EQ(day(2, dlms::kLastDay, dlms::kNotSpecified), 28);
    EXPECT_EQ(day(2, dlms::kSecondLastDay, dlms::kNotSpecified), 27);
    EXPECT_EQ(day(3, dlms::kLastDay, 7), 29);
    EXPECT_EQ(day(3, dlms::kSecondLastDay, 7), 22);
    EXPECT_EQ(day(3, 8, 7), 8);  // the second Sunday, as in North America
    EXPECT_EQ(day(11, 1, 7), 1);
    EXPECT_EQ(day(11, dlms::kNotSpecified, 1), 2);
    EXPECT_EQ(day(2, 25, 2), 0) << "no Tuesday from the 25th on in February 2026";
    EXPECT_EQ(day(dlms::kNotSpecified, 1, 7), 0);
}

TEST(DaylightSaving, LocalTimeAndBackIsTheSameInstant) {
    const LocalTimeRule rule;
    EXPECT_TRUE(rc::check([&rule] {
        const auto seconds = *rc::gen::inRange<std::int64_t>(1'700'000'000, 1'900'000'000);
        const UtcTime instant = UtcTime::from_seconds(seconds);
        const CivilTime local = rule.local(instant);
        const UtcTime first = rule.utc(local, false);
        const UtcTime later = rule.utc(local, true);
        RC_ASSERT(first <= later);
        RC_ASSERT(instant == first || instant == later);
        // With its deviation, a date-time is never ambiguous.
        RC_ASSERT(rule.utc(rule.date_time(instant, 0)) == instant);
    }));
    const CivilTime twice{2026, 10, 25, 2, 30, 0, 0};
    EXPECT_EQ(rule.utc(twice, false), utc(2026, 10, 25, 0, 30));
    EXPECT_EQ(rule.utc(twice, true), utc(2026, 10, 25, 1, 30));
    EXPECT_EQ(rule.utc(CivilTime{2026, 3, 29, 2, 30, 0, 0}), utc(2026, 3, 29, 1, 30)) << "an hour that is skipped";
}

}  // namespace
}  // namespace ferraris::meter
