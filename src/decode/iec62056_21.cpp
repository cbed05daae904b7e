/// Messages of IEC 62056-21: sign-on, identification, option select, commands, data blocks.
#include <fmt/format.h>

#include <algorithm>
#include <bit>
#include <optional>

#include "base/hex.hpp"
#include "decode/data.hpp"
#include "decode/frames.hpp"
#include "decode/names.hpp"

namespace ferraris::decode {
namespace {

constexpr std::uint8_t kSoh = 0x01;
constexpr std::uint8_t kStx = 0x02;
constexpr std::uint8_t kEtx = 0x03;
constexpr std::uint8_t kEot = 0x04;
constexpr std::uint8_t kAck = 0x06;
constexpr std::uint8_t kNak = 0x15;
constexpr std::uint8_t kCr = 0x0D;
constexpr std::uint8_t kLf = 0x0A;
constexpr std::size_t kMaxLine = 64;
constexpr std::size_t kMaxBlock = std::size_t{1} << 20U;

constexpr Term kProtocols[] = {{'0', "normal protocol"}, {'1', "secondary protocol"}, {'2', "HDLC"}};
constexpr Term kModes[] = {{'0', "data readout"}, {'1', "programming"}, {'2', "binary"}};
constexpr Term kBauds[] = {{'0', "300 Bd"},  {'1', "600 Bd"},   {'2', "1200 Bd"}, {'3', "2400 Bd"}, {'4', "4800 Bd"},
                           {'5', "9600 Bd"}, {'6', "19200 Bd"}, {'A', "600 Bd"},  {'B', "1200 Bd"}, {'C', "2400 Bd"},
                           {'D', "4800 Bd"}, {'E', "9600 Bd"},  {'F', "19200 Bd"}};
constexpr Term kCommands[] = {{'P', "password"}, {'W', "write"}, {'R', "read"}, {'E', "execute"}, {'B', "break"}};
constexpr Term kPasswordDigits[] = {
    {'0', "operand for a secure algorithm"}, {'1', "to be compared"}, {'2', "result of a secure algorithm"}};
constexpr Term kAccessDigits[] = {{'0', "reserved"},
                                  {'1', "ASCII coded"},
                                  {'2', "formatted"},
                                  {'3', "ASCII coded, in blocks"},
                                  {'4', "formatted, in blocks"},
                                  {'5', "load profile"},
                                  {'6', "load profile, in blocks"}};
constexpr Term kExecuteDigits[] = {{'2', "formatted"}};
constexpr Term kBreakDigits[] = {{'0', "complete sign-off"}, {'1', "sign-off of a battery device"}};

std::span<const Term> digits_of(std::uint8_t command) {
    switch (command) {
        case 'P':
            return kPasswordDigits;
        case 'W':
        case 'R':
            return kAccessDigits;
        case 'E':
            return kExecuteDigits;
        case 'B':
            return kBreakDigits;
        default:
            return {};
    }
}

bool is_text(std::uint8_t octet) { return (octet >= 0x20 && octet < 0x7F) || octet == kCr || octet == kLf; }

/// One printed character with what it stands for.
std::uint8_t character(Walker& in, Node& node, std::string_view name, std::span<const Term> table) {
    const ByteView octet = in.field(node, name, 1);
    if (in.failed()) return 0;
    Node& field = node.children.back();
    field.value = fmt::format("\"{}\"", static_cast<char>(octet[0]));
    if (const auto known = term(table, octet[0])) {
        field.meaning = *known;
    } else {
        field.verdict = Verdict::note;
    }
    return octet[0];
}

/// A run of characters up to, not including, the first of `ends`.
std::string_view text(Walker& in, Node& node, std::string_view name, std::string_view ends) {
    const ByteView rest = in.rest();
    const auto stop = std::ranges::find_if(
        rest, [ends](std::uint8_t c) { return ends.find(static_cast<char>(c)) != std::string_view::npos; });
    const auto count = static_cast<std::size_t>(stop - rest.begin());
    if (count == 0) return {};
    const ByteView octets = in.field(node, name, count);
    std::string_view value(reinterpret_cast<const char*>(octets.data()), octets.size());
    node.children.back().value = fmt::format("\"{}\"", value);
    return value;
}

void mark(Walker& in, Node& node, std::string_view name) { (void)in.field(node, name, 1); }

void line_end(Walker& in, Node& node) {
    std::size_t count = 0;
    while (in.peek(count) == kCr || in.peek(count) == kLf) ++count;
    if (count != 0) (void)in.field(node, "end of line", count);
}

/// CRC-16 of customer ports: polynomial x^16 + x^15 + x^2 + 1, lowest bit first, beginning with 0.
std::uint16_t crc16_arc(ByteView octets) {
    std::uint32_t crc = 0;
    for (const std::uint8_t octet : octets) {
        crc ^= octet;
        for (int bit = 0; bit < 8; ++bit) crc = (crc & 1U) != 0 ? crc >> 1U ^ 0xA001U : crc >> 1U;
    }
    return static_cast<std::uint16_t>(crc);
}

std::string address_meaning(std::string_view address) {
    // C.D.E, with A-B: in front and *F behind where they are given.
    std::uint32_t groups[6] = {1, 0, 0, 0, 0, 255};
    std::size_t at = 2;
    bool digits = false;
    std::uint32_t value = 0;
    const auto put = [&](std::size_t index) {
        if (!digits || value > 255 || index > 5) return false;
        groups[index] = value;
        value = 0;
        digits = false;
        return true;
    };
    for (const char c : address) {
        if (c >= '0' && c <= '9') {
            value = std::min<std::uint32_t>(value * 10 + static_cast<std::uint32_t>(c - '0'), 1000);
            digits = true;
        } else if (c == '-') {
            if (!put(0)) return {};
            at = 1;
        } else if (c == ':') {
            if (!put(1)) return {};
            at = 2;
        } else if (c == '.') {
            if (!put(at++)) return {};
        } else if (c == '*' || c == '&') {
            if (!put(at++)) return {};
            at = 5;
        } else {
            return {};
        }
    }
    if (!put(at)) return {};
    if (at < 3) return {};
    dlms::LogicalName name;
    for (std::size_t i = 0; i < 6; ++i) name.groups[i] = static_cast<std::uint8_t>(groups[i]);
    return object_name(name);
}

/// `address(value*unit)` and further values, one line after the other, up to the end of the block.
void data_sets(Walker& in, Node& node, std::string_view end_marks) {
    while (!in.at_end() && !in.failed() && end_marks.find(static_cast<char>(in.peek())) == std::string_view::npos) {
        if (in.peek() == '!') {
            mark(in, node, "end of the data");
            line_end(in, node);
            continue;
        }
        if (in.peek() == kCr || in.peek() == kLf) {
            line_end(in, node);
            continue;
        }
        Node set = in.open("data set");
        const std::string ends = std::string("(\r\n!") + std::string(end_marks);
        const std::string_view address = text(in, set, "address", ends);
        if (!address.empty()) {
            set.meaning = address_meaning(address);
            set.children.back().meaning = set.meaning;
            set.value = address;
        }
        if (in.peek() == '(') {
            (void)in.field(set, "opening bracket", 1);
            const std::string inside = std::string("*)\r\n") + std::string(end_marks);
            const std::string_view value = text(in, set, "value", inside);
            set.value += fmt::format("{}{}", set.value.empty() ? "" : " = ", value);
            if (in.peek() == '*') {
                mark(in, set, "separator");
                set.value += fmt::format(" {}", text(in, set, "unit", std::string(")\r\n") + std::string(end_marks)));
            }
            if (in.peek() == ')') {
                mark(in, set, "closing bracket");
            } else if (!in.at_end()) {
                set.meaning = "without its closing bracket";
                set.verdict = Verdict::note;
            }
        } else if (address.empty()) {
            in.fail("neither an address nor a value");
        }
        in.close(set);
        if (set.length != 0) node.add(std::move(set));
    }
}

void block_check(Walker& in, Node& node, ByteView over) {
    const auto check = static_cast<std::uint8_t>(in.number(node, "block check character", 1));
    if (in.failed()) return;
    node.children.back().value.clear();
    std::uint8_t right = 0;
    for (const std::uint8_t octet : over) right = static_cast<std::uint8_t>(right ^ octet);
    right &= 0x7FU;
    if ((check & 0x7FU) == right) {
        say(in, node, "right");
    } else {
        say(in, node, fmt::format("wrong: {:02X} would be right", right), Verdict::wrong);
    }
}

void end_and_check(Walker& in, Node& node, ByteView all) {
    const bool partial = in.peek() == kEot;
    mark(in, node, partial ? "EOT" : "ETX");
    if (partial) say(in, node, "more blocks follow");
    if (!in.failed()) block_check(in, node, all.subspan(1, in.position() - 1));
}

void explain_sign_on(Walker& in, Node& node) {
    mark(in, node, "start");
    if (in.peek() == '?') {
        node.name = "request message";
        mark(in, node, "transmission request");
        const std::string_view address = text(in, node, "device address", "!\r\n");
        node.value = address.empty() ? "to every device" : fmt::format("to device {}", address);
        if (in.peek() == '!') mark(in, node, "end");
    } else {
        node.name = "identification message";
        const ByteView maker = in.field(node, "manufacturer", 3);
        if (in.failed()) return;
        node.children.back().value = printable(maker).value_or("");
        say(in, node, maker[2] >= 'a' && maker[2] <= 'z' ? "reaction time 20 ms" : "reaction time 200 ms");
        const std::string maker_text(maker.begin(), maker.end());
        (void)character(in, node, "baud rate", kBauds);
        while (in.peek() == '\\' && !in.failed()) {
            const ByteView escape = in.field(node, "enhanced identification", 2);
            if (in.failed()) return;
            const bool binary = escape[1] == '2';
            node.children.back().value = printable(escape).value_or("");
            say(in, node, binary ? "mode E: can switch to HDLC" : "");
        }
        node.value = fmt::format("{} {}", maker_text, text(in, node, "identification", "\r\n"));
    }
    line_end(in, node);
}

/// Data lines right behind the identification, as on customer ports (P1): up to `!`, with a check sum behind it or not.
void explain_plain_readout(Walker& in, Node& node, ByteView all) {
    node.name = "readout";
    data_sets(in, node, "!");
    if (in.failed() || in.at_end()) return;
    mark(in, node, "end of the data");
    constexpr std::size_t kDigits = 4;
    const std::size_t checked = in.position();
    const bool summed =
        in.remaining() >= kDigits &&
        from_hex(std::string_view(reinterpret_cast<const char*>(in.rest().data()), kDigits)).has_value();
    if (summed) {
        const ByteView digits = in.field(node, "CRC", kDigits);
        const std::string sent(digits.begin(), digits.end());
        const std::string right = fmt::format("{:04X}", crc16_arc(all.first(checked)));
        node.children.back().value = sent;
        const bool good = from_hex(sent) == from_hex(right);
        say(in, node, good ? "right" : fmt::format("wrong: {} would be right", right),
            good ? Verdict::good : Verdict::wrong);
    }
    line_end(in, node);
}

void explain_selection(Walker& in, Node& node) {
    node.name = "acknowledgement and option select message";
    mark(in, node, "ACK");
    (void)character(in, node, "protocol", kProtocols);
    (void)character(in, node, "baud rate", kBauds);
    const std::uint8_t mode = character(in, node, "mode", kModes);
    if (const auto known = term(kModes, mode)) node.value = *known;
    line_end(in, node);
}

void explain_command(Walker& in, Node& node, ByteView all) {
    node.name = "programming command message";
    mark(in, node, "SOH");
    const std::uint8_t command = character(in, node, "command", kCommands);
    (void)character(in, node, "command type", digits_of(command));
    if (const auto known = term(kCommands, command)) node.value = *known;
    if (in.peek() == kStx) {
        mark(in, node, "STX");
        data_sets(in, node, "\x03\x04");
    }
    end_and_check(in, node, all);
}

void explain_data_block(Walker& in, Node& node, ByteView all) {
    node.name = "data message";
    mark(in, node, "STX");
    const ByteView rest = in.rest();
    constexpr std::uint8_t kError[] = {'(', 'E', 'R'};
    if (rest.size() >= 3 && equal(rest.first(3), kError)) node.name = "error message";
    data_sets(in, node, "\x03\x04");
    end_and_check(in, node, all);
}

/// Position of the block check behind the end mark; 0 when the end is not there yet, nothing when it is no block.
std::optional<std::size_t> block_end(ByteView octets) {
    for (std::size_t i = 1; i < octets.size() && i < kMaxBlock; ++i) {
        if (octets[i] == kEtx || octets[i] == kEot) return i + 1;
        const bool inner_stx = octets[i] == kStx && octets[0] == kSoh && i == 3;
        if (!is_text(octets[i]) && !inner_stx) return std::nullopt;
    }
    if (octets.size() >= kMaxBlock) return std::nullopt;
    return 0;
}

Recognised recognise_block(ByteView octets) {
    if (octets[0] == kSoh && octets.size() > 1 && !term(kCommands, octets[1])) return {};
    const auto end = block_end(octets);
    if (!end) return {};
    if (*end == 0) return {FrameKind::iec62056_21, octets.size() + 1, true};
    if (octets.size() <= *end) return {FrameKind::iec62056_21, *end + 1, true};
    std::uint8_t check = 0;
    for (std::size_t i = 1; i < *end; ++i) check = static_cast<std::uint8_t>(check ^ octets[i]);
    const bool damaged = (octets[*end] & 0x7FU) != (check & 0x7FU);
    // Little that happens to end like a block is none.
    if (damaged && *end < 4) return {};
    return {FrameKind::iec62056_21, *end + 1, false, damaged};
}

/// The end of a readout whose lines follow the identification without STX: behind the line that begins with `!`. 0 when
/// it is not there yet, nothing when no such lines follow.
std::optional<std::size_t> plain_readout_end(ByteView octets, std::size_t at) {
    const auto begins = [&](std::size_t i) {
        return octets[i] == kCr || octets[i] == kLf || octets[i] == '!' || octets[i] == '(' ||
               (octets[i] >= '0' && octets[i] <= '9') || octets[i] == 'C' || octets[i] == 'F' || octets[i] == 'L' ||
               octets[i] == 'P';
    };
    if (at == octets.size() || !begins(at)) return std::nullopt;
    bool last = false;
    for (std::size_t i = at; i < octets.size() && i < kMaxBlock; ++i) {
        if (!is_text(octets[i])) return std::nullopt;
        if (octets[i] == '!' && octets[i - 1] == kLf) last = true;
        if (last && octets[i] == kLf) return i + 1;
    }
    if (octets.size() >= kMaxBlock) return std::nullopt;
    return 0;
}

Recognised recognise_line(ByteView octets) {
    const bool request = octets.size() > 1 && octets[1] == '?';
    for (std::size_t i = 1; i < octets.size(); ++i) {
        if (i > kMaxLine || !is_text(octets[i])) return {};
        const bool letter = (octets[i] | 0x20U) >= 'a' && (octets[i] | 0x20U) <= 'z';
        if (!request && i < 4 && !letter) return {};
        if (octets[i] == kLf) {
            const bool whole = request ? octets[i - 1] == kCr && octets[i - 2] == '!' : i >= 6;
            if (!whole) return {};
            const auto end = request ? std::nullopt : plain_readout_end(octets, i + 1);
            if (!end) return {FrameKind::iec62056_21, i + 1};
            if (*end == 0) return {FrameKind::iec62056_21, octets.size() + 1, true};
            return {FrameKind::iec62056_21, *end};
        }
    }
    return {FrameKind::iec62056_21, octets.size() + 1, true};
}

/// ACK or NAK alone: what follows has to be the beginning of another message.
Recognised recognise_single(ByteView octets) {
    constexpr std::uint8_t kBeginnings[] = {kSoh, kStx, kAck, kNak, '/', 0x7E};
    if (octets.size() > 1 && std::ranges::find(kBeginnings, octets[1]) == std::end(kBeginnings)) return {};
    return {FrameKind::iec62056_21, 1};
}

Recognised recognise_acknowledgement(ByteView octets) {
    constexpr std::size_t kSize = 6;
    const std::uint8_t shape[] = {kAck, '0', '0', '0', kCr, kLf};
    for (std::size_t i = 1; i < octets.size() && i < kSize; ++i) {
        const bool fits = shape[i] == '0'
                              ? (octets[i] >= '0' && octets[i] <= '9') || (octets[i] >= 'A' && octets[i] <= 'F')
                              : octets[i] == shape[i];
        if (!fits) return recognise_single(octets);
    }
    return {FrameKind::iec62056_21, kSize, octets.size() < kSize};
}

bool even(std::uint8_t octet) { return std::popcount(octet) % 2 == 0; }

/// The octets up to the first one without even parity, with their parity bits taken off; nothing when none has one.
Octets without_parity(ByteView octets) {
    const auto run = octets.first(std::min(octets.size(), kMaxBlock));
    const auto end = std::ranges::find_if_not(run, even);
    if (std::none_of(run.begin(), end, [](std::uint8_t octet) { return octet >= 0x80; })) return {};
    Octets characters(run.begin(), end);
    for (std::uint8_t& octet : characters) octet &= 0x7FU;
    return characters;
}

Recognised recognise_characters(ByteView octets) {
    switch (octets[0]) {
        case '/':
            return recognise_line(octets);
        case kSoh:
        case kStx:
            return recognise_block(octets);
        case kAck:
            return recognise_acknowledgement(octets);
        default:
            return {};
    }
}

}  // namespace

Recognised recognise_iec62056_21(ByteView octets, bool certain) {
    if (certain) return {};
    const Recognised plain = recognise_characters(octets);
    constexpr std::size_t kSingle = 1;
    if (plain.kind != FrameKind::none && plain.length > kSingle) return plain;
    const Octets characters = without_parity(octets);
    if (characters.empty()) return plain;
    Recognised found = recognise_characters(characters);
    if (found.kind == FrameKind::none) return plain;
    // Where the run of even octets ends, the message has to have ended.
    if (found.more && characters.size() < octets.size()) return plain;
    return found;
}

namespace {

Node explain_characters(ByteView all, std::uint32_t buffer) {
    Walker in(all, buffer);
    Node node = in.open("IEC 62056-21 message");
    switch (in.peek()) {
        case '/':
            explain_sign_on(in, node);
            if (!in.at_end()) explain_plain_readout(in, node, all);
            break;
        case kSoh:
            explain_command(in, node, all);
            break;
        case kStx:
            explain_data_block(in, node, all);
            break;
        case kAck:
            if (all.size() > 1) {
                explain_selection(in, node);
            } else {
                mark(in, node, "ACK");
            }
            break;
        case kNak:
            mark(in, node, "NAK");
            break;
        default:
            in.fail("no message of IEC 62056-21");
            break;
    }
    in.finish(node, "octets behind the message");
    node.length = 0;
    in.close(node);
    return node;
}

}  // namespace

void explain_iec62056_21(Item& item) {
    const Octets& came = item.buffers[0].octets;
    Octets characters = without_parity(came);
    if (characters.size() != came.size()) {
        item.node = explain_characters(came, 0);
        return;
    }
    item.node.name = "characters with parity bits";
    item.node.length = static_cast<std::uint32_t>(came.size());
    item.node.meaning = "7 data bits, even parity";
    item.buffers.push_back({"without parity bits", 0, std::move(characters)});
    item.node.add(explain_characters(item.buffers[1].octets, 1));
}

}  // namespace ferraris::decode
