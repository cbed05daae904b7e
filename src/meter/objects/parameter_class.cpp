#include "meter/objects/parameter_class.hpp"

#include <algorithm>
#include <array>

namespace ferraris::meter {
namespace {

constexpr std::array kSealedParameters{kPulseConstant};

bool can_be_written(const ObjectRow& row, int attribute) {
    const auto index = static_cast<std::size_t>(attribute - 2);
    if (attribute < 2 || index >= row.object_class->attributes.size()) return false;
    if (row.object_class->attributes[index].take == nullptr) return false;
    return std::ranges::any_of(row.access->levels, [&](const Rights& rights) { return rights.may_write(attribute); });
}

}  // namespace

ParameterClass parameter_class(const ObjectRow& row, int attribute) {
    if (!can_be_written(row, attribute)) return ParameterClass::type;
    const bool sealed = std::ranges::any_of(kSealedParameters, [&](const dlms::AttributeDescriptor& each) {
        return each.instance == row.name && each.attribute == attribute;
    });
    return sealed ? ParameterClass::sealed : ParameterClass::operators;
}

bool seal_allows(const AuditTrail& trail) { return trail.is_intact() && trail.free() != 0; }

}  // namespace ferraris::meter
