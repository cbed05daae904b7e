// Events as those see them who cause them and those who read them: through inputs, mains, clients and power cuts in,
// through DLMS out.
#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "meter/fixture.hpp"
#include "meter/push/bench.hpp"

namespace ferraris::meter {
namespace {

using dlms::ActionResult;
using dlms::DataAccessResult;
using dlms::obis;
using testing::Bench;
using testing::encoded;

constexpr std::uint8_t kStandard = 1;
constexpr std::uint8_t kTou = 2;
constexpr std::uint8_t kFraud = 3;
constexpr std::uint8_t kPowerQuality = 4;
constexpr std::uint8_t kCommunication = 5;
constexpr std::uint8_t kDisconnector = 6;

/// A row of a log as DLMS has it: clock, status, code, value, duration.
struct LogRow {
    UtcTime at{};
    bool clock_valid{true};
    int code{0};
    std::int32_t value{0};
    std::uint32_t duration_cs{0};
};

class EventBench : public Bench {
public:
    using Bench::Bench;

    std::vector<LogRow> log(std::uint8_t e) {
        const auto value = read(kReaderSap, {7, obis(0, 0, 99, 98, e), 2});
        dlms::DataReader in(value);
        std::vector<LogRow> rows(in.array());
        for (LogRow& row : rows) {
            EXPECT_EQ(in.structure(), 5U);
            const auto stamp = dlms::decode_date_time(in.octet_string());
            EXPECT_TRUE(stamp);
            row.at = *meter->instrument().clock.rule.utc(*stamp);
            row.clock_valid = (stamp->status & dlms::clock_status::kInvalidClockStatus) == 0;
            (void)in.unsigned_();
            row.code = in.unsigned_();
            row.value = in.double_long();
            row.duration_cs = in.double_long_unsigned();
        }
        EXPECT_TRUE(in.finished());
        return rows;
    }
    std::vector<int> codes(std::uint8_t e) {
        std::vector<int> found;
        for (const LogRow& row : log(e)) found.push_back(row.code);
        return found;
    }
    std::uint32_t number(const dlms::LogicalName& name, std::uint16_t object_class = 1) {
        const auto value = read(kReaderSap, {object_class, name, 2});
        return dlms::DataReader(value).double_long_unsigned();
    }
    DataAccessResult set(const dlms::LogicalName& name, std::uint32_t number, std::uint16_t object_class = 1) {
        return write(kUtilitySap, {object_class, name, 2},
                     encoded([&](dlms::DataWriter& data) { data.double_long_unsigned(number); }));
    }
    void sense(board::Input input, bool active) {
        inputs.levels.set(input, active);
        meter->sense(inputs);
    }
    void run_at(std::int64_t seconds, const metrology::Measurement& measurement) {
        for (std::int64_t i = 0; i < seconds; ++i) {
            now = testing::plus_seconds(now, 1);
            meter->tick(measurement, now);
        }
    }
    /// As a board does it: what it finds and what it saw first, then power.
    void power_up_with(const board::LatchedChanges& latched) {
        meter = std::make_unique<Meter>(flash, *crypto, MeterIdentity::from_serial_number(4711), factory);
        meter->sense(inputs);
        meter->latch(latched);
        EXPECT_TRUE(meter->start(now));
    }

    board::Inputs inputs{};
};

TEST(Events, AFirstPowerUpIsTheFirstEvent) {
    EventBench bench;
    EXPECT_EQ(bench.codes(kStandard), std::vector<int>{2});
    for (const std::uint8_t e : {kTou, kFraud, kPowerQuality, kCommunication, kDisconnector}) {
        EXPECT_TRUE(bench.codes(e).empty()) << int{e};
    }
    EXPECT_EQ(bench.log(kStandard)[0].at, bench.now);
}

TEST(Events, APowerCutWithLastWords) {
    EventBench bench;
    bench.run(100, 1000);
    const UtcTime down = bench.now;
    ASSERT_TRUE(bench.meter->power_fail(bench.now));
    bench.now = testing::plus_seconds(bench.now, 5000);
    bench.power_up();
    const auto rows = bench.log(kStandard);
    ASSERT_EQ(bench.codes(kStandard), (std::vector<int>{2, 1, 2}));
    EXPECT_EQ(rows[1].at, down);
    EXPECT_EQ(rows[2].at, bench.now);
    EXPECT_EQ(rows[2].duration_cs, 500'000U) << "hundredths of a second without mains";
    EXPECT_EQ(bench.number(obis(0, 0, 96, 7, 21)), 2U);
    EXPECT_EQ(bench.number(obis(0, 0, 97, 98, 1)) & 1U, 1U) << "power down, register 2";
}

TEST(Events, APowerCutWithoutLastWordsIsStillTold) {
    EventBench bench;
    bench.run(100, 1000);
    bench.now = testing::plus_seconds(bench.now, 600);
    bench.power_up();
    const auto rows = bench.log(kStandard);
    ASSERT_EQ(bench.codes(kStandard), (std::vector<int>{2, 1, 2}));
    EXPECT_EQ(rows[1].at, testing::plus_seconds(bench.now, -640)) << "the last minute that was saved";
    EXPECT_EQ(rows[2].duration_cs, 64'000U);
}

TEST(Events, LongPowerFailuresAreCounted) {
    EventBench bench;
    const auto fail_for = [&](std::int64_t seconds) {
        bench.run(60, 1000);
        ASSERT_TRUE(bench.meter->power_fail(bench.now));
        bench.now = testing::plus_seconds(bench.now, seconds);
        bench.power_up();
    };
    EXPECT_EQ(bench.number(obis(0, 0, 96, 7, 9)), 0U) << "the first start is none";
    EXPECT_EQ(bench.number(obis(0, 0, 96, 7, 20), 3), 180U);
    fail_for(179);
    EXPECT_EQ(bench.number(obis(0, 0, 96, 7, 9)), 0U);
    fail_for(180);
    EXPECT_EQ(bench.number(obis(0, 0, 96, 7, 9)), 1U);
    EXPECT_EQ(bench.number(obis(0, 0, 96, 7, 19), 3), 180U);
    EXPECT_EQ(bench.set(obis(0, 0, 96, 7, 20), 0, 3), DataAccessResult::other_reason);
    EXPECT_EQ(bench.set(obis(0, 0, 96, 7, 20), 86'401, 3), DataAccessResult::other_reason);
    EXPECT_EQ(bench.set(obis(0, 0, 96, 7, 19), 5, 3), DataAccessResult::read_write_denied);
    EXPECT_EQ(bench.set(obis(0, 0, 96, 7, 20), 3600, 3), DataAccessResult::success);
    fail_for(3599);
    EXPECT_EQ(bench.number(obis(0, 0, 96, 7, 9)), 1U);
    fail_for(7200);
    EXPECT_EQ(bench.number(obis(0, 0, 96, 7, 9)), 2U);
    EXPECT_EQ(bench.number(obis(0, 0, 96, 7, 19), 3), 7200U);
    EXPECT_EQ(bench.number(obis(0, 0, 96, 7, 21)), 5U) << "all of them, and the first start";
}

TEST(Events, PowerThatIsBackAtOnce) {
    EventBench bench;
    bench.run(10, 1000);
    ASSERT_TRUE(bench.meter->power_fail(bench.now));
    bench.run(1, 1000);
    EXPECT_EQ(bench.codes(kStandard), (std::vector<int>{2, 1, 2}));
}

TEST(Events, ACoverOpenedUnderPower) {
    EventBench bench;
    bench.sense(board::Input::terminal_cover, true);
    bench.run(1, 1000);
    EXPECT_EQ(bench.codes(kFraud), std::vector<int>{40});
    EXPECT_EQ(bench.number(obis(0, 0, 97, 98, 0)) & 0x2000U, 0x2000U) << "fraud attempt";
    EXPECT_EQ(bench.number(obis(0, 0, 96, 20, 5)), 1U);
    EXPECT_EQ(bench.read(kReaderSap, {1, obis(0, 0, 96, 11, kFraud), 2}), *from_hex("1128")) << "the event code object";
    bench.sense(board::Input::terminal_cover, false);
    bench.run(1, 1000);
    EXPECT_EQ(bench.codes(kFraud), (std::vector<int>{40, 41}));
    EXPECT_EQ(bench.number(obis(0, 0, 96, 15, kFraud)), 2U);
}

TEST(Events, ACoverThatStaysOpenThroughAPowerCutIsToldOnce) {
    EventBench bench;
    bench.sense(board::Input::meter_cover, true);
    bench.run(5, 1000);
    bench.now = testing::plus_seconds(bench.now, 100);
    bench.power_up_with({});
    bench.run(5, 1000);
    EXPECT_EQ(bench.codes(kFraud), std::vector<int>{44});
    bench.sense(board::Input::meter_cover, false);
    bench.run(5, 1000);
    EXPECT_EQ(bench.codes(kFraud), (std::vector<int>{44, 45}));
}

TEST(Events, ACoverOpenedAndClosedWithoutMains) {
    EventBench bench;
    bench.run(60, 1000);
    ASSERT_TRUE(bench.meter->power_fail(bench.now));
    board::LatchedChanges latched;
    const UtcTime opened = testing::plus_seconds(bench.now, 1000);
    ASSERT_TRUE(latched.push_back({board::Input::terminal_cover, true, opened}));
    ASSERT_TRUE(latched.push_back({board::Input::terminal_cover, false, testing::plus_seconds(opened, 90)}));
    bench.now = testing::plus_seconds(bench.now, 7200);
    bench.power_up_with(latched);
    const auto rows = bench.log(kFraud);
    ASSERT_EQ(rows.size(), 2U);
    EXPECT_EQ(rows[0].code, 40);
    EXPECT_EQ(rows[0].at, opened);
    EXPECT_EQ(rows[1].code, 41);
    EXPECT_EQ(rows[1].at, testing::plus_seconds(opened, 90));
}

TEST(Events, AnUndervoltageHasItsVoltageInTheRow) {
    EventBench bench;
    metrology::Measurement low;
    low.voltage_millivolts = 201'230;
    bench.run_at(60, low);
    bench.run(60, 1000);
    const auto rows = bench.log(kPowerQuality);
    ASSERT_EQ(rows.size(), 2U);
    EXPECT_EQ(rows[0].code, 76);
    EXPECT_EQ(rows[0].value, 20'123);
    EXPECT_EQ(rows[1].code, 85);
    EXPECT_EQ(rows[1].duration_cs, 6'000U);
    EXPECT_EQ(bench.number(obis(1, 0, 32, 32, 1), 3), 1U) << "occurrences of tier 1";
    EXPECT_EQ(bench.number(obis(1, 0, 32, 33, 1), 3), 60U) << "seconds";
    EXPECT_EQ(bench.number(obis(1, 0, 32, 34, 1), 3), 20'123U);
}

TEST(Events, TheContractedPowerIsTheUtilitysToSet) {
    EventBench bench;
    EXPECT_EQ(bench.write(kTechnicianSap, {3, obis(1, 0, 1, 35, 0), 2}, *from_hex("0600000001")),
              DataAccessResult::read_write_denied);
    EXPECT_EQ(bench.set(obis(1, 0, 1, 35, 0), 3'000'000, 3), DataAccessResult::success);
    EXPECT_EQ(bench.set(obis(1, 0, 1, 44, 0), 5, 3), DataAccessResult::success);
    EXPECT_EQ(bench.set(obis(1, 0, 1, 44, 0), 3601, 3), DataAccessResult::other_reason);
    EXPECT_EQ(bench.write(kUtilitySap, {3, obis(1, 0, 1, 44, 0), 2}, *from_hex("120005")),
              DataAccessResult::type_unmatched);
    bench.run(5, 3200);
    bench.run(60, 2800);
    const auto rows = bench.log(kDisconnector);
    ASSERT_EQ(bench.codes(kDisconnector), (std::vector<int>{67, 65, 66}));
    EXPECT_EQ(rows[0].value, 3'000'000);
    EXPECT_EQ(rows[1].value, 3'200'000);
    EXPECT_EQ(bench.number(obis(0, 0, 97, 98, 1)) & 0x1000U, 0x1000U) << "over power, register 2";
}

TEST(Events, AClockThatIsSetTellsOldAndNewTime) {
    EventBench bench;
    bench.run(10, 1000);
    const UtcTime before = bench.now;
    const UtcTime after = testing::plus_seconds(before, 3600);
    const auto time = dlms::encode(bench.meter->instrument().clock.rule.date_time(after, 0));
    ASSERT_EQ(bench.write(kTechnicianSap, {8, obis(0, 0, 1, 0, 0), 2},
                          encoded([&](dlms::DataWriter& data) { data.octet_string(time); })),
              DataAccessResult::success);
    const auto rows = bench.log(kStandard);
    ASSERT_EQ(bench.codes(kStandard), (std::vector<int>{2, 4, 5})) << "and no parameter";
    EXPECT_EQ(rows[1].at, before);
    EXPECT_EQ(rows[2].at, after);
    EXPECT_EQ(rows[2].value, 3600);
}

TEST(Events, AClockThatStoodStill) {
    EventBench bench;
    bench.run(60, 1000);
    bench.meter =
        std::make_unique<Meter>(bench.flash, *bench.crypto, MeterIdentity::from_serial_number(4711), bench.factory);
    ASSERT_TRUE(bench.meter->start(bench.now, false));
    const auto rows = bench.log(kStandard);
    ASSERT_EQ(bench.codes(kStandard), (std::vector<int>{2, 1, 2, 6}));
    EXPECT_FALSE(rows[3].clock_valid) << "the row says so too";
    EXPECT_EQ(bench.number(obis(0, 0, 97, 97, 0)), 1U) << "error register: clock invalid";
    EXPECT_EQ(bench.set(obis(0, 0, 97, 97, 0), 0), DataAccessResult::success);
    EXPECT_EQ(bench.number(obis(0, 0, 97, 97, 0)), 1U) << "it stands";
}

TEST(Events, DaylightSaving) {
    EventBench bench(testing::utc(2026, 3, 29, 0, 59, 0));
    bench.run(120, 1000);
    const auto rows = bench.log(kStandard);
    ASSERT_EQ(bench.codes(kStandard), (std::vector<int>{2, 3}));
    EXPECT_EQ(rows[1].at, testing::utc(2026, 3, 29, 1, 0, 0));
    EXPECT_EQ(rows[1].value, 1);
}

TEST(Events, DaylightSavingThatBeganWithoutMains) {
    EventBench bench(testing::utc(2026, 3, 28, 12, 0, 0));
    bench.run(60, 1000);
    bench.now = testing::utc(2026, 3, 30, 12, 0, 0);
    bench.power_up();
    EXPECT_EQ(bench.codes(kStandard), (std::vector<int>{2, 1, 2, 3}));
}

TEST(Events, LoginsAndFailures) {
    EventBench bench;
    bench.meter->security_event(kReaderSap, dlms::SecurityEvent::association_established);
    bench.meter->security_event(kPublicSap, dlms::SecurityEvent::association_established);
    for (int i = 0; i < 4; ++i) {
        bench.meter->security_event(kTechnicianSap, dlms::SecurityEvent::authentication_failed);
    }
    const auto logins = bench.log(kCommunication);
    ASSERT_EQ(bench.codes(kCommunication), (std::vector<int>{240, 241})) << "the public client proves nothing";
    EXPECT_EQ(logins[0].value, kReaderSap);
    EXPECT_EQ(logins[1].value, kTechnicianSap);
    bench.run(60, 1000);
    const auto failures = bench.log(kFraud);
    ASSERT_EQ(bench.codes(kFraud), (std::vector<int>{46, 46}));
    EXPECT_EQ(failures[0].value, 1);
    EXPECT_EQ(failures[1].value, 3) << "the others, a minute later";
}

TEST(Events, ChangesByClients) {
    EventBench bench;
    ASSERT_EQ(bench.write(kUtilitySap, {8, obis(0, 0, 1, 0, 0), 8}, *from_hex("0300")), DataAccessResult::success);
    ASSERT_EQ(bench.write(kUtilitySap, {8, obis(0, 0, 1, 0, 0), 8}, *from_hex("0900")),
              DataAccessResult::type_unmatched)
        << "what fails is no change";
    ASSERT_EQ(bench.write(kUtilitySap, {15, obis(0, 0, 40, 0, 2), 7}, *from_hex("09083837363534333231")),
              DataAccessResult::success);
    const auto rows = bench.log(kStandard);
    ASSERT_EQ(bench.codes(kStandard), (std::vector<int>{2, 47, 48}));
    EXPECT_EQ(static_cast<std::uint32_t>(rows[1].value), 0x01000008U) << "1.0.0, attribute 8";
    EXPECT_EQ(rows[2].value, kUtilitySap);
    EXPECT_EQ(bench.number(obis(0, 0, 97, 98, 1)) & 0x2000U, 0x2000U) << "key changed";
}

TEST(Events, ClearingALogLeavesOneRow) {
    EventBench bench;
    bench.sense(board::Input::magnet, true);
    bench.run(3, 1000);
    ASSERT_EQ(bench.codes(kFraud), std::vector<int>{42});
    EXPECT_EQ(bench.invoke(kReaderSap, {7, obis(0, 0, 99, 98, kFraud), 1}, *from_hex("0F00")),
              ActionResult::read_write_denied);
    ASSERT_EQ(bench.invoke(kUtilitySap, {7, obis(0, 0, 99, 98, kFraud), 1}, *from_hex("0F00")), ActionResult::success);
    EXPECT_EQ(bench.codes(kFraud), std::vector<int>{255});
    EXPECT_EQ(bench.number(obis(0, 0, 96, 20, 15)), 1U) << "counters are not cleared";
    bench.sense(board::Input::magnet, false);
    bench.run(3, 1000);
    EXPECT_EQ(bench.codes(kFraud), (std::vector<int>{255, 43}));
    bench.power_up();
    EXPECT_EQ(bench.codes(kFraud), (std::vector<int>{255, 43}));
}

TEST(Events, ClearingAProfileIsLogged) {
    EventBench bench;
    ASSERT_EQ(bench.invoke(kUtilitySap, {7, obis(1, 0, 99, 1, 0), 1}, *from_hex("0F00")), ActionResult::success);
    EXPECT_EQ(bench.codes(kStandard), (std::vector<int>{2, 254}));
}

TEST(Events, ClearingAlarmsIsLogged) {
    EventBench bench;
    ASSERT_EQ(bench.set(obis(0, 0, 97, 98, 0), 0), DataAccessResult::success);
    ASSERT_EQ(bench.set(obis(0, 0, 97, 98, 0), 0), DataAccessResult::success);
    const auto rows = bench.log(kStandard);
    ASSERT_EQ(bench.codes(kStandard), (std::vector<int>{2, 11})) << "there is nothing to clear twice";
    EXPECT_EQ(rows[1].value, 4);
}

TEST(Events, ALogKeepsTheNewestTwoHundred) {
    EventBench bench;
    for (int i = 0; i < 230; ++i) {
        bench.sense(board::Input::battery_cover, i % 2 == 0);
        bench.run(1, 1000);
    }
    const auto codes = bench.codes(kFraud);
    ASSERT_EQ(codes.size(), 200U);
    EXPECT_EQ(codes.back(), 203);
    EXPECT_EQ(bench.number(obis(0, 0, 96, 15, kFraud)), 230U);
    bench.power_up();
    EXPECT_EQ(bench.codes(kFraud).size(), 200U);
    EXPECT_EQ(bench.number(obis(0, 0, 96, 15, kFraud)), 230U);
}

TEST(Events, ALogIsReadByRange) {
    EventBench bench;
    bench.sense(board::Input::battery_cover, true);
    bench.run(3600, 1000);
    const UtcTime from = bench.now;
    bench.sense(board::Input::battery_cover, false);
    bench.run(1, 1000);
    const auto parameters = encoded([&](dlms::DataWriter& data) {
        const auto limit = [&](UtcTime time) {
            data.octet_string(dlms::encode(bench.meter->instrument().clock.rule.date_time(time, 0)));
        };
        data.structure(4);
        data.structure(4);
        data.long_unsigned(8);
        data.octet_string(obis(0, 0, 1, 0, 0));
        data.integer(2);
        data.long_unsigned(0);
        limit(from);
        limit(testing::plus_seconds(from, 10));
        data.array(0);
    });
    const dlms::Selection selection{dlms::kRangeSelector, parameters};
    const auto value = bench.read(kReaderSap, {7, obis(0, 0, 99, 98, kFraud), 2}, &selection);
    ASSERT_EQ(bench.result, DataAccessResult::success);
    EXPECT_EQ(dlms::DataReader(value).array(), 1U);
}

/// Whatever flash operation power goes at, before it, inside it or after it: the event is there once, and so is its
/// condition.
TEST(Events, AnEventComesOnceWhereverPowerGoes) {
    for (const testing::Tear tear : {testing::Tear::before, testing::Tear::inside, testing::Tear::after}) {
        bool powerless = true;
        for (std::uint64_t operation = 0; powerless; ++operation) {
            EventBench bench;
            bench.run(30, 1000);
            bench.sense(board::Input::terminal_cover, true);
            bench.flash.cut_at(operation, tear, static_cast<std::uint32_t>(operation));
            bench.run(1, 1000);
            powerless = bench.flash.powerless();
            bench.flash.restore_power();
            bench.now = testing::plus_seconds(bench.now, 10);
            bench.power_up_with({});
            bench.run(2, 1000);
            EXPECT_EQ(bench.codes(kFraud), std::vector<int>{40}) << "cut at operation " << operation;
            EXPECT_EQ(bench.number(obis(0, 0, 96, 20, 5)), 1U) << "cut at operation " << operation;
        }
    }
}

}  // namespace
}  // namespace ferraris::meter
