#include "panel/command.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <nlohmann/json.hpp>

#include "twin/scenario/appliances.hpp"

namespace ferraris::panel {
namespace {

using nlohmann::json;
using twin::scenario::kAppliances;
using twin::scenario::MainsState;
using twin::scenario::Subject;

enum class Takes : std::uint8_t { nothing, boolean, number };

struct CommandRow {
    std::string_view name;
    Command::Kind kind;
    Takes takes;
    Subject subject{};       ///< of a change
    double least{0};         ///< of a number
    double most{0};          ///< likewise
    double scale{1};         ///< from the page's unit to the one of the subject
    board::Button button{};  ///< of a button
};

using Kind = Command::Kind;
constexpr std::array kCommands{
    CommandRow{"button.display", Kind::hold, Takes::boolean, {}, 0, 0, 1, board::Button::display},
    CommandRow{"button.relay", Kind::hold, Takes::boolean, {}, 0, 0, 1, board::Button::relay},
    CommandRow{"cover.meter", Kind::change, Takes::boolean, Subject::meter_cover},
    CommandRow{"cover.terminal", Kind::change, Takes::boolean, Subject::terminal_cover},
    CommandRow{"cover.battery", Kind::change, Takes::boolean, Subject::battery_cover},
    CommandRow{"cover.relay", Kind::change, Takes::boolean, Subject::ripple_relay_cover},
    CommandRow{"magnet", Kind::change, Takes::boolean, Subject::magnet},
    CommandRow{"mains", Kind::change, Takes::boolean, Subject::mains},
    CommandRow{"voltage", Kind::change, Takes::number, Subject::voltage, 0, 300, 1000},
    CommandRow{"frequency", Kind::change, Takes::number, Subject::frequency, 0, 65, 1000},
    CommandRow{"harmonics.voltage", Kind::change, Takes::number, Subject::voltage_distortion, 0, 40, 100},
    CommandRow{"harmonics.current", Kind::change, Takes::number, Subject::current_distortion, 0, 150, 100},
    CommandRow{"dip", Kind::change, Takes::number, Subject::disturbance, 0, 300, 1000},
    CommandRow{"power", Kind::change, Takes::number, Subject::power, -15'000, 15'000, 1000},
    CommandRow{"household", Kind::change, Takes::boolean, Subject::household},
    CommandRow{"interchanged", Kind::change, Takes::boolean, Subject::interchanged},
    CommandRow{"relay.stuck", Kind::change, Takes::boolean, Subject::supply_relay},
    CommandRow{"temperature", Kind::change, Takes::number, Subject::temperature, -40, 85, 100},
    CommandRow{"battery.charge", Kind::change, Takes::number, Subject::battery_charge, 0, 100, 10},
    CommandRow{"battery.replace", Kind::change, Takes::nothing, Subject::battery},
    CommandRow{"speed", Kind::speed, Takes::number, {}, 0.1, 3600, 1},
    CommandRow{"pause", Kind::pause, Takes::nothing},
    CommandRow{"leap", Kind::leap, Takes::nothing},
};

constexpr std::string_view kSwitch = "switch.";
/// A dip that lasts longer is a voltage to be set.
constexpr std::int64_t kMostDip_ms = 10'000;
constexpr std::int64_t kUsualDip_ms = 240;
/// Below this a voltage or a frequency is none of any mains; 0 gives the choice back to what is connected.
constexpr double kLeastVolts = 50;
constexpr double kLeastHertz = 40;

bool is_possible(const CommandRow& row, double number) {
    if (!(number >= row.least && number <= row.most)) return false;
    if (row.kind != Kind::change) return true;
    if (row.subject == Subject::voltage) return number == 0 || number >= kLeastVolts;
    if (row.subject == Subject::frequency) return number == 0 || number >= kLeastHertz;
    return true;
}

Result<Command, std::string> with_value(const CommandRow& row, const json& message) {
    const auto value = message.find("value");
    const bool given = value != message.end();
    Command command;
    command.kind = row.kind;
    command.button = row.button;
    command.change.subject = row.subject;
    switch (row.takes) {
        case Takes::nothing:
            if (given) return Error(fmt::format("{} takes no value", row.name));
            break;
        case Takes::boolean:
            if (!given || !value->is_boolean()) return Error(fmt::format("{} takes true or false", row.name));
            command.down = value->get<bool>();
            command.change.value = command.down ? 1 : 0;
            break;
        case Takes::number: {
            const double number = given && value->is_number() ? value->get<double>() : NAN;
            if (!is_possible(row, number)) {
                return Error(fmt::format("{} takes a number from {} to {}", row.name, row.least, row.most));
            }
            command.speed = number;
            command.change.value = std::llround(number * row.scale);
            break;
        }
    }
    return command;
}

Result<Command, std::string> switch_appliance(std::string_view appliance, const json& message) {
    const auto* const found = std::ranges::find(kAppliances, appliance, &twin::scenario::Appliance::name);
    if (found == kAppliances.end()) return Error(fmt::format("there is no appliance \"{}\"", appliance));
    const auto value = message.find("value");
    if (value == message.end() || !value->is_boolean()) return Error(std::string("a switch takes true or false"));
    Command command;
    command.kind = Kind::change;
    command.change.subject = value->get<bool>() ? Subject::switch_on : Subject::switch_off;
    command.change.value = found - kAppliances.begin();
    return command;
}

Result<Command, std::string> command_of(const json& message) {
    const auto name = message.find("do");
    if (name == message.end() || !name->is_string()) return Error(std::string("\"do\" says what to do, as a text"));
    const std::string& what = name->get_ref<const std::string&>();
    const bool is_dip = what == "dip";
    for (const auto& [key, ignored] : message.items()) {
        if (key != "do" && key != "value" && key != "id" && !(is_dip && key == "milliseconds")) {
            return Error(fmt::format("nobody knows a \"{}\" here", key));
        }
    }
    if (what.starts_with(kSwitch)) return switch_appliance(std::string_view(what).substr(kSwitch.size()), message);
    const auto* const row = std::ranges::find(kCommands, what, &CommandRow::name);
    if (row == kCommands.end()) return Error(fmt::format("there is no command \"{}\"", what));
    auto command = with_value(*row, message);
    if (command && is_dip) {
        const auto duration = message.find("milliseconds");
        const bool whole = duration == message.end() || duration->is_number_integer();
        const std::int64_t milliseconds = duration == message.end() ? kUsualDip_ms
                                          : whole                   ? duration->get<std::int64_t>()
                                                                    : 0;
        if (milliseconds < 1 || milliseconds > kMostDip_ms) {
            return Error(fmt::format("a dip takes 1 to {} milliseconds", kMostDip_ms));
        }
        command->change.duration_ms = static_cast<std::uint32_t>(milliseconds);
    }
    // The world's switch of the mains has more positions than on and off.
    if (command && row->subject == Subject::mains && row->kind == Kind::change) {
        command->change.value = static_cast<std::int64_t>(command->down ? MainsState::on : MainsState::off);
    }
    return command;
}

/// Printable, and no longer than a line of a log.
std::string harmless(std::string text) {
    constexpr std::size_t kMost = 120;
    if (text.size() > kMost) text.resize(kMost);
    std::ranges::replace_if(
        text, [](char c) { return c < ' ' || c > '~'; }, '?');
    return text;
}

}  // namespace

Result<Command, Refusal> parse_command(std::string_view text) {
    Refusal refusal;
    if (text.size() > kMostCommandOctets) {
        refusal.why = "the message is too long";
        return Error(refusal);
    }
    const json message = json::parse(text, nullptr, false);
    if (!message.is_object()) {
        refusal.why = "the message is no JSON object";
        return Error(refusal);
    }
    if (const auto id = message.find("id"); id != message.end()) {
        if (!id->is_number_integer()) {
            refusal.why = "an id is a whole number";
            return Error(refusal);
        }
        refusal.id = id->get<std::int64_t>();
    }
    auto command = command_of(message);
    if (!command) {
        refusal.why = harmless(command.error());
        return Error(refusal);
    }
    command->id = refusal.id;
    return *command;
}

std::string done_message(std::int64_t id) { return fmt::format("{{\"done\":{}}}", id); }

std::string refused_message(const Refusal& refusal) {
    json message{{"refused", nullptr}, {"why", refusal.why}};
    if (refusal.id) message["refused"] = *refusal.id;
    return message.dump();
}

}  // namespace ferraris::panel
