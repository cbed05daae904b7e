// A sample of `make powercut`: an evening over the end of a month.
#include "meter/store/cut_everywhere.hpp"

#include <gtest/gtest.h>

#include "meter/fixture.hpp"

namespace ferraris::meter {
namespace {

TEST(CutEverywhere, SampleOfAnEveningOverTheEndOfAMonth) {
    const testing::Recording recording = testing::record(testing::utc(2026, 1, 31, 21, 50), 2 * 3600);
    ASSERT_GT(recording.operations.size(), 150U);
    // A prime, so that all words get their turn.
    const testing::CutReport report = testing::cut_everywhere(recording, {7, 0, 1});
    RecordProperty("points", static_cast<int>(report.points));
    EXPECT_GT(report.points, 500U);
    EXPECT_GT(report.recoveries, 100U) << "cut a second time";
    for (const std::string& failure : report.failures) ADD_FAILURE() << failure;
}

}  // namespace
}  // namespace ferraris::meter
