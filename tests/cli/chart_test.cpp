#include "cli/chart.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <sstream>

namespace ferraris::cli {
namespace {

std::vector<std::string> lines_of(const std::string& text) {
    std::istringstream stream(text);
    std::vector<std::string> lines;
    for (std::string line; std::getline(stream, line);) lines.push_back(line);
    return lines;
}

std::vector<std::optional<double>> steps() {
    std::vector<std::optional<double>> watts(96, 100.0);
    for (std::size_t i = 72; i < 80; ++i) watts[i] = 2000.0;
    watts[10].reset();
    return watts;
}

TEST(DayChart, InPlainAsciiIsReadableOnAnyTerminal) {
    const auto lines = lines_of(day_chart(steps(), {80, 4, false}));
    ASSERT_EQ(lines.size(), 6U);
    // 72 bars of 20 minutes; 18:00 to 20:00 are bars 54 to 59. Two ticks of 1000 W, 500 W a row.
    EXPECT_EQ(lines[0], "2000 W+" + std::string(54, ' ') + "######");
    EXPECT_EQ(lines[1], "      |" + std::string(54, ' ') + "######");
    EXPECT_EQ(lines[2], "1000 W+" + std::string(54, ' ') + "######");
    EXPECT_EQ(lines[3].substr(0, 7), "      |");
    EXPECT_EQ(lines[4],
              "     0+" + std::string("---------+--------+--------+--------+--------+--------+--------+--------"));
    EXPECT_EQ(lines[5], "       0        3        6        9        12       15       18       21   24 h");
}

TEST(DayChart, FitsTheColumns) {
    for (const int columns : {40, 60, 80, 100, 120, 200}) {
        for (const std::string& line : lines_of(day_chart(steps(), {columns, 10, false}))) {
            EXPECT_LE(line.size(), static_cast<std::size_t>(columns)) << line;
        }
    }
}

TEST(DayChart, HasABarForEachQuarterHourWhereThereIsRoom) {
    const auto lines = lines_of(day_chart(steps(), {120, 4, false}));
    EXPECT_EQ(lines[0], "2000 W+" + std::string(72, ' ') + "########");
}

TEST(DayChart, ShowsMissingRecordsAsGapsAndSmallLoadsAsSomething) {
    std::vector<std::optional<double>> watts(96);
    watts[0] = 0.5;
    watts[95] = 5000;
    const auto lines = lines_of(day_chart(watts, {120, 4, true}));
    EXPECT_NE(lines[3].find("│▁"), std::string::npos);
    EXPECT_TRUE(lines[3].ends_with("█"));
    EXPECT_EQ(day_chart({}, {80, 4, true}), "");
}

TEST(DayChart, TicksAreRound) {
    for (const double largest : {3.0, 40.0, 777.0, 1234.0, 9000.0, 45000.0}) {
        const auto lines = lines_of(day_chart(std::vector<std::optional<double>>(96, largest), {80, 10, false}));
        double top = std::stod(lines[0]);
        if (lines[0].find("kW") != std::string::npos) top *= 1000;
        EXPECT_GE(top, largest);
        EXPECT_LE(top, largest * 2.6 + 5) << lines[0];
    }
}

}  // namespace
}  // namespace ferraris::cli
