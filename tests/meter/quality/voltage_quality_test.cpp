// Sags, swells and interruptions from the metrology to the log, and what the utility may say of them.
#include "meter/quality/voltage_quality.hpp"

#include <gtest/gtest.h>

#include "meter/fixture.hpp"
#include "meter/push/bench.hpp"

namespace ferraris::meter {
namespace {

using dlms::DataAccessResult;
using dlms::obis;
using metrology::Disturbance;
using metrology::DisturbanceKind;
using testing::Bench;

metrology::Measurement with(const Disturbance& disturbance) {
    metrology::Measurement measurement = testing::at_watts(1000);
    measurement.disturbances.add(disturbance);
    return measurement;
}

std::uint32_t number(Bench& bench, std::uint8_t c, std::uint8_t d, std::uint8_t e) {
    const auto value = bench.read(kReaderSap, {3, obis(1, 0, c, d, e), 2});
    return dlms::DataReader(value).double_long_unsigned();
}

DataAccessResult set(Bench& bench, std::uint8_t d, std::uint8_t e, std::uint32_t hundredths) {
    return bench.write(kUtilitySap, {3, obis(1, 0, 12, d, e), 2},
                       testing::encoded([&](dlms::DataWriter& data) { data.double_long_unsigned(hundredths); }));
}

TEST(VoltageQuality, ASagHasDepthAndDuration) {
    Bench bench;
    bench.now = testing::plus_seconds(bench.now, 1);
    bench.meter->tick(with({DisturbanceKind::sag, 141'234, 120}), bench.now);
    EXPECT_EQ(number(bench, 32, 32, 0), 1U);
    EXPECT_EQ(number(bench, 32, 33, 0), 120U) << "milliseconds";
    EXPECT_EQ(number(bench, 32, 34, 0), 14'123U);
    const EventRecord& last = bench.meter->instrument().event_logs.last(EventLog::power_quality);
    EXPECT_EQ(last.code, static_cast<std::uint8_t>(Event::voltage_sag));
    EXPECT_EQ(last.value, 14'123);
    EXPECT_EQ(last.duration_cs, 12U);
}

TEST(VoltageQuality, EachKindByItself) {
    Bench bench;
    bench.meter->tick(with({DisturbanceKind::swell, 271'000, 40}), bench.now);
    bench.meter->tick(with({DisturbanceKind::interruption, 3'000, 300}), bench.now);
    EXPECT_EQ(number(bench, 32, 32, 0), 0U);
    EXPECT_EQ(number(bench, 32, 36, 0), 1U);
    EXPECT_EQ(number(bench, 32, 38, 0), 27'100U);
    EXPECT_EQ(number(bench, 32, 40, 1), 1U);
    EXPECT_EQ(number(bench, 32, 41, 1), 300U);
}

TEST(VoltageQuality, FlickerDoesNotFillTheLog) {
    VoltageQuality quality;
    metrology::Measurement measurement;
    for (int i = 0; i < 4; ++i) measurement.disturbances.add({DisturbanceKind::sag, 200'000, 20});
    std::size_t told = 0;
    for (int second = 0; second < 119; ++second) {
        Occurrences due;
        quality.tick(measurement, due);
        told += due.size();
    }
    EXPECT_EQ(told, 24U) << "a dozen a minute";
}

TEST(VoltageQuality, TheUtilitySetsWhatCounts) {
    Bench bench;
    EXPECT_EQ(number(bench, 12, 31, 0), 20'700U);
    EXPECT_EQ(number(bench, 12, 35, 0), 25'300U);
    ASSERT_EQ(set(bench, 31, 0, 19'550), DataAccessResult::success);
    EXPECT_EQ(set(bench, 31, 0, 25'000), DataAccessResult::other_reason) << "no room for the hysteresis below a swell";
    EXPECT_EQ(set(bench, 39, 1, 19'550), DataAccessResult::other_reason) << "an interruption is deeper than a sag";
    EXPECT_EQ(set(bench, 35, 0, 100'001), DataAccessResult::other_reason);
    EXPECT_EQ(set(bench, 35, 0, 0), DataAccessResult::success) << "off";
    bench.power_up();
    EXPECT_EQ(bench.meter->instrument().voltage_quality.limits(),
              (metrology::DisturbanceLimits{195'500, 0, 11'500, 4'600}));
}

}  // namespace
}  // namespace ferraris::meter
