#include "cli/program.hpp"

#include <fmt/format.h>

#include <CLI/App.hpp>
#include <CLI/Config.hpp>
#include <CLI/Formatter.hpp>
#include <algorithm>
#include <array>
#include <cmath>
#include <memory>
#include <nlohmann/json.hpp>
#include <string>
#include <string_view>
#include <vector>

#include "cli/channel.hpp"
#include "cli/error.hpp"
#include "cli/number_option.hpp"
#include "cli/private_file.hpp"
#include "cli/readout.hpp"
#include "cli/sign_on.hpp"
#include "cli/terminal.hpp"

namespace ferraris::cli {
namespace {

struct ProgramOptions {
    std::string address;
    std::vector<std::string> commands;
    std::string password_file;
    bool ask_password{false};
    double timeout_s{10};
    bool json{false};
};

/// A command as the user wrote it, and as it goes out.
struct ProgramCommand {
    std::string text;
    char type{'R'};
    char digit{'1'};
    std::string operand;
};

struct ErrorText {
    std::string_view number;
    std::string_view text;
};
/// As our meter means them; the standard leaves the numbers to the manufacturer.
constexpr std::array<ErrorText, 10> kErrorTexts{{
    {"ER01", "it does not know the command"},
    {"ER02", "it does not take this form of the command"},
    {"ER03", "the command is malformed"},
    {"ER04", "the value cannot be written"},
    {"ER05", "the value cannot be read"},
    {"ER06", "this level may not do that"},
    {"ER07", "a password is needed, or it is wrong"},
    {"ER10", "it could not be done"},
    {"ER17", "there is no such value"},
    {"ER18", "the value is not possible"},
}};

std::string explain_error(const std::string& error) {
    const auto* const found = std::ranges::find(kErrorTexts, error, &ErrorText::number);
    return found == kErrorTexts.end() ? error : fmt::format("{}, {}", error, found->text);
}

/// `1.8.0` reads, `0.9.1=120000` writes, `R5:…` and the like go out as they are.
ProgramCommand parse_program_command(const std::string& text) {
    constexpr std::string_view kTypes = "RWE";
    const bool whole = text.size() > 3 && text[2] == ':' && text[1] >= '0' && text[1] <= '9' &&
                       kTypes.find(text[0]) != std::string_view::npos;
    if (whole) {
        const std::string operand = text.substr(3);
        return {text, text[0], text[1], operand.ends_with(')') ? operand : operand + "()"};
    }
    const std::size_t equals = text.find('=');
    const std::string code = text.substr(0, equals);
    if (code.empty() || code.find_first_of("()/! ") != std::string::npos) {
        throw CliError(fmt::format(
            "\"{}\" is no command; write 1.8.0 to read, 0.9.1=120000 to write, or R1:1.8.0() as it goes out", text));
    }
    if (equals == std::string::npos) return {text, 'R', '1', code + "()"};
    return {text, 'W', '1', fmt::format("{}({})", code, text.substr(equals + 1))};
}

/// Without its line's end. Empty: none was wanted.
std::string password_from(const ProgramOptions& options) {
    std::string password;
    if (!options.password_file.empty()) {
        password = read_private_file(options.password_file, "password file", "write the password into it, mode 0600");
    } else if (options.ask_password) {
        password = ask("the password", true);
    } else {
        return {};
    }
    password.erase(std::min(password.find_first_of("\r\n"), password.size()));
    if (password.empty() || password.find_first_of("()") != std::string::npos) {
        throw CliError("the password is empty, or has a parenthesis, which cannot be sent");
    }
    return password;
}

int run_program(const ProgramOptions& options) {
    const Address address = parse_iec_address(options.address);
    std::vector<ProgramCommand> commands;
    for (const std::string& text : options.commands) commands.push_back(parse_program_command(text));
    const std::string password = password_from(options);

    const std::chrono::milliseconds timeout(static_cast<std::int64_t>(std::llround(options.timeout_s * 1000)));
    const auto channel = open_channel(address, timeout);
    ProgrammingSession session(*channel, address, timeout);
    if (!password.empty()) {
        const ProgrammingAnswer answer = session.command('P', '1', "(" + password + ")");
        if (!answer.error.empty()) {
            session.sign_off();
            throw CliError(
                fmt::format("the meter refuses the password ({}); several wrong ones lock it", answer.error));
        }
    }
    nlohmann::ordered_json report{{"address", address.text()},
                                  {"manufacturer", session.manufacturer()},
                                  {"identification", session.identification()},
                                  {"commands", nlohmann::ordered_json::array()}};
    std::vector<std::string> refused;
    for (const ProgramCommand& command : commands) {
        const ProgrammingAnswer answer = session.command(command.type, command.digit, command.operand);
        nlohmann::ordered_json item{{"command", command.text}};
        if (!answer.error.empty()) {
            item["error"] = answer.error;
            refused.push_back(fmt::format("{} was refused: {}", command.text, explain_error(answer.error)));
        }
        for (const ReadoutValue& value : answer.values) {
            nlohmann::ordered_json data{{"address", value.address}, {"value", value.value}};
            if (!value.unit.empty()) data["unit"] = value.unit;
            item["data"].push_back(std::move(data));
            if (options.json) continue;
            fmt::print("{:<10}{:<40}{}{}\n", value.address, name_of_code(value.address), value.value,
                       value.unit.empty() ? "" : " " + value.unit);
        }
        const bool obeyed = answer.error.empty() && command.type != 'R';
        if (obeyed && !options.json) fmt::print("{} done\n", command.text);
        report["commands"].push_back(std::move(item));
    }
    session.sign_off();
    if (options.json) fmt::print("{}\n", report.dump(2, ' ', false, nlohmann::json::error_handler_t::replace));
    if (!refused.empty()) throw CliError(fmt::format("{}", fmt::join(refused, "; ")));
    return 0;
}

}  // namespace

void add_program(CLI::App& app, int& exit_status) {
    CLI::App* const verb =
        app.add_subcommand("program", "Read and set single values by IEC 62056-21, mode C, with a password");
    const auto options = std::make_shared<ProgramOptions>();
    verb->add_option("address", options->address, "Where the meter is: optical:///dev/ttyUSB0, or a pseudo-terminal")
        ->required()
        ->type_name("ADDRESS");
    verb->add_option("commands", options->commands,
                     "1.8.0 reads (R1), 0.9.1=120000 writes (W1); R1:1.8.0(), W1:0.9.1(120000), E2:… as they go out")
        ->required()
        ->type_name("COMMAND");
    CLI::Option* const file = verb->add_option("--password-file", options->password_file,
                                               "File with the password, which only you may read (mode 0600)")
                                  ->type_name("FILE");
    verb->add_flag("--password", options->ask_password, "Ask for the password on the terminal")->excludes(file);
    verb->add_option("--timeout", options->timeout_s, "Seconds to wait for each answer")
        ->capture_default_str()
        ->check(number(0.1, 600))
        ->type_name("S");
    verb->add_flag("--json", options->json, "Report as JSON");
    verb->footer(
        "Examples:\n"
        "  ferraris program optical:///dev/ttyUSB0 --password-file reader.txt 1.8.0 32.7.0\n"
        "  ferraris program optical:///dev/ttyUSB0 --password 0.9.1=120000 0.9.2=260704");
    verb->callback([options, &exit_status] { exit_status = run_program(*options); });
}

}  // namespace ferraris::cli
