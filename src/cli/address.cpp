#include "cli/address.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <charconv>

#include "cli/error.hpp"

namespace ferraris::cli {
namespace {

struct Scheme {
    std::string_view name;
    Transport transport;
    std::uint16_t default_port;
};
constexpr std::array<Scheme, 7> kSchemes{{
    {"tcp", Transport::tcp_wrapper, kWrapperPort},
    {"udp", Transport::udp_wrapper, kWrapperPort},
    {"hdlc+tcp", Transport::tcp_hdlc, kHdlcPort},
    {"hdlc+udp", Transport::udp_hdlc, kHdlcPort},
    {"hdlc+serial", Transport::serial_hdlc, 0},
    {"optical", Transport::optical, 0},
    {"iec+serial", Transport::serial_iec, 0},
}};
constexpr std::array<std::uint32_t, 10> kBaudRates{300, 600, 1200, 2400, 4800, 9600, 19200, 38400, 57600, 115200};

[[noreturn]] void refuse(std::string_view text, const std::string& why) {
    throw CliError(
        fmt::format("\"{}\" is no address: {}; write tcp://HOST:PORT, udp://HOST:PORT, hdlc+tcp://HOST:PORT, "
                    "hdlc+udp://HOST:PORT, hdlc+serial:///DEVICE?baud=9600, optical:///DEVICE or iec+serial:///DEVICE",
                    text, why));
}

std::uint32_t number(std::string_view text, std::string_view digits, std::string_view what, std::uint32_t least,
                     std::uint32_t most) {
    std::uint32_t value = 0;
    const auto [end, error] = std::from_chars(digits.data(), digits.data() + digits.size(), value);
    if (error != std::errc() || end != digits.data() + digits.size() || value < least || value > most) {
        refuse(text, fmt::format("{} is a number from {} to {}, not \"{}\"", what, least, most, digits));
    }
    return value;
}

void take_parameter(std::string_view text, std::string_view parameter, Address& address) {
    const std::size_t equals = parameter.find('=');
    const std::string_view name = parameter.substr(0, equals);
    const std::string_view value = equals == std::string_view::npos ? std::string_view{} : parameter.substr(equals + 1);
    const bool serial = address.serial() && !address.signs_on();
    // Where there is a sign-on, it begins at 300 Bd, but on RS485.
    if (name == "server" && address.transport != Transport::serial_iec) {
        address.server_sap =
            static_cast<std::uint16_t>(number(text, value, "server", 1, address.hdlc() ? 16383 : 65535));
    } else if (name == "physical" && address.hdlc()) {
        address.physical = static_cast<std::uint16_t>(number(text, value, "physical", 1, 16383));
    } else if (name == "address-size" && address.hdlc()) {
        if (value != "1" && value != "2" && value != "4") refuse(text, "address-size is 1, 2 or 4");
        address.address_size = static_cast<std::uint8_t>(value.front() - '0');
    } else if (name == "baud" && address.serial()) {
        address.baud = number(text, value, "baud", 300, 115200);
        if (std::ranges::find(kBaudRates, address.baud) == kBaudRates.end()) {
            refuse(text, fmt::format("baud is one of {}", fmt::join(kBaudRates, ", ")));
        }
    } else if (name == "device" && address.signs_on()) {
        if (value.empty() || value.size() > 32) refuse(text, "device is an address of 1 to 32 characters");
        address.device = value;
    } else if (name == "line" && serial) {
        if (value != "8N1" && value != "7E1") refuse(text, "line is 8N1 or 7E1");
        address.line = value;
    } else {
        refuse(text, fmt::format("it has no parameter \"{}\"", name));
    }
}

void check_hdlc_address(std::string_view text, const Address& address) {
    if (!address.hdlc() || address.address_size == 0) return;
    const std::uint32_t largest = address.address_size == 4 ? 16383 : 127;
    if (address.address_size == 1 && address.physical != 0) {
        refuse(text, "an address of 1 octet has no room for physical=");
    }
    if (address.server_sap > largest || address.physical > largest) {
        refuse(text, fmt::format("server and physical are at most {} with address-size={}", largest,
                                 static_cast<int>(address.address_size)));
    }
}

void take_host_and_port(std::string_view text, std::string_view rest, const Scheme& scheme, Address& address) {
    std::string_view host = rest;
    std::string_view port;
    if (rest.starts_with('[')) {
        const std::size_t close = rest.find(']');
        if (close == std::string_view::npos) refuse(text, "the bracket of the IPv6 address is not closed");
        host = rest.substr(1, close - 1);
        const std::string_view tail = rest.substr(close + 1);
        if (!tail.empty() && tail.front() != ':') refuse(text, "after the bracket comes :PORT");
        if (!tail.empty()) port = tail.substr(1);
        if (!tail.empty() && port.empty()) refuse(text, "the port is missing after the colon");
    } else if (const std::size_t colon = rest.find(':'); colon != std::string_view::npos) {
        if (rest.find(':', colon + 1) != std::string_view::npos) {
            refuse(text, "write an IPv6 address in brackets, [::1]:4059");
        }
        host = rest.substr(0, colon);
        port = rest.substr(colon + 1);
        if (port.empty()) refuse(text, "the port is missing after the colon");
    }
    if (host.empty()) refuse(text, "the host is missing");
    address.host = host;
    address.port =
        port.empty() ? scheme.default_port : static_cast<std::uint16_t>(number(text, port, "the port", 1, 65535));
}

}  // namespace

Address parse_address(std::string_view text) {
    const std::size_t colon = text.find("://");
    if (colon == std::string_view::npos)
        refuse(text, "it does not start with tcp://, udp:// or another way to reach a meter");
    const auto* const scheme = std::ranges::find(kSchemes, text.substr(0, colon), &Scheme::name);
    if (scheme == kSchemes.end())
        refuse(text, fmt::format("\"{}\" is no known way to reach a meter", text.substr(0, colon)));

    Address address;
    address.transport = scheme->transport;
    if (address.signs_on()) address.baud = 300;
    std::string_view rest = text.substr(colon + 3);
    std::string_view parameters;
    if (const std::size_t question = rest.find('?'); question != std::string_view::npos) {
        parameters = rest.substr(question + 1);
        rest = rest.substr(0, question);
    }
    if (address.serial()) {
        if (rest.empty() || rest.front() != '/')
            refuse(text, fmt::format("the device is missing, as in {}:///dev/ttyUSB0", scheme->name));
        address.host = rest;
    } else {
        while (rest.ends_with('/')) rest.remove_suffix(1);
        take_host_and_port(text, rest, *scheme, address);
    }
    while (!parameters.empty()) {
        const std::size_t end = parameters.find('&');
        take_parameter(text, parameters.substr(0, end), address);
        parameters = end == std::string_view::npos ? std::string_view{} : parameters.substr(end + 1);
    }
    check_hdlc_address(text, address);
    return address;
}

std::string Address::text() const {
    const auto* const scheme = std::ranges::find(kSchemes, transport, &Scheme::transport);
    std::string result = fmt::format("{}://", scheme->name);
    const bool ipv6 = host.find(':') != std::string::npos;
    result += ipv6 ? fmt::format("[{}]", host) : host;
    if (!serial()) result += fmt::format(":{}", port);
    std::string parameters;
    const auto add = [&parameters](const std::string& parameter) {
        parameters += (parameters.empty() ? "?" : "&") + parameter;
    };
    if (serial() && !(signs_on() && baud == 300)) add(fmt::format("baud={}", baud));
    if (!device.empty()) add(fmt::format("device={}", device));
    if (serial() && line != "8N1") add(fmt::format("line={}", line));
    if (server_sap != 1) add(fmt::format("server={}", server_sap));
    if (physical != 0) add(fmt::format("physical={}", physical));
    if (address_size != 0) add(fmt::format("address-size={}", static_cast<int>(address_size)));
    return result + parameters;
}

}  // namespace ferraris::cli
