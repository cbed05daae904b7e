// The display's modes by the manual's own figures, and what random sequences do not reach.
#include "meter/display/display.hpp"

#include <gtest/gtest.h>

#include "meter/memory_flash.hpp"
#include "meter/store/layout.hpp"

namespace ferraris::meter {
namespace {

class DisplayTest : public ::testing::Test {
protected:
    DisplayTest() {
        EXPECT_TRUE(store.recover());
        display.recover(store);
        display.power_up(now);
    }
    void pass_ms(std::int64_t milliseconds) {
        now.milliseconds += milliseconds;
        display.advance(now, cover_off);
    }
    void press() {
        display.press(true, now, cover_off);
        pass_ms(100);
        display.press(false, now, cover_off);
    }
    void hold_s(std::int64_t seconds) {
        display.press(true, now, cover_off);
        pass_ms(seconds * 1000);
        display.press(false, now, cover_off);
    }
    void set(const DisplaySettings& settings) { ASSERT_TRUE(display.store_settings(store, settings)); }

    testing::MemoryFlash flash;
    ParameterStore store{flash, kParameterRegion};
    Display display;
    UtcTime now{1'700'000'000'000};
    bool cover_off{false};
};

TEST_F(DisplayTest, ShowsAllSegmentsForThreeSecondsThenScrollsEveryTen) {
    EXPECT_EQ(display.mode(), DisplayMode::full_screen);
    pass_ms(2'999);
    EXPECT_EQ(display.mode(), DisplayMode::full_screen);
    pass_ms(1);
    EXPECT_EQ(display.mode(), DisplayMode::normal);
    EXPECT_EQ(display.item(), 0U);
    pass_ms(9'999);
    EXPECT_EQ(display.item(), 0U);
    pass_ms(1);
    EXPECT_EQ(display.item(), 1U);
    const std::size_t items = default_display_list(DisplayListIndex::normal).size();
    pass_ms(10'000 * static_cast<std::int64_t>(items - 1));
    EXPECT_EQ(display.item(), 0U) << "it begins again behind the last item";
}

TEST_F(DisplayTest, APressShowsTheNextItemAndScrollingResumesThreeSecondsAfterTheLast) {
    pass_ms(3'000);
    press();
    EXPECT_EQ(display.item(), 1U);
    EXPECT_TRUE(display.is_manual());
    pass_ms(2'900);
    press();
    EXPECT_EQ(display.item(), 2U);
    pass_ms(2'999);
    EXPECT_TRUE(display.is_manual());
    pass_ms(1);
    EXPECT_FALSE(display.is_manual());
    EXPECT_EQ(display.item(), 2U);
    pass_ms(10'000);
    EXPECT_EQ(display.item(), 3U);
}

TEST_F(DisplayTest, APressLightsTheGlassForFiveSeconds) {
    pass_ms(3'000);
    EXPECT_FALSE(display.back_light());
    display.press(true, now, false);
    EXPECT_TRUE(display.back_light());
    pass_ms(4'999);
    EXPECT_TRUE(display.back_light());
    pass_ms(1);
    EXPECT_FALSE(display.back_light());
}

TEST_F(DisplayTest, EightSecondsOnTheButtonEnterTheServiceMode) {
    pass_ms(3'000);
    hold_s(7);
    EXPECT_EQ(display.mode(), DisplayMode::normal);
    display.press(true, now, false);
    pass_ms(8'000);
    EXPECT_EQ(display.mode(), DisplayMode::service);
    EXPECT_EQ(display.list(), DisplayListIndex::service);
    EXPECT_EQ(display.item(), 0U);
    pass_ms(2'000);
    display.press(false, now, false);
    EXPECT_EQ(display.mode(), DisplayMode::service);
    // 32 items of 10 s each.
    pass_ms(320'000 - 2'000 - 1);
    EXPECT_EQ(display.mode(), DisplayMode::service);
    pass_ms(1);
    EXPECT_EQ(display.mode(), DisplayMode::normal);
}

TEST_F(DisplayTest, AButtonThatIsStuckStopsNothing) {
    pass_ms(3'000);
    display.press(true, now, false);
    pass_ms(8'000 + 320'000);
    EXPECT_EQ(display.mode(), DisplayMode::normal) << "the service mode has ended by itself";
    EXPECT_FALSE(display.is_manual());
    EXPECT_FALSE(display.back_light());
    pass_ms(10'000);
    EXPECT_EQ(display.item(), 1U) << "it scrolls";
    pass_ms(std::int64_t{86'400'000} * 365 * 20);
    EXPECT_EQ(display.mode(), DisplayMode::normal);
    display.press(true, now, false);
    EXPECT_FALSE(display.is_manual()) << "down and down again is no press";
}

TEST_F(DisplayTest, TheServiceModeEndsWithItsTimeAtTheLatest) {
    DisplaySettings settings;
    settings.service_mode_s = 60;
    set(settings);
    pass_ms(3'000);
    hold_s(8);
    for (int i = 0; i < 19; ++i) {
        pass_ms(2'900);
        press();
    }
    EXPECT_EQ(display.mode(), DisplayMode::service);
    pass_ms(60'000 - 19 * 3'000);
    EXPECT_EQ(display.mode(), DisplayMode::normal);
}

TEST_F(DisplayTest, TheServiceModeMayWantTheTerminalCoverOff) {
    DisplaySettings settings;
    settings.service_wants_open_cover = true;
    settings.service_at_power_up = true;
    set(settings);
    display.power_up(now);
    pass_ms(3'000);
    EXPECT_EQ(display.mode(), DisplayMode::normal);
    hold_s(20);
    EXPECT_EQ(display.mode(), DisplayMode::normal);
    cover_off = true;
    hold_s(8);
    EXPECT_EQ(display.mode(), DisplayMode::service);
    display.power_up(now);
    pass_ms(3'000);
    EXPECT_EQ(display.mode(), DisplayMode::service) << "at power-up, as it is configured";
}

TEST_F(DisplayTest, TestModeEndsByCommandOrPowerCycleAndByNoButton) {
    pass_ms(3'000);
    EXPECT_TRUE(display.set_test_mode(true, now));
    hold_s(20);
    pass_ms(86'400'000);
    EXPECT_EQ(display.mode(), DisplayMode::test);
    EXPECT_TRUE(display.set_test_mode(false, now));
    EXPECT_EQ(display.mode(), DisplayMode::normal);
    EXPECT_TRUE(display.set_test_mode(true, now));
    display.power_down();
    EXPECT_FALSE(display.set_test_mode(true, now)) << "without mains there is none";
    display.power_up(now);
    EXPECT_EQ(display.mode(), DisplayMode::full_screen);
}

TEST_F(DisplayTest, WithoutMainsAPressLightsItForAWhile) {
    pass_ms(5'000);
    display.power_down();
    EXPECT_EQ(display.mode(), DisplayMode::off);
    pass_ms(3'600'000);
    EXPECT_EQ(display.mode(), DisplayMode::off);
    press();
    EXPECT_EQ(display.mode(), DisplayMode::normal);
    EXPECT_EQ(display.item(), 0U);
    EXPECT_FALSE(display.back_light()) << "the battery is for other things";
    press();
    EXPECT_EQ(display.item(), 1U);
    pass_ms(9'899);
    EXPECT_EQ(display.mode(), DisplayMode::normal);
    pass_ms(1);
    EXPECT_EQ(display.mode(), DisplayMode::off);
}

TEST_F(DisplayTest, AClockThatGoesBackLosesNoScreen) {
    pass_ms(3'000 + 4'000);
    pass_ms(-3'600'000);
    EXPECT_EQ(display.item(), 0U);
    pass_ms(5'999);
    EXPECT_EQ(display.item(), 0U);
    pass_ms(1);
    EXPECT_EQ(display.item(), 1U);
}

TEST_F(DisplayTest, AListThatChangesBeginsAnew) {
    pass_ms(3'000 + 25'000);
    EXPECT_EQ(display.item(), 2U);
    DisplayList list = default_display_list(DisplayListIndex::normal);
    ASSERT_TRUE(list.resize(1));
    ASSERT_TRUE(display.store_list(store, DisplayListIndex::normal, list, now));
    EXPECT_EQ(display.item(), 0U);
    pass_ms(10'000);
    EXPECT_EQ(display.item(), 0U) << "the only one";
    press();
    EXPECT_EQ(display.item(), 0U);
    ASSERT_TRUE(display.store_list(store, DisplayListIndex::service, {}, now));
    hold_s(9);
    EXPECT_EQ(display.mode(), DisplayMode::normal) << "without a service list there is no service mode";
}

TEST_F(DisplayTest, SettingsSurviveALossOfPower) {
    DisplaySettings settings;
    settings.full_screen_s = 5;
    settings.auto_scroll_s = 100;
    settings.manual_scroll_s = 7;
    settings.long_press_s = 4;
    settings.back_light_s = 0;
    settings.service_mode_s = 3600;
    settings.battery_s = 60;
    settings.service_at_power_up = true;
    settings.service_wants_open_cover = true;
    set(settings);
    ParameterStore again(flash, kParameterRegion);
    ASSERT_TRUE(again.recover());
    Display other;
    other.recover(again);
    EXPECT_EQ(other.settings(), settings);
}

}  // namespace
}  // namespace ferraris::meter
