/// Values of attributes as JSON.
#pragma once

#include <nlohmann/json_fwd.hpp>
#include <string>

#include "cli/format.hpp"
#include "cli/value.hpp"

namespace ferraris::cli {

/// Numbers as numbers, text and times as text, other octets as hexadecimal text, arrays and structures as arrays.
[[nodiscard]] nlohmann::ordered_json value_json(const Value& value);
/// The number times its scaler; `value_json` for what is no number.
[[nodiscard]] nlohmann::ordered_json scaled_json(const Value& value, int scaler);

}  // namespace ferraris::cli
