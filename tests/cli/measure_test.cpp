#include "cli/measure.hpp"

#include <gtest/gtest.h>

#include <CLI/CLI.hpp>
#include <nlohmann/json.hpp>

#include "shared.hpp"

namespace ferraris::cli {
namespace {

struct MeasureOutcome {
    int status;
    std::string output;
    std::string error;
};

MeasureOutcome run(const std::string& arguments) {
    CLI::App app;
    int status = -1;
    add_measure(app, status);
    ::testing::internal::CaptureStdout();
    ::testing::internal::CaptureStderr();
    app.parse("measure " + arguments);
    std::fflush(stdout);
    return {status, ::testing::internal::GetCapturedStdout(), ::testing::internal::GetCapturedStderr()};
}

TEST(Measure, ReportsTheKeysOfTheManifest) {
    FERRARIS_NEEDS_SHARED("data/waveforms/water_heater_1.i16");
    const std::string file = ferraris::testing::shared("data/waveforms/water_heater_1.i16").string();
    const MeasureOutcome outcome =
        run(file + " --rate 6400 --amps-per-count 0.024111607810232 --volts-per-count 0.0601684717208 --json");
    EXPECT_EQ(outcome.status, 0);
    const nlohmann::json json = nlohmann::json::parse(outcome.output);
    EXPECT_NEAR(json["voltage_v"].get<double>(), 220.788, 0.01);
    EXPECT_NEAR(json["current_a"].get<double>(), 7.1116, 0.001);
    EXPECT_NEAR(json["active_power_w"].get<double>(), 1570.15, 0.1);
    EXPECT_NEAR(json["fundamental_reactive_power_var"].get<double>(), 0.824, 0.001);
    EXPECT_NEAR(json["apparent_power_va"].get<double>(), 1570.17, 0.1);
    EXPECT_NEAR(json["power_factor"].get<double>(), 0.99999, 1e-5);
    EXPECT_NEAR(json["frequency_hz"].get<double>(), 50.0318, 0.001);
    EXPECT_EQ(json["active_anti_creep"], false);
    EXPECT_EQ(json["reactive_anti_creep"], true) << "0.8 var are less than the starting current's";
    EXPECT_NEAR(json["active_import_energy_wh"].get<double>(), 1570.15 * json["duration_s"].get<double>() / 3600, 1e-3);
}

TEST(Measure, SaysInTextWhatIsNotRegistered) {
    FERRARIS_NEEDS_SHARED("data/waveforms/water_heater_1.i16");
    const std::string file = ferraris::testing::shared("data/waveforms/water_heater_1.i16").string();
    const MeasureOutcome outcome =
        run(file + " --rate 6400 --amps-per-count 0.024111607810232 --volts-per-count 0.0601684717208");
    EXPECT_NE(outcome.output.find("  active anti-creep         no\n"), std::string::npos) << outcome.output;
    EXPECT_NE(outcome.output.find("  reactive anti-creep       yes, nothing is registered\n"), std::string::npos);
}

TEST(Measure, AnErrorIsOneLineThatNamesTheFile) {
    const MeasureOutcome outcome = run("/nowhere/at.i16 --rate 6400 --amps-per-count 0.02 --volts-per-count 0.06");
    EXPECT_NE(outcome.status, 0);
    EXPECT_EQ(outcome.output, "");
    EXPECT_EQ(outcome.error.find("ferraris measure: /nowhere/at.i16: "), 0U) << outcome.error;
    EXPECT_EQ(outcome.error.find('\n'), outcome.error.size() - 1);
}

}  // namespace
}  // namespace ferraris::cli
