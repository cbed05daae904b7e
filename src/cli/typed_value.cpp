#include "cli/typed_value.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <bit>
#include <charconv>
#include <cstdlib>

#include "base/hex.hpp"
#include "cli/error.hpp"
#include "cli/obis.hpp"
#include "cli/value.hpp"
#include "dlms/data.hpp"

namespace ferraris::cli {
namespace {

using dlms::DataTag;
using Encoded = std::vector<std::uint8_t>;

[[noreturn]] void refuse(std::string_view type, std::string_view value, std::string_view why) {
    throw CliError(fmt::format("\"{}\" is no value for {}: {}", value, type, why));
}

Encoded element(DataTag tag, std::uint64_t number, std::size_t width) {
    Encoded octets(1 + width);
    ByteWriter out(octets);
    out.u8(static_cast<std::uint8_t>(tag));
    out.unsigned_of(number, width);
    return octets;
}

Encoded string_element(DataTag tag, ByteView content) {
    Encoded octets(content.size() + 6);
    ByteWriter out(octets);
    out.u8(static_cast<std::uint8_t>(tag));
    dlms::put_length(out, content.size());
    out.put(content);
    octets.resize(out.size());
    return octets;
}

ByteView view_of(std::string_view text) { return {reinterpret_cast<const std::uint8_t*>(text.data()), text.size()}; }

template <class Number>
Number whole(std::string_view type, std::string_view text, Number least, Number most) {
    Number value{};
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
    const bool good = error == std::errc() && end == text.data() + text.size() && value >= least && value <= most;
    if (!good) refuse(type, text, fmt::format("write a whole number from {} to {}", least, most));
    return value;
}

Encoded signed_number(std::string_view type, DataTag tag, std::string_view text, std::size_t width) {
    const std::int64_t most = static_cast<std::int64_t>((std::uint64_t{1} << (8 * width - 1)) - 1);
    return element(tag, static_cast<std::uint64_t>(whole<std::int64_t>(type, text, -most - 1, most)), width);
}

Encoded unsigned_number(std::string_view type, DataTag tag, std::string_view text, std::size_t width) {
    const std::uint64_t most = width == 8 ? ~std::uint64_t{0} : (std::uint64_t{1} << (8 * width)) - 1;
    return element(tag, whole<std::uint64_t>(type, text, 0, most), width);
}

Encoded boolean(std::string_view text) {
    for (const std::string_view yes : {"true", "on", "yes", "1"}) {
        if (text == yes) return element(DataTag::boolean, 1, 1);
    }
    for (const std::string_view no : {"false", "off", "no", "0"}) {
        if (text == no) return element(DataTag::boolean, 0, 1);
    }
    refuse("bool", text, "write true or false");
}

Encoded real(std::string_view type, std::string_view text, bool wide) {
    double value = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
    if (error != std::errc() || end != text.data() + text.size()) refuse(type, text, "write a number, as in 230.5");
    if (wide) return element(DataTag::float64, std::bit_cast<std::uint64_t>(value), 8);
    return element(DataTag::float32, std::bit_cast<std::uint32_t>(static_cast<float>(value)), 4);
}

Encoded hexadecimal(std::string_view type, std::string_view text) {
    auto octets = from_hex(text);
    if (!octets) refuse(type, text, "write pairs of hexadecimal digits, as in 01FF");
    return std::move(*octets);
}

Encoded bits(std::string_view text) {
    std::string_view digits = text;
    if (digits.starts_with("0b")) digits.remove_prefix(2);
    Encoded packed((digits.size() + 7) / 8);
    for (std::size_t i = 0; i < digits.size(); ++i) {
        if (digits[i] != '0' && digits[i] != '1') refuse("bits", text, "write 0 and 1, as in 0b0101");
        if (digits[i] == '1') packed[i / 8] = static_cast<std::uint8_t>(packed[i / 8] | (0x80U >> (i % 8)));
    }
    Encoded octets(packed.size() + 6);
    ByteWriter out(octets);
    dlms::DataWriter(out).bit_string(packed, digits.size());
    octets.resize(out.size());
    return octets;
}

dlms::DateTime date_time(std::string_view text) {
    if (text == "now") return date_time_now();
    const auto time = parse_user_time(text);
    if (!time) refuse("time", text, "write now, or a date and time as 2026-01-31T12:00:00+01:00");
    return to_date_time(*time);
}

Encoded raw(std::string_view text) {
    Encoded octets = hexadecimal("axdr", text);
    if (!decode_value(octets)) refuse("axdr", text, "these octets are not exactly one A-XDR element");
    return octets;
}

Encoded logical_name(std::string_view text) {
    const auto name = parse_obis(text);
    if (!name) refuse("obis", text, "write an OBIS code as 1-0:1.8.0");
    return string_element(DataTag::octet_string, name->view());
}

struct Type {
    std::string_view name;
    Encoded (*encode)(std::string_view text);
};

constexpr Type kTypes[] = {
    {"null", [](std::string_view) { return Encoded{0}; }},
    {"bool", boolean},
    {"i8", [](std::string_view t) { return signed_number("i8", DataTag::integer, t, 1); }},
    {"i16", [](std::string_view t) { return signed_number("i16", DataTag::long_, t, 2); }},
    {"i32", [](std::string_view t) { return signed_number("i32", DataTag::double_long, t, 4); }},
    {"i64", [](std::string_view t) { return signed_number("i64", DataTag::long64, t, 8); }},
    {"u8", [](std::string_view t) { return unsigned_number("u8", DataTag::unsigned_, t, 1); }},
    {"u16", [](std::string_view t) { return unsigned_number("u16", DataTag::long_unsigned, t, 2); }},
    {"u32", [](std::string_view t) { return unsigned_number("u32", DataTag::double_long_unsigned, t, 4); }},
    {"u64", [](std::string_view t) { return unsigned_number("u64", DataTag::long64_unsigned, t, 8); }},
    {"enum", [](std::string_view t) { return unsigned_number("enum", DataTag::enum_, t, 1); }},
    {"f32", [](std::string_view t) { return real("f32", t, false); }},
    {"f64", [](std::string_view t) { return real("f64", t, true); }},
    {"octets", [](std::string_view t) { return string_element(DataTag::octet_string, hexadecimal("octets", t)); }},
    {"text", [](std::string_view t) { return string_element(DataTag::octet_string, view_of(t)); }},
    {"visible", [](std::string_view t) { return string_element(DataTag::visible_string, view_of(t)); }},
    {"utf8", [](std::string_view t) { return string_element(DataTag::utf8_string, view_of(t)); }},
    {"bits", bits},
    {"obis", logical_name},
    {"time", nullptr},  // in the form that the meter wants
    {"axdr", raw},
};

const Type* find_type(std::string_view name) {
    const auto* const found = std::ranges::find(kTypes, name, &Type::name);
    return found == std::end(kTypes) ? nullptr : found;
}

/// The type to write what the object holds now.
std::string_view type_for(DataTag tag) {
    switch (tag) {
        case DataTag::boolean:
            return "bool";
        case DataTag::integer:
            return "i8";
        case DataTag::long_:
            return "i16";
        case DataTag::double_long:
            return "i32";
        case DataTag::long64:
            return "i64";
        case DataTag::unsigned_:
            return "u8";
        case DataTag::long_unsigned:
            return "u16";
        case DataTag::double_long_unsigned:
            return "u32";
        case DataTag::long64_unsigned:
            return "u64";
        case DataTag::enum_:
            return "enum";
        case DataTag::float32:
            return "f32";
        case DataTag::float64:
            return "f64";
        case DataTag::visible_string:
            return "visible";
        case DataTag::utf8_string:
            return "utf8";
        case DataTag::bit_string:
            return "bits";
        default:
            return {};
    }
}

}  // namespace

Encoded encode_typed(std::string_view text, std::optional<DataTag> type_of_object, const TimeForm& form) {
    const std::size_t colon = text.find(':');
    if (text == "null") return {0};
    if (colon != std::string_view::npos) {
        const std::string_view value = text.substr(colon + 1);
        if (const Type* const type = find_type(text.substr(0, colon)))
            return type->encode == nullptr ? time_element(date_time(value), form) : type->encode(value);
    }
    if (!type_of_object) {
        throw CliError(
            fmt::format("the value \"{}\" has no type; write TYPE:VALUE, TYPE one of {}", text, typed_value_help()));
    }
    if (*type_of_object == DataTag::octet_string) {
        throw CliError(
            fmt::format("the object holds an octet-string, which can be many things; write octets:HEX, text:TEXT, "
                        "obis:CODE or time:{}",
                        text));
    }
    if (*type_of_object == DataTag::date_time) {
        return time_element(date_time(text), {form.deviation, true});
    }
    const Type* const type = find_type(type_for(*type_of_object));
    if (type == nullptr) {
        throw CliError(fmt::format("the object holds {}; write the value as axdr:HEX", type_name(*type_of_object)));
    }
    return type->encode(text);
}

bool has_type(std::string_view text) {
    const std::size_t colon = text.find(':');
    return text == "null" || (colon != std::string_view::npos && find_type(text.substr(0, colon)) != nullptr);
}

std::string typed_value_help() {
    std::string text;
    for (const Type& type : kTypes) {
        if (!text.empty()) text += ", ";
        text += type.name;
    }
    return text;
}

}  // namespace ferraris::cli
