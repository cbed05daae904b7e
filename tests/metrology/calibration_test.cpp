#include "metrology/calibration.hpp"

#include <gtest/gtest.h>

#include <cmath>

#include "metrology/synthetic_mains.hpp"

namespace ferraris::metrology {
namespace {

TEST(Calibration, TwoPointsSetGainAndPhase) {
    constexpr double kVoltageGain = 1.03;
    constexpr double kCurrentGain = 0.96;
    constexpr double kLag_s = 11e-6;  // 0.2 degrees
    const auto measured = [](const Calibration& calibration, double angle) {
        SyntheticMains mains(4000, 24);
        mains.configuration.calibration = calibration;
        mains.voltage = {{1, 230 * kVoltageGain, 0}};
        mains.current = {{1, 5 * kCurrentGain, -angle - 2 * std::numbers::pi * 50 * kLag_s}};
        Processor processor(mains.configuration);
        (void)mains.run(processor, 1);
        return mains.run(processor, 2);
    };
    const double half = std::numbers::pi / 3;
    Calibration calibration = SyntheticMains(4000, 24).configuration.calibration;
    calibration = calibrate_gain(calibration, measured(calibration, 0), {230'000, 1'150'000, 0, 50'000});
    calibration = calibrate_phase(calibration, measured(calibration, half),
                                  {230'000, 575'000, std::lround(1150e3 * std::sin(half)), 50'000});
    EXPECT_NEAR(calibration.current_lag_nanoseconds, 11'000, 5);
    const Measurement m = measured(calibration, half);
    EXPECT_NEAR(m.voltage_millivolts, 230'000, 5);
    EXPECT_NEAR(static_cast<double>(m.active_power_milliwatts), 575'000, 575'000 * 1e-4);
    EXPECT_NEAR(static_cast<double>(m.reactive_power_millivars), 1150e3 * std::sin(half), 1150e3 * 1e-4);
}

TEST(Calibration, ADeadMeterIsLeftAlone) {
    const Calibration before;
    const Calibration after = calibrate_gain(before, Measurement{}, {230'000, 1'150'000, 0, 50'000});
    EXPECT_EQ(after.picovolts_per_count, before.picovolts_per_count);
    EXPECT_EQ(after.picoamperes_per_count, before.picoamperes_per_count);
}

}  // namespace
}  // namespace ferraris::metrology
