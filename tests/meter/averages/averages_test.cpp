#include "meter/averages/averages.hpp"

#include "meter/fixture.hpp"

namespace ferraris::meter {
namespace {

using dlms::obis;
using testing::Bench;
using testing::plus_seconds;
using testing::utc;

void run_at(Bench& bench, int seconds, std::uint32_t millivolts, std::uint32_t microamperes = 0) {
    for (int i = 0; i < seconds; ++i) {
        metrology::Measurement measurement;
        measurement.voltage_millivolts = millivolts;
        measurement.current_microamperes = microamperes;
        bench.now = plus_seconds(bench.now, 1);
        bench.meter->tick(measurement, bench.now);
    }
}

std::uint32_t number(Bench& bench, std::uint16_t object_class, dlms::LogicalName name) {
    const auto value = bench.read(kReaderSap, {object_class, name, 2});
    return dlms::DataReader(value).double_long_unsigned();
}

TEST(Averages, AreThoseOfTenMinutesOfTheClock) {
    Bench bench(utc(2026, 1, 15, 10, 0));
    run_at(bench, 600, 230'000, 1'000'000);
    run_at(bench, 300, 220'000, 2'000'000);
    EXPECT_EQ(number(bench, 3, obis(1, 0, 32, 25, 0)), 230'000U);
    EXPECT_EQ(number(bench, 3, obis(1, 0, 32, 24, 0)), 220'000U);
    run_at(bench, 300, 240'000, 3'000'000);
    EXPECT_EQ(number(bench, 3, obis(1, 0, 32, 25, 0)), 230'000U);
    EXPECT_EQ(number(bench, 3, obis(1, 0, 31, 25, 0)), 2500U);
    EXPECT_EQ(bench.read(kReaderSap, {3, obis(1, 0, 32, 25, 0), 3}), testing::octets("02020ffd1623")) << "mV";
    EXPECT_EQ(bench.read(kReaderSap, {3, obis(1, 0, 31, 25, 0), 3}), testing::octets("02020ffd1621")) << "mA";
}

TEST(VoltageExtremes, AreThoseOfTheLocalDay) {
    Bench bench(utc(2026, 1, 15, 22, 50));
    run_at(bench, 10, 230'000);
    run_at(bench, 1, 215'123);
    run_at(bench, 1, 215'123);
    run_at(bench, 1, 251'456);
    run_at(bench, 587, 230'000);  // to 23:00 UTC, which is midnight
    run_at(bench, 1, 231'000);
    EXPECT_EQ(number(bench, 4, obis(1, 0, 32, 3, 0)), 231'000U) << "a day begins";
    // 2026-01-16, Friday, 0:00:01 local, deviation -60
    EXPECT_EQ(bench.read(kReaderSap, {4, obis(1, 0, 32, 3, 0), 5}), testing::octets("090c07ea01100500000100ffc400"))
        << "by the second";
    run_at(bench, 1, 229'000);
    EXPECT_EQ(number(bench, 4, obis(1, 0, 32, 3, 0)), 229'000U);
    EXPECT_EQ(number(bench, 4, obis(1, 0, 32, 6, 0)), 231'000U);
}

TEST(VoltageExtremes, KeepTheFirstOfTheirKindAndOutliveALossOfPower) {
    Bench bench(utc(2026, 1, 15, 10, 0));
    run_at(bench, 10, 230'000);
    run_at(bench, 2, 215'123);
    run_at(bench, 108, 230'001);
    bench.power_up();
    EXPECT_EQ(number(bench, 4, obis(1, 0, 32, 3, 0)), 215'123U);
    EXPECT_EQ(bench.meter->instrument().voltage_today.least.stamp, utc(2026, 1, 15, 10, 0, 11).seconds());
    EXPECT_EQ(number(bench, 4, obis(1, 0, 32, 6, 0)), 230'001U);
    bench.now = utc(2026, 1, 16, 10, 0);
    bench.power_up();
    EXPECT_EQ(bench.meter->instrument().voltage_today, VoltageExtremes{}) << "of a day that is over";
}

TEST(TariffTime, SecondsOfTheTariffsAreThoseOfOperation) {
    // The tariff changes at 12:00 UTC.
    Bench bench(utc(2026, 1, 15, 11, 0));
    bench.run(3600 + 100, 0);
    EXPECT_EQ(number(bench, 3, obis(0, 0, 96, 8, 2)), 3600U);
    EXPECT_EQ(number(bench, 3, obis(0, 0, 96, 8, 3)), 100U);
    EXPECT_EQ(number(bench, 3, obis(0, 0, 96, 8, 0)), 3700U);
    EXPECT_EQ(bench.read(kReaderSap, {3, obis(0, 0, 96, 8, 0), 3}), testing::octets("02020f001607")) << "s";
    ASSERT_TRUE(bench.meter->power_fail(bench.now));
    bench.now = plus_seconds(bench.now, 1000);
    bench.power_up();
    EXPECT_EQ(number(bench, 3, obis(0, 0, 96, 8, 0)), 3700U) << "time without power does not count";
    bench.run(60, 0);
    EXPECT_EQ(number(bench, 3, obis(0, 0, 96, 8, 3)), 160U);
}

}  // namespace
}  // namespace ferraris::meter
