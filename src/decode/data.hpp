/// Explains A-XDR `Data` (IEC 62056-6-2, 4.1.5; encoding IEC 61334-6).
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "decode/walker.hpp"
#include "dlms/logical_name.hpp"

namespace ferraris::decode {

/// How the elements are written.
enum class DataForm : std::uint8_t {
    standard,
    /// Attribute descriptors stand inside structures without tags of their own (class, logical name, attribute): pushes
    /// of some Central European meters.
    raw_descriptors,
};

/// Adds a node for the element that comes next, nested ones below it. What breaks fails `in`.
void explain_data(Walker& in, Node& parent, DataForm form = DataForm::standard);

/// Octets that hold a date-time of 12 octets, as in time stamps of services. Wildcards are told in words.
[[nodiscard]] std::string date_time_value(ByteView twelve_octets);

/// "Register 1-0:1.8.0 Active energy import (+A), value"
[[nodiscard]] std::string attribute_text(std::uint16_t class_id, const dlms::LogicalName& name, std::int8_t attribute);
[[nodiscard]] std::string method_text(std::uint16_t class_id, const dlms::LogicalName& name, std::int8_t method);
/// "Register"; "a class without a name here" for one that is not known.
[[nodiscard]] std::string class_text(std::uint16_t class_id);
/// "1-0:1.8.0 Active energy import (+A)"
[[nodiscard]] std::string object_text(const dlms::LogicalName& name);

}  // namespace ferraris::decode
