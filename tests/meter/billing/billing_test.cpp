#include "meter/billing/billing.hpp"

#include "dlms/date_time.hpp"
#include "meter/fixture.hpp"

namespace ferraris::meter {
namespace {

using dlms::ActionResult;
using dlms::DataAccessResult;
using dlms::obis;
using testing::Bench;
using testing::octets;
using testing::plus_seconds;
using testing::Tear;
using testing::utc;

constexpr dlms::AttributeDescriptor kLockout{3, obis(1, 0, 0, 9, 13), 2};
constexpr EnergyMask kImport = mask_of(metrology::Energy::active_import);

ActionResult reset(Bench& bench, std::uint16_t sap = kUtilitySap) {
    return bench.invoke(sap, {9, obis(0, 0, 10, 0, 1), 1}, octets("120001"));
}

const Billing& billing(const Bench& bench) { return bench.meter->instrument().billing; }
const Maximum& maximum(const Bench& bench) { return bench.meter->instrument().demand.maxima()[0][0]; }

/// Watt-hours; all ones: not there.
std::uint64_t import_of_period(Bench& bench, std::uint8_t f) {
    const auto value = bench.read(kReaderSap, {3, obis(1, 0, 1, 8, 0, f), 2});
    return bench.result == DataAccessResult::success ? dlms::DataReader(value).long64_unsigned() : UINT64_MAX;
}

DataAccessResult set_clock(Bench& bench, UtcTime time) {
    std::vector<std::uint8_t> value{0x09, 0x0C};
    const auto encoded = dlms::encode(dlms::from_utc(time, 0, 0));
    value.insert(value.end(), encoded.begin(), encoded.end());
    return bench.write(kUtilitySap, {8, obis(0, 0, 1, 0, 0), 2}, value);
}

TEST(Billing, ResetByScriptMakesHistoryAndBeginsMaximaAnew) {
    Bench bench(utc(2026, 1, 15, 10, 0));
    bench.run(1800, 4000);
    ASSERT_EQ(maximum(bench).milliwatts, 4'000'000U);
    ASSERT_EQ(reset(bench, kTechnicianSap), ActionResult::success);
    bench.run(3600, 1000);

    EXPECT_EQ(maximum(bench).milliwatts, 1'000'000U);
    EXPECT_EQ(bench.watthours(1), 3000U);
    EXPECT_EQ(import_of_period(bench, 101), 2000U) << "the last period";
    EXPECT_EQ(import_of_period(bench, 1), 2000U) << "period number 1";
    EXPECT_EQ(bench.read(kReaderSap, {3, obis(1, 0, 1, 8, 0, 101), 1}), octets("0906010001080065"))
        << "by its own name";
    // double-long-unsigned 4,000,000 mW; its time 2026-01-15, Thursday, 11:30 local; 1,800 s
    EXPECT_EQ(bench.read(kReaderSap, {4, obis(1, 0, 1, 6, 0, 101), 2}), octets("06003d0900"));
    EXPECT_EQ(bench.read(kReaderSap, {4, obis(1, 0, 1, 6, 0, 101), 5}), octets("090c07ea010f040b1e0000ffc400"));
    EXPECT_EQ(bench.read(kReaderSap, {3, obis(0, 0, 96, 8, 0, 101), 2}), octets("0600000708"));
    EXPECT_EQ(bench.read(kReaderSap, {1, obis(1, 0, 0, 1, 0), 2}), octets("0600000001"));
    EXPECT_EQ(bench.read(kReaderSap, {1, obis(1, 0, 0, 1, 2), 2}), octets("090c07ea010f040b1e0000ffc400"));

    EXPECT_EQ(import_of_period(bench, 102), UINT64_MAX);
    EXPECT_EQ(bench.result, DataAccessResult::object_undefined) << "there was no period before";
    (void)bench.read(kReaderSap, {3, obis(1, 0, 1, 7, 0, 101), 2});
    EXPECT_EQ(bench.result, DataAccessResult::object_undefined) << "instantaneous values have no history";
    EXPECT_EQ(bench.write(kUtilitySap, {3, obis(1, 0, 1, 8, 0, 101), 2}, {}), DataAccessResult::object_undefined);
}

TEST(Billing, LocksOutASecondResetAlsoOverALossOfPower) {
    Bench bench(utc(2026, 1, 15, 10, 0));
    ASSERT_EQ(reset(bench), ActionResult::success);
    bench.run(Billing::kDefaultLockout_s - 1, 1000);
    EXPECT_EQ(reset(bench), ActionResult::temporary_failure);
    bench.power_up();
    EXPECT_EQ(reset(bench), ActionResult::temporary_failure);
    ASSERT_EQ(set_clock(bench, plus_seconds(bench.now, 7200)), DataAccessResult::success);
    EXPECT_EQ(reset(bench), ActionResult::temporary_failure) << "the lock goes by a clock that nobody can set";
    EXPECT_EQ(billing(bench).period(), 1U);
    bench.run(1, 1000);
    EXPECT_EQ(reset(bench), ActionResult::success);
    EXPECT_EQ(billing(bench).period(), 2U);

    EXPECT_EQ(bench.write(kUtilitySap, kLockout, octets("06ffffffff")), DataAccessResult::other_reason);
    EXPECT_EQ(bench.write(kUtilitySap, kLockout, octets("12000a")), DataAccessResult::type_unmatched);
    EXPECT_EQ(bench.write(kTechnicianSap, kLockout, octets("060000000a")), DataAccessResult::read_write_denied);
    ASSERT_EQ(bench.write(kUtilitySap, kLockout, octets("060000000a")), DataAccessResult::success);
    bench.run(10, 1000);
    bench.power_up();
    EXPECT_EQ(reset(bench), ActionResult::success);
}

TEST(Billing, ComesByItselfWhenTheMonthEnds) {
    // Midnight of 1 February is 23:00 UTC.
    Bench bench(utc(2026, 1, 31, 22, 30));
    bench.run(1799, 2000);
    EXPECT_EQ(billing(bench).period(), 0U);
    bench.run(1, 2000);
    EXPECT_EQ(billing(bench).period(), 1U);
    EXPECT_EQ(billing(bench).last_stamp(), utc(2026, 1, 31, 23, 0).seconds());
    EXPECT_EQ(import_of_period(bench, 101), 1000U);
    BillingRecord record;
    ASSERT_TRUE(billing(bench).read(101, record));
    EXPECT_EQ(record.maxima[0][0].milliwatts, 2'000'000U) << "the demand that ended with the month belongs to it";
    bench.run(3600, 2000);
    EXPECT_EQ(billing(bench).period(), 1U);
}

TEST(Billing, ResetMissedWithoutPowerIsMadeUpForOnce) {
    Bench bench(utc(2026, 1, 31, 22, 30));
    bench.run(60, 2000);
    ASSERT_TRUE(bench.meter->power_fail(bench.now));
    bench.now = utc(2026, 3, 15, 12, 0, 17);
    bench.power_up();
    EXPECT_EQ(billing(bench).period(), 1U);
    EXPECT_EQ(billing(bench).last_stamp(), bench.now.seconds());
    bench.power_up();
    bench.run(120, 2000);
    EXPECT_EQ(billing(bench).period(), 1U);
}

TEST(Billing, ClockThatIsSetBringsNoResetTwice) {
    Bench bench(utc(2026, 1, 31, 22, 59));
    bench.run(120, 2000);
    ASSERT_EQ(billing(bench).period(), 1U);
    ASSERT_EQ(set_clock(bench, utc(2026, 1, 31, 22, 58)), DataAccessResult::success);
    bench.run(300, 2000);
    EXPECT_EQ(billing(bench).period(), 1U) << "set back over the reset";
    ASSERT_EQ(set_clock(bench, utc(2026, 2, 28, 22, 59)), DataAccessResult::success);
    EXPECT_EQ(billing(bench).period(), 1U);
    ASSERT_EQ(set_clock(bench, utc(2026, 2, 28, 23, 1)), DataAccessResult::success);
    EXPECT_EQ(billing(bench).period(), 2U) << "set forward over it";
}

/// Power comes back, and the board's clock stood still meanwhile.
void lose_the_time(Bench& bench) {
    bench.meter =
        std::make_unique<Meter>(bench.flash, *bench.crypto, MeterIdentity::from_serial_number(4711), bench.factory);
    ASSERT_TRUE(bench.meter->start(bench.now, false));
}

TEST(Billing, WhatCameWhileNobodyKnewTheTimeIsMadeUpForOnce) {
    Bench bench(utc(2026, 1, 31, 22, 30));
    bench.run(60, 2000);
    lose_the_time(bench);
    bench.run(3600, 2000);
    EXPECT_EQ(billing(bench).period(), 0U) << "an invalid clock brings none";
    bench.power_up();
    bench.run(60, 2000);
    ASSERT_EQ(set_clock(bench, utc(2026, 5, 5, 5, 5)), DataAccessResult::success);
    EXPECT_EQ(billing(bench).period(), 1U) << "February to May, once";
    EXPECT_EQ(billing(bench).last_stamp(), utc(2026, 5, 5, 5, 5).seconds());
    bench.power_up();
    bench.run(120, 2000);
    EXPECT_EQ(billing(bench).period(), 1U);
    ASSERT_EQ(set_clock(bench, utc(2026, 5, 31, 21, 59)), DataAccessResult::success);
    bench.run(120, 2000);
    EXPECT_EQ(billing(bench).period(), 2U);
}

TEST(Billing, LostTimeBringsNoneThatWasNotDue) {
    Bench bench(utc(2026, 1, 31, 22, 30));
    bench.run(60, 2000);
    lose_the_time(bench);
    bench.run(3600, 2000);  // The wrong clock goes over the end of the month.
    ASSERT_EQ(set_clock(bench, utc(2026, 1, 31, 22, 50)), DataAccessResult::success);
    EXPECT_EQ(billing(bench).period(), 0U);
    bench.run(900, 2000);
    EXPECT_EQ(billing(bench).period(), 1U);
}

TEST(Billing, ResetByHandStandsForWhatCameWhileNobodyKnewTheTime) {
    Bench bench(utc(2026, 1, 31, 22, 30));
    bench.run(60, 2000);
    lose_the_time(bench);
    bench.run(600, 2000);
    ASSERT_EQ(reset(bench), ActionResult::success);
    ASSERT_EQ(set_clock(bench, utc(2026, 5, 5, 5, 5)), DataAccessResult::success);
    bench.run(120, 2000);
    EXPECT_EQ(billing(bench).period(), 1U);
}

TEST(Billing, AMeterThatNeverKnewTheTimeHasMissedNone) {
    Bench bench(utc(2026, 1, 1));
    bench.flash = testing::MemoryFlash();
    lose_the_time(bench);
    bench.run(60, 2000);
    ASSERT_EQ(set_clock(bench, utc(2026, 5, 5, 5, 5)), DataAccessResult::success);
    bench.run(120, 2000);
    EXPECT_EQ(billing(bench).period(), 0U);
}

TEST(Billing, KeepsTwelvePeriods) {
    Bench bench(utc(2026, 1, 15, 10, 0));
    ASSERT_EQ(bench.write(kUtilitySap, kLockout, octets("0600000000")), DataAccessResult::success);
    constexpr std::uint32_t kResets = 40;
    for (std::uint32_t i = 1; i <= kResets; ++i) {
        bench.run(36, 100'000);
        ASSERT_EQ(reset(bench), ActionResult::success) << i;
        if (i % 7 == 0) bench.power_up();
        for (std::uint32_t back = 0; back < Billing::kHistory && back < i; ++back) {
            ASSERT_EQ(import_of_period(bench, static_cast<std::uint8_t>(101 + back)), 1000 * (i - back));
            ASSERT_EQ(import_of_period(bench, static_cast<std::uint8_t>(i - back)), 1000 * (i - back));
        }
    }
    EXPECT_EQ(import_of_period(bench, 113), UINT64_MAX);
    EXPECT_EQ(import_of_period(bench, kResets - Billing::kHistory), UINT64_MAX);
    EXPECT_EQ(import_of_period(bench, kResets + 1), UINT64_MAX);
}

TEST(Billing, ScheduleIsCheckedAndKept) {
    Bench bench(utc(2026, 1, 15, 10, 0));
    constexpr dlms::AttributeDescriptor kExecutionTime{22, obis(0, 0, 15, 0, 0), 4};
    // array of one structure: time 0:00:00.00; date: any year and month, the 1st, any day of week
    EXPECT_EQ(bench.read(kReaderSap, kExecutionTime), octets("010102020904000000000905ffffff01ff"));
    EXPECT_EQ(bench.write(kUtilitySap, kExecutionTime, octets("010102020904190000000905ffffff01ff")),
              DataAccessResult::other_reason)
        << "hour 25";
    EXPECT_EQ(bench.write(kUtilitySap, kExecutionTime, octets("0600000000")), DataAccessResult::type_unmatched);
    EXPECT_EQ(bench.write(kTechnicianSap, kExecutionTime, octets("0100")), DataAccessResult::read_write_denied);
    const auto every_day = octets("0101020209040c1e00000905ffffffffff");
    ASSERT_EQ(bench.write(kUtilitySap, kExecutionTime, every_day), DataAccessResult::success);
    bench.power_up();
    EXPECT_EQ(bench.read(kReaderSap, kExecutionTime), every_day);
    bench.run(2 * 3600, 1000);  // over 12:30 local
    EXPECT_EQ(billing(bench).period(), 1U);
    EXPECT_EQ(billing(bench).last_stamp(), utc(2026, 1, 15, 11, 30).seconds());
    ASSERT_EQ(bench.write(kUtilitySap, kExecutionTime, octets("0100")), DataAccessResult::success);
    bench.run(86400, 1000);
    EXPECT_EQ(billing(bench).period(), 1U) << "never";
    EXPECT_EQ(bench.invoke(kUtilitySap, {9, obis(0, 0, 10, 0, 1), 1}, octets("120002")),
              ActionResult::object_undefined);
    EXPECT_EQ(bench.invoke(kUtilitySap, {9, obis(0, 0, 10, 0, 1), 1}, octets("0f00")), ActionResult::type_unmatched);
}

/// Power is cut at each flash operation of the minutes around the reset, before, inside and after it.
TEST(Billing, CutAnywhereGivesExactlyOneResetWhole) {
    constexpr std::uint64_t kMilliwatthours = 3000 * 3600 / 36 * 10;
    constexpr std::uint64_t kAMinuteOfThem = 3000 * 60 / 36 * 10 + 1;
    int points = 0;
    for (std::uint64_t operation = 0;; ++operation) {
        for (const Tear tear : {Tear::before, Tear::inside, Tear::after}) {
            const std::string where = std::to_string(operation) + " tear " + std::to_string(static_cast<int>(tear));
            Bench bench(utc(2026, 1, 31, 22, 0));
            bench.run(3540, 3000);
            bench.flash.cut_at(operation, tear, static_cast<std::uint32_t>(operation));
            for (int i = 0; i < 180 && !bench.flash.powerless(); ++i) bench.run(1, 3000);
            if (!bench.flash.powerless()) {
                RecordProperty("points", points);
                EXPECT_GT(points, 20);
                return;
            }
            bench.flash.restore_power();
            bench.now = plus_seconds(bench.now, 200);
            bench.power_up();
            BillingRecord record;
            ASSERT_EQ(billing(bench).period(), 1U) << where;
            ASSERT_TRUE(billing(bench).read(101, record)) << where;
            const std::uint64_t import = record.registers.milliwatthours(kImport, 0);
            EXPECT_LE(import, bench.meter->instrument().registers.milliwatthours(kImport, 0)) << where;
            EXPECT_GE(import + kAMinuteOfThem, kMilliwatthours) << where;
            // The block up to 23:00 is whole or it is none; the one before it was acknowledged.
            EXPECT_LE(record.maxima[0][0].milliwatts, 3'000'000U) << where;
            EXPECT_GE(record.maxima[0][0].milliwatts, 2'999'996U) << where;
            EXPECT_EQ(maximum(bench), Maximum{}) << where << ": a new period";
            bench.run(3600, 3000);
            bench.power_up();
            EXPECT_EQ(billing(bench).period(), 1U) << where;
            ++points;
            if (HasFailure()) return;
        }
    }
}

}  // namespace
}  // namespace ferraris::meter
