// Sags, swells and interruptions cycle by cycle, from samples.
#include "metrology/disturbance.hpp"

#include <gtest/gtest.h>

#include <vector>

#include "metrology/synthetic_mains.hpp"

namespace ferraris::metrology {
namespace {

/// A mains whose voltage changes when told, measured second by second.
class DisturbanceTest : public ::testing::Test {
protected:
    void at_volts(double rms, double cycles) {
        mains_.voltage = {{1, rms, 0}};
        const double until = mains_.time_s() + cycles / mains_.frequency_hz;
        while (mains_.time_s() < until) {
            if (!mains_.step(processor_).second_elapsed) continue;
            last_ = processor_.take_measurement();
            for (const Disturbance& each : last_.disturbances) told_.push_back(each);
        }
    }

    SyntheticMains mains_{4000, 24};
    Processor processor_{mains_.configuration};
    Measurement last_;
    std::vector<Disturbance> told_;
};

TEST_F(DisturbanceTest, AGoodVoltageTellsItsExtremesOnly) {
    at_volts(230, 150);
    EXPECT_TRUE(told_.empty());
    EXPECT_NEAR(last_.least_cycle_millivolts, 230'000, 30);
    EXPECT_NEAR(last_.greatest_cycle_millivolts, 230'000, 30);
}

TEST_F(DisturbanceTest, ASagOfFiveCycles) {
    at_volts(230, 100);
    at_volts(120, 5);
    at_volts(230, 100);
    ASSERT_EQ(told_.size(), 1U);
    EXPECT_EQ(told_[0].kind, DisturbanceKind::sag);
    EXPECT_NEAR(told_[0].extreme_millivolts, 120'000, 300);
    EXPECT_NEAR(told_[0].duration_milliseconds, 100, 21) << "a cycle more or less: it begins within one";
}

TEST_F(DisturbanceTest, ASwellThatLastsForSeconds) {
    at_volts(230, 100);
    at_volts(280, 160);
    EXPECT_TRUE(told_.empty()) << "until it is over";
    EXPECT_NEAR(last_.greatest_cycle_millivolts, 280'000, 300);
    at_volts(230, 100);
    ASSERT_EQ(told_.size(), 1U);
    EXPECT_EQ(told_[0].kind, DisturbanceKind::swell);
    EXPECT_NEAR(told_[0].extreme_millivolts, 280'000, 300);
    EXPECT_NEAR(told_[0].duration_milliseconds, 3200, 21);
}

TEST_F(DisturbanceTest, AnInterruption) {
    at_volts(230, 100);
    at_volts(2, 20);
    at_volts(230, 100);
    ASSERT_EQ(told_.size(), 1U);
    EXPECT_EQ(told_[0].kind, DisturbanceKind::interruption);
    EXPECT_NEAR(told_[0].extreme_millivolts, 2'000, 200);
    EXPECT_NEAR(told_[0].duration_milliseconds, 400, 41);
}

TEST_F(DisturbanceTest, TheHysteresisKeepsOneSagTogether) {
    at_volts(230, 100);
    for (int i = 0; i < 3; ++i) {
        at_volts(205, 10);
        at_volts(209, 10);
    }
    EXPECT_TRUE(told_.empty());
    at_volts(230, 100);
    ASSERT_EQ(told_.size(), 1U);
    EXPECT_NEAR(told_[0].duration_milliseconds, 1200, 21);
    EXPECT_NEAR(told_[0].extreme_millivolts, 205'000, 300);
}

TEST_F(DisturbanceTest, LimitsCanBeSetAndSwitchedOff) {
    processor_.set_disturbance_limits({190'000, 0, 11'500, 4'600});
    at_volts(230, 100);
    at_volts(200, 10);
    at_volts(280, 10);
    at_volts(230, 10);
    at_volts(180, 10);
    at_volts(230, 100);
    ASSERT_EQ(told_.size(), 1U);
    EXPECT_NEAR(told_[0].extreme_millivolts, 180'000, 300);
}

TEST_F(DisturbanceTest, SeveralInOneSecond) {
    at_volts(230, 100);
    for (int i = 0; i < 3; ++i) {
        at_volts(180, 3);
        at_volts(230, 6);
    }
    at_volts(230, 100);
    EXPECT_EQ(told_.size(), 3U);
}

TEST_F(DisturbanceTest, LevelsHoldAtOtherTemperatures) {
    mains_.configuration.calibration.voltage_ppb_per_kelvin = 50'000;
    processor_ = Processor(mains_.configuration);
    processor_.set_temperature(63'000);
    at_volts(230, 100);
    // The divider counts 0.2 % more at 63 °C: what looks like 207.2 V is 206.8 V.
    at_volts(207.2, 10);
    at_volts(230, 100);
    ASSERT_EQ(told_.size(), 1U);
    EXPECT_NEAR(told_[0].extreme_millivolts, 206'786, 60);
}

}  // namespace
}  // namespace ferraris::metrology
