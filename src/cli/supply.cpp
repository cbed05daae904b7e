#include "cli/supply.hpp"

#include <fmt/format.h>

#include <CLI/App.hpp>
#include <CLI/Config.hpp>
#include <CLI/Formatter.hpp>
#include <array>
#include <memory>
#include <nlohmann/json.hpp>
#include <string>

#include "cli/client.hpp"
#include "cli/connect_options.hpp"
#include "cli/enumerations.hpp"
#include "cli/error.hpp"
#include "cli/obis.hpp"
#include "cli/results.hpp"
#include "cli/value.hpp"

namespace ferraris::cli {
namespace {

constexpr std::uint16_t kDisconnectControlClass = 70;
constexpr std::int8_t kOutputState = 2;
constexpr std::int8_t kControlState = 3;
constexpr std::int64_t kDisconnected = 0;
constexpr std::int64_t kReady = 2;
/// integer(0), which both methods take.
constexpr std::array<std::uint8_t, 2> kNoParameter{0x0F, 0x00};

struct SupplyCommand {
    const char* name;
    const char* what;
    const char* footer;
    std::int8_t method;
};
constexpr SupplyCommand kSupplyDisconnect{"disconnect", "Disconnect the supply behind a meter",
                                          "Example:\n"
                                          "  ferraris disconnect tcp://127.0.0.1:4059 --client 1 --keys keys.toml",
                                          1};
constexpr SupplyCommand kSupplyReconnect{
    "reconnect", "Reconnect the supply behind a meter, or permit its button to",
    "What it does is up to the meter's control mode: it connects, or makes ready, and somebody presses the button.\n"
    "Example:\n"
    "  ferraris reconnect tcp://127.0.0.1:4059 --client 1 --keys keys.toml",
    2};

struct SupplyOptions {
    ConnectOptions connect;
    std::string object{"0-0:96.3.10"};
    bool json{false};
};

std::int64_t read_state(Client& client, const dlms::LogicalName& name, std::int8_t attribute) {
    const GetAnswer answer = client.get({kDisconnectControlClass, name, attribute});
    if (answer.result != dlms::DataAccessResult::success) {
        throw CliError(fmt::format("the command went out, but {}:{} says not what became of it: {}", obis_text(name),
                                   attribute, explain(answer.result)));
    }
    const auto value = decode_value(answer.value);
    const auto number = value ? value->integer() : std::nullopt;
    if (!number) throw CliError(fmt::format("{}:{} of the meter is no number", obis_text(name), attribute));
    return *number;
}

int run_supply(const SupplyCommand& command, const SupplyOptions& options) {
    const ObjectReference reference = parse_object(options.object);
    Client client(options.connect);
    const CallAnswer answer = client.call({kDisconnectControlClass, reference.name, command.method}, kNoParameter);
    const std::string name = obis_text(reference.name);
    if (answer.result != dlms::ActionResult::success) {
        throw CliError(fmt::format("the meter did not {}: {}", command.name, explain(answer.result)));
    }
    const std::int64_t state = read_state(client, reference.name, kControlState);
    const bool closed = read_state(client, reference.name, kOutputState) != 0;
    const std::string state_name(enumerator_name("control_state", static_cast<std::uint64_t>(state)));
    const bool disconnects = command.method == kSupplyDisconnect.method;
    const bool as_called_for = disconnects ? state == kDisconnected && !closed : state != kDisconnected;
    if (options.json) {
        const nlohmann::ordered_json report{{"obis", name},          {"command", command.name},
                                            {"done", as_called_for}, {"control_state", state},
                                            {"state", state_name},   {"output_closed", closed}};
        fmt::print("{}\n", report.dump(2));
    } else if (as_called_for) {
        fmt::print("{} is {}{}\n", name, state_name,
                   !disconnects && state == kReady ? ": somebody has to press the button at the meter" : "");
    }
    if (as_called_for) return 0;
    if (!options.json) {
        throw CliError(
            fmt::format("{} is {} and its contact {}, though the meter did what it was told; its log "
                        "0-0:99.98.6 may say more",
                        name, state_name, closed ? "closed" : "open"));
    }
    return 1;
}

void add_supply_verb(CLI::App& app, const SupplyCommand& command, int& exit_status) {
    CLI::App* const verb = app.add_subcommand(command.name, command.what);
    const auto options = std::make_shared<SupplyOptions>();
    add_connect_options(*verb, options->connect);
    verb->add_option("--object", options->object, "The disconnect control; relay 2 of ours is 0-1:96.3.10")
        ->capture_default_str()
        ->type_name("OBIS");
    verb->add_flag("--json", options->json, "Report as JSON");
    verb->footer(command.footer);
    verb->callback([&command, options, &exit_status] { exit_status = run_supply(command, *options); });
}

}  // namespace

void add_supply(CLI::App& app, int& exit_status) {
    add_supply_verb(app, kSupplyDisconnect, exit_status);
    add_supply_verb(app, kSupplyReconnect, exit_status);
}

}  // namespace ferraris::cli
