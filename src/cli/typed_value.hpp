/// Values as a user types them, to A-XDR: `u16:900`, `text:hello`, `time:now`, `axdr:1203E8`.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "cli/date_time.hpp"
#include "dlms/enumerations.hpp"

namespace ferraris::cli {

/// One A-XDR element. `text` is TYPE:VALUE; without a type that is known, `type_of_object` (what the object holds now)
/// decides, so that 900 or "on" is enough. Throws CliError: an unknown type, a value out of its range, no type at all.
///
/// Types: null, bool, i8 i16 i32 i64, u8 u16 u32 u64, enum, f32 f64, octets (hex), text (octet-string), visible, utf8,
/// bits (0b0101), obis (octet-string of six), time (date-time as `form` says: "now" or ISO 8601), axdr (hex of the
/// element itself).
[[nodiscard]] std::vector<std::uint8_t> encode_typed(std::string_view text, std::optional<dlms::DataTag> type_of_object,
                                                     const TimeForm& form = {});

/// `text` names its type, so that `encode_typed` needs no other.
[[nodiscard]] bool has_type(std::string_view text);

/// The list of types on one line, for help and errors.
[[nodiscard]] std::string typed_value_help();

}  // namespace ferraris::cli
