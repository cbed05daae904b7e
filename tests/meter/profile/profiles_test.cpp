// The other profiles: one at local midnight, one with another period, one captured by call. All are one class.
#include "meter/profile/profiles.hpp"

#include "base/hex.hpp"
#include "meter/fixture.hpp"
#include "meter/objects/capture.hpp"
#include "meter/profile/profile_status.hpp"

namespace ferraris::meter {
namespace {

using dlms::obis;
using testing::Bench;
using testing::plus_seconds;
using testing::utc;

constexpr dlms::LogicalName kDaily = obis(1, 0, 99, 2, 0);
constexpr dlms::LogicalName kBilling = obis(1, 0, 99, 3, 0);
constexpr dlms::LogicalName kVoltage = obis(1, 0, 99, 4, 0);
const std::vector<std::uint8_t> kZero{0x0F, 0x00};

struct StampedRow {
    UtcTime stamp{};
    std::uint8_t status{0};
    std::uint64_t first_value{0};
};

/// Rows of any profile that begins with clock and status.
std::vector<StampedRow> stamped_rows(Bench& bench, const dlms::LogicalName& name) {
    const auto value = bench.read(kReaderSap, {7, name, 2}, nullptr, 200);
    dlms::DataReader in(value);
    std::vector<StampedRow> rows(in.array());
    for (StampedRow& row : rows) {
        const std::size_t count = in.structure();
        row.stamp = dlms::to_utc(*dlms::decode_date_time(in.octet_string())).value();
        row.status = in.unsigned_();
        row.first_value = in.peek() == dlms::DataTag::long64_unsigned ? in.long64_unsigned()
                                                                      : std::uint64_t{in.double_long_unsigned()};
        for (std::size_t i = 3; i < count; ++i) EXPECT_TRUE(in.any());
    }
    EXPECT_TRUE(in.finished());
    return rows;
}

/// A tick every five minutes is enough for what has a day or a quarter of an hour.
void run_hours(Bench& bench, int hours) {
    for (int i = 0; i < hours * 12; ++i) {
        bench.now = plus_seconds(bench.now, 300);
        bench.meter->tick(testing::at_watts(300'000), bench.now);
    }
}

TEST(Profiles, HaveDefaultListsOfObjectsThatAreThere) {
    Bench bench;
    for (std::size_t i = 0; i < kProfileCount; ++i) {
        const ProfileDefinition& definition = profile_definition(static_cast<ProfileIndex>(i));
        ProfileSetup setup;
        ASSERT_TRUE(bench.meter->instrument().profiles[static_cast<ProfileIndex>(i)].setup(setup)) << i;
        EXPECT_EQ(setup.columns.size(), definition.columns.size()) << i;
        EXPECT_EQ(setup.period_s, definition.period_s) << i;
    }
}

TEST(Profiles, HaveRoomForTheRowsThatTheyPromise) {
    Bench bench;
    for (std::size_t i = 0; i < kProfileCount; ++i) {
        const auto index = static_cast<ProfileIndex>(i);
        EXPECT_EQ(bench.meter->instrument().profiles[index].entries(), profile_definition(index).entries) << i;
    }
}

TEST(DailyProfile, HasARowAtEachLocalMidnightAlsoOnDaysOf23And25Hours) {
    for (const auto& [from, hours] : {std::pair{utc(2026, 3, 27, 23), 71}, {utc(2026, 10, 23, 22), 73}}) {
        Bench bench(from);
        run_hours(bench, hours);
        const auto rows = stamped_rows(bench, kDaily);
        ASSERT_EQ(rows.size(), 3U);
        for (const StampedRow& row : rows) {
            const CivilTime local = bench.meter->instrument().clock.rule.local(row.stamp);
            EXPECT_EQ(local.hour, 0);
            EXPECT_EQ(local.minute, 0);
            EXPECT_EQ(row.status & ~profile_status::kDaylightSaving, 0);
        }
        EXPECT_EQ(rows[2].stamp, plus_seconds(from, hours * 3600));
        EXPECT_EQ(rows[2].first_value, static_cast<std::uint64_t>(hours) * 1000);
    }
}

TEST(DailyProfile, ClosesTheDayInWhichPowerWentAndMarksTheGap) {
    Bench bench(utc(2026, 1, 15, 20));
    run_hours(bench, 1);
    bench.now = plus_seconds(bench.now, 3 * 86'400);
    bench.power_up();
    run_hours(bench, 24);
    const auto rows = stamped_rows(bench, kDaily);
    ASSERT_EQ(rows.size(), 2U);
    EXPECT_EQ(rows[0].stamp, utc(2026, 1, 15, 23));
    EXPECT_EQ(rows[0].status, profile_status::kPowerDown);
    EXPECT_EQ(rows[1].stamp, utc(2026, 1, 18, 23));
    EXPECT_EQ(rows[1].status, profile_status::kPowerDown);
}

TEST(DailyProfile, HasAPeriodThatCannotBeSet) {
    Bench bench;
    EXPECT_EQ(to_hex(bench.read(kReaderSap, {7, kDaily, 4})), "0600015180");
    EXPECT_EQ(bench.write(kUtilitySap, {7, kDaily, 4}, from_hex("0600000384").value()),
              dlms::DataAccessResult::other_reason);
    EXPECT_EQ(bench.write(kUtilitySap, {7, kDaily, 4}, from_hex("0600015180").value()),
              dlms::DataAccessResult::success);
}

TEST(VoltageProfile, HasARowEachTenMinutes) {
    Bench bench(utc(2026, 1, 15, 10, 5, 0));
    bench.run(3600, 1000);
    const auto rows = stamped_rows(bench, kVoltage);
    ASSERT_EQ(rows.size(), 6U);
    EXPECT_EQ(rows[0].stamp, utc(2026, 1, 15, 10, 10));
    EXPECT_EQ(rows[5].stamp, utc(2026, 1, 15, 11, 0));
    EXPECT_EQ(rows[0].first_value, 230'000U) << "millivolts";
}

TEST(BillingProfile, CapturesWhenCalledAndHasTwoNames) {
    Bench bench(utc(2026, 1, 15, 10, 5, 0));
    run_hours(bench, 48);
    EXPECT_TRUE(stamped_rows(bench, kBilling).empty());
    EXPECT_EQ(bench.invoke(kTechnicianSap, {7, kBilling, 2}, kZero), dlms::ActionResult::read_write_denied);
    EXPECT_EQ(bench.invoke(kUtilitySap, {7, kBilling, 2}, {}), dlms::ActionResult::type_unmatched);
    EXPECT_EQ(bench.invoke(kUtilitySap, {7, kBilling, 2}, kZero), dlms::ActionResult::success);
    EXPECT_EQ(bench.invoke(kUtilitySap, {7, kBilling, 2}, kZero), dlms::ActionResult::temporary_failure)
        << "a time stamp is captured once";
    bench.power_up();
    const auto rows = stamped_rows(bench, kBilling);
    ASSERT_EQ(rows.size(), 1U);
    EXPECT_EQ(rows[0].stamp, bench.now);
    EXPECT_EQ(rows[0].first_value, 48'000U);
    EXPECT_EQ(bench.read(kReaderSap, {7, kBilling, 2}), bench.read(kReaderSap, {7, obis(0, 0, 98, 1, 0), 2}));
    EXPECT_EQ(to_hex(bench.read(kReaderSap, {7, kBilling, 4})), "0600000000") << "not periodic";
}

TEST(BillingProfile, IsClearedAlone) {
    Bench bench(utc(2026, 1, 15, 10, 5, 0));
    run_hours(bench, 48);
    ASSERT_EQ(bench.invoke(kUtilitySap, {7, kBilling, 2}, kZero), dlms::ActionResult::success);
    EXPECT_EQ(bench.invoke(kUtilitySap, {7, kBilling, 1}, kZero), dlms::ActionResult::success);
    bench.power_up();
    EXPECT_TRUE(stamped_rows(bench, kBilling).empty());
    EXPECT_EQ(stamped_rows(bench, kDaily).size(), 2U);
    EXPECT_EQ(stamped_rows(bench, obis(1, 0, 99, 1, 0)).size(), 192U);
}

}  // namespace
}  // namespace ferraris::meter
