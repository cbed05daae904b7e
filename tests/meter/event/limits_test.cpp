// Limits second by second: threshold, hysteresis, delay, and what is recorded.
#include "meter/event/limits.hpp"

#include <gtest/gtest.h>

#include <vector>

#include "meter/memory_flash.hpp"
#include "meter/store/layout.hpp"

namespace ferraris::meter {
namespace {

using metrology::Measurement;

/// Monitors as the instrument does: what has begun holds until it has ended.
class LimitsTest : public ::testing::Test {
protected:
    std::vector<Occurrence> run(std::uint32_t seconds, const Measurement& measurement) {
        std::vector<Occurrence> told;
        for (std::uint32_t i = 0; i < seconds; ++i) {
            Occurrences due;
            monitor_.tick(measurement, conditions_, due);
            for (const Occurrence& each : due) {
                for (const Condition& condition : kConditions) {
                    if (condition.began == each.event) conditions_ |= condition_bit(condition.began);
                    if (condition.ended == each.event) conditions_ &= ~condition_bit(condition.began);
                }
                told.push_back(each);
            }
        }
        return told;
    }
    std::vector<Occurrence> at_volts(std::uint32_t seconds, std::uint32_t millivolts) {
        Measurement measurement;
        measurement.voltage_millivolts = millivolts;
        return run(seconds, measurement);
    }
    void set(std::size_t index, const Limit& limit) {
        ASSERT_TRUE(parameters_.recover());
        ASSERT_TRUE(monitor_.store(parameters_, index, limit));
    }

    testing::MemoryFlash flash_;
    ParameterStore parameters_{flash_, kParameterRegion};
    LimitMonitor monitor_;
    std::uint32_t conditions_{0};
};

TEST_F(LimitsTest, ANormalSupplyTellsNothing) { EXPECT_TRUE(at_volts(3600, 230'000).empty()); }

TEST_F(LimitsTest, AnUndervoltageHasToLast) {
    EXPECT_TRUE(at_volts(59, 206'000).empty());
    EXPECT_TRUE(at_volts(1, 207'000).empty()) << "on the threshold is not below it";
    EXPECT_TRUE(at_volts(59, 206'000).empty()) << "each time it counts anew";
    const auto told = at_volts(1, 205'120);
    ASSERT_EQ(told.size(), 1U);
    EXPECT_EQ(told[0].event, Event::undervoltage);
    EXPECT_EQ(told[0].value, 20'512) << "the voltage of now";
}

TEST_F(LimitsTest, AnUndervoltageEndsBehindItsHysteresis) {
    (void)at_volts(70, 206'000);
    (void)at_volts(1, 203'000);
    EXPECT_TRUE(at_volts(300, 209'200).empty()) << "207.00 V and 2.30 V";
    const auto told = at_volts(60, 209'300);
    ASSERT_EQ(told.size(), 1U);
    EXPECT_EQ(told[0].event, Event::voltage_normal);
    EXPECT_EQ(told[0].value, 20'300) << "the least of all the time";
    EXPECT_EQ(told[0].duration_cs, 37'100U) << "without the time for which it had to be good";
    EXPECT_EQ(monitor_.last_extreme(0), 20'300U);
}

TEST_F(LimitsTest, TiersBeginAndEndByThemselves) {
    const auto sinks = at_volts(60, 190'000);
    ASSERT_EQ(sinks.size(), 2U);
    EXPECT_EQ(sinks[0].event, Event::deep_undervoltage_began) << "after 10 s";
    EXPECT_EQ(sinks[1].event, Event::undervoltage) << "after 60 s";
    const auto recovers = at_volts(10, 200'000);
    ASSERT_EQ(recovers.size(), 1U);
    EXPECT_EQ(recovers[0].event, Event::deep_undervoltage_ended);
    EXPECT_NE(conditions_ & condition_bit(Event::undervoltage), 0U);
}

TEST_F(LimitsTest, Overvoltage) {
    const auto rises = at_volts(60, 270'000);
    ASSERT_EQ(rises.size(), 2U);
    EXPECT_EQ(rises[0].event, Event::high_overvoltage_began) << "after 3 s";
    EXPECT_EQ(rises[1].event, Event::overvoltage);
    EXPECT_EQ(rises[1].value, 27'000);
    EXPECT_TRUE(at_volts(60, 251'000).size() == 1) << "above 250.70 V, only the high one ends";
    EXPECT_EQ(at_volts(60, 250'700).at(0).event, Event::voltage_normal);
}

TEST_F(LimitsTest, WhatIsOffTellsNothing) {
    Measurement measurement;
    measurement.voltage_millivolts = 230'000;
    measurement.active_power_milliwatts = 17'000'000;
    EXPECT_TRUE(run(600, measurement).empty()) << "nobody has said what was contracted";
    set(kContractedPowerLimit, {16'000'000, 100'000, 60});
    const auto told = run(60, measurement);
    ASSERT_EQ(told.size(), 1U);
    EXPECT_EQ(told[0].event, Event::limiter_exceeded);
    EXPECT_EQ(told[0].value, 17'000'000);
    set(kContractedPowerLimit, {0, 100'000, 60});
    const auto ended = run(1, measurement);
    ASSERT_EQ(ended.size(), 1U) << "at once";
    EXPECT_EQ(ended[0].event, Event::limiter_ok);
}

TEST_F(LimitsTest, WhatIsNotKnownTellsNothing) {
    Measurement measurement;
    measurement.voltage_millivolts = 230'000;
    measurement.frequency_millihertz = 48'000;
    EXPECT_EQ(run(10, measurement).at(0).event, Event::frequency_low);
    measurement.frequency_millihertz = 0;
    EXPECT_TRUE(run(600, measurement).empty()) << "no cycle to measure it on";
    measurement.frequency_millihertz = 50'000;
    EXPECT_EQ(run(10, measurement).at(0).event, Event::frequency_low_ended);
}

TEST_F(LimitsTest, AReversedCurrent) {
    Measurement measurement;
    measurement.voltage_millivolts = 230'000;
    measurement.active_power_milliwatts = -30'000;
    EXPECT_EQ(run(30, measurement).at(0).event, Event::current_reversal);
    measurement.active_power_milliwatts = 500'000;
    const auto told = run(30, measurement);
    ASSERT_EQ(told.size(), 1U);
    EXPECT_EQ(told[0].event, Event::current_direction_normal);
    EXPECT_EQ(told[0].value, 30'000);
    EXPECT_EQ(told[0].duration_cs, 3'000U);
}

TEST_F(LimitsTest, LimitsSurviveALossOfPower) {
    set(2, {25'000, 100, 7});
    ParameterStore again(flash_, kParameterRegion);
    ASSERT_TRUE(again.recover());
    LimitMonitor monitor;
    monitor.recover(again);
    EXPECT_EQ(monitor.limit(2), (Limit{25'000, 100, 7}));
    EXPECT_EQ(monitor.limit(0), kLimits[0].usual);
}

}  // namespace
}  // namespace ferraris::meter
