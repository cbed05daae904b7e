/// What of our meter can be configured, in the order of a parameter file, and what of all that can be written is left
/// out there, and why. It follows from the object table: what is new there is here.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "cli/attribute_shapes.hpp"
#include "cli/value.hpp"
#include "meter/objects/parameter_class.hpp"

namespace ferraris::cli {

struct Parameter {
    dlms::AttributeDescriptor attribute{};
    meter::ParameterClass kind{meter::ParameterClass::operators};
    std::string_view section{};

    friend bool operator==(const Parameter&, const Parameter&) = default;
};

/// Sorted by section, then by object.
[[nodiscard]] const std::vector<Parameter>& parameters();
/// Every section, in the order of the file; "tariffs" holds the table of tariffs too.
[[nodiscard]] const std::vector<std::string_view>& parameter_sections();

inline constexpr std::string_view kTariffSection = "tariffs";

/// Why an attribute stands in no parameter file; empty: it does.
[[nodiscard]] std::string why_no_parameter(const dlms::AttributeDescriptor& attribute);

/// "operator, changed by utility and technician"
[[nodiscard]] std::string who_changes(const Parameter& parameter);
/// "Clock, time_zone"
[[nodiscard]] std::string parameter_name(const dlms::AttributeDescriptor& attribute);
/// "8/0-0:1.0.0:3", as every verb takes it.
[[nodiscard]] std::string parameter_key(const dlms::AttributeDescriptor& attribute);
/// The names of its elements, those of the meter's own objects too.
[[nodiscard]] Shape parameter_shape(const dlms::AttributeDescriptor& attribute);
/// What an element of it looks like, for arrays that may be empty; nothing for others.
[[nodiscard]] std::optional<Value> parameter_element(const dlms::AttributeDescriptor& attribute);

}  // namespace ferraris::cli
