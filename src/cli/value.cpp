#include "cli/value.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <bit>

#include "dlms/compact_array.hpp"
#include "dlms/data.hpp"

namespace ferraris::cli {
namespace {

using dlms::DataTag;

bool is_natural(DataTag tag) { return tag == DataTag::boolean || dlms::is_unsigned(tag); }

/// A value of fixed width from its octets, without the tag.
Value fixed_value(DataTag tag, ByteView content) {
    Value value;
    value.tag = tag;
    ByteReader in(content);
    const std::size_t width = content.size();
    if (is_natural(tag)) {
        value.magnitude = in.unsigned_of(width);
    } else if (dlms::is_signed(tag)) {
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

/// One element of a compact array, or a compact buffer, with its types: written twice, since the first time tells how
/// long.
template <class Expand>
std::optional<Value> expanded_value(Expand&& expand) {
    ByteWriter measured{ByteSpan{}};
    if (!expand(measured)) return std::nullopt;
    std::vector<std::uint8_t> octets(measured.produced());
    ByteWriter out(octets);
    (void)expand(out);
    return decode_value(octets);
}

std::optional<Value> compact_array(ByteView content) {
    Value value;
    value.tag = DataTag::array;
    dlms::CompactArrayReader in(content);
    for (;;) {
        dlms::CompactArrayReader here = in;
        auto item = expanded_value([&](ByteWriter& out) {
            in = here;
            return in.next(out);
        });
        if (!item) break;
        value.items.push_back(std::move(*item));
    }
    if (!in.finished()) return std::nullopt;
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

bool Value::is_integer() const { return dlms::is_signed(tag) || is_natural(tag); }

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
    return expanded_value([&](ByteWriter& out) {
        ByteReader type(template_description);
        ByteReader values(buffer);
        return dlms::expand_described(type, values, out) == dlms::DataError::none && type.at_end() && values.at_end();
    });
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
