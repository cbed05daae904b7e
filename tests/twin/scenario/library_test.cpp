// Each scenario of examples/scenarios: which events, registers and rows come of it.
#include <algorithm>

#include "twin/scenario/support.hpp"

namespace ferraris::twin::scenario {
namespace {

using meter::Event;
using meter::ProfileIndex;
using metrology::Energy;
using testing::load_rows;
using testing::LoadRow;
using testing::LoggedEvent;
using testing::Played;
using testing::scenario_of_library;

namespace status = meter::profile_status;

using Timed = std::vector<std::pair<std::int64_t, Event>>;

constexpr std::int64_t kHour = 3600;
constexpr std::int64_t kDay = 86'400;
constexpr std::int64_t kQuarter = 900;
const Timed kFirstPower{{0, Event::power_up}};

/// Rows end at quarters, and each interval between two rows without status has what was drawn in it.
void expect_whole_rows(const std::vector<LoadRow>& rows) {
    for (std::size_t i = 0; i < rows.size(); ++i) {
        EXPECT_EQ(rows[i].stamp % kQuarter, 0U);
        if (i == 0 || (rows[i].status & ~status::kDaylightSaving) != 0) continue;
        EXPECT_EQ(rows[i].stamp - rows[i - 1].stamp, kQuarter) << "a gap without a status, row " << i;
        EXPECT_GE(rows[i].import_wh, rows[i - 1].import_wh);
    }
}

TEST(ScenarioLibrary, OrdinaryWeek) {
    Played played(scenario_of_library("ordinary-week"));
    EXPECT_EQ(played.timed(ProfileIndex::standard_log), kFirstPower);
    EXPECT_TRUE(played.events(ProfileIndex::fraud_log).empty());
    EXPECT_TRUE(played.events(ProfileIndex::power_quality_log).empty());
    const auto rows = load_rows(played.instrument());
    EXPECT_EQ(rows.size(), 7U * 96);
    expect_whole_rows(rows);
    const std::uint64_t week_wh = played.watthours(Energy::active_import);
    EXPECT_EQ(rows.back().import_wh, week_wh);
    EXPECT_GT(week_wh, 50'000U);
    EXPECT_LT(week_wh, 100'000U) << "8 to 12 kWh a day in the mean, single days vary";
}

TEST(ScenarioLibrary, BrownOut) {
    Played played(scenario_of_library("brown-out"));
    const auto events = played.events(ProfileIndex::power_quality_log);
    const Timed expected{
        {20 * 60 + 1, Event::voltage_sag},
        {30 * 60 + 1, Event::voltage_interruption},
        {61 * 60, Event::undervoltage},                  // 60 s below 207 V
        {70 * 60 + 10, Event::deep_undervoltage_began},  // 10 s below 195.5 V
        {80 * 60 + 1, Event::voltage_sag},               // twenty minutes long
        {80 * 60 + 10, Event::deep_undervoltage_ended},
        {81 * 60, Event::voltage_normal},
    };
    EXPECT_EQ(played.timed(ProfileIndex::power_quality_log), expected);
    ASSERT_EQ(events.size(), 7U);
    EXPECT_EQ(events[0].value, 16'000) << "160.00 V";
    EXPECT_EQ(events[0].duration_cs, 24U);
    EXPECT_EQ(events[1].value, 400);
    EXPECT_EQ(events[1].duration_cs, 18U);
    EXPECT_EQ(events[4].value, 19'000);
    EXPECT_EQ(events[4].duration_cs, 1200U * 100);
    EXPECT_EQ(events[6].value, 19'000) << "the worst of it";
    EXPECT_EQ(played.watthours(Energy::active_import), 4500U);
}

TEST(ScenarioLibrary, OutageOfThreeDaysWithBattery) {
    Played played(scenario_of_library("outage-three-days"));
    const std::int64_t off = kDay + 10 * kHour + 450;
    const Timed expected{{0, Event::power_up}, {off, Event::power_down}, {off + 3 * kDay, Event::power_up}};
    EXPECT_EQ(played.timed(ProfileIndex::standard_log), expected);
    EXPECT_EQ(played.events(ProfileIndex::standard_log).back().duration_cs, 3U * 8'640'000);
    EXPECT_TRUE(played.instrument().clock.valid());
    const auto rows = load_rows(played.instrument());
    // The interval that the outage cut and the one in which it ended each have a row with the status; none between.
    const auto marked =
        std::ranges::count_if(rows, [](const LoadRow& row) { return (row.status & status::kPowerDown) != 0; });
    EXPECT_EQ(marked, 2);
    EXPECT_EQ(rows.size(), static_cast<std::size_t>(2 * 96 + 1));
    expect_whole_rows(rows);
    EXPECT_EQ(played.watthours(Energy::active_import), 48'000U);
}

TEST(ScenarioLibrary, DeadBattery) {
    Played played(scenario_of_library("dead-battery"));
    const auto events = played.events(ProfileIndex::standard_log);
    std::vector<Event> codes;
    for (const LoggedEvent& each : events) codes.push_back(each.event);
    const std::vector<Event> expected{
        Event::power_up,          Event::battery_low,      Event::replace_battery,
        Event::power_down,        Event::power_up,         Event::clock_invalid,
        Event::battery_normal,    Event::battery_replaced, Event::clock_adjusted_from,
        Event::clock_adjusted_to,
    };
    EXPECT_EQ(codes, expected);
    EXPECT_EQ(events.back().value, 6 * kHour) << "the six hours for which the clock stood";
    EXPECT_TRUE(played.instrument().clock.valid());
    EXPECT_EQ(played.stage.now(), played.stage.device().clock()) << "the utility gave it the true time";
    const auto rows = load_rows(played.instrument());
    EXPECT_TRUE(
        std::ranges::any_of(rows, [](const LoadRow& row) { return (row.status & status::kClockInvalid) != 0; }));
    EXPECT_EQ(played.watthours(Energy::active_import), 66'000U) << "72 h less 6";
    EXPECT_EQ(played.watthours(Energy::active_import, 2), 38'000U)
        << "21 h by the calendar, 2 h as the fallback while nobody knew the time, 15 h by the calendar";
}

TEST(ScenarioLibrary, MagnetAttack) {
    Played played(scenario_of_library("magnet"));
    const Timed expected{{18 * kHour + 3, Event::magnetic_field_began}, {20 * kHour + 3, Event::magnetic_field_ended}};
    EXPECT_EQ(played.timed(ProfileIndex::fraud_log), expected) << "two seconds are no attempt";
    EXPECT_EQ(played.watthours(Energy::active_import), 48'000U);
    EXPECT_EQ(played.timed(ProfileIndex::standard_log), kFirstPower);
}

TEST(ScenarioLibrary, CoverOpenedWithoutMains) {
    Played played(scenario_of_library("cover-without-mains"));
    const Timed fraud{{2 * kHour + 600, Event::terminal_cover_removed},
                      {2 * kHour + 2400, Event::terminal_cover_closed}};
    EXPECT_EQ(played.timed(ProfileIndex::fraud_log), fraud) << "with the times that the board latched";
    const Timed standard{{0, Event::power_up}, {2 * kHour, Event::power_down}, {3 * kHour, Event::power_up}};
    EXPECT_EQ(played.timed(ProfileIndex::standard_log), standard);
    EXPECT_EQ(played.watthours(Energy::active_import), 11U * 700);
}

TEST(ScenarioLibrary, CurrentInterchanged) {
    Played played(scenario_of_library("interchanged"));
    const Timed expected{{kHour + 30, Event::current_reversal}, {2 * kHour + 30, Event::current_direction_normal}};
    EXPECT_EQ(played.timed(ProfileIndex::fraud_log), expected);
    EXPECT_EQ(played.events(ProfileIndex::fraud_log)[1].value, 1'200'000) << "mW";
    EXPECT_EQ(played.watthours(Energy::active_import), 3600U);
    EXPECT_EQ(played.watthours(Energy::active_export), 1200U);
    // 1200 W at a power factor of 0.9: 581.186 var, inductive, and in quadrant 3 while it runs backwards.
    EXPECT_EQ(played.watthours(Energy::reactive_q1), 1743U);
    EXPECT_EQ(played.watthours(Energy::reactive_q3), 581U);
}

TEST(ScenarioLibrary, SolarExport) {
    Played played(scenario_of_library("solar"));
    EXPECT_GT(played.watthours(Energy::active_export), 20'000U) << "three days of 4 kW in June";
    EXPECT_GT(played.watthours(Energy::active_import), 5'000U);
    const auto rows = load_rows(played.instrument());
    expect_whole_rows(rows);
    ASSERT_EQ(rows.size(), 3U * 96);
    EXPECT_EQ(rows.back().export_wh, played.watthours(Energy::active_export));
    const auto by_night = [&](std::size_t day) { return rows[day * 96 + 4].export_wh == rows[day * 96 + 8].export_wh; };
    EXPECT_TRUE(by_night(0) && by_night(1) && by_night(2));
}

TEST(ScenarioLibrary, DaysWhenTheClocksChange) {
    for (const auto& [name, length_h] : {std::pair("daylight-saving", 23), std::pair("daylight-saving-ends", 25)}) {
        Played played(scenario_of_library(name));
        const auto standard = played.events(ProfileIndex::standard_log);
        ASSERT_EQ(standard.size(), 2U) << name;
        EXPECT_EQ(standard[1].event, Event::daylight_saving_switched);
        EXPECT_EQ(standard[1].value, length_h == 23 ? 1 : 0);
        EXPECT_EQ(standard[1].stamp % kDay, static_cast<std::uint32_t>(kHour)) << "01:00 UTC";
        const auto rows = load_rows(played.instrument());
        EXPECT_EQ(rows.size(), 2U * 96) << "intervals stay on UTC";
        expect_whole_rows(rows);
        // Local midnights are that many hours apart, and the daily rows with them.
        std::vector<std::uint32_t> midnights;
        testing::each_row(played.instrument(), ProfileIndex::daily,
                          [&](const meter::ProfileRow& row) { midnights.push_back(row.stamp); });
        ASSERT_EQ(midnights.size(), 2U) << name;
        EXPECT_EQ(midnights[1] - midnights[0], static_cast<std::uint32_t>(length_h) * kHour);
        EXPECT_EQ(played.watthours(Energy::active_import), 48U * 400);
    }
}

TEST(ScenarioLibrary, ClockSetBackAcrossAnInterval) {
    Played played(scenario_of_library("clock-set-back"));
    const auto standard = played.events(ProfileIndex::standard_log);
    ASSERT_EQ(standard.size(), 5U);
    EXPECT_EQ(standard[1].event, Event::clock_adjusted_from);
    EXPECT_EQ(standard[1].value, -1200);
    EXPECT_EQ(standard[1].stamp - standard[2].stamp, 1200U);
    EXPECT_EQ(standard[3].value, 1200);
    const auto rows = load_rows(played.instrument());
    for (std::size_t i = 1; i < rows.size(); ++i) {
        EXPECT_GT(rows[i].stamp, rows[i - 1].stamp) << "no stamp comes twice";
        EXPECT_GE(rows[i].import_wh, rows[i - 1].import_wh);
    }
    EXPECT_EQ(
        std::ranges::count_if(rows, [](const LoadRow& row) { return (row.status & status::kClockAdjusted) != 0; }), 3)
        << "after the one, before and after the other";
    EXPECT_EQ(rows.back().import_wh, 6U * 3600);
    EXPECT_EQ(played.watthours(Energy::active_import), 6U * 3600) << "no energy is made or lost";
}

TEST(ScenarioLibrary, TariffsChanged) {
    Played played(scenario_of_library("tariff-change"));
    EXPECT_EQ(played.watthours(Energy::active_import, 1), 12'000U) << "06:00 to 12:00 UTC, where the calendar switches";
    EXPECT_EQ(played.watthours(Energy::active_import, 3), 22'000U) << "20:00 to 05:00, and 12:00 to 14:00";
    EXPECT_EQ(played.watthours(Energy::active_import, 2), 14'000U);
    EXPECT_EQ(played.watthours(Energy::active_import), 48'000U);
    EXPECT_EQ(played.stage.refusals(), 0U);
}

TEST(ScenarioLibrary, Overload) {
    Played played(scenario_of_library("overload"));
    EXPECT_EQ(played.stage.refusals(), 0U);
    EXPECT_EQ(played.timed(ProfileIndex::disconnector_log), (Timed{{0, Event::limiter_changed},
                                                                   {2 * kHour + 60, Event::limiter_exceeded},
                                                                   {3 * kHour + 60, Event::limiter_ok}}));
    const auto disconnector = played.events(ProfileIndex::disconnector_log);
    EXPECT_EQ(disconnector[1].value, 12'660'000) << "mW: 2.3 + 3 + 7.36 kW";
    EXPECT_EQ(disconnector[2].value, 20'660'000) << "the most of it";
    EXPECT_EQ(played.timed(ProfileIndex::power_quality_log),
              (Timed{{2 * kHour + 1800 + 10, Event::overcurrent}, {3 * kHour + 10, Event::overcurrent_ended}}));
    EXPECT_EQ(played.watthours(Energy::active_import), 2300U + 12'660 / 2 + 20'660 / 2);
}

}  // namespace
}  // namespace ferraris::twin::scenario
