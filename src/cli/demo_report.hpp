/// What the demonstration reads from its meter and shows: as text with a chart, or as JSON.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "cli/format.hpp"
#include "cli/value.hpp"
#include "dlms/date_time.hpp"
#include "dlms/logical_name.hpp"

namespace ferraris::cli {

class Client;

struct DemoReport {
    struct Entry {
        std::uint16_t class_id{0};
        dlms::LogicalName name{};
        Value value{};
        std::optional<ScalerUnit> scaler_unit{};
    };
    struct Section {
        const char* title;
        const char* key;  ///< in JSON
        std::vector<Entry> entries{};
    };
    /// The mean power of each quarter-hour of one day, by the meter's local time.
    struct DayLoad {
        dlms::DateTime noon{};
        std::vector<std::optional<double>> watts{};
        double watt_hours{0};
    };

    std::string read_as;  ///< client and protection
    std::vector<Section> sections{};
    std::optional<DayLoad> day{};  ///< the last one that the load profile has all of
};

/// Throws CliError.
[[nodiscard]] DemoReport read_demo_report(Client& client);
void print(const DemoReport& report);
[[nodiscard]] std::string to_json(const DemoReport& report, std::int64_t metered_seconds);

}  // namespace ferraris::cli
