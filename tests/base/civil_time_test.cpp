#include "base/civil_time.hpp"

#include <gtest/gtest.h>

#include <rapidcheck.h>
#include <ctime>

namespace ferraris {
namespace {

TEST(CivilTime, AgreesWithTheCLibraryOverFourHundredYears) {
    EXPECT_TRUE(rc::check([] {
        const std::int64_t seconds = *rc::gen::inRange<std::int64_t>(-8520336000, 8520336000);  // 1700 to 2239
        const std::time_t t = seconds;
        std::tm tm{};
        gmtime_r(&t, &tm);
        const CivilTime civil = civil_from_utc(UtcTime::from_seconds(seconds));
        RC_ASSERT(civil.year == tm.tm_year + 1900);
        RC_ASSERT(civil.month == tm.tm_mon + 1);
        RC_ASSERT(civil.day == tm.tm_mday);
        RC_ASSERT(civil.hour == tm.tm_hour);
        RC_ASSERT(civil.minute == tm.tm_min);
        RC_ASSERT(civil.second == tm.tm_sec);
        const std::int64_t days = days_from_civil(civil.year, civil.month, civil.day);
        RC_ASSERT(weekday_from_days(days) == (tm.tm_wday == 0 ? 7 : tm.tm_wday));
        RC_ASSERT(utc_from_civil(civil) == UtcTime::from_seconds(seconds));
    }));
}

TEST(CivilTime, KeepsHundredthsBeforeTheEpoch) {
    const CivilTime civil = civil_from_utc({-10});
    EXPECT_EQ(civil, (CivilTime{1969, 12, 31, 23, 59, 59, 99}));
    EXPECT_EQ(utc_from_civil(civil), UtcTime{-10});
}

TEST(CivilTime, LeapYears) {
    EXPECT_TRUE(is_leap_year(2000));
    EXPECT_FALSE(is_leap_year(2100));
    EXPECT_EQ(days_in_month(2024, 2), 29);
}

}  // namespace
}  // namespace ferraris
