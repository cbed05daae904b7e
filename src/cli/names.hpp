/// Names for people: of OBIS codes (IEC 62056-6-1), of interface classes with their attributes and methods
/// (IEC 62056-6-2), of units, of enumerated values.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "decode/names.hpp"
#include "dlms/enumerations.hpp"

namespace ferraris::cli {

using decode::object_name;
using decode::unit_symbol;

/// "Register"; "class 99" for one that is not known.
[[nodiscard]] std::string class_name(std::uint16_t class_id);
/// Number of attributes that the class has in its latest version; 1 (the logical name) when it is not known.
[[nodiscard]] std::int8_t attribute_count(std::uint16_t class_id);
/// "scaler_unit"; "attribute 12" when it is not known.
[[nodiscard]] std::string attribute_name(std::uint16_t class_id, std::int8_t attribute);
/// "remote_disconnect"; "method 12" when it is not known.
[[nodiscard]] std::string method_name(std::uint16_t class_id, std::int8_t method);

/// What an enumerated value means in that attribute: "connected"; empty where it is not known.
[[nodiscard]] std::string_view enumeration_name(std::uint16_t class_id, std::int8_t attribute, std::uint64_t value);

/// "scope of access violated: this client may not do that"; what went wrong and, where it is known, what helps.
[[nodiscard]] std::string explain(dlms::DataAccessResult result);
[[nodiscard]] std::string explain(dlms::ActionResult result);
/// "scope-of-access-violated", as in the standard; for JSON.
[[nodiscard]] std::string result_name(dlms::DataAccessResult result);

}  // namespace ferraris::cli
