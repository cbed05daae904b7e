#include "cli/typetest.hpp"

#include <fmt/format.h>

#include <CLI/CLI.hpp>
#include <cstdio>
#include <fstream>
#include <memory>
#include <nlohmann/json.hpp>
#include <string>

#include "cli/number_option.hpp"
#include "cli/terminal.hpp"
#include "cli/typetest_html.hpp"
#include "twin/typetest.hpp"

namespace ferraris::cli {

namespace {

using twin::AccuracyClass;
using twin::kAccuracyClassCount;
using twin::kAccuracyClassNames;

struct TypetestOptions {
    bool json{false};
    std::string html_file;
    int frequency_hz{50};
};

nlohmann::ordered_json to_json(const twin::TestPoint& point) {
    nlohmann::ordered_json json{{"name", point.name}, {"current_a", point.amperes}, {"error", point.measured}};
    for (std::size_t k = 0; k < kAccuracyClassCount; ++k) {
        if (!point.limits[k]) continue;
        const std::string name(kAccuracyClassNames[k]);
        json["limits"][name] = *point.limits[k];
        json["passes"][name] = *point.passes(static_cast<AccuracyClass>(k));
    }
    if (point.target) {
        json["target"] = *point.target;
        json["meets_target"] = *point.meets_target();
    }
    return json;
}

nlohmann::ordered_json to_json(const twin::SpecimenReport& specimen) {
    nlohmann::ordered_json json{{"front_end", specimen.front_end}};
    for (std::size_t k = 0; k < kAccuracyClassCount; ++k) {
        json["passes"][std::string(kAccuracyClassNames[k])] = specimen.passes(static_cast<AccuracyClass>(k));
    }
    if (const auto meets = specimen.meets_targets()) json["meets_targets"] = *meets;
    for (const twin::TestTable& table : specimen.tables) {
        nlohmann::ordered_json points = nlohmann::ordered_json::array();
        for (const twin::TestPoint& point : table.points) points.push_back(to_json(point));
        json["tables"].push_back({{"title", table.title},
                                  {"standard", table.standard},
                                  {"unit", table.unit},
                                  {"points", std::move(points)}});
    }
    return json;
}

nlohmann::ordered_json to_json(const twin::TypeTestReport& report) {
    nlohmann::ordered_json json{{"passed", report.is_passed()},
                                {"nominal_voltage_v", report.rating.nominal_volts},
                                {"basic_current_a", report.rating.basic_amperes},
                                {"maximum_current_a", report.rating.maximum_amperes},
                                {"frequency_hz", report.rating.frequency_hz}};
    for (const twin::SpecimenReport& specimen : report.specimens) json["specimens"].push_back(to_json(specimen));
    return json;
}

std::string verdicts(const twin::TestPoint& point) {
    std::string text;
    for (std::size_t k = 0; k < kAccuracyClassCount; ++k) {
        const auto passes = point.passes(static_cast<AccuracyClass>(k));
        if (!passes) continue;
        text += fmt::format("  {} {} (±{:.4g})", kAccuracyClassNames[k], *passes ? "pass" : "FAIL", *point.limits[k]);
    }
    if (const auto meets = point.meets_target()) {
        text += fmt::format("  target {} (±{:.4g})", *meets ? "met" : "MISSED", *point.target);
    }
    return text;
}

void print_text(const twin::TypeTestReport& report) {
    for (const twin::SpecimenReport& specimen : report.specimens) {
        fmt::print("Front end: {}\n", specimen.front_end);
        for (const twin::TestTable& table : specimen.tables) {
            fmt::print("\n  {} [{}] ({})\n", table.title, table.unit, table.standard);
            for (const twin::TestPoint& point : table.points) {
                fmt::print("    {:<46}{:>8.3f} A {:>10.4f}{}\n", point.name, point.amperes, point.measured,
                           verdicts(point));
            }
        }
        fmt::print("\n");
    }
    const auto word = [](bool passes) { return passes ? "pass" : "FAIL"; };
    for (const twin::SpecimenReport& specimen : report.specimens) {
        fmt::print("{:<42}", specimen.front_end);
        for (std::size_t k = 0; k < kAccuracyClassCount; ++k) {
            fmt::print("class {} {}  ", kAccuracyClassNames[k], word(specimen.passes(static_cast<AccuracyClass>(k))));
        }
        const auto meets = specimen.meets_targets();
        fmt::print("{}\n", !meets ? "" : *meets ? "targets met" : "targets MISSED");
    }
}

int run(const TypetestOptions& options) {
    twin::Rating rating;
    rating.frequency_hz = options.frequency_hz;
    Progress progress("type test");
    const twin::TypeTestReport report = twin::run_type_test(
        rating, [&progress](std::size_t done, std::size_t total) { progress.show(done, total, "tables"); });
    progress.clear();
    if (!options.html_file.empty()) {
        std::ofstream file(options.html_file, std::ios::binary);
        file << to_html(report);
        file.close();
        if (!file) {
            fmt::print(stderr,
                       "ferraris typetest: {}: cannot be written; give a file in a folder that you may write to\n",
                       options.html_file);
            return 1;
        }
    }
    if (options.json) {
        fmt::print("{}\n", to_json(report).dump(1));
    } else {
        print_text(report);
    }
    if (!report.is_passed()) {
        fmt::print(stderr, "ferraris typetest: not passed; see the points marked FAIL or MISSED\n");
        return 1;
    }
    return 0;
}

}  // namespace

void add_typetest(CLI::App& app, int& exit_status) {
    CLI::App* verb = app.add_subcommand("typetest", "Perform the accuracy tables of EN 50470-3 and IEC 62053-23");
    const auto options = std::make_shared<TypetestOptions>();
    verb->add_flag("--json", options->json, "Report as JSON");
    verb->add_option("--html", options->html_file, "Write the report with plots, too")->type_name("FILE");
    verb->add_option("--frequency", options->frequency_hz, "Mains frequency, 50 or 60")
        ->check(either(50, 60))
        ->capture_default_str()
        ->type_name("HZ");
    verb->footer(
        "Active energy against classes A, B and C of EN 50470-3, reactive energy against class 2 of IEC 62053-23, for\n"
        "an ideal front end and for a modelled one that was calibrated as in a factory. The truth is the definition "
        "of\n"
        "the test signal. The exit status is 0 when classes B and 2 are passed and the ideal front end meets the\n"
        "targets of the project.\n\n"
        "Example:\n"
        "  ferraris typetest --html typetest.html");
    verb->callback([options, &exit_status] { exit_status = run(*options); });
}

}  // namespace ferraris::cli
