/// A-XDR of the `Data` choice (IEC 62056-6-2, 4.1.5; encoding IEC 61334-6): a writer and a pull reader. Neither builds
/// a tree: a meter has no room for one, and a client turns elements into its own values.
#pragma once

#include <cstdint>
#include <optional>

#include "base/bytes.hpp"
#include "dlms/enumerations.hpp"
#include "dlms/logical_name.hpp"

namespace ferraris::dlms {

/// Length of A-XDR: one octet up to 127, else 0x80 + number of octets, then the length.
void put_length(ByteWriter& out, std::size_t length);
/// Fails the reader on more than four octets of length, or on a length of more than what remains cannot be judged here.
[[nodiscard]] std::size_t take_length(ByteReader& in);

/// Writes one element after the other. Arrays and structures announce their count; their elements follow.
class DataWriter {
public:
    explicit DataWriter(ByteWriter& out) : out_(out) {}

    [[nodiscard]] ByteWriter& out() { return out_; }

    void null_data() { tag(DataTag::null_data); }
    void array(std::size_t count) { counted(DataTag::array, count); }
    void structure(std::size_t count) { counted(DataTag::structure, count); }
    void boolean(bool value) { fixed(DataTag::boolean, value ? 1U : 0U, 1); }
    /// `bits` are packed most significant first.
    void bit_string(ByteView bits, std::size_t bit_count);
    void double_long(std::int32_t value) { fixed(DataTag::double_long, static_cast<std::uint32_t>(value), 4); }
    void double_long_unsigned(std::uint32_t value) { fixed(DataTag::double_long_unsigned, value, 4); }
    void octet_string(ByteView octets) { string(DataTag::octet_string, octets); }
    void octet_string(const LogicalName& name) { string(DataTag::octet_string, name.view()); }
    void visible_string(ByteView octets) { string(DataTag::visible_string, octets); }
    void utf8_string(ByteView octets) { string(DataTag::utf8_string, octets); }
    void integer(std::int8_t value) { fixed(DataTag::integer, static_cast<std::uint8_t>(value), 1); }
    void long_(std::int16_t value) { fixed(DataTag::long_, static_cast<std::uint16_t>(value), 2); }
    void unsigned_(std::uint8_t value) { fixed(DataTag::unsigned_, value, 1); }
    void long_unsigned(std::uint16_t value) { fixed(DataTag::long_unsigned, value, 2); }
    void long64(std::int64_t value) { fixed(DataTag::long64, static_cast<std::uint64_t>(value), 8); }
    void long64_unsigned(std::uint64_t value) { fixed(DataTag::long64_unsigned, value, 8); }
    void enum_(std::uint8_t value) { fixed(DataTag::enum_, value, 1); }
    /// `scaler_unit` of classes 3, 4 and 5: structure{integer, enum}.
    void scaler_unit(std::int8_t scaler, Unit unit) {
        structure(2);
        integer(scaler);
        enum_(static_cast<std::uint8_t>(unit));
    }

private:
    void tag(DataTag value) { out_.u8(static_cast<std::uint8_t>(value)); }
    void counted(DataTag value, std::size_t count) {
        tag(value);
        put_length(out_, count);
    }
    void string(DataTag value, ByteView octets) {
        counted(value, octets.size());
        out_.put(octets);
    }
    void fixed(DataTag value, std::uint64_t number, std::size_t width) {
        tag(value);
        out_.unsigned_of(number, width);
    }

    ByteWriter& out_;
};

/// Deeper nesting than this is refused: no COSEM attribute needs it, and it bounds the stack against hostile input.
inline constexpr int kMaxDataDepth = 12;

enum class DataError : std::uint8_t { none, truncated, type_unmatched, unknown_tag, too_deep };

/// One element as it stands: `content` is the value's octets for simple types (without the length), the encoded
/// elements for arrays and structures; `count` is elements, octets, or bits by the type.
struct DataElement {
    DataTag tag{DataTag::null_data};
    std::size_t count{0};
    ByteView content{};
    ByteView encoded{};  ///< with tag and length
};

/// Reads elements in order and checks their types. The first error stays; after it every read yields zeros.
///
///     DataReader in(value);
///     if (in.structure() == 2) { scaler = in.integer(); unit = in.enum_(); }
///     if (!in.finished()) return DataAccessResult::type_unmatched;
class DataReader {
public:
    explicit DataReader(ByteView encoded) : in_(encoded) {}

    [[nodiscard]] DataError error() const { return error_; }
    [[nodiscard]] bool ok() const { return error_ == DataError::none; }
    /// Well read and nothing left over.
    [[nodiscard]] bool finished() const { return ok() && in_.at_end(); }
    [[nodiscard]] bool at_end() const { return in_.at_end(); }
    [[nodiscard]] ByteView rest() const { return in_.rest(); }
    [[nodiscard]] std::optional<DataTag> peek() const {
        if (!ok() || in_.at_end()) return std::nullopt;
        return static_cast<DataTag>(in_.peek());
    }

    /// Number of elements that follow; 0 with an error set when the next element is another type.
    std::size_t array() { return counted(DataTag::array); }
    std::size_t structure() { return counted(DataTag::structure); }
    void null_data() { (void)fixed(DataTag::null_data, 0); }
    bool boolean() { return fixed(DataTag::boolean, 1) != 0; }
    std::int32_t double_long() { return static_cast<std::int32_t>(fixed(DataTag::double_long, 4)); }
    std::uint32_t double_long_unsigned() { return static_cast<std::uint32_t>(fixed(DataTag::double_long_unsigned, 4)); }
    std::int8_t integer() { return static_cast<std::int8_t>(fixed(DataTag::integer, 1)); }
    std::int16_t long_() { return static_cast<std::int16_t>(fixed(DataTag::long_, 2)); }
    std::uint8_t unsigned_() { return static_cast<std::uint8_t>(fixed(DataTag::unsigned_, 1)); }
    std::uint16_t long_unsigned() { return static_cast<std::uint16_t>(fixed(DataTag::long_unsigned, 2)); }
    std::int64_t long64() { return static_cast<std::int64_t>(fixed(DataTag::long64, 8)); }
    std::uint64_t long64_unsigned() { return fixed(DataTag::long64_unsigned, 8); }
    std::uint8_t enum_() { return static_cast<std::uint8_t>(fixed(DataTag::enum_, 1)); }
    ByteView octet_string() { return string(DataTag::octet_string); }
    ByteView visible_string() { return string(DataTag::visible_string); }
    /// An octet-string of exactly six octets.
    LogicalName logical_name();

    /// Whatever comes next, whole, also a nested one; nothing (and an error) when it is not well formed.
    std::optional<DataElement> any();

private:
    void fail(DataError error);
    [[nodiscard]] bool expect(DataTag tag);
    std::size_t counted(DataTag tag);
    std::uint64_t fixed(DataTag tag, std::size_t width);
    ByteView string(DataTag tag);

    ByteReader in_;
    DataError error_{DataError::none};
};

/// The number that a boolean, an enumeration or an integer of any width is; nothing for other types. Unsigned numbers
/// of 64 bits wrap.
[[nodiscard]] std::optional<std::int64_t> integer_of(const DataElement& element);

/// A type without elements: numbers, times, strings, null-data.
[[nodiscard]] bool is_simple(DataTag tag);
/// A whole number with a sign, one without: deltas and enumerations too.
[[nodiscard]] bool is_signed(DataTag tag);
[[nodiscard]] bool is_unsigned(DataTag tag);
/// Width of a fixed-length type's value in octets; nothing for types of varying length.
[[nodiscard]] std::optional<std::size_t> fixed_width(DataTag tag);

}  // namespace ferraris::dlms
