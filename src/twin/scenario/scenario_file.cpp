// The TOML of scenarios, as docs/scenarios.md has it: one table of keys.
#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <sstream>
#include <toml.hpp>

#include "base/hex.hpp"
#include "board/buttons.hpp"
#include "twin/scenario/appliances.hpp"
#include "twin/scenario/scenario.hpp"
#include "twin/toml_text.hpp"

namespace ferraris::twin::scenario {
namespace {

/// How the value of a key is written.
enum class Form : std::uint8_t {
    number,
    boolean,
    cover,
    mains,
    names,
    time,
    replaced,
    yes,
    disturbance,
    request,
    relay,
    press
};

struct KeyRow {
    std::string_view name{};
    Subject subject{};
    Form form{Form::number};
    double least{0};
    double most{0};
    double scale{1};  ///< what the unit of the file is in that of `Subject`
    std::string_view says{};
    bool of_meter{false};  ///< not in [world]: there is no meter yet
};

constexpr std::array kKeys{
    KeyRow{"voltage", Subject::voltage, Form::number, 60, 480, 1000, "volts from 60 to 480"},
    KeyRow{"frequency", Subject::frequency, Form::number, 40, 70, 1000, "hertz from 40 to 70"},
    KeyRow{"voltage_thd", Subject::voltage_distortion, Form::number, 0, 100, 100, "percent from 0 to 100"},
    KeyRow{"current_thd", Subject::current_distortion, Form::number, 0, 300, 100, "percent from 0 to 300"},
    KeyRow{"power", Subject::power, Form::number, -30'000, 30'000, 1000,
           "watts from -30000 (export) to 30000 (import)"},
    KeyRow{"reactive_power", Subject::reactive_power, Form::number, -30'000, 30'000, 1000, "vars from -30000 to 30000"},
    KeyRow{"power_factor", Subject::power_factor, Form::number, -1, 1, 1000,
           "a number from 0.1 to 1, negative for a capacitive load"},
    KeyRow{"household", Subject::household, Form::boolean, 0, 0, 1, "true or false"},
    KeyRow{"solar", Subject::solar, Form::number, 0, 20'000, 1, "peak watts from 0 to 20000"},
    KeyRow{"switch_on", Subject::switch_on, Form::names},
    KeyRow{"switch_off", Subject::switch_off, Form::names},
    KeyRow{"interchanged", Subject::interchanged, Form::boolean, 0, 0, 1, "true or false"},
    KeyRow{"disturbance", Subject::disturbance, Form::disturbance},
    KeyRow{"temperature", Subject::temperature, Form::number, -40, 85, 100, "degrees Celsius from -40 to 85"},
    KeyRow{"magnet", Subject::magnet, Form::boolean, 0, 0, 1, "true or false"},
    KeyRow{"meter_cover", Subject::meter_cover, Form::cover, 0, 0, 1, "\"open\" or \"closed\""},
    KeyRow{"terminal_cover", Subject::terminal_cover, Form::cover, 0, 0, 1, "\"open\" or \"closed\""},
    KeyRow{"battery_cover", Subject::battery_cover, Form::cover, 0, 0, 1, "\"open\" or \"closed\""},
    KeyRow{"ripple_relay_cover", Subject::ripple_relay_cover, Form::cover, 0, 0, 1, "\"open\" or \"closed\""},
    KeyRow{"battery_voltage", Subject::battery_voltage, Form::number, 0, 4, 1000,
           "volts from 0 (as the cell holds) to 4"},
    KeyRow{"battery_charge", Subject::battery_charge, Form::number, 0, 100, 10, "percent from 0 to 100"},
    KeyRow{"battery", Subject::battery, Form::replaced, 0, 0, 1, "\"replaced\""},
    KeyRow{"supply_relay", Subject::supply_relay, Form::relay, 0, 0, 1, "\"stuck\" or \"free\""},
    KeyRow{"press", Subject::press, Form::press, 0, 0, 1, "", true},
    KeyRow{"mains", Subject::mains, Form::mains, 0, 0, 1, "\"off\", \"on\" or \"cut\" (off without last words)", true},
    KeyRow{"restart", Subject::restart, Form::yes, 0, 0, 1, "true", true},
    KeyRow{"set_clock", Subject::set_clock, Form::time, 0, 0, 1, "a time in quotes, \"2026-01-31T12:00:00Z\"", true},
    KeyRow{"shift_clock", Subject::shift_clock, Form::number, -31'536'000, 31'536'000, 1, "seconds, up to a year",
           true},
    KeyRow{"tariff", Subject::tariff, Form::number, 1, 6, 1, "a tariff from 1 to 6", true},
    KeyRow{"write", Subject::write, Form::request, 0, 0, 1, "", true},
    KeyRow{"execute", Subject::execute, Form::request, 0, 0, 1, "", true},
};

constexpr std::string_view kMomentForms =
    "\"+1d 02:00:15\" from the beginning, \"2026-03-29T00:59:30Z\", \"every day at 18:00\" (UTC) or \"every 06:00\"";

std::size_t line_of(const toml::value& value) { return value.location().line(); }

/// The entries of a table in the order of the file.
std::vector<std::pair<std::string, toml::value>> in_order(const toml::value& table) {
    std::vector<std::pair<std::string, toml::value>> entries(table.as_table().begin(), table.as_table().end());
    std::ranges::sort(entries, {}, [](const auto& entry) {
        return std::pair(entry.second.location().line(), entry.second.location().column());
    });
    return entries;
}

std::optional<double> number_of(const toml::value& value) {
    if (value.is_integer()) return static_cast<double>(value.as_integer());
    if (value.is_floating() && std::isfinite(value.as_floating())) return value.as_floating();
    return std::nullopt;
}

/// "1-0:1.8.0", "0-0:1.0.0*255" and the same with points only.
std::optional<dlms::LogicalName> name_of(const std::string& text) {
    dlms::LogicalName name = dlms::obis(0, 0, 0, 0, 0);
    std::istringstream in(text);
    std::size_t group = 0;
    for (;;) {
        unsigned number = 0;
        if (!(in >> number) || number > 255 || group == name.groups.size()) return std::nullopt;
        name.groups[group++] = static_cast<std::uint8_t>(number);
        char between = 0;
        if (!in.get(between)) break;
        if (std::string_view("-:.*").find(between) == std::string_view::npos) return std::nullopt;
    }
    return group >= 5 ? std::optional(name) : std::nullopt;
}

class Reader {
public:
    ScenarioFile file;

    void read(const toml::value& root) {
        for (const auto& [key, value] : in_order(root)) {
            Scenario& scenario = file.scenario;
            if (key == "start") {
                scenario.start = time(value);
            } else if (key == "end") {
                scenario.end = moment(value);
                if (scenario.end && scenario.end->repeats()) complain(value, "the end comes once: \"+7d\", or a time");
            } else if (key == "seed") {
                if (value.is_integer() && value.as_integer() >= 0) {
                    scenario.seed = static_cast<std::uint64_t>(value.as_integer());
                } else {
                    complain(value, "the seed is a whole number from 0 on");
                }
            } else if (key == "world" && value.is_table()) {
                for (const auto& [name, entry] : in_order(value)) take(name, entry, scenario.world, true);
            } else if (key == "step" && is_list(value)) {
                for (const toml::value& each : value.as_array()) take_step(each);
            } else {
                complain(value,
                         fmt::format("\"{}\" is unknown here; known are start, end, seed, [world] and [[step]]", key));
            }
        }
    }

    void complain(std::size_t line, std::string text) { file.complaints.push_back({line, std::move(text)}); }

private:
    void complain(const toml::value& value, std::string text) { complain(line_of(value), std::move(text)); }

    static bool is_list(const toml::value& value) {
        return value.is_array() &&
               std::ranges::all_of(value.as_array(), [](const toml::value& each) { return each.is_table(); });
    }

    std::optional<UtcTime> time(const toml::value& value) {
        const auto parsed = value.is_string() ? parse_utc(value.as_string().str) : std::nullopt;
        if (!parsed) complain(value, "a time is written in quotes, in UTC: \"2026-01-31T12:00:00Z\"");
        return parsed;
    }
    std::optional<Moment> moment(const toml::value& value) {
        const auto parsed = value.is_string() ? parse_moment(value.as_string().str) : std::nullopt;
        if (!parsed) complain(value, fmt::format("a moment is written in quotes: {}", kMomentForms));
        return parsed;
    }

    void take_step(const toml::value& table) {
        Step step;
        if (!table.contains("at")) {
            return complain(table, fmt::format("a step wants at = a moment: {}", kMomentForms));
        }
        if (const auto at = moment(table.at("at"))) step.at = *at;
        for (const auto& [key, value] : in_order(table)) {
            if (key == "at") continue;
            take(key, value, step.changes, false);
            step.text += fmt::format("{}{} = {}", step.text.empty() ? "" : ", ", key, text_of(value));
        }
        if (step.text.empty()) complain(table, "nothing happens in this step; say what, for example power = 2000");
        file.scenario.steps.push_back(std::move(step));
    }

    static std::string text_of(const toml::value& value) {
        if (value.is_table()) return "{…}";
        std::ostringstream out;
        out << value;
        return out.str();
    }

    void take(const std::string& key, const toml::value& value, std::vector<Change>& changes, bool in_world) {
        const auto row = std::ranges::find(kKeys, key, &KeyRow::name);
        if (row == kKeys.end()) {
            std::string known;
            for (const KeyRow& each : kKeys) {
                if (!in_world || !each.of_meter) known += fmt::format("{}{}", known.empty() ? "" : ", ", each.name);
            }
            return complain(value, fmt::format("\"{}\" is unknown here; known are {}", key, known));
        }
        if (in_world && row->of_meter) {
            return complain(value, fmt::format("{} is for a [[step]]: in [world] there is no meter yet", key));
        }
        Change change{row->subject, 0, 0, {}};
        if (row->form == Form::names) return take_appliances(*row, value, changes);
        const bool taken = row->form == Form::disturbance ? take_disturbance(value, change)
                           : row->form == Form::press     ? take_press(value, change)
                           : row->form == Form::request   ? take_request(*row, value, change)
                                                          : take_value(*row, value, change.value);
        if (taken) changes.push_back(std::move(change));
    }

    bool take_value(const KeyRow& row, const toml::value& value, std::int64_t& taken) {
        const std::string text = value.is_string() ? value.as_string().str : "";
        switch (row.form) {
            case Form::number:
                if (const auto number = number_of(value);
                    number && *number >= row.least && *number <= row.most &&
                    (row.subject != Subject::power_factor || std::abs(*number) >= kLeastPowerFactor)) {
                    taken = std::llround(*number * row.scale);
                    return true;
                }
                break;
            case Form::boolean:
                if (!value.is_boolean()) break;
                taken = value.as_boolean() ? 1 : 0;
                return true;
            case Form::yes:
                if (!value.is_boolean() || !value.as_boolean()) break;
                return true;
            case Form::cover:
                if (text != "open" && text != "closed") break;
                taken = text == "open" ? 1 : 0;
                return true;
            case Form::relay:
                if (text != "stuck" && text != "free") break;
                taken = text == "stuck" ? 1 : 0;
                return true;
            case Form::replaced:
                if (text != "replaced") break;
                return true;
            case Form::mains:
                if (text != "off" && text != "on" && text != "cut") break;
                taken = static_cast<std::int64_t>(text == "off"  ? MainsState::off
                                                  : text == "on" ? MainsState::on
                                                                 : MainsState::cut);
                return true;
            case Form::time:
                if (const auto at = parse_utc(text)) {
                    taken = at->milliseconds;
                    return true;
                }
                break;
            default:
                break;
        }
        complain(value, fmt::format("{} wants {}", row.name, row.says));
        return false;
    }

    void take_appliances(const KeyRow& row, const toml::value& value, std::vector<Change>& changes) {
        const auto take_one = [&](const toml::value& each) {
            const auto found = each.is_string() ? std::ranges::find(kAppliances, each.as_string().str, &Appliance::name)
                                                : kAppliances.end();
            if (found != kAppliances.end()) {
                changes.push_back({row.subject, found - kAppliances.begin(), 0, {}});
                return;
            }
            std::string known;
            for (const Appliance& appliance : kAppliances) {
                known += fmt::format("{}\"{}\"", known.empty() ? "" : ", ", appliance.name);
            }
            complain(each,
                     fmt::format("{} wants the name of an appliance, or a list of names, of {}", row.name, known));
        };
        if (!value.is_array()) return take_one(value);
        for (const toml::value& each : value.as_array()) take_one(each);
    }

    bool take_disturbance(const toml::value& value, Change& change) {
        constexpr double kMostVolts = 480;
        constexpr double kMostMilliseconds = 60'000;
        std::optional<double> volts;
        std::optional<double> milliseconds;
        if (value.is_table() && value.size() == 2) {
            if (value.contains("voltage")) volts = number_of(value.at("voltage"));
            if (value.contains("milliseconds")) milliseconds = number_of(value.at("milliseconds"));
        }
        if (!volts || !milliseconds || *volts < 0 || *volts > kMostVolts || *milliseconds < 10 ||
            *milliseconds > kMostMilliseconds) {
            complain(value, "disturbance wants {voltage = 160, milliseconds = 240}: 0 to 480 V for 10 to 60000 ms");
            return false;
        }
        change.value = std::llround(*volts * 1000);
        change.duration_ms = static_cast<std::uint32_t>(std::llround(*milliseconds));
        return true;
    }

    /// The name of a button, for a second, or a table that says for how long.
    bool take_press(const toml::value& value, Change& change) {
        constexpr double kMostSeconds = 3600;
        const bool is_table =
            value.is_table() && value.size() == 2 && value.contains("button") && value.contains("seconds");
        const toml::value& name = is_table ? value.at("button") : value;
        const auto seconds = is_table ? number_of(value.at("seconds")) : 1;
        const std::string text = name.is_string() ? name.as_string().str : "";
        if ((text != "display" && text != "relay") || !seconds || *seconds < 1 || *seconds > kMostSeconds) {
            complain(value,
                     "press wants \"display\" or \"relay\", or {button = \"display\", seconds = 9} up to an hour");
            return false;
        }
        change.value = static_cast<std::int64_t>(text == "display" ? board::Button::display : board::Button::relay);
        change.duration_ms = static_cast<std::uint32_t>(std::llround(*seconds * 1000));
        return true;
    }

    bool take_request(const KeyRow& row, const toml::value& value, Change& change) {
        const std::string number_key = row.subject == Subject::write ? "attribute" : "method";
        CosemRequest& request = change.request;
        if (value.is_table() && value.size() == 4 && value.contains("class") && value.contains("object") &&
            value.contains(number_key) && value.contains("value") && value.at("class").is_integer() &&
            value.at("object").is_string() && value.at(number_key).is_integer() && value.at("value").is_string()) {
            const auto name = name_of(value.at("object").as_string().str);
            std::string digits = value.at("value").as_string().str;
            std::erase(digits, ' ');
            const auto octets = from_hex(digits);
            const std::int64_t class_id = value.at("class").as_integer();
            const std::int64_t number = value.at(number_key).as_integer();
            if (name && octets && class_id > 0 && class_id <= UINT16_MAX && number > 0 && number <= INT8_MAX) {
                request = {static_cast<std::uint16_t>(class_id), *name, static_cast<std::int8_t>(number), *octets};
                return true;
            }
        }
        complain(value,
                 fmt::format("{} wants {{class = 3, object = \"1-0:1.35.0\", {} = 2, value = \"06 004C4B40\"}}: the "
                             "value is A-XDR in hexadecimal digits",
                             row.name, number_key));
        return false;
    }

    static constexpr double kLeastPowerFactor = 0.1;
};

}  // namespace

ScenarioFile read_scenario(const std::string& text, const std::string& name) {
    Reader reader;
    if (const auto table = read_toml(text, name)) {
        reader.read(*table);
    } else {
        reader.complain(table.error().line, table.error().named_twice
                                                ? "this name is there already; each name once"
                                                : "this is no TOML; docs/scenarios.md shows the form");
    }
    std::ranges::stable_sort(reader.file.complaints, {}, &Complaint::line);
    return std::move(reader.file);
}

}  // namespace ferraris::twin::scenario
