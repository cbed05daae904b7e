// The load profile over the LogicalDevice interface: capture, gaps, clocks that are set, selective access.
#include <gtest/gtest.h>
#include <rapidcheck.h>

#include <map>

#include "base/hex.hpp"
#include "dlms/apdu/selective_access.hpp"
#include "meter/fixture.hpp"
#include "meter/profile/profile_status.hpp"

namespace ferraris::meter {
namespace {

using dlms::DataAccessResult;
using dlms::obis;
using testing::Bench;
using testing::plus_seconds;
using testing::utc;

constexpr dlms::LogicalName kProfile = obis(1, 0, 99, 1, 0);
constexpr dlms::AttributeDescriptor kBuffer{7, kProfile, 2};
constexpr dlms::CaptureObject kClockColumn{{8, obis(0, 0, 1, 0, 0), 2}, 0};
constexpr std::int16_t kNone = dlms::kDeviationNotSpecified;

struct Row {
    UtcTime stamp{};
    std::uint8_t status{0};
    std::uint64_t import_wh{0};
};

std::vector<Row> rows_of(ByteView value) {
    dlms::DataReader in(value);
    std::vector<Row> rows(in.array());
    for (Row& row : rows) {
        EXPECT_EQ(in.structure(), 8U);
        row.stamp = dlms::to_utc(*dlms::decode_date_time(in.octet_string())).value();
        row.status = in.unsigned_();
        row.import_wh = in.long64_unsigned();
        for (int i = 0; i < 5; ++i) EXPECT_EQ(in.long64_unsigned(), 0U);
    }
    EXPECT_TRUE(in.finished());
    return rows;
}

/// A range of the clock, its ends as octet-strings or as date-times.
std::vector<std::uint8_t> range(const dlms::DateTime& from, const dlms::DateTime& to, bool tagged = false,
                                std::vector<dlms::CaptureObject> columns = {}) {
    std::vector<std::uint8_t> octets(1000);
    ByteWriter out(octets);
    dlms::DataWriter data(out);
    data.structure(4);
    put(out, kClockColumn);
    for (const dlms::DateTime& limit : {from, to}) {
        if (tagged) {
            out.u8(static_cast<std::uint8_t>(dlms::DataTag::date_time));
            out.put(dlms::encode(limit));
        } else {
            data.octet_string(dlms::encode(limit));
        }
    }
    data.array(columns.size());
    for (const auto& column : columns) put(out, column);
    octets.resize(out.size());
    return octets;
}

std::vector<std::uint8_t> entries(std::uint32_t from, std::uint32_t to, std::uint16_t first, std::uint16_t last) {
    std::vector<std::uint8_t> octets(100);
    ByteWriter out(octets);
    dlms::encode(out, dlms::EntryDescriptor{from, to, first, last});
    octets.resize(out.size());
    return octets;
}

dlms::DateTime local(UtcTime time, std::int16_t deviation = -60) { return dlms::from_utc(time, deviation, 0); }

TEST(LoadProfile, HasARowForEachQuarterHourWithTheEnergyUpToItsEnd) {
    Bench bench(utc(2026, 1, 15, 10, 5, 0));
    bench.run(3600, 1000);
    const auto rows = rows_of(bench.read(kReaderSap, kBuffer));
    ASSERT_EQ(rows.size(), 4U);
    const std::uint64_t kExpected[] = {166, 416, 666, 916};
    for (std::size_t i = 0; i < rows.size(); ++i) {
        EXPECT_EQ(rows[i].stamp, plus_seconds(utc(2026, 1, 15, 10, 15), static_cast<std::int64_t>(i) * 900));
        EXPECT_EQ(rows[i].status, 0);
        EXPECT_EQ(rows[i].import_wh, kExpected[i]);
    }
    // Entries in use 4 of 8640, period 900 s, fifo, sorted by the clock.
    EXPECT_EQ(to_hex(bench.read(kReaderSap, {7, kProfile, 7})), "0600000004");
    EXPECT_EQ(to_hex(bench.read(kReaderSap, {7, kProfile, 8})), "06000021C0");
    EXPECT_EQ(to_hex(bench.read(kReaderSap, {7, kProfile, 4})), "0600000384");
    EXPECT_EQ(to_hex(bench.read(kReaderSap, {7, kProfile, 5})), "1601");
    EXPECT_EQ(to_hex(bench.read(kReaderSap, {7, kProfile, 6})),
              "0204120008090600000100"
              "00FF0F02120000");
}

TEST(LoadProfile, Has92Or100RowsOnTheDaysThatClocksChange) {
    for (const auto& [from, count] : {std::pair{utc(2026, 3, 28, 23), 92U}, {utc(2026, 10, 24, 22), 100U}}) {
        Bench bench(from);
        bench.run(static_cast<std::int64_t>(count) * 900, 100);
        const auto rows = rows_of(bench.read(kReaderSap, kBuffer));
        ASSERT_EQ(rows.size(), count);
        for (std::size_t i = 0; i < count; ++i) {
            EXPECT_EQ(rows[i].stamp, plus_seconds(from, static_cast<std::int64_t>(i + 1) * 900));
            const bool summer = bench.meter->instrument().clock.rule.daylight_saving_active(rows[i].stamp);
            EXPECT_EQ(rows[i].status, summer ? profile_status::kDaylightSaving : 0);
        }
    }
}

TEST(LoadProfile, SelectsByRangeInEveryFormOfTime) {
    Bench bench(utc(2026, 1, 15, 0));
    bench.run(86'400, 1000);
    const auto read = [&](const std::vector<std::uint8_t>& parameters) {
        const dlms::Selection selection{1, parameters};
        return bench.read(kReaderSap, kBuffer, &selection, 333);
    };
    const UtcTime from = utc(2026, 1, 15, 6);
    const UtcTime to = utc(2026, 1, 15, 8);
    const auto expected = rows_of(read(range(local(from), local(to))));
    ASSERT_EQ(expected.size(), 9U) << "both ends are included";
    EXPECT_EQ(expected.front().stamp, from);
    EXPECT_EQ(expected.back().stamp, to);
    const auto wire = read(range(local(from), local(to)));
    EXPECT_EQ(read(range(local(from), local(to), true)), wire) << "date-time";
    EXPECT_EQ(read(range(local(from, 0), local(to, 0))), wire) << "another deviation";
    auto open_from = local(from);
    auto open_to = local(to);
    open_from.deviation = open_to.deviation = kNone;
    EXPECT_EQ(read(range(open_from, open_to)), wire) << "local time of the meter";
    EXPECT_EQ(rows_of(read(range(dlms::DateTime{}, local(to)))).size(), 32U) << "from the beginning";
    EXPECT_EQ(rows_of(read(range(dlms::DateTime{}, dlms::DateTime{}))).size(), 96U);
    EXPECT_EQ(to_hex(read(range(local(utc(2027, 1, 1)), local(utc(2027, 1, 2))))), "0100") << "outside: no rows";
    EXPECT_EQ(to_hex(read(range(local(to), local(from)))), "0100") << "backwards: no rows";
    EXPECT_EQ(to_hex(read(range(local(plus_seconds(from, 1)), local(plus_seconds(from, 899))))), "0100");
    // Two columns: array(1) of structure(2) { clock, +A }
    const auto two = read(range(local(from), local(from), false, {kClockColumn, {{3, obis(1, 0, 1, 8, 0), 2}, 0}}));
    EXPECT_EQ(to_hex(two),
              "01010202"
              "090C07EA010F0407000000FFC400"
              "150000000000001770");
}

TEST(LoadProfile, SelectsByEntryAndColumn) {
    Bench bench(utc(2026, 1, 15, 0));
    bench.run(86'400, 1000);
    const auto read = [&](const std::vector<std::uint8_t>& parameters) {
        const dlms::Selection selection{2, parameters};
        return bench.read(kReaderSap, kBuffer, &selection, 500);
    };
    EXPECT_EQ(read(entries(1, 0, 1, 0)), bench.read(kReaderSap, kBuffer)) << "wildcards: all";
    const auto some = rows_of(read(entries(2, 4, 1, 8)));
    ASSERT_EQ(some.size(), 3U);
    EXPECT_EQ(some[0].stamp, utc(2026, 1, 15, 0, 30));
    EXPECT_EQ(to_hex(read(entries(96, 96, 3, 3))), "01010201150000000000005DC0") << "the last row, one column";
    EXPECT_EQ(rows_of(read(entries(90, 500, 1, 0))).size(), 7U);
    EXPECT_EQ(to_hex(read(entries(97, 0, 1, 0))), "0100");
    (void)read(entries(0, 1, 1, 0));
    EXPECT_EQ(bench.result, DataAccessResult::other_reason);
    (void)read(entries(3, 2, 1, 0));
    EXPECT_EQ(bench.result, DataAccessResult::other_reason);
    (void)read(entries(1, 2, 9, 0));
    EXPECT_EQ(bench.result, DataAccessResult::other_reason);
}

TEST(LoadProfile, RefusesSelectionsThatAreNone) {
    Bench bench;
    bench.run(1000, 1000);
    const auto result = [&](std::uint8_t selector, std::vector<std::uint8_t> parameters) {
        const dlms::Selection selection{selector, parameters};
        (void)bench.read(kReaderSap, kBuffer, &selection);
        return bench.result;
    };
    EXPECT_EQ(result(3, entries(1, 0, 1, 0)), DataAccessResult::type_unmatched);
    EXPECT_EQ(result(1, entries(1, 0, 1, 0)), DataAccessResult::type_unmatched);
    EXPECT_EQ(result(2, {0x11, 0x01}), DataAccessResult::type_unmatched);
    EXPECT_EQ(result(1, {}), DataAccessResult::type_unmatched);
    EXPECT_EQ(result(1, range({}, {}, false, {{{3, obis(1, 0, 99, 9, 9), 2}, 0}})), DataAccessResult::other_reason);
}

TEST(LoadProfile, AnAnswerUnderWayIsNotShiftedByACapture) {
    Bench bench(utc(2026, 1, 15, 0));
    bench.run(6 * 3600, 1000);
    const auto before = bench.read(kReaderSap, kBuffer);
    const dlms::Association association = testing::association_of(kReaderSap);
    dlms::ReadCursor cursor;
    std::vector<std::uint8_t> value;
    for (bool complete = false; !complete; bench.run(1000, 1000)) {
        std::vector<std::uint8_t> window(200);
        ByteWriter out(window);
        const auto outcome = bench.meter->read({association, {}}, kBuffer, nullptr, cursor, out);
        ASSERT_EQ(outcome.result, DataAccessResult::success);
        value.insert(value.end(), out.written().begin(), out.written().end());
        complete = outcome.complete;
    }
    EXPECT_EQ(value, before);
    EXPECT_GT(rows_of(bench.read(kReaderSap, kBuffer)).size(), 24U);
}

TEST(LoadProfile, ClosesTheIntervalInWhichPowerWentAndMarksTheGap) {
    Bench bench(utc(2026, 1, 15, 10, 0, 0));
    bench.run(20 * 60, 1000);
    ASSERT_TRUE(bench.meter->power_fail(bench.now));
    bench.now = utc(2026, 1, 15, 12, 5, 0);
    bench.power_up();
    bench.run(25 * 60, 1000);
    const auto rows = rows_of(bench.read(kReaderSap, kBuffer));
    ASSERT_EQ(rows.size(), 4U);
    EXPECT_EQ(rows[0].stamp, utc(2026, 1, 15, 10, 15));
    EXPECT_EQ(rows[0].status, 0);
    EXPECT_EQ(rows[1].stamp, utc(2026, 1, 15, 10, 30)) << "power went at 10:20";
    EXPECT_EQ(rows[1].status, profile_status::kPowerDown);
    EXPECT_EQ(rows[1].import_wh, 333U);
    EXPECT_EQ(rows[2].stamp, utc(2026, 1, 15, 12, 15)) << "power came at 12:05";
    EXPECT_EQ(rows[2].status, profile_status::kPowerDown);
    EXPECT_EQ(rows[2].import_wh, 500U);
    EXPECT_EQ(rows[3].stamp, utc(2026, 1, 15, 12, 30));
    EXPECT_EQ(rows[3].status, 0);
}

TEST(LoadProfile, AShortLossOfPowerMarksItsInterval) {
    Bench bench(utc(2026, 1, 15, 10, 0, 0));
    bench.run(5 * 60, 1000);
    ASSERT_TRUE(bench.meter->power_fail(bench.now));
    bench.now = plus_seconds(bench.now, 60);
    bench.power_up();
    bench.run(24 * 60, 1000);
    const auto rows = rows_of(bench.read(kReaderSap, kBuffer));
    ASSERT_EQ(rows.size(), 2U);
    EXPECT_EQ(rows[0].status, profile_status::kPowerDown);
    EXPECT_EQ(rows[1].status, 0);
}

TEST(LoadProfile, AHostThatForgetsToTickLeavesAMarkedGap) {
    Bench bench(utc(2026, 1, 15, 10, 0, 0));
    bench.run(20 * 60, 1000);
    bench.now = utc(2026, 1, 15, 11, 2, 0);
    bench.run(28 * 60, 1000);
    const auto rows = rows_of(bench.read(kReaderSap, kBuffer));
    ASSERT_EQ(rows.size(), 4U);
    EXPECT_EQ(rows[1].stamp, utc(2026, 1, 15, 10, 30));
    EXPECT_EQ(rows[1].status, profile_status::kDataNotValid);
    EXPECT_EQ(rows[2].stamp, utc(2026, 1, 15, 11, 15));
    EXPECT_EQ(rows[2].status, profile_status::kDataNotValid);
    EXPECT_EQ(rows[3].status, 0);
}

class ClockSet : public ::testing::Test {
protected:
    void set(UtcTime time) {
        std::vector<std::uint8_t> value{0x09, 0x0C};
        const auto octets = dlms::encode(local(time));
        value.insert(value.end(), octets.begin(), octets.end());
        ASSERT_EQ(bench_.write(kTechnicianSap, {8, obis(0, 0, 1, 0, 0), 2}, value), DataAccessResult::success);
    }
    std::vector<Row> rows() { return rows_of(bench_.read(kReaderSap, kBuffer)); }

    Bench bench_{utc(2026, 1, 15, 10, 0, 0)};
};

TEST_F(ClockSet, ForwardClosesTheIntervalAndMarksBothSides) {
    bench_.run(20 * 60, 1000);
    set(utc(2026, 1, 15, 11, 40));
    bench_.run(20 * 60, 1000);
    const auto all = rows();
    ASSERT_EQ(all.size(), 4U);
    EXPECT_EQ(all[1].stamp, utc(2026, 1, 15, 10, 30));
    EXPECT_EQ(all[1].status, profile_status::kClockAdjusted);
    EXPECT_EQ(all[1].import_wh, 333U);
    EXPECT_EQ(all[2].stamp, utc(2026, 1, 15, 11, 45));
    EXPECT_EQ(all[2].status, profile_status::kClockAdjusted);
    EXPECT_EQ(all[3].stamp, utc(2026, 1, 15, 12, 0));
    EXPECT_EQ(all[3].status, 0);
    EXPECT_EQ(all[3].import_wh, 666U);
}

TEST_F(ClockSet, BackwardDoublesNoRowAndLosesNoEnergy) {
    bench_.run(50 * 60, 1000);
    set(utc(2026, 1, 15, 10, 5));
    bench_.run(60 * 60, 1000);
    const auto all = rows();
    ASSERT_EQ(all.size(), 4U);
    for (std::size_t i = 0; i < all.size(); ++i) {
        EXPECT_EQ(all[i].stamp, plus_seconds(utc(2026, 1, 15, 10, 15), static_cast<std::int64_t>(i) * 900));
    }
    EXPECT_EQ(all[2].status, 0);
    EXPECT_EQ(all[3].status, profile_status::kClockAdjusted);
    EXPECT_EQ(all[3].import_wh, 1750U) << "50 minutes before and 55 after";
    EXPECT_EQ(bench_.watthours(1), 1833U);
}

TEST_F(ClockSet, FarBackFromAWrongFutureKeepsAllRowsAndRangesStayRight) {
    set(utc(2036, 5, 1, 0, 0));
    bench_.run(3600, 1000);
    set(utc(2026, 1, 15, 10, 0));
    bench_.run(3600, 1000);
    bench_.power_up();
    bench_.run(3600, 1000);
    const auto read = [&](UtcTime from, UtcTime to) {
        const auto parameters = range(local(from), local(to));
        const dlms::Selection selection{1, parameters};
        return rows_of(bench_.read(kReaderSap, kBuffer, &selection, 100));
    };
    const auto future = read(utc(2036, 1, 1), utc(2037, 1, 1));
    EXPECT_EQ(future.size(), 4U);
    const auto present = read(utc(2026, 1, 15, 10, 15), utc(2026, 1, 15, 13));
    ASSERT_EQ(present.size(), 8U);
    for (std::size_t i = 0; i < present.size(); ++i) {
        EXPECT_EQ(present[i].stamp, plus_seconds(utc(2026, 1, 15, 10, 15), static_cast<std::int64_t>(i) * 900));
    }
}

/// The clock goes back by an hour; 10:00 is new, 10:15 to 10:45 stand already, and 11:00 counts from 10:00 on.
TEST_F(ClockSet, TheFirstRowBehindThoseThatStoodAlreadySaysSo) {
    Bench bench(utc(2026, 1, 15, 10, 0, 0));
    bench.run(2760, 3600);
    for (int i = 0; i < 4; ++i) {
        std::vector<std::uint8_t> value(3);
        ByteWriter out(value);
        dlms::DataWriter(out).long_(-900);
        ASSERT_EQ(bench.invoke(kTechnicianSap, {8, obis(0, 0, 1, 0, 0), 6}, value), dlms::ActionResult::success);
    }
    bench.run(4500, 3600);
    const auto rows = rows_of(bench.read(kReaderSap, kBuffer));
    ASSERT_GE(rows.size(), 2U);
    EXPECT_EQ(rows[rows.size() - 2].stamp, utc(2026, 1, 15, 10, 0, 0));
    EXPECT_EQ(rows.back().stamp, utc(2026, 1, 15, 11, 0, 0));
    EXPECT_NE(rows.back().status & profile_status::kClockAdjusted, 0);
}

TEST_F(ClockSet, AtRandomCreatesAndDestroysNothing) {
    EXPECT_TRUE(rc::check([] {
        Bench bench(utc(2026, 1, 15, 10, 0, 0));
        std::uint64_t fed_s = 0;
        for (int i = 0; i < 12; ++i) {
            const auto seconds = *rc::gen::inRange(1, 3000);
            bench.run(seconds, 3600);
            fed_s += static_cast<std::uint64_t>(seconds);
            const auto shift = *rc::gen::inRange(-900, 901);
            std::vector<std::uint8_t> value(3);
            ByteWriter out(value);
            dlms::DataWriter(out).long_(static_cast<std::int16_t>(shift));
            RC_ASSERT(bench.invoke(kTechnicianSap, {8, obis(0, 0, 1, 0, 0), 6}, value) == dlms::ActionResult::success);
            if (*rc::gen::inRange(0, 3) == 0) {
                RC_ASSERT(bench.meter->power_fail(bench.now));
                bench.power_up();
            }
        }
        RC_ASSERT(bench.watthours(1) == fed_s);
        std::map<std::int64_t, std::uint64_t> seen;
        std::uint64_t previous = 0;
        std::optional<UtcTime> last;
        for (const Row& row : rows_of(bench.read(kReaderSap, kBuffer))) {
            RC_ASSERT(!seen.contains(row.stamp.milliseconds));
            seen[row.stamp.milliseconds] = row.import_wh;
            RC_ASSERT(row.import_wh >= previous);
            // A row that does not follow the one before has said why.
            if (last && row.stamp != plus_seconds(*last, 900)) RC_ASSERT(row.status != 0);
            previous = row.import_wh;
            last = row.stamp;
        }
    }));
}

TEST(LoadProfile, ChangesItsPeriodAndClearsForTheUtilityOnly) {
    Bench bench(utc(2026, 1, 15, 10, 0, 0));
    bench.run(3600, 1000);
    const auto period = [](std::uint32_t seconds) {
        std::vector<std::uint8_t> value(5);
        ByteWriter out(value);
        dlms::DataWriter(out).double_long_unsigned(seconds);
        return value;
    };
    const dlms::AttributeDescriptor attribute{7, kProfile, 4};
    EXPECT_EQ(bench.write(kTechnicianSap, attribute, period(300)), DataAccessResult::read_write_denied);
    for (const std::uint32_t wrong : {0U, 30U, 90U, 3660U, 7200U}) {
        EXPECT_EQ(bench.write(kUtilitySap, attribute, period(wrong)), DataAccessResult::other_reason) << wrong;
    }
    EXPECT_EQ(rows_of(bench.read(kReaderSap, kBuffer)).size(), 4U);
    EXPECT_EQ(bench.write(kUtilitySap, attribute, period(300)), DataAccessResult::success);
    EXPECT_EQ(rows_of(bench.read(kReaderSap, kBuffer)).size(), 0U);
    bench.run(1800, 1000);
    bench.power_up();
    EXPECT_EQ(rows_of(bench.read(kReaderSap, kBuffer)).size(), 6U);
    const std::vector<std::uint8_t> zero{0x0F, 0x00};
    EXPECT_EQ(bench.invoke(kTechnicianSap, {7, kProfile, 1}, zero), dlms::ActionResult::read_write_denied);
    EXPECT_EQ(bench.invoke(kUtilitySap, {7, kProfile, 1}, zero), dlms::ActionResult::success);
    bench.power_up();
    EXPECT_EQ(rows_of(bench.read(kReaderSap, kBuffer)).size(), 0U);
    EXPECT_EQ(bench.watthours(1), 1500U) << "registers are not touched";
}

TEST(LoadProfile, KeepsNinetyDaysAndOverwritesTheOldest) {
    Bench bench(utc(2026, 1, 1, 0));
    // A tick every five minutes is enough to see that.
    const auto run_days = [&](int days) {
        for (int i = 0; i < days * 288; ++i) {
            bench.now = plus_seconds(bench.now, 300);
            bench.meter->tick(testing::at_watts(300'000), bench.now);
        }
    };
    run_days(90);
    EXPECT_EQ(bench.meter->instrument().profiles[ProfileIndex::load].entries_in_use(), 8640U);
    run_days(30);
    bench.power_up();
    EXPECT_EQ(bench.meter->instrument().profiles[ProfileIndex::load].entries_in_use(), 8640U);
    const auto parameters = entries(1, 1, 1, 0);
    const dlms::Selection selection{2, parameters};
    const auto first = rows_of(bench.read(kReaderSap, kBuffer, &selection));
    ASSERT_EQ(first.size(), 1U);
    EXPECT_EQ(first[0].stamp, plus_seconds(utc(2026, 1, 31, 0), 900));
    const auto old = range(local(utc(2026, 1, 1)), local(utc(2026, 2, 1)));
    const dlms::Selection month{1, old};
    EXPECT_EQ(rows_of(bench.read(kReaderSap, kBuffer, &month)).size(), 96U);
}

}  // namespace
}  // namespace ferraris::meter
