#include "panel/talk.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <utility>

#include "base/hex.hpp"
#include "dlms/data.hpp"
#include "dlms/date_time.hpp"

namespace ferraris::panel {
namespace {

struct PortName {
    std::string_view begin;  ///< of the names that the ports give to their peers
    TalkPort port;
    std::string_view name;
};
// Whoever comes over TCP or UDP has an address.
constexpr std::array kPorts{
    PortName{"", TalkPort::network, "network"},
    PortName{"line ", TalkPort::optical, "optical"},
    PortName{"RS485 ", TalkPort::rs485, "rs485"},
    PortName{"module port ", TalkPort::module, "module"},
};

constexpr std::size_t kMostTextCharacters = 160;
/// An answer is remembered to be told of; these are of no use for that, and would only grow.
constexpr std::size_t kMostConversations = 8;

std::string cut(std::string text) {
    if (text.size() > kMostTextCharacters) {
        text.resize(kMostTextCharacters);
        text += "...";
    }
    return text;
}

/// Control characters by their names, as the standard writes them.
std::string printable(ByteView characters) {
    constexpr std::uint8_t kSevenBits = 0x7F;
    std::string text;
    for (const std::uint8_t octet : characters) {
        const auto character = static_cast<char>(octet & kSevenBits);
        switch (character) {
            case 0x01:
                text += "<SOH>";
                break;
            case 0x02:
                text += "<STX>";
                break;
            case 0x03:
                text += "<ETX>";
                break;
            case 0x04:
                text += "<EOT>";
                break;
            case 0x06:
                text += "<ACK>";
                break;
            case 0x15:
                text += "<NAK>";
                break;
            default:
                if (character >= ' ' && character <= '~') text += character;
                break;
        }
    }
    return text;
}

bool is_text(ByteView octets) {
    return !octets.empty() && std::ranges::all_of(octets, [](std::uint8_t c) { return c >= ' ' && c <= '~'; });
}

/// What stands behind the password command P1 of IEC 62056-21 is a secret, and so is the answer to a challenge.
std::string without_secrets(std::string text) {
    constexpr std::string_view kPassword = "<SOH>P";
    const std::size_t at = text.find(kPassword);
    const std::size_t open = at == std::string::npos ? at : text.find('(', at);
    if (open != std::string::npos) text.replace(open, std::string::npos, "(...)");
    return text;
}

}  // namespace

TalkPort port_of_peer(std::string_view peer) {
    const auto* const found = std::ranges::find_if(kPorts.begin() + 1, kPorts.end(),
                                                   [&](const auto& row) { return peer.starts_with(row.begin); });
    return found == kPorts.end() ? TalkPort::network : found->port;
}

std::string_view name_of(TalkPort port) { return kPorts[static_cast<std::size_t>(port)].name; }

std::string short_value(ByteView encoded) {
    dlms::DataReader in(encoded);
    const auto element = in.any();
    if (!element) return "";
    if (const auto number = dlms::integer_of(*element)) return std::to_string(*number);
    switch (element->tag) {
        case dlms::DataTag::array:
            return fmt::format("array of {}", element->count);
        case dlms::DataTag::structure:
            return fmt::format("structure of {}", element->count);
        case dlms::DataTag::octet_string:
        case dlms::DataTag::visible_string:
        case dlms::DataTag::utf8_string:
            break;
        default:
            return "";
    }
    const ByteView octets = element->content;
    const auto time = dlms::decode_date_time(octets);
    if (octets.size() == dlms::kDateTimeSize && time) {
        return fmt::format("{:04}-{:02}-{:02} {:02}:{:02}:{:02}", time->date.year, time->date.month,
                           time->date.day_of_month, time->time.hour, time->time.minute, time->time.second);
    }
    if (is_text(octets)) return fmt::format("\"{}\"", std::string(octets.begin(), octets.end()));
    return to_hex(octets);
}

void Talk::hear(const twin::Heard& heard) {
    using What = twin::Heard::What;
    if (!heard.peer.empty()) {
        if (heard.peer != peer_) flush_characters();
        peer_ = heard.peer;
        port_ = port_of_peer(heard.peer);
    }
    switch (heard.what) {
        case What::request:
            return apdu(heard, TalkLine::From::client);
        case What::answer:
            return apdu(heard, TalkLine::From::meter);
        case What::characters_in:
            return characters(heard, TalkLine::From::client);
        case What::characters_out:
            return characters(heard, TalkLine::From::meter);
        case What::access: {
            const std::string value = short_value(heard.octets);
            std::string text(heard.text);
            if (!value.empty()) text += ": " + value;
            return sink_({port_, TalkLine::From::inside, peer_, cut(std::move(text)), 0});
        }
    }
}

// Only its first line: what is ciphered stays so, and no secret is in it.
void Talk::apdu(const twin::Heard& heard, TalkLine::From from) {
    flush_characters();
    if (link_.conversations.size() > kMostConversations) link_ = {};
    std::string text;
    const decode::Toolbox tools{no_keys_, nullptr};
    (void)decode::explain_message(tools, link_, heard.octets, "apdu", 0, "", true, [&](decode::Item&& item) {
        text = std::string(item.node.name);
        if (!item.node.value.empty()) text += ": " + item.node.value;
        if (!item.node.meaning.empty()) text += (item.node.value.empty() ? ": " : " ") + item.node.meaning;
    });
    if (text.empty()) text = "no APDU";
    sink_({port_, from, peer_, cut(std::move(text)), heard.octets.size()});
}

void Talk::characters(const twin::Heard& heard, TalkLine::From from) {
    if (pending_.from != from) flush_characters();
    pending_.port = port_;
    pending_.from = from;
    pending_.peer = peer_;
    for (const std::uint8_t octet : heard.octets) {
        ++pending_.octets;
        if (pending_.text.size() < kMostTextCharacters) pending_.text += printable({&octet, 1});
        if ((octet & 0x7FU) == '\n') flush_characters();
        pending_.from = from;
        pending_.port = port_;
        pending_.peer = peer_;
    }
}

void Talk::flush_characters() {
    TalkLine line = std::exchange(pending_, {});
    line.text = without_secrets(std::move(line.text));
    if (!line.text.empty()) sink_(line);
}

}  // namespace ferraris::panel
