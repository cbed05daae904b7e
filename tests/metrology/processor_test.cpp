#include "metrology/processor.hpp"

#include <gtest/gtest.h>
#include <rapidcheck.h>

#include "metrology/synthetic_mains.hpp"

namespace ferraris::metrology {
namespace {

constexpr double kPi = std::numbers::pi;

/// Within `percent` of the truth.
void expect_close(double value, double truth, double percent) {
    EXPECT_NEAR(value, truth, std::abs(truth) * percent / 100);
}

TEST(Processor, MeasuresSinesAtEveryRateResolutionAndFrequency) {
    for (const double rate : {3000.0, 4000.0, 6400.0, 8012.5, 16000.0}) {
        for (const int bits : {16, 20, 24}) {
            for (const double frequency : {49.0, 50.0, 50.37, 51.0, 58.8, 60.0, 61.2}) {
                SCOPED_TRACE(testing::Message() << rate << " Hz, " << bits << " bits, mains " << frequency << " Hz");
                SyntheticMains mains(rate, bits);
                mains.frequency_hz = frequency;
                mains.current = {{1, 10, -kPi / 3}};
                Processor processor(mains.configuration);
                const Measurement m = mains.run(processor, 3);
                expect_close(m.voltage_millivolts, 230e3, 0.01);
                expect_close(m.current_microamperes, 10e6, 0.02);
                EXPECT_NEAR(m.frequency_millihertz, frequency * 1000, 1.0);
                expect_close(static_cast<double>(m.active_power_milliwatts), 1150e3, 0.02);
                expect_close(static_cast<double>(m.reactive_power_millivars), 2300e3 * std::sin(kPi / 3), 0.02);
                expect_close(static_cast<double>(m.reactive_classical_millivars), 2300e3 * std::sin(kPi / 3), 0.02);
                expect_close(static_cast<double>(m.apparent_power_millivoltamperes), 2300e3, 0.02);
                EXPECT_NEAR(m.power_factor_millionths, 500'000, 150);
                EXPECT_EQ(m.quadrant, Quadrant::q1);
            }
        }
    }
}

TEST(Processor, NoActivePowerLeaksIntoEitherReactivePower) {
    for (const double frequency : {49.0, 50.0, 51.0, 58.8, 61.2}) {
        SyntheticMains mains(4000, 24);
        mains.frequency_hz = frequency;
        mains.current = {{1, 20, 0}};
        Processor processor(mains.configuration);
        const Measurement m = mains.run(processor, 4);
        EXPECT_NEAR(static_cast<double>(m.reactive_power_millivars), 0, 4600e3 * 1e-5);
        EXPECT_NEAR(static_cast<double>(m.reactive_classical_millivars), 0, 4600e3 * 1e-5);
    }
}

TEST(Processor, TellsFundamentalFromClassicalReactivePower) {
    SyntheticMains mains(4000, 24);
    mains.voltage = {{1, 230, 0}, {5, 23, 0}};
    mains.current = {{1, 10, -kPi / 6}, {5, 4, -kPi / 2}};
    Processor processor(mains.configuration);
    const Measurement m = mains.run(processor, 3);
    expect_close(static_cast<double>(m.reactive_power_millivars), 1150e3, 0.01);
    expect_close(static_cast<double>(m.reactive_classical_millivars), 1150e3 + 92e3, 0.1);
    expect_close(static_cast<double>(m.active_power_milliwatts), 2300e3 * std::cos(kPi / 6), 0.01);
    EXPECT_NEAR(m.thd_voltage_hundredths_percent, 1000, 2);
    EXPECT_NEAR(m.thd_current_hundredths_percent, 4000, 4);
}

TEST(Processor, PureSineHasNoDistortion) {
    for (const double frequency : {49.13, 50.0, 61.07}) {
        SyntheticMains mains(4000, 24);
        mains.frequency_hz = frequency;
        mains.current = {{1, 5, 0}};
        Processor processor(mains.configuration);
        const Measurement m = mains.run(processor, 4);
        EXPECT_LE(m.thd_voltage_hundredths_percent, 10U);
        EXPECT_LE(m.thd_current_hundredths_percent, 10U);
    }
}

TEST(Processor, FrequencyToAMillihertzAtOnceAfterAJump) {
    SyntheticMains mains(4000, 24);
    mains.current = {{1, 5, 0}};
    Processor processor(mains.configuration);
    (void)mains.run(processor, 2);
    mains.samples = 0;  // where the phase is, too
    mains.frequency_hz = 50.517;
    (void)mains.run(processor, 1);
    EXPECT_NEAR(mains.run(processor, 1).frequency_millihertz, 50'517, 1);
}

TEST(Processor, BooksEachQuadrantInItsRegister) {
    struct Case {
        double angle;
        Quadrant quadrant;
        Energy active;
        Energy reactive;
        Energy apparent;
    };
    const Case cases[] = {
        {kPi / 4, Quadrant::q1, Energy::active_import, Energy::reactive_q1, Energy::apparent_import},
        {3 * kPi / 4, Quadrant::q2, Energy::active_export, Energy::reactive_q2, Energy::apparent_export},
        {5 * kPi / 4, Quadrant::q3, Energy::active_export, Energy::reactive_q3, Energy::apparent_export},
        {7 * kPi / 4, Quadrant::q4, Energy::active_import, Energy::reactive_q4, Energy::apparent_import},
    };
    for (const Case& c : cases) {
        SyntheticMains mains(4000, 24);
        mains.current = {{1, 10, -c.angle}};
        Processor processor(mains.configuration);
        const Measurement m = mains.run(processor, 10);
        EXPECT_EQ(m.quadrant, c.quadrant);
        for (std::size_t k = 0; k < kEnergyCount; ++k) {
            const auto energy = static_cast<Energy>(k);
            double truth = 0;
            if (energy == c.apparent) truth = 2300;
            if (energy == c.active || energy == c.reactive) truth = 2300 * std::sqrt(0.5);
            // Ten seconds less the part of a cycle before the first crossing.
            EXPECT_NEAR(static_cast<double>(m.energy[energy]) * 1e-6, truth * 10, truth * 10 * 1e-4) << k;
        }
    }
}

TEST(Processor, TakesOffOffsetsThatTheCalibrationDoesNotKnow) {
    SyntheticMains mains(4000, 24);
    mains.voltage_offset_volts = 3;
    mains.current_offset_amperes = 1.5;
    mains.current = {{1, 1, 0}};
    Processor processor(mains.configuration);
    (void)mains.run(processor, 20);
    const Measurement m = mains.run(processor, 1);
    expect_close(m.voltage_millivolts, 230e3, 0.01);
    expect_close(m.current_microamperes, 1e6, 0.01);
    expect_close(static_cast<double>(m.active_power_milliwatts), 230e3, 0.01);
}

TEST(Processor, KnownOffsetsAreTakenOffFromTheFirstSample) {
    SyntheticMains mains(4000, 24);
    mains.voltage_offset_volts = 3;
    mains.current_offset_amperes = -1.5;
    mains.current = {{1, 1, 0}};
    mains.configuration.calibration.removes_offset = false;
    mains.configuration.calibration.voltage_offset_millicounts = std::llround(3 / 400.0 * (1 << 23) * 1000);
    mains.configuration.calibration.current_offset_millicounts = std::llround(-1.5 / 160.0 * (1 << 23) * 1000);
    Processor processor(mains.configuration);
    expect_close(static_cast<double>(mains.run(processor, 1).active_power_milliwatts), 230e3, 0.01);
}

TEST(Processor, LinesTheCurrentUp) {
    for (const double lag_s : {-900e-6, -100e-6, -5.6e-6, 5.6e-6, 31e-6, 250e-6, 999e-6}) {
        SyntheticMains mains(4000, 24);
        mains.configuration.calibration.current_lag_nanoseconds = static_cast<std::int32_t>(std::lround(lag_s * 1e9));
        ASSERT_EQ(check(mains.configuration), ConfigurationError::none);
        // The load lags by 60 degrees, its channel by `lag_s` more.
        mains.current = {{1, 10, -kPi / 3 - 2 * kPi * 50 * lag_s}, {5, 4, -5 * 2 * kPi * 50 * lag_s}};
        mains.voltage = {{1, 230, 0}, {5, 23, 0}};
        Processor processor(mains.configuration);
        const Measurement m = mains.run(processor, 3);
        EXPECT_NEAR(static_cast<double>(m.active_power_milliwatts), 1150e3 + 92e3, 1242e3 * 5e-4) << lag_s;
        expect_close(static_cast<double>(m.reactive_power_millivars), 2300e3 * std::sin(kPi / 3), 0.01);
    }
}

TEST(Processor, AppliesTheTemperatureCoefficients) {
    SyntheticMains mains(4000, 24);
    mains.configuration.calibration.voltage_ppb_per_kelvin = 100'000;  // 100 ppm: +0.5 % at 50 K
    mains.configuration.calibration.current_ppb_per_kelvin = -40'000;
    mains.current = {{1, 10 * (1 - 40e-6 * 50), 0}};
    mains.voltage = {{1, 230 * (1 + 100e-6 * 50), 0}};
    Processor processor(mains.configuration);
    processor.set_temperature(73'000);
    const Measurement m = mains.run(processor, 2);
    expect_close(m.voltage_millivolts, 230e3, 0.001);
    expect_close(m.current_microamperes, 10e6, 0.001);
    expect_close(static_cast<double>(m.energy[Energy::active_import]), 2300e6 * 2, 1);
}

TEST(Processor, DropsNoRemainder) {
    // However often energy is taken, and at whatever moments, the sum is the same to the microjoule.
    EXPECT_TRUE(rc::check([] {
        SyntheticMains mains(4000, 24);
        mains.frequency_hz = 50.21;
        mains.current = {{1, *rc::gen::inRange(20, 80'000) / 1000.0, *rc::gen::inRange(-31, 31) / 10.0}};
        Processor often(mains.configuration);
        Processor once(mains.configuration);
        SyntheticMains same = mains;
        EnergyIncrements sum;
        const int samples = *rc::gen::inRange(4000, 8000);
        const int every = *rc::gen::inRange(1, 1500);
        for (int k = 0; k < samples; ++k) {
            (void)mains.step(often);
            (void)same.step(once);
            if (k % every != 0) continue;
            const Measurement m = often.take_measurement();
            for (std::size_t e = 0; e < kEnergyCount; ++e) sum.microjoules[e] += m.energy.microjoules[e];
        }
        const Measurement rest = often.take_measurement();
        const Measurement all = once.take_measurement();
        for (std::size_t e = 0; e < kEnergyCount; ++e) {
            RC_ASSERT(sum.microjoules[e] + rest.energy.microjoules[e] == all.energy.microjoules[e]);
        }
    }));
}

TEST(Processor, AsksForTheMeasurementOnceASecond) {
    for (const double frequency : {49.0, 50.0, 50.03, 59.9, 61.2}) {
        SyntheticMains mains(4000, 24);
        mains.frequency_hz = frequency;
        Processor processor(mains.configuration);
        int seconds = 0;
        for (int k = 0; k < 4000 * 60; ++k) {
            if (mains.step(processor).second_elapsed) ++seconds;
        }
        EXPECT_NEAR(seconds, 60, 1) << frequency;
    }
}

TEST(Processor, WithoutANewCycleTheMeansStayAndEnergyIsHandedOutOnce) {
    SyntheticMains mains(4000, 24);
    mains.current = {{1, 10, 0}};
    Processor processor(mains.configuration);
    const Measurement first = mains.run(processor, 1);
    const Measurement again = processor.take_measurement();
    EXPECT_EQ(again.voltage_millivolts, first.voltage_millivolts);
    EXPECT_EQ(again.energy[Energy::active_import], 0U);
}

TEST(Processor, SurvivesLossAndReturnOfVoltage) {
    SyntheticMains mains(4000, 24);
    mains.current = {{1, 10, 0}};
    Processor processor(mains.configuration);
    (void)mains.run(processor, 2);
    mains.voltage.clear();
    (void)mains.run(processor, 1);
    const Measurement dark = mains.run(processor, 1);
    EXPECT_EQ(dark.frequency_millihertz, 0U);
    EXPECT_LT(dark.voltage_millivolts, 100U);
    EXPECT_EQ(dark.energy[Energy::active_import], 0U);
    EXPECT_TRUE(dark.active_anti_creep);
    mains.voltage = {{1, 230, 0}};
    (void)mains.run(processor, 1);
    const Measurement back = mains.run(processor, 1);
    EXPECT_NEAR(back.frequency_millihertz, 50'000, 1);
    expect_close(static_cast<double>(back.active_power_milliwatts), 2300e3, 0.01);
}

TEST(Processor, AnySamplesWhateverAreSafe) {
    // Run under the undefined behaviour sanitizer: counts beyond the converter, square waves, rails, jumps.
    EXPECT_TRUE(rc::check([] {
        Configuration configuration;
        configuration.sample_bits = *rc::gen::inRange<std::uint8_t>(16, 25);
        configuration.sample_rate_millihertz = *rc::gen::element(3'000'000U, 16'000'000U);
        configuration.calibration.current_lag_nanoseconds = *rc::gen::inRange(-250'000, 250'000);
        Processor processor(configuration);
        const int hold = *rc::gen::inRange(1, 400);
        std::int32_t v = 0;
        std::int32_t i = 0;
        for (int k = 0; k < 20'000; ++k) {
            if (k % hold == 0) {
                const auto extremes = rc::gen::element(INT32_MIN, INT32_MAX, 0, -1);
                v = *extremes;
                i = *rc::gen::arbitrary<std::int32_t>();
            }
            if (processor.add_sample(v, i).second_elapsed) (void)processor.take_measurement();
        }
        const Measurement m = processor.take_measurement();
        RC_ASSERT(m.power_factor_millionths <= 1'000'000 && m.power_factor_millionths >= -1'000'000);
    }));
}

TEST(Configuration, IsChecked) {
    const auto with = [](auto change) {
        Configuration c;
        change(c);
        return check(c);
    };
    EXPECT_EQ(check(Configuration{}), ConfigurationError::none);
    EXPECT_EQ(with([](Configuration& c) { c.sample_rate_millihertz = 2'999'999; }), ConfigurationError::sample_rate);
    EXPECT_EQ(with([](Configuration& c) { c.sample_rate_millihertz = 16'000'001; }), ConfigurationError::sample_rate);
    EXPECT_EQ(with([](Configuration& c) { c.sample_bits = 15; }), ConfigurationError::sample_bits);
    EXPECT_EQ(with([](Configuration& c) { c.sample_bits = 25; }), ConfigurationError::sample_bits);
    EXPECT_EQ(with([](Configuration& c) { c.active_pulses_per_kilowatt_hour = 0; }),
              ConfigurationError::pulse_constant);
    EXPECT_EQ(with([](Configuration& c) { c.calibration.picovolts_per_count = 0; }), ConfigurationError::scale);
    EXPECT_EQ(with([](Configuration& c) { c.calibration.current_lag_nanoseconds = 1'100'000; }),
              ConfigurationError::current_lag);
}

}  // namespace
}  // namespace ferraris::metrology
