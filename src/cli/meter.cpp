#include "cli/meter.hpp"

#include <fmt/format.h>

#include <CLI/App.hpp>
#include <CLI/Config.hpp>
#include <CLI/Formatter.hpp>
#include <algorithm>
#include <array>
#include <boost/asio/io_context.hpp>
#include <boost/asio/signal_set.hpp>
#include <chrono>
#include <cmath>
#include <csignal>
#include <cstdio>
#include <ctime>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <nlohmann/json.hpp>
#include <optional>
#include <string_view>
#include <utility>
#include <vector>

#include "cli/date_time.hpp"
#include "cli/error.hpp"
#include "cli/mechanisms.hpp"
#include "cli/meter_keys.hpp"
#include "cli/meter_lines.hpp"
#include "cli/number_option.hpp"
#include "cli/state_report.hpp"
#include "cli/wireless_option.hpp"
#include "crypto/openssl.hpp"
#include "panel/panel.hpp"
#include "twin/pacer.hpp"
#include "twin/ports.hpp"
#include "twin/push_sender.hpp"
#include "twin/virtual_meter.hpp"

namespace ferraris::cli {
namespace {

/// A greater one has no system title of its own.
constexpr std::uint64_t kMostSerial = (std::uint64_t{1} << 40U) - 1;

struct MeterOptions {
    std::string listen{"127.0.0.1:4059"};
    std::string hdlc_listen{"127.0.0.1:4060"};
    LineOptions lines;
    std::string wireless;
    std::string panel;
    std::string state;
    std::string keys;
    std::optional<std::uint8_t> suite{};
    std::string policy{"both"};
    std::string authentication;
    bool allow_legacy_digests{false};
    std::string load{"household"};
    std::string scenario;
    std::optional<double> crystal_ppm{};
    double celsius{23};
    std::optional<double> rate_hz{};
    std::optional<double> amps_per_count{};
    std::optional<double> volts_per_count{};
    std::string speed{"1"};
    std::string start;
    std::string until;
    std::uint64_t seed{1};
    std::uint64_t serial{1};
    int association_version{3};
    bool remote_buttons{false};
    bool json{false};
};

UtcTime parse_time(const std::string& option, const std::string& text) {
    const UserTime time = user_time(text, option);
    UtcTime utc = utc_from_civil(time.civil);
    utc.milliseconds -= std::int64_t{time.offset_minutes.value_or(0)} * 60'000;
    return utc;
}

/// The scale of a recording, as far as the user gives one.
twin::WaveformScale scale_of(const MeterOptions& options) {
    twin::WaveformScale scale = twin::LoadOptions{}.scale;
    const bool given = options.rate_hz || options.amps_per_count || options.volts_per_count;
    if (given && !options.load.ends_with(".i16")) {
        throw CliError(
            "--rate, --amps-per-count and --volts-per-count are of a recording; give one with --load FILE.i16");
    }
    scale.sample_rate_hz = options.rate_hz.value_or(scale.sample_rate_hz);
    scale.amps_per_count = options.amps_per_count.value_or(scale.amps_per_count);
    scale.volts_per_count = options.volts_per_count.value_or(scale.volts_per_count);
    return scale;
}

/// One line for each that is wrong, "FILE:LINE: what to do".
twin::scenario::Scenario open_scenario(const std::string& path) {
    std::ifstream in(path);
    const std::string text((std::istreambuf_iterator<char>(in)), std::istreambuf_iterator<char>());
    if (!in) throw CliError(fmt::format("{}: cannot be read; give a file as docs/scenarios.md has it", path));
    twin::scenario::ScenarioFile file = twin::scenario::read_scenario(text, path);
    if (file.complaints.empty()) return std::move(file.scenario);
    for (const twin::scenario::Complaint& each : file.complaints) {
        fmt::print(stderr, "{}:{}: {}\n", path, each.line, each.text);
    }
    throw CliError(fmt::format("{}: nothing starts before these lines are right", path));
}

void make_state_folder(const std::string& folder) {
    std::error_code error;
    std::filesystem::create_directories(folder, error);
    if (error) {
        throw CliError(
            fmt::format("cannot make the folder {}: {}; name another one with --state", folder, error.message()));
    }
}

twin::Endpoint parse_endpoint(const std::string& option, const std::string& text) {
    const std::size_t colon = text.rfind(':');
    unsigned long port = 0;
    std::size_t digits = 0;
    if (colon != std::string::npos && colon + 1 < text.size()) {
        try {
            port = std::stoul(text.substr(colon + 1), &digits);
        } catch (const std::exception&) {
            digits = 0;
        }
    }
    if (digits == 0 || colon + 1 + digits != text.size() || port > 65535) {
        throw CliError(option + " wants ADDRESS:PORT, for example 127.0.0.1:4059; it was given " + text);
    }
    std::string host = text.substr(0, colon);
    if (host.size() > 2 && host.front() == '[' && host.back() == ']') host = host.substr(1, host.size() - 2);
    return {host, static_cast<std::uint16_t>(port)};
}

double parse_speed(const std::string& text) {
    if (text == "max") return 0;
    std::size_t used = 0;
    double speed = 0;
    try {
        speed = std::stod(text, &used);
    } catch (const std::exception&) {
        used = 0;
    }
    if (used != text.size() || !std::isfinite(speed) || speed < 0.001 || speed > 1e7) {
        throw CliError("--speed wants a number from 0.001 to 10000000, or max; it was given " + text);
    }
    return speed;
}

void log_line(const std::string& line) {
    const std::time_t now = std::time(nullptr);
    std::tm local{};
    localtime_r(&now, &local);
    fmt::print(stderr, "{:02}:{:02}:{:02} {}\n", local.tm_hour, local.tm_min, local.tm_sec, line);
}

/// As an address of ours is written: IPv6 in brackets.
std::string address_text(const std::string& host, std::uint16_t port) {
    return host.find(':') == std::string::npos ? fmt::format("{}:{}", host, port) : fmt::format("[{}]:{}", host, port);
}

/// In the order of the policies of class 64 version 0.
constexpr std::array<std::string_view, 4> kPolicies{"none", "authentication", "encryption", "both"};

MeterKeySettings key_settings(const MeterOptions& options) {
    MeterKeySettings settings;
    settings.suite = options.suite;
    if (!options.authentication.empty()) settings.mechanism = mechanism_from(options.authentication);
    settings.allow_legacy_digests = options.allow_legacy_digests;
    settings.serial_number = options.serial;
    settings.policy = static_cast<std::uint8_t>(std::ranges::find(kPolicies, options.policy) - kPolicies.begin());
    return settings;
}

struct Ready {
    std::string device_name;
    std::string address;
    std::string hdlc_address;
    std::vector<std::string> lines;  ///< addresses of serial and optical lines
    std::string panel;               ///< of the front panel; empty: there is none
    std::string keys;
    std::uint16_t physical_device{0};
};

void say_ready(const MeterOptions& options, const Ready& ready) {
    const std::string physical = fmt::format("?physical={}", ready.physical_device);
    if (options.json) {
        const nlohmann::json line{{"logical_device_name", ready.device_name},
                                  {"tcp", "tcp://" + ready.address},
                                  {"udp", "udp://" + ready.address},
                                  {"hdlc", "hdlc+tcp://" + ready.hdlc_address + physical},
                                  {"hdlc_udp", "hdlc+udp://" + ready.hdlc_address + physical},
                                  {"lines", ready.lines},
                                  {"panel", ready.panel},
                                  {"keys", ready.keys}};
        fmt::print("{}\n", line.dump());
    } else {
        fmt::print("meter {} answers on tcp://{}, udp://{} and hdlc+tcp://{} (keys: {}); Ctrl-C stops it\n",
                   ready.device_name, ready.address, ready.address, ready.hdlc_address, ready.keys);
        for (const std::string& line : ready.lines) fmt::print("and on {}\n", line);
        if (!ready.panel.empty()) fmt::print("its front panel: {}\n", ready.panel);
    }
    if (std::fflush(stdout) != 0) throw CliError("where the meter answers could not be written; is the disk full?");
}

/// The radio, and the meter set up for it as a factory would.
std::unique_ptr<twin::Radio> open_radio(const MeterOptions& options, boost::asio::io_context& io, meter::Meter& meter) {
    if (options.wireless.empty()) return nullptr;
    const WirelessOption wireless = parse_wireless(options.wireless);
    if (!meter.set_up_wireless(wireless.setup)) throw CliError("the radio's setup could not be written to --state");
    const auto print = [](const std::string& line) {
        fmt::print("{}\n", line);
        if (std::fflush(stdout) != 0) log_line("a telegram could not be printed");
    };
    try {
        return std::make_unique<twin::Radio>(io, meter, wireless.destination, print, log_line);
    } catch (const std::exception& error) {
        throw CliError(fmt::format("--wireless {}: {}", options.wireless, error.what()));
    }
}

int run_meter(const MeterOptions& options) {
    const auto crypto = make_openssl_crypto();
    const double speed = parse_speed(options.speed);
    const std::filesystem::path key_path = !options.keys.empty()    ? std::filesystem::path(options.keys)
                                           : !options.state.empty() ? std::filesystem::path(options.state) / "keys.toml"
                                                                    : default_key_path();
    twin::VirtualMeterSettings settings;
    settings.load = options.load;
    settings.load_options.seed = options.seed;
    settings.load_options.scale = scale_of(options);
    settings.serial_number = options.serial;
    settings.crystal_ppm = options.crystal_ppm;
    settings.celsius = options.celsius;
    settings.log = log_line;
    if (!options.scenario.empty()) settings.scenario = open_scenario(options.scenario);
    // The same home, as a part of the world that the panel can switch off.
    if (!options.panel.empty() && !settings.scenario && options.load == "household") {
        settings.scenario.emplace();
        settings.scenario->seed = options.seed;
        settings.scenario->household = true;
    }
    if (!options.start.empty()) settings.start = parse_time("--start", options.start);
    if (!options.state.empty()) {
        make_state_folder(options.state);
        settings.state = options.state;
    }
    if (!options.until.empty() && settings.start && parse_time("--until", options.until) < *settings.start) {
        throw CliError(
            fmt::format("--until {} lies before --start {}; give a later time", options.until, options.start));
    }
    const twin::Endpoint wrapper = parse_endpoint("--listen", options.listen);
    const twin::Endpoint hdlc = parse_endpoint("--hdlc-listen", options.hdlc_listen);
    const auto panel_at =
        options.panel.empty() ? std::nullopt : std::optional(parse_endpoint("--panel", options.panel));
    twin::Pace pace{speed, {}, {}};
    if (!options.until.empty()) pace.until = parse_time("--until", options.until);

    const MeterFactory factory = meter_factory(key_path, key_settings(options), *crypto);
    settings.factory = factory.settings;
    settings.factory.association_version = static_cast<std::uint8_t>(options.association_version);
    settings.factory.remote_buttons = options.remote_buttons;
    // Not before the keys are made, which takes a while.
    pace.began = std::chrono::steady_clock::now();
    settings.default_start = {
        std::chrono::duration_cast<std::chrono::milliseconds>(std::chrono::system_clock::now().time_since_epoch())
            .count()};
    auto opened = twin::VirtualMeter::open(settings, *crypto);
    if (!opened) throw CliError(opened.error());
    twin::VirtualMeter& meter = **opened;
    if (!options.lines.sub_meters.empty()) {
        const meter::SubMeterList behind = sub_meters_of(options.lines);
        const auto& known = meter.device().instrument().sub_meters.list();
        if (!std::ranges::equal(behind, known) && !meter.device().connect_sub_meters(behind)) {
            throw CliError("the sub-meters could not be stored; is the disk full?");
        }
    }
    check_state(meter.device().instrument(), factory.keys);
    if (!options.state.empty()) log_line(fmt::format("state in {}: {}", options.state, state_text(meter.found())));
    for (const auto& [relay, name] : {std::pair{&meter.supply_relay(), "relay 1 (supply)"},
                                      std::pair{&meter.ripple_relay(), "relay 2 (ripple control)"}}) {
        relay->on_move([name = std::string(name)](bool closed) {
            log_line(fmt::format("{} {}", name, closed ? "closed" : "opened"));
        });
    }
    // As fast as possible through a load that ends: its end is what the user waits for.
    if (speed == 0 && !pace.until) pace.until = meter.load_end();

    boost::asio::io_context io(1);
    const std::unique_ptr<twin::Radio> radio = open_radio(options, io, meter.device());
    if (radio) pace.after_time = [&radio] { radio->run(); };
    twin::PushSender pushes(io, meter.device(), {}, log_line);
    twin::Pacer pacer(io, meter, pushes, pace, log_line);
    twin::PortSettings port_settings;
    port_settings.before_request = [&pacer] { pacer.observe(); };
    port_settings.sub_meters = &meter.device().instrument().sub_meters;
    port_settings.sub_meter_answered = [&meter](std::size_t index, bool did) {
        meter.device().sub_meter_answered(index, did);
    };
    port_settings.optical_active = [&meter](bool active) { meter.device().show_optical(active); };
    port_settings.setups = &meter.device().instrument().ports;
    port_settings.power = [&meter] { return meter.power(); };
    std::optional<panel::Panel> panel;
    if (panel_at) {
        panel.emplace(io, meter, pacer, log_line);
        port_settings.heard = [&panel](const twin::Heard& heard) { panel->hear(heard); };
    }
    twin::Ports ports(io, meter.device(), *crypto, port_settings, log_line);
    Ready ready;
    const std::uint16_t port = ports.listen_wrapper(wrapper);
    const std::uint16_t hdlc_port = ports.listen_hdlc(hdlc);
    ready.lines = open_lines(ports, options.lines, meter.device().instrument());
    if (panel_at) ready.panel = "http://" + address_text(panel_at->host, panel->listen(*panel_at)) + "/";
    const auto name = meter.device().instrument().identity.logical_device_name;
    ready.device_name.assign(name.begin(), name.end());
    ready.address = address_text(wrapper.host, port);
    ready.hdlc_address = address_text(hdlc.host, hdlc_port);
    ready.keys = key_path.string();
    ready.physical_device = meter.device().instrument().ports.hdlc_of(meter::Port::optical).device_address;
    // Who reads that it is ready may stop it at once.
    boost::asio::signal_set signals(io, SIGINT, SIGTERM);
    signals.async_wait([&](const boost::system::error_code&, int) {
        pacer.stop();
        pushes.close();
        ports.close();
        if (panel) panel->close();
        io.stop();
    });
    say_ready(options, ready);
    io.run();
    if (!meter.power_fail()) throw CliError("the last state could not be written; is the disk full?");
    return 0;
}

}  // namespace

void add_meter(CLI::App& app, int& exit_status) {
    auto options = std::make_shared<MeterOptions>();
    CLI::App* const verb = app.add_subcommand("meter", "A virtual meter on this machine, read like any other");
    verb->add_option("--listen", options->listen, "Address and port of the wrapper, TCP and UDP; port 0: any free one")
        ->capture_default_str()
        ->type_name("ADDRESS:PORT");
    verb->add_option("--hdlc-listen", options->hdlc_listen, "Address and port of HDLC, TCP and UDP")
        ->capture_default_str()
        ->type_name("ADDRESS:PORT");
    add_line_options(*verb, options->lines);
    verb->add_option("--wireless", options->wireless,
                     "Telegrams of wireless M-Bus (OMS): hex on the terminal, file:PATH or udp://127.0.0.1:PORT; "
                     "?mode=t1&security=5&interval=60 changes what is c1, 7 and 450 s")
        ->type_name("WHERE");
    verb->add_option("--panel", options->panel,
                     "Serves the front panel to browsers at this address; whoever reaches it works the meter")
        ->type_name("ADDRESS:PORT");
    verb->add_option(
            "--load", options->load,
            "household, a file of minutes (.csv, its times taken as UTC), or a recording of mains and load (.i16)")
        ->capture_default_str()
        ->type_name("LOAD");
    verb->add_option("--scenario", options->scenario,
                     "What happens to the meter, and when: a file as docs/scenarios.md has it, with a load of its own")
        ->excludes("--load")
        ->type_name("FILE");
    verb->add_option("--crystal-ppm", options->crystal_ppm,
                     "By how much the board's clock is too fast at 25 °C (default: it has no error)")
        ->check(number(-500, 500))
        ->type_name("PPM");
    verb->add_option("--temperature", options->celsius, "Of the board; clock and battery go by it")
        ->capture_default_str()
        ->check(number(-40, 85))
        ->type_name("CELSIUS");
    const twin::WaveformScale scale = twin::LoadOptions{}.scale;
    verb->add_option("--rate", options->rate_hz,
                     fmt::format("Of a recording: its sample rate, 3000 to 16000 (default: {})", scale.sample_rate_hz))
        ->check(number(3000, 16000))
        ->type_name("HZ");
    verb->add_option("--amps-per-count", options->amps_per_count,
                     fmt::format("Of a recording: scale of the current (default: {:.6g})", scale.amps_per_count))
        ->check(number(1e-12, 3000))
        ->type_name("A");
    verb->add_option("--volts-per-count", options->volts_per_count,
                     fmt::format("Of a recording: scale of the voltage (default: {:.6g})", scale.volts_per_count))
        ->check(number(1e-12, 3000))
        ->type_name("V");
    verb->add_option("--speed", options->speed, "Seconds of the meter in a second, or max")
        ->capture_default_str()
        ->type_name("N");
    verb->add_option("--start", options->start, "Where the meter's time begins (2026-01-31T12:00:00Z)")
        ->type_name("TIME");
    verb->add_option("--until", options->until, "Where it stands still; with --speed max a file's end")
        ->type_name("TIME");
    verb->add_option("--seed", options->seed, "Of the household: the same seed, the same day; a scenario has its own")
        ->capture_default_str()
        ->check(whole_number(0, UINT64_MAX))
        ->type_name("N");
    verb->add_option("--association-version", options->association_version,
                     "Version of the association objects (class 15): 1 and 2 are for clients that do not know 3")
        ->capture_default_str()
        ->check(whole_number(1, 3))
        ->type_name("N");
    verb->add_flag("--remote-buttons", options->remote_buttons, "Buttons can be pressed over DLMS (0-0:128.30.5)");
    verb->add_option("--serial", options->serial, "Serial number: makes name and system title")
        ->capture_default_str()
        ->check(whole_number(0, kMostSerial))
        ->type_name("N");
    verb->add_option("--state", options->state, "Folder of the meter's flash; without it all is forgotten at the end")
        ->type_name("DIR");
    verb->add_option("--keys", options->keys,
                     "Key file for meter and clients, made with random keys if it is not there (default: keys.toml in "
                     "the --state folder, else " +
                         default_key_path().string() + ")")
        ->type_name("FILE");
    verb->add_option("--suite", options->suite,
                     "Security suite of clients 1 and 3, when the key file is made; 1 and 2 come with an authority and "
                     "certificates for meter and clients, in the folder certificates beside it (default: 0)")
        ->check(whole_number(0, 2))
        ->type_name("0|1|2");
    verb->add_option("--auth", options->authentication,
                     "How clients 1 and 3 prove who they are, when the key file is made: gmac, sha256, ecdsa, md5 or "
                     "sha1 (default: gmac in suite 0, ecdsa in suites 1 and 2)")
        ->check(CLI::IsMember({"gmac", "sha256", "ecdsa", "md5", "sha1"}).description(""))
        ->type_name("HOW");
    verb->add_option(
            "--policy", options->policy,
            "What a new meter's clients 1 and 3 must at least do with each message: authentication, encryption, "
            "both or none (default: both); method 1 of 0-0:43.0.1 makes it stronger")
        ->check(CLI::IsMember(std::vector<std::string>(kPolicies.begin(), kPolicies.end())).description(""))
        ->type_name("WHAT");
    verb->add_flag("--allow-legacy-digests", options->allow_legacy_digests,
                   "Take HLS with MD5 and SHA-1, which are broken");
    verb->add_flag("--json", options->json, "Say where it answers as one line of JSON");
    verb->footer(
        "Example:\n"
        "  ferraris meter --load household --speed 60 --state my-meter &\n"
        "  ferraris read tcp://127.0.0.1:4059 --client 1 --keys my-meter/keys.toml 1.0.1.8.0");
    verb->callback([options, &exit_status] { exit_status = run_meter(*options); });
}

}  // namespace ferraris::cli
