#include "panel/command.hpp"

#include <gtest/gtest.h>

#include "twin/scenario/appliances.hpp"

namespace ferraris::panel {
namespace {

using twin::scenario::kAppliances;
using twin::scenario::Subject;

TEST(Command, CarriesValuesOverInTheUnitsOfTheWorld) {
    const auto voltage = parse_command(R"({"do":"voltage","value":207.5,"id":7})");
    ASSERT_TRUE(voltage);
    EXPECT_EQ(voltage->kind, Command::Kind::change);
    EXPECT_EQ(voltage->change.subject, Subject::voltage);
    EXPECT_EQ(voltage->change.value, 207'500);
    EXPECT_EQ(voltage->id, 7);
    const auto temperature = parse_command(R"({"do":"temperature","value":-12.5})");
    ASSERT_TRUE(temperature);
    EXPECT_EQ(temperature->change.value, -1250);
    EXPECT_FALSE(temperature->id);
}

TEST(Command, SwitchesAppliancesByTheirNames) {
    const auto on = parse_command(R"({"do":"switch.water heater","value":true})");
    ASSERT_TRUE(on);
    EXPECT_EQ(on->change.subject, Subject::switch_on);
    EXPECT_EQ(kAppliances[static_cast<std::size_t>(on->change.value)].name, "water heater");
    const auto off = parse_command(R"({"do":"switch.kettle","value":false})");
    ASSERT_TRUE(off);
    EXPECT_EQ(off->change.subject, Subject::switch_off);
}

TEST(Command, HoldsButtonsAndSetsTime) {
    const auto hold = parse_command(R"({"do":"button.relay","value":true})");
    ASSERT_TRUE(hold);
    EXPECT_EQ(hold->kind, Command::Kind::hold);
    EXPECT_EQ(hold->button, board::Button::relay);
    EXPECT_TRUE(hold->down);
    const auto speed = parse_command(R"({"do":"speed","value":60})");
    ASSERT_TRUE(speed);
    EXPECT_EQ(speed->speed, 60);
    EXPECT_TRUE(parse_command(R"({"do":"pause"})"));
    EXPECT_TRUE(parse_command(R"({"do":"leap"})"));
}

TEST(Command, MainsGoWithLastWords) {
    const auto off = parse_command(R"({"do":"mains","value":false})");
    ASSERT_TRUE(off);
    EXPECT_EQ(off->change.value, static_cast<std::int64_t>(twin::scenario::MainsState::off));
    const auto on = parse_command(R"({"do":"mains","value":true})");
    ASSERT_TRUE(on);
    EXPECT_EQ(on->change.value, static_cast<std::int64_t>(twin::scenario::MainsState::on));
}

TEST(Command, ADipHasALength) {
    const auto dip = parse_command(R"({"do":"dip","value":160,"milliseconds":80})");
    ASSERT_TRUE(dip);
    EXPECT_EQ(dip->change.value, 160'000);
    EXPECT_EQ(dip->change.duration_ms, 80U);
    for (const char* bad :
         {R"({"do":"dip","value":160,"milliseconds":0})", R"({"do":"dip","value":160,"milliseconds":1e3})",
          R"({"do":"dip","value":160,"milliseconds":99999999999})"}) {
        EXPECT_FALSE(parse_command(bad)) << bad;
    }
}

TEST(Command, RefusesWhatIsNoneAndSaysWhy) {
    struct Case {
        const char* message;
        const char* why;
    };
    constexpr Case kCases[]{
        {"", "the message is no JSON object"},
        {"{", "the message is no JSON object"},
        {"[1]", "the message is no JSON object"},
        {R"({})", "\"do\" says what to do, as a text"},
        {R"({"do":1})", "\"do\" says what to do, as a text"},
        {R"({"do":"explode"})", "there is no command \"explode\""},
        {R"({"do":"voltage"})", "voltage takes a number from 0 to 300"},
        {R"({"do":"voltage","value":"230"})", "voltage takes a number from 0 to 300"},
        {R"({"do":"voltage","value":300.1})", "voltage takes a number from 0 to 300"},
        {R"({"do":"voltage","value":10})", "voltage takes a number from 0 to 300"},
        {R"({"do":"voltage","value":1e400})", "the message is no JSON object"},
        {R"({"do":"magnet","value":1})", "magnet takes true or false"},
        {R"({"do":"pause","value":true})", "pause takes no value"},
        {R"({"do":"speed","value":0})", "speed takes a number from 0.1 to 3600"},
        {R"({"do":"speed","value":3601})", "speed takes a number from 0.1 to 3600"},
        {R"({"do":"magnet","value":true,"and":1})", "nobody knows a \"and\" here"},
        {R"({"do":"switch.bomb","value":true})", "there is no appliance \"bomb\""},
        {R"({"do":"magnet","value":true,"id":"x"})", "an id is a whole number"},
    };
    for (const Case& each : kCases) {
        const auto command = parse_command(each.message);
        ASSERT_FALSE(command) << each.message;
        EXPECT_EQ(command.error().why, each.why) << each.message;
    }
    EXPECT_FALSE(parse_command(std::string(kMostCommandOctets + 1, ' ')));
    EXPECT_FALSE(parse_command(std::string(kMostCommandOctets, '[')));
}

TEST(Command, ARefusalIsOneHarmlessLine) {
    const auto command = parse_command("{\"do\":\"a\\nb\\u0007\xC3\xA4\",\"id\":3}");
    ASSERT_FALSE(command);
    EXPECT_EQ(command.error().why, "there is no command \"a?b???\"");
    EXPECT_EQ(refused_message(command.error()), R"({"refused":3,"why":"there is no command \"a?b???\""})");
    EXPECT_EQ(done_message(3), R"({"done":3})");
}

}  // namespace
}  // namespace ferraris::panel
