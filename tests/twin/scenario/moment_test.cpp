#include "twin/scenario/moment.hpp"

#include <gtest/gtest.h>

namespace ferraris::twin::scenario {
namespace {

constexpr UtcTime kNoon = UtcTime::from_seconds(1'767'614'400);  // 2026-01-05T12:00:00Z
constexpr std::int64_t kDay_s = 86'400;

std::int64_t after(std::string_view text) {
    const auto moment = parse_moment(text);
    if (!moment) return -1;
    const auto first = moment->first(kNoon);
    return first ? first->seconds() - kNoon.seconds() : -2;
}

TEST(Moment, IsAfterTheBeginningOrATime) {
    EXPECT_EQ(after("+2d"), 2 * kDay_s);
    EXPECT_EQ(after("+1d 02:00:15"), kDay_s + 7215);
    EXPECT_EQ(after("+00:30"), 1800);
    EXPECT_EQ(after("+00:00"), 0);
    EXPECT_EQ(after("2026-01-05T12:00:01Z"), 1);
    EXPECT_EQ(after("2026-01-06 12:00Z"), kDay_s);
    EXPECT_EQ(after("2026-01-05T11:59:59Z"), -2) << "over when the scenario begins";
}

TEST(Moment, ComesAgainAndAgain) {
    EXPECT_EQ(after("every day at 18:00"), 6 * 3600);
    EXPECT_EQ(after("every day at 12:00"), 0);
    EXPECT_EQ(after("every day at 11:59:59"), kDay_s - 1) << "tomorrow";
    EXPECT_EQ(after("every 00:10"), 600);
    const auto moment = parse_moment("every 2d 01:00");
    ASSERT_TRUE(moment);
    const auto first = moment->first(kNoon);
    ASSERT_TRUE(first);
    EXPECT_EQ(moment->next(*first)->seconds() - first->seconds(), 2 * kDay_s + 3600);
    EXPECT_FALSE(parse_moment("+1d")->next(kNoon));
}

TEST(Moment, IsNothingElse) {
    for (const char* const text : {"",
                                   "+",
                                   "1d",
                                   "+1",
                                   "+1d ",
                                   "+1d02:00",
                                   "+25:00",
                                   "+1:00",
                                   "+00:60",
                                   "+00:00:60",
                                   "+9999999d",
                                   "every",
                                   "every 00:00",
                                   "every day",
                                   "every day at 6:00",
                                   "every day at 24:00",
                                   "2026-01-05",
                                   "2026-01-05T12:00:00",
                                   "2026-02-29T00:00Z",
                                   "2026-13-01T00:00Z",
                                   "1969-01-01T00:00Z",
                                   "2026-01-05T12:00:00Zulu",
                                   "+00:30 "}) {
        EXPECT_FALSE(parse_moment(text)) << text;
    }
    EXPECT_TRUE(parse_moment("2028-02-29T00:00Z"));
}

}  // namespace
}  // namespace ferraris::twin::scenario
