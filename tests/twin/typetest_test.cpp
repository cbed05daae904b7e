#include "twin/typetest.hpp"

#include <gtest/gtest.h>

#include <cmath>
#include <numbers>

#include "twin/typetest_limits.hpp"

namespace ferraris::twin {
namespace {

TEST(TypeTest, BothSpecimensHoldTheirClassesAndTheIdealOneTheTargets) {
    std::size_t done = 0;
    const TypeTestReport report = run_type_test(Rating{}, [&done](std::size_t now, std::size_t) { done = now; });
    ASSERT_EQ(report.specimens.size(), 2U);
    EXPECT_EQ(done, report.specimens[0].tables.size() + report.specimens[1].tables.size());
    EXPECT_TRUE(report.is_passed());
    for (const SpecimenReport& specimen : report.specimens) {
        for (const TestTable& table : specimen.tables) {
            ASSERT_FALSE(table.points.empty()) << table.title;
            for (const TestPoint& point : table.points) {
                SCOPED_TRACE(specimen.front_end + ", " + table.title + ", " + point.name);
                EXPECT_TRUE(std::isfinite(point.measured));
                for (const AccuracyClass c :
                     {AccuracyClass::a, AccuracyClass::b, AccuracyClass::c, AccuracyClass::reactive_2}) {
                    EXPECT_TRUE(point.passes(c).value_or(true)) << point.amperes << " A: " << point.measured;
                }
                EXPECT_TRUE(point.meets_target().value_or(true)) << point.amperes << " A: " << point.measured;
            }
        }
    }
    EXPECT_TRUE(report.specimens[0].meets_targets().has_value());
    EXPECT_FALSE(report.specimens[1].meets_targets().has_value());
}

TEST(TypeTest, AMeterThatWasNotCalibratedFails) {
    TypeTestBench bench(residential_front_end(), Rating{}, false);
    const TestSignal half = sine(230, 5, std::numbers::pi / 3, 50);
    // Gains: 1.013 * 0.979 = 0.9917; phase: 0.1 degrees at PF 0.5.
    const double truth =
        (1.013 * 0.979 * std::cos(std::numbers::pi / 3 + 0.1 * std::numbers::pi / 180) / 0.5 - 1) * 100;
    EXPECT_NEAR(bench.errors(half, 4).active, truth, 0.01);
    EXPECT_GT(std::abs(truth), 1.0);
}

TEST(TypeTest, LimitsOfTheLoadCurves) {
    const Rating rating;
    const auto b = [](const Limits& limits) { return limits[static_cast<std::size_t>(AccuracyClass::b)]; };
    const auto two = [](const Limits& limits) { return limits[static_cast<std::size_t>(AccuracyClass::reactive_2)]; };
    EXPECT_EQ(b(load_limits(rating, 0.2, 1)), std::nullopt);
    EXPECT_EQ(b(load_limits(rating, 0.25, 1)), 1.5);
    EXPECT_EQ(b(load_limits(rating, 0.25, 0.5)), std::nullopt);
    EXPECT_EQ(b(load_limits(rating, 0.5, 0.5)), 1.0);
    EXPECT_EQ(b(load_limits(rating, 80, 0.8)), 1.0);
    EXPECT_EQ(two(reactive_load_limits(rating, 0.2, 1)), std::nullopt);
    EXPECT_EQ(two(reactive_load_limits(rating, 0.25, 1)), 2.5);
    EXPECT_EQ(two(reactive_load_limits(rating, 0.5, 1)), 2.0);
    EXPECT_EQ(two(reactive_load_limits(rating, 0.25, 0.5)), std::nullopt);
    EXPECT_EQ(two(reactive_load_limits(rating, 0.5, 0.5)), 2.5);
    EXPECT_EQ(two(reactive_load_limits(rating, 1, 0.5)), 2.0);
    EXPECT_EQ(two(reactive_load_limits(rating, 0.5, 0.25)), std::nullopt);
    EXPECT_EQ(two(reactive_load_limits(rating, 1, 0.25)), 2.5);
}

/// Mean of voltage times current over `cycles`, by brute force.
double brute_power(const TestSignal& signal, int cycles) {
    constexpr int kSteps = 20'000;
    double sum = 0;
    for (int k = 0; k < kSteps * cycles; ++k) {
        const double time_s = (k + 0.5) / kSteps / signal.frequency_hz;
        sum += signal.voltage_at(time_s) * signal.current_at(time_s);
    }
    return sum / kSteps / cycles;
}

TEST(TestSignal, PowersFollowFromTheDefinition) {
    for (const TestSignal& signal : {sine(230, 5, 1, 50), fifth_harmonic(230, 40, 50), half_wave(230, 40, 50, 1800),
                                     phase_fired(230, 40, 60, 1800), burst(230, 10, 50)}) {
        EXPECT_NEAR(signal.active_power_w(), brute_power(signal, 4), std::abs(signal.active_power_w()) * 1e-7);
    }
    EXPECT_NEAR(sine(230, 5, 1, 50).reactive_power_var(), 1150 * std::sin(1), 1e-9);
    // Half of a half: a wave that is fired at 90 degrees carries half the power.
    EXPECT_NEAR(phase_fired(230, 40, 50, 1800).active_power_w(), 230 * 40 / 2.0, 1e-6);
    EXPECT_NEAR(half_wave(230, 40, 50, 1800).active_power_w(), 230 * 40 / 2.0, 1e-6);
    EXPECT_NEAR(fifth_harmonic(230, 40, 50).active_power_w(), 230 * 40 * 1.04, 1e-6);
}

TEST(TestSignal, WaveformsHaveTheirShape) {
    const TestSignal rectified = half_wave(230, 40, 50, 25'000);
    EXPECT_NEAR(rectified.current_at(0.005), 40 * std::numbers::sqrt2, 0.1);
    EXPECT_NEAR(rectified.current_at(0.015), 0, 0.1);
    const TestSignal fired = phase_fired(230, 40, 50, 100'000);
    EXPECT_NEAR(fired.current_at(0.0025), 0, 0.5);
    EXPECT_NEAR(fired.current_at(0.0075), 40, 0.5);
    EXPECT_NEAR(fired.current_at(0.0125), 0, 0.5);
    EXPECT_NEAR(fired.current_at(0.0175), -40, 0.5);
}

TEST(FrontEnd, QuantisesAddsNoiseAndDrifts) {
    FrontEndModel model;
    FrontEnd ideal(model);
    EXPECT_EQ(ideal.convert(200, -80, 23).voltage, 1 << 22);
    EXPECT_EQ(ideal.convert(200, -80, 23).current, -(1 << 22));
    EXPECT_EQ(ideal.convert(1000, -1000, 23).voltage, (1 << 23) - 1);
    EXPECT_EQ(ideal.convert(1000, -1000, 23).current, -(1 << 23));

    model.voltage_drift_per_kelvin = 100e-6;
    EXPECT_EQ(FrontEnd(model).convert(200, 0, 33).voltage, std::lround((1 << 22) * 1.001));

    model.signal_to_noise_db = 90;
    FrontEnd noisy(model);
    double squares = 0;
    constexpr int kSamples = 100'000;
    for (int k = 0; k < kSamples; ++k) squares += std::pow(noisy.convert(0, 0, 23).current, 2);
    const double expected = (1 << 23) / std::numbers::sqrt2 * std::pow(10, -90 / 20.0);
    EXPECT_NEAR(std::sqrt(squares / kSamples), expected, expected * 0.02);

    FrontEnd again(model);
    FrontEnd same(model);
    for (int k = 0; k < 100; ++k) EXPECT_EQ(again.convert(1, 1, 23).current, same.convert(1, 1, 23).current);
}

}  // namespace
}  // namespace ferraris::twin
