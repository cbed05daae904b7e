/// A day's load as a chart for the terminal.
#pragma once

#include <optional>
#include <string>
#include <vector>

namespace ferraris::cli {

struct ChartOptions {
    int columns{80};     ///< width of the terminal
    int rows{10};        ///< height of the bars
    bool unicode{true};  ///< eighth blocks; else plain ASCII
};

/// Bars from midnight to midnight with an axis in watts on the left and in hours below. One value for each interval of
/// the day (96 quarter-hours), in watts; nothing where there is no record. Where the columns are fewer than the values,
/// several neighbours share one bar as their mean. Lines end in '\n'.
[[nodiscard]] std::string day_chart(const std::vector<std::optional<double>>& watts, const ChartOptions& options);

}  // namespace ferraris::cli
