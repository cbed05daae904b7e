#include "cli/readout.hpp"

#include <fmt/format.h>

#include <CLI/App.hpp>
#include <CLI/Config.hpp>
#include <CLI/Formatter.hpp>
#include <algorithm>
#include <cmath>
#include <nlohmann/json.hpp>

#include "cli/channel.hpp"
#include "cli/error.hpp"
#include "cli/number_option.hpp"
#include "cli/obis.hpp"
#include "cli/sign_on.hpp"
#include "decode/names.hpp"

namespace ferraris::cli {
namespace {

/// Without what a short code leaves out: `1-0:` in front and `*255` behind.
std::string short_code(std::string code) {
    if (code.starts_with("1-0:") || code.starts_with("0-0:")) code.erase(0, 4);
    if (const std::size_t star = code.find("*255"); star != std::string::npos) code.erase(star);
    if (code.starts_with("96.")) code.replace(0, 2, "C");
    return code;
}

std::string csv_cell(const std::string& text) {
    if (text.find_first_of(",\"\n") == std::string::npos) return text;
    std::string result = "\"";
    for (const char c : text) result += c == '"' ? std::string("\"\"") : std::string(1, c);
    return result + "\"";
}

struct ReadoutOptions {
    std::string address;
    std::vector<std::string> codes;
    double timeout_s{10};
    bool json{false};
    bool csv{false};
};

}  // namespace

std::string name_of_code(const std::string& code) {
    if (code == "0.9.1") return "Time of day";
    if (code == "0.9.2") return "Date";
    std::string full = code.starts_with("C.") ? "0-0:96" + code.substr(1) : code;
    if (full.find(':') == std::string::npos) full = "1-0:" + full;
    const auto name = parse_obis(full);
    return name ? decode::object_name(*name) : std::string{};
}

int run_readout(const Address& address, double timeout_s, const std::vector<std::string>& wanted, ReadoutForm form) {
    const std::chrono::milliseconds timeout(static_cast<std::int64_t>(std::llround(timeout_s * 1000)));
    const auto channel = open_channel(address, timeout);
    Readout readout = read_out(*channel, address, timeout);
    for (const std::string& code : wanted) {
        const bool there = std::ranges::any_of(readout.values, [&code](const ReadoutValue& value) {
            return short_code(value.address) == short_code(code);
        });
        if (!there) {
            throw CliError(
                fmt::format("the readout has no {}; `ferraris readout {}` shows what it has", code, address.text()));
        }
    }
    if (!wanted.empty()) {
        std::erase_if(readout.values, [&wanted](const ReadoutValue& value) {
            return std::ranges::none_of(
                wanted, [&value](const std::string& code) { return short_code(value.address) == short_code(code); });
        });
    }
    if (form == ReadoutForm::json) {
        nlohmann::ordered_json report{{"address", address.text()},
                                      {"manufacturer", readout.manufacturer},
                                      {"identification", readout.identification},
                                      {"baud", readout.baud},
                                      {"data", nlohmann::ordered_json::array()}};
        for (const ReadoutValue& value : readout.values) {
            nlohmann::ordered_json item{{"address", value.address}, {"value", value.value}};
            if (!value.unit.empty()) item["unit"] = value.unit;
            if (const std::string name = name_of_code(value.address); !name.empty()) item["name"] = name;
            report["data"].push_back(std::move(item));
        }
        fmt::print("{}\n", report.dump(2, ' ', false, nlohmann::json::error_handler_t::replace));
        return 0;
    }
    if (form == ReadoutForm::csv) {
        fmt::print("address,name,value,unit\n");
        for (const ReadoutValue& value : readout.values) {
            fmt::print("{},{},{},{}\n", csv_cell(value.address), csv_cell(name_of_code(value.address)),
                       csv_cell(value.value), csv_cell(value.unit));
        }
        return 0;
    }
    if (wanted.empty()) {
        fmt::print("{} {}, {} Bd\n", readout.manufacturer, readout.identification, readout.baud);
    }
    for (const ReadoutValue& value : readout.values) {
        fmt::print("{:<10}{:<40}{}{}\n", value.address, name_of_code(value.address), value.value,
                   value.unit.empty() ? "" : " " + value.unit);
    }
    return 0;
}

Address parse_iec_address(const std::string& text) {
    Address address = parse_address(text);
    if (!address.signs_on()) {
        throw CliError(fmt::format(
            "{} has no sign-on of IEC 62056-21; write optical:///dev/ttyUSB0, or iec+serial:///dev/ttyUSB0?baud=9600",
            text));
    }
    address.transport = Transport::serial_iec;
    return address;
}

void add_readout(CLI::App& app, int& exit_status) {
    CLI::App* const verb =
        app.add_subcommand("readout", "The data readout of a meter's optical port: IEC 62056-21, mode C");
    const auto options = std::make_shared<ReadoutOptions>();
    verb->add_option(
            "address", options->address,
            "Where it is: optical:///dev/ttyUSB0, a pseudo-terminal, or on RS485 iec+serial:///DEVICE?baud=9600")
        ->required()
        ->type_name("ADDRESS");
    verb->add_option("codes", options->codes, "What to show, as 1.8.0; nothing: all of it")->type_name("CODE");
    verb->add_option("--timeout", options->timeout_s, "Seconds to wait for each answer")
        ->capture_default_str()
        ->check(number(0.1, 600))
        ->type_name("S");
    CLI::Option* const csv = verb->add_flag("--csv", options->csv, "Comma-separated values");
    verb->add_flag("--json", options->json, "Report as JSON")->excludes(csv);
    verb->footer(
        "Examples:\n"
        "  ferraris readout optical:///dev/ttyUSB0\n"
        "  ferraris readout optical:///dev/ttyUSB0 1.8.0 2.8.0 --csv");
    verb->callback([options, &exit_status] {
        const ReadoutForm form = options->json  ? ReadoutForm::json
                                 : options->csv ? ReadoutForm::csv
                                                : ReadoutForm::text;
        exit_status = run_readout(parse_iec_address(options->address), options->timeout_s, options->codes, form);
    });
}

}  // namespace ferraris::cli
