#include "cli/demo.hpp"

#include <fmt/format.h>

#include <CLI/App.hpp>
#include <CLI/Config.hpp>
#include <CLI/Formatter.hpp>
#include <chrono>
#include <csignal>
#include <cstdio>
#include <filesystem>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "cli/chart.hpp"
#include "cli/client.hpp"
#include "cli/demo_meter.hpp"
#include "cli/error.hpp"
#include "cli/format.hpp"
#include "cli/meter_keys.hpp"
#include "cli/profile_reader.hpp"
#include "cli/terminal.hpp"
#include "decode/names.hpp"

namespace ferraris::cli {
namespace {

using decode::object_name;

using dlms::obis;

constexpr std::uint16_t kData = 1;
constexpr std::uint16_t kRegister = 3;
constexpr std::uint16_t kUtilityClient = 1;
constexpr dlms::LogicalName kLoadProfile = obis(1, 0, 99, 1, 0);
constexpr dlms::LogicalName kActiveImport = obis(1, 0, 1, 8, 0);
constexpr std::size_t kQuarterHoursADay = 96;
constexpr std::int64_t kDay = 86400;
constexpr int kLabelColumn = 42;

struct DemoOptions {
    std::uint16_t port{4059};
    std::uint64_t seed{1};
    std::string keys;
};

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

/// Ctrl-C and termination are waited for, not jumped at: from here on in every thread.
class Signals {
public:
    Signals() {
        sigemptyset(&set_);
        sigaddset(&set_, SIGINT);
        sigaddset(&set_, SIGTERM);
        pthread_sigmask(SIG_BLOCK, &set_, nullptr);
    }
    void wait() const {
        int signal = 0;
        sigwait(&set_, &signal);
    }

private:
    sigset_t set_{};
};

/// What holds nothing (a tariff that was never active) is left out, except the first.
void print_section(Client& client, std::string_view title, std::span<const Line> lines) {
    std::vector<dlms::AttributeDescriptor> attributes;
    for (const Line& line : lines) {
        attributes.push_back({line.class_id, line.name, 2});
        attributes.push_back({line.class_id, line.name, 3});
    }
    // Data has no third attribute; what is refused is not shown.
    const std::vector<GetAnswer> answers = client.get_all(attributes, nullptr);
    fmt::print("\n{}\n", title);
    for (std::size_t i = 0; i < lines.size(); ++i) {
        const auto value = decode_value(answers[2 * i].value);
        if (!value) continue;
        const auto scaler = lines[i].class_id == kRegister ? decode_value(answers[2 * i + 1].value) : std::nullopt;
        const auto scaler_unit = scaler ? scaler_unit_of(*scaler) : std::nullopt;
        if (i != 0 && value->is_integer() && value->magnitude == 0) continue;
        std::string text = scaler_unit ? quantity_text(*value, *scaler_unit) : value_text(*value, lines[i].class_id, 2);
        if (value->is_string()) text = printable(value->octets).value_or(text);
        fmt::print("  {:<{}}{}\n", object_name(lines[i].name), kLabelColumn, text);
    }
}

/// The mean power of each quarter-hour of one day.
struct DayLoad {
    dlms::DateTime noon{};
    std::vector<std::optional<double>> watts = std::vector<std::optional<double>>(kQuarterHoursADay);
    double watt_hours{0};
};

/// The last day that has all its quarter-hours; by the meter's local time.
std::optional<DayLoad> read_day(Client& client) {
    const ProfileLayout layout = read_profile_layout(client, kLoadProfile);
    std::optional<std::size_t> column;
    for (std::size_t i = 0; i < layout.columns.size(); ++i) {
        if (layout.columns[i].object.attribute.instance == kActiveImport) column = i;
    }
    if (!column || layout.capture_period_s != kDay / kQuarterHoursADay) return std::nullopt;
    const int scaler = layout.columns[*column].scaler_unit.value_or(ScalerUnit{}).scaler;

    std::map<std::int64_t, DayLoad> days;
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
                days[day].watts[quarter] = watt_hours * 3600 / layout.capture_period_s;
                days[day].watt_hours += watt_hours;
                days[day].noon = plus_seconds(*row.time, day * kDay + kDay / 2 - *end);
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

void print_day(const DayLoad& day) {
    const std::string date = date_time_text(day.noon).substr(0, 10);
    fmt::print("\nLoad on {}: {:.3f} kWh, from the load profile of the meter\n\n", date, day.watt_hours / 1000);
    fmt::print("{}", day_chart(day.watts, {terminal_columns(), 10, locale_is_utf8()}));
}

void report(const std::string& address, const std::string& key_file) {
    ConnectOptions options;
    options.address = address;
    options.client_sap = kUtilityClient;
    options.key_file = key_file;
    Client client(options);
    fmt::print("Reading {} as {}\n", address, client.description());
    print_section(client, "Identification", kIdentification);
    print_section(client, "Energy", kEnergies);
    print_section(client, "Now", kInstantaneous);
    if (const auto day = read_day(client)) print_day(*day);
}

/// As a user in this folder would type it.
std::string program() {
    std::error_code error;
    const std::filesystem::path self = std::filesystem::read_symlink("/proc/self/exe", error);
    if (error) return "ferraris";
    const std::filesystem::path here = std::filesystem::relative(self, error);
    return error || here.empty() || here.string().starts_with("..") ? self.string() : here.string();
}

void say_how_to_go_on(const DemoMeter& meter, const std::string& address, const std::string& keys) {
    fmt::print(R"(
The meter goes on metering, at the speed of the wall clock. In another terminal:

  {3} read {0} --client 1 --keys {1}
  {3} read {0} --client 1 --keys {1} 1-0:1.8.0 1-0:32.7.0
  {3} profile {0} load --client 1 --keys {1} --last 8
  {3} read 'hdlc+tcp://127.0.0.1:{2}?physical=17'        (public client, no keys)
  {3} --help

Ctrl-C stops the meter.
)",
               address, keys, meter.hdlc_port(), program());
    std::fflush(stdout);
}

int run(const DemoOptions& options) {
    const Signals signals;
    DemoMeterSettings settings;
    settings.port = options.port;
    settings.seed = options.seed;
    settings.keys = options.keys.empty() ? default_key_path() : std::filesystem::path(options.keys);

    const auto began = std::chrono::steady_clock::now();
    fmt::print("A virtual meter meters a household.\n");
    std::fflush(stdout);
    Progress progress("Metering");
    const DemoMeter meter(settings, [&](std::int64_t done, std::int64_t total) {
        progress.show(static_cast<std::uint64_t>(done) / 3600, static_cast<std::uint64_t>(total) / 3600, "hours");
    });
    progress.clear();
    const std::chrono::duration<double> took = std::chrono::steady_clock::now() - began;
    fmt::print("{:.1f} hours metered, second by second, in {:.2f} s.\n\n",
               static_cast<double>(meter.metered_seconds()) / 3600, took.count());

    const std::string address = fmt::format("tcp://127.0.0.1:{}", meter.port());
    report(address, settings.keys.string());
    if (!is_terminal(Stream::input) || !is_terminal(Stream::output)) return 0;
    say_how_to_go_on(meter, address, settings.keys.string());
    signals.wait();
    fmt::print("\nThe meter has stopped.\n");
    return 0;
}

}  // namespace

void add_demo(CLI::App& app, int& exit_status) {
    CLI::App* const verb =
        app.add_subcommand("demo", "Start a meter, let it meter a household's day, read it and show the day");
    const auto options = std::make_shared<DemoOptions>();
    verb->add_option("--port", options->port, "Where the meter listens on loopback; a free port when it is taken")
        ->capture_default_str()
        ->type_name("PORT");
    verb->add_option("--seed", options->seed, "Of the household: the same seed, the same day")
        ->capture_default_str()
        ->type_name("N");
    verb->add_option(
            "--keys", options->keys,
            "Key file for meter and client, made if it is not there (default: " + default_key_path().string() + ")")
        ->type_name("FILE");
    verb->footer(
        "With a terminal the meter stays up afterwards, to be read from another one; Ctrl-C stops it.\n\n"
        "Example:\n"
        "  ferraris demo --seed 7");
    verb->callback([options, &exit_status] { exit_status = run(*options); });
}

}  // namespace ferraris::cli
