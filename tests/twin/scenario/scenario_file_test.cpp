#include <gtest/gtest.h>

#include "twin/scenario/scenario.hpp"

namespace ferraris::twin::scenario {
namespace {

/// What is said of the one bad line, with its number.
std::string complaint(const std::string& text) {
    const ScenarioFile file = read_scenario(text, "test.toml");
    EXPECT_EQ(file.complaints.size(), 1U) << text;
    return file.complaints.empty() ? "" : std::to_string(file.complaints[0].line) + ": " + file.complaints[0].text;
}

TEST(ScenarioFile, SaysWhatHappensWhen) {
    const ScenarioFile file = read_scenario(R"(
start = "2026-01-05T00:00:00Z"
end = "+7d"
seed = 42

[world]
power = 1500.5
power_factor = -0.8
terminal_cover = "open"

[[step]]
at = "+1d 02:00:15"
disturbance = {voltage = 160, milliseconds = 240}
mains = "cut"
switch_on = ["kettle", "oven"]

[[step]]
at = "every day at 18:00"
write = {class = 3, object = "1-0:1.35.0", attribute = 2, value = "06 00 00 00 01"}
)",
                                            "test.toml");
    for (const Complaint& each : file.complaints) ADD_FAILURE() << each.line << ": " << each.text;
    const Scenario& scenario = file.scenario;
    EXPECT_EQ(scenario.start, UtcTime::from_seconds(1'767'571'200));
    ASSERT_TRUE(scenario.end);
    EXPECT_EQ(scenario.end->seconds, 7 * 86'400);
    EXPECT_EQ(scenario.seed, 42U);
    ASSERT_EQ(scenario.world.size(), 3U);
    EXPECT_EQ(scenario.world[0].value, 1'500'500) << "milliwatts";
    EXPECT_EQ(scenario.world[1].value, -800);
    EXPECT_EQ(scenario.world[2].subject, Subject::terminal_cover);
    EXPECT_EQ(scenario.world[2].value, 1);
    ASSERT_EQ(scenario.steps.size(), 2U);
    const Step& step = scenario.steps[0];
    EXPECT_EQ(step.at.seconds, 86'400 + 7215);
    ASSERT_EQ(step.changes.size(), 4U) << "in the order of the file, each appliance for itself";
    EXPECT_EQ(step.changes[0].value, 160'000);
    EXPECT_EQ(step.changes[0].duration_ms, 240U);
    EXPECT_EQ(step.changes[1].value, static_cast<std::int64_t>(MainsState::cut));
    EXPECT_EQ(step.changes[3].subject, Subject::switch_on);
    const CosemRequest& request = scenario.steps[1].changes.at(0).request;
    EXPECT_EQ(request.class_id, 3);
    EXPECT_EQ(request.name, dlms::obis(1, 0, 1, 35, 0));
    EXPECT_EQ(request.number, 2);
    EXPECT_EQ(request.value, (std::vector<std::uint8_t>{6, 0, 0, 0, 1}));
}

TEST(ScenarioFile, SaysWhatIsWrongInEachLine) {
    const auto has = [](const std::string& text, const std::string& part) {
        const std::string said = complaint(text);
        EXPECT_NE(said.find(part), std::string::npos) << said << "\nof " << text;
    };
    has("start = 2026-01-05", "1: a time is written in quotes");
    has("\nend = \"every 2d\"", "2: the end comes once");
    has("end = \"soon\"", "1: a moment is written in quotes");
    has("seed = -1", "1: the seed is a whole number");
    has("[[steps]]\nat = \"+1d\"", "known are start, end, seed, [world] and [[step]]");
    has("[world]\nvoltage = 600", "2: voltage wants volts from 60 to 480");
    has("[world]\nvoltage = \"230\"", "2: voltage wants volts");
    has("[world]\npower_factor = 0.05", "2: power_factor wants a number from 0.1 to 1");
    has("[world]\nmains = \"off\"", "2: mains is for a [[step]]");
    has("[world]\nvolts = 230", "2: \"volts\" is unknown here; known are voltage, ");
    has("[[step]]\npower = 5", "a step wants at");
    has("[[step]]\nat = \"+1d\"", "1: nothing happens in this step");
    has("[[step]]\nat = \"1d\"\npower = 5", "2: a moment is written in quotes");
    has("[[step]]\nat = \"+1d\"\nmains = true", "3: mains wants \"off\", \"on\" or \"cut\"");
    has("[[step]]\nat = \"+1d\"\nmeter_cover = \"gone\"", "3: meter_cover wants \"open\" or \"closed\"");
    has("[[step]]\nat = \"+1d\"\nswitch_on = [\"sauna\"]", "of \"kettle\", \"oven\"");
    has("[[step]]\nat = \"+1d\"\ntariff = 7", "3: tariff wants a tariff from 1 to 6");
    has("[[step]]\nat = \"+1d\"\nset_clock = 5", "3: set_clock wants a time in quotes");
    has("[[step]]\nat = \"+1d\"\npress = \"bell\"", "3: press wants \"display\" or \"relay\"");
    has("[world]\nsupply_relay = true", "2: supply_relay wants \"stuck\"");
    has("[[step]]\nat = \"+1d\"\nrestart = false", "3: restart wants true");
    has("[[step]]\nat = \"+1d\"\ndisturbance = 160", "3: disturbance wants {voltage");
    has("[[step]]\nat = \"+1d\"\nwrite = {class = 3, object = \"1-0\", attribute = 2, value = \"06\"}",
        "3: write wants {class = 3");
    has("power = ", "1: this is no TOML");
    has("seed = 1\nseed = 2", "this name is there already");
}

TEST(ScenarioFile, TellsOfAllBadLinesAtOnceInTheirOrder) {
    const ScenarioFile file =
        read_scenario("[[step]]\nat = \"?\"\npower = \"much\"\n[world]\nmagnet = 1\n", "test.toml");
    ASSERT_EQ(file.complaints.size(), 3U);
    EXPECT_EQ(file.complaints[0].line, 2U);
    EXPECT_EQ(file.complaints[1].line, 3U);
    EXPECT_EQ(file.complaints[2].line, 5U);
}

}  // namespace
}  // namespace ferraris::twin::scenario
