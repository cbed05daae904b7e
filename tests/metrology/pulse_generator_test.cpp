#include "metrology/pulse_generator.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <vector>

#include "metrology/synthetic_mains.hpp"

namespace ferraris::metrology {
namespace {

std::vector<double> edges(SyntheticMains& mains, int seconds) {
    Processor processor(mains.configuration);
    std::vector<double> result;
    const double interval_s = 1000.0 / mains.configuration.sample_rate_millihertz;
    while (mains.time_s() < seconds) {
        const double begin_s = mains.time_s();
        const Events events = mains.step(processor);
        if (events.active_pulse) result.push_back(begin_s + events.active_pulse_instant / 65536.0 * interval_s);
    }
    return result;
}

TEST(PulseGenerator, EdgesOfAConstantLoadAreEvenWithinASample) {
    // 80 A at 1.15 U_n and 10,000 imp/kWh: 59 Hz, where a tick of 4 kHz alone would jitter by 1.5 %.
    for (const double frequency : {50.0, 50.37, 59.9}) {
        SyntheticMains mains(4000, 24);
        mains.frequency_hz = frequency;
        mains.configuration.active_pulses_per_kilowatt_hour = 10'000;
        mains.voltage = {{1, 264.5, 0}};
        mains.current = {{1, 80, 0}};
        const std::vector<double> instants = edges(mains, 12);
        const double truth_s = 360.0 / (264.5 * 80);
        double worst = 0;
        for (std::size_t k = 120; k + 1 < instants.size(); ++k) {
            worst = std::max(worst, std::abs((instants[k + 1] - instants[k]) / truth_s - 1));
        }
        EXPECT_LT(worst, 0.0005) << frequency;
        const auto last = instants.size() - 1;
        EXPECT_NEAR((instants[last] - instants[120]) / static_cast<double>(last - 120), truth_s, truth_s * 1e-5);
    }
}

TEST(PulseGenerator, LetsOutExactlyWhatWasBooked) {
    constexpr std::uint64_t kPulse = 1'000'000;
    PulseGenerator generator(kPulse, 1);
    std::uint64_t booked = 0;
    std::uint64_t pulses = 0;
    std::uint32_t state = 12345;
    for (int window = 0; window < 2000; ++window) {
        state = state * 1664525U + 1013904223U;
        const std::uint64_t energy = window < 1990 ? state % 40'000'000U : 0;
        booked += energy;
        generator.book(energy, 800U << PulseGenerator::kTimeFractionBits, state >> 20U);
        for (std::uint32_t k = 0; k < 796 + state % 10; ++k) pulses += generator.tick().has_value() ? 1U : 0U;
    }
    EXPECT_NEAR(static_cast<double>(pulses), static_cast<double>(booked) / kPulse, 1.0);
}

TEST(PulseGenerator, LightsForItsWidthAndRestsDark) {
    PulseGenerator generator(1000, 3);
    EXPECT_FALSE(generator.is_lit());
    generator.book(1500, 10U << PulseGenerator::kTimeFractionBits, 0);  // 150 a sample
    int lit = 0;
    std::uint32_t pulses = 0;
    for (int k = 0; k < 10; ++k) {
        pulses += generator.tick().has_value() ? 1U : 0U;
        lit += generator.is_lit() ? 1 : 0;
    }
    EXPECT_EQ(pulses, 1U);
    EXPECT_EQ(lit, 3);
    generator.book(0, 10U << PulseGenerator::kTimeFractionBits, 0);
    for (int k = 0; k < 1000; ++k) {
        EXPECT_FALSE(generator.tick().has_value());
        EXPECT_FALSE(generator.is_lit());
    }
}

TEST(PulseGenerator, PlacesTheEdgeWithinTheSample) {
    PulseGenerator generator(1000, 1);
    generator.book(8000, 10U << PulseGenerator::kTimeFractionBits, 0);  // 800 a sample: the edge at 1.25 samples
    EXPECT_FALSE(generator.tick().has_value());
    const auto instant = generator.tick();
    ASSERT_TRUE(instant.has_value());
    EXPECT_EQ(*instant, 0x4000);
}

}  // namespace
}  // namespace ferraris::metrology
