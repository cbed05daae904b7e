// The backup battery through DLMS: 0-0:96.6.e.
#include "meter/battery/battery.hpp"

#include <gtest/gtest.h>

#include "meter/fixture.hpp"

namespace ferraris::meter {
namespace {

using dlms::DataAccessResult;
using dlms::obis;
using testing::Bench;

constexpr std::int64_t kHour = 3600;

std::uint32_t number(Bench& bench, std::uint8_t e) {
    const auto value = bench.read(kReaderSap, {3, obis(0, 0, 96, 6, e), 2});
    return dlms::DataReader(value).double_long_unsigned();
}
std::vector<std::uint8_t> counted(std::uint32_t number) {
    std::vector<std::uint8_t> octets(5);
    ByteWriter out(octets);
    dlms::DataWriter(out).double_long_unsigned(number);
    return octets;
}
std::vector<std::uint8_t> date_time(UtcTime time) {
    std::vector<std::uint8_t> octets(14);
    ByteWriter out(octets);
    dlms::DataWriter(out).octet_string(dlms::encode(dlms::from_utc(time, 0, 0)));
    return octets;
}
void outage(Bench& bench, std::int64_t seconds) {
    ASSERT_TRUE(bench.meter->power_fail(bench.now));
    bench.now = testing::plus_seconds(bench.now, seconds);
    bench.power_up();
}

TEST(Battery, CountsTheHoursThatItCarriedTheBoard) {
    Bench bench;
    EXPECT_EQ(number(bench, 0), 0U);
    EXPECT_EQ(number(bench, 1), 100U) << "percent";
    EXPECT_EQ(number(bench, 3), 3600U) << "millivolts";
    EXPECT_EQ(number(bench, 4), 1200U) << "milliampere hours";
    // 1200 mAh by 11 µA and 1.37 µA that it loses by itself.
    EXPECT_EQ(number(bench, 6), 97'008U);
    outage(bench, 5 * kHour);
    bench.run(60, 100);
    outage(bench, 2 * kHour + 1800);
    EXPECT_EQ(number(bench, 0), 7U);
    EXPECT_EQ(bench.meter->instrument().battery.use_seconds(), 7U * kHour + 1800);
    // A cut without last words: since the last minute.
    bench.run(90, 100);
    bench.now = testing::plus_seconds(bench.now, kHour);
    bench.power_up();
    EXPECT_NEAR(bench.meter->instrument().battery.use_seconds(), 8.5 * kHour, 90);
    EXPECT_LT(number(bench, 6), 97'008U);
}

TEST(Battery, IsReckonedEmptyInTheEnd) {
    Battery battery;
    constexpr std::int64_t kYear = 365 * 86'400;
    EXPECT_EQ(battery.charge_permille(0), 1000U);
    EXPECT_NEAR(battery.charge_permille(10 * kYear), 900, 1) << "1 % a year by itself";
    EXPECT_EQ(battery.charge_permille(200 * kYear), 0U);
    EXPECT_EQ(battery.remaining_hours(200 * kYear), 0U);
}

TEST(Battery, BeginsAnewWhenServiceSaysThatItWasReplaced) {
    Bench bench;
    outage(bench, 30 * kHour);
    EXPECT_EQ(number(bench, 0), 30U);
    const dlms::AttributeDescriptor installed{1, obis(0, 0, 96, 6, 5), 2};
    EXPECT_EQ(bench.write(kReaderSap, installed, date_time(bench.now)), DataAccessResult::read_write_denied);
    EXPECT_EQ(bench.write(kTechnicianSap, installed, date_time(testing::plus_seconds(bench.now, 3600))),
              DataAccessResult::other_reason)
        << "in an hour";
    EXPECT_EQ(bench.write(kTechnicianSap, installed, counted(1)), DataAccessResult::type_unmatched);
    EXPECT_EQ(number(bench, 0), 30U) << "the old state stands";
    EXPECT_EQ(bench.meter->instrument().event_logs.count(Event::battery_replaced), 0U);

    EXPECT_EQ(bench.write(kTechnicianSap, installed, date_time(bench.now)), DataAccessResult::success);
    EXPECT_EQ(number(bench, 0), 0U);
    EXPECT_EQ(number(bench, 1), 100U);
    EXPECT_EQ(bench.meter->instrument().event_logs.count(Event::battery_replaced), 1U);
    EXPECT_EQ(bench.write(kTechnicianSap, installed, bench.read(kTechnicianSap, installed)), DataAccessResult::success);
    EXPECT_EQ(bench.meter->instrument().event_logs.count(Event::battery_replaced), 1U)
        << "what stands there is no news";
    bench.power_up();
    EXPECT_EQ(bench.meter->instrument().battery.installed(), static_cast<std::uint32_t>(bench.now.seconds()));
    EXPECT_EQ(number(bench, 0), 0U);
}

TEST(Battery, IsLowBelowAThresholdThatTheUtilitySets) {
    Bench bench;
    const dlms::AttributeDescriptor threshold{3, obis(0, 0, 96, 6, 131), 2};
    EXPECT_EQ(number(bench, 131), 3100U);
    EXPECT_EQ(bench.write(kTechnicianSap, threshold, counted(3300)), DataAccessResult::read_write_denied);
    EXPECT_EQ(bench.write(kUtilitySap, threshold, counted(2799)), DataAccessResult::other_reason);
    EXPECT_EQ(bench.write(kUtilitySap, threshold, counted(3501)), DataAccessResult::other_reason);
    EXPECT_EQ(number(bench, 131), 3100U);
    ASSERT_EQ(bench.write(kUtilitySap, threshold, counted(3300)), DataAccessResult::success);
    bench.power_up();
    EXPECT_EQ(number(bench, 131), 3300U);

    const auto at = [&](std::uint16_t millivolts) {
        board::Inputs inputs;
        inputs.battery_millivolts = millivolts;
        bench.meter->sense(inputs);
        bench.run(12, 100);
        return std::pair(bench.meter->instrument().event_logs.count(Event::battery_low),
                         bench.meter->instrument().event_logs.count(Event::battery_normal));
    };
    EXPECT_EQ(at(3310), std::pair(0U, 0U));
    EXPECT_EQ(at(3290), std::pair(1U, 0U));
    EXPECT_EQ(at(3390), std::pair(1U, 0U)) << "not before 100 mV above";
    EXPECT_EQ(at(3400), std::pair(1U, 1U));
}

}  // namespace
}  // namespace ferraris::meter
