#include "cli/conform.hpp"

#include <fmt/format.h>

#include <CLI/App.hpp>
#include <CLI/Config.hpp>
#include <CLI/Formatter.hpp>
#include <algorithm>
#include <cstdio>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <memory>
#include <string>
#include <vector>

#include "cli/conform_html.hpp"
#include "cli/conform_line.hpp"
#include "cli/conform_report.hpp"
#include "cli/counters_file.hpp"
#include "cli/error.hpp"
#include "cli/key_file.hpp"
#include "cli/link.hpp"
#include "cli/meter_counter.hpp"
#include "cli/number_option.hpp"
#include "cli/quirks_file.hpp"
#include "cli/terminal.hpp"
#include "conform/station.hpp"
#include "crypto/openssl.hpp"

namespace ferraris::cli {
namespace {

using conform::Case;
using conform::milliseconds;

/// Suite 0: what the cases of symmetric security speak.
constexpr std::size_t kKeySize = 16;
constexpr std::uint16_t kMostHdlcClients = 127;

struct ConformOptions {
    std::string address;
    std::string key_file;
    std::uint16_t client_sap{1};
    Quirks quirks{};
    std::vector<std::string> cases;
    std::string html_file;
    double timeout_s{1};
    double frame_timeout_s{2.5};
    double inactivity_s{120};
    bool list{false};
    bool json{false};
    std::string image_file;
    bool destructive{false};
    bool irreversible{false};
    bool slow{false};
};

[[noreturn]] void wrong_command_line(const std::string& what) { throw CLI::ParseError(what, 2); }

/// In the order of the table, each once.
std::vector<const Case*> chosen_cases(const ConformOptions& options) {
    std::vector<const Case*> cases = conform::all_cases();
    for (const std::string& id : options.cases) {
        if (std::ranges::none_of(cases, [&](const Case* each) { return id == each->id; })) {
            wrong_command_line(fmt::format("there is no case \"{}\"; `ferraris conform --list` names them", id));
        }
    }
    if (options.cases.empty()) return cases;
    std::erase_if(cases,
                  [&](const Case* each) { return std::ranges::find(options.cases, each->id) == options.cases.end(); });
    return cases;
}

void list() {
    for (const Case* each : conform::all_cases()) {
        fmt::print("{:<24} {} ({})\n", each->id, each->purpose, each->clause);
    }
}

milliseconds from_seconds(double seconds) { return milliseconds(static_cast<std::int64_t>(seconds * 1000)); }

Address address_of(const ConformOptions& options) {
    if (options.address.empty()) wrong_command_line("address is required");
    Address address = parse_address(options.address);
    apply(options.quirks, address);
    if (address.transport == Transport::serial_iec) {
        throw CliError("conformance cases speak DLMS; for a meter behind an optical head write optical://");
    }
    return address;
}

/// The first counter that the meter takes, if it tells.
std::uint32_t first_counter(const ConformOptions& options) {
    ConnectOptions connect;
    connect.address = options.address;
    connect.client_sap = options.client_sap;
    connect.timeout_s = options.timeout_s;
    connect.quirks = options.quirks;
    try {
        const auto taken = read_meter_counter(connect);
        return taken ? *taken + 1 : 1;
    } catch (const CliError& error) {
        fmt::print(stderr, "ferraris conform: the meter's invocation counter could not be read: {}\n", error.what());
        return 1;
    }
}

conform::Credentials credentials_of(const ConformOptions& options) {
    const KeyFile keys = read_key_file(options.key_file);
    const ClientSecrets& secrets = keys.client(options.client_sap);
    if (secrets.suite_or_default() != 0) {
        throw CliError(
            fmt::format("[client.{}] in {} is of suite {}, and the cases of symmetric security speak suite 0; run them "
                        "without --keys, or with a client of suite 0",
                        options.client_sap, options.key_file, secrets.suite_or_default()));
    }
    if (secrets.unicast_key.size() != kKeySize || secrets.authentication_key.size() != kKeySize) {
        throw CliError(
            fmt::format("the cases need unicast_key and authentication_key of 16 octets (suite 0) of [client.{}] in {}",
                        options.client_sap, options.key_file));
    }
    if (!keys.system_title) {
        throw CliError(fmt::format("the cases need system_title of the client; add it to {}", options.key_file));
    }
    conform::Credentials credentials;
    credentials.client_sap = options.client_sap;
    credentials.system_title.assign(keys.system_title->begin(), keys.system_title->end());
    credentials.unicast_key = secrets.unicast_key;
    credentials.authentication_key = secrets.authentication_key;
    credentials.master_key = secrets.master_key;
    struct Counters {
        CountersFile file;
        CounterSource source;
        Counters(const ConformOptions& of, std::uint32_t first)
            : file(of.key_file), source(&file, of.client_sap, std::max(first, of.quirks.counter_at_least)) {}
    };
    const auto counters = std::make_shared<Counters>(options, first_counter(options));
    credentials.next_counter = [counters] { return counters->source.take(); };
    return credentials;
}

/// The image that a meter takes, named as its file is.
conform::Image image_of(const std::string& path) {
    std::ifstream file(path, std::ios::binary);
    if (!file) throw CliError(fmt::format("the image {} cannot be read; check the path", path));
    conform::Image image;
    image.octets.assign(std::istreambuf_iterator<char>(file), {});
    if (image.octets.empty()) throw CliError(fmt::format("the image {} is empty", path));
    const std::string name = std::filesystem::path(path).stem().string();
    image.identifier.assign(name.begin(), name.end());
    return image;
}

/// DISC of each client that cases speak as: ends a link that an earlier case, or program, left on the line.
std::vector<conform::Octets> goodbyes(const conform::Target& target) {
    std::vector<conform::Octets> frames;
    if (target.framing != conform::Framing::hdlc) return frames;
    std::vector<std::uint16_t> clients{target.public_sap};
    if (target.credentials) clients.push_back(target.credentials->client_sap);
    for (const std::uint16_t client : clients) {
        conform::RawFrame frame;
        frame.destination = conform::address_octets(target.hdlc_server);
        frame.source = {static_cast<std::uint8_t>((static_cast<unsigned>(client) << 1U) | 1U)};
        frame.control = conform::control::kDisc;
        frames.push_back(frame.octets());
    }
    return frames;
}

/// A DISC there ends HDLC altogether, and the line is back at 300 Bd, which no case of HDLC reckons with.
bool fits(const Case& each, const Address& address) {
    return !address.signs_on() || std::ranges::none_of(conform::hdlc_cases(), [&](const Case& hdlc) {
        return std::string_view(hdlc.id) == each.id;
    });
}

conform::Target target_of(const ConformOptions& options, const Address& address) {
    if (address.hdlc() && options.client_sap > kMostHdlcClients) {
        throw CliError(fmt::format("client {} does not exist on HDLC; --client is 1 to 127", options.client_sap));
    }
    conform::Target target;
    target.framing = address.hdlc() ? conform::Framing::hdlc : conform::Framing::wrapper;
    target.server_sap = address.server_sap;
    target.hdlc_server = hdlc_server_address(address);
    target.patience = from_seconds(options.timeout_s);
    target.inter_frame = from_seconds(options.frame_timeout_s);
    target.destructive = options.destructive;
    target.irreversible = options.irreversible;
    if (!options.image_file.empty()) target.image = image_of(options.image_file);
    if (options.slow) target.inactivity = from_seconds(options.inactivity_s);
    if (!options.key_file.empty()) target.credentials = credentials_of(options);
    return target;
}

/// A file that a report goes to; opened before a run that may take minutes.
class ReportFile {
public:
    explicit ReportFile(const std::string& path) : path_(path) {
        if (path_.empty()) return;
        file_.open(path_, std::ios::binary);
        check();
    }
    [[nodiscard]] bool wanted() const { return !path_.empty(); }
    void write(const std::string& text) {
        file_ << text;
        file_.close();
        check();
    }

private:
    void check() const {
        if (file_) return;
        throw CliError(fmt::format("{} cannot be written; give a file in a folder that you may write to", path_));
    }

    std::string path_;
    std::ofstream file_{};
};

/// Without the master key: what the transfer of a key wraps stays wrapped in a report.
decode::KeyRing key_ring_of(const conform::Target& target) {
    decode::KeyRing ring;
    if (!target.credentials) return ring;
    decode::KeyRow& row = ring.rows.emplace_back();
    row.unicast = target.credentials->unicast_key;
    row.authentication = target.credentials->authentication_key;
    ring.add_title(target.credentials->system_title);
    return ring;
}

int run(const ConformOptions& options) {
    if (options.list) {
        list();
        return 0;
    }
    const std::vector<const Case*> cases = chosen_cases(options);
    const Address address = address_of(options);
    ReportFile html(options.html_file);
    constexpr milliseconds kConnectTimeout{5000};
    // Says what is wrong with the address once, and not for each case.
    (void)open_channel(address, kConnectTimeout);
    const conform::Target target = target_of(options, address);
    const auto crypto = make_openssl_crypto();
    ChannelLine line(address, kConnectTimeout, goodbyes(target));
    ConformReport report{address.text()};
    {
        Progress progress("Conformance");
        for (const Case* each : cases) {
            progress.show(report.outcomes.size(), cases.size(), "cases");
            report.outcomes.push_back(
                fits(*each, address)
                    ? conform::run_case(*each, line, target, *crypto)
                    : conform::Outcome{
                          each, conform::Verdict::not_applicable, "a DISC ends what the sign-on began", {}});
            progress.clear();
            if (options.json) continue;
            fmt::print("{}", to_text(report.outcomes.back()));
            std::fflush(stdout);
        }
    }
    if (options.json) {
        fmt::print("{}\n", to_json(report));
    } else {
        fmt::print("\n{}\n", summary_of(report));
    }
    if (html.wanted()) {
        const decode::KeyRing keys = key_ring_of(target);
        html.write(to_html(report, {keys, crypto.get()}));
    }
    if (report.is_passed()) return 0;
    std::fflush(stdout);
    throw CliError(report.count(conform::Verdict::failed) != 0
                       ? "the meter does not conform; see the cases marked FAILED"
                       : "nothing is decided; see the reasons, and try --keys or a longer --timeout");
}

}  // namespace

void add_conform(CLI::App& app, int& exit_status) {
    CLI::App* const verb = app.add_subcommand("conform", "Run conformance cases against any meter");
    const auto options = std::make_shared<ConformOptions>();
    verb->add_option("address", options->address,
                     "The meter: tcp://HOST:PORT, udp://HOST:PORT, hdlc+tcp://HOST:PORT?physical=17, hdlc+udp://…, "
                     "hdlc+serial:///DEVICE?baud=9600, optical:///DEVICE")
        ->type_name("ADDRESS");
    verb->add_option("-k,--keys", options->key_file,
                     "File with the client's keys (mode 0600), for the cases of symmetric security")
        ->type_name("FILE");
    verb->add_option("-c,--client", options->client_sap, "The ciphering client (SAP)")
        ->capture_default_str()
        ->check(whole_number(1, 65535))
        ->type_name("N");
    verb->add_option_function<std::string>(
            "--quirks", [options](const std::string& text) { options->quirks = find_quirks(text); },
            "How the meter wants to be reached: the name of its model, or a file; [hdlc] address_size and [counter] "
            "count")
        ->type_name("MODEL|FILE");
    verb->add_option("--case", options->cases, "Only this one; repeatable")->type_name("ID")->allow_extra_args(false);
    CLI::Option* const names = verb->add_flag("--list", options->list, "Name the cases, and end");
    verb->add_flag("--json", options->json, "Report as JSON, with every octet")->excludes(names);
    verb->add_option("--html", options->html_file, "Write a page with the octets of what failed explained, too")
        ->type_name("FILE");
    verb->add_flag("--destructive", options->destructive,
                   "Also cases that change keys, or write values, and put them back; for keys master_key is needed");
    verb->add_flag(
        "--irreversible", options->irreversible,
        "Also cases that cannot be put back: security policies, which only rise, and the activation of an image");
    verb->add_option("--image", options->image_file, "A firmware image that the meter takes; with --irreversible")
        ->type_name("FILE");
    verb->add_flag("--slow", options->slow, "Also the case that waits for the end of a silent link");
    verb->add_option("--inactivity", options->inactivity_s, "Seconds after which the meter ends a silent link")
        ->capture_default_str()
        ->check(number(1, 3600))
        ->type_name("S");
    verb->add_option("--timeout", options->timeout_s, "Seconds of silence that count as no answer")
        ->capture_default_str()
        ->check(number(0.05, 600))
        ->type_name("S");
    verb->add_option("--frame-timeout", options->frame_timeout_s,
                     "Seconds of silence after which the meter gives up a frame that was cut short; HDLC")
        ->capture_default_str()
        ->check(number(0.01, 60))
        ->type_name("S");
    verb->footer(
        "Cases are named as in the test plans of the DLMS User Association; the procedures are our own, and no\n"
        "certificate. The exit status is 0 when something passed and nothing failed or stayed undecided. Wrong frames\n"
        "and wrong keys are part of it: run it where no other client needs the meter.\n\n"
        "Example:\n"
        "  ferraris conform tcp://127.0.0.1:4059 --keys meter.keys --html conformance.html");
    verb->callback([options, &exit_status] { exit_status = run(*options); });
}

}  // namespace ferraris::cli
