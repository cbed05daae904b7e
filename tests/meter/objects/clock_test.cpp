#include <gtest/gtest.h>

#include "base/hex.hpp"
#include "dlms/date_time.hpp"
#include "meter/fixture.hpp"

namespace ferraris::meter {
namespace {

using dlms::ActionResult;
using dlms::DataAccessResult;
using dlms::obis;
using testing::Bench;
using testing::octets;
using testing::utc;

constexpr dlms::LogicalName kClock = obis(0, 0, 1, 0, 0);

TEST(Clock, TellsLocalTimeWithDeviationAndStatus) {
    Bench winter(utc(2026, 1, 15, 10, 20, 30));
    // octet-string(12): 2026-01-15 Thursday 11:20:30.00, deviation -60, status 0
    EXPECT_EQ(to_hex(winter.read(kPublicSap, {8, kClock, 2})), "090C07EA010F040B141E00FFC400");
    Bench summer(utc(2026, 7, 1, 10, 0, 0));
    // 2026-07-01 Wednesday 12:00:00.00, deviation -120, status 80: daylight saving
    EXPECT_EQ(to_hex(summer.read(kPublicSap, {8, kClock, 2})), "090C07EA0701030C000000FF8880");
    EXPECT_EQ(to_hex(summer.read(kPublicSap, {8, kClock, 3})), "10FFC4");
    EXPECT_EQ(to_hex(summer.read(kPublicSap, {8, kClock, 4})), "1180");
    EXPECT_EQ(to_hex(summer.read(kPublicSap, {8, kClock, 5})),
              "090CFFFF03FE070200000080"
              "0000");
    EXPECT_EQ(to_hex(summer.read(kPublicSap, {8, kClock, 6})),
              "090CFFFF0AFE070300000080"
              "0000");
    EXPECT_EQ(to_hex(summer.read(kPublicSap, {8, kClock, 7})), "0F3C");
    EXPECT_EQ(to_hex(summer.read(kPublicSap, {8, kClock, 8})), "0301");
    EXPECT_EQ(to_hex(summer.read(kPublicSap, {8, kClock, 9})), "1601");
}

TEST(Clock, IsSetWithOrWithoutDeviationAndKeepsTheTimeOverALossOfPower) {
    Bench bench;
    // 2026-01-15 12:00:00 with deviation -60: 11:00 UTC
    EXPECT_EQ(bench.write(kTechnicianSap, {8, kClock, 2}, octets("090C07EA010F040C000000FFC400")),
              DataAccessResult::success);
    EXPECT_EQ(bench.meter->clock(), utc(2026, 1, 15, 11));
    bench.run(100, 0);
    bench.power_up();
    EXPECT_EQ(bench.meter->clock(), utc(2026, 1, 15, 11, 1, 40));
    // Without deviation, by the meter's own rule, as date-time (tag 25), day of week left open, in summer.
    EXPECT_EQ(bench.write(kTechnicianSap, {8, kClock, 2}, octets("1907EA0701FF0C000000800000")),
              DataAccessResult::success);
    EXPECT_EQ(bench.meter->clock(), utc(2026, 7, 1, 10));
}

TEST(Clock, RefusesWhatIsNoTime) {
    Bench bench;
    const UtcTime before = bench.meter->clock();
    const auto write = [&](const char* hex) { return bench.write(kUtilitySap, {8, kClock, 2}, octets(hex)); };
    EXPECT_EQ(write("090C07EA0230FF0C000000FFC400"), DataAccessResult::other_reason);  // 48 February
    EXPECT_EQ(write("090C07EA020FFF18000000FFC400"), DataAccessResult::other_reason);  // 24 o'clock
    EXPECT_EQ(write("090CFFFF020FFF0C000000FFC400"), DataAccessResult::other_reason);  // no year
    EXPECT_EQ(write("090B07EA020FFF0C000000FFC4"), DataAccessResult::other_reason);    // 11 octets
    EXPECT_EQ(write("1200FF"), DataAccessResult::type_unmatched);
    EXPECT_EQ(bench.write(kUtilitySap, {8, kClock, 3}, octets("107FFF")), DataAccessResult::other_reason);
    EXPECT_EQ(bench.write(kUtilitySap, {8, kClock, 3}, octets("0F00")), DataAccessResult::type_unmatched);
    EXPECT_EQ(bench.write(kUtilitySap, {8, kClock, 7}, octets("0F79")), DataAccessResult::other_reason);
    EXPECT_EQ(bench.write(kUtilitySap, {8, kClock, 5},
                          octets("090CFFFFFFFEFF0200000080"
                                 "0000")),
              DataAccessResult::other_reason);
    EXPECT_EQ(bench.meter->clock(), before);
    EXPECT_EQ(bench.meter->instrument().clock.rule.time_zone_minutes, -60);
}

TEST(Clock, AnswersToTheHundredthBetweenTwoTicks) {
    Bench bench(utc(2026, 7, 1, 10));
    bench.meter->observe({bench.now.milliseconds + 370});
    // 10:00:00.37 UTC is 12:00:00.37 in summer.
    EXPECT_EQ(to_hex(bench.read(kPublicSap, {8, kClock, 2})), "090C07EA0701030C000025FF8880");
}

TEST(Clock, TakesTheRulesOfTheUtilityAndKeepsThem) {
    Bench bench(utc(2026, 7, 1, 10));
    EXPECT_EQ(bench.write(kUtilitySap, {8, kClock, 3}, octets("100000")), DataAccessResult::success);
    EXPECT_EQ(bench.write(kUtilitySap, {8, kClock, 7}, octets("0F1E")), DataAccessResult::success);
    EXPECT_EQ(bench.write(kUtilitySap, {8, kClock, 5},
                          octets("090CFFFF0401FF0000000080"
                                 "0000")),
              DataAccessResult::success);
    bench.power_up();
    // UTC and half an hour of daylight saving: deviation -30
    EXPECT_EQ(to_hex(bench.read(kPublicSap, {8, kClock, 2})), "090C07EA0701030A1E0000FFE280");
    EXPECT_EQ(bench.write(kUtilitySap, {8, kClock, 8}, octets("0300")), DataAccessResult::success);
    EXPECT_EQ(to_hex(bench.read(kPublicSap, {8, kClock, 2})), "090C07EA0701030A000000000000");
    EXPECT_EQ(bench.write(kTechnicianSap, {8, kClock, 8}, octets("0301")), DataAccessResult::read_write_denied);
}

TEST(Clock, AdjustsByItsMethods) {
    Bench bench(utc(2026, 1, 15, 10, 7, 20));
    const auto zero = octets("0F00");
    EXPECT_EQ(bench.invoke(kTechnicianSap, {8, kClock, 3}, zero), ActionResult::success);
    EXPECT_EQ(bench.meter->clock(), utc(2026, 1, 15, 10, 7, 0));
    EXPECT_EQ(bench.invoke(kTechnicianSap, {8, kClock, 6}, octets("10001E")), ActionResult::success);
    EXPECT_EQ(bench.meter->clock(), utc(2026, 1, 15, 10, 7, 30));
    EXPECT_EQ(bench.invoke(kTechnicianSap, {8, kClock, 1}, zero), ActionResult::success);
    EXPECT_EQ(bench.meter->clock(), utc(2026, 1, 15, 10, 15, 0)) << "halves go forward";
    EXPECT_EQ(bench.invoke(kTechnicianSap, {8, kClock, 6}, octets("10FE70")), ActionResult::success);
    EXPECT_EQ(bench.meter->clock(), utc(2026, 1, 15, 10, 8, 20));
    EXPECT_EQ(bench.invoke(kTechnicianSap, {8, kClock, 2}, zero), ActionResult::success);
    EXPECT_EQ(bench.meter->clock(), utc(2026, 1, 15, 10, 15, 0));
    EXPECT_EQ(bench.invoke(kTechnicianSap, {8, kClock, 6}, octets("100385")), ActionResult::other_reason) << "901 s";
    EXPECT_EQ(bench.invoke(kTechnicianSap, {8, kClock, 6}, octets("0F01")), ActionResult::type_unmatched);
    EXPECT_EQ(bench.invoke(kTechnicianSap, {8, kClock, 1}, octets("1100")), ActionResult::type_unmatched);

    // Preset 12:00 UTC, valid from 10:00 to 11:00 UTC; all with deviation 0.
    EXPECT_EQ(bench.invoke(kTechnicianSap, {8, kClock, 4}, zero), ActionResult::temporary_failure) << "nothing preset";
    EXPECT_EQ(bench.invoke(kTechnicianSap, {8, kClock, 5},
                           octets("0203"
                                  "090C07EA010FFF0C000000000000"
                                  "090C07EA010FFF0A000000000000"
                                  "090C07EA010FFF0B000000000000")),
              ActionResult::success);
    bench.power_up();
    EXPECT_EQ(bench.invoke(kTechnicianSap, {8, kClock, 4}, zero), ActionResult::success);
    EXPECT_EQ(bench.meter->clock(), utc(2026, 1, 15, 12));
    EXPECT_EQ(bench.invoke(kTechnicianSap, {8, kClock, 4}, zero), ActionResult::temporary_failure) << "it is over";
}

TEST(Clock, IsInvalidAfterItStoodStillUntilItIsSet) {
    Bench bench;
    bench.meter = std::make_unique<Meter>(bench.flash, *bench.crypto, MeterIdentity::from_serial_number(1),
                                          testing::factory_settings());
    ASSERT_TRUE(bench.meter->start(utc(2026, 1, 15, 12), false));
    EXPECT_EQ(to_hex(bench.read(kPublicSap, {8, kClock, 4})), "1108");
    bench.now = utc(2026, 1, 15, 12, 5);
    bench.power_up();
    EXPECT_EQ(to_hex(bench.read(kPublicSap, {8, kClock, 4})), "1108") << "a restart does not bring the time back";
    EXPECT_EQ(bench.write(kUtilitySap, {8, kClock, 2}, octets("090C07EA010F040D000000FFC400")),
              DataAccessResult::success);
    EXPECT_EQ(to_hex(bench.read(kPublicSap, {8, kClock, 4})), "1100");
    bench.power_up();
    EXPECT_EQ(to_hex(bench.read(kPublicSap, {8, kClock, 4})), "1100");
}

TEST(Clock, StaysInvalidWhereTheFlashDoesNotTakeTheNewTime) {
    for (const std::uint64_t operation : {0U, 1U}) {
        Bench bench(utc(2026, 1, 15, 11));
        bench.meter = std::make_unique<Meter>(bench.flash, *bench.crypto, MeterIdentity::from_serial_number(1),
                                              testing::factory_settings());
        ASSERT_TRUE(bench.meter->start(utc(2026, 1, 15, 12), false));
        bench.flash.cut_at(operation, testing::Tear::before, 1);
        EXPECT_EQ(bench.write(kUtilitySap, {8, kClock, 2}, octets("090C07EA010F040D000000FFC400")),
                  DataAccessResult::hardware_fault);
        bench.flash.restore_power();
        bench.now = utc(2026, 1, 15, 12, 1);
        bench.power_up();
        EXPECT_EQ(to_hex(bench.read(kPublicSap, {8, kClock, 4})), "1108");
    }
}

TEST(Clock, IsAdjustedBelowTheShiftLimitAndSetBeyondIt) {
    constexpr dlms::LogicalName kLimit = obis(1, 0, 0, 9, 11);
    Bench bench(utc(2026, 1, 15, 10, 1));
    EXPECT_EQ(to_hex(bench.read(kReaderSap, {3, kLimit, 2})), "120000");
    EXPECT_EQ(to_hex(bench.read(kReaderSap, {3, kLimit, 3})), "02020F001607") << "scaler 0, seconds";
    EXPECT_EQ(bench.write(kTechnicianSap, {3, kLimit, 2}, octets("120009")), DataAccessResult::read_write_denied);
    EXPECT_EQ(bench.write(kUtilitySap, {3, kLimit, 2}, octets("1109")), DataAccessResult::type_unmatched);
    EXPECT_EQ(bench.write(kUtilitySap, {3, kLimit, 2}, octets("120385")), DataAccessResult::other_reason) << "901 s";
    EXPECT_EQ(bench.write(kUtilitySap, {3, kLimit, 2}, octets("120009")), DataAccessResult::success);
    bench.power_up();
    bench.run(15 * 60, 1000);  // past the interval in which power went
    // The status of the load profile's last row, its second column.
    const auto status = [&] {
        const auto rows = bench.read(kReaderSap, {7, obis(1, 0, 99, 1, 0), 2});
        dlms::DataReader in(rows);
        std::uint8_t last = 0;
        const std::size_t count = in.array();
        for (std::size_t i = 0; i < count; ++i) {
            const std::size_t columns = in.structure();
            for (std::size_t column = 0; column < columns; ++column) {
                if (column == 1)
                    last = in.unsigned_();
                else
                    EXPECT_TRUE(in.any().has_value());
            }
        }
        return last;
    };
    const auto shift = [&](const char* hex) { return bench.invoke(kTechnicianSap, {8, kClock, 6}, octets(hex)); };
    EXPECT_EQ(shift("100009"), ActionResult::success);
    bench.run(15 * 60, 1000);
    EXPECT_EQ(status() & 0x20, 0) << "9 s: adjusted";
    EXPECT_EQ(shift("10FFF6"), ActionResult::success);
    bench.run(15 * 60, 1000);
    EXPECT_EQ(status() & 0x20, 0x20) << "10 s back: set";
    bench.run(15 * 60, 1000);
    EXPECT_EQ(status() & 0x20, 0);
}

TEST(Clock, AnAdjustmentDoublesNoSecondAndLeavesNoneOut) {
    constexpr dlms::LogicalName kLimit = obis(1, 0, 0, 9, 11);
    for (const int seconds : {7, -7}) {
        Bench bench(utc(2026, 1, 15, 10, 1));
        ASSERT_EQ(bench.write(kUtilitySap, {3, kLimit, 2}, octets("12000A")), DataAccessResult::success);
        const auto events = bench.meter->instrument().event_logs.count(Event::clock_adjusted_to);
        const UtcTime wanted = testing::plus_seconds(bench.meter->clock(), seconds);
        ASSERT_EQ(bench.invoke(kTechnicianSap, {8, kClock, 6}, octets(seconds > 0 ? "100007" : "10FFF9")),
                  ActionResult::success);
        // 5 ms a second.
        std::int64_t before = bench.meter->clock().milliseconds;
        for (int second = 1; second <= 1400; ++second) {
            bench.run(1, 1000);
            const std::int64_t now = bench.meter->clock().milliseconds;
            EXPECT_EQ(now - before, seconds > 0 ? 1005 : 995) << second;
            before = now;
        }
        EXPECT_EQ(before, wanted.milliseconds + 1'400'000);
        EXPECT_FALSE(bench.meter->instrument().clock.adjusting());
        bench.run(1, 1000);
        EXPECT_EQ(bench.meter->clock().milliseconds, wanted.milliseconds + 1'401'000) << "and goes on as ever";
        EXPECT_EQ(bench.meter->instrument().event_logs.count(Event::clock_adjusted_to), events) << "nobody has to hear";
        bench.power_up();
        EXPECT_EQ(bench.meter->clock().milliseconds, wanted.milliseconds + 1'401'000);
    }
}

TEST(Clock, AnAdjustmentOutlivesALossOfPowerAndEndsWithANewTime) {
    constexpr dlms::LogicalName kLimit = obis(1, 0, 0, 9, 11);
    Bench bench(utc(2026, 1, 15, 10, 1));
    ASSERT_EQ(bench.write(kUtilitySap, {3, kLimit, 2}, octets("12000A")), DataAccessResult::success);
    const UtcTime wanted = testing::plus_seconds(bench.meter->clock(), 9);
    ASSERT_EQ(bench.invoke(kTechnicianSap, {8, kClock, 6}, octets("100009")), ActionResult::success);
    bench.run(100, 1000);
    EXPECT_EQ(bench.meter->clock().milliseconds, wanted.milliseconds + 100'000 - 8'500);
    bench.power_up();
    EXPECT_EQ(bench.meter->clock(), testing::plus_seconds(wanted, 100)) << "nobody lived through it";
    ASSERT_EQ(bench.invoke(kTechnicianSap, {8, kClock, 6}, octets("10FFF7")), ActionResult::success);
    bench.run(100, 1000);
    ASSERT_EQ(bench.invoke(kTechnicianSap, {8, kClock, 6}, octets("10003C")), ActionResult::success);
    const UtcTime set = bench.meter->clock();
    bench.run(10, 1000);
    EXPECT_EQ(bench.meter->clock(), testing::plus_seconds(set, 10)) << "nothing is left of the adjustment";
}

TEST(Tariff, ChangesByTheHourOfTheDayAndTheSumIsTheTotal) {
    Bench bench(utc(2026, 1, 14, 23, 0, 0));  // midnight, local
    bench.run(86'400, 1000);
    EXPECT_EQ(bench.watthours(1, 3), 10'000U) << "low: 22 to 6, 13 to 15";
    EXPECT_EQ(bench.watthours(1, 2), 14'000U);
    EXPECT_EQ(bench.watthours(1, 0), 24'000U);
    EXPECT_EQ(bench.watthours(1, 1), 0U);
    EXPECT_EQ(to_hex(bench.read(kReaderSap, {1, obis(0, 0, 96, 14, 0), 2})), "1103");
}

}  // namespace
}  // namespace ferraris::meter
