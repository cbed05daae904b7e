#include "cli/demo.hpp"

#include <fmt/format.h>

#include <CLI/App.hpp>
#include <CLI/Config.hpp>
#include <CLI/Formatter.hpp>
#include <chrono>
#include <csignal>
#include <cstdio>
#include <filesystem>
#include <memory>
#include <string>

#include "cli/client.hpp"
#include "cli/demo_meter.hpp"
#include "cli/demo_report.hpp"
#include "cli/error.hpp"
#include "cli/meter_keys.hpp"
#include "cli/number_option.hpp"
#include "cli/terminal.hpp"

namespace ferraris::cli {
namespace {

constexpr std::uint16_t kUtilityClient = 1;
constexpr std::uint16_t kPanelPort = 8080;

struct DemoOptions {
    std::uint16_t port{4059};
    std::uint64_t seed{1};
    std::string keys;
    bool json{false};
};

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

DemoReport read_report(const std::string& address, const std::string& key_file) {
    ConnectOptions options;
    options.address = address;
    options.client_sap = kUtilityClient;
    options.key_file = key_file;
    Client client(options);
    return read_demo_report(client);
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
The meter goes on metering, at the speed of the wall clock. It hangs on the wall at

  http://127.0.0.1:{4}/        (its front panel, for a browser on this machine)

In another terminal:

  {3} read {0} --client 1 --keys {1}
  {3} read {0} --client 1 --keys {1} 1-0:1.8.0 1-0:32.7.0
  {3} profile {0} load --client 1 --keys {1} --last 8
  {3} read 'hdlc+tcp://127.0.0.1:{2}?physical=17'        (public client, no keys)
  {3} --help

Ctrl-C stops the meter.
)",
               address, keys, meter.hdlc_port(), program(), meter.panel_port());
    std::fflush(stdout);
}

int run(const DemoOptions& options) {
    const Signals signals;
    DemoMeterSettings settings;
    settings.port = options.port;
    settings.seed = options.seed;
    settings.keys = options.keys.empty() ? default_key_path() : std::filesystem::path(options.keys);

    if (!options.json) settings.panel_port = kPanelPort;

    const auto began = std::chrono::steady_clock::now();
    if (!options.json) {
        fmt::print("A virtual meter meters a household.\n");
        std::fflush(stdout);
    }
    Progress progress("Metering");
    const DemoMeter meter(settings, [&](std::int64_t done, std::int64_t total) {
        progress.show(static_cast<std::uint64_t>(done) / 3600, static_cast<std::uint64_t>(total) / 3600, "hours");
    });
    progress.clear();
    const std::chrono::duration<double> took = std::chrono::steady_clock::now() - began;
    const std::string address = fmt::format("tcp://127.0.0.1:{}", meter.port());
    if (options.json) {
        fmt::print("{}\n", to_json(read_report(address, settings.keys.string()), meter.metered_seconds()));
        return 0;
    }
    fmt::print("{:.1f} hours metered, second by second, in {:.2f} s.\n\n",
               static_cast<double>(meter.metered_seconds()) / 3600, took.count());
    std::fflush(stdout);
    const DemoReport report = read_report(address, settings.keys.string());
    fmt::print("Reading {} as {}\n", address, report.read_as);
    print(report);
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
        ->check(whole_number(0, 65535))
        ->type_name("PORT");
    verb->add_option("--seed", options->seed, "Of the household: the same seed, the same day")
        ->capture_default_str()
        ->check(whole_number(0, UINT64_MAX))
        ->type_name("N");
    verb->add_option(
            "--keys", options->keys,
            "Key file for meter and client, made if it is not there (default: " + default_key_path().string() + ")")
        ->type_name("FILE");
    verb->add_flag("--json", options->json, "Report as JSON, and end");
    verb->footer(
        "With a terminal the meter stays up afterwards, to be read from another one; Ctrl-C stops it.\n\n"
        "Example:\n"
        "  ferraris demo --seed 7");
    verb->callback([options, &exit_status] { exit_status = run(*options); });
}

}  // namespace ferraris::cli
