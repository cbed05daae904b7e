#include "cli/demo_report.hpp"

#include <fmt/format.h>

#include <map>
#include <nlohmann/json.hpp>
#include <span>

#include "cli/chart.hpp"
#include "cli/client.hpp"
#include "cli/obis.hpp"
#include "cli/profile_reader.hpp"
#include "cli/terminal.hpp"
#include "cli/value_json.hpp"
#include "decode/names.hpp"

namespace ferraris::cli {
namespace {

using decode::object_name;
using dlms::obis;
using Json = nlohmann::ordered_json;

constexpr std::uint16_t kData = 1;
constexpr std::uint16_t kRegister = 3;
constexpr dlms::LogicalName kLoadProfile = obis(1, 0, 99, 1, 0);
constexpr dlms::LogicalName kActiveImport = obis(1, 0, 1, 8, 0);
constexpr std::size_t kQuarterHoursADay = 96;
constexpr std::int64_t kDay = 86400;
constexpr int kLabelColumn = 42;

/// An object of the report; `class_id` says whether it has a unit.
struct Line {
    std::uint16_t class_id{0};
    dlms::LogicalName name{};
};

constexpr Line kIdentification[] = {{kData, obis(0, 0, 42, 0, 0)},
                                    {kData, obis(0, 0, 96, 1, 0)},
                                    {kData, obis(0, 0, 96, 1, 1)},
                                    {kData, obis(1, 0, 0, 2, 0)},
                                    {8, obis(0, 0, 1, 0, 0)}};
constexpr Line kEnergies[] = {
    {kRegister, kActiveImport},       {kRegister, obis(1, 0, 1, 8, 1)}, {kRegister, obis(1, 0, 1, 8, 2)},
    {kRegister, obis(1, 0, 1, 8, 3)}, {kRegister, obis(1, 0, 1, 8, 4)}, {kRegister, obis(1, 0, 1, 8, 5)},
    {kRegister, obis(1, 0, 1, 8, 6)}, {kRegister, obis(1, 0, 2, 8, 0)}, {kRegister, obis(1, 0, 5, 8, 0)},
    {kRegister, obis(1, 0, 8, 8, 0)}, {kRegister, obis(1, 0, 9, 8, 0)}};
constexpr Line kInstantaneous[] = {{kRegister, obis(1, 0, 32, 7, 0)}, {kRegister, obis(1, 0, 31, 7, 0)},
                                   {kRegister, obis(1, 0, 14, 7, 0)}, {kRegister, obis(1, 0, 1, 7, 0)},
                                   {kRegister, obis(1, 0, 3, 7, 0)},  {kRegister, obis(1, 0, 4, 7, 0)},
                                   {kRegister, obis(1, 0, 9, 7, 0)},  {kRegister, obis(1, 0, 13, 7, 0)}};

/// What is refused, and what holds nothing (a tariff that was never active), is left out, except the first.
DemoReport::Section read_section(Client& client, const char* title, const char* key, std::span<const Line> lines) {
    std::vector<dlms::AttributeDescriptor> attributes;
    for (const Line& line : lines) {
        attributes.push_back({line.class_id, line.name, 2});
        attributes.push_back({line.class_id, line.name, 3});
    }
    // Data has no third attribute; what is refused is not shown.
    const std::vector<GetAnswer> answers = client.get_all(attributes, nullptr);
    DemoReport::Section section{title, key};
    for (std::size_t i = 0; i < lines.size(); ++i) {
        const auto value = decode_value(answers[2 * i].value);
        if (!value) continue;
        if (i != 0 && value->is_integer() && value->magnitude == 0) continue;
        const auto scaler = lines[i].class_id == kRegister ? decode_value(answers[2 * i + 1].value) : std::nullopt;
        section.entries.push_back(
            {lines[i].class_id, lines[i].name, *value, scaler ? scaler_unit_of(*scaler) : std::nullopt});
    }
    return section;
}

std::string text_of(const DemoReport::Entry& entry) {
    if (entry.scaler_unit) return quantity_text(entry.value, *entry.scaler_unit);
    const std::string text = value_text(entry.value, entry.class_id, 2);
    return entry.value.is_string() ? printable(entry.value.octets).value_or(text) : text;
}

Json json_of(const DemoReport::Entry& entry) {
    Json json{{"obis", obis_text(entry.name)}, {"name", object_name(entry.name)}};
    if (!entry.scaler_unit) {
        json["value"] = text_of(entry);
        return json;
    }
    json["value"] = scaled_json(entry.value, entry.scaler_unit->scaler);
    json["unit"] = decode::unit_symbol(entry.scaler_unit->unit);
    return json;
}

std::string date_of(const DemoReport::DayLoad& day) { return date_time_text(day.noon).substr(0, 10); }

/// The last day that has all its quarter-hours; by the meter's local time.
std::optional<DemoReport::DayLoad> read_day(Client& client) {
    const ProfileLayout layout = read_profile_layout(client, kLoadProfile);
    std::optional<std::size_t> column;
    for (std::size_t i = 0; i < layout.columns.size(); ++i) {
        if (layout.columns[i].object.attribute.instance == kActiveImport) column = i;
    }
    if (!column || layout.capture_period_s != kDay / kQuarterHoursADay) return std::nullopt;
    const int scaler = layout.columns[*column].scaler_unit.value_or(ScalerUnit{}).scaler;

    std::map<std::int64_t, DemoReport::DayLoad> days;
    std::map<std::int64_t, std::size_t> counts;
    std::optional<double> previous;
    ProfileQuery query;
    query.last = static_cast<std::uint32_t>(3 * kQuarterHoursADay);
    read_profile_rows(
        client, layout, query, {},
        [&](const ProfileRow& row) {
            const auto end = row.time ? local_seconds(*row.time) : std::nullopt;
            if (!end || *column >= row.values.size()) return;
            const double register_wh = std::stod(number_text(row.values[*column], scaler));
            if (previous) {
                // The stamp is the end of the interval, which therefore belongs to the second before.
                const std::int64_t start = *end - layout.capture_period_s;
                const std::int64_t day = start / kDay;
                const auto quarter = static_cast<std::size_t>(start % kDay / layout.capture_period_s);
                const double watt_hours = register_wh - *previous;
                DemoReport::DayLoad& load = days[day];
                load.watts.resize(kQuarterHoursADay);
                load.watts[quarter] = watt_hours * 3600 / layout.capture_period_s;
                load.watt_hours += watt_hours;
                load.noon = plus_seconds(*row.time, day * kDay + kDay / 2 - *end);
                ++counts[day];
            }
            previous = register_wh;
        },
        nullptr, nullptr);
    for (auto day = days.rbegin(); day != days.rend(); ++day) {
        if (counts[day->first] >= kQuarterHoursADay) return day->second;
    }
    return std::nullopt;
}

}  // namespace

DemoReport read_demo_report(Client& client) {
    DemoReport report;
    report.read_as = client.description();
    report.sections.push_back(read_section(client, "Identification", "identification", kIdentification));
    report.sections.push_back(read_section(client, "Energy", "energies", kEnergies));
    report.sections.push_back(read_section(client, "Now", "instantaneous_values", kInstantaneous));
    report.day = read_day(client);
    return report;
}

void print(const DemoReport& report) {
    for (const DemoReport::Section& section : report.sections) {
        fmt::print("\n{}\n", section.title);
        for (const DemoReport::Entry& entry : section.entries) {
            fmt::print("  {:<{}}{}\n", object_name(entry.name), kLabelColumn, text_of(entry));
        }
    }
    if (!report.day) return;
    fmt::print("\nLoad on {}: {:.3f} kWh, from the load profile of the meter\n\n", date_of(*report.day),
               report.day->watt_hours / 1000);
    fmt::print("{}", day_chart(report.day->watts, {terminal_columns(), 10, locale_is_utf8()}));
}

std::string to_json(const DemoReport& report, std::int64_t metered_seconds) {
    Json json{{"metered_s", metered_seconds}, {"read_as", report.read_as}};
    for (const DemoReport::Section& section : report.sections) {
        json[section.key] = Json::array();
        for (const DemoReport::Entry& entry : section.entries) json[section.key].push_back(json_of(entry));
    }
    json["load_profile"] = nullptr;
    if (report.day) {
        Json means = Json::array();
        for (const auto& watts : report.day->watts) means.push_back(watts ? Json(*watts) : Json(nullptr));
        json["load_profile"] = {{"date", date_of(*report.day)},
                                {"period_s", kDay / static_cast<std::int64_t>(kQuarterHoursADay)},
                                {"active_import_wh", report.day->watt_hours},
                                {"mean_power_w", std::move(means)}};
    }
    return json.dump(2, ' ', false, Json::error_handler_t::replace);
}

}  // namespace ferraris::cli
