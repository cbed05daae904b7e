/// The panel: its keys, its drawing, and the verb at a terminal against a virtual meter.
#include <gtest/gtest.h>

#include <algorithm>
#include <nlohmann/json.hpp>

#include "child.hpp"
#include "cli/error.hpp"
#include "cli/panel_drawing.hpp"
#include "cli/panel_keys.hpp"
#include "meter/display/seven_segments.hpp"
#include "scratch_folder.hpp"
#include "terminal_child.hpp"

namespace ferraris::cli {
namespace {

using board::Icon;
using std::chrono::milliseconds;

constexpr HeldButtons kDisplay = 1;
constexpr HeldButtons kRelay = 2;

PanelView view_of(std::string_view code, std::string_view digits) {
    PanelView view;
    meter::show_text(code, meter::Alignment::left, view.lcd.code);
    meter::show_text(digits, meter::Alignment::right, view.lcd.digits);
    view.mode = meter::DisplayMode::normal;
    return view;
}

std::string joined(const std::vector<std::string>& lines) {
    std::string text;
    for (const std::string& line : lines) text += line + "\n";
    return text;
}

TEST(PanelKeys, ATapIsAShortPress) {
    PanelKeys keys(std::chrono::seconds(8));
    keys.key('d', milliseconds(1000));
    EXPECT_EQ(keys.advance(milliseconds(1000)), kDisplay);
    EXPECT_EQ(keys.advance(milliseconds(1100)), std::nullopt) << "still held";
    EXPECT_EQ(keys.advance(milliseconds(1150)), 0);
}

TEST(PanelKeys, AKeyThatRepeatsKeepsTheButtonDown) {
    PanelKeys keys(std::chrono::seconds(8));
    for (int at = 0; at <= 9000; at += 40) {
        keys.key('d', milliseconds(at));
        EXPECT_EQ(keys.advance(milliseconds(at)), at == 0 ? std::optional(kDisplay) : std::nullopt);
    }
    EXPECT_EQ(keys.advance(milliseconds(9200)), 0);
}

TEST(PanelKeys, ACapitalIsALongPress) {
    PanelKeys keys(std::chrono::seconds(8));
    keys.key('D', milliseconds(0));
    EXPECT_EQ(keys.advance(milliseconds(0)), kDisplay);
    EXPECT_EQ(keys.advance(milliseconds(8000)), std::nullopt);
    EXPECT_EQ(keys.advance(milliseconds(8500)), 0);
}

TEST(PanelKeys, ThePauseOfAHeldKeyIsNoSecondPressOfTheRelay) {
    PanelKeys keys(std::chrono::seconds(8));
    keys.key('r', milliseconds(0));
    EXPECT_EQ(keys.advance(milliseconds(0)), kRelay);
    EXPECT_EQ(keys.advance(milliseconds(600)), std::nullopt);
    keys.key('r', milliseconds(600));
    keys.key('x', milliseconds(610));
    EXPECT_EQ(keys.advance(milliseconds(610)), std::nullopt);
    EXPECT_EQ(keys.advance(milliseconds(1350)), 0);
}

TEST(PanelDrawing, DigitsCodeAndUnit) {
    PanelView view = view_of("1.8.0", "1234.567");
    view.lcd.icons.set(Icon::unit_kilo);
    view.lcd.icons.set(Icon::unit_watt);
    view.lcd.icons.set(Icon::unit_hour);
    EXPECT_EQ(digits_text(view.lcd.code), "1.8.0");
    EXPECT_EQ(digits_text(view.lcd.digits), "1234.567");
    EXPECT_EQ(unit_text(view.lcd), "kWh");
    const std::vector<std::string> lines = draw_panel(view, {});
    ASSERT_EQ(lines.size(), 11U);
    // One, two, three, four and a point, five, six, seven; no segment of the first place.
    EXPECT_EQ(lines[3], "|                         _   _       _   _   _                        |");
    EXPECT_EQ(lines[4], "|                      |  _|  _| |_| |_  |_    |                       |");
    EXPECT_EQ(lines[5], "| 1.8.0                | |_   _|   |. _| |_|   |   kWh                 |");
}

TEST(PanelDrawing, IconsHaveTheirPlacesAndFlash) {
    PanelView view = view_of("1.8.0", "0");
    const std::vector<std::string> dark = draw_panel(view, {});
    view.lcd.icons.set(Icon::battery);
    view.lcd.blinking.set(Icon::battery);
    view.lcd.icons.set(Icon::tariff_2);
    view.relay_1 = board::LedState::flashing;
    EXPECT_EQ(flashing_text(view), "battery, LED of relay 1");
    const std::vector<std::string> lit = draw_panel(view, {.lit = true});
    EXPECT_NE(lit[1].find("battery"), std::string::npos);
    EXPECT_NE(joined(lit).find("v2"), std::string::npos);
    EXPECT_NE(joined(lit).find("(*) relay 1   ( ) relay 2"), std::string::npos);
    const std::vector<std::string> other_half = draw_panel(view, {.lit = false});
    EXPECT_EQ(other_half[1], dark[1]);
    EXPECT_NE(joined(other_half).find("( ) relay 1"), std::string::npos);
}

TEST(PanelDrawing, NothingIsWiderThanTheTerminal) {
    PanelView view;
    view.lcd = board::full_screen();
    view.mode = meter::DisplayMode::full_screen;
    for (const PanelGlyphs glyphs : {PanelGlyphs::ascii, PanelGlyphs::unicode}) {
        for (const std::size_t columns : {1U, 20U, 40U, 71U, 72U, 80U, 200U}) {
            for (const std::string& line : draw_panel(view, {.glyphs = glyphs, .columns = columns})) {
                EXPECT_EQ(cut_to_columns(line, columns), line) << columns;
            }
        }
    }
    const std::string narrow = joined(draw_panel(view, {.columns = 40}));
    EXPECT_NE(narrow.find("8.8.8.8.8.8.8"), std::string::npos);
    EXPECT_NE(narrow.find("disconnect"), std::string::npos);
}

TEST(PanelView, IsTakenWholeOrNotAtAll) {
    EXPECT_THROW((void)take_panel_view(std::array<std::uint8_t, 2>{0x11, 3}), CliError);
    EXPECT_THROW((void)take_panel_view({}), CliError);
}

class Panel : public ::testing::Test {
protected:
    [[nodiscard]] std::vector<std::string> meter(const std::string& listen, bool buttons = true) const {
        std::vector<std::string> arguments{"meter",       "--json", "--listen", listen,    "--hdlc-listen",
                                           "127.0.0.1:0", "--keys", keys_,      "--speed", "1"};
        if (buttons) arguments.emplace_back("--remote-buttons");
        return arguments;
    }
    [[nodiscard]] std::vector<std::string> panel(const std::string& address) const {
        return {"panel", address, "--keys", keys_, "--timeout", "2"};
    }
    static std::string address_of(testing::Child& meter) {
        const auto ready = meter.line();
        return ready ? nlohmann::json::parse(*ready)["tcp"].get<std::string>() : "";
    }

    testing::ScratchFolder folder_;
    std::string keys_ = (folder_ / "keys.toml").string();
};

TEST_F(Panel, ShowsTheDisplayAndPressesItsButtons) {
    testing::Child meter(this->meter("127.0.0.1:0"));
    testing::TerminalChild panel(this->panel(address_of(meter)));
    ASSERT_TRUE(panel.shows("| 1.8.0 ")) << panel.output();
    EXPECT_TRUE(panel.shows("(*) relay 1"));
    panel.type("d");
    EXPECT_TRUE(panel.shows("| 1.8.1 ")) << panel.screen();
    EXPECT_TRUE(panel.shows("by the button"));
    EXPECT_TRUE(panel.shows("+====")) << "the back-light";
    panel.type("r");
    EXPECT_TRUE(panel.shows([](const std::string& screen) { return screen.find("(*) relay 1") == std::string::npos; }));
    EXPECT_TRUE(panel.shows("disconnect"));
    panel.type("q");
    EXPECT_EQ(panel.wait(), 0);
    EXPECT_TRUE(panel.output().ends_with("\033[?25h\033[?1049l")) << "the screen is given back";
    EXPECT_TRUE(panel.is_as_before());
}

TEST_F(Panel, ALongPressEntersTheServiceMode) {
    testing::Child meter(this->meter("127.0.0.1:0"));
    const std::string address = address_of(meter);
    // As from the factory, but for a long press of two seconds.
    testing::Child settings({"write", address, "1/0-0:128.30.3:2", "axdr:02091103110A110311021105120258110A03000300",
                             "--client", "1", "--keys", keys_});
    ASSERT_EQ(settings.wait(), 0);
    testing::TerminalChild panel(this->panel(address));
    ASSERT_TRUE(panel.shows("| 1.8.0 "));
    panel.type("D");
    EXPECT_TRUE(panel.shows("service")) << panel.screen();
    EXPECT_TRUE(panel.shows("| 0.2.0 "));
}

TEST_F(Panel, LeavesTheTerminalAsItWasWhenItIsTerminated) {
    testing::Child meter(this->meter("127.0.0.1:0"));
    const std::string address = address_of(meter);
    for (const int signal : {SIGTERM, SIGINT, SIGHUP}) {
        testing::TerminalChild panel(this->panel(address));
        ASSERT_TRUE(panel.shows("relay 1"));
        EXPECT_FALSE(panel.is_as_before());
        panel.send(signal);
        EXPECT_EQ(panel.wait(), 0);
        EXPECT_TRUE(panel.output().ends_with("\033[?25h\033[?1049l"));
        EXPECT_TRUE(panel.is_as_before());
    }
}

TEST_F(Panel, FollowsTheSizeOfTheTerminal) {
    testing::Child meter(this->meter("127.0.0.1:0"));
    testing::TerminalChild panel(this->panel(address_of(meter)));
    ASSERT_TRUE(panel.shows("+----"));
    panel.resize(40);
    EXPECT_TRUE(panel.shows([](const std::string& screen) { return screen.find("+--") == std::string::npos; }));
    EXPECT_TRUE(panel.shows("1.8.0"));
    panel.resize(100);
    EXPECT_TRUE(panel.shows("+----"));
}

TEST_F(Panel, SaysThatTheLineIsLostAndFindsItAgain) {
    std::string address;
    std::optional<testing::TerminalChild> panel;
    {
        testing::Child meter(this->meter("127.0.0.1:0"));
        address = address_of(meter);
        panel.emplace(this->panel(address));
        ASSERT_TRUE(panel->shows("1.8.0"));
    }
    EXPECT_TRUE(panel->shows("NO LINE")) << panel->screen();
    testing::Child meter(this->meter(address.substr(std::string("tcp://").size())));
    ASSERT_FALSE(address_of(meter).empty());
    EXPECT_TRUE(panel->shows([](const std::string& screen) { return screen.find("NO LINE") == std::string::npos; }))
        << panel->screen();
    panel->type("q");
    EXPECT_EQ(panel->wait(), 0);
}

TEST_F(Panel, SaysWhereTheButtonsDoNothing) {
    testing::Child meter(this->meter("127.0.0.1:0", false));
    testing::TerminalChild panel(this->panel(address_of(meter)));
    ASSERT_TRUE(panel.shows("1.8.0"));
    panel.type("d");
    EXPECT_TRUE(panel.shows("the buttons do nothing")) << panel.screen();
}

TEST_F(Panel, ShowsItOnceWithoutATerminal) {
    testing::Child meter(this->meter("127.0.0.1:0"));
    const std::string address = address_of(meter);
    testing::Child once({"panel", address, "--keys", keys_, "--ascii"});
    const auto edge = once.line();
    ASSERT_TRUE(edge);
    EXPECT_TRUE(edge->starts_with("+---")) << *edge;
    while (once.line()) {
    }
    EXPECT_EQ(once.wait(), 0);

    testing::Child as_json({"panel", address, "--keys", keys_, "--json"});
    std::string text;
    while (const auto line = as_json.line()) text += *line;
    EXPECT_EQ(as_json.wait(), 0);
    const auto report = nlohmann::json::parse(text);
    EXPECT_TRUE(report["mode"] == "normal" || report["mode"] == "full screen") << report;
    EXPECT_EQ(report["led_relay_1"], "on");
    EXPECT_TRUE(report["icons"].is_array());
}

TEST_F(Panel, StartsAMeterOfItsOwn) {
    testing::TerminalChild panel({"panel", "--keys", keys_});
    ASSERT_TRUE(panel.shows("relay 2")) << panel.output();
    panel.type("d");
    EXPECT_TRUE(panel.shows("by the button")) << panel.screen();
    panel.send(SIGINT);
    EXPECT_EQ(panel.wait(), 0);
    EXPECT_TRUE(panel.is_as_before());
}

}  // namespace
}  // namespace ferraris::cli
