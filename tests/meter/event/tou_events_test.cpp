// The TOU log: what changed the tariffs, told once each, wherever power goes.
#include <gtest/gtest.h>

#include <algorithm>
#include <vector>

#include "meter/push/bench.hpp"
#include "meter/tariff/support.hpp"

namespace ferraris::meter {
namespace {

using dlms::ActionResult;
using dlms::DataAccessResult;
using testing::activate;
using testing::encoded;
using testing::kCalendar;
using testing::kSpecialDaysTable;
using testing::octets;
using testing::one_day;
using testing::send_passive;
using testing::utc;

struct TouEntry {
    int code{0};
    std::int32_t value{0};
    friend bool operator==(const TouEntry&, const TouEntry&) = default;
};

std::vector<TouEntry> tou_log(testing::Bench& bench) {
    const auto value = bench.read(kReaderSap, {7, dlms::obis(0, 0, 99, 98, 2), 2});
    dlms::DataReader in(value);
    std::vector<TouEntry> rows(in.array());
    for (TouEntry& row : rows) {
        (void)in.structure();
        (void)in.octet_string();
        (void)in.unsigned_();
        row.code = in.unsigned_();
        row.value = in.double_long();
        (void)in.double_long_unsigned();
    }
    EXPECT_TRUE(in.finished());
    return rows;
}

CalendarSet table(const char* name) { return one_day(name, {{0, 0, 0, SwitchTarget::tariff, 4}}); }

std::vector<std::uint8_t> time_octets(UtcTime at) {
    return encoded([&](dlms::DataWriter& data) { data.octet_string(dlms::encode(dlms::from_utc(at, 0, 0))); });
}

TEST(TouEvents, ProgrammedAndActivated) {
    testing::Bench bench;
    ASSERT_EQ(send_passive(bench, table("new")), DataAccessResult::success);
    EXPECT_EQ(tou_log(bench), (std::vector<TouEntry>{{19, 6}, {19, 7}, {19, 8}, {19, 9}}));
    ASSERT_EQ(activate(bench), ActionResult::success);
    ASSERT_EQ(activate(bench), ActionResult::success);
    const auto log = tou_log(bench);
    ASSERT_EQ(log.size(), 6U);
    EXPECT_EQ(log[4], (TouEntry{9, 1}));
    EXPECT_EQ(log[5], (TouEntry{9, 2}));
    bench.power_up();
    EXPECT_EQ(tou_log(bench).size(), 6U) << "nothing is told twice";
}

TEST(TouEvents, WhatIsRefusedIsNoEvent) {
    testing::Bench bench;
    EXPECT_NE(bench.write(kUtilitySap, {20, kCalendar, 9}, octets("00")), DataAccessResult::success);
    EXPECT_NE(bench.write(kTechnicianSap, {20, kCalendar, 6}, octets("090141")), DataAccessResult::success);
    EXPECT_TRUE(tou_log(bench).empty());
}

TEST(TouEvents, AnActivationInTime) {
    testing::Bench bench;
    ASSERT_EQ(send_passive(bench, table("new")), DataAccessResult::success);
    const UtcTime at = testing::plus_seconds(bench.now, 90);
    ASSERT_EQ(bench.write(kUtilitySap, {20, kCalendar, 10}, time_octets(at)), DataAccessResult::success);
    bench.run(89, 0);
    EXPECT_EQ(tou_log(bench).size(), 4U);
    bench.run(2, 0);
    EXPECT_EQ(tou_log(bench).back(), (TouEntry{9, 1}));
}

TEST(TouEvents, AnActivationIsToldOnceWhereverPowerGoes) {
    for (std::uint64_t operation = 0; operation < 14; ++operation) {
        testing::Bench bench;
        ASSERT_EQ(send_passive(bench, table("new")), DataAccessResult::success);
        bench.flash.cut_at(operation, testing::Tear::inside, 5);
        (void)activate(bench);
        bench.flash.restore_power();
        bench.power_up();
        const bool active = equal(bench.meter->instrument().tariff.active().name.view(), table("new").name.view());
        const auto log = tou_log(bench);
        EXPECT_EQ(std::ranges::count(log, 9, &TouEntry::code), active ? 1 : 0) << "cut at operation " << operation;
    }
}

TEST(TouEvents, SpecialDaysAndScripts) {
    testing::Bench bench;
    // An entry: index 1, any year 12-24, day 1.
    const auto entry = octets("0203120001 0905FFFF0C18FF 1101");
    ASSERT_EQ(bench.invoke(kUtilitySap, {11, kSpecialDaysTable, 1}, entry), ActionResult::success);
    ASSERT_EQ(bench.invoke(kUtilitySap, {11, kSpecialDaysTable, 2}, octets("120001")), ActionResult::success);
    ASSERT_EQ(bench.write(kUtilitySap, {11, kSpecialDaysTable, 2}, octets("0100")), DataAccessResult::success);
    ASSERT_EQ(bench.invoke(kUtilitySap, {9, kTariffScriptTable, 1}, octets("120005")), ActionResult::success);
    ASSERT_EQ(bench.invoke(kUtilitySap, {70, dlms::obis(0, 1, 96, 3, 10), 2}, octets("0F00")), ActionResult::success);
    EXPECT_EQ(tou_log(bench), (std::vector<TouEntry>{{250, 0}, {250, 0}, {250, 0}, {251, 5}, {252, 2}}));
}

}  // namespace
}  // namespace ferraris::meter
