#include "cli/chart.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

namespace ferraris::cli {
namespace {

constexpr int kLabelColumns = 6;  ///< "1500 W"
constexpr int kHoursADay = 24;

struct Bar {
    double watts{0};
    bool known{false};
};

/// The values spread over `columns` bars; each bar is the mean over its stretch of time.
std::vector<Bar> bars_of(const std::vector<std::optional<double>>& watts, std::size_t columns) {
    std::vector<Bar> bars(columns);
    const double values_a_bar = static_cast<double>(watts.size()) / static_cast<double>(columns);
    for (std::size_t column = 0; column < columns; ++column) {
        const double from = static_cast<double>(column) * values_a_bar;
        const double to = from + values_a_bar;
        double weight = 0;
        double sum = 0;
        for (auto i = static_cast<std::size_t>(from); i < watts.size() && static_cast<double>(i) < to; ++i) {
            const double share = std::min(to, static_cast<double>(i + 1)) - std::max(from, static_cast<double>(i));
            if (!watts[i] || share <= 0) continue;
            sum += *watts[i] * share;
            weight += share;
        }
        if (weight > 0) bars[column] = {sum / weight, true};
    }
    return bars;
}

/// The next of 1, 2, 5, 10, 20, 50 … that is at least `value`.
double round_up(double value) {
    double step = 1;
    while (true) {
        for (const double factor : {1.0, 2.0, 5.0}) {
            if (value <= factor * step) return factor * step;
        }
        step *= 10;
    }
}

/// How many bars a day of 24 hours gets: the most that fit and that divide into whole hours evenly.
std::size_t column_count(std::size_t values, int columns) {
    const int room = std::max(columns - kLabelColumns - 1, kHoursADay);
    for (std::size_t per_hour = 4; per_hour > 1; --per_hour) {
        const std::size_t count = per_hour * kHoursADay;
        if (count <= static_cast<std::size_t>(room) && count <= values) return count;
    }
    return std::min<std::size_t>(kHoursADay, std::max<std::size_t>(values, 1));
}

/// What fills one cell of a bar that reaches `eighths` into it.
const char* cell(int eighths, bool unicode) {
    static constexpr const char* kBlocks[] = {" ", "▁", "▂", "▃", "▄", "▅", "▆", "▇", "█"};
    static constexpr const char* kPlain[] = {" ", " ", ".", ".", ":", ":", ":", "#", "#"};
    const int level = std::clamp(eighths, 0, 8);
    return unicode ? kBlocks[level] : kPlain[level];
}

std::string watts_label(double watts) {
    if (watts >= 10'000) return fmt::format("{:.0f} kW", watts / 1000);
    return fmt::format("{:.0f} W", watts);
}

}  // namespace

std::string day_chart(const std::vector<std::optional<double>>& watts, const ChartOptions& options) {
    if (watts.empty()) return {};
    const std::vector<Bar> bars = bars_of(watts, column_count(watts.size(), options.columns));
    const int columns_an_hour = static_cast<int>(bars.size()) / kHoursADay;
    const double largest = std::ranges::max_element(bars, {}, &Bar::watts)->watts;
    // A tick every second row; the top is the first round step that has room for the largest bar.
    const int ticks = std::max(options.rows / 2, 1);
    const double step = round_up(std::max(largest, 1.0) / ticks);
    const double watts_a_row = step * ticks / options.rows;
    const char* const side = options.unicode ? "┤" : "+";
    const char* const wall = options.unicode ? "│" : "|";

    std::string text;
    for (int row = options.rows - 1; row >= 0; --row) {
        const bool tick = (options.rows - 1 - row) % 2 == 0;
        const double top = (row + 1) * watts_a_row;
        text += fmt::format("{:>{}}{}", tick ? watts_label(top) : "", kLabelColumns, tick ? side : wall);
        std::string line;
        for (const Bar& bar : bars) {
            const double filled = (bar.watts - row * watts_a_row) / watts_a_row;
            int eighths = static_cast<int>(std::lround(filled * 8));
            // A load that is there is never drawn as nothing.
            if (row == 0 && bar.known && bar.watts > 0) eighths = std::max(eighths, 1);
            line += bar.known ? cell(eighths, options.unicode) : " ";
        }
        line.erase(line.find_last_not_of(' ') + 1);
        text += line + "\n";
    }
    text += fmt::format("{:>{}}{}", "0", kLabelColumns, options.unicode ? "└" : "+");
    for (std::size_t i = 0; i < bars.size(); ++i) {
        const bool mark = columns_an_hour > 0 && i % static_cast<std::size_t>(3 * columns_an_hour) == 0 && i != 0;
        text += options.unicode ? (mark ? "┴" : "─") : (mark ? "+" : "-");
    }
    std::string hours(bars.size(), ' ');
    const auto put = [&hours](std::size_t position, const std::string& label) {
        if (position + label.size() <= hours.size()) hours.replace(position, label.size(), label);
    };
    for (int hour = 0; hour < kHoursADay; hour += 3) {
        const int column = hour * columns_an_hour;
        put(static_cast<std::size_t>(column), std::to_string(hour));
    }
    put(hours.size() - 4, "24 h");
    return text + "\n" + std::string(kLabelColumns + 1, ' ') + hours + "\n";
}

}  // namespace ferraris::cli
