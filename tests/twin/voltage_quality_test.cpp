// A sag in a recording, from its samples to the counter that the utility reads.
#include <gtest/gtest.h>

#include <cmath>
#include <numbers>

#include "crypto/openssl.hpp"
#include "meter/store/layout.hpp"
#include "twin/flash_memory.hpp"
#include "twin/load_waveform.hpp"
#include "twin/simulation.hpp"

namespace ferraris::twin {
namespace {

/// Two seconds of 50 Hz and 10 A at 4 kHz, of which `cycles` in the middle have 140 V.
std::vector<WaveformSample> recording(int cycles) {
    std::vector<WaveformSample> samples;
    for (int i = 0; i < 8000; ++i) {
        const double angle = 2 * std::numbers::pi * 50 * i / 4000;
        const bool sags = i >= 4000 && i < 4000 + cycles * 80;
        const double volts = (sags ? 140 : 230) * std::numbers::sqrt2 * std::sin(angle - 0.3);
        const double amperes = 10 * std::numbers::sqrt2 * std::sin(angle - 0.3);
        samples.push_back({static_cast<std::int16_t>(std::lround(amperes / 0.01)),
                           static_cast<std::int16_t>(std::lround(volts / 0.02))});
    }
    return samples;
}

TEST(VoltageQualityOfARecording, ASagIsAnEventWithItsDepth) {
    auto load = WaveformLoad::make(recording(6), {4000, 0.01, 0.02});
    ASSERT_TRUE(load) << load.error();
    FlashMemory flash(meter::kFlashSize / meter::kSectorSize, meter::kSectorSize);
    const auto crypto = make_openssl_crypto();
    meter::Meter meter(flash, *crypto, meter::MeterIdentity::from_serial_number(1), {});
    const UtcTime start = utc_from_civil({2026, 3, 2, 12, 0, 0, 0});
    ASSERT_TRUE(meter.start(start));
    Simulation simulation(meter, *load, start);
    simulation.run(20);
    const std::uint32_t sags = meter.instrument().event_logs.count(meter::Event::voltage_sag);
    EXPECT_GE(sags, 9U) << "one in each two seconds";
    EXPECT_LE(sags, 10U);
    const auto& last = meter.instrument().voltage_quality.last(metrology::DisturbanceKind::sag);
    EXPECT_NEAR(last.extreme_millivolts, 140'000, 500);
    EXPECT_NEAR(last.duration_milliseconds, 120, 21);
    EXPECT_EQ(meter.instrument().event_logs.count(meter::Event::voltage_interruption), 0U);
}

}  // namespace
}  // namespace ferraris::twin
