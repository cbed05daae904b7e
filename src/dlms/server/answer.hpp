/// An answer that grows at both ends: services write its body, then put heads and security in front, without a copy.
#pragma once

#include <algorithm>

#include "base/bytes.hpp"

namespace ferraris::dlms {

/// Room in front of a body: the head of a data block (12) and a ciphered envelope: tag, length, system title with
/// length, length, security control and counter (1 + 3 + 9 + 3 + 5).
inline constexpr std::size_t kAnswerHeadroom = 40;

class Answer {
public:
    /// `memory` holds headroom, body and what security adds behind it; an APDU of `limit` octets at most comes out.
    Answer(ByteSpan memory, std::size_t limit) : memory_(memory), limit_(limit) {}

    [[nodiscard]] bool empty() const { return size_ == 0; }
    [[nodiscard]] std::size_t limit() const { return limit_; }
    [[nodiscard]] ByteSpan memory() const { return memory_; }
    [[nodiscard]] ByteSpan view() { return memory_.subspan(begin_, size_); }
    /// Where it begins in the memory.
    [[nodiscard]] std::size_t begin() const { return begin_; }

    void clear() {
        begin_ = kAnswerHeadroom;
        size_ = 0;
    }
    /// Starts afresh with a body of `capacity` octets at most; `finish_body` takes over what was written.
    [[nodiscard]] ByteWriter start_body(std::size_t capacity) {
        clear();
        const std::size_t room = memory_.size() - kAnswerHeadroom;
        return ByteWriter(memory_.subspan(kAnswerHeadroom, capacity < room ? capacity : room));
    }
    void finish_body(const ByteWriter& body) { size_ = body.size(); }

    void prepend(ByteView head) {
        begin_ -= head.size();
        size_ += head.size();
        std::copy_n(head.begin(), head.size(), memory_.begin() + static_cast<std::ptrdiff_t>(begin_));
    }
    /// The answer is now `octets`, a part of the same memory: what security made of it.
    void replace(ByteView octets) {
        begin_ = static_cast<std::size_t>(octets.data() - memory_.data());
        size_ = octets.size();
    }

private:
    ByteSpan memory_;
    std::size_t limit_;
    std::size_t begin_{kAnswerHeadroom};
    std::size_t size_{0};
};

/// A head of at most 24 octets, written by `write(ByteWriter&)`, in front of the answer.
template <class Write>
void prepend(Answer& answer, Write&& write) {
    std::uint8_t head[24];
    ByteWriter out(head);
    write(out);
    answer.prepend(out.written());
}

/// A whole APDU as the answer.
template <class Apdu>
void set_answer(Answer& answer, const Apdu& apdu) {
    ByteWriter body = answer.start_body(answer.limit());
    encode(body, apdu);
    answer.finish_body(body);
}

}  // namespace ferraris::dlms
