#include "twin/scenario/stage.hpp"

#include "twin/scenario/support.hpp"

namespace ferraris::twin::scenario {
namespace {

using testing::Played;
using testing::scenario_of_library;

constexpr UtcTime kStart = UtcTime::from_seconds(1'767'571'200);

Step step_at(std::int64_t seconds, std::vector<Change> changes) { return {{{}, seconds, 0}, std::move(changes), ""}; }
Change change(Subject subject, std::int64_t value) { return {subject, value, 0, {}}; }

TEST(Stage, WritesTheSameFlashFromTheSameScenario) {
    Scenario scenario = scenario_of_library("ordinary-week");
    scenario.end = parse_moment("+2d");
    scenario.steps.push_back(step_at(40'000, {change(Subject::mains, 2)}));
    scenario.steps.push_back(step_at(47'000, {change(Subject::mains, 1), change(Subject::magnet, 1)}));
    scenario.steps.push_back(step_at(90'000, {change(Subject::restart, 0), change(Subject::shift_clock, -1000)}));
    Played first(scenario);
    Played second(scenario);
    EXPECT_EQ(first.octets(), second.octets());
    scenario.seed = 6;
    Played other(scenario);
    EXPECT_NE(first.octets(), other.octets()) << "another home";
}

TEST(Stage, KeepsTheMeterAtOneAddressThroughALossOfPower) {
    Scenario scenario;
    scenario.steps.push_back(step_at(100, {change(Subject::mains, 0)}));
    scenario.steps.push_back(step_at(200, {change(Subject::mains, 1)}));
    Played played(scenario);
    const meter::Meter* const before = &played.stage.device();
    played.stage.run(150);
    EXPECT_FALSE(played.stage.is_powered());
    played.stage.run(100);
    EXPECT_TRUE(played.stage.is_powered());
    EXPECT_EQ(played.stage.power_ups(), 2U);
    EXPECT_EQ(&played.stage.device(), before);
    EXPECT_EQ(played.stage.board(), UtcTime::from_seconds(kStart.seconds() + 250));
}

TEST(Stage, LosesAtMostAMinuteOfEnergyWithoutLastWords) {
    for (const std::int64_t mains : {0, 2}) {
        Scenario scenario;
        scenario.world.push_back(change(Subject::power, 3'600'000));  // 1 Wh a second
        scenario.steps.push_back(step_at(3659, {change(Subject::mains, mains)}));
        scenario.steps.push_back(step_at(4000, {change(Subject::mains, 1)}));
        Played played(scenario);
        played.stage.run(4000);
        played.stage.run(1);
        EXPECT_EQ(played.watthours(metrology::Energy::active_import), mains == 0 ? 3660U : 3601U);
    }
}

TEST(Stage, CountsWhatTheMeterRefused) {
    Scenario scenario;
    CosemRequest nonsense{3, dlms::obis(1, 0, 1, 35, 0), 2, {0x11, 0x01}};
    scenario.steps.push_back(step_at(5, {{Subject::write, 0, 0, nonsense}}));
    scenario.steps.push_back(step_at(6, {change(Subject::tariff, 3)}));
    Played played(scenario);
    std::vector<std::string> lines;
    played.stage.on_step([&](const std::string& line) { lines.push_back(line); });
    played.stage.run(10);
    EXPECT_EQ(played.stage.refusals(), 1U);
    EXPECT_EQ(played.instrument().active_rate, 3);
    ASSERT_EQ(lines.size(), 3U);
    EXPECT_EQ(lines[1], "the meter refused that");
}

TEST(Stage, HasItsLoadBehindRelay1AndAPersonAtTheButton) {
    Scenario scenario;
    scenario.world.push_back(change(Subject::power, 3'600'000));  // 1 Wh a second
    // Mode 5 lets the button disconnect; the contact is stuck the first time.
    const auto button = static_cast<std::int64_t>(board::Button::relay);
    scenario.steps.push_back(step_at(10, {change(Subject::supply_relay, 1)}));
    scenario.steps.push_back(step_at(100, {{Subject::press, button, 9'000, {}}}));
    scenario.steps.push_back(step_at(400, {change(Subject::supply_relay, 0)}));
    Played played(scenario);
    played.stage.run(300);
    EXPECT_FALSE(played.instrument().disconnector.is_connected());
    EXPECT_TRUE(played.stage.supply_relay().is_closed());
    EXPECT_EQ(played.watthours(metrology::Energy::active_import), 300U);
    played.stage.run(300);
    EXPECT_FALSE(played.stage.supply_relay().is_closed()) << "the meter drives it again";
    const std::uint64_t then = played.watthours(metrology::Energy::active_import);
    EXPECT_LE(then, 480U);
    played.stage.run(300);
    EXPECT_EQ(played.watthours(metrology::Energy::active_import), then);
}

TEST(Stage, MeasuresADipWithinASecond) {
    Scenario scenario;
    scenario.steps.push_back(step_at(10, {{Subject::disturbance, 115'000, 500, {}}}));
    Played played(scenario);
    played.stage.run(11);
    const metrology::Measurement& second = played.stage.last_second();
    EXPECT_EQ(second.least_cycle_millivolts, 115'000U);
    EXPECT_EQ(second.greatest_cycle_millivolts, 230'000U);
    // The root of the mean of the squares: 230 V * sqrt(0.5 * 0.25 + 0.5).
    EXPECT_NEAR(second.voltage_millivolts, 181'830, 20);
    ASSERT_EQ(second.disturbances.count, 1);
    EXPECT_EQ(second.disturbances.items[0], (metrology::Disturbance{metrology::DisturbanceKind::sag, 115'000, 500}));
}

TEST(Stage, DriftsWithItsCrystal) {
    FlashMemory flash(meter::kFlashSectors, meter::kSectorSize);
    const auto crypto = make_openssl_crypto();
    StageSettings settings = testing::stage_settings();
    settings.crystal = crystal_of(20);
    settings.celsius = 25;
    Stage stage(flash, *crypto, settings, {}, nullptr, kStart);
    ASSERT_TRUE(stage.start());
    stage.run(86'400);
    // 20 ppm of a day are 1.728 s; the thermometer's error of 1 K adds 0.03 ppm at the turnover.
    EXPECT_NEAR(static_cast<double>(stage.board().milliseconds - stage.now().milliseconds), 1728, 5);
}

TEST(BackupBattery, IsEmptiedByItsLoadAndByItself) {
    CellSettings settings;
    settings.capacity_milliamperehours = 1;  // 3.6 As
    settings.load_nanoamperes = 1'000'000;   // an hour of it
    settings.self_discharge_permille_a_year = 0;
    BackupBattery carried(settings);
    for (int i = 0; i < 1800; ++i) carried.second(20, true);
    EXPECT_EQ(carried.charge_permille(), 500U);
    for (int i = 0; i < 1800; ++i) carried.second(20, false);
    EXPECT_EQ(carried.charge_permille(), 500U);
    for (int i = 0; i < 1800; ++i) carried.second(20, true);
    EXPECT_TRUE(carried.is_empty());
    EXPECT_EQ(carried.millivolts(20), 0U);
    carried.replace();
    EXPECT_EQ(carried.charge_permille(), 1000U);

    settings.self_discharge_permille_a_year = 100;
    BackupBattery cool(settings);
    BackupBattery warm(settings);
    for (int i = 0; i < 8766 * 60; ++i) {  // a sixtieth of a year
        cool.second(20, false);
        warm.second(50, false);
    }
    EXPECT_NEAR(cool.charge_permille(), 1000 - 100.0 / 60, 1);
    EXPECT_NEAR(warm.charge_permille(), 1000 - 800.0 / 60, 1) << "twice as fast each 10 K";
}

TEST(BackupBattery, ShowsLessWhenOldColdOrLoaded) {
    BackupBattery battery;
    const std::uint32_t fresh = battery.millivolts(20);
    EXPECT_EQ(fresh, 3670U);
    EXPECT_EQ(battery.millivolts(-20), fresh - 32);
    battery.set_charge(200);
    const std::uint32_t flat = battery.millivolts(20);
    EXPECT_GT(flat, 3600U) << "flat for most of its life";
    battery.set_charge(40);
    EXPECT_LT(battery.millivolts(20), 3200U) << "beyond the knee";
    EXPECT_LT(battery.millivolts(20, 100'000), battery.millivolts(20));
}

}  // namespace
}  // namespace ferraris::twin::scenario
