#include "meter/tariff/tariff_control.hpp"

#include <gtest/gtest.h>

#include <algorithm>

#include "base/hex.hpp"
#include "meter/objects/object_table.hpp"
#include "meter/tariff/support.hpp"

namespace ferraris::meter {
namespace {

using dlms::ActionResult;
using dlms::DataAccessResult;
using dlms::obis;
using testing::activate;
using testing::Bench;
using testing::kCalendar;
using testing::kSpecialDaysTable;
using testing::octets;
using testing::one_day;
using testing::send_passive;
using testing::Tear;
using testing::utc;

constexpr dlms::LogicalName kTariff = obis(0, 0, 96, 14, 0);
constexpr dlms::LogicalName kRelay2 = obis(0, 1, 96, 3, 10);
constexpr dlms::LogicalName kFallback = obis(0, 0, 128, 14, 0);

int tariff_now(Bench& bench) { return dlms::DataReader(bench.read(kReaderSap, {1, kTariff, 2})).unsigned_(); }

std::string text_of(const CalendarName& name) { return {name.begin(), name.end()}; }

class Contact final : public board::Relay {
public:
    bool drive(bool closed) override {
        ++driven;
        is_closed = closed;
        return true;
    }
    int driven{0};
    bool is_closed{false};
};

TEST(ActivityCalendar, ComesWithTheFactoryTable) {
    Bench bench(utc(2026, 1, 15, 0));
    constexpr std::string_view kByHour = "333333222222233222222233";
    // 2026-01-15 1:00 local time; a day in steps of an hour.
    for (int hour = 1; hour < 25; ++hour) {
        EXPECT_EQ(tariff_now(bench), kByHour[static_cast<std::size_t>(hour % 24)] - '0') << hour;
        bench.run(3600, 0);
    }
    // octet-string "factory"
    EXPECT_EQ(to_hex(bench.read(kReaderSap, {20, kCalendar, 2})), "0907666163746F7279");
    // array of one season: "year", all wild cards, "week"
    EXPECT_EQ(to_hex(bench.read(kReaderSap, {20, kCalendar, 3})),
              "0101"
              "0203"
              "090479656172"
              "090CFFFFFFFFFFFFFFFFFF8000FF"
              "09047765656B");
    // array of one week: "week", day 1 seven times
    EXPECT_EQ(to_hex(bench.read(kReaderSap, {20, kCalendar, 4})),
              "0101"
              "0208"
              "09047765656B"
              "1101110111011101110111011101");
    // array of one day: 1, five switches of script table 0-0:10.0.100
    EXPECT_EQ(to_hex(bench.read(kReaderSap, {20, kCalendar, 5})),
              "0101"
              "0202"
              "1101"
              "0105"
              "0203"
              "090400000000"
              "090600000A0064FF"
              "120003"
              "0203"
              "090406000000"
              "090600000A0064FF"
              "120002"
              "0203"
              "09040D000000"
              "090600000A0064FF"
              "120003"
              "0203"
              "09040F000000"
              "090600000A0064FF"
              "120002"
              "0203"
              "090416000000"
              "090600000A0064FF"
              "120003");
    EXPECT_EQ(bench.read(kReaderSap, {20, kCalendar, 5}), bench.read(kReaderSap, {20, kCalendar, 9}));
    EXPECT_EQ(to_hex(bench.read(kReaderSap, {20, kCalendar, 10})), "090CFFFFFFFFFFFFFFFFFF8000FF");
}

TEST(ActivityCalendar, WorksOnThePassiveSetUntilItIsActivated) {
    Bench bench(utc(2026, 1, 15, 9));
    const CalendarSet set = one_day("new", {{0, 0, 0, SwitchTarget::tariff, 4}, {10, 30, 15, SwitchTarget::tariff, 6}});
    ASSERT_EQ(send_passive(bench, set), DataAccessResult::success);
    EXPECT_EQ(tariff_now(bench), 2);
    EXPECT_EQ(activate(bench), ActionResult::success);
    EXPECT_EQ(tariff_now(bench), 4);
    // 10:00 local time; the switch comes at 10:30:15, in the middle of a minute.
    bench.run(30 * 60 + 14, 3600);
    EXPECT_EQ(tariff_now(bench), 4);
    bench.run(1, 3600);
    EXPECT_EQ(tariff_now(bench), 6);
    EXPECT_EQ(bench.watthours(1, 4), 1815U) << "the second that ends at the switch counts in the old tariff";
    EXPECT_EQ(bench.watthours(1, 6), 0U);
    // A kill right here: the old tariff's energy was saved when it went.
    bench.power_up();
    EXPECT_EQ(bench.watthours(1, 4), 1815U);
    EXPECT_EQ(text_of(bench.meter->instrument().tariff.active().name), "new");
    EXPECT_EQ(text_of(bench.meter->instrument().tariff.passive().name), "new");
    EXPECT_EQ(tariff_now(bench), 6);
}

TEST(ActivityCalendar, ActivatesAtItsTimeAndForgetsTheTime) {
    Bench bench(utc(2026, 1, 15, 9));
    ASSERT_EQ(send_passive(bench, one_day("new", {{0, 0, 0, SwitchTarget::tariff, 5}})), DataAccessResult::success);
    const auto write_time = [&](const char* hex) { return bench.write(kUtilitySap, {20, kCalendar, 10}, octets(hex)); };
    // 2026-01-15 10:00:30 local time
    EXPECT_EQ(write_time("090C07EA010FFF0A001E00800000"), DataAccessResult::success);
    bench.run(29, 0);
    EXPECT_EQ(tariff_now(bench), 2);
    bench.power_up();
    bench.run(1, 0);
    EXPECT_EQ(tariff_now(bench), 5);
    EXPECT_EQ(to_hex(bench.read(kReaderSap, {20, kCalendar, 10})), "090CFFFFFFFFFFFFFFFFFF8000FF");
    // A time that is over: at once.
    ASSERT_EQ(send_passive(bench, one_day("next", {{0, 0, 0, SwitchTarget::tariff, 1}})), DataAccessResult::success);
    EXPECT_EQ(write_time("090C07E9010FFF0A001E00800000"), DataAccessResult::success);
    EXPECT_EQ(tariff_now(bench), 1);
    EXPECT_EQ(write_time("090CFFFF010FFF0A001E00800000"), DataAccessResult::other_reason) << "some wild cards";
    EXPECT_EQ(write_time("090C07EA021EFF0A001E00800000"), DataAccessResult::other_reason) << "30 February";
    EXPECT_EQ(write_time("120001"), DataAccessResult::type_unmatched);
    EXPECT_EQ(write_time("090CFFFFFFFFFFFFFFFFFF8000FF"), DataAccessResult::success) << "never";
}

TEST(ActivityCalendar, RefusesWhatIsImpossibleAndKeepsWhatItHad) {
    Bench bench;
    ASSERT_EQ(send_passive(bench, one_day("good", {{0, 0, 0, SwitchTarget::tariff, 5}})), DataAccessResult::success);
    const auto write = [&](std::int8_t attribute, const std::string& hex) {
        return bench.write(kUtilitySap, {20, kCalendar, attribute}, octets(hex));
    };
    const std::string season =
        "0203"
        "090153"
        "090CFFFF0101FFFFFFFFFF8000FF"
        "090157";
    const std::string other =
        "0203"
        "090154"
        "090CFFFF0701FFFFFFFFFF8000FF"
        "090157";
    EXPECT_EQ(write(7, "0102" + season + season), DataAccessResult::other_reason) << "one name twice";
    EXPECT_EQ(write(7, "0102" + season +
                           "0203"
                           "090154"
                           "090CFFFF0101FFFFFFFFFF8000FF"
                           "090157"),
              DataAccessResult::other_reason)
        << "one start twice";
    EXPECT_EQ(write(7,
                    "0101"
                    "0203"
                    "090153"
                    "090CFFFF021EFFFFFFFFFF8000FF"
                    "090157"),
              DataAccessResult::other_reason)
        << "30 February";
    EXPECT_EQ(write(7,
                    "0101"
                    "0203"
                    "090153"
                    "090CFFFF0101FF0C000000800000"
                    "090157"),
              DataAccessResult::other_reason)
        << "noon";
    EXPECT_EQ(write(7,
                    "0101"
                    "0203"
                    "0911"
                    "3131313131313131313131313131313131"
                    "090CFFFF0101FFFFFFFFFF8000FF"
                    "090157"),
              DataAccessResult::other_reason)
        << "a name of 17 octets";
    EXPECT_EQ(write(7, "0102" + season), DataAccessResult::type_unmatched) << "one season less than announced";
    EXPECT_EQ(write(8,
                    "0101"
                    "0207"
                    "090157"
                    "110111011101110111011101"),
              DataAccessResult::type_unmatched);
    const std::string table = "090600000A0064FF";
    const auto day = [&](const std::string& switches, const char* count) {
        return "0101"
               "0202"
               "1107"
               "01" +
               std::string(count) + switches;
    };
    const std::string six =
        "0203"
        "090406000000" +
        table + "120002";
    EXPECT_EQ(write(9, day(six +
                               "0203"
                               "0904060000FF" +
                               table + "120003",
                           "02")),
              DataAccessResult::other_reason)
        << "two tariffs at 6:00";
    EXPECT_EQ(write(9, day("0203"
                           "0904FF000000" +
                               table + "120002",
                           "01")),
              DataAccessResult::other_reason)
        << "a wild card for the hour";
    EXPECT_EQ(write(9, day("0203"
                           "090406000000" +
                               table + "120007",
                           "01")),
              DataAccessResult::other_reason)
        << "tariff 7";
    EXPECT_EQ(write(9, day("0203"
                           "090406000000"
                           "090600000A006AFF"
                           "120001",
                           "01")),
              DataAccessResult::other_reason)
        << "a script table that is not for calendars";
    EXPECT_EQ(write(9, day("0203"
                           "0F00" +
                               table + "120001",
                           "01")),
              DataAccessResult::type_unmatched);
    EXPECT_EQ(bench.write(kTechnicianSap, {20, kCalendar, 6}, octets("090158")), DataAccessResult::read_write_denied);
    EXPECT_EQ(write(2, "090158"), DataAccessResult::read_write_denied) << "the active set";
    const CalendarSet kept = bench.meter->instrument().tariff.passive();
    EXPECT_EQ(text_of(kept.name), "good");
    EXPECT_EQ(kept.seasons.size(), 1U);
    EXPECT_EQ(kept.switches.size(), 1U);
    // What does not fit together is not activated, and the active set goes on.
    EXPECT_EQ(write(7, "0102" + season + other), DataAccessResult::success);
    EXPECT_EQ(write(8,
                    "0101"
                    "0208"
                    "090158"
                    "1107110711071107110711071107"),
              DataAccessResult::success);
    EXPECT_EQ(activate(bench), ActionResult::other_reason) << "week W is not there";
    EXPECT_EQ(write(8,
                    "0101"
                    "0208"
                    "090157"
                    "1107110711071107110711071108"),
              DataAccessResult::success);
    EXPECT_EQ(activate(bench), ActionResult::other_reason) << "day 8 is not there";
    EXPECT_EQ(write(8,
                    "0101"
                    "0208"
                    "090157"
                    "1107110711071107110711071107"),
              DataAccessResult::success);
    EXPECT_EQ(write(7, "0100"), DataAccessResult::success);
    EXPECT_EQ(activate(bench), ActionResult::other_reason) << "no season";
    EXPECT_EQ(text_of(bench.meter->instrument().tariff.active().name), "factory");
}

TEST(ActivityCalendar, HasRoomForManySwitches) {
    Bench bench(utc(2026, 1, 15, 0));
    CalendarSet set;
    set.name = testing::name_of("large");
    for (std::size_t season = 0; season < kMostSeasons; ++season) {
        dlms::DateTime start;
        start.date.month = static_cast<std::uint8_t>(season + 1);
        start.date.day_of_month = 1;
        const CalendarName name =
            testing::name_of(std::string(kMostNameOctets, static_cast<char>('a' + season)).c_str());
        ASSERT_TRUE(set.seasons.push_back({name, start, name}));
        ASSERT_TRUE(set.weeks.push_back({name, {1, 2, 3, 4, 5, 6, 24}}));
    }
    for (std::uint8_t id = 1; id <= kMostDays; ++id) {
        ASSERT_TRUE(set.days.push_back({id, 16, static_cast<std::uint16_t>(set.switches.size())}));
        for (std::uint8_t hour = 0; hour < 16; ++hour) {
            ASSERT_TRUE(set.switches.push_back(
                {hour, 30, id, SwitchTarget::tariff, static_cast<std::uint8_t>(1 + (hour + id) % 6)}));
        }
    }
    ASSERT_EQ(send_passive(bench, set), DataAccessResult::success);
    ASSERT_EQ(activate(bench), ActionResult::success);
    bench.power_up();
    for (std::size_t part = 0; part < kCalendarPartCount; ++part) {
        const auto attribute = static_cast<std::int8_t>(2 + part);
        // Through small windows, as a client reads it in blocks.
        EXPECT_EQ(bench.read(kReaderSap, {20, kCalendar, attribute}, nullptr, 100),
                  testing::part_octets(set, static_cast<CalendarPart>(part)));
    }
    // 2026-01-15 is a Thursday: day 4.
    for (int hour = 1; hour < 16; ++hour) {
        EXPECT_EQ(tariff_now(bench), 1 + (hour - 1 + 4) % 6) << hour;
        bench.run(3600, 0);
    }
    EXPECT_TRUE(set.days.full());
    EXPECT_TRUE(set.switches.full());
}

TEST(SpecialDays, GoBeforeTheWeekFromTheMomentTheyAreWritten) {
    Bench bench(utc(2026, 5, 1, 10));
    CalendarSet set = one_day("days", {{0, 0, 0, SwitchTarget::tariff, 2}});
    (void)set.days.push_back({9, 1, 1});
    (void)set.switches.push_back({0, 0, 0, SwitchTarget::tariff, 6});
    ASSERT_EQ(send_passive(bench, set), DataAccessResult::success);
    ASSERT_EQ(activate(bench), ActionResult::success);
    EXPECT_EQ(tariff_now(bench), 2);
    const auto zero_day = octets(
        "0203"
        "120005"
        "0905FFFF0501FF"
        "1109");
    // insert: index 5, each 1 May, day 9
    EXPECT_EQ(bench.invoke(kUtilitySap, {11, kSpecialDaysTable, 1}, zero_day), ActionResult::success);
    EXPECT_EQ(tariff_now(bench), 6);
    EXPECT_EQ(to_hex(bench.read(kReaderSap, {11, kSpecialDaysTable, 2})),
              "0101"
              "0203"
              "120005"
              "0905FFFF0501FF"
              "1109");
    bench.power_up();
    EXPECT_EQ(tariff_now(bench), 6);
    bench.run(14 * 3600, 0);
    EXPECT_EQ(tariff_now(bench), 2) << "2 May";
    EXPECT_EQ(bench.invoke(kUtilitySap, {11, kSpecialDaysTable, 1},
                           octets("0203"
                                  "120006"
                                  "0905FFFF0501FF"
                                  "1109")),
              ActionResult::other_reason)
        << "the same date under another index";
    EXPECT_EQ(bench.invoke(kUtilitySap, {11, kSpecialDaysTable, 1},
                           octets("0203"
                                  "120006"
                                  "0905FFFF0D01FF"
                                  "1109")),
              ActionResult::other_reason)
        << "month 13";
    EXPECT_EQ(bench.invoke(kUtilitySap, {11, kSpecialDaysTable, 2}, octets("120006")), ActionResult::object_undefined);
    EXPECT_EQ(bench.invoke(kUtilitySap, {11, kSpecialDaysTable, 2}, octets("1106")), ActionResult::type_unmatched);
    // Index 1 goes before index 5, wherever it stands in the table.
    EXPECT_EQ(bench.write(kUtilitySap, {11, kSpecialDaysTable, 2},
                          octets("0102"
                                 "0203"
                                 "120005"
                                 "0905FFFF0502FF"
                                 "1109"
                                 "0203"
                                 "120001"
                                 "0905FFFF05FFFF"
                                 "1107")),
              DataAccessResult::success);
    EXPECT_EQ(tariff_now(bench), 2);
    EXPECT_EQ(bench.invoke(kUtilitySap, {11, kSpecialDaysTable, 2}, octets("120001")), ActionResult::success);
    EXPECT_EQ(tariff_now(bench), 6);
    EXPECT_EQ(bench.write(kUtilitySap, {11, kSpecialDaysTable, 2},
                          octets("0102"
                                 "0203"
                                 "120005"
                                 "0905FFFF0502FF"
                                 "1109"
                                 "0203"
                                 "120005"
                                 "0905FFFF0503FF"
                                 "1107")),
              DataAccessResult::other_reason)
        << "one index twice";
    EXPECT_EQ(tariff_now(bench), 6);
}

TEST(RegisterActivation, NamesTheMaskThatCounts) {
    Bench bench(utc(2026, 1, 15, 9));
    constexpr dlms::LogicalName kActivation = obis(0, 0, 14, 0, 0);
    EXPECT_EQ(to_hex(bench.read(kReaderSap, {6, kActivation, 4})), "090132");
    const auto assignment = bench.read(kReaderSap, {6, kActivation, 2});
    const auto masks = bench.read(kReaderSap, {6, kActivation, 3});
    dlms::DataReader objects(assignment);
    const std::size_t count = objects.array();
    std::vector<dlms::LogicalName> names;
    for (std::size_t i = 0; i < count; ++i) {
        EXPECT_EQ(objects.structure(), 2U);
        const std::uint16_t class_id = objects.long_unsigned();
        EXPECT_TRUE(class_id == 3 || class_id == 4);
        names.push_back(objects.logical_name());
        EXPECT_NE(find_object(names.back()), nullptr);
    }
    for (const auto& wanted : {obis(1, 0, 1, 8, 1), obis(1, 0, 15, 8, 6), obis(1, 0, 1, 6, 3), obis(0, 0, 96, 8, 6)}) {
        EXPECT_NE(std::ranges::find(names, wanted), names.end());
    }
    EXPECT_TRUE(objects.finished());
    dlms::DataReader in(masks);
    std::size_t covered = 0;
    ASSERT_EQ(in.array(), 6U);
    for (Rate rate = 1; rate <= kRateCount; ++rate) {
        ASSERT_EQ(in.structure(), 2U);
        EXPECT_EQ(in.octet_string()[0], '0' + rate);
        const std::size_t registers = in.array();
        for (std::size_t i = 0; i < registers; ++i) {
            const std::uint8_t index = in.unsigned_();
            ASSERT_GE(index, 1U);
            EXPECT_EQ(names.at(index - 1U).view()[4], rate) << "value group E is the tariff";
            ++covered;
        }
    }
    EXPECT_TRUE(in.finished());
    EXPECT_EQ(covered, count) << "each register in one mask";
}

TEST(TariffScripts, HoldUntilTheCalendarSwitchesNext) {
    Bench bench(utc(2026, 1, 15, 9));
    // Script 1 writes "1" to attribute 4 of register activation; six of them.
    const auto scripts = to_hex(bench.read(kReaderSap, {9, kTariffScriptTable, 2}));
    EXPECT_EQ(scripts.substr(0, 58),
              "0106"
              "0202"
              "120001"
              "0101"
              "0205"
              "1601"
              "120006"
              "090600000E0000FF"
              "0F04"
              "090131");
    EXPECT_EQ(bench.invoke(kTechnicianSap, {9, kTariffScriptTable, 1}, octets("120006")), ActionResult::success);
    EXPECT_EQ(tariff_now(bench), 6);
    bench.power_up();
    EXPECT_EQ(tariff_now(bench), 6);
    bench.run(3 * 3600, 0);
    EXPECT_EQ(tariff_now(bench), 3) << "13:00 local time";
    bench.run(2 * 3600, 0);
    EXPECT_EQ(tariff_now(bench), 2);
    EXPECT_EQ(bench.invoke(kTechnicianSap, {9, kTariffScriptTable, 1}, octets("120007")),
              ActionResult::object_undefined);
    EXPECT_EQ(bench.invoke(kTechnicianSap, {9, kTariffScriptTable, 1}, octets("1107")), ActionResult::type_unmatched);
    EXPECT_EQ(bench.invoke(kReaderSap, {9, kTariffScriptTable, 1}, octets("120001")), ActionResult::read_write_denied);
}

TEST(FallbackTariff, ServesWhileTheClockIsNotValid) {
    Bench bench(utc(2026, 1, 15, 0));
    EXPECT_EQ(tariff_now(bench), 3);
    const auto without_clock = [&] {
        bench.meter =
            std::make_unique<Meter>(bench.flash, *bench.crypto, MeterIdentity::from_serial_number(4711), bench.factory);
        ASSERT_TRUE(bench.meter->start(bench.now, false));
    };
    without_clock();
    EXPECT_EQ(tariff_now(bench), 2);
    EXPECT_EQ(bench.write(kUtilitySap, {1, kFallback, 2}, octets("1105")), DataAccessResult::success);
    EXPECT_EQ(tariff_now(bench), 5);
    bench.run(3600, 1000);
    EXPECT_EQ(bench.watthours(1, 5), 1000U);
    without_clock();
    EXPECT_EQ(tariff_now(bench), 5);
    EXPECT_EQ(bench.write(kUtilitySap, {1, kFallback, 2}, octets("1107")), DataAccessResult::other_reason);
    EXPECT_EQ(bench.write(kUtilitySap, {1, kFallback, 2}, octets("120001")), DataAccessResult::type_unmatched);
    EXPECT_EQ(bench.write(kTechnicianSap, {1, kFallback, 2}, octets("1101")), DataAccessResult::read_write_denied);
    // 2026-01-15 2:00 local time: the calendar is back.
    EXPECT_EQ(bench.write(kTechnicianSap, {8, obis(0, 0, 1, 0, 0), 2}, octets("090C07EA010FFF02000000FFC400")),
              DataAccessResult::success);
    EXPECT_EQ(tariff_now(bench), 3);
    EXPECT_EQ(bench.write(kUtilitySap, {1, kFallback, 2}, octets("1100")), DataAccessResult::success);
    without_clock();
    EXPECT_EQ(tariff_now(bench), 3) << "0: the calendar all the same";
}

TEST(RippleRelay, FollowsTheCalendarAndTakesTheStateOfNowWhenPowerReturns) {
    Bench bench(utc(2026, 1, 15, 4, 59, 50));
    const CalendarSet set = one_day("relay", {{0, 0, 0, SwitchTarget::tariff, 2},
                                              {6, 0, 0, SwitchTarget::relay, kCloseRelay},
                                              {8, 0, 0, SwitchTarget::relay, kOpenRelay},
                                              {22, 0, 0, SwitchTarget::relay, kCloseRelay}});
    ASSERT_EQ(send_passive(bench, set), DataAccessResult::success);
    ASSERT_EQ(activate(bench), ActionResult::success);
    const auto state = [&] { return to_hex(bench.read(kReaderSap, {70, kRelay2, 3})); };
    EXPECT_EQ(state(), "1601") << "closed since 22:00 of yesterday";
    Contact contact;
    const auto power_returns = [&](UtcTime at) {
        bench.now = at;
        bench.meter =
            std::make_unique<Meter>(bench.flash, *bench.crypto, MeterIdentity::from_serial_number(4711), bench.factory);
        bench.meter->attach_ripple_relay(contact);
        ASSERT_TRUE(bench.meter->start(bench.now));
    };
    // 7:59:58 local time
    power_returns(utc(2026, 1, 15, 6, 59, 58));
    EXPECT_TRUE(contact.is_closed);
    EXPECT_EQ(to_hex(bench.read(kReaderSap, {70, kRelay2, 2})), "0301");
    bench.run(1, 0);
    EXPECT_TRUE(contact.is_closed);
    bench.run(1, 0);
    EXPECT_FALSE(contact.is_closed) << "8:00:00";
    EXPECT_EQ(state(), "1600");
    EXPECT_EQ(to_hex(bench.read(kReaderSap, {70, kRelay2, 4})), "1604");
    // Off over the evening: closed when power is back, and driven, whatever the contact did meanwhile.
    contact.is_closed = false;
    power_returns(utc(2026, 1, 15, 23, 30));
    EXPECT_TRUE(contact.is_closed);
    const int driven = contact.driven;
    power_returns(utc(2026, 1, 16, 12));
    EXPECT_FALSE(contact.is_closed);
    EXPECT_EQ(contact.driven, driven + 1) << "an open one is driven too";
    // By hand, until the calendar speaks again.
    EXPECT_EQ(bench.invoke(kUtilitySap, {70, kRelay2, 2}, octets("0F00")), ActionResult::success);
    EXPECT_TRUE(contact.is_closed);
    power_returns(utc(2026, 1, 16, 13));
    EXPECT_TRUE(contact.is_closed);
    EXPECT_EQ(bench.invoke(kUtilitySap, {9, kRelayScriptTable, 1}, octets("120001")), ActionResult::success);
    EXPECT_FALSE(contact.is_closed);
    bench.run(8 * 3600, 0);
    EXPECT_TRUE(contact.is_closed) << "22:00 local time";
    EXPECT_EQ(bench.invoke(kReaderSap, {70, kRelay2, 1}, octets("0F00")), ActionResult::read_write_denied);
    EXPECT_EQ(bench.invoke(kUtilitySap, {70, kRelay2, 1}, octets("1100")), ActionResult::type_unmatched);
}

TEST(TariffStore, LeavesOneOfBothSetsWhereverPowerGoes) {
    const CalendarSet before = one_day("before", {{0, 0, 0, SwitchTarget::tariff, 1}});
    const CalendarSet after =
        one_day("after", {{0, 0, 0, SwitchTarget::tariff, 4}, {12, 0, 0, SwitchTarget::tariff, 5}});
    int points = 0;
    for (bool cut = true; cut; ++points) {
        for (const Tear tear : {Tear::before, Tear::inside, Tear::after}) {
            testing::MemoryFlash flash;
            ParameterStore store(flash, kParameterRegion);
            const auto open = [&] {
                TariffControl control(flash, kTariffRegion);
                EXPECT_TRUE(store.recover() && control.recover(store));
                return control;
            };
            TariffControl control = open();
            ASSERT_TRUE(control.store_passive(before));
            ASSERT_EQ(control.activate(), Activation::done);
            flash.cut_at(static_cast<std::uint64_t>(points), tear, static_cast<std::uint32_t>(points));
            const bool stored = control.store_passive(after);
            const bool activated = stored && control.activate() == Activation::done;
            cut = flash.powerless();
            flash.restore_power();
            const TariffControl found = open();
            const std::string passive = text_of(found.passive().name);
            const std::string active = text_of(found.active().name);
            EXPECT_TRUE(passive == "after" || (!stored && passive == "before")) << points << passive;
            EXPECT_TRUE(active == "after" || (!activated && active == "before")) << points << active;
            EXPECT_EQ(found.active().switches.size(), active == "after" ? 2U : 1U);
            EXPECT_EQ(check_calendar(found.active()), CalendarFault::none);
        }
    }
    // Erase, value and header, for the passive set and for the active one.
    EXPECT_EQ(points, 7);
}

}  // namespace
}  // namespace ferraris::meter
