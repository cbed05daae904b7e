#include "dlms/iec62056_21/messages.hpp"

#include <algorithm>

namespace ferraris::dlms::iec62056_21 {

namespace {

constexpr std::string_view kErrorNames[] = {"none",         "bad parity",         "bad block check", "too long",
                                            "bad request",  "bad identification", "bad selection",   "bad command",
                                            "bad data set", "interrupted"};

void write_line_end(ByteWriter& out) {
    out.u8(kCarriageReturn);
    out.u8(kLineFeed);
}

ByteView without_leading_zeros(ByteView address) {
    const auto first = std::ranges::find_if(address, [](std::uint8_t character) { return character != '0'; });
    return address.subspan(static_cast<std::size_t>(first - address.begin()));
}

constexpr bool is_printable(std::uint8_t character) { return character >= 0x20 && character < 0x7F; }

}  // namespace

std::string_view name_of(MessageError error) { return kErrorNames[static_cast<std::size_t>(error)]; }

Result<ByteView, MessageError> parse_request(ByteView line) {
    const bool framed = line.size() >= 3 && line[0] == '/' && line[1] == '?' && line.back() == '!';
    if (!framed || !std::ranges::all_of(line, is_printable)) return Error(MessageError::bad_request);
    const ByteView address = line.subspan(2, line.size() - 3);
    if (address.size() > kMaxDeviceAddress) return Error(MessageError::too_long);
    return address;
}

void write_request(ByteView address, ByteWriter& out) {
    out.put(text_of("/?"));
    out.put(address);
    out.u8('!');
    write_line_end(out);
}

bool is_addressed(ByteView asked, ByteView own) {
    return asked.empty() || equal(without_leading_zeros(asked), without_leading_zeros(own));
}

Result<Identification, MessageError> parse_identification(ByteView line) {
    if (line.size() < 5 || line[0] != '/' || !std::ranges::all_of(line, is_printable)) {
        return Error(MessageError::bad_identification);
    }
    Identification identification;
    std::copy_n(line.begin() + 1, 3, identification.manufacturer.begin());
    const auto is_letter = [](std::uint8_t c) { return (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z'); };
    if (!std::ranges::all_of(identification.manufacturer, is_letter)) return Error(MessageError::bad_identification);
    identification.baud_character = line[4];
    ByteView text = line.subspan(5);
    while (text.size() >= 2 && text[0] == '\\') {
        identification.hdlc = identification.hdlc || text[1] == '2';
        text = text.subspan(2);
    }
    identification.text = text;
    return identification;
}

void write_identification(const Identification& identification, ByteWriter& out) {
    out.u8('/');
    out.put(identification.manufacturer);
    out.u8(identification.baud_character);
    if (identification.hdlc) out.put(text_of("\\2"));
    out.put(identification.text.first(std::min(identification.text.size(), kMaxIdentificationText)));
    write_line_end(out);
}

Result<Selection, MessageError> parse_selection(ByteView message) {
    const bool framed = message.size() == kSelectionSize && message[0] == kAcknowledge &&
                        message[4] == kCarriageReturn && message[5] == kLineFeed;
    if (!framed) return Error(MessageError::bad_selection);
    return Selection{message[1], message[2], message[3]};
}

void write_selection(const Selection& selection, ByteWriter& out) {
    out.u8(kAcknowledge);
    out.u8(selection.protocol);
    out.u8(selection.baud_character);
    out.u8(selection.mode);
    write_line_end(out);
}

Result<DataSet, MessageError> parse_data_set(ByteView text) {
    const auto open = std::ranges::find(text, '(');
    const auto close = std::find(open, text.end(), ')');
    if (close == text.end()) return Error(MessageError::bad_data_set);
    const auto star = std::find(open, close, '*');
    const auto index = [&text](auto place) { return static_cast<std::size_t>(place - text.begin()); };
    DataSet data_set;
    data_set.address = text.first(index(open));
    data_set.value = text.subspan(index(open) + 1, index(star) - index(open) - 1);
    if (star != close) data_set.unit = text.subspan(index(star) + 1, index(close) - index(star) - 1);
    return data_set;
}

void write_data_set(const DataSet& data_set, ByteWriter& out) {
    out.put(data_set.address);
    out.u8('(');
    out.put(data_set.value);
    if (!data_set.unit.empty()) {
        out.u8('*');
        out.put(data_set.unit);
    }
    out.u8(')');
}

Result<Command, MessageError> parse_command(ByteView content, bool partial) {
    if (content.size() < 2 || content[0] < 'A' || content[0] > 'Z' || content[1] < '0' || content[1] > '9') {
        return Error(MessageError::bad_command);
    }
    Command command{content[0], content[1], {}, partial};
    if (content.size() == 2) return command;
    if (content[2] != kStartOfText) return Error(MessageError::bad_command);
    command.operand = content.subspan(3);
    return command;
}

void write_command(const Command& command, ByteWriter& out) {
    BlockCheck check;
    const auto put = [&](std::uint8_t character) {
        check.add(character);
        out.u8(character);
    };
    out.u8(kStartOfHeader);
    put(command.type);
    put(command.digit);
    if (!command.operand.empty()) {
        put(kStartOfText);
        for (const std::uint8_t character : command.operand) put(character);
    }
    put(command.partial ? kEndOfBlock : kEndOfText);
    out.u8(check.value());
}

void write_data_block(ByteView content, bool partial, ByteWriter& out) {
    const std::uint8_t end = partial ? kEndOfBlock : kEndOfText;
    BlockCheck check;
    check.add(content);
    check.add(end);
    out.u8(kStartOfText);
    out.put(content);
    out.u8(end);
    out.u8(check.value());
}

void write_error(DeviceError error, ByteWriter& out) {
    const auto number = static_cast<unsigned>(error);
    out.put(text_of("(ER"));
    out.u8(static_cast<std::uint8_t>('0' + number / 10 % 10));
    out.u8(static_cast<std::uint8_t>('0' + number % 10));
    out.u8(')');
}

}  // namespace ferraris::dlms::iec62056_21
