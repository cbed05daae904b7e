#include "cli/meter_lines.hpp"

#include <fmt/format.h>

#include <CLI/App.hpp>
#include <CLI/Config.hpp>
#include <CLI/Formatter.hpp>
#include <algorithm>
#include <array>
#include <charconv>
#include <filesystem>
#include <optional>
#include <string_view>

#include "cli/error.hpp"
#include "meter/instrument.hpp"
#include "twin/ports.hpp"

namespace ferraris::cli {
namespace {

using meter::Port;

struct LineOption {
    std::string device;
    twin::HdlcLineSettings settings{};
};

struct LineParameter {
    std::string_view name;
    std::uint32_t least;
    std::uint32_t most;
    std::optional<std::uint32_t> twin::HdlcLineSettings::*value;
};
constexpr std::array<LineParameter, 4> kLineParameters{{
    {"baud=", 300, 115200, &twin::HdlcLineSettings::baud},
    {"address=", meter::kLeastDeviceAddress, meter::kGreatestDeviceAddress, &twin::HdlcLineSettings::device_address},
    {"inter-octet-timeout=", 20, 6000, &twin::HdlcLineSettings::inter_octet_timeout_ms},
    {"inactivity-timeout=", 0, 3600, &twin::HdlcLineSettings::inactivity_timeout_s},
}};

bool take_line_parameter(std::string_view one, twin::HdlcLineSettings& settings) {
    if (one == "fast") {
        settings.fast = true;
        return true;
    }
    const auto* const found = std::ranges::find_if(
        kLineParameters, [one](const LineParameter& parameter) { return one.starts_with(parameter.name); });
    if (found == kLineParameters.end()) return false;
    const std::string_view digits = one.substr(found->name.size());
    std::uint32_t value = 0;
    const auto [end, error] = std::from_chars(digits.data(), digits.data() + digits.size(), value);
    if (error != std::errc() || end != digits.data() + digits.size()) return false;
    settings.*(found->value) = value;
    return value >= found->least && value <= found->most;
}

LineOption parse_line(std::string_view option, const std::string& text, Port port) {
    const std::size_t question = text.find('?');
    LineOption line{text.substr(0, question)};
    line.settings.port = port;
    std::string_view rest = question == std::string::npos ? "" : std::string_view(text).substr(question + 1);
    bool good = !line.device.empty();
    while (good && !rest.empty()) {
        const std::string_view one = rest.substr(0, rest.find('&'));
        rest = one.size() == rest.size() ? std::string_view{} : rest.substr(one.size() + 1);
        good = take_line_parameter(one, line.settings);
    }
    if (good) return line;
    throw CliError(
        fmt::format("{} wants pty, a name for a pseudo-terminal, or a device such as /dev/ttyUSB0?baud=9600 (300 to "
                    "115200), &address=17 (16 to 16381), &inter-octet-timeout=25 (20 to 6000 ms), "
                    "&inactivity-timeout=120 (0 to 3600 s), &fast; it was given {}",
                    option, text));
}

struct KindName {
    std::string_view name;
    meter::SubMeterKind kind;
};
constexpr std::array<KindName, 4> kKindNames{{
    {"electricity", meter::SubMeterKind::electricity},
    {"water", meter::SubMeterKind::water},
    {"heat", meter::SubMeterKind::heat},
    {"gas", meter::SubMeterKind::gas},
}};

std::string open_line(twin::Ports& ports, const LineOption& line, bool signs_on, const std::string& serial_number) {
    if (line.settings.port == Port::rs485) return ports.open_rs485(line.device, line.settings, serial_number);
    if (signs_on) return ports.open_local(line.device, line.settings, serial_number);
    return ports.open_serial(line.device, line.settings);
}

std::string absolute(const std::string& path) { return std::filesystem::absolute(path).lexically_normal().string(); }

}  // namespace

void add_line_options(CLI::App& verb, LineOptions& options) {
    verb.add_option(
            "--optical", options.optical,
            "Optical port: IEC 62056-21 from 300 Bd on, modes C and E; on a serial device, on a pseudo-terminal "
            "of the name PATH, or of no name: pty. It keeps to its speed; PATH?fast does not")
        ->type_name("PATH");
    verb.add_option("--rs485", options.rs485, "RS485: HDLC and IEC 62056-21, mode C, as a reader begins")
        ->type_name("PATH");
    verb.add_option("--sub-meter", options.sub_meters,
                    "A device on RS485 behind the meter, by its HDLC address, which clients reach with --gateway "
                    "0:ADDRESS; kept in --state. KIND is electricity, water, heat or gas")
        ->type_name("KIND@ADDRESS");
    verb.add_option("--module", options.module, "Port of the communication module: HDLC")->type_name("PATH");
    verb.add_option("--serial-line", options.serial, "Another line with HDLC, as /dev/ttyUSB0?baud=9600")
        ->type_name("PATH");
}

meter::SubMeterList sub_meters_of(const LineOptions& options) {
    meter::SubMeterList list;
    for (const std::string& text : options.sub_meters) {
        const std::size_t at = text.find('@');
        const auto* const kind = std::ranges::find(kKindNames, text.substr(0, at), &KindName::name);
        const std::string_view digits = at == std::string::npos ? "" : std::string_view(text).substr(at + 1);
        std::uint16_t address = 0;
        const auto [end, error] = std::from_chars(digits.data(), digits.data() + digits.size(), address);
        const bool good = kind != kKindNames.end() && error == std::errc() && end == digits.data() + digits.size() &&
                          list.push_back({kind->kind, address}) && meter::SubMeters::possible(list);
        if (good) continue;
        throw CliError(fmt::format(
            "--sub-meter wants KIND@ADDRESS, electricity, water, heat or gas and an HDLC address from {} to {}, each "
            "address once and {} at most; it was given {}",
            meter::kLeastDeviceAddress, meter::kGreatestDeviceAddress, meter::kMaxSubMeters, text));
    }
    return list;
}

std::vector<std::string> open_lines(twin::Ports& ports, const LineOptions& options, const meter::Instrument& meter) {
    struct Kind {
        std::string_view option;
        const std::vector<std::string>& wanted;
        Port port;
        bool signs_on;
    };
    const std::array kinds{
        Kind{"--serial-line", options.serial, Port::optical, false},
        Kind{"--optical", options.optical, Port::optical, true},
        Kind{"--rs485", options.rs485, Port::rs485, true},
        Kind{"--module", options.module, Port::module, false},
    };
    const auto& number = meter.identity.serial_number;
    std::vector<std::string> addresses;
    for (const Kind& kind : kinds) {
        const meter::HdlcSetup& hdlc = meter.ports.hdlc_of(kind.port);
        for (const std::string& text : kind.wanted) {
            const LineOption line = parse_line(kind.option, text, kind.port);
            const std::uint32_t address = line.settings.device_address.value_or(hdlc.device_address);
            const std::string path = absolute(open_line(ports, line, kind.signs_on, {number.begin(), number.end()}));
            if (kind.signs_on && kind.port == Port::optical) {
                addresses.push_back(fmt::format("optical://{}?physical={}", path, address));
                continue;
            }
            const std::uint32_t rest = kind.signs_on ? meter.ports.local_of(kind.port).baud() : hdlc.baud();
            addresses.push_back(
                fmt::format("hdlc+serial://{}?baud={}&physical={}", path, line.settings.baud.value_or(rest), address));
        }
    }
    return addresses;
}

}  // namespace ferraris::cli
