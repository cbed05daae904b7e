#include "twin/real_time_clock.hpp"

#include <gtest/gtest.h>

#include <cmath>
#include <random>

#include "meter/fixture.hpp"
#include "twin/simulation.hpp"

namespace ferraris::twin {
namespace {

constexpr int kDay = 86400;
constexpr UtcTime kFrom = utc_from_civil({2026, 1, 15, 0, 0, 0, 0});

/// Seconds gained in a day.
double drift(RealTimeClock& clock, double celsius) {
    const std::int64_t before = clock.now().milliseconds;
    for (int i = 0; i < kDay; ++i) clock.second(celsius, true);
    return static_cast<double>(clock.now().milliseconds - before - kDay * 1000LL) / 1000.0;
}

/// IEC 62054-21, 7.5.
double limit(double celsius) { return 0.5 + 0.05 * std::abs(celsius - 23.0); }

TEST(RealTimeClock, KeepsTheTimeWithinTheStandard) {
    std::mt19937 random(1);
    const auto within = [&](double least, double most) {
        return std::uniform_real_distribution<double>(least, most)(random);
    };
    for (int specimen = 0; specimen < 20; ++specimen) {
        CrystalSettings settings;
        settings.offset_ppm = within(-20, 20);
        settings.turnover_celsius = within(23, 27);
        settings.parabola_ppm_per_k2 = within(-0.040, -0.028);
        settings.calibration_error_ppm = within(-1, 1);
        settings.sensor_error_celsius = within(-1, 1);
        RealTimeClock clock(settings, kFrom);
        for (const double celsius : {-40.0, -10.0, 23.0, 45.0, 70.0}) {
            EXPECT_LE(std::abs(drift(clock, celsius)), limit(celsius)) << specimen << " at " << celsius;
        }
    }
}

TEST(RealTimeClock, WouldNotWithoutCompensation) {
    CrystalSettings settings;
    settings.compensated = false;
    RealTimeClock clock(settings, kFrom);
    // 12 ppm less 0.034 * 4 of a day of 86,400 s.
    EXPECT_NEAR(drift(clock, 23), (12 - 0.136) * kDay * 1e-6, 0.002);
    EXPECT_GT(std::abs(drift(clock, 23)), limit(23));
    // At -40 degrees: 12 - 0.034 * 65^2 ppm.
    EXPECT_NEAR(drift(clock, -40), (12 - 143.65) * kDay * 1e-6, 0.002);
}

TEST(RealTimeClock, LosesNoFractionOverAYear) {
    CrystalSettings settings;
    settings.compensated = false;
    settings.offset_ppm = 0.001;
    settings.parabola_ppm_per_k2 = 0;
    RealTimeClock clock(settings, kFrom);
    for (int i = 0; i < 365 * kDay / 24; ++i) clock.second(25, true);
    // A thousandth of a ppm of 1,314,000 s is 1.3 ms.
    EXPECT_EQ(clock.now().milliseconds - kFrom.milliseconds, 1'314'000LL * 1000 + 1);
}

TEST(RealTimeClock, LivesOnItsBatteryAndSaysWhenItDidNot) {
    CrystalSettings settings;
    settings.battery_seconds = 1000;
    RealTimeClock clock(settings, kFrom);
    for (int i = 0; i < 901; ++i) clock.second(23, false);
    EXPECT_TRUE(clock.kept());
    EXPECT_TRUE(clock.battery_low());
    clock.change_battery();
    EXPECT_FALSE(clock.battery_low());
    for (int i = 0; i < 1000; ++i) clock.second(23, false);
    EXPECT_TRUE(clock.kept());
    const UtcTime stood_at = clock.now();
    for (int i = 0; i < 500; ++i) clock.second(23, false);
    EXPECT_FALSE(clock.kept());
    EXPECT_EQ(clock.now(), stood_at) << "it stood still";
    // Power is back: the meter hears of it, and has no valid time until somebody sets it.
    meter::testing::Bench bench;
    bench.meter = std::make_unique<meter::Meter>(bench.flash, *bench.crypto,
                                                 meter::MeterIdentity::from_serial_number(1), bench.factory);
    ASSERT_TRUE(bench.meter->start(clock.now(), clock.take_kept()));
    EXPECT_FALSE(bench.meter->instrument().clock.valid());
    EXPECT_TRUE(clock.kept()) << "told once";
    clock.second(23, true);
    EXPECT_GT(clock.now(), stood_at);
}

TEST(RealTimeClock, DrivesTheMeterOfASimulation) {
    class Constant final : public Load {
    public:
        metrology::Measurement second(UtcTime) override { return measure_second({230'000, 0, 50'000, 1'000'000, 0}); }
    };
    meter::testing::Bench bench(kFrom);
    Constant load;
    Simulation simulation(*bench.meter, load, kFrom);
    CrystalSettings settings;
    settings.compensated = false;
    simulation.use_clock(RealTimeClock(settings, kFrom));
    simulation.set_temperature(-20);
    simulation.run(6 * 3600);
    // 12 ppm less 0.034 * 45^2: 56.85 ppm slow, 1.228 s in six hours.
    EXPECT_NEAR(static_cast<double>(bench.meter->clock().milliseconds - simulation.now().milliseconds), -1228, 2);
    EXPECT_EQ(bench.watthours(1), 6000U) << "a slow clock costs no energy";
    simulation.skip(3600);
    EXPECT_TRUE(simulation.clock()->kept());
    EXPECT_NEAR(static_cast<double>(simulation.board().milliseconds - simulation.now().milliseconds), -1433, 2);
}

}  // namespace
}  // namespace ferraris::twin
