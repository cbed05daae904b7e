/// Distinguished encoding (ITU-T X.690) as far as certificates need it: a reader that refuses everything that is not
/// distinguished, and a writer that fills its memory from the end, so that lengths are known when they are written.
#pragma once

#include <algorithm>
#include <optional>

#include "base/bytes.hpp"

namespace ferraris::dlms::der {

enum Tag : std::uint8_t {
    kBoolean = 0x01,
    kInteger = 0x02,
    kBitString = 0x03,
    kOctetString = 0x04,
    kObjectIdentifier = 0x06,
    kUtf8String = 0x0C,
    kPrintableString = 0x13,
    kUtcTime = 0x17,
    kGeneralizedTime = 0x18,
    kSequence = 0x30,
    kSet = 0x31,
    kContext0 = 0xA0,
    kContext1 = 0x81,  ///< of primitives, as the unique identifiers of a certificate are
    kContext2 = 0x82,
    kContext3 = 0xA3,
};

struct Element {
    std::uint8_t tag{0};
    ByteView content{};
    ByteView encoded{};  ///< with tag and length
};

/// Walks over elements. An error stays, as in ByteReader; what is read after it is empty.
class Reader {
public:
    explicit Reader(ByteView encoded) : in_(encoded) {}

    [[nodiscard]] bool failed() const { return in_.failed(); }
    [[nodiscard]] bool at_end() const { return in_.at_end(); }
    /// Well read and nothing left over.
    [[nodiscard]] bool finished() const { return !failed() && at_end(); }
    [[nodiscard]] bool next_is(std::uint8_t tag) const { return !at_end() && in_.peek() == tag; }

    Element any() {
        const std::size_t start = in_.position();
        Element element;
        element.tag = in_.u8();
        // No certificate has a tag number beyond 30, which would take more octets.
        if ((element.tag & 0x1FU) == 0x1FU) in_.fail();
        element.content = in_.take(length());
        if (in_.failed()) return {};
        element.encoded = in_.since(start);
        return element;
    }
    Element expect(std::uint8_t tag) {
        if (!next_is(tag)) in_.fail();
        return in_.failed() ? Element{} : any();
    }
    ByteView content(std::uint8_t tag) { return expect(tag).content; }
    Reader inside(std::uint8_t tag) { return Reader(content(tag)); }

private:
    std::size_t length() {
        const std::uint8_t first = in_.u8();
        if (first < 0x80U) return first;
        const std::size_t width = first & 0x7FU;
        if (width == 0 || width > 2) in_.fail();
        const std::uint64_t length = in_.failed() ? 0 : in_.unsigned_of(width);
        if (length < 0x80U || (width == 2 && length < 0x100U)) in_.fail();
        return static_cast<std::size_t>(length);
    }

    ByteReader in_;
};

/// Writes the last element first:
///
///     Writer out(memory);
///     const std::size_t end = out.size();
///     out.element(kInteger, second);
///     out.element(kInteger, first);
///     out.wrap(kSequence, end);          // SEQUENCE { first, second }
class Writer {
public:
    explicit Writer(ByteSpan memory) : memory_(memory) {}

    [[nodiscard]] std::size_t size() const { return size_; }
    [[nodiscard]] bool overflowed() const { return overflowed_; }
    [[nodiscard]] ByteView written() const { return memory_.last(size_); }

    void put(ByteView octets) {
        if (overflowed_ || octets.size() > memory_.size() - size_) {
            overflowed_ = true;
            return;
        }
        size_ += octets.size();
        std::ranges::copy(octets, memory_.last(size_).begin());
    }
    void octet(std::uint8_t value) { put(ByteView(&value, 1)); }
    /// Takes over `count` octets that stand there already, in front of what is written.
    void keep(std::size_t count) {
        overflowed_ = overflowed_ || count > memory_.size() - size_;
        if (!overflowed_) size_ += count;
    }
    void element(std::uint8_t tag, ByteView content) {
        const std::size_t end = size_;
        put(content);
        wrap(tag, end);
    }
    /// Everything written since `size()` was `end` becomes the content of an element.
    void wrap(std::uint8_t tag, std::size_t end) {
        const std::size_t length = size_ - end;
        octet(static_cast<std::uint8_t>(length));
        if (length >= 0x100U) {
            octet(static_cast<std::uint8_t>(length >> 8U));
            octet(0x82);
        } else if (length >= 0x80U) {
            octet(0x81);
        }
        octet(tag);
    }
    /// An INTEGER of a number that is not negative, given most significant octet first.
    void unsigned_integer(ByteView octets) {
        const auto first = std::ranges::find_if(octets, [](std::uint8_t octet) { return octet != 0; });
        const std::size_t end = size_;
        put(octets.subspan(static_cast<std::size_t>(first - octets.begin())));
        if (first == octets.end() || (*first & 0x80U) != 0) octet(0);
        wrap(kInteger, end);
    }

private:
    ByteSpan memory_;
    std::size_t size_{0};
    bool overflowed_{false};
};

/// Content of an INTEGER as an unsigned number of exactly `out.size()` octets; false when it is negative, not minimal
/// or too long.
[[nodiscard]] inline bool read_unsigned(ByteView content, ByteSpan out) {
    if (content.empty() || (content[0] & 0x80U) != 0) return false;
    if (content.size() > 1 && content[0] == 0) {
        if ((content[1] & 0x80U) == 0) return false;
        content = content.subspan(1);
    }
    if (content.size() > out.size()) return false;
    std::ranges::fill(out, std::uint8_t{0});
    std::ranges::copy(content, out.last(content.size()).begin());
    return true;
}

}  // namespace ferraris::dlms::der
