#include "dlms/data.hpp"

#include <array>

#include "dlms/compact_array.hpp"

namespace ferraris::dlms {
namespace {

enum class Shape : std::uint8_t { unknown, fixed, octets, bits, elements, compact };

struct Type {
    Shape shape{Shape::unknown};
    std::uint8_t width{0};
};

// IEC 62056-6-2, table of common data types, indexed by tag.
constexpr auto kTypes = [] {
    std::array<Type, 34> types{};
    const auto fixed = [&types](DataTag tag, std::uint8_t width) {
        types[static_cast<std::size_t>(tag)] = {Shape::fixed, width};
    };
    const auto other = [&types](DataTag tag, Shape shape) { types[static_cast<std::size_t>(tag)] = {shape, 0}; };
    fixed(DataTag::null_data, 0);
    other(DataTag::array, Shape::elements);
    other(DataTag::structure, Shape::elements);
    fixed(DataTag::boolean, 1);
    other(DataTag::bit_string, Shape::bits);
    fixed(DataTag::double_long, 4);
    fixed(DataTag::double_long_unsigned, 4);
    other(DataTag::octet_string, Shape::octets);
    other(DataTag::visible_string, Shape::octets);
    other(DataTag::utf8_string, Shape::octets);
    fixed(DataTag::bcd, 1);
    fixed(DataTag::integer, 1);
    fixed(DataTag::long_, 2);
    fixed(DataTag::unsigned_, 1);
    fixed(DataTag::long_unsigned, 2);
    other(DataTag::compact_array, Shape::compact);
    fixed(DataTag::long64, 8);
    fixed(DataTag::long64_unsigned, 8);
    fixed(DataTag::enum_, 1);
    fixed(DataTag::float32, 4);
    fixed(DataTag::float64, 8);
    fixed(DataTag::date_time, 12);
    fixed(DataTag::date, 5);
    fixed(DataTag::time, 4);
    fixed(DataTag::delta_integer, 1);
    fixed(DataTag::delta_long, 2);
    fixed(DataTag::delta_double_long, 4);
    fixed(DataTag::delta_unsigned, 1);
    fixed(DataTag::delta_long_unsigned, 2);
    fixed(DataTag::delta_double_long_unsigned, 4);
    return types;
}();

Type type_of(std::uint8_t tag) {
    if (tag == static_cast<std::uint8_t>(DataTag::dont_care)) return {Shape::fixed, 0};
    return tag < kTypes.size() ? kTypes[tag] : Type{};
}

DataError skip_element(ByteReader& in, DataElement& element, int depth) {
    if (depth > kMaxDataDepth) return DataError::too_deep;
    const std::size_t start = in.position();
    const std::uint8_t tag = in.u8();
    if (in.failed()) return DataError::truncated;
    element.tag = static_cast<DataTag>(tag);
    const Type type = type_of(tag);
    switch (type.shape) {
        case Shape::unknown:
            return DataError::unknown_tag;
        case Shape::fixed:
            element.count = type.width;
            element.content = in.take(type.width);
            break;
        case Shape::octets:
            element.count = take_length(in);
            element.content = in.take(element.count);
            break;
        case Shape::bits:
            element.count = take_length(in);
            element.content = in.take((element.count + 7) / 8);
            break;
        case Shape::elements: {
            element.count = take_length(in);
            // Every element has at least its tag: a count beyond what remains is refused before it costs time.
            if (element.count > in.remaining()) return DataError::truncated;
            const std::size_t content_start = in.position();
            for (std::size_t i = 0; i < element.count; ++i) {
                DataElement inner;
                const DataError error = skip_element(in, inner, depth + 1);
                if (error != DataError::none) return error;
            }
            element.content = in.since(content_start);
            break;
        }
        case Shape::compact: {
            const std::size_t content_start = in.position();
            const DataError error = skip_type_description(in);
            if (error != DataError::none) return error;
            element.count = take_length(in);
            in.skip(element.count);
            if (!in.failed()) element.content = in.since(content_start);
            break;
        }
    }
    if (in.failed()) return DataError::truncated;
    element.encoded = in.since(start);
    return DataError::none;
}

}  // namespace

void put_length(ByteWriter& out, std::size_t length) {
    if (length < 0x80) {
        out.u8(static_cast<std::uint8_t>(length));
        return;
    }
    std::size_t width = 1;
    while (width < 4 && (length >> (8 * width)) != 0) ++width;
    out.u8(static_cast<std::uint8_t>(0x80 + width));
    out.unsigned_of(length, width);
}

std::size_t take_length(ByteReader& in) {
    const std::uint8_t first = in.u8();
    if (first < 0x80) return first;
    const std::size_t width = first & 0x7FU;
    if (width == 0 || width > 4) {
        in.fail();
        return 0;
    }
    return static_cast<std::size_t>(in.unsigned_of(width));
}

void DataWriter::bit_string(ByteView bits, std::size_t bit_count) {
    counted(DataTag::bit_string, bit_count);
    out_.put(bits.first((bit_count + 7) / 8));
}

void DataReader::fail(DataError error) {
    if (error_ == DataError::none) error_ = error;
    in_.fail();
}

bool DataReader::expect(DataTag tag) {
    if (!ok()) return false;
    if (in_.at_end()) {
        fail(DataError::truncated);
        return false;
    }
    if (in_.peek() != static_cast<std::uint8_t>(tag)) {
        fail(DataError::type_unmatched);
        return false;
    }
    in_.skip(1);
    return true;
}

std::size_t DataReader::counted(DataTag tag) {
    if (!expect(tag)) return 0;
    const std::size_t count = take_length(in_);
    if (in_.failed() || count > in_.remaining()) {
        fail(DataError::truncated);
        return 0;
    }
    return count;
}

std::uint64_t DataReader::fixed(DataTag tag, std::size_t width) {
    if (!expect(tag)) return 0;
    const std::uint64_t value = in_.unsigned_of(width);
    if (in_.failed()) fail(DataError::truncated);
    return ok() ? value : 0;
}

ByteView DataReader::string(DataTag tag) {
    if (!expect(tag)) return {};
    const ByteView octets = in_.take(take_length(in_));
    if (in_.failed()) fail(DataError::truncated);
    return octets;
}

LogicalName DataReader::logical_name() {
    const ByteView octets = octet_string();
    if (ok() && octets.size() != 6) fail(DataError::type_unmatched);
    return ok() ? LogicalName::from(octets) : LogicalName{};
}

std::optional<DataElement> DataReader::any() {
    if (!ok()) return std::nullopt;
    DataElement element;
    const DataError error = skip_element(in_, element, 1);
    if (error != DataError::none) {
        fail(error);
        return std::nullopt;
    }
    return element;
}

std::optional<std::int64_t> integer_of(const DataElement& element) {
    std::uint64_t value = 0;
    for (const std::uint8_t octet : element.content) value = value << 8U | octet;
    switch (element.tag) {
        case DataTag::boolean:
        case DataTag::enum_:
        case DataTag::unsigned_:
        case DataTag::long_unsigned:
        case DataTag::double_long_unsigned:
        case DataTag::long64_unsigned:
        case DataTag::long64:
            return static_cast<std::int64_t>(value);
        case DataTag::integer:
            return static_cast<std::int8_t>(value);
        case DataTag::long_:
            return static_cast<std::int16_t>(value);
        case DataTag::double_long:
            return static_cast<std::int32_t>(value);
        default:
            return std::nullopt;
    }
}

bool is_simple(DataTag tag) {
    const Shape shape = type_of(static_cast<std::uint8_t>(tag)).shape;
    return shape == Shape::fixed || shape == Shape::octets || shape == Shape::bits;
}

bool is_signed(DataTag tag) {
    switch (tag) {
        case DataTag::integer:
        case DataTag::long_:
        case DataTag::double_long:
        case DataTag::long64:
        case DataTag::delta_integer:
        case DataTag::delta_long:
        case DataTag::delta_double_long:
            return true;
        default:
            return false;
    }
}

bool is_unsigned(DataTag tag) {
    switch (tag) {
        case DataTag::enum_:
        case DataTag::bcd:
        case DataTag::unsigned_:
        case DataTag::long_unsigned:
        case DataTag::double_long_unsigned:
        case DataTag::long64_unsigned:
        case DataTag::delta_unsigned:
        case DataTag::delta_long_unsigned:
        case DataTag::delta_double_long_unsigned:
            return true;
        default:
            return false;
    }
}

std::optional<std::size_t> fixed_width(DataTag tag) {
    const Type type = type_of(static_cast<std::uint8_t>(tag));
    if (type.shape != Shape::fixed) return std::nullopt;
    return type.width;
}

}  // namespace ferraris::dlms
