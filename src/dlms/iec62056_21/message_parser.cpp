#include "dlms/iec62056_21/message_parser.hpp"

namespace ferraris::dlms::iec62056_21 {

Message MessageParser::push(ByteView& in) {
    while (!in.empty()) {
        const std::uint8_t octet = in.front();
        in = in.subspan(1);
        const Message message =
            take(software_parity_ ? without_parity(octet) : std::optional(static_cast<std::uint8_t>(octet & 0x7FU)));
        if (message.kind != MessageKind::none) return message;
    }
    return {};
}

void MessageParser::interrupt() {
    if (!inside()) return;
    note(MessageError::interrupted);
    (void)broken();
}

Message MessageParser::broken() {
    state_ = State::outside;
    last_error_ = error_;
    ++dropped_;
    return {MessageKind::broken, {}, false};
}

void MessageParser::store(std::uint8_t character) {
    if (size_ < buffer_.size()) {
        buffer_[size_++] = character;
    } else {
        note(MessageError::too_long);
    }
}

Message MessageParser::take(std::optional<std::uint8_t> received) {
    if (!received) {
        if (!inside()) return {};
        note(MessageError::bad_parity);
    }
    // A character that is wrong keeps its place, so that the block check stays where it is.
    const std::uint8_t character = received.value_or(0x7F);
    switch (state_) {
        case State::outside:
            return begin(character);
        case State::line:
            return in_line(character);
        case State::selection:
            store(character);
            if (character != kLineFeed && size_ < kSelectionSize) return {};
            if (!parse_selection(buffer_.first(size_))) note(MessageError::bad_selection);
            return at_end(MessageKind::selection);
        case State::command:
        case State::data: {
            check_.add(character);
            const bool data = state_ == State::data;
            if (character == kEndOfText || character == kEndOfBlock) {
                partial_ = character == kEndOfBlock;
                state_ = data ? State::data_check : State::command_check;
                return {};
            }
            if (!data) {
                store(character);
                return {};
            }
            character_ = character;
            return {MessageKind::data, ByteView(&character_, 1), false};
        }
        case State::command_check:
        case State::data_check:
            if (character != check_.value()) note(MessageError::bad_block_check);
            return at_end(state_ == State::data_check ? MessageKind::data_end : MessageKind::command);
    }
    return {};
}

Message MessageParser::begin(std::uint8_t character) {
    size_ = 0;
    error_ = MessageError::none;
    check_.reset();
    switch (character) {
        case '/':
            state_ = State::line;
            store(character);
            break;
        case kStartOfHeader:
            state_ = State::command;
            break;
        case kStartOfText:
            state_ = State::data;
            break;
        case kAcknowledge:
            if (!expect_selection_) return {MessageKind::acknowledge, {}, false};
            state_ = State::selection;
            store(character);
            break;
        case kNegativeAcknowledge:
            return {MessageKind::negative_acknowledge, {}, false};
        default:
            break;
    }
    return {};
}

Message MessageParser::in_line(std::uint8_t character) {
    if (character == '/') return begin(character);  // whatever came before was no line
    if (character == kCarriageReturn) return {};
    if (character == kLineFeed) return at_end(MessageKind::line);
    store(character);
    return {};
}

Message MessageParser::at_end(MessageKind kind) {
    if (error_ != MessageError::none) return broken();
    state_ = State::outside;
    const bool has_content =
        kind == MessageKind::line || kind == MessageKind::selection || kind == MessageKind::command;
    return {kind, has_content ? ByteView(buffer_.first(size_)) : ByteView{}, partial_};
}

}  // namespace ferraris::dlms::iec62056_21
