/// What enumerated values of COSEM attributes mean (IEC 62056-6-2), by the name of the enumeration.
#pragma once

#include <cstdint>
#include <string_view>

namespace ferraris::cli {

/// "connected" for ("control_state", 1); empty where it is not known.
[[nodiscard]] std::string_view enumerator_name(std::string_view enumeration, std::uint64_t value);

}  // namespace ferraris::cli
