#include "decode/data.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <bit>
#include <optional>
#include <vector>

#include "decode/date_time_text.hpp"
#include "decode/names.hpp"
#include "dlms/data.hpp"
#include "dlms/interface_classes.hpp"

namespace ferraris::decode {
namespace {

enum class Shape : std::uint8_t { nothing, boolean, signed_number, unsigned_number, real, octets, text, bits, time };

/// How the value of a simple type is written: in `width` octets, or behind a length where `width` is kCounted.
struct Type {
    std::uint8_t tag;
    std::string_view name;
    std::uint8_t width;
    Shape shape;
};
constexpr std::uint8_t kCounted = 255;

// IEC 62056-6-2, table of common data types.
constexpr Type kTypes[] = {
    {0, "null-data", 0, Shape::nothing},
    {3, "boolean", 1, Shape::boolean},
    {4, "bit-string", kCounted, Shape::bits},
    {5, "double-long", 4, Shape::signed_number},
    {6, "double-long-unsigned", 4, Shape::unsigned_number},
    {9, "octet-string", kCounted, Shape::octets},
    {10, "visible-string", kCounted, Shape::text},
    {12, "utf8-string", kCounted, Shape::text},
    {13, "bcd", 1, Shape::signed_number},
    {15, "integer", 1, Shape::signed_number},
    {16, "long", 2, Shape::signed_number},
    {17, "unsigned", 1, Shape::unsigned_number},
    {18, "long-unsigned", 2, Shape::unsigned_number},
    {20, "long64", 8, Shape::signed_number},
    {21, "long64-unsigned", 8, Shape::unsigned_number},
    {22, "enum", 1, Shape::unsigned_number},
    {23, "float32", 4, Shape::real},
    {24, "float64", 8, Shape::real},
    {25, "date-time", 12, Shape::time},
    {26, "date", 5, Shape::time},
    {27, "time", 4, Shape::time},
    {28, "delta-integer", 1, Shape::signed_number},
    {29, "delta-long", 2, Shape::signed_number},
    {30, "delta-double-long", 4, Shape::signed_number},
    {31, "delta-unsigned", 1, Shape::unsigned_number},
    {32, "delta-long-unsigned", 2, Shape::unsigned_number},
    {33, "delta-double-long-unsigned", 4, Shape::unsigned_number},
    {255, "dont-care", 0, Shape::nothing},
};
constexpr std::uint8_t kArray = 1;
constexpr std::uint8_t kStructure = 2;
constexpr std::uint8_t kCompactArray = 19;
constexpr std::string_view kStructureName = "structure";
constexpr std::string_view kDescriptorName = "attribute descriptor";

const Type* find_type(std::uint8_t tag) {
    const auto* const found = std::ranges::find(kTypes, tag, &Type::tag);
    return found == std::end(kTypes) ? nullptr : found;
}

std::uint64_t unsigned_value(ByteView octets) {
    std::uint64_t value = 0;
    for (const std::uint8_t octet : octets) value = (value << 8U) | octet;
    return value;
}

std::int64_t signed_value(ByteView octets) {
    const std::size_t spare = 64 - octets.size() * 8;
    return static_cast<std::int64_t>(unsigned_value(octets) << spare) >> spare;
}

std::string date_text(ByteView octets) {
    const auto date = dlms::decode_date(octets);
    if (!date) return {};
    dlms::DateTime time;
    time.date = *date;
    const std::string text = date_time_text(time);
    if (date->fully_specified()) {
        return fmt::format("{:04}-{:02}-{:02}", date->year, date->month, date->day_of_month);
    }
    return text.substr(0, text.rfind(','));
}

std::string clock_text(ByteView octets) {
    std::string text;
    for (std::size_t i = 0; i < 3; ++i) {
        if (i != 0) text += ':';
        text += octets[i] == dlms::kNotSpecified ? std::string("**") : fmt::format("{:02}", octets[i]);
    }
    if (octets[3] != 0 && octets[3] != dlms::kNotSpecified) text += fmt::format(".{:02}", octets[3]);
    return text;
}

void describe_octets(ByteView octets, Node& node) {
    node.value = spaced_hex(octets);
    if (octets.empty()) {
        node.meaning = "empty";
        return;
    }
    if (octets.size() == 6) {
        const auto name = dlms::LogicalName::from(octets);
        const std::string known = object_name(name);
        const bool looks_like_obis = name.groups[0] <= 128 && (name.groups[5] == 255 || !known.empty());
        if (looks_like_obis && !printable(octets)) {
            node.value = obis_text(name);
            node.meaning = known;
            return;
        }
    }
    if (octets.size() == dlms::kDateTimeSize) {
        if (const auto time = plausible_date_time(octets)) {
            node.value = date_time_text(*time);
            node.meaning = clock_status_text(time->status);
            return;
        }
    }
    if (octets.size() >= 2) {
        if (auto text = printable(octets)) {
            node.value = std::move(*text);
            node.meaning = "the octets as text";
        }
    }
}

void describe(const Type& type, ByteView content, std::size_t count, Node& node) {
    switch (type.shape) {
        case Shape::nothing:
            break;
        case Shape::boolean:
            node.value = content[0] != 0 ? "true" : "false";
            break;
        case Shape::signed_number:
            node.value = fmt::format_int(signed_value(content)).str();
            break;
        case Shape::unsigned_number:
            node.value = fmt::format_int(unsigned_value(content)).str();
            break;
        case Shape::real:
            if (content.size() == 4) {
                node.value =
                    fmt::format("{}", std::bit_cast<float>(static_cast<std::uint32_t>(unsigned_value(content))));
            } else {
                node.value = fmt::format("{}", std::bit_cast<double>(unsigned_value(content)));
            }
            break;
        case Shape::octets:
            describe_octets(content, node);
            break;
        case Shape::text: {
            auto text = printable(content);
            node.value = text ? std::move(*text) : spaced_hex(content);
            if (content.empty()) node.meaning = "empty";
            break;
        }
        case Shape::bits:
            node.value.reserve(count);
            for (std::size_t i = 0; i < count && i < 256; ++i) {
                node.value.push_back(((static_cast<unsigned>(content[i / 8]) >> (7U - i % 8U)) & 1U) != 0 ? '1' : '0');
            }
            if (count > 256) node.value += "…";
            if (count == 0) node.meaning = "empty";
            break;
        case Shape::time:
            if (content.size() == dlms::kDateTimeSize) {
                node.value = date_time_value(content);
            } else {
                node.value = content.size() == dlms::kDateSize ? date_text(content) : clock_text(content);
            }
            break;
    }
}

bool is_number(const Node& node) {
    const auto* const type = std::ranges::find(kTypes, node.name, &Type::name);
    return type != std::end(kTypes) && node.name != "enum" && node.name != "bcd" &&
           (type->shape == Shape::signed_number || type->shape == Shape::unsigned_number);
}

/// `digits` times ten to the power of `scaler`, exactly.
std::string scaled(std::string digits, int scaler) {
    const bool negative = digits.front() == '-';
    if (negative) digits.erase(0, 1);
    if (scaler > 0 && digits != "0") digits.append(static_cast<std::size_t>(scaler), '0');
    if (scaler < 0) {
        const auto places = static_cast<std::size_t>(-scaler);
        if (digits.size() <= places) digits.insert(0, places + 1 - digits.size(), '0');
        digits.insert(digits.size() - places, 1, '.');
    }
    return (negative ? "-" : "") + digits;
}

bool is_scaler_unit(const Node& node) {
    return node.name == kStructureName && node.children.size() == 2 && node.children[0].name == "integer" &&
           node.children[1].name == "enum";
}

/// What the elements of a structure mean together: scaler and unit, a value with them, an attribute of an object.
void describe_structure(Node& node) {
    auto& parts = node.children;
    if (is_scaler_unit(node)) {
        const std::string unit = unit_symbol(static_cast<std::uint8_t>(std::atoi(parts[1].value.c_str())));
        parts[1].meaning = unit.empty() ? "no unit" : unit;
        parts[0].meaning = "scaler";
        node.meaning = fmt::format("scaler and unit: x 10^{} {}", parts[0].value, unit);
        return;
    }
    if (parts.size() >= 2 && is_scaler_unit(parts.back())) {
        Node& number = parts[parts.size() - 2];
        const auto& scaler_unit = parts.back().children;
        const int scaler = std::atoi(scaler_unit[0].value.c_str());
        if (is_number(number) && std::abs(scaler) <= 24) {
            const std::string unit = unit_symbol(static_cast<std::uint8_t>(std::atoi(scaler_unit[1].value.c_str())));
            number.meaning = scaled(number.value, scaler) + (unit.empty() ? "" : " " + unit);
        }
        return;
    }
    const bool object = parts.size() >= 3 && parts[0].name == "long-unsigned" && parts[1].name == "octet-string" &&
                        parts[1].length == 8 && parts[2].name == "integer";
    if (object) {
        const int class_id = std::atoi(parts[0].value.c_str());
        const int attribute = std::atoi(parts[2].value.c_str());
        parts[0].meaning = class_text(static_cast<std::uint16_t>(class_id));
        if (const auto* const known = dlms::newest_interface_class(static_cast<std::uint16_t>(class_id))) {
            parts[2].meaning = known->attribute_name(static_cast<std::int8_t>(attribute));
        }
        if (parts.size() == 4) node.meaning = "an attribute of an object";
    }
}

/// Type descriptions of a compact array, as a tree.
struct CompactType {
    std::uint8_t tag{0};
    std::uint16_t count{0};
    std::vector<CompactType> parts{};
    std::size_t least{0};  ///< octets that one element takes at least
};
/// Bounds against hostile descriptions: what follows them is no larger than a message.
constexpr std::size_t kMostOctets = std::size_t{1} << 32U;
constexpr std::size_t kMostParts = 1024;

class DataExplainer {
public:
    DataExplainer(Walker& in, DataForm form) : in_(in), form_(form) {}

    void element(Node& parent, int depth) {
        if (in_.failed()) return;
        if (in_.at_end()) {
            (void)in_.field(parent, "element", 1);
            return;
        }
        if (depth > dlms::kMaxDataDepth) {
            in_.fail(fmt::format("nested deeper than {} levels", dlms::kMaxDataDepth));
            return;
        }
        const std::uint8_t tag = in_.peek();
        if (tag == kArray || tag == kStructure) {
            nested(parent, tag, depth);
        } else if (tag == kCompactArray) {
            compact_array(parent, depth);
        } else if (const Type* const type = find_type(tag)) {
            simple(parent, *type);
        } else {
            in_.fail(fmt::format("{:02X} is no tag of a data type", tag));
        }
    }

private:
    void simple(Node& parent, const Type& type) {
        Node node = in_.open(type.name);
        Node hidden;  // tag, length and content are one field
        (void)in_.field(hidden, type.name, 1);
        content(node, hidden, type);
        if (in_.failed()) {
            // The head of what is cut short stays visible.
            in_.close(node);
            if (node.length != 0) {
                node.meaning = "without all of its content";
                parent.add(std::move(node));
            }
            return;
        }
        in_.close(node);
        parent.add(std::move(node));
    }

    void content(Node& node, Node& hidden, const Type& type) {
        std::size_t count = type.width;
        if (type.width == kCounted) count = in_.length(hidden);
        const std::size_t octets = type.shape == Shape::bits ? (count + 7) / 8 : count;
        const ByteView value = in_.field(hidden, type.name, octets);
        if (!in_.failed()) describe(type, value, count, node);
    }

    void nested(Node& parent, std::uint8_t tag, int depth) {
        Node node = in_.open(tag == kArray ? "array" : kStructureName);
        Node hidden;
        (void)in_.field(hidden, node.name, 1);
        const std::size_t count = in_.length(hidden, "number of elements");
        in_.close(node);
        node.head = node.length;
        if (!in_.failed()) {
            node.value = fmt::format("{} element{}", count, count == 1 ? "" : "s");
            node.children.reserve(std::min<std::size_t>({count, in_.remaining(), 64}));
        }
        if (form_ == DataForm::raw_descriptors && tag == kStructure && at_descriptor()) {
            descriptor(node);
            element(node, depth + 1);
        } else {
            for (std::size_t i = 0; i < count && !in_.failed(); ++i) element(node, depth + 1);
        }
        in_.close(node);
        if (tag == kStructure && !in_.failed()) describe_structure(node);
        if (node.length != 0) parent.add(std::move(node));
    }

    /// Class, logical name and attribute stand here as they are in a service.
    [[nodiscard]] bool at_descriptor() const {
        constexpr std::size_t kLastGroup = 7;
        return in_.peek() == 0 && in_.peek(kLastGroup) == 0xFF &&
               dlms::newest_interface_class(in_.peek(1)) != nullptr && in_.peek(kLastGroup + 1) != 0 &&
               in_.remaining() > kLastGroup + 2;
    }
    void descriptor(Node& parent) {
        Node node = in_.open(kDescriptorName);
        const ByteView octets = in_.field(node, kDescriptorName, 9);
        in_.close(node);
        node.children.clear();
        node.value = attribute_text(octets[1], dlms::LogicalName::from(octets.subspan(2, 6)),
                                    static_cast<std::int8_t>(octets[8]));
        node.meaning = "without tags, which is no legal A-XDR";
        node.verdict = Verdict::note;
        parent.add(std::move(node));
    }

    void compact_array(Node& parent, int depth) {
        Node node = in_.open("compact-array");
        Node hidden;
        (void)in_.field(hidden, node.name, 1);
        in_.close(node);
        node.head = node.length;
        CompactType type;
        type_description(node, type, depth + 1);
        const std::size_t length = in_.length(node, "length of the contents");
        const std::size_t there = std::min(length, in_.remaining());
        std::size_t count = 0;
        if (!in_.failed() && type.least == 0 && length != 0) in_.fail("elements of a compact array without octets");
        Walker contents = in_.inner(length);
        Node list = contents.open("array-contents");
        while (!contents.failed() && !contents.at_end()) {
            compact_element(contents, list, type);
            ++count;
        }
        contents.finish(list);
        list.length = static_cast<std::uint32_t>(there);
        list.value = fmt::format("{} element{}", count, count == 1 ? "" : "s");
        if (there != 0) node.add(std::move(list));
        in_.close(node);
        parent.add(std::move(node));
    }

    void type_description(Node& parent, CompactType& type, int depth) {
        if (depth > dlms::kMaxDataDepth) in_.fail(fmt::format("nested deeper than {} levels", dlms::kMaxDataDepth));
        Node node = in_.open("type description");
        Node hidden;
        type.tag = static_cast<std::uint8_t>(in_.number(hidden, "type description", 1));
        if (in_.failed()) return;
        in_.close(node);
        node.head = node.length;
        if (type.tag == kArray) {
            node.value = "array";
            type.count = static_cast<std::uint16_t>(in_.number(node, "number of elements", 2));
            type_description(node, type.parts.emplace_back(), depth + 1);
            type.least = std::min(kMostOctets, type.count * type.parts[0].least);
        } else if (type.tag == kStructure) {
            node.value = kStructureName;
            const std::size_t count = in_.length(node, "number of elements");
            if (count > kMostParts) in_.fail(fmt::format("a structure of {} parts", count));
            for (std::size_t i = 0; i < count && !in_.failed(); ++i) {
                type_description(node, type.parts.emplace_back(), depth + 1);
                type.least = std::min(kMostOctets, type.least + type.parts.back().least);
            }
        } else if (const Type* const simple = find_type(type.tag)) {
            node.value = simple->name;
            type.least = simple->width == kCounted ? 1 : simple->width;
        } else {
            node.verdict = Verdict::unexplained;
            in_.fail(fmt::format("{:02X} is no tag of a data type", type.tag));
        }
        in_.close(node);
        parent.add(std::move(node));
    }

    static void compact_element(Walker& in, Node& parent, const CompactType& type) {
        if (in.failed() || type.least > in.remaining()) {
            in.fail("cut short: an element is not whole");
            return;
        }
        if (type.tag == kArray || type.tag == kStructure) {
            Node node = in.open(type.tag == kArray ? "array" : kStructureName);
            if (type.tag == kArray) {
                // Elements without octets are not walked: their number is not bounded by the input.
                const std::size_t count = type.parts[0].least == 0 ? 0 : type.count;
                for (std::size_t i = 0; i < count && !in.failed(); ++i) compact_element(in, node, type.parts[0]);
            } else {
                for (const CompactType& part : type.parts) compact_element(in, node, part);
            }
            in.close(node);
            parent.add(std::move(node));
            return;
        }
        const Type* const simple = find_type(type.tag);
        if (simple->width == 0) return;
        Node node = in.open(simple->name);
        Node hidden;
        const std::size_t count = simple->width == kCounted ? in.length(hidden) : simple->width;
        const std::size_t octets = simple->shape == Shape::bits ? (count + 7) / 8 : count;
        const ByteView value = in.field(hidden, simple->name, octets);
        if (in.failed()) return;
        describe(*simple, value, count, node);
        in.close(node);
        parent.add(std::move(node));
    }

    Walker& in_;
    DataForm form_;
};

}  // namespace

void explain_data(Walker& in, Node& parent, DataForm form) { DataExplainer(in, form).element(parent, 1); }

std::string date_time_value(ByteView twelve_octets) {
    const auto time = dlms::decode_date_time(twelve_octets);
    if (!time) return spaced_hex(twelve_octets);
    if (!plausible_date_time(twelve_octets)) return spaced_hex(twelve_octets);
    return date_time_text(*time);
}

std::string class_text(std::uint16_t class_id) {
    const auto* const known = dlms::newest_interface_class(class_id);
    return known == nullptr ? "a class without a name here" : std::string(known->name);
}

std::string object_text(const dlms::LogicalName& name) {
    std::string text = obis_text(name);
    const std::string known = object_name(name);
    if (!known.empty()) text += " " + known;
    return text;
}

std::string attribute_text(std::uint16_t class_id, const dlms::LogicalName& name, std::int8_t attribute) {
    const auto* const known = dlms::newest_interface_class(class_id);
    std::string text =
        fmt::format("{} {}", known == nullptr ? fmt::format("class {}", class_id) : known->name, object_text(name));
    const std::string_view item = known == nullptr ? std::string_view{} : known->attribute_name(attribute);
    return text + (item.empty() ? fmt::format(", attribute {}", attribute) : fmt::format(", {}", item));
}

std::string method_text(std::uint16_t class_id, const dlms::LogicalName& name, std::int8_t method) {
    const auto* const known = dlms::newest_interface_class(class_id);
    std::string text =
        fmt::format("{} {}", known == nullptr ? fmt::format("class {}", class_id) : known->name, object_text(name));
    const std::string_view item = known == nullptr ? std::string_view{} : known->method_name(method);
    return text + (item.empty() ? fmt::format(", method {}", method) : fmt::format(", {}", item));
}

}  // namespace ferraris::decode
