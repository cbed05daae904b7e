#include "cli/format.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <iterator>
#include <vector>

#include "base/hex.hpp"
#include "cli/date_time.hpp"
#include "cli/enumerations.hpp"
#include "cli/obis.hpp"
#include "decode/names.hpp"
#include "dlms/interface_classes.hpp"

namespace ferraris::cli {
namespace {

using decode::unit_symbol;
using dlms::DataTag;

constexpr std::uint8_t kFirstEnergyUnit = 30;  // Wh
constexpr std::uint8_t kLastEnergyUnit = 32;   // varh

std::string octets_text(ByteView octets) {
    if (octets.empty()) return "(empty)";
    if (octets.size() == 6 && octets[5] == 255 && octets[0] <= 15) return obis_text(dlms::LogicalName::from(octets));
    if (const auto time = plausible_date_time(octets)) {
        std::string text = date_time_text(*time);
        const std::string status = clock_status_text(time->status);
        return status.empty() ? text : text + fmt::format(" ({})", status);
    }
    if (const auto text = printable(octets)) return '"' + *text + '"';
    return to_hex(octets);
}

std::string date_text(ByteView octets) {
    std::array<std::uint8_t, 12> padded{};
    padded.fill(0xFF);
    std::ranges::copy(octets.first(std::min<std::size_t>(octets.size(), 5)), padded.begin());
    padded[9] = 0x80;
    padded[10] = 0x00;
    padded[5] = padded[6] = padded[7] = 0;
    const auto time = plausible_date_time(padded);
    if (!time) return to_hex(octets);
    const std::string text = date_time_text(*time);
    const std::size_t end = text.find_last_of("T,");
    return end == std::string::npos ? text : text.substr(0, end);
}

std::string time_text(ByteView octets) {
    if (octets.size() != 4) return to_hex(octets);
    const auto field = [](std::uint8_t value) {
        return value == 0xFF ? std::string("**") : fmt::format("{:02}", value);
    };
    return fmt::format("{}:{}:{}", field(octets[0]), field(octets[1]), field(octets[2]));
}

std::string bits_text(const Value& value) {
    std::string text;
    for (std::size_t i = 0; i < value.bit_count; ++i) {
        const unsigned octet = value.octets[i / 8];
        const bool bit = (octet >> (7 - i % 8) & 1U) != 0;
        text.push_back(bit ? '1' : '0');
    }
    return text.empty() ? "(no bits)" : "0b" + text;
}

std::string items_text(const Value& value, Shape shape) {
    const bool array = value.tag == DataTag::array;
    // Names that belong to a structure of another length would be wrong names.
    const bool named = !array && value.items.size() <= shape.size();
    std::string text(array ? "[" : "{");
    for (std::size_t i = 0; i < value.items.size(); ++i) {
        if (i != 0) text += ", ";
        if (named) text += fmt::format("{}: ", shape.name_of(i));
        text += value_text(value.items[i], array ? shape.element() : named ? shape.shape_of(i) : Shape{});
    }
    text.push_back(array ? ']' : '}');
    return text;
}

/// Security policy of class 64 from version 1 on: what every message has to have.
std::string security_policy_text(std::uint64_t policy) {
    static constexpr std::string_view kBits[] = {
        "",
        "",
        "requests authenticated",
        "requests encrypted",
        "requests signed",
        "responses authenticated",
        "responses encrypted",
        "responses signed",
    };
    std::string text;
    for (std::size_t i = 0; i < std::size(kBits); ++i) {
        if ((policy >> i & 1U) == 0 || kBits[i].empty()) continue;
        text += text.empty() ? "" : ", ";
        text += kBits[i];
    }
    return text.empty() ? "nothing" : text;
}

std::string integer_text(const Value& value, std::string_view kind) {
    if (value.tag == DataTag::boolean) return value.magnitude != 0 ? "true" : "false";
    std::string text = decimal(value.negative, value.magnitude, 0);
    if (value.negative || kind.empty()) return text;
    std::string meaning(enumerator_name(kind, value.magnitude));
    if (kind == "security_policy") meaning = security_policy_text(value.magnitude);
    if (kind == "class" && value.magnitude <= 0xFFFF) {
        const auto* const known = dlms::newest_interface_class(static_cast<std::uint16_t>(value.magnitude));
        if (known != nullptr) meaning = known->name;
    }
    return meaning.empty() ? text : text + fmt::format(" ({})", meaning);
}

/// Object identifiers of the Green Book: a structure of numbers, or BER. Shown with dots and what they stand for.
std::optional<std::string> object_identifier_text(const Value& value) {
    std::vector<std::uint64_t> arcs;
    if (value.tag == DataTag::structure && value.items.size() == 7) {
        for (const Value& item : value.items) arcs.push_back(item.magnitude);
    } else if (value.tag == DataTag::octet_string && value.octets.size() == 7 && value.octets[0] == 0x60) {
        arcs = {2, 16, 756};
        arcs.insert(arcs.end(), value.octets.begin() + 3, value.octets.end());
    }
    if (arcs.size() != 7 || arcs[4] != 8) return std::nullopt;
    static constexpr std::string_view kContexts[] = {"", "logical names", "short names", "logical names, ciphered",
                                                     "short names, ciphered"};
    static constexpr std::string_view kMechanisms[] = {"no authentication", "password", "HLS",         "HLS MD5",
                                                       "HLS SHA-1",         "HLS GMAC", "HLS SHA-256", "HLS ECDSA"};
    std::string_view meaning;
    if (arcs[5] == 1 && arcs[6] < std::size(kContexts)) meaning = kContexts[arcs[6]];
    if (arcs[5] == 2 && arcs[6] < std::size(kMechanisms)) meaning = kMechanisms[arcs[6]];
    return fmt::format("{} ({})", fmt::join(arcs, "."), meaning);
}

/// The status octet of a clock in words.
std::string clock_status_octet_text(const Value& value) {
    const auto status = static_cast<std::uint8_t>(value.magnitude);
    std::string text = clock_status_text(status);
    if (status != 0xFF && (status & dlms::clock_status::kDaylightSavingActive) != 0) {
        text += text.empty() ? "daylight saving" : ", daylight saving";
    }
    return fmt::format("{} ({})", status, text.empty() ? "good" : text);
}

std::optional<std::string> scaler_unit_text(const Value& value) {
    const auto scaler_unit = scaler_unit_of(value);
    if (!scaler_unit) return std::nullopt;
    const std::string symbol = unit_symbol(scaler_unit->unit);
    return fmt::format("{} {}", decimal(false, 1, scaler_unit->scaler), symbol.empty() ? "(count)" : symbol);
}

/// Kinds that read otherwise than their data type says; nothing where the value is not of that kind.
std::optional<std::string> special_text(const Value& value, std::string_view kind) {
    if (kind == "scaler_unit") return scaler_unit_text(value);
    if (kind == "object_identifier") return object_identifier_text(value);
    if (kind == "clock_status" && value.tag == DataTag::unsigned_) return clock_status_octet_text(value);
    const bool octets = value.tag == DataTag::octet_string;
    if (kind == "time" && octets && value.octets.size() == 4) return time_text(value.octets);
    if (kind == "date" && octets && value.octets.size() == 5) return date_text(value.octets);
    return std::nullopt;
}

}  // namespace

std::optional<ScalerUnit> scaler_unit_of(const Value& value) {
    if (value.tag != DataTag::structure || value.items.size() != 2) return std::nullopt;
    const auto scaler = value.items[0].integer();
    const auto unit = value.items[1].integer();
    if (!scaler || !unit || *scaler < -30 || *scaler > 30 || *unit < 0 || *unit > 255) return std::nullopt;
    return ScalerUnit{static_cast<std::int8_t>(*scaler), static_cast<std::uint8_t>(*unit)};
}

std::string number_text(const Value& value, int scaler) {
    if (value.is_integer()) return decimal(value.negative, value.magnitude, scaler);
    double real = value.real;
    for (int i = 0; i < scaler; ++i) real *= 10;
    for (int i = 0; i > scaler; --i) real /= 10;
    return fmt::format("{:.7g}", real);
}

std::string quantity_text(const Value& value, const ScalerUnit& scaler_unit) {
    const bool real = value.tag == DataTag::float32 || value.tag == DataTag::float64;
    if (!value.is_integer() && !real) return value_text(value);
    std::string symbol = unit_symbol(scaler_unit.unit);
    int kilo = 0;
    const bool energy = scaler_unit.unit >= kFirstEnergyUnit && scaler_unit.unit <= kLastEnergyUnit;
    if (energy && !real) {
        // A thousand and more: the whole part has four digits.
        const std::string whole = decimal(false, value.magnitude, scaler_unit.scaler);
        if (whole.substr(0, whole.find('.')).size() > 3) {
            kilo = -3;
            symbol.insert(0, 1, 'k');
        }
    }
    std::string text = number_text(value, scaler_unit.scaler + kilo);
    if (!symbol.empty()) text += " " + symbol;
    return text;
}

std::optional<std::string> printable(ByteView octets) {
    const bool good =
        !octets.empty() && std::ranges::all_of(octets, [](std::uint8_t c) { return c >= 0x20 && c < 0x7F; });
    if (!good) return std::nullopt;
    return std::string(octets.begin(), octets.end());
}

std::string value_text(const Value& value, std::uint16_t class_id, std::int8_t attribute, std::uint8_t version) {
    return value_text(value, attribute_shape(class_id, attribute, version));
}

std::string value_text(const Value& value, Shape shape) {
    if (const auto text = special_text(value, shape.kind())) return *text;
    switch (value.tag) {
        case DataTag::null_data:
            return "-";
        case DataTag::array:
        case DataTag::structure:
            return items_text(value, shape);
        case DataTag::bit_string:
            return bits_text(value);
        case DataTag::octet_string:
        case DataTag::date_time:
            return octets_text(value.octets);
        case DataTag::visible_string:
            return printable(value.octets) ? '"' + *printable(value.octets) + '"' : octets_text(value.octets);
        case DataTag::utf8_string:
            return '"' + std::string(value.octets.begin(), value.octets.end()) + '"';
        case DataTag::float32:
        case DataTag::float64:
            return fmt::format("{:.7g}", value.real);
        case DataTag::date:
            return date_text(value.octets);
        case DataTag::time:
            return time_text(value.octets);
        default:
            return value.is_integer() ? integer_text(value, shape.kind()) : to_hex(value.octets);
    }
}

}  // namespace ferraris::cli
