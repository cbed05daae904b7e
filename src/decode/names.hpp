/// Names for people, of what every explanation and every report shows: OBIS codes (IEC 62056-6-1) and units.
#pragma once

#include <cstdint>
#include <string>

#include "dlms/logical_name.hpp"

namespace ferraris::decode {

/// "Active energy import (+A), rate 2"; empty where the code has no general meaning.
[[nodiscard]] std::string object_name(const dlms::LogicalName& name);

/// "1-0:1.8.0", with "*F" behind where F is not 255.
[[nodiscard]] std::string obis_text(const dlms::LogicalName& name);

/// "Wh", "V", "°C"; empty for a count.
[[nodiscard]] std::string unit_symbol(std::uint8_t unit);

}  // namespace ferraris::decode
