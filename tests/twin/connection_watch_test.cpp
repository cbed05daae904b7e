#include "twin/connection_watch.hpp"

#include <gtest/gtest.h>

#include <string>

namespace ferraris::twin {
namespace {

constexpr std::int64_t kLong = ConnectionWatch::kStuck_ms;

TEST(ConnectionWatch, TellsOnceOfAWaitThatLasts) {
    ConnectionWatch watch(100);
    EXPECT_EQ(watch.complaint(100 + kLong - 1), nullptr);
    EXPECT_EQ(watch.complaint(100 + kLong), std::string("has sent nothing since it connected"));
    EXPECT_EQ(watch.complaint(100 + 5 * kLong), nullptr) << "once is enough";

    watch.active(60'000);
    watch.wait_for(ConnectionWatch::Wait::rest_of_message);
    EXPECT_EQ(watch.complaint(60'000), nullptr);
    EXPECT_EQ(watch.complaint(60'000 + kLong), std::string("has stopped in the middle of a message"));

    watch.active(90'000);
    watch.wait_for(ConnectionWatch::Wait::send_buffer);
    EXPECT_EQ(watch.complaint(90'000 + kLong), std::string("does not take the answers that are sent to it"));
}

TEST(ConnectionWatch, AClientMayThink) {
    ConnectionWatch watch(0);
    watch.active(1000);
    watch.wait_for(ConnectionWatch::Wait::request);
    EXPECT_EQ(watch.complaint(1000 + 10 * kLong), nullptr);
    EXPECT_EQ(watch.last_activity_ms(), 1000);
}

}  // namespace
}  // namespace ferraris::twin
