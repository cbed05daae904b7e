/// Names of interface classes, their attributes and methods, with words for those that are not known
/// (IEC 62056-6-2).
#pragma once

#include <cstdint>
#include <optional>
#include <string>

namespace ferraris::cli {

/// The version of a class that an object has; nothing where it is not known, which stands for the newest.
using ClassVersion = std::optional<std::uint8_t>;

/// "Register"; "class 99" for one that is not known.
[[nodiscard]] std::string class_name(std::uint16_t class_id);
/// Number of attributes that the class has; 1 (the logical name) when it is not known.
[[nodiscard]] std::int8_t attribute_count(std::uint16_t class_id, ClassVersion version = {});
/// "scaler_unit"; "attribute 12" when it is not known.
[[nodiscard]] std::string attribute_name(std::uint16_t class_id, std::int8_t attribute, ClassVersion version = {});
/// "remote_disconnect"; "method 12" when it is not known.
[[nodiscard]] std::string method_name(std::uint16_t class_id, std::int8_t method, ClassVersion version = {});

}  // namespace ferraris::cli
