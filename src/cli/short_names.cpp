#include "cli/short_names.hpp"

#include <algorithm>

#include "dlms/apdu/short_names.hpp"

namespace ferraris::cli {

std::optional<ShortNames> ShortNames::parse(const Value& object_list) {
    if (object_list.tag != dlms::DataTag::array) return std::nullopt;
    std::vector<ShortNameObject> objects;
    for (const Value& element : object_list.items) {
        if (element.tag != dlms::DataTag::structure || element.items.size() < 4) continue;
        const auto base = element.items[0].integer();
        const auto class_id = element.items[1].integer();
        const auto version = element.items[2].integer();
        const auto name = element.items[3].logical_name();
        if (!base || !class_id || !version || !name) continue;
        // Names from 0x8000 on are negative in the type that the standard gave them.
        objects.push_back({static_cast<std::uint16_t>(*base), static_cast<std::uint16_t>(*class_id),
                           static_cast<std::uint8_t>(*version), *name});
    }
    return ShortNames(std::move(objects));
}

const ShortNameObject* ShortNames::find(std::uint16_t class_id, const dlms::LogicalName& name) const {
    const auto found = std::ranges::find_if(
        objects_, [&](const ShortNameObject& object) { return object.class_id == class_id && object.name == name; });
    return found == objects_.end() ? nullptr : &*found;
}

std::optional<std::uint16_t> ShortNames::of(const dlms::AttributeDescriptor& attribute) const {
    const ShortNameObject* const object = find(attribute.class_id, attribute.instance);
    if (object == nullptr || attribute.attribute < 1) return std::nullopt;
    return dlms::attribute_short_name(object->base_name, attribute.attribute);
}

std::optional<std::uint16_t> ShortNames::of(const dlms::MethodDescriptor& method) const {
    const ShortNameObject* const object = find(method.class_id, method.instance);
    if (object == nullptr || method.method < 1) return std::nullopt;
    return dlms::method_short_name(object->base_name, method.class_id, method.method);
}

}  // namespace ferraris::cli
