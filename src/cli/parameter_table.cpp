#include "cli/parameter_table.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <span>

#include "base/hex.hpp"
#include "cli/class_names.hpp"
#include "cli/obis.hpp"
#include "meter/security/client_level.hpp"

namespace ferraris::cli {
namespace {

using meter::ParameterClass;

constexpr std::int16_t kAny = -1;
constexpr int kMostAttributes = 16;

/// Attributes by class, value groups A to E and number; the first row that fits counts.
struct ParameterRule {
    std::int16_t class_id;
    std::array<std::int16_t, 5> groups;
    std::uint16_t attributes;    ///< bit n: attribute n; 0: all
    std::string_view section{};  ///< empty: left out
    std::string_view reason{};
};

constexpr std::array<std::int16_t, 5> kAnyObject{kAny, kAny, kAny, kAny, kAny};

constexpr std::string_view kOtherName = "the same parameter as that of another object";
constexpr std::string_view kSecret = "a secret, which nobody reads; `ferraris write` sets it";
constexpr std::string_view kState = "what the meter does now, not how it is configured";
constexpr std::string_view kTable = "part of the table of tariffs, which stands as a whole under [tariffs]";

constexpr ParameterRule kRules[] = {
    // clang-format off
    {8, kAnyObject, meter::bits(2), {}, kState},
    {15, kAnyObject, 0, {}, kSecret},
    {19, kAnyObject, meter::bits(7, 8, 9), {}, kSecret},
    {20, kAnyObject, meter::bits(10), {}, "a pending activation; `ferraris tou send --at` sets it"},
    {20, kAnyObject, 0, {}, kTable},
    {11, kAnyObject, 0, {}, kTable},
    {1, {0, 0, 96, 6, 5}, 0, {}, "written when somebody replaces the battery"},
    {1, {0, 0, 97, 97, 0}, 0, {}, kState},
    {1, {0, 0, 97, 98, 10}, 0, "alarms"},
    {1, {0, 0, 97, 98, 11}, 0, "alarms"},
    {1, {0, 0, 97, 98, kAny}, 0, {}, kState},
    {1, {0, 0, 128, 30, 4}, 0, {}, kState},
    {1, {0, 0, 128, 30, 5}, 0, {}, kState},
    {70, {0, 0, 24, 4, 0}, 0, {}, kOtherName},
    {7, {0, 0, 98, 1, 0}, 0, {}, kOtherName},
    {71, kAnyObject, meter::bits(4, 6), {}, kOtherName},
    {5, {1, 0, 1, 4, 0}, 0, "demand"},
    {5, kAnyObject, 0, {}, kOtherName},
    {3, {1, 0, 0, 3, kAny}, 0, "metrology"},
    {8, kAnyObject, 0, "clock"},
    {3, {1, 0, 0, 9, 11}, 0, "clock"},
    {3, {1, 0, 0, 9, 13}, 0, "billing"},
    {1, {1, 0, 0, 9, 11}, 0, "clock"},
    {1, {1, 0, 0, 9, 13}, 0, "billing"},
    {22, {0, 0, 15, 0, 0}, 0, "billing"},
    {1, {0, 0, 128, 14, 0}, 0, kTariffSection},
    {22, {0, 0, 15, 0, 1}, 0, "supply"},
    {70, kAnyObject, 0, "supply"},
    {71, kAnyObject, 0, "supply"},
    {1, {0, 0, 128, 24, 0}, 0, "supply"},
    {3, {0, 0, 96, 6, kAny}, 0, "battery"},
    {3, kAnyObject, 0, "limits"},
    {22, {0, 0, 15, 0, 4}, 0, "pushes"},
    {40, kAnyObject, 0, "pushes"},
    {22, {0, 0, 15, 0, 2}, 0, "firmware"},
    {18, kAnyObject, 0, "firmware"},
    {19, kAnyObject, 0, "ports"},
    {23, kAnyObject, 0, "ports"},
    {1, {0, 1, 128, 20, 0}, 0, "ports"},
    {1, {0, 0, 128, 8, 0}, 0, "wireless"},
    {1, {0, 0, 128, 30, kAny}, 0, "display"},
    {30, kAnyObject, meter::bits(2), {}, "a message of the meter, not how it is configured"},
    {30, kAnyObject, 0, "security"},
    {124, kAnyObject, 0, "security"},
    {1, {0, 0, 128, 7, 0}, 0, "profiles"},
    {62, kAnyObject, 0, "profiles"},
    {7, kAnyObject, 0, "profiles"},
    // clang-format on
};
/// Profiles come last: writing one of their lists begins an empty buffer, so that all else has to be well before.
constexpr std::array<std::string_view, 16> kSections{
    "metrology", "clock", "limits",   "supply", "demand",   "billing",  "alarms", "battery",
    "display",   "ports", "wireless", "pushes", "security", "firmware", "other",  "profiles"};

/// For what no row knows: it can be configured all the same.
constexpr std::string_view kOtherSection = "other";

bool fits(const ParameterRule& rule, const dlms::AttributeDescriptor& attribute) {
    if (rule.class_id != attribute.class_id) return false;
    if (rule.attributes != 0 && (rule.attributes >> attribute.attribute & 1) == 0) return false;
    for (std::size_t i = 0; i < rule.groups.size(); ++i) {
        if (rule.groups[i] != kAny && rule.groups[i] != attribute.instance.groups[i]) return false;
    }
    return true;
}

const ParameterRule* rule_of(const dlms::AttributeDescriptor& attribute) {
    const auto* const found =
        std::ranges::find_if(kRules, [&](const ParameterRule& rule) { return fits(rule, attribute); });
    return found == std::end(kRules) ? nullptr : found;
}

/// Objects of the meter's own, and elements of arrays that may be empty, as an example in A-XDR.
struct OwnShape {
    std::int16_t class_id;
    std::array<std::int16_t, 5> groups;
    std::int8_t attribute;
    std::string_view shape;
    std::string_view element;
};
constexpr std::string_view kDisplayListShape =
    "[{class_id:class, logical_name, attribute_index, data_index, decimals, id_text}]";
constexpr std::string_view kDisplayElement =
    "02061200000906000000000000"
    "0F00120000"
    "11000A00";
constexpr OwnShape kOwnShapes[] = {
    {1, {0, 0, 128, 30, 1}, 2, kDisplayListShape, kDisplayElement},
    {1, {0, 0, 128, 30, 2}, 2, kDisplayListShape, kDisplayElement},
    {1,
     {0, 0, 128, 30, 3},
     2,
     "{full_screen_s, item_s, manual_s, long_press_s, back_light_s, service_mode_s, on_battery_s, service_at_power_up, "
     "service_wants_open_cover}",
     {}},
    {1, {0, 0, 128, 8, 0}, 2, "{mode, security, interval_s}", {}},
    {1, {0, 1, 128, 20, 0}, 2, "[{device_type, address}]", "02021600120000"},
    {22, kAnyObject, 4, {}, "0202090009 00"},
    {40, kAnyObject, 4, {}, "0202090009 00"},
    {71, kAnyObject, 9, {}, "120000"},
};

/// What the codes of the meter's own objects are called, and those of limits that have no general meaning.
struct OwnName {
    std::array<std::int16_t, 5> groups;
    std::string_view name;
};
constexpr OwnName kOwnNames[] = {
    {{0, 0, 96, 6, 131}, "Backup battery, threshold of its voltage"},
    {{0, 0, 128, 7, 0}, "Encoding of profile buffers"},
    {{0, 0, 128, 8, 0}, "Wireless M-Bus"},
    {{0, 0, 128, 14, 0}, "Tariff while the clock is not valid"},
    {{0, 0, 128, 24, 0}, "Button of relay 1"},
    {{0, 0, 128, 30, 1}, "Display, normal list"},
    {{0, 0, 128, 30, 2}, "Display, service list"},
    {{0, 0, 128, 30, 3}, "Display, settings"},
    {{0, 1, 128, 20, 0}, "Devices behind the meter"},
    {{1, 0, 0, 9, 11}, "Clock time shift limit"},
    {{1, 0, 0, 9, 13}, "Lock after a billing reset"},
};
/// Value group D of limits (docs/objects.md).
struct LimitName {
    std::uint8_t d;
    std::string_view name;
};
constexpr LimitName kLimitNames[] = {
    {31, "least"},
    {35, "most"},
    {39, "missing"},
    {43, "least, delay"},
    {44, "most, delay"},
    {45, "missing, delay"},
    {131, "least, hysteresis"},
    {135, "most, hysteresis"},
    {139, "missing, hysteresis"},
};
constexpr LimitName kLimitedNames[] = {
    {1, "Active power import"}, {2, "Active power export"}, {11, "Current"}, {12, "Voltage"},
    {13, "Power factor"},       {14, "Frequency"},
};
constexpr std::uint8_t kDistortion = 124;

std::string limit_name(const dlms::LogicalName& name) {
    const auto& groups = name.groups;
    const auto* const quantity = std::ranges::find(kLimitedNames, groups[2], &LimitName::d);
    const auto* const kind = std::ranges::find(kLimitNames, groups[3], &LimitName::d);
    if (groups[0] != 1 || quantity == std::end(kLimitedNames) || kind == std::end(kLimitNames)) return {};
    const std::string which = groups[4] == kDistortion ? ", distortion"
                              : groups[4] == 0         ? ""
                                                       : fmt::format(" {}", static_cast<int>(groups[4]));
    return fmt::format("{}{}, {}", quantity->name, which, kind->name);
}

std::string own_name(const dlms::LogicalName& name) {
    for (const OwnName& row : kOwnNames) {
        if (std::ranges::equal(row.groups, std::span(name.groups).first(row.groups.size()),
                               [](std::int16_t a, std::uint8_t b) { return a == b; }))
            return std::string(row.name);
    }
    return limit_name(name);
}

const OwnShape* own_shape(const dlms::AttributeDescriptor& attribute) {
    const auto* const found = std::ranges::find_if(kOwnShapes, [&](const OwnShape& row) {
        return row.attribute == attribute.attribute && fits({row.class_id, row.groups, 0, {}, {}}, attribute);
    });
    return found == std::end(kOwnShapes) ? nullptr : found;
}

std::vector<Parameter> find_parameters() {
    std::vector<Parameter> found;
    for (const meter::ObjectRow& row : meter::object_table()) {
        for (int number = 2; number < kMostAttributes; ++number) {
            const ParameterClass kind = meter::parameter_class(row, number);
            if (kind == ParameterClass::type) continue;
            const dlms::AttributeDescriptor attribute{row.object_class->class_id, row.name,
                                                      static_cast<std::int8_t>(number)};
            const ParameterRule* const rule = rule_of(attribute);
            const std::string_view section = rule == nullptr ? kOtherSection : rule->section;
            if (!section.empty()) found.push_back({attribute, kind, section});
        }
    }
    const auto place = [](const Parameter& each) {
        return std::ranges::find(parameter_sections(), each.section) - parameter_sections().begin();
    };
    std::ranges::stable_sort(found, {}, place);
    return found;
}

}  // namespace

const std::vector<std::string_view>& parameter_sections() {
    static const std::vector<std::string_view> sections = [] {
        std::vector<std::string_view> all(kSections.begin(), kSections.end());
        all.emplace_back(kTariffSection);
        return all;
    }();
    return sections;
}

const std::vector<Parameter>& parameters() {
    static const std::vector<Parameter> all = find_parameters();
    return all;
}

std::string why_no_parameter(const dlms::AttributeDescriptor& attribute) {
    const meter::ObjectRow* const row = meter::find_object(attribute.instance);
    if (row == nullptr || row->object_class->class_id != attribute.class_id) return "the meter has no such object";
    if (meter::parameter_class(*row, attribute.attribute) == ParameterClass::type) {
        return "of the type: nobody can change it";
    }
    const ParameterRule* const rule = rule_of(attribute);
    return rule == nullptr ? std::string() : std::string(rule->reason);
}

std::string who_changes(const Parameter& parameter) {
    const meter::ObjectRow* const row = meter::find_object(parameter.attribute.instance);
    std::string text;
    for (const auto& [level, name] :
         {std::pair{meter::Level::utility, "utility"}, std::pair{meter::Level::technician, "technician"},
          std::pair{meter::Level::reader, "reader"}}) {
        if (row == nullptr || !row->access->of(level).may_write(parameter.attribute.attribute)) continue;
        text += text.empty() ? name : fmt::format(" and {}", name);
    }
    return fmt::format("{}, changed by {}", meter::text_of(parameter.kind), text);
}

std::string parameter_name(const dlms::AttributeDescriptor& attribute) {
    std::string name = own_name(attribute.instance);
    if (!name.empty()) return name;
    name = decode::object_name(attribute.instance);
    if (name.empty()) name = class_name(attribute.class_id);
    return fmt::format("{}, {}", name, attribute_name(attribute.class_id, attribute.attribute));
}

std::string parameter_key(const dlms::AttributeDescriptor& attribute) {
    return fmt::format("{}/{}:{}", attribute.class_id, obis_text(attribute.instance), attribute.attribute);
}

Shape parameter_shape(const dlms::AttributeDescriptor& attribute) {
    const OwnShape* const own = own_shape(attribute);
    if (own != nullptr && !own->shape.empty()) return Shape(own->shape);
    constexpr std::uint8_t kNewestVersion = 255;
    return attribute_shape(attribute.class_id, attribute.attribute, kNewestVersion);
}

std::optional<Value> parameter_element(const dlms::AttributeDescriptor& attribute) {
    const OwnShape* const own = own_shape(attribute);
    if (own == nullptr || own->element.empty()) return std::nullopt;
    const auto octets = from_hex(own->element);
    return octets ? decode_value(*octets) : std::nullopt;
}

}  // namespace ferraris::cli
