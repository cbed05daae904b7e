#include "cli/profile.hpp"

#include <fmt/format.h>

#include <CLI/App.hpp>
#include <CLI/Config.hpp>
#include <CLI/Formatter.hpp>
#include <algorithm>
#include <charconv>
#include <cstdio>
#include <memory>
#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "cli/class_names.hpp"
#include "cli/client.hpp"
#include "cli/connect_options.hpp"
#include "cli/error.hpp"
#include "cli/number_option.hpp"
#include "cli/obis.hpp"
#include "cli/profile_reader.hpp"
#include "cli/terminal.hpp"
#include "cli/value_json.hpp"
#include "decode/names.hpp"

namespace ferraris::cli {
namespace {

using decode::object_name;
using decode::unit_symbol;

struct ProfileOptions {
    ConnectOptions connect;
    std::string profile;
    std::string from;
    std::string to;
    std::string entries;
    std::uint32_t last{0};
    bool csv{false};
    bool json{false};
};

struct ProfileName {
    std::string_view name;
    dlms::LogicalName obis;
};
constexpr ProfileName kProfiles[] = {
    {"load", dlms::obis(1, 0, 99, 1, 0)},    {"daily", dlms::obis(1, 0, 99, 2, 0)},
    {"monthly", dlms::obis(1, 0, 99, 3, 0)}, {"voltage", dlms::obis(1, 0, 99, 4, 0)},
    {"events", dlms::obis(0, 0, 99, 98, 1)},
};

dlms::LogicalName profile_of(const std::string& text) {
    const auto* const known = std::ranges::find(kProfiles, text, &ProfileName::name);
    if (known != std::end(kProfiles)) return known->obis;
    const auto name = parse_obis(text);
    if (!name) {
        throw CliError(
            fmt::format("\"{}\" is no profile; write load, daily, monthly, voltage, events or an OBIS code", text));
    }
    return *name;
}

std::uint32_t entry_number(std::string_view text, const std::string& entries) {
    std::uint32_t number = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
    if (error != std::errc() || end != text.data() + text.size()) {
        throw CliError(fmt::format("--entries \"{}\" is no range; write 1-96, or 97- for all from the 97th", entries));
    }
    return number;
}

ProfileQuery query_of(const ProfileOptions& options) {
    ProfileQuery query;
    if (!options.from.empty()) query.from = user_time(options.from, "--from");
    if (!options.to.empty()) query.to = user_time(options.to, "--to");
    if (query.from && query.to && is_before(*query.to, *query.from)) {
        throw CliError(fmt::format("--to {} is before --from {}; exchange them", options.to, options.from));
    }
    if (options.last != 0) query.last = options.last;
    if (options.entries.empty()) return query;
    const std::string_view text = options.entries;
    const std::size_t dash = text.find('-');
    query.first_entry = entry_number(text.substr(0, dash), options.entries);
    query.last_entry = *query.first_entry;
    if (dash != std::string_view::npos) {
        const std::string_view rest = text.substr(dash + 1);
        query.last_entry = rest.empty() ? 0 : entry_number(rest, options.entries);
    }
    if (*query.first_entry == 0 || (query.last_entry != 0 && query.last_entry < *query.first_entry)) {
        throw CliError(fmt::format("--entries \"{}\" is no range; the first entry is 1", options.entries));
    }
    return query;
}

/// "1-0:1.8.0", "0-0:96.11.0#1", "status": short enough for a heading, and telling columns of one object apart.
std::string column_code(const ProfileColumn& column) {
    const dlms::LogicalName& name = column.object.attribute.instance;
    if (name.groups[0] == 0 && name.groups[2] == 96 && name.groups[3] == 10) return "status";
    std::string text = obis_text(name);
    if (column.object.attribute.attribute != 2) text += fmt::format(":{}", column.object.attribute.attribute);
    if (column.object.data_index != 0) text += fmt::format("#{}", column.object.data_index);
    return text;
}

std::string column_unit(const ProfileColumn& column) {
    return column.scaler_unit ? unit_symbol(column.scaler_unit->unit) : std::string{};
}

std::string column_name(const ProfileColumn& column) {
    const std::string name = object_name(column.object.attribute.instance);
    return name.empty() ? class_name(column.object.attribute.class_id) : name;
}

std::string cell_text(const ProfileColumn& column, const Value& value) {
    if (column.scaler_unit &&
        (value.is_integer() || value.tag == dlms::DataTag::float32 || value.tag == dlms::DataTag::float64)) {
        return number_text(value, column.scaler_unit->scaler);
    }
    return value.is_null() ? ""
                           : value_text(value, column.object.attribute.class_id, column.object.attribute.attribute);
}

std::string time_text(const ProfileRow& row) { return row.time ? date_time_text(*row.time) : "?"; }

/// Writes the rows as they come.
class Writer {
public:
    explicit Writer(const ProfileLayout& layout) : layout_(layout), clock_(layout.clock_column()) {}
    virtual ~Writer() = default;
    Writer(const Writer&) = delete;
    Writer& operator=(const Writer&) = delete;
    virtual void begin() = 0;
    virtual void row(const ProfileRow& row) = 0;
    virtual void end() = 0;

protected:
    [[nodiscard]] const ProfileLayout& layout() const { return layout_; }
    /// Columns other than the clock.
    template <class Use>
    void for_columns(Use&& use) const {
        for (std::size_t i = 0; i < layout_.columns.size(); ++i) {
            if (i != clock_) use(i, layout_.columns[i]);
        }
    }
    [[nodiscard]] bool has_clock() const { return clock_.has_value(); }

private:
    const ProfileLayout& layout_;
    std::optional<std::size_t> clock_;
};

class TableWriter : public Writer {
public:
    using Writer::Writer;

    void begin() override {
        const std::string name = object_name(layout().name);
        fmt::print("{}{}{}", name, name.empty() ? "" : " ", obis_text(layout().name));
        if (layout().capture_period_s != 0) fmt::print(", every {}", period_text(layout().capture_period_s));
        fmt::print("\n\n");
        std::string codes = has_clock() ? fmt::format("{:<{}}", "time", kTimeColumn) : "";
        std::string units = has_clock() ? fmt::format("{:<{}}", "", kTimeColumn) : "";
        for_columns([&](std::size_t, const ProfileColumn& column) {
            const std::string code = column_code(column);
            const std::string unit = column_unit(column);
            fmt::print("  {:<16} {}{}\n", code, column_name(column), unit.empty() ? "" : ", " + unit);
            widths_.push_back(std::max<std::size_t>(code.size(), 10));
            codes += fmt::format("  {:>{}}", code, widths_.back());
            units += fmt::format("  {:>{}}", unit, widths_.back());
        });
        fmt::print("\n{}\n{}\n", codes, units);
    }
    void row(const ProfileRow& row) override {
        std::string line = has_clock() ? fmt::format("{:<{}}", time_text(row), kTimeColumn) : "";
        std::size_t number = 0;
        for_columns([&](std::size_t i, const ProfileColumn& column) {
            const std::string text = i < row.values.size() ? cell_text(column, row.values[i]) : "";
            line += fmt::format("  {:>{}}", text, widths_[number++]);
        });
        fmt::print("{}\n", line);
        ++rows_;
    }
    void end() override { fmt::print("\n{} row{}\n", rows_, rows_ == 1 ? "" : "s"); }

private:
    static constexpr int kTimeColumn = 25;
    static std::string period_text(std::uint32_t seconds) {
        if (seconds % 86400 == 0) return seconds == 86400 ? "day" : fmt::format("{} days", seconds / 86400);
        if (seconds % 60 == 0) return fmt::format("{} minutes", seconds / 60);
        return fmt::format("{} s", seconds);
    }

    std::vector<std::size_t> widths_{};
    std::uint64_t rows_{0};
};

class CsvWriter : public Writer {
public:
    using Writer::Writer;

    void begin() override {
        std::vector<std::string> cells;
        if (has_clock()) cells.emplace_back("time");
        for_columns([&](std::size_t, const ProfileColumn& column) {
            const std::string unit = column_unit(column);
            cells.push_back(
                quoted(unit.empty() ? column_code(column) : fmt::format("{} [{}]", column_code(column), unit)));
        });
        fmt::print("{}\n", fmt::join(cells, ","));
    }
    void row(const ProfileRow& row) override {
        std::vector<std::string> cells;
        if (has_clock()) cells.push_back(row.time ? time_text(row) : "");
        for_columns([&](std::size_t i, const ProfileColumn& column) {
            cells.push_back(i < row.values.size() ? quoted(cell_text(column, row.values[i])) : "");
        });
        fmt::print("{}\n", fmt::join(cells, ","));
    }
    void end() override {}

private:
    static std::string quoted(const std::string& text) {
        if (text.find_first_of(",\"\n") == std::string::npos) return text;
        std::string result = "\"";
        for (const char c : text) result += c == '"' ? std::string("\"\"") : std::string(1, c);
        return result + "\"";
    }
};

class JsonWriter : public Writer {
public:
    using Writer::Writer;
    using Json = nlohmann::ordered_json;

    void begin() override {
        Json columns = Json::array();
        for_columns([&](std::size_t, const ProfileColumn& column) {
            Json json{{"obis", obis_text(column.object.attribute.instance)},
                      {"class_id", column.object.attribute.class_id},
                      {"attribute", column.object.attribute.attribute},
                      {"data_index", column.object.data_index},
                      {"name", column_name(column)}};
            if (column.scaler_unit) json["unit"] = column_unit(column);
            columns.push_back(std::move(json));
        });
        fmt::print("{{\n  \"obis\": \"{}\",\n  \"capture_period_s\": {},\n  \"columns\": {},\n  \"rows\": [",
                   obis_text(layout().name), layout().capture_period_s, columns.dump());
    }
    void row(const ProfileRow& row) override {
        Json values = Json::array();
        for_columns([&](std::size_t i, const ProfileColumn& column) {
            if (i >= row.values.size()) {
                values.push_back(nullptr);
            } else {
                values.push_back(scaled_json(row.values[i], column.scaler_unit ? column.scaler_unit->scaler : 0));
            }
        });
        Json json = Json::object();
        if (has_clock()) json["time"] = row.time ? Json(time_text(row)) : Json(nullptr);
        json["values"] = std::move(values);
        fmt::print("{}\n    {}", first_ ? "" : ",", json.dump(-1, ' ', false, Json::error_handler_t::replace));
        first_ = false;
    }
    void end() override { fmt::print("\n  ]\n}}\n"); }

private:
    bool first_{true};
};

std::unique_ptr<Writer> writer_of(const ProfileOptions& options, const ProfileLayout& layout) {
    if (options.json) return std::make_unique<JsonWriter>(layout);
    if (options.csv) return std::make_unique<CsvWriter>(layout);
    return std::make_unique<TableWriter>(layout);
}

int run(const ProfileOptions& options) {
    const dlms::LogicalName name = profile_of(options.profile);
    const ProfileQuery query = query_of(options);
    Client client(options.connect);
    const ProfileLayout layout = read_profile_layout(client, name);
    const std::unique_ptr<Writer> writer = writer_of(options, layout);
    // Rows on the terminal are progress enough.
    Progress progress("Reading the profile");
    const bool show = !is_terminal(Stream::output);
    writer->begin();
    read_profile_rows(
        client, layout, query, options.connect.quirks.time, [&](const ProfileRow& row) { writer->row(row); },
        options.connect.note,
        [&](std::uint64_t rows) {
            if (show) progress.show(rows, 0, "rows");
        });
    writer->end();
    return 0;
}

}  // namespace

void add_profile(CLI::App& app, int& exit_status) {
    CLI::App* const verb = app.add_subcommand("profile", "Read a load profile or a log, row by row");
    const auto options = std::make_shared<ProfileOptions>();
    add_connect_options(*verb, options->connect);
    verb->add_option("profile", options->profile, "load, daily, monthly, voltage, events, or an OBIS code")
        ->required()
        ->type_name("PROFILE");
    CLI::Option* const from =
        verb->add_option("--from", options->from, "First time, ISO 8601; without offset in the meter's local time")
            ->type_name("TIME");
    CLI::Option* const to = verb->add_option("--to", options->to, "Last time, included")->type_name("TIME");
    CLI::Option* const entries =
        verb->add_option("--entries", options->entries, "Rows by number: 1-96, or 97- for all from there")
            ->type_name("A-B");
    CLI::Option* const last = verb->add_option("--last", options->last, "The newest so many rows")
                                  ->check(whole_number(1, 1'000'000'000))
                                  ->type_name("N");
    entries->excludes(from)->excludes(to)->excludes(last);
    last->excludes(from)->excludes(to);
    CLI::Option* const csv = verb->add_flag("--csv", options->csv, "Comma-separated values");
    verb->add_flag("--json", options->json, "Report as JSON")->excludes(csv);
    verb->footer(
        "Without a range all rows are read. Values have their scaler applied; the time of a row is the end of its\n"
        "interval.\n\n"
        "Examples:\n"
        "  ferraris profile tcp://127.0.0.1:4059 load --client 1 --keys keys.toml --last 96\n"
        "  ferraris profile tcp://127.0.0.1:4059 load --client 2 --keys keys.toml --from 2026-01-31 --to 2026-02-01 "
        "--csv");
    verb->callback([options, &exit_status] { exit_status = run(*options); });
}

}  // namespace ferraris::cli
