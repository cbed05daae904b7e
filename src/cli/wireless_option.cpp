#include "cli/wireless_option.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <boost/asio/ip/address.hpp>
#include <charconv>
#include <optional>
#include <string_view>

#include "cli/error.hpp"

namespace ferraris::cli {
namespace {

using meter::RadioFormat;
using twin::RadioDestination;

template <class T>
struct Word {
    std::string_view word;
    T meaning;
};
constexpr std::array<Word<RadioFormat>, 3> kModes{
    {{"c1", RadioFormat::c1_format_a}, {"c1b", RadioFormat::c1_format_b}, {"t1", RadioFormat::t1}}};
constexpr std::array<Word<mbus::Security>, 3> kSecurities{
    {{"none", mbus::Security::none}, {"5", mbus::Security::mode_5}, {"7", mbus::Security::mode_7}}};

template <class T, std::size_t N>
bool take_word(const std::array<Word<T>, N>& words, std::string_view text, T& meaning) {
    const auto found = std::ranges::find(words, text, &Word<T>::word);
    if (found == words.end()) return false;
    meaning = found->meaning;
    return true;
}

template <class T>
bool take_number(std::string_view text, T& number) {
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
    return error == std::errc() && end == text.data() + text.size();
}

bool take_destination(std::string_view text, RadioDestination& destination) {
    constexpr std::string_view kFile = "file:";
    constexpr std::string_view kUdp = "udp://";
    if (text == "hex") return true;
    if (text.starts_with(kFile)) {
        destination.kind = RadioDestination::Kind::file;
        destination.name = text.substr(kFile.size());
        return !destination.name.empty();
    }
    if (!text.starts_with(kUdp)) return false;
    text.remove_prefix(kUdp.size());
    const std::size_t colon = text.rfind(':');
    if (colon == std::string_view::npos) return false;
    std::string_view host = text.substr(0, colon);
    if (host.starts_with('[') && host.ends_with(']')) host = host.substr(1, host.size() - 2);
    destination.kind = RadioDestination::Kind::udp;
    destination.name = host;
    boost::system::error_code no_address;
    (void)boost::asio::ip::make_address(destination.name, no_address);
    return !no_address && take_number(text.substr(colon + 1), destination.port) && destination.port != 0;
}

bool take_parameter(std::string_view parameter, WirelessOption& option) {
    const std::size_t equals = parameter.find('=');
    const std::string_view name = parameter.substr(0, equals);
    const std::string_view value = equals == std::string_view::npos ? "" : parameter.substr(equals + 1);
    if (parameter == "chips") return option.destination.chips = true;
    if (name == "mode") return take_word(kModes, value, option.setup.format);
    if (name == "security") return take_word(kSecurities, value, option.setup.security);
    return name == "interval" && take_number(value, option.setup.interval_s);
}

}  // namespace

WirelessOption parse_wireless(const std::string& text) {
    WirelessOption option;
    option.setup.format = RadioFormat::c1_format_a;
    const std::size_t question = text.find('?');
    bool good = take_destination(std::string_view(text).substr(0, question), option.destination);
    std::string_view rest = question == std::string::npos ? "" : std::string_view(text).substr(question + 1);
    while (good && !rest.empty()) {
        const std::size_t end = rest.find('&');
        good = take_parameter(rest.substr(0, end), option);
        rest = end == std::string_view::npos ? std::string_view{} : rest.substr(end + 1);
    }
    good = good && option.setup.possible();
    // Datagrams carry what a receiver hands on.
    good = good && !(option.destination.chips && option.destination.kind == RadioDestination::Kind::udp);
    if (good) return option;
    throw CliError(
        fmt::format("--wireless wants hex, file:PATH or udp://127.0.0.1:PORT, and what is not default as in "
                    "?mode=t1&security=5&interval=60 (mode c1, c1b or t1; security none, 5 or 7; 2 to 3600 s; chips, "
                    "but for udp); it was given {}",
                    text));
}

}  // namespace ferraris::cli
