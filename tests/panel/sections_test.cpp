#include "panel/sections.hpp"

#include <gtest/gtest.h>

#include <nlohmann/json.hpp>

#include "crypto/openssl.hpp"
#include "twin/test_factory.hpp"

namespace ferraris::panel {
namespace {

using nlohmann::json;
using twin::scenario::Subject;

/// Monday 2026-01-05, 12:00 UTC: 13:00 by the clock on the wall, when the low tariff begins.
constexpr UtcTime kNoon = UtcTime::from_seconds(1'767'614'400);

class SectionsTest : public ::testing::Test {
protected:
    SectionsTest() {
        twin::VirtualMeterSettings settings;
        settings.start = kNoon;
        settings.factory = twin::test_factory_settings();
        settings.scenario.emplace();
        auto opened = twin::VirtualMeter::open(settings, *crypto_);
        EXPECT_TRUE(opened) << opened.error();
        if (opened) meter_ = std::move(*opened);
    }
    void apply(Subject subject, std::int64_t value) { meter_->stage().apply({subject, value, 0, {}}); }

    std::unique_ptr<Crypto> crypto_ = make_openssl_crypto();
    std::unique_ptr<twin::VirtualMeter> meter_;
};

TEST_F(SectionsTest, AKettleIsWattsAndImpulses) {
    apply(Subject::switch_on, 0);
    meter_->advance(3600);
    const json measured = json::parse(measured_section(*meter_));
    EXPECT_EQ(measured["watts"], 2000.0);
    EXPECT_EQ(measured["quadrant"], 1);
    EXPECT_EQ(measured["activeImpulses"], 2000.0) << "2 kWh at 1,000 imp/kWh";
    const json energy = json::parse(energy_section(*meter_));
    EXPECT_EQ(energy["rates"][0][0], 2'000'000);
    EXPECT_EQ(energy["rates"][3][0], 2'000'000) << "the low tariff";
    EXPECT_EQ(json::parse(world_section(*meter_))["on"], json::parse(R"(["kettle"])"));
    const json curve = json::parse(curve_section(*meter_));
    ASSERT_EQ(curve["rows"].size(), 4U);
    EXPECT_EQ(curve["rows"][3][0], kNoon.seconds() + 3600);
    EXPECT_EQ(curve["rows"][3][1], 2000) << "Wh";
    EXPECT_EQ(curve["period"], 900);
    EXPECT_EQ(curve["midnight"], kNoon.seconds() - 13 * 3600);
}

TEST_F(SectionsTest, TheDayOfTheCalendarIsThatOfTheClockOnTheWall) {
    meter_->advance(10);
    const json calendar = json::parse(calendar_section(*meter_));
    json tariffs = json::array();
    for (const json& each : calendar["switches"]) {
        if (each["target"] == "tariff") tariffs.push_back({each["at"].get<int>() / 3600, each["script"]});
    }
    EXPECT_EQ(tariffs, json::parse("[[0,3],[6,2],[13,3],[15,2],[22,3]]"));
    EXPECT_EQ(calendar["rate"], 3);
    EXPECT_EQ(calendar["next"], kNoon.seconds() + 2 * 3600);
    EXPECT_EQ(next_tariff_change(meter_->device().instrument())->seconds(), kNoon.seconds() + 2 * 3600);
}

TEST_F(SectionsTest, ThePanelSeesWhatTheGlassShows) {
    meter_->advance(1);
    EXPECT_EQ(json::parse(glass_section(*meter_))["mode"], "full");
    meter_->advance(4);
    const json glass = json::parse(glass_section(*meter_));
    EXPECT_EQ(glass["mode"], "normal");
    EXPECT_EQ(glass["digits"].size(), 8U);
    EXPECT_EQ(glass["code"].size(), 7U);
    meter_->stage().hold(board::Button::display, true);
    EXPECT_TRUE(json::parse(glass_section(*meter_))["light"]);
    EXPECT_TRUE(json::parse(front_section(*meter_, false))["display"]);
    meter_->stage().hold(board::Button::display, false);
    meter_->advance(3);
    EXPECT_EQ(json::parse(glass_section(*meter_))["item"], 2);
}

TEST_F(SectionsTest, WithoutMainsTheDisplayButtonLightsTheGlassForAWhile) {
    meter_->advance(5);
    apply(Subject::mains, static_cast<std::int64_t>(twin::scenario::MainsState::off));
    EXPECT_EQ(json::parse(glass_section(*meter_))["mode"], "off");
    EXPECT_FALSE(json::parse(front_section(*meter_, true))["power"]);
    EXPECT_FALSE(json::parse(front_section(*meter_, true))["module"]);
    meter_->stage().hold(board::Button::display, true);
    meter_->stage().hold(board::Button::display, false);
    EXPECT_EQ(json::parse(glass_section(*meter_))["mode"], "normal");
    EXPECT_FALSE(json::parse(glass_section(*meter_))["light"]);
    meter_->advance(11);
    meter_->observe(0);
    EXPECT_EQ(json::parse(glass_section(*meter_))["mode"], "off");
    apply(Subject::mains, static_cast<std::int64_t>(twin::scenario::MainsState::on));
    meter_->advance(1);
    EXPECT_TRUE(json::parse(front_section(*meter_, true))["power"]);
}

TEST_F(SectionsTest, CoversAndMagnetAreSensed) {
    apply(Subject::magnet, 1);
    apply(Subject::battery_cover, 1);
    meter_->advance(10);
    const json front = json::parse(front_section(*meter_, false));
    EXPECT_TRUE(front["magnet"]);
    EXPECT_TRUE(front["batteryCover"]);
    EXPECT_FALSE(front["meterCover"]);
    EXPECT_TRUE(front["alarm"]) << "a fraud attempt";
    EXPECT_EQ(front["relay1"], 1);
    EXPECT_EQ(front["state"], 1);
}

TEST(EventEntry, HasTheWordsOfTheTable) {
    const json entry = json::parse(event_entry(meter::EventLog::fraud, 1000, 43, 0, 250));
    EXPECT_EQ(entry["text"], "No strong magnetic field any more");
    EXPECT_EQ(entry["log"], "fraud");
    EXPECT_EQ(entry["duration"], 2.5);
}

}  // namespace
}  // namespace ferraris::panel
