// Some days of `make soak`, which has ninety.
#include "twin/scenario/soak.hpp"

#include <gtest/gtest.h>

namespace ferraris::twin::scenario::testing {
namespace {

TEST(Soak, KeepsEveryInvariantForSomeDays) {
    constexpr std::int64_t kDays = 6;
    for (const std::uint64_t seed : {1U, 2U}) {
        const SoakReport report = soak(seed, kDays, {});
        EXPECT_EQ(report.violation, "") << "make soak SEED=" << seed;
        EXPECT_EQ(report.seconds, kDays * 86'400);
        EXPECT_GT(report.faults, 50U);
        EXPECT_GT(report.losses_of_power, 3U);
        EXPECT_GT(report.rows, 200U);
    }
}

TEST(Soak, IsTheSameAgainFromItsSeed) {
    const SoakReport first = soak(7, 1, {});
    const SoakReport second = soak(7, 1, {});
    EXPECT_EQ(first.faults, second.faults);
    EXPECT_EQ(first.events, second.events);
    EXPECT_EQ(first.rows, second.rows);
}

}  // namespace
}  // namespace ferraris::twin::scenario::testing
