#include "cli/tou.hpp"

#include <fmt/format.h>

#include <CLI/App.hpp>
#include <CLI/Config.hpp>
#include <CLI/Formatter.hpp>
#include <algorithm>
#include <ctime>
#include <fstream>
#include <memory>
#include <nlohmann/json.hpp>
#include <optional>
#include <string>

#include "cli/connect_options.hpp"
#include "cli/date_time.hpp"
#include "cli/error.hpp"
#include "cli/number_option.hpp"
#include "cli/terminal.hpp"
#include "cli/tou_chart.hpp"
#include "cli/tou_dates.hpp"
#include "cli/tou_meter.hpp"

namespace ferraris::cli {
namespace {

struct TouOptions {
    ConnectOptions connect{};
    std::string file{};
    std::string at{};
    std::string output{};
    std::string week{};
    std::optional<std::int32_t> year{};
    bool passive{false};
    bool xml{false};
    bool json{false};
};

/// "3 seasons".
std::string count_of(std::size_t count, std::string_view what) {
    return fmt::format("{} {}{}", count, what, count == 1 ? "" : "s");
}

std::string tou_summary(const TouTable& table) {
    const meter::CalendarSet& set = table.calendar;
    std::size_t most = 0;
    for (const meter::DayProfile& day : set.days) most = std::max<std::size_t>(most, day.count);
    return fmt::format("\"{}\": {}, {}, {} with {} switch{} at most, {}", text_of(set.name),
                       count_of(set.seasons.size(), "season"), count_of(set.weeks.size(), "week"),
                       count_of(set.days.size(), "day"), most, most == 1 ? "" : "es",
                       count_of(table.special_days.size(), "special day"));
}

int run_check(const TouOptions& options) {
    const TouFile file = read_tou_file(options.file);
    if (options.json) {
        nlohmann::ordered_json report{{"file", options.file}, {"good", file.issues.empty()}};
        report["issues"] = nlohmann::ordered_json::array();
        for (const TouIssue& issue : file.issues)
            report["issues"].push_back({{"line", issue.line}, {"text", issue.text}});
        fmt::print("{}\n", report.dump(2));
    } else if (file.issues.empty()) {
        fmt::print("{} is good; {}\n", options.file, tou_summary(file.table));
    } else {
        for (const TouIssue& issue : file.issues) fmt::print("{}:{}: {}\n", options.file, issue.line, issue.text);
    }
    return file.issues.empty() ? 0 : 1;
}

void compare_with_meter(const TouTable& wanted, Client& client, TouSet set) {
    const auto different = differences(wanted, read_tou(client, set));
    if (different.empty()) return;
    throw CliError(fmt::format("the meter has {} otherwise than it was sent; `ferraris tou get` shows what it has",
                               fmt::join(different, " and ")));
}

int run_send(const TouOptions& options) {
    // A wrong table or time is found before anything goes to the meter.
    const TouTable table = good_tou_table(options.file);
    std::optional<dlms::DateTime> at;
    if (!options.at.empty()) at = to_date_time(user_time(options.at, "--at"));
    Client client(options.connect);
    // A time that stands from before would activate half a table, or this one when nobody wants it.
    forget_activation(client);
    write_passive(client, table);
    // Special days have no passive set: they go behind the calendar that they belong to, or with it.
    if (at) {
        activate_at(client, *at);
    } else if (!options.passive) {
        activate_now(client);
    }
    if (!options.passive) write_special_days(client, table);
    TouTable sent = table;
    if (options.passive) sent.special_days = read_tou(client, TouSet::passive).special_days;
    compare_with_meter(sent, client, TouSet::passive);
    const bool now = !at && !options.passive;
    if (now) compare_with_meter(sent, client, TouSet::active);
    const char* const state = now ? "active" : at ? "to be activated" : "passive";
    if (options.json) {
        nlohmann::ordered_json report{{"calendar", text_of(table.calendar.name)}, {"state", state}, {"compared", true}};
        if (at) report["at"] = options.at;
        fmt::print("{}\n", report.dump(2));
    } else {
        fmt::print("{}; read back and the same; {}{}\n", tou_summary(table), state, at ? " at " + options.at : "");
        if (at && !table.special_days.empty()) {
            fmt::print(stderr, "note: special days have no passive set: the meter goes by them from now on\n");
        }
    }
    return 0;
}

void put_text(const std::string& path, const std::string& text) {
    if (path.empty()) {
        fmt::print("{}", text);
        return;
    }
    std::ofstream file(path);
    file << text;
    file.close();
    if (!file) throw CliError(fmt::format("{} cannot be written; name another file with --output", path));
}

int run_get(const TouOptions& options) {
    const std::optional<TouTable> wanted =
        options.file.empty() ? std::nullopt : std::optional(good_tou_table(options.file));
    Client client(options.connect);
    const TouTable table = read_tou(client, options.passive ? TouSet::passive : TouSet::active);
    if (!wanted) {
        put_text(options.output, options.xml ? tou_xml(table) : tou_toml(table));
        return 0;
    }
    const auto different = differences(*wanted, table);
    if (options.json) {
        fmt::print("{}\n", nlohmann::ordered_json{{"same", different.empty()}, {"different", different}}.dump(2));
    } else {
        for (const std::string& part : different) fmt::print("{} is another one in the meter\n", part);
        if (different.empty()) fmt::print("the meter has the table of {}\n", options.file);
    }
    return different.empty() ? 0 : 1;
}

nlohmann::ordered_json json_of(const TouTable& table) {
    const meter::CalendarSet& set = table.calendar;
    nlohmann::ordered_json report{{"name", text_of(set.name)}};
    for (const meter::Season& season : set.seasons) {
        report["seasons"].push_back({{"name", text_of(season.name)},
                                     {"start", tou_date_text(season.start.date)},
                                     {"week", text_of(season.week)}});
    }
    for (const meter::WeekProfile& week : set.weeks) {
        report["weeks"].push_back({{"name", text_of(week.name)}, {"days", week.days}});
    }
    for (const meter::DayProfile& day : set.days) {
        nlohmann::ordered_json switches = nlohmann::ordered_json::array();
        for (const meter::Switch& each : set.switches_of(day)) {
            nlohmann::ordered_json entry{
                {"time", fmt::format("{:02}:{:02}:{:02}", each.hour, each.minute, each.second)}};
            if (each.target == meter::SwitchTarget::tariff) {
                entry["tariff"] = each.script;
            } else {
                entry["relay"] = each.script == meter::kCloseRelay ? "closed" : "open";
            }
            switches.push_back(std::move(entry));
        }
        report["days"].push_back({{"id", day.id}, {"switches", std::move(switches)}});
    }
    report["special_days"] = nlohmann::ordered_json::array();
    for (const meter::SpecialDay& entry : table.special_days) {
        report["special_days"].push_back({{"date", tou_date_text(entry.date)}, {"day", entry.day}});
    }
    return report;
}

int run_show(TouOptions options) {
    TouTable table;
    if (options.connect.address.find("://") == std::string::npos) {
        table = good_tou_table(options.connect.address);
    } else {
        Client client(options.connect);
        table = read_tou(client, options.passive ? TouSet::passive : TouSet::active);
    }
    if (options.json) {
        fmt::print("{}\n", json_of(table).dump(2));
        return 0;
    }
    const bool colour = is_terminal(Stream::output);
    fmt::print("{}\n\n{}\n", tou_summary(table), tou_day_chart(table, colour));
    if (!options.week.empty()) {
        const CivilTime day = user_time(options.week, "--week").civil;
        fmt::print("{}", tou_week_chart(table, days_from_civil(day.year, day.month, day.day), colour));
    } else {
        fmt::print("{}", tou_year_chart(table, options.year.value_or(date_time_now().date.year)));
    }
    return 0;
}

CLI::App* add_action(CLI::App& verb, const char* name, const char* what, const char* footer) {
    CLI::App* const action = verb.add_subcommand(name, what);
    action->footer(footer);
    return action;
}

void add_file(CLI::App& action, TouOptions& options) {
    action.add_option("file", options.file, "The table, TOML or COSEM XML")->required()->type_name("FILE");
}

void add_check(CLI::App& verb, int& exit_status) {
    CLI::App* const action = add_action(verb, "check", "Check a table: what is wrong in which line, and what to do",
                                        "Example:\n  ferraris tou check examples/tou.toml");
    const auto options = std::make_shared<TouOptions>();
    add_file(*action, *options);
    action->add_flag("--json", options->json, "Report as JSON");
    action->callback([options, &exit_status] { exit_status = run_check(*options); });
}

void add_send(CLI::App& verb, int& exit_status) {
    CLI::App* const action = add_action(
        verb, "send", "Check a table, send it, activate it, read it back and compare",
        "Examples:\n"
        "  ferraris tou send examples/tou.toml tcp://127.0.0.1:4059 -c 1 -k keys.toml\n"
        "  ferraris tou send examples/tou.toml tcp://127.0.0.1:4059 -c 1 -k keys.toml --at 2027-01-01T00:00");
    const auto options = std::make_shared<TouOptions>();
    add_file(*action, *options);
    add_connect_options(*action, options->connect);
    CLI::Option* const at =
        action->add_option("--at", options->at, "When the table comes into force, by the meter's clock; default: now")
            ->type_name("TIME");
    action->add_flag("--passive", options->passive, "Only write the passive calendar; activate nothing")->excludes(at);
    action->add_flag("--json", options->json, "Report as JSON");
    action->callback([options, &exit_status] { exit_status = run_send(*options); });
}

void add_get(CLI::App& verb, int& exit_status) {
    CLI::App* const action = add_action(verb, "get", "Read a meter's table into a file, or compare it with one",
                                        "Examples:\n"
                                        "  ferraris tou get tcp://127.0.0.1:4059 -c 1 -k keys.toml --output tou.toml\n"
                                        "  ferraris tou get tcp://127.0.0.1:4059 -c 1 -k keys.toml --compare tou.toml");
    const auto options = std::make_shared<TouOptions>();
    add_connect_options(*action, options->connect);
    action->add_option("-o,--output", options->output, "Where to; default: standard output")->type_name("FILE");
    action->add_flag("--xml", options->xml, "COSEM XML instead of TOML");
    action->add_flag("--passive", options->passive, "The passive calendar instead of the active one");
    CLI::Option* const compare_with =
        action->add_option("--compare", options->file, "Say what the meter has otherwise; then exit status 1")
            ->type_name("FILE");
    action->add_flag("--json", options->json, "Report a comparison as JSON")->needs(compare_with);
    action->callback([options, &exit_status] { exit_status = run_get(*options); });
}

void add_show(CLI::App& verb, int& exit_status) {
    CLI::App* const action =
        add_action(verb, "show", "Draw a table of a file or a meter: its days, and a year or a week",
                   "Examples:\n"
                   "  ferraris tou show examples/tou.toml --year 2026\n"
                   "  ferraris tou show tcp://127.0.0.1:4059 -c 1 -k keys.toml --week 2026-12-24");
    const auto options = std::make_shared<TouOptions>();
    add_connect_options(*action, options->connect);
    action->get_option("address")->description("A file (TOML or COSEM XML), or a meter: tcp://HOST:PORT and the like");
    action->get_option("address")->type_name("FILE|ADDRESS");
    action->add_option("--year", options->year, "The year to draw; default: this one")
        ->check(whole_number(1970, 2199))
        ->type_name("YEAR");
    action->add_option("--week", options->week, "Draw the week of this day instead")->type_name("DATE");
    action->add_flag("--passive", options->passive, "A meter's passive calendar instead of the active one");
    action->add_flag("--json", options->json, "The table as JSON");
    action->callback([options, &exit_status] { exit_status = run_show(*options); });
}

}  // namespace

void add_tou(CLI::App& app, int& exit_status) {
    CLI::App* const verb =
        app.add_subcommand("tou", "Check, send, read back and draw a table of tariffs (time of use)");
    add_check(*verb, exit_status);
    add_send(*verb, exit_status);
    add_get(*verb, exit_status);
    add_show(*verb, exit_status);
    verb->require_subcommand(1);
    verb->footer(
        "`ferraris tou ACTION --help` explains each. Examples:\n"
        "  ferraris tou show examples/tou.toml\n"
        "  ferraris tou send examples/tou.toml tcp://127.0.0.1:4059 -c 1 -k keys.toml");
}

}  // namespace ferraris::cli
