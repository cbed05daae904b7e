/// Finds messages in a stream of octets that arrives in any pieces.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>

#include "base/bytes.hpp"
#include "dlms/iec62056_21/messages.hpp"

namespace ferraris::dlms::iec62056_21 {

enum class MessageKind : std::uint8_t {
    none,
    line,                  ///< request or identification; `content` from '/' on, without CR LF
    selection,             ///< `content` from ACK to LF
    command,               ///< block check is good; `content` between SOH and ETX or EOT
    data,                  ///< one character of a data block, as it comes: the block check is yet to come
    data_end,              ///< the data block is over and its check is good
    acknowledge,           ///< a lone ACK
    negative_acknowledge,  ///< NAK
    broken,                ///< a line, command or data block that is none: `last_error`
};

struct Message {
    MessageKind kind{MessageKind::none};
    ByteView content{};   ///< views into the buffer until the next call
    bool partial{false};  ///< command, data_end: EOT closed it
};

/// Data blocks of any length go through character by character; lines and commands have to fit the buffer.
class MessageParser {
public:
    /// `software_parity`: bit 7 is the parity of the seven others; else the port has looked at it, and bit 7 is not
    /// looked at.
    MessageParser(ByteSpan buffer, bool software_parity) : buffer_(buffer), software_parity_(software_parity) {}

    /// After an identification ACK begins a selection; else it stands alone.
    void expect_selection(bool expected) { expect_selection_ = expected; }

    /// Takes octets off the front of `in`, up to and including what makes a message, else all of them.
    [[nodiscard]] Message push(ByteView& in);

    /// A message has begun and is not at its end.
    [[nodiscard]] bool inside() const { return state_ != State::outside; }
    [[nodiscard]] bool inside_data() const { return state_ == State::data || state_ == State::data_check; }
    /// Forgets what has begun, as after a silence; counts as broken where there was something.
    void interrupt();
    /// Forgets what has begun, without counting.
    void reset() { state_ = State::outside; }

    /// Messages that were broken, since construction, and why the last was.
    [[nodiscard]] std::uint32_t dropped() const { return dropped_; }
    [[nodiscard]] MessageError last_error() const { return last_error_; }

private:
    enum class State : std::uint8_t { outside, line, selection, command, command_check, data, data_check };

    [[nodiscard]] Message take(std::optional<std::uint8_t> character);
    [[nodiscard]] Message begin(std::uint8_t character);
    [[nodiscard]] Message in_line(std::uint8_t character);
    [[nodiscard]] Message at_end(MessageKind kind);
    [[nodiscard]] Message broken();
    void store(std::uint8_t character);
    void note(MessageError error) {
        if (error_ == MessageError::none) error_ = error;
    }

    ByteSpan buffer_;
    std::size_t size_{0};
    std::uint32_t dropped_{0};
    BlockCheck check_{};
    std::uint8_t character_{0};
    State state_{State::outside};
    MessageError error_{MessageError::none};  ///< of the message under way
    MessageError last_error_{MessageError::none};
    bool software_parity_;
    bool expect_selection_{false};
    bool partial_{false};
};

}  // namespace ferraris::dlms::iec62056_21
