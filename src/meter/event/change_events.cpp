#include "meter/event/change_events.hpp"

#include <algorithm>
#include <array>

#include "meter/objects/buttons_name.hpp"

namespace ferraris::meter {
namespace {

enum class Change : std::uint8_t { nothing, parameter, key, calendar, special_days };

struct ChangeRow {
    std::uint16_t class_id;
    std::int8_t index;  ///< attribute or method
    Change change;
};

/// Any other write is one of a parameter.
constexpr std::array<ChangeRow, 8> kWrites{{
    {8, 2, Change::nothing},        // the time
    {11, 2, Change::special_days},  // entries
    {15, 7, Change::key},           // a secret
    {20, 6, Change::calendar},      // the passive set
    {20, 7, Change::calendar},
    {20, 8, Change::calendar},
    {20, 9, Change::calendar},
    {30, 2, Change::nothing},  // what is written through it tells of itself
}};

/// Any other call changes no parameter, or tells of itself.
constexpr std::array<ChangeRow, 14> kCalls{{
    {8, 5, Change::parameter},      // preset_adjusting_time
    {11, 1, Change::special_days},  // insert
    {11, 2, Change::special_days},  // delete
    {15, 2, Change::key},           // change_HLS_secret
    {15, 3, Change::parameter},     // add_object
    {15, 4, Change::parameter},     // remove_object
    {15, 5, Change::parameter},     // add_user
    {15, 6, Change::parameter},     // remove_user
    {64, 1, Change::parameter},     // security_activate
    {64, 2, Change::key},           // key_transfer
    {64, 3, Change::key},           // key_agreement
    {64, 4, Change::key},           // generate_key_pair
    {64, 6, Change::key},           // import_certificate
    {64, 8, Change::key},           // remove_certificate
}};

/// Alarm and error registers, of which clearing is an event of its own.
constexpr std::uint8_t kErrorValues = 97;

/// Whether a write to the object changes a parameter.
bool is_parameter(const dlms::LogicalName& name) {
    const bool is_error_value = name.groups[0] == 0 && name.groups[2] == kErrorValues;
    return !is_error_value && name != kButtons;
}

/// With a method's number: no attribute has one above it.
constexpr std::int32_t kIsMethod = 0x80;

template <std::size_t N>
Change change_of(const std::array<ChangeRow, N>& rows, std::uint16_t class_id, std::int8_t index, Change otherwise) {
    const auto found = std::ranges::find_if(
        rows, [&](const ChangeRow& row) { return row.class_id == class_id && row.index == index; });
    return found == rows.end() ? otherwise : found->change;
}

std::optional<Occurrence> occurrence(Change change, const dlms::LogicalName& name, std::int32_t index,
                                     std::uint16_t client_sap) {
    switch (change) {
        case Change::nothing:
            return std::nullopt;
        case Change::key:
            return Occurrence{Event::keys_changed, client_sap, 0, 0};
        case Change::calendar:
            return Occurrence{Event::tou_programmed, index, 0, 0};
        case Change::special_days:
            return Occurrence{Event::special_days_changed, 0, 0, 0};
        case Change::parameter:
            break;
    }
    const std::uint32_t groups = std::uint32_t{name.groups[2]} << 24U | std::uint32_t{name.groups[3]} << 16U |
                                 std::uint32_t{name.groups[4]} << 8U | static_cast<std::uint32_t>(index);
    return Occurrence{Event::parameters_changed, static_cast<std::int32_t>(groups), 0, 0};
}

}  // namespace

std::optional<Occurrence> event_of_write(const dlms::AttributeDescriptor& attribute, std::uint16_t client_sap) {
    const dlms::LogicalName& name = attribute.instance;
    const Change usual = is_parameter(name) ? Change::parameter : Change::nothing;
    return occurrence(change_of(kWrites, attribute.class_id, attribute.attribute, usual), name, attribute.attribute,
                      client_sap);
}

std::optional<Occurrence> event_of_call(const dlms::MethodDescriptor& method, std::uint16_t client_sap) {
    return occurrence(change_of(kCalls, method.class_id, method.method, Change::nothing), method.instance,
                      kIsMethod | method.method, client_sap);
}

}  // namespace ferraris::meter
