/// The types of attributes that the Blue Book fixes (IEC 62056-6-2, clause 5), as far as cases check them.
#pragma once

#include <cstdint>
#include <optional>

#include "dlms/enumerations.hpp"
#include "dlms/logical_name.hpp"

namespace ferraris::conform {

struct AttributeType {
    std::uint16_t class_id{0};
    std::int8_t attribute{0};
    dlms::DataTag tag{};
    /// The greatest value of an enumeration; nothing: not bounded, or none.
    std::optional<std::uint8_t> greatest{};
};

/// Null: the type is the choice of the object, or not checked.
[[nodiscard]] const AttributeType* attribute_type(std::uint16_t class_id, std::int8_t attribute);

/// What is wrong with a value of that attribute; null when it is right. null-data is right only where a value may be
/// absent.
[[nodiscard]] const char* wrong_with(const dlms::AttributeDescriptor& attribute, ByteView value);

}  // namespace ferraris::conform
