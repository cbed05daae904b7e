#include "cli/firmware.hpp"

#include <fmt/format.h>

#include <CLI/App.hpp>
#include <CLI/Config.hpp>
#include <CLI/Formatter.hpp>
#include <algorithm>
#include <chrono>
#include <csignal>
#include <memory>
#include <nlohmann/json.hpp>

#include "base/hex.hpp"
#include "cli/connect_options.hpp"
#include "cli/date_time.hpp"
#include "cli/error.hpp"
#include "cli/firmware_image.hpp"
#include "cli/firmware_transfer.hpp"
#include "cli/terminal.hpp"
#include "crypto/openssl.hpp"

namespace ferraris::cli {
namespace {

constexpr int kPaused = 130;

struct FirmwareOptions {
    ConnectOptions connect{};
    PackOptions pack{};
    std::string program{};
    std::string image{};
    std::string key{};
    std::string keys{};
    std::string identifier{};
    std::string activate{};
    bool restart{false};
    bool json{false};
};

/// Ctrl-C asks for a pause behind the block that is under way; a second one ends the program.
class PauseOnInterrupt {
public:
    PauseOnInterrupt() : before_(std::signal(SIGINT, ask)) {}
    ~PauseOnInterrupt() { std::signal(SIGINT, before_); }
    PauseOnInterrupt(const PauseOnInterrupt&) = delete;
    PauseOnInterrupt& operator=(const PauseOnInterrupt&) = delete;

    [[nodiscard]] static const std::atomic<bool>& wanted() { return wanted_; }

private:
    static void ask(int) {
        wanted_ = true;
        std::signal(SIGINT, SIG_DFL);
    }
    static inline std::atomic<bool> wanted_{false};
    void (*before_)(int);
};
static_assert(std::atomic<bool>::is_always_lock_free);

std::string hardware_text(const meter::ImageHeader& header) {
    const auto* const end = std::ranges::find(header.hardware, std::uint8_t{0});
    return {header.hardware.begin(), end};
}

nlohmann::ordered_json image_json(const ImageReport& report) {
    return {{"hardware", hardware_text(report.header)}, {"version", version_text(report.header.version)},
            {"from", version_text(report.header.from)}, {"payload", report.header.payload_size},
            {"legal", report.header.legal_size},        {"check_sum", fmt::format("{:08X}", report.check_sum)},
            {"digest", to_hex(report.header.digest)},   {"signed", report.is_signed}};
}

std::string image_line(const std::string& path, const ImageReport& report) {
    const std::string from = report.header.from == meter::FirmwareVersion{}
                                 ? "any version"
                                 : fmt::format("version {} on", version_text(report.header.from));
    return fmt::format("{}: version {} for {}, from {}, {} octets, check sum {:08X}, {}", path,
                       version_text(report.header.version), hardware_text(report.header), from,
                       report.header.payload_size, report.check_sum, report.is_signed ? "signed" : "not signed");
}

void say_image(const FirmwareOptions& options, Crypto& crypto, const Octets& image,
               const nlohmann::ordered_json& more) {
    const ImageReport report = examine_image(crypto, image);
    if (!options.json) {
        fmt::print("{}\n", image_line(options.image, report));
        return;
    }
    nlohmann::ordered_json json{{"image", options.image}};
    json.update(image_json(report));
    json.update(more);
    fmt::print("{}\n", json.dump(2));
}

int run_pack(const FirmwareOptions& options) {
    const auto crypto = make_openssl_crypto();
    const Octets image = pack_image(*crypto, read_image_file(options.program), options.pack);
    write_image_file(options.image, image);
    say_image(options, *crypto, image, {});
    return 0;
}

int run_sign(const FirmwareOptions& options) {
    const auto crypto = make_openssl_crypto();
    Octets image = read_image_file(options.image);
    const std::string public_key = to_hex(sign_image(*crypto, image, options.key));
    write_image_file(options.image, image);
    say_image(options, *crypto, image, {{"firmware_key", public_key}});
    if (!options.json) fmt::print("meters that have the firmware_key {} take it\n", public_key);
    return 0;
}

/// Whom the signature has to be of; empty: nobody was named.
Octets trusted_key(const FirmwareOptions& options) {
    if (options.keys.empty()) return {};
    const KeyFile keys = read_key_file(options.keys);
    if (!keys.virtual_meter || keys.virtual_meter->firmware_key.empty()) {
        throw CliError(fmt::format("{} has no firmware_key; add it to [virtual_meter]", options.keys));
    }
    return keys.virtual_meter->firmware_key;
}

int run_verify(const FirmwareOptions& options) {
    const auto crypto = make_openssl_crypto();
    const Octets image = read_image_file(options.image);
    const ImageReport report = examine_image(*crypto, image);
    if (report.fault != meter::ImageFault::none)
        throw CliError(fmt::format("{}: {}", options.image, explain(report.fault)));
    const Octets trusted = trusted_key(options);
    if (!trusted.empty() && !is_signed_by(*crypto, image, trusted)) {
        throw CliError(fmt::format("{}: {}", options.image,
                                   report.is_signed ? "somebody else than the firmware_key's owner has signed it"
                                                    : "it is not signed; sign it with `ferraris firmware sign`"));
    }
    say_image(options, *crypto, image, {{"trusted", !trusted.empty()}});
    if (!options.json && !trusted.empty()) fmt::print("the signature is of the firmware_key in {}\n", options.keys);
    return 0;
}

/// "0.2.0" of an image of ours, else the name of the file without its ending.
std::string identifier_of(const FirmwareOptions& options, const ImageReport& report) {
    if (!options.identifier.empty()) return options.identifier;
    if (report.fault == meter::ImageFault::none) {
        return fmt::format("{} {}", hardware_text(report.header), version_text(report.header.version));
    }
    return std::filesystem::path(options.image).stem().string();
}

std::optional<dlms::DateTime> activation_time(const std::string& text) {
    if (text.empty() || text == "now") return std::nullopt;
    const UserTime time = user_time(text, "--activate");
    if (time.offset_minutes) throw CliError("--activate goes by the meter's clock; write the time without an offset");
    return to_date_time(time);
}

void say_sent(const FirmwareOptions& options, const FirmwareTransfer::Sent& sent, const std::string& state,
              double seconds) {
    if (options.json) {
        nlohmann::ordered_json report{{"image", options.image},  {"blocks", sent.blocks}, {"sent", sent.sent},
                                      {"resumed", sent.resumed}, {"state", state},        {"seconds", seconds}};
        if (state == "scheduled") report["at"] = options.activate;
        fmt::print("{}\n", report.dump(2));
        return;
    }
    const std::string at = state == "scheduled" ? fmt::format(" for {}", options.activate) : "";
    fmt::print("{}{} of {} blocks sent in {:.1f} s; {}{}\n", sent.resumed ? "gone on where it was paused: " : "",
               sent.sent, sent.blocks, seconds, state, at);
}

int run_send(const FirmwareOptions& options) {
    // A wrong file or time is found before anything goes to the meter.
    const auto crypto = make_openssl_crypto();
    const Octets image = read_image_file(options.image);
    const ImageReport report = examine_image(*crypto, image);
    const auto at = activation_time(options.activate);
    const bool ours = report.fault != meter::ImageFault::not_an_image;
    if (ours && report.fault != meter::ImageFault::none)
        throw CliError(fmt::format("{}: {}", options.image, explain(report.fault)));
    if (!ours) fmt::print(stderr, "note: {} is no image of ours; it goes to the meter as it is\n", options.image);

    const auto began = std::chrono::steady_clock::now();
    const PauseOnInterrupt interrupt;
    FirmwareTransfer transfer(options.connect);
    Progress progress("image");
    const auto sent = transfer.send(image, identifier_of(options, report), options.restart, PauseOnInterrupt::wanted(),
                                    [&](std::uint32_t done, std::uint32_t all) { progress.show(done, all, "blocks"); });
    progress.clear();
    const auto seconds = [&] {
        return std::chrono::duration<double>(std::chrono::steady_clock::now() - began).count();
    };
    if (sent.paused) {
        say_sent(options, sent, "paused", seconds());
        fmt::print(stderr, "note: the meter keeps what it has; the same command goes on there\n");
        return kPaused;
    }
    Progress waiting("the meter verifies the image");
    std::uint64_t polls = 0;
    transfer.verify([&] { waiting.show(++polls, 0, "questions"); });
    waiting.clear();
    if (at) {
        transfer.activate_at(*at);
        say_sent(options, sent, "scheduled", seconds());
        return 0;
    }
    if (options.activate.empty()) {
        say_sent(options, sent, "verified", seconds());
        return 0;
    }
    Progress starting("the new firmware starts");
    transfer.activate([&] { starting.show(++polls, 0, "questions"); });
    starting.clear();
    say_sent(options, sent, "activated", seconds());
    const std::string version = options.json ? "" : transfer.running_version();
    if (!version.empty()) fmt::print("the meter runs {}\n", version);
    return 0;
}

int run_status(const FirmwareOptions& options) {
    FirmwareTransfer transfer(options.connect);
    const TransferState state = transfer.state();
    const std::string version = transfer.running_version();
    const std::string check_sum = transfer.running_check_sum();
    if (options.json) {
        nlohmann::ordered_json report{{"version", version},
                                      {"check_sum", check_sum},
                                      {"enabled", state.enabled},
                                      {"status", state.status},
                                      {"block_size", state.block_size},
                                      {"blocks", state.blocks.size()},
                                      {"transferred", state.transferred()},
                                      {"first_missing", state.first_missing}};
        report["to_activate"] = nlohmann::ordered_json::array();
        for (const auto& image : state.to_activate) {
            report["to_activate"].push_back(
                {{"size", image.size},
                 {"identification", std::string(image.identification.begin(), image.identification.end())},
                 {"signature", to_hex(image.signature)}});
        }
        fmt::print("{}\n", report.dump(2));
        return 0;
    }
    if (!version.empty()) fmt::print("firmware        {}, check sum {}\n", version, check_sum);
    fmt::print("image transfer  {}{}\n", status_words(state.status), state.enabled ? "" : " (switched off)");
    if (!state.blocks.empty()) {
        fmt::print("blocks          {} of {}, {} octets each", state.transferred(), state.blocks.size(),
                   state.block_size);
        if (state.first_missing < state.blocks.size())
            fmt::print("; the first that is missing is {}", state.first_missing);
        fmt::print("\n");
    }
    for (const auto& image : state.to_activate) {
        fmt::print("to activate     {}, {} octets\n",
                   std::string(image.identification.begin(), image.identification.end()), image.size);
    }
    return 0;
}

CLI::App* add_firmware_action(CLI::App& verb, const char* name, const char* what, const char* footer) {
    CLI::App* const action = verb.add_subcommand(name, what);
    action->footer(footer);
    return action;
}

void add_image(CLI::App& action, FirmwareOptions& options) {
    action.add_option("image", options.image, "The image")->required()->type_name("IMAGE");
}

void add_firmware_json(CLI::App& action, FirmwareOptions& options) {
    action.add_flag("--json", options.json, "Report as JSON");
}

void add_pack(CLI::App& verb, int& exit_status) {
    CLI::App* const action =
        add_firmware_action(verb, "pack", "Make an image of a program, with the rules for the meter that takes it",
                            "Example:\n  ferraris firmware pack program.bin new.image --version 0.2.0 --from 0.1.0");
    const auto options = std::make_shared<FirmwareOptions>();
    action->add_option("program", options->program, "The program, any file")->required()->type_name("PROGRAM");
    add_image(*action, *options);
    action->add_option("--version", options->pack.version, "Of the program, as 1.2.3: meters take only newer ones")
        ->required()
        ->type_name("VERSION");
    action->add_option("--from", options->pack.from, "The oldest version that it may follow (default: any)")
        ->type_name("VERSION");
    action->add_option("--hardware", options->pack.hardware, "The hardware that it is for")
        ->capture_default_str()
        ->type_name("TYPE");
    action
        ->add_option("--legal-size", options->pack.legal_size,
                     "So many octets at the beginning are legally relevant; the check sum is over them (default: all)")
        ->type_name("OCTETS");
    add_firmware_json(*action, *options);
    action->callback([options, &exit_status] { exit_status = run_pack(*options); });
}

void add_sign(CLI::App& verb, int& exit_status) {
    CLI::App* const action = add_firmware_action(verb, "sign", "Sign an image in place with a private key on P-256",
                                                 "Example:\n  ferraris firmware sign new.image --key firmware.key");
    const auto options = std::make_shared<FirmwareOptions>();
    add_image(*action, *options);
    action->add_option("--key", options->key, "Private key, PEM or DER, mode 0600")->required()->type_name("FILE");
    add_firmware_json(*action, *options);
    action->callback([options, &exit_status] { exit_status = run_sign(*options); });
}

void add_verify(CLI::App& verb, int& exit_status) {
    CLI::App* const action =
        add_firmware_action(verb, "verify", "Check an image as a meter would, without one",
                            "Example:\n  ferraris firmware verify new.image --keys my-meter/keys.toml");
    const auto options = std::make_shared<FirmwareOptions>();
    add_image(*action, *options);
    action->add_option("-k,--keys", options->keys, "Key file whose firmware_key has to have signed it")
        ->type_name("FILE");
    add_firmware_json(*action, *options);
    action->callback([options, &exit_status] { exit_status = run_verify(*options); });
}

void add_firmware_send(CLI::App& verb, int& exit_status) {
    CLI::App* const action = add_firmware_action(
        verb, "send", "Send an image and have it verified; Ctrl-C pauses, the same command goes on",
        "Examples:\n"
        "  ferraris firmware send tcp://127.0.0.1:4059 new.image -c 1 -k keys.toml --activate now\n"
        "  ferraris firmware send optical:///dev/ttyUSB0 new.image -c 3 -k keys.toml --activate 2027-01-01T02:00");
    const auto options = std::make_shared<FirmwareOptions>();
    add_connect_options(*action, options->connect);
    add_image(*action, *options);
    action->add_option("--activate", options->activate, "now, or a time by the meter's clock (default: not at all)")
        ->type_name("WHEN");
    action->add_option("--identifier", options->identifier, "What the meter calls it (default: hardware and version)")
        ->type_name("TEXT");
    action->add_flag("--restart", options->restart, "Do not go on with a transfer that was paused");
    add_firmware_json(*action, *options);
    action->callback([options, &exit_status] { exit_status = run_send(*options); });
}

void add_status(CLI::App& verb, int& exit_status) {
    CLI::App* const action =
        add_firmware_action(verb, "status", "What a meter runs, and how its image transfer stands",
                            "Example:\n  ferraris firmware status tcp://127.0.0.1:4059 -c 2 -k keys.toml");
    const auto options = std::make_shared<FirmwareOptions>();
    add_connect_options(*action, options->connect);
    add_firmware_json(*action, *options);
    action->callback([options, &exit_status] { exit_status = run_status(*options); });
}

}  // namespace

void add_firmware(CLI::App& app, int& exit_status) {
    CLI::App* const verb = app.add_subcommand("firmware", "Pack, sign, verify, send and activate a meter's firmware");
    add_pack(*verb, exit_status);
    add_sign(*verb, exit_status);
    add_verify(*verb, exit_status);
    add_firmware_send(*verb, exit_status);
    add_status(*verb, exit_status);
    verb->require_subcommand(1);
    verb->footer(
        "`ferraris firmware ACTION --help` explains each. Examples:\n"
        "  ferraris firmware pack program.bin new.image --version 0.2.0\n"
        "  ferraris firmware sign new.image --key firmware.key\n"
        "  ferraris firmware send tcp://127.0.0.1:4059 new.image -c 1 -k keys.toml --activate now");
}

}  // namespace ferraris::cli
