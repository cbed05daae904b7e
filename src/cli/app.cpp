#include "cli/app.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <CLI/App.hpp>
#include <CLI/Config.hpp>
#include <CLI/Formatter.hpp>
#include <algorithm>
#include <cstdio>
#include <cstring>
#include <exception>
#include <memory>
#include <optional>
#include <sstream>
#include <string>
#include <vector>

#include "cli/certificate.hpp"
#include "cli/completion.hpp"
#include "cli/conform.hpp"
#include "cli/decode.hpp"
#include "cli/demo.hpp"
#include "cli/error.hpp"
#include "cli/firmware.hpp"
#include "cli/listen.hpp"
#include "cli/measure.hpp"
#include "cli/meter.hpp"
#include "cli/panel.hpp"
#include "cli/parameters.hpp"
#include "cli/profile.hpp"
#include "cli/program.hpp"
#include "cli/read.hpp"
#include "cli/readout.hpp"
#include "cli/supply.hpp"
#include "cli/tou.hpp"
#include "cli/typetest.hpp"
#include "cli/write.hpp"

namespace ferraris::cli {
namespace {

constexpr const char* kVersion = "0.1.0";
constexpr int kFailed = 1;
constexpr int kWrongCommandLine = 2;

struct VerbGroup {
    const char* verb;
    const char* group;
};
/// In the order of a newcomer's way, which is also the order of the help.
constexpr VerbGroup kGroups[] = {
    {"demo", "Start here"},
    {"meter", "Virtual meters"},
    {"panel", "Virtual meters"},
    {"read", "Read and set meters"},
    {"profile", "Read and set meters"},
    {"write", "Read and set meters"},
    {"call", "Read and set meters"},
    {"readout", "Read and set meters"},
    {"program", "Read and set meters"},
    {"disconnect", "Read and set meters"},
    {"reconnect", "Read and set meters"},
    {"tou", "Read and set meters"},
    {"parameters", "Read and set meters"},
    {"certificate", "Read and set meters"},
    {"firmware", "Read and set meters"},
    {"decode", "Read and set meters"},
    {"listen", "Read and set meters"},
    {"measure", "Metrology"},
    {"typetest", "Metrology"},
    {"conform", "Conformance"},
    {"completion", "This program"},
};

/// Help on 80 columns, without the marks of types and checks that only programmers read.
class HelpFormatter : public CLI::Formatter {
public:
    HelpFormatter() {
        column_width(kNameColumns);
        label("SUBCOMMAND", "VERB");
        label("Positionals", "Arguments");
    }
    std::string make_option_opts(const CLI::Option* option) const override {
        const std::string type = option->get_type_name();
        return option->get_type_size() == 0 || type.empty() ? "" : " " + type;
    }
    std::string make_option_desc(const CLI::Option* option) const override {
        std::string text = option->get_description();
        const std::string value = option->get_default_str();
        if (!value.empty()) text += fmt::format(" (default: {})", value);
        return wrapped(text);
    }
    std::string make_positionals(const CLI::App* app) const override {
        // An argument is called what its value is called.
        std::string text;
        for (const CLI::Option* const option :
             app->get_options([](const CLI::Option* o) { return o->get_positional(); })) {
            std::string name = option->get_type_name();
            if (!option->get_required()) name = optional_name(option);
            std::stringstream line;
            CLI::detail::format_help(line, name, make_option_desc(option), kNameColumns);
            text += line.str();
        }
        return text.empty() ? text : "\nArguments:\n" + text;
    }
    std::string make_usage(const CLI::App* app, std::string name) const override {
        std::string text = "Usage: " + name;
        if (app->get_parent() == nullptr) return text + " VERB ...\n";
        if (app->get_require_subcommand_min() != 0) return text + " ACTION ...\n";
        for (const CLI::Option* const option :
             app->get_options([](const CLI::Option* o) { return o->get_positional(); })) {
            text += " " + (option->get_required() ? option->get_type_name() : optional_name(option));
        }
        return text + " [OPTIONS]\n";
    }
    std::string make_subcommand(const CLI::App* verb) const override {
        std::stringstream line;
        CLI::detail::format_help(line, verb->get_name(), wrapped(verb->get_description()), kNameColumns);
        return line.str();
    }
    std::string make_footer(const CLI::App* app) const override {
        const std::string footer = app->get_footer();
        return footer.empty() ? footer : footer + "\n";
    }

private:
    static constexpr std::size_t kNameColumns = 26;
    static constexpr std::size_t kTextColumns = 80 - kNameColumns;

    /// "[VALUE]", and dots behind where there may be several.
    static std::string optional_name(const CLI::Option* option) {
        const bool several = option->get_items_expected_max() > 1;
        return fmt::format("[{}]{}", option->get_type_name(), several ? "..." : "");
    }

    static std::string wrapped(const std::string& text) {
        std::string result;
        std::istringstream words(text);
        std::size_t column = 0;
        for (std::string word; words >> word;) {
            if (column != 0 && column + 1 + word.size() > kTextColumns) {
                result += '\n';
                column = 0;
            } else if (column != 0) {
                result += ' ';
                ++column;
            }
            result += word;
            column += word.size();
        }
        return result;
    }
};

/// The number of letters to add, drop, change or swap to get from one word to the other.
std::size_t edit_distance(const std::string& a, const std::string& b) {
    std::vector<std::size_t> previous(b.size() + 1);
    std::vector<std::size_t> current(b.size() + 1);
    for (std::size_t j = 0; j <= b.size(); ++j) previous[j] = j;
    for (std::size_t i = 1; i <= a.size(); ++i) {
        current[0] = i;
        for (std::size_t j = 1; j <= b.size(); ++j) {
            const std::size_t change = previous[j - 1] + (a[i - 1] == b[j - 1] ? 0U : 1U);
            current[j] = std::min({previous[j] + 1, current[j - 1] + 1, change});
        }
        std::swap(previous, current);
    }
    return previous[b.size()];
}

std::vector<std::string> verb_names(const CLI::App& app) {
    std::vector<std::string> names;
    for (const CLI::App* const verb : app.get_subcommands([](const CLI::App*) { return true; })) {
        names.push_back(verb->get_name());
    }
    return names;
}

/// What is wrong with the first word when it is no verb, and with the second when it is no action of its verb.
struct UnknownWord {
    std::string who;
    std::string what;
};

std::optional<UnknownWord> unknown_word(const CLI::App& app, int argc, const char* const* argv) {
    if (argc < 2 || argv[1][0] == '-') return std::nullopt;
    const std::string verb = argv[1];
    const std::vector<std::string> verbs = verb_names(app);
    if (std::ranges::find(verbs, verb) == verbs.end()) {
        const std::string nearest =
            *std::ranges::min_element(verbs, {}, [&](const std::string& name) { return edit_distance(verb, name); });
        return UnknownWord{
            "ferraris",
            fmt::format("there is no verb \"{}\"; did you mean \"{}\"? `ferraris --help` lists all", verb, nearest)};
    }
    const CLI::App* const within = app.get_subcommand(verb);
    if (within->get_require_subcommand_min() == 0 || (argc > 2 && argv[2][0] == '-')) return std::nullopt;
    const std::vector<std::string> actions = verb_names(*within);
    const std::string action = argc > 2 ? argv[2] : "";
    if (std::ranges::find(actions, action) != actions.end()) return std::nullopt;
    return UnknownWord{
        "ferraris " + verb,
        fmt::format("{}; give one of {}, as `ferraris {} --help` shows",
                    action.empty() ? "it lacks an action" : fmt::format("there is no action \"{}\"", action),
                    fmt::join(actions, ", "), verb)};
}

std::string one_line(std::string text) {
    while (!text.empty() && text.back() == '\n') text.pop_back();
    std::ranges::replace(text, '\n', ' ');
    return text;
}

constexpr const char* kNotWritten = "the report could not be written; is the disk full?";

/// All of it: what does not fit the buffer went out before, and may have failed there.
bool report_is_written() { return std::fflush(stdout) == 0 && std::ferror(stdout) == 0; }

int complain(const std::string& who, const std::string& what, int status) {
    fmt::print(stderr, "{}: {}\n", who, one_line(what));
    return status;
}

}  // namespace

void add_verbs(CLI::App& app, int& exit_status) {
    add_demo(app, exit_status);
    add_meter(app, exit_status);
    add_panel(app, exit_status);
    add_read(app, exit_status);
    add_profile(app, exit_status);
    add_write(app, exit_status);
    add_call(app, exit_status);
    add_readout(app, exit_status);
    add_program(app, exit_status);
    add_supply(app, exit_status);
    add_tou(app, exit_status);
    add_parameters(app, exit_status);
    add_certificate(app, exit_status);
    add_firmware(app, exit_status);
    add_decode(app, exit_status);
    add_listen(app, exit_status);
    add_measure(app, exit_status);
    add_typetest(app, exit_status);
    add_conform(app, exit_status);
    add_completion(app, exit_status);
    for (const VerbGroup& row : kGroups) app.get_subcommand(row.verb)->group(row.group);
}

int run(int argc, const char* const* argv) {
    CLI::App app("Ferraris: an electricity meter that measures, and the tools to read it.", "ferraris");
    app.formatter(std::make_shared<HelpFormatter>());
    app.set_version_flag("--version", fmt::format("ferraris {}", kVersion), "Show the version and end");
    app.set_help_flag("-h,--help", "Show this help and end");
    app.require_subcommand(0, 1);
    app.footer("`ferraris demo` shows what it is; `ferraris VERB --help` explains a verb, with an example.");
    int exit_status = 0;
    add_verbs(app, exit_status);

    const std::string who = argc > 1 && argv[1][0] != '-' ? fmt::format("ferraris {}", argv[1]) : "ferraris";
    if (const auto unknown = unknown_word(app, argc, argv)) {
        return complain(unknown->who, unknown->what, kWrongCommandLine);
    }
    try {
        app.parse(argc, argv);
        if (app.get_subcommands().empty()) {
            fmt::print(stderr, "{}", app.help());
            return kWrongCommandLine;
        }
        return report_is_written() ? exit_status : complain(who, kNotWritten, kFailed);
    } catch (const CLI::Success& wanted) {
        std::ostringstream text;
        const int status = app.exit(wanted, text, text);
        const std::string help = text.str();
        std::fwrite(help.data(), 1, help.size(), stdout);
        return report_is_written() ? status : complain(who, kNotWritten, kFailed);
    } catch (const CLI::ParseError& error) {
        return complain(who, fmt::format("{}; see `{} --help`", one_line(error.what()), who), kWrongCommandLine);
    } catch (const CliError& error) {
        std::fflush(stdout);
        return complain(who, error.what(), kFailed);
    } catch (const std::exception& error) {
        return complain(who, report_is_written() ? error.what() : kNotWritten, kFailed);
    }
}

}  // namespace ferraris::cli
