#include "cli/readout.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <nlohmann/json.hpp>

#include "cli/channel.hpp"
#include "cli/error.hpp"
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

/// What DLMS calls an object with this code; empty when nothing is known of it.
std::string name_of_code(const std::string& code) {
    if (code == "0.9.1") return "Time of day";
    if (code == "0.9.2") return "Date";
    std::string full = code.starts_with("C.") ? "0-0:96" + code.substr(1) : code;
    if (full.find(':') == std::string::npos) full = "1-0:" + full;
    const auto name = parse_obis(full);
    return name ? decode::object_name(*name) : std::string{};
}

}  // namespace

int run_readout(const Address& address, double timeout_s, const std::vector<std::string>& wanted, bool json) {
    const std::chrono::milliseconds timeout(static_cast<std::int64_t>(std::llround(timeout_s * 1000)));
    const auto channel = open_channel(address, timeout);
    Readout readout = read_out(*channel, address, timeout);
    for (const std::string& code : wanted) {
        const bool there = std::ranges::any_of(readout.values, [&code](const ReadoutValue& value) {
            return short_code(value.address) == short_code(code);
        });
        if (!there) {
            throw CliError(
                fmt::format("the readout has no {}; `ferraris read {}` shows what it has", code, address.text()));
        }
    }
    if (!wanted.empty()) {
        std::erase_if(readout.values, [&wanted](const ReadoutValue& value) {
            return std::ranges::none_of(
                wanted, [&value](const std::string& code) { return short_code(value.address) == short_code(code); });
        });
    }
    if (json) {
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
    if (wanted.empty()) {
        fmt::print("{} {}, {} Bd\n", readout.manufacturer, readout.identification, readout.baud);
    }
    for (const ReadoutValue& value : readout.values) {
        fmt::print("{:<10}{:<40}{}{}\n", value.address, name_of_code(value.address), value.value,
                   value.unit.empty() ? "" : " " + value.unit);
    }
    return 0;
}

}  // namespace ferraris::cli
