#include "cli/parameter_file.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cerrno>
#include <cstdio>
#include <cstring>
#include <fstream>
#include <sstream>

#include "cli/error.hpp"
#include "cli/obis.hpp"
#include "cli/parameter_value.hpp"
#include "cli/results.hpp"
#include "cli/terminal.hpp"
#include "cli/tou_meter.hpp"
#include "meter/identity.hpp"
#include "twin/toml_text.hpp"

namespace ferraris::cli {
namespace {

constexpr dlms::AttributeDescriptor kModel{1, dlms::obis(0, 0, 96, 1, 1), 2};
constexpr dlms::AttributeDescriptor kSerialNumber{1, dlms::obis(0, 0, 96, 1, 0), 2};
constexpr dlms::AttributeDescriptor kFirmware{1, dlms::obis(1, 0, 0, 2, 0), 2};
constexpr std::uint16_t kRegister = 3;
constexpr std::int8_t kScalerUnit = 3;

constexpr std::string_view kMeterTable = "meter";
constexpr std::string_view kTouText = "table";
constexpr std::string_view kTouFile = "table_file";

std::string text_at(Client& client, const dlms::AttributeDescriptor& attribute) {
    const GetAnswer answer = client.get(attribute);
    const auto value = answer.result == dlms::DataAccessResult::success ? decode_value(answer.value) : std::nullopt;
    if (!value || !value->is_string()) return {};
    return {value->octets.begin(), value->octets.end()};
}

/// "0.01 V"
std::string unit_step(const ScalerUnit& unit) {
    const std::string symbol = decode::unit_symbol(unit.unit);
    return decimal(false, 1, unit.scaler) + (symbol.empty() ? "" : " " + symbol);
}

bool is_wanted(const std::string& section, std::string_view candidate) {
    return section.empty() || section == candidate;
}

/// Takes a document apart: sections, keys, and what cannot be known without a meter.
class ParameterFileReader {
public:
    ParameterFileReader(ParameterFile& file, std::filesystem::path path, const std::string& section)
        : file_(file), path_(std::move(path)), section_(section) {}

    void read(const toml::value& root) {
        for (const auto& [name, table] : root.as_table()) {
            if (!table.is_table()) {
                complain(table, fmt::format("\"{}\" stands outside of a section", name));
            } else if (name == kMeterTable) {
                take_meter(table);
            } else if (!is_section(name)) {
                complain(table, fmt::format("there is no section [{}]; there are {}", name,
                                            fmt::join(parameter_sections(), ", ")));
            } else if (is_wanted(section_, name)) {
                take_section(name, table);
            }
        }
        // In the order of the table, which is that of writing.
        const auto place = [](const ParameterEntry& entry) {
            return std::ranges::find(parameters(), entry.parameter) - parameters().begin();
        };
        std::ranges::sort(file_.entries, {}, place);
        std::ranges::sort(file_.issues, {}, &TouIssue::line);
    }

private:
    static bool is_section(const std::string& name) {
        return std::ranges::find(parameter_sections(), name) != parameter_sections().end();
    }
    void complain(const toml::value& where, std::string text) {
        file_.issues.push_back({where.location().line(), std::move(text)});
    }

    void take_meter(const toml::value& table) {
        for (const auto& [key, value] : table.as_table()) {
            if (!value.is_string()) complain(value, fmt::format("write \"{}\" in quotes", key));
            if (key == "model" && value.is_string()) file_.model = value.as_string().str;
        }
    }

    void take_section(const std::string& section, const toml::value& table) {
        for (const auto& [key, value] : table.as_table()) {
            if (section == kTariffSection && (key == kTouText || key == kTouFile)) {
                take_tariffs(key, value);
            } else {
                take_entry(section, key, value);
            }
        }
    }

    void take_entry(const std::string& section, const std::string& key, const toml::value& value) {
        ObjectReference reference;
        try {
            reference = parse_object(key);
        } catch (const CliError&) {
        }
        if (!reference.class_id || !reference.index) {
            return complain(value, fmt::format("\"{}\" names no attribute; it is CLASS/OBIS:ATTRIBUTE", key));
        }
        const dlms::AttributeDescriptor attribute{*reference.class_id, reference.name, *reference.index};
        const auto known = std::ranges::find(parameters(), attribute, &Parameter::attribute);
        if (known == parameters().end()) {
            return complain(value, fmt::format("{} is no parameter: {}", key, why_no_parameter(attribute)));
        }
        if (known->section != section) {
            return complain(value, fmt::format("{} belongs to the section [{}]", key, known->section));
        }
        file_.entries.push_back({*known, value.location().line(), value});
    }

    void take_tariffs(const std::string& key, const toml::value& value) {
        if (!value.is_string()) return complain(value, fmt::format("write \"{}\" in quotes", key));
        if (file_.tariffs) return complain(value, "the table of tariffs stands here or in its file, not in both");
        if (key == kTouFile) {
            file_.tariffs = good_tou_table(path_.parent_path() / value.as_string().str);
            return;
        }
        TouFile table = parse_tou_toml(value.as_string().str, path_.string());
        check_tou(table);
        // The first line of the text stands behind the one with its key.
        for (TouIssue& issue : table.issues) {
            file_.issues.push_back({value.location().line() + issue.line, std::move(issue.text)});
        }
        file_.tariffs = table.table;
    }

    ParameterFile& file_;
    std::filesystem::path path_;
    const std::string& section_;
};

}  // namespace

std::string checked_model(Client& client) {
    std::string model = text_at(client, kModel);
    if (model == meter::kTypeDesignation) return model;
    throw CliError(fmt::format("the meter is {}; this program knows the parameters of \"{}\" alone",
                               model.empty() ? "of another model" : fmt::format("a \"{}\"", model),
                               meter::kTypeDesignation));
}

MeterParameters read_parameters(Client& client, const std::string& section) {
    MeterParameters meter;
    meter.model = checked_model(client);
    meter.serial_number = text_at(client, kSerialNumber);
    meter.firmware = text_at(client, kFirmware);
    std::vector<dlms::AttributeDescriptor> attributes;
    for (const Parameter& parameter : parameters()) {
        if (!is_wanted(section, parameter.section)) continue;
        meter.values.push_back({parameter, {}, {}});
        attributes.push_back(parameter.attribute);
    }
    const std::size_t count = attributes.size();
    for (std::size_t i = 0; i < count; ++i) {
        if (attributes[i].class_id == kRegister) attributes.push_back({kRegister, attributes[i].instance, kScalerUnit});
    }
    Progress progress("Reading");
    const std::vector<GetAnswer> answers =
        client.get_all(attributes, [&](std::size_t done) { progress.show(done, attributes.size(), "attributes"); });
    progress.clear();
    std::size_t unit = count;
    for (std::size_t i = 0; i < count; ++i) {
        const auto value = decode_value(answers[i].value);
        if (answers[i].result != dlms::DataAccessResult::success || !value) {
            throw CliError(
                fmt::format("{} was not read: {}", parameter_key(attributes[i]), explain(answers[i].result)));
        }
        meter.values[i].value = *value;
        if (attributes[i].class_id != kRegister) continue;
        if (const auto scaler = decode_value(answers[unit++].value)) meter.values[i].unit = scaler_unit_of(*scaler);
    }
    if (is_wanted(section, kTariffSection)) meter.tariffs = read_tou(client, TouSet::active);
    return meter;
}

std::string parameter_file_text(const MeterParameters& meter) {
    std::string text = fmt::format(
        "# Parameters of a meter, as `ferraris parameters export` writes them and `import` takes them. Over each: its "
        "name,\n"
        "# its class (docs/legal.md), and who changes it. What is left out stays as it is.\n\n"
        "# type: nobody changes it\n"
        "[{}]\nmodel = \"{}\"\nserial_number = \"{}\"\nfirmware = \"{}\"\n",
        kMeterTable, meter.model, meter.serial_number, meter.firmware);
    std::string_view section;
    const auto begin_section = [&](std::string_view name) {
        if (section != name) text += fmt::format("\n[{}]\n", name);
        section = name;
    };
    for (const ParameterValue& each : meter.values) {
        const Parameter& parameter = each.parameter;
        begin_section(parameter.section);
        text += fmt::format("# {}; {}", parameter_name(parameter.attribute), who_changes(parameter));
        if (each.unit) text += fmt::format("; in {}", unit_step(*each.unit));
        text += fmt::format("\n\"{}\" = {}\n", parameter_key(parameter.attribute),
                            value_toml(each.value, parameter_shape(parameter.attribute)));
    }
    if (meter.tariffs) {
        begin_section(kTariffSection);
        text += fmt::format(
            "# The table of tariffs, as `ferraris tou` has it; operator, changed by utility. {} = \"FILE\" names one "
            "instead.\n"
            "{} = '''\n{}'''\n",
            kTouFile, kTouText, tou_toml(*meter.tariffs));
    }
    return text;
}

ParameterFile parse_parameter_file(const std::string& text, const std::filesystem::path& path,
                                   const std::string& section) {
    ParameterFile file;
    file.name = path.string();
    const auto root = twin::read_toml(text, file.name);
    if (!root) {
        throw CliError(fmt::format("{}:{}: {}", file.name, root.error().line,
                                   root.error().named_twice ? "this name stands twice" : "this is no TOML"));
    }
    ParameterFileReader(file, path, section).read(*root);
    return file;
}

ParameterFile read_parameter_file(const std::filesystem::path& path, const std::string& section) {
    std::ifstream stream(path);
    std::ostringstream text;
    if (stream) text << stream.rdbuf();
    if (!stream) throw CliError(fmt::format("{} cannot be read: {}", path.string(), std::strerror(errno)));
    return parse_parameter_file(text.str(), path, section);
}

void require_no_issues(const ParameterFile& file) {
    if (file.issues.empty()) return;
    for (const TouIssue& issue : file.issues) fmt::print(stderr, "{}:{}: {}\n", file.name, issue.line, issue.text);
    throw CliError(fmt::format("{} has {} mistake{}; nothing was written", file.name, file.issues.size(),
                               file.issues.size() == 1 ? "" : "s"));
}

}  // namespace ferraris::cli
