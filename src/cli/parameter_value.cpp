#include "cli/parameter_value.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <bit>
#include <charconv>
#include <limits>
#include <optional>
#include <string_view>

#include "base/hex.hpp"
#include "cli/error.hpp"
#include "cli/obis.hpp"

namespace ferraris::cli {
namespace {

using dlms::DataTag;

// Words in front of strings that are no text.
constexpr std::string_view kTime = "time ";
constexpr std::string_view kDate = "date ";
constexpr std::string_view kDateTime = "date-time ";
constexpr std::string_view kHex = "hex ";
constexpr std::string_view kBits = "bits ";
constexpr std::string_view kAxdr = "axdr ";
constexpr std::string_view kNull = "null";

constexpr std::size_t kTimeSize = 4;
constexpr std::size_t kDateSize = 5;
constexpr std::size_t kDateTimeOctets = 12;

std::string field(unsigned value, unsigned wild_card, int width) {
    return value == wild_card ? "*" : fmt::format("{:0{}}", value, width);
}

/// "2026-01-31", with "/7" behind for a day of the week.
std::string date_part(ByteView octets) {
    const unsigned year = static_cast<unsigned>(octets[0]) << 8U | octets[1];
    std::string text = field(year, 0xFFFF, 4) + "-" + field(octets[2], 0xFF, 2) + "-" + field(octets[3], 0xFF, 2);
    return octets[4] == 0xFF ? text : text + fmt::format("/{}", octets[4]);
}

/// "00:00:00", with ".5" behind for hundredths.
std::string time_part(ByteView octets) {
    std::string text = field(octets[0], 0xFF, 2) + ":" + field(octets[1], 0xFF, 2) + ":" + field(octets[2], 0xFF, 2);
    return octets[3] == 0 ? text : text + "." + field(octets[3], 0xFF, 1);
}

/// Reads what `field` writes, sign by sign.
class PatternReader {
public:
    explicit PatternReader(std::string_view text) : text_(text) {}
    bool skip(char sign) {
        if (text_.empty() || text_.front() != sign) return false;
        text_.remove_prefix(1);
        return true;
    }
    void expect(char sign) { good_ = skip(sign) && good_; }
    unsigned number(unsigned wild_card, unsigned greatest) {
        if (skip('*')) return wild_card;
        unsigned value = 0;
        const auto [end, error] = std::from_chars(text_.data(), text_.data() + text_.size(), value);
        good_ = good_ && error == std::errc{} && value <= greatest;
        text_.remove_prefix(static_cast<std::size_t>(end - text_.data()));
        return value;
    }
    void octet(std::vector<std::uint8_t>& out) { out.push_back(static_cast<std::uint8_t>(number(0xFF, 0xFF))); }
    void date(std::vector<std::uint8_t>& out) {
        const unsigned year = number(0xFFFF, 0xFFFF);
        out.push_back(static_cast<std::uint8_t>(year >> 8U));
        out.push_back(static_cast<std::uint8_t>(year & 0xFFU));
        expect('-');
        octet(out);
        expect('-');
        octet(out);
        if (skip('/')) {
            octet(out);
        } else {
            out.push_back(0xFF);
        }
    }
    void time(std::vector<std::uint8_t>& out) {
        octet(out);
        expect(':');
        octet(out);
        expect(':');
        octet(out);
        if (skip('.')) {
            octet(out);
        } else {
            out.push_back(0);
        }
    }
    [[nodiscard]] bool finished() const { return good_ && text_.empty(); }

private:
    std::string_view text_;
    bool good_{true};
};

std::string date_time_part(ByteView octets) {
    return fmt::format("{} {} {}", date_part(octets.first(kDateSize)), time_part(octets.subspan(kDateSize, kTimeSize)),
                       to_hex(octets.subspan(kDateSize + kTimeSize)));
}

std::optional<std::vector<std::uint8_t>> date_time_octets(std::string_view text) {
    const std::size_t last = text.rfind(' ');
    if (last == std::string_view::npos) return std::nullopt;
    std::vector<std::uint8_t> octets;
    PatternReader in(text.substr(0, last));
    in.date(octets);
    in.expect(' ');
    in.time(octets);
    const auto rest = from_hex(text.substr(last + 1));
    if (!in.finished() || !rest || octets.size() + rest->size() != kDateTimeOctets) return std::nullopt;
    octets.insert(octets.end(), rest->begin(), rest->end());
    return octets;
}

/// What a string in the file stands for as octets; nothing: what begins as one of the forms is none.
std::optional<std::vector<std::uint8_t>> octets_from(std::string_view text) {
    std::vector<std::uint8_t> octets;
    if (text.starts_with(kHex)) return from_hex(text.substr(kHex.size()));
    if (text.starts_with(kDateTime)) return date_time_octets(text.substr(kDateTime.size()));
    if (text.starts_with(kTime)) {
        PatternReader in(text.substr(kTime.size()));
        in.time(octets);
        return in.finished() ? std::optional(octets) : std::nullopt;
    }
    if (text.starts_with(kDate)) {
        PatternReader in(text.substr(kDate.size()));
        in.date(octets);
        return in.finished() ? std::optional(octets) : std::nullopt;
    }
    if (const auto name = parse_obis(text)) {
        octets.assign(name->groups.begin(), name->groups.end());
    } else {
        octets.assign(text.begin(), text.end());
    }
    return octets;
}

bool is_plain_text(ByteView octets) {
    return std::ranges::all_of(octets, [](std::uint8_t c) { return c >= ' ' && c <= '~' && c != '"' && c != '\\'; });
}

/// The form that reads best of those that are read back to the same octets.
std::string octets_toml(ByteView octets, std::string_view kind) {
    std::vector<std::string> forms;
    if (octets.size() == kTimeSize && kind == "time") forms.push_back(std::string(kTime) + time_part(octets));
    if (octets.size() == kDateSize && kind == "date") forms.push_back(std::string(kDate) + date_part(octets));
    if (octets.size() == kDateTimeOctets && !is_plain_text(octets))
        forms.push_back(std::string(kDateTime) + date_time_part(octets));
    if (octets.size() == 6 && octets[5] == 255) forms.push_back(obis_text(dlms::LogicalName::from(octets)));
    if (is_plain_text(octets)) forms.emplace_back(octets.begin(), octets.end());
    for (const std::string& form : forms) {
        const auto back = octets_from(form);
        if (back && std::ranges::equal(*back, octets) && !form.starts_with(kAxdr) && form != kNull)
            return '"' + form + '"';
    }
    return fmt::format("\"{}{}\"", kHex, to_hex(octets));
}

std::string characters_toml(ByteView octets) {
    const std::string text(octets.begin(), octets.end());
    const bool plain = is_plain_text(octets) && !text.starts_with(kHex) && !text.starts_with(kAxdr) && text != kNull;
    return plain ? '"' + text + '"' : fmt::format("\"{}{}\"", kHex, to_hex(octets));
}

std::string bits_toml(const Value& value) {
    std::string text(kBits);
    for (std::size_t i = 0; i < value.bit_count; ++i) {
        text += (static_cast<unsigned>(value.octets[i / 8]) >> (7 - i % 8) & 1U) != 0 ? '1' : '0';
    }
    return '"' + text + '"';
}

std::string structure_toml(const Value& value, Shape shape) {
    const bool named = shape.is_structure() && shape.size() == value.items.size();
    std::string text(named ? "{" : "[");
    for (std::size_t i = 0; i < value.items.size(); ++i) {
        if (i != 0) text += ", ";
        if (named) text += fmt::format("{} = ", shape.name_of(i));
        text += value_toml(value.items[i], named ? shape.shape_of(i) : Shape{});
    }
    return text + (named ? "}" : "]");
}

/// Behind an element, what its object is called.
std::string remark_on(const Value& element) {
    for (const Value& item : element.items) {
        const auto name = item.logical_name();
        if (name && !decode::object_name(*name).empty()) return "  # " + decode::object_name(*name);
    }
    return {};
}

std::string array_toml(const Value& value, Shape shape) {
    const bool by_lines = std::ranges::any_of(value.items, [](const Value& item) { return item.is_list(); });
    std::string text("[");
    for (const Value& item : value.items) {
        if (by_lines) text += "\n    ";
        text += value_toml(item, shape.element()) + ",";
        text += by_lines ? remark_on(item) : " ";
    }
    if (by_lines) return text + "\n]";
    if (!value.items.empty()) text.resize(text.size() - 2);
    return text + "]";
}

std::string axdr_toml(const Value& value) { return fmt::format("\"{}{}\"", kAxdr, to_hex(encode_value(value))); }

/// The widths of integers, by tag.
struct IntegerRange {
    DataTag tag;
    std::int64_t least;
    std::uint64_t greatest;
    std::size_t octets;
};
template <class Integer>
constexpr IntegerRange range_of(DataTag tag) {
    using Limits = std::numeric_limits<Integer>;
    return {tag, static_cast<std::int64_t>(Limits::min()), static_cast<std::uint64_t>(Limits::max()), sizeof(Integer)};
}
constexpr IntegerRange kIntegers[] = {
    {DataTag::boolean, 0, 1, 1},
    range_of<std::int8_t>(DataTag::integer),
    range_of<std::int16_t>(DataTag::long_),
    range_of<std::int32_t>(DataTag::double_long),
    range_of<std::int64_t>(DataTag::long64),
    range_of<std::uint8_t>(DataTag::unsigned_),
    range_of<std::uint16_t>(DataTag::long_unsigned),
    range_of<std::uint32_t>(DataTag::double_long_unsigned),
    range_of<std::uint64_t>(DataTag::long64_unsigned),
    range_of<std::uint8_t>(DataTag::enum_),
};
const IntegerRange* integer_range(DataTag tag) {
    const auto* const found = std::ranges::find(kIntegers, tag, &IntegerRange::tag);
    return found == std::end(kIntegers) ? nullptr : found;
}

[[noreturn]] void expect_another(const char* what) { throw CliError(fmt::format("{} is expected here", what)); }

Value integer_from(const toml::value& text, const Value& pattern, const IntegerRange& range) {
    Value value;
    value.tag = pattern.tag;
    if (pattern.tag == DataTag::boolean) {
        if (!text.is_boolean()) expect_another("true or false");
        value.magnitude = text.as_boolean() ? 1 : 0;
        return value;
    }
    if (!text.is_integer()) expect_another("a number without a point");
    const std::int64_t number = text.as_integer();
    if (number < range.least || (number > 0 && static_cast<std::uint64_t>(number) > range.greatest)) {
        throw CliError(fmt::format("{} is out of range; it is {} to {} here", number, range.least, range.greatest));
    }
    value.negative = number < 0;
    value.magnitude = value.negative ? ~static_cast<std::uint64_t>(number) + 1 : static_cast<std::uint64_t>(number);
    return value;
}

Value bits_from(std::string_view text) {
    Value value;
    value.tag = DataTag::bit_string;
    if (!text.starts_with(kBits)) expect_another("\"bits …\"");
    for (const char bit : text.substr(kBits.size())) {
        if (bit != '0' && bit != '1') expect_another("\"bits …\" of 0 and 1");
        if (value.bit_count % 8 == 0) value.octets.push_back(0);
        const unsigned mask = bit == '1' ? 0x80U >> value.bit_count % 8 : 0U;
        value.octets.back() = static_cast<std::uint8_t>(value.octets.back() | mask);
        ++value.bit_count;
    }
    return value;
}

Value string_from(std::string_view text, const Value& pattern) {
    Value value;
    value.tag = pattern.tag;
    if (pattern.tag == DataTag::octet_string) {
        const auto octets = octets_from(text);
        if (!octets) throw CliError(fmt::format("\"{}\" is not well formed", text));
        value.octets = *octets;
        return value;
    }
    if (text.starts_with(kHex)) {
        const auto octets = from_hex(text.substr(kHex.size()));
        if (!octets) throw CliError(fmt::format("\"{}\" is not well formed", text));
        value.octets = *octets;
    } else {
        value.octets.assign(text.begin(), text.end());
    }
    return value;
}

Value structure_from(const toml::value& text, const Value& pattern, Shape shape) {
    Value value;
    value.tag = DataTag::structure;
    const std::size_t count = pattern.items.size();
    const bool named = shape.is_structure() && shape.size() == count;
    if (named != text.is_table() || (!named && !text.is_array()))
        expect_another(named ? "a table {name = …}" : "a list [ … ]");
    const std::size_t found = named ? text.as_table().size() : text.as_array().size();
    for (std::size_t i = 0; i < count; ++i) {
        if (!named && i >= found) break;
        const std::string name(named ? shape.name_of(i) : "");
        if (named && !text.contains(name)) throw CliError(fmt::format("\"{}\" is missing", name));
        const toml::value& item = named ? text.at(name) : text.as_array()[i];
        value.items.push_back(value_from_toml(item, pattern.items[i], named ? shape.shape_of(i) : Shape{}, nullptr));
    }
    if (found != count) throw CliError(fmt::format("{} elements are expected here, not {}", count, found));
    return value;
}

Value array_from(const toml::value& text, const Value& pattern, Shape shape, const Value* element) {
    if (!text.is_array()) expect_another("a list [ … ]");
    Value value;
    value.tag = DataTag::array;
    for (const toml::value& item : text.as_array()) {
        const std::size_t i = value.items.size();
        const Value* like = i < pattern.items.size() ? &pattern.items[i] : nullptr;
        if (like == nullptr) like = pattern.items.empty() ? element : &pattern.items.front();
        if (like == nullptr && !(item.is_string() && item.as_string().str.starts_with(kAxdr))) {
            throw CliError("the meter's list is empty and of no known type; write its elements as \"axdr …\"");
        }
        value.items.push_back(value_from_toml(item, like == nullptr ? Value{} : *like, shape.element(), nullptr));
    }
    return value;
}

void write_length(std::vector<std::uint8_t>& out, std::size_t length) {
    if (length < 0x80) {
        out.push_back(static_cast<std::uint8_t>(length));
    } else if (length <= 0xFF) {
        out.insert(out.end(), {0x81, static_cast<std::uint8_t>(length)});
    } else {
        out.insert(out.end(),
                   {0x82, static_cast<std::uint8_t>(length >> 8U & 0xFFU), static_cast<std::uint8_t>(length & 0xFFU)});
    }
}

void write_bits(std::vector<std::uint8_t>& out, std::uint64_t bits, std::size_t octets) {
    for (std::size_t i = octets; i-- > 0;) out.push_back(static_cast<std::uint8_t>(bits >> 8U * i & 0xFFU));
}

void write_value(std::vector<std::uint8_t>& out, const Value& value) {
    out.push_back(static_cast<std::uint8_t>(value.tag));
    if (value.is_list()) {
        write_length(out, value.items.size());
        for (const Value& item : value.items) write_value(out, item);
    } else if (const IntegerRange* const range = integer_range(value.tag)) {
        write_bits(out, value.negative ? ~value.magnitude + 1 : value.magnitude, range->octets);
    } else if (value.tag == DataTag::float32) {
        write_bits(out, std::bit_cast<std::uint32_t>(static_cast<float>(value.real)), sizeof(float));
    } else if (value.tag == DataTag::float64) {
        write_bits(out, std::bit_cast<std::uint64_t>(value.real), sizeof(double));
    } else if (value.is_string() || value.tag == DataTag::bit_string) {
        write_length(out, value.tag == DataTag::bit_string ? value.bit_count : value.octets.size());
        out.insert(out.end(), value.octets.begin(), value.octets.end());
    } else {
        out.insert(out.end(), value.octets.begin(), value.octets.end());
    }
}

}  // namespace

std::vector<std::uint8_t> encode_value(const Value& value) {
    std::vector<std::uint8_t> out;
    write_value(out, value);
    return out;
}

std::string value_toml(const Value& value, Shape shape) {
    if (value.tag == DataTag::boolean) return value.magnitude != 0 ? "true" : "false";
    if (value.is_integer() && value.magnitude <= static_cast<std::uint64_t>(INT64_MAX))
        return decimal(value.negative, value.magnitude, 0);
    if (value.tag == DataTag::array) return array_toml(value, shape);
    if (value.tag == DataTag::structure) return structure_toml(value, shape);
    if (value.tag == DataTag::octet_string) return octets_toml(value.octets, shape.kind());
    if (value.is_string()) return characters_toml(value.octets);
    if (value.tag == DataTag::bit_string) return bits_toml(value);
    if (value.is_null()) return fmt::format("\"{}\"", kNull);
    return axdr_toml(value);
}

Value value_from_toml(const toml::value& text, const Value& pattern, Shape shape, const Value* element) {
    if (text.is_string() && text.as_string().str.starts_with(kAxdr)) {
        const auto octets = from_hex(std::string_view(text.as_string().str).substr(kAxdr.size()));
        const auto value = octets ? decode_value(*octets) : std::nullopt;
        if (!value) throw CliError("what stands behind \"axdr\" is not one element of A-XDR in hexadecimal digits");
        return *value;
    }
    if (text.is_string() && text.as_string().str == kNull) return {};
    if (pattern.tag == DataTag::array) return array_from(text, pattern, shape, element);
    if (pattern.tag == DataTag::structure) return structure_from(text, pattern, shape);
    if (const IntegerRange* const range = integer_range(pattern.tag)) return integer_from(text, pattern, *range);
    if (!text.is_string()) expect_another("text in quotes");
    if (pattern.tag == DataTag::bit_string) return bits_from(text.as_string().str);
    if (pattern.is_string()) return string_from(text.as_string().str, pattern);
    throw CliError(fmt::format("the meter has {} here; write it as \"axdr …\"", type_name(pattern.tag)));
}

}  // namespace ferraris::cli
