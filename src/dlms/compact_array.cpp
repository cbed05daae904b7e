#include "dlms/compact_array.hpp"

namespace ferraris::dlms {
namespace {

DataError skip_description(ByteReader& in, int depth) {
    if (depth > kMaxDataDepth) return DataError::too_deep;
    const auto tag = static_cast<DataTag>(in.u8());
    if (in.failed()) return DataError::truncated;
    if (tag == DataTag::array) {
        in.u16();  // number of elements
        return skip_description(in, depth + 1);
    }
    if (tag == DataTag::structure) {
        const std::size_t count = take_length(in);
        if (count > in.remaining()) return DataError::truncated;
        for (std::size_t i = 0; i < count; ++i) {
            const DataError error = skip_description(in, depth + 1);
            if (error != DataError::none) return error;
        }
        return in.failed() ? DataError::truncated : DataError::none;
    }
    return is_simple(tag) ? DataError::none : DataError::unknown_tag;
}

DataError expand(ByteReader& type, ByteReader& values, ByteWriter& out, int depth);

DataError expand_array(ByteReader& type, ByteReader& values, ByteWriter& out, int depth) {
    const std::size_t count = type.u16();
    put_length(out, count);
    const ByteView description = type.rest();
    if (const DataError error = skip_description(type, depth + 1); error != DataError::none) return error;
    for (std::size_t i = 0; i < count; ++i) {
        const std::size_t before = values.remaining();
        ByteReader element(description);
        if (const DataError error = expand(element, values, out, depth + 1); error != DataError::none) return error;
        // Elements without octets could be as many as somebody likes to write.
        if (values.remaining() == before) return DataError::type_unmatched;
    }
    return DataError::none;
}

DataError expand(ByteReader& type, ByteReader& values, ByteWriter& out, int depth) {
    if (depth > kMaxDataDepth) return DataError::too_deep;
    const auto tag = static_cast<DataTag>(type.u8());
    if (type.failed()) return DataError::truncated;
    out.u8(static_cast<std::uint8_t>(tag));
    if (tag == DataTag::array) return expand_array(type, values, out, depth);
    if (tag == DataTag::structure) {
        const std::size_t count = take_length(type);
        if (type.failed() || count > type.remaining()) return DataError::truncated;
        put_length(out, count);
        for (std::size_t i = 0; i < count; ++i) {
            if (const DataError error = expand(type, values, out, depth + 1); error != DataError::none) return error;
        }
        return DataError::none;
    }
    if (!is_simple(tag)) return DataError::unknown_tag;
    const auto width = fixed_width(tag);
    const std::size_t length = width ? *width : take_length(values);
    if (!width) put_length(out, length);
    out.put(values.take(tag == DataTag::bit_string ? (length + 7) / 8 : length));
    return values.failed() ? DataError::truncated : DataError::none;
}

}  // namespace

DataError skip_type_description(ByteReader& in) { return skip_description(in, 1); }

DataError expand_described(ByteReader& type, ByteReader& values, ByteWriter& out) {
    if (type.remaining() > kMaxTypeDescription) return DataError::too_deep;
    return expand(type, values, out, 1);
}

CompactArrayReader::CompactArrayReader(ByteView content) {
    ByteReader in(content);
    error_ = skip_type_description(in);
    if (error_ != DataError::none) return;
    description_ = in.since(0);
    const ByteView values = in.take(take_length(in));
    if (in.failed() || !in.at_end()) error_ = DataError::truncated;
    values_ = ByteReader(values);
}

bool CompactArrayReader::next(ByteWriter& out) {
    if (error_ != DataError::none || values_.at_end()) return false;
    const std::size_t before = values_.remaining();
    ByteReader type(description_);
    error_ = expand_described(type, values_, out);
    // Elements without octets would never end.
    if (error_ == DataError::none && values_.remaining() == before) error_ = DataError::type_unmatched;
    return error_ == DataError::none;
}

}  // namespace ferraris::dlms
