#include "cli/parameters.hpp"

#include <fmt/format.h>

#include <CLI/App.hpp>
#include <CLI/Config.hpp>
#include <CLI/Formatter.hpp>
#include <algorithm>
#include <fstream>
#include <memory>
#include <nlohmann/json.hpp>

#include "cli/connect_options.hpp"
#include "cli/error.hpp"
#include "cli/parameter_file.hpp"
#include "cli/parameter_import.hpp"
#include "cli/tou_parts.hpp"

namespace ferraris::cli {
namespace {

/// Changes everything that can be changed.
constexpr std::uint16_t kConfiguringClient = 1;
/// Beyond it a value is not repeated in a comparison.
constexpr std::size_t kShortValue = 60;

struct ParametersOptions {
    ConnectOptions connect{};
    std::string file{};
    std::string section{};
    ParameterImport import{};
    bool json{false};
};

int run_parameter_export(const ParametersOptions& options) {
    Client client(options.connect);
    const std::string text = parameter_file_text(read_parameters(client, options.section));
    if (options.file.empty()) {
        fmt::print("{}", text);
        return 0;
    }
    std::ofstream file(options.file);
    file << text;
    file.close();
    if (!file) throw CliError(fmt::format("{} cannot be written; is the disk full?", options.file));
    return 0;
}

int run_parameter_import(const ParametersOptions& options) {
    ParameterFile file = read_parameter_file(options.file, options.section);
    require_no_issues(file);
    const std::vector<std::string> changed = import_parameters(options.connect, file, options.import);
    if (options.json) {
        fmt::print("{}\n", nlohmann::ordered_json{{"changed", changed}}.dump(2));
        return 0;
    }
    for (const std::string& key : changed) fmt::print("changed {}\n", key);
    if (changed.empty()) fmt::print("the meter has it all already\n");
    return 0;
}

std::string short_text(const toml::value& value) {
    std::string text = toml::format(value, 10 * kShortValue);
    std::ranges::replace(text, '\n', ' ');
    if (text.size() > kShortValue)
        return value.is_array() ? fmt::format("[{} entries]", value.as_array().size()) : "{…}";
    return text;
}

struct ParameterDifference {
    std::string key{};
    std::string first{};   ///< empty: not there
    std::string second{};  ///< likewise
};

std::vector<ParameterDifference> compare(const ParameterFile& a, const ParameterFile& b) {
    std::vector<ParameterDifference> found;
    const auto in = [](const ParameterFile& file, const Parameter& parameter) -> const toml::value* {
        const auto entry = std::ranges::find(file.entries, parameter, &ParameterEntry::parameter);
        return entry == file.entries.end() ? nullptr : &entry->text;
    };
    for (const Parameter& parameter : parameters()) {
        const toml::value* const first = in(a, parameter);
        const toml::value* const second = in(b, parameter);
        if (first == nullptr && second == nullptr) continue;
        if (first != nullptr && second != nullptr && *first == *second) continue;
        found.push_back({parameter_key(parameter.attribute), first == nullptr ? "" : short_text(*first),
                         second == nullptr ? "" : short_text(*second)});
    }
    if (a.tariffs.has_value() != b.tariffs.has_value()) {
        found.push_back({"the table of tariffs", a.tariffs ? "there" : "", b.tariffs ? "there" : ""});
    } else if (a.tariffs) {
        for (const std::string& part : differences(*a.tariffs, *b.tariffs)) found.push_back({part, "one", "another"});
    }
    return found;
}

/// Of a meter what it would export.
ParameterFile side_of(const ParametersOptions& options, const std::string& where) {
    if (where.find("://") == std::string::npos) {
        ParameterFile file = read_parameter_file(where, options.section);
        require_no_issues(file);
        return file;
    }
    ConnectOptions connect = options.connect;
    connect.address = where;
    Client client(connect);
    return parse_parameter_file(parameter_file_text(read_parameters(client, options.section)), where, options.section);
}

int run_parameter_diff(const ParametersOptions& options) {
    const ParameterFile first = side_of(options, options.connect.address);
    const ParameterFile second = side_of(options, options.file);
    const auto different = compare(first, second);
    if (options.json) {
        auto report = nlohmann::ordered_json::array();
        for (const ParameterDifference& each : different) {
            report.push_back({{"parameter", each.key}, {"first", each.first}, {"second", each.second}});
        }
        fmt::print("{}\n", report.dump(2));
    } else {
        for (const ParameterDifference& each : different) {
            fmt::print("{}: {} in the first, {} in the second\n", each.key, each.first.empty() ? "missing" : each.first,
                       each.second.empty() ? "missing" : each.second);
        }
        if (different.empty()) fmt::print("the same\n");
    }
    return different.empty() ? 0 : 1;
}

struct ParametersAction {
    const char* name;
    const char* what;
    const char* footer;
    int (*run)(const ParametersOptions&);
};
constexpr ParametersAction kExport{
    "export", "Read the parameters of a meter into a file",
    "Example:\n  ferraris parameters export tcp://127.0.0.1:4059 meter.toml -k keys.toml", run_parameter_export};
constexpr ParametersAction kImport{
    "import", "Check a file of parameters and write what is different, all of it or nothing",
    "Sections that are not in the file, and parameters that are not in a section, stay as they are. A new list or\n"
    "period of a profile clears that profile.\n\n"
    "Example:\n  ferraris parameters import tcp://127.0.0.1:4059 meter.toml -k keys.toml --section display",
    run_parameter_import};
constexpr ParametersAction kDiff{
    "diff", "Say what is different between a meter and a file, or two of either; then exit status 1",
    "Examples:\n  ferraris parameters diff tcp://127.0.0.1:4059 meter.toml -k keys.toml\n"
    "  ferraris parameters diff old.toml new.toml",
    run_parameter_diff};

std::pair<CLI::App*, std::shared_ptr<ParametersOptions>> add_parameters_action(CLI::App& verb,
                                                                               const ParametersAction& what,
                                                                               int& exit_status) {
    CLI::App* const action = verb.add_subcommand(what.name, what.what);
    action->footer(what.footer);
    const auto options = std::make_shared<ParametersOptions>();
    options->connect.client_sap = kConfiguringClient;
    add_connect_options(*action, options->connect);
    const std::vector<std::string> sections(parameter_sections().begin(), parameter_sections().end());
    action->add_option("--section", options->section, fmt::format("Only this one: {}", fmt::join(sections, ", ")))
        ->check(CLI::IsMember(sections).description(""))
        ->type_name("NAME");
    action->callback([run = what.run, options, &exit_status] { exit_status = run(*options); });
    return {action, options};
}

}  // namespace

void add_parameters(CLI::App& app, int& exit_status) {
    CLI::App* const verb = app.add_subcommand("parameters", "The configuration of a meter as one file");
    {
        const auto [action, options] = add_parameters_action(*verb, kExport, exit_status);
        action->add_option("file", options->file, "Where to; default: standard output")->type_name("FILE");
    }
    {
        const auto [action, options] = add_parameters_action(*verb, kImport, exit_status);
        action->add_option("file", options->file, "The parameters, in TOML")->required()->type_name("FILE");
        action->add_flag("--sealed", options->import.sealed, "Change sealed parameters too");
        action->add_flag("--json", options->json, "Report as JSON");
    }
    {
        const auto [action, options] = add_parameters_action(*verb, kDiff, exit_status);
        action->get_option("address")->description("A meter (tcp://HOST:PORT and the like), or a file");
        action->get_option("address")->type_name("ADDRESS|FILE");
        action->add_option("file", options->file, "Likewise")->required()->type_name("FILE|ADDRESS");
        action->add_flag("--json", options->json, "Report as JSON");
    }
    verb->require_subcommand(1);
    verb->footer(
        "`ferraris parameters ACTION --help` explains each. Examples:\n"
        "  ferraris parameters export tcp://127.0.0.1:4059 meter.toml -k keys.toml\n"
        "  ferraris parameters diff tcp://127.0.0.1:4059 meter.toml -k keys.toml");
}

}  // namespace ferraris::cli
