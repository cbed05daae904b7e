/// Parameters by who may change them (WELMEC 7.2, protection of parameters).
///
/// What no level may write is of the type: it lies in the program, or the factory gave it. What can be written is the
/// operator's, but for the sealed ones of this one list, which change under the audit trail alone.
#pragma once

#include <cstdint>
#include <string_view>

#include "meter/objects/object_table.hpp"

namespace ferraris::meter {

enum class ParameterClass : std::uint8_t { type, sealed, operators };

[[nodiscard]] constexpr std::string_view text_of(ParameterClass what) {
    switch (what) {
        case ParameterClass::sealed:
            return "sealed";
        case ParameterClass::operators:
            return "operator";
        case ParameterClass::type:
            break;
    }
    return "type";
}

/// Of an attribute from 2 on; measured values are of the type, as far as anybody could write them.
[[nodiscard]] ParameterClass parameter_class(const ObjectRow& row, int attribute);
/// Whether a sealed parameter can change now.
[[nodiscard]] bool seal_allows(const AuditTrail& trail);

}  // namespace ferraris::meter
