/// Values of parameters as TOML that people read and write, and back.
///
///     number, true     integers of every width, enumerations; booleans
///     "1-0:1.8.0"      an octet-string of six octets, as an OBIS code
///     "time 00:00:00", "date 2026-*-01", "date-time …"   octet-strings of 4, 5 and 12 octets with wild cards
///     "hex 01FF"       any other octet-string that is no text
///     "bits 0101", "null", "axdr 1203E8"                 a bit-string, null-data, any element as it is encoded
///     [ … ], { name = … }                                an array; a structure, with names where they are known
#pragma once

#include <string>
#include <toml.hpp>

#include "cli/attribute_shapes.hpp"
#include "cli/value.hpp"

namespace ferraris::cli {

/// On one line, an array of structures with a line for each element.
[[nodiscard]] std::string value_toml(const Value& value, Shape shape);

/// The value in the types of `pattern`, which is what the meter has now; an array's elements are as its first one, or
/// as `element` where it has none. Throws CliError, what is wrong and what to do, without file and line.
[[nodiscard]] Value value_from_toml(const toml::value& text, const Value& pattern, Shape shape, const Value* element);

/// One A-XDR element.
[[nodiscard]] std::vector<std::uint8_t> encode_value(const Value& value);

}  // namespace ferraris::cli
