#include "cli/class_names.hpp"

#include <fmt/format.h>

#include <string_view>

#include "dlms/interface_classes.hpp"

namespace ferraris::cli {
namespace {

const dlms::InterfaceClass* find_class(std::uint16_t class_id, ClassVersion version) {
    return version ? dlms::interface_class(class_id, *version) : dlms::newest_interface_class(class_id);
}

}  // namespace

std::string class_name(std::uint16_t class_id) {
    const dlms::InterfaceClass* const known = find_class(class_id, {});
    return known == nullptr ? fmt::format("class {}", class_id) : std::string(known->name);
}

std::int8_t attribute_count(std::uint16_t class_id, ClassVersion version) {
    const dlms::InterfaceClass* const known = find_class(class_id, version);
    return known == nullptr ? std::int8_t{1} : known->attribute_count();
}

std::string attribute_name(std::uint16_t class_id, std::int8_t attribute, ClassVersion version) {
    if (attribute == 1) return "logical_name";
    const dlms::InterfaceClass* const known = find_class(class_id, version);
    const std::string_view name = known == nullptr ? std::string_view{} : known->attribute_name(attribute);
    return name.empty() ? fmt::format("attribute {}", attribute) : std::string(name);
}

std::string method_name(std::uint16_t class_id, std::int8_t method, ClassVersion version) {
    const dlms::InterfaceClass* const known = find_class(class_id, version);
    const std::string_view name = known == nullptr ? std::string_view{} : known->method_name(method);
    return name.empty() ? fmt::format("method {}", method) : std::string(name);
}

}  // namespace ferraris::cli
