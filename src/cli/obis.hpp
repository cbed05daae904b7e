/// OBIS codes and attributes as people write them.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "decode/names.hpp"
#include "dlms/logical_name.hpp"

namespace ferraris::cli {

/// What a user named: an object, perhaps one attribute or method of it, perhaps its class.
struct ObjectReference {
    dlms::LogicalName name{};
    std::optional<std::int8_t> index{};       ///< attribute or method behind the colon
    std::optional<std::uint16_t> class_id{};  ///< in front of the slash: the object list need not be read

    friend bool operator==(const ObjectReference&, const ObjectReference&) = default;
};

/// "1.0.1.8.0.255", "1.0.1.8.0" (F is then 255), "1-0:1.8.0", "1-0:1.8.0*255" or "1-0:1.8.0.255"; nothing else.
[[nodiscard]] std::optional<dlms::LogicalName> parse_obis(std::string_view text);
/// An OBIS code, "3/" in front where the class is known, ":2" behind for an attribute. Throws CliError.
[[nodiscard]] ObjectReference parse_object(std::string_view text);

using decode::obis_text;
/// "1.0.1.8.0.255"
[[nodiscard]] std::string dotted(const dlms::LogicalName& name);

}  // namespace ferraris::cli
