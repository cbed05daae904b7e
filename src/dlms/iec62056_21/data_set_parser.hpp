/// Data sets out of a data block that arrives character by character.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>

#include "base/bytes.hpp"
#include "dlms/iec62056_21/messages.hpp"

namespace ferraris::dlms::iec62056_21 {

class DataSetParser {
public:
    /// `buffer` holds the longest data set with its parentheses. The standard asks for 16 + 32 + 16 characters.
    explicit DataSetParser(ByteSpan buffer) : buffer_(buffer) {}

    /// The data set that `character` closes. It views into the buffer until the next call.
    [[nodiscard]] std::optional<DataSet> push(std::uint8_t character) {
        if (character == kCarriageReturn || character == kLineFeed || (character == '!' && size_ == 0)) return {};
        if (size_ < buffer_.size()) {
            buffer_[size_++] = character;
        } else {
            overflowed_ = true;
        }
        if (character != ')') return {};
        const std::size_t size = size_;
        size_ = 0;
        if (overflowed_) return {};
        const auto data_set = parse_data_set(buffer_.first(size));
        if (data_set) return *data_set;
        malformed_ = true;
        return {};
    }

    void reset() {
        size_ = 0;
        overflowed_ = false;
        malformed_ = false;
    }
    /// `too_long` or `bad_data_set` where a block that has ended was not all data sets.
    [[nodiscard]] MessageError error() const {
        if (overflowed_) return MessageError::too_long;
        return malformed_ || size_ != 0 ? MessageError::bad_data_set : MessageError::none;
    }

private:
    ByteSpan buffer_;
    std::size_t size_{0};
    bool overflowed_{false};
    bool malformed_{false};
};

}  // namespace ferraris::dlms::iec62056_21
