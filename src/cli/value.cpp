#include "cli/value.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <bit>

#include "dlms/data.hpp"

namespace ferraris::cli {
namespace {

using dlms::DataTag;

constexpr std::size_t kMaxDepth = 16;

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

bool is_natural(DataTag tag) {
    switch (tag) {
        case DataTag::boolean:
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

/// A value of fixed width from its octets, without the tag.
Value fixed_value(DataTag tag, ByteView content) {
    Value value;
    value.tag = tag;
    ByteReader in(content);
    const std::size_t width = content.size();
    if (is_natural(tag)) {
        value.magnitude = in.unsigned_of(width);
    } else if (is_signed(tag)) {
        const std::uint64_t bits = in.unsigned_of(width);
        const std::uint64_t sign = std::uint64_t{1} << (8 * width - 1);
        value.negative = (bits & sign) != 0;
        // The complement of a narrow number has its high octets set; the mask takes them away.
        const std::uint64_t mask = width == 8 ? ~std::uint64_t{0} : (std::uint64_t{1} << (8 * width)) - 1;
        value.magnitude = value.negative ? (~bits + 1) & mask : bits;
    } else if (tag == DataTag::float32) {
        value.real = static_cast<double>(std::bit_cast<float>(in.u32()));
    } else if (tag == DataTag::float64) {
        value.real = std::bit_cast<double>(in.u64());
    } else {
        value.octets.assign(content.begin(), content.end());
    }
    return value;
}

std::optional<Value> described_value(ByteReader& type, ByteReader& content, std::size_t depth);

std::optional<Value> described_items(DataTag tag, std::size_t count, ByteReader& type, ByteReader& content,
                                     std::size_t depth) {
    Value value;
    value.tag = tag;
    const ByteView description = type.rest();
    for (std::size_t i = 0; i < count; ++i) {
        // The items of an array share one description, those of a structure have one each.
        if (tag == DataTag::array) type = ByteReader(description);
        auto item = described_value(type, content, depth + 1);
        if (!item) return std::nullopt;
        value.items.push_back(std::move(*item));
    }
    return value;
}

/// One item of a compact array: the types come from the description in front.
std::optional<Value> described_value(ByteReader& type, ByteReader& content, std::size_t depth) {
    if (depth > kMaxDepth) return std::nullopt;
    const auto tag = static_cast<DataTag>(type.u8());
    if (tag == DataTag::array) return described_items(tag, type.u16(), type, content, depth);
    if (tag == DataTag::structure) return described_items(tag, dlms::take_length(type), type, content, depth);
    Value value;
    value.tag = tag;
    if (const auto width = dlms::fixed_width(tag)) {
        value = fixed_value(tag, content.take(*width));
    } else {
        const std::size_t length = dlms::take_length(content);
        const bool bits = tag == DataTag::bit_string;
        const ByteView octets = content.take(bits ? (length + 7) / 8 : length);
        value.bit_count = bits ? length : 0;
        value.octets.assign(octets.begin(), octets.end());
    }
    if (type.failed() || content.failed()) return std::nullopt;
    return value;
}

/// How far the description of one item goes.
bool skip_description(ByteReader& type, std::size_t depth) {
    if (depth > kMaxDepth) return false;
    const auto tag = static_cast<DataTag>(type.u8());
    if (tag == DataTag::array) {
        type.skip(2);
        return skip_description(type, depth + 1);
    }
    if (tag == DataTag::structure) {
        const std::size_t count = dlms::take_length(type);
        for (std::size_t i = 0; i < count && !type.failed(); ++i) {
            if (!skip_description(type, depth + 1)) return false;
        }
    }
    return !type.failed();
}

std::optional<Value> compact_array(ByteView encoded) {
    ByteReader in(encoded);
    if (!skip_description(in, 0)) return std::nullopt;
    const ByteView description = in.since(0);
    const std::size_t length = dlms::take_length(in);
    ByteReader content(in.take(length));
    if (in.failed()) return std::nullopt;
    Value value;
    value.tag = DataTag::array;
    while (!content.at_end()) {
        const std::size_t before = content.remaining();
        ByteReader type(description);
        auto item = described_value(type, content, 0);
        // Items without content would never end.
        if (!item || content.remaining() == before) return std::nullopt;
        value.items.push_back(std::move(*item));
    }
    return value;
}

std::optional<Value> element_value(const dlms::DataElement& element) {
    Value value;
    value.tag = element.tag;
    switch (element.tag) {
        case DataTag::array:
        case DataTag::structure: {
            dlms::DataReader items(element.content);
            value.items.reserve(element.count);
            for (std::size_t i = 0; i < element.count; ++i) {
                const auto inner = items.any();
                if (!inner) return std::nullopt;
                auto item = element_value(*inner);
                if (!item) return std::nullopt;
                value.items.push_back(std::move(*item));
            }
            return value;
        }
        case DataTag::compact_array:
            return compact_array(element.content);
        case DataTag::bit_string:
            value.bit_count = element.count;
            value.octets.assign(element.content.begin(), element.content.end());
            return value;
        default:
            return fixed_value(element.tag, element.content);
    }
}

}  // namespace

bool Value::is_integer() const { return is_signed(tag) || is_natural(tag); }

bool Value::is_string() const {
    return tag == DataTag::octet_string || tag == DataTag::visible_string || tag == DataTag::utf8_string;
}

std::optional<std::int64_t> Value::integer() const {
    if (!is_integer() || magnitude > static_cast<std::uint64_t>(INT64_MAX)) return std::nullopt;
    const auto number = static_cast<std::int64_t>(magnitude);
    return negative ? -number : number;
}

std::optional<dlms::LogicalName> Value::logical_name() const {
    if (tag != DataTag::octet_string || octets.size() != 6) return std::nullopt;
    return dlms::LogicalName::from(octets);
}

std::optional<Value> decode_value(ByteView encoded) {
    dlms::DataReader in(encoded);
    const auto element = in.any();
    if (!element || !in.finished()) return std::nullopt;
    return element_value(*element);
}

std::optional<Value> decode_compact_buffer(ByteView template_description, ByteView buffer) {
    ByteReader type(template_description);
    ByteReader content(buffer);
    auto value = described_value(type, content, 0);
    if (!value || !type.at_end() || !content.at_end()) return std::nullopt;
    return value;
}

bool is_delta(DataTag tag) { return tag >= DataTag::delta_integer && tag <= DataTag::delta_double_long_unsigned; }

Value plus_delta(const Value& base, const Value& delta) {
    const auto bits = [](const Value& value) { return value.negative ? ~value.magnitude + 1 : value.magnitude; };
    std::array<std::uint8_t, 8> octets{};
    ByteWriter(octets).u64(bits(base) + bits(delta));
    // What a type cannot hold rolls over, as the register that it came from did.
    const std::size_t width = dlms::fixed_width(base.tag).value_or(octets.size());
    return fixed_value(base.tag, ByteView(octets).last(width));
}

std::string type_name(DataTag tag) {
    struct Name {
        DataTag tag;
        const char* name;
    };
    static constexpr Name kNames[] = {
        {DataTag::null_data, "null-data"},
        {DataTag::array, "array"},
        {DataTag::structure, "structure"},
        {DataTag::boolean, "boolean"},
        {DataTag::bit_string, "bit-string"},
        {DataTag::double_long, "double-long"},
        {DataTag::double_long_unsigned, "double-long-unsigned"},
        {DataTag::octet_string, "octet-string"},
        {DataTag::visible_string, "visible-string"},
        {DataTag::utf8_string, "utf8-string"},
        {DataTag::bcd, "bcd"},
        {DataTag::integer, "integer"},
        {DataTag::long_, "long"},
        {DataTag::unsigned_, "unsigned"},
        {DataTag::long_unsigned, "long-unsigned"},
        {DataTag::compact_array, "compact-array"},
        {DataTag::long64, "long64"},
        {DataTag::long64_unsigned, "long64-unsigned"},
        {DataTag::enum_, "enum"},
        {DataTag::float32, "float32"},
        {DataTag::float64, "float64"},
        {DataTag::date_time, "date-time"},
        {DataTag::date, "date"},
        {DataTag::time, "time"},
        {DataTag::delta_integer, "delta-integer"},
        {DataTag::delta_long, "delta-long"},
        {DataTag::delta_double_long, "delta-double-long"},
        {DataTag::delta_unsigned, "delta-unsigned"},
        {DataTag::delta_long_unsigned, "delta-long-unsigned"},
        {DataTag::delta_double_long_unsigned, "delta-double-long-unsigned"},
    };
    const auto* const found = std::ranges::find(kNames, tag, &Name::tag);
    return found == std::end(kNames) ? fmt::format("type {}", static_cast<int>(tag)) : found->name;
}

std::string decimal(bool negative, std::uint64_t magnitude, int scaler) {
    std::string digits = fmt::format("{}", magnitude);
    if (scaler > 0 && magnitude != 0) digits.append(static_cast<std::size_t>(scaler), '0');
    if (scaler < 0) {
        const auto places = static_cast<std::size_t>(-scaler);
        if (digits.size() <= places) digits.insert(0, places + 1 - digits.size(), '0');
        digits.insert(digits.size() - places, 1, '.');
    }
    return negative && magnitude != 0 ? "-" + digits : digits;
}

}  // namespace ferraris::cli
