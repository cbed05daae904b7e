// Covers, magnets and the battery: levels in, events out.
#include "meter/event/input_monitor.hpp"

#include <gtest/gtest.h>

namespace ferraris::meter {
namespace {

using board::Input;

board::Inputs with(Input input) {
    board::Inputs inputs;
    inputs.levels.set(input, true);
    return inputs;
}

TEST(InputMonitor, EachCoverHasItsEvents) {
    constexpr std::array<std::pair<Input, Condition>, 4> kCovers{{
        {Input::meter_cover, {Event::meter_cover_removed, Event::meter_cover_closed}},
        {Input::terminal_cover, {Event::terminal_cover_removed, Event::terminal_cover_closed}},
        {Input::battery_cover, {Event::battery_cover_removed, Event::battery_cover_closed}},
        {Input::ripple_relay_cover, {Event::ripple_relay_cover_removed, Event::ripple_relay_cover_closed}},
    }};
    for (const auto& [input, condition] : kCovers) {
        InputMonitor monitor;
        Occurrences due;
        monitor.sense(with(input));
        monitor.tick(0, due);
        ASSERT_EQ(due.size(), 1U);
        EXPECT_EQ(due[0].event, condition.began);
        monitor.tick(condition_bit(condition.began), due);
        EXPECT_EQ(due.size(), 1U) << "once";
        monitor.sense({});
        monitor.tick(condition_bit(condition.began), due);
        ASSERT_EQ(due.size(), 2U);
        EXPECT_EQ(due[1].event, condition.ended);
    }
}

TEST(InputMonitor, AMagnetHasToStay) {
    InputMonitor monitor;
    Occurrences due;
    monitor.sense(with(Input::magnet));
    monitor.tick(0, due);
    monitor.tick(0, due);
    monitor.sense({});
    monitor.tick(0, due);
    monitor.sense(with(Input::magnet));
    monitor.tick(0, due);
    monitor.tick(0, due);
    EXPECT_TRUE(due.empty()) << "passed by twice";
    monitor.tick(0, due);
    ASSERT_EQ(due.size(), 1U);
    EXPECT_EQ(due[0].event, Event::magnetic_field_began);
}

TEST(InputMonitor, ABatteryRunsDownAndIsReplaced) {
    InputMonitor monitor;
    std::uint32_t conditions = 0;
    const auto after = [&](std::uint16_t millivolts, int seconds) {
        Occurrences due;
        board::Inputs inputs;
        inputs.battery_millivolts = millivolts;
        monitor.sense(inputs);
        for (int i = 0; i < seconds; ++i) monitor.tick(conditions, due);
        return due;
    };
    EXPECT_TRUE(after(3100, 100).empty());
    EXPECT_TRUE(after(3000, 9).empty()) << "a dip while the radio sends";
    Occurrences low = after(3000, 1);
    ASSERT_EQ(low.size(), 1U);
    EXPECT_EQ(low[0].event, Event::battery_low);
    EXPECT_EQ(low[0].value, 3000);
    conditions = condition_bit(Event::battery_low);
    EXPECT_TRUE(after(3150, 100).empty()) << "within the hysteresis";
    EXPECT_EQ(after(2699, 10)[0].event, Event::replace_battery);
    conditions |= condition_bit(Event::replace_battery);
    const Occurrences replaced = after(3600, 10);
    ASSERT_EQ(replaced.size(), 2U);
    EXPECT_EQ(replaced[0].event, Event::battery_normal);
    EXPECT_EQ(replaced[1].event, Event::battery_replaced);
}

TEST(InputMonitor, WhatABoardLatchedComesWithItsTime) {
    InputMonitor monitor;
    board::LatchedChanges changes;
    ASSERT_TRUE(changes.push_back({Input::terminal_cover, true, UtcTime::from_seconds(1000)}));
    ASSERT_TRUE(changes.push_back({Input::terminal_cover, false, UtcTime::from_seconds(1600)}));
    ASSERT_TRUE(changes.push_back({Input::terminal_cover, false, UtcTime::from_seconds(1700)}));
    monitor.latch(changes);
    Occurrences due;
    monitor.power_up(0, 5000, due);
    ASSERT_EQ(due.size(), 2U) << "a cover that is on cannot be put on";
    EXPECT_EQ(due[0].event, Event::terminal_cover_removed);
    EXPECT_EQ(due[0].stamp, 1005U) << "by the meter's clock, which is 5 s ahead";
    EXPECT_EQ(due[1].event, Event::terminal_cover_closed);
    EXPECT_EQ(due[1].stamp, 1605U);
    due.clear();
    monitor.power_up(0, 0, due);
    EXPECT_TRUE(due.empty()) << "told once";
}

TEST(InputMonitor, WithoutALatchThePresentLevelTells) {
    InputMonitor monitor;
    monitor.sense(with(Input::meter_cover));
    Occurrences due;
    monitor.power_up(0, 0, due);
    ASSERT_EQ(due.size(), 1U);
    EXPECT_EQ(due[0].event, Event::meter_cover_removed);
    EXPECT_EQ(due[0].stamp, 0U) << "now: nobody saw when";
    due.clear();
    monitor.power_up(condition_bit(Event::meter_cover_removed), 0, due);
    EXPECT_TRUE(due.empty()) << "it was off before power went";
}

}  // namespace
}  // namespace ferraris::meter
