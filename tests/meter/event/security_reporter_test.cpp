// Attacks fill neither log nor flash.
#include "meter/event/security_reporter.hpp"

#include <gtest/gtest.h>

namespace ferraris::meter {
namespace {

using dlms::SecurityEvent;

TEST(SecurityReporter, TheFirstAtOnceAndTheOthersCounted) {
    SecurityReporter reporter;
    Occurrences due;
    reporter.happened(SecurityEvent::replay_refused, {1'000'000}, due);
    ASSERT_EQ(due.size(), 1U);
    EXPECT_EQ(due[0].event, Event::replay_attack);
    EXPECT_EQ(due[0].value, 1);
    for (int i = 0; i < 500; ++i) reporter.happened(SecurityEvent::replay_refused, {1'000'000 + i * 100}, due);
    EXPECT_EQ(due.size(), 1U) << "within a minute";
    reporter.tick({1'059'999}, due);
    EXPECT_EQ(due.size(), 1U);
    reporter.tick({1'060'000}, due);
    ASSERT_EQ(due.size(), 2U);
    EXPECT_EQ(due[1].value, 500);
    reporter.tick({2'000'000}, due);
    EXPECT_EQ(due.size(), 2U) << "nothing more to tell";
}

TEST(SecurityReporter, EachKindByItself) {
    SecurityReporter reporter;
    Occurrences due;
    reporter.happened(SecurityEvent::authentication_failed, {5000}, due);
    reporter.happened(SecurityEvent::deciphering_failed, {5000}, due);
    reporter.happened(SecurityEvent::association_released, {5000}, due);
    ASSERT_EQ(due.size(), 2U);
    EXPECT_EQ(due[0].event, Event::authentication_failed);
    EXPECT_EQ(due[1].event, Event::deciphering_failed);
}

}  // namespace
}  // namespace ferraris::meter
