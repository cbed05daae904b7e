/// Where a meter of short names has its attributes and methods: the object list of its association (IEC 62056-6-2,
/// class 12, attribute 2, at the reserved name 0xFA00).
#pragma once

#include <cstdint>
#include <optional>
#include <vector>

#include "cli/value.hpp"
#include "dlms/apdu/apdu.hpp"
#include "dlms/logical_name.hpp"

namespace ferraris::cli {

struct ShortNameObject {
    std::uint16_t base_name{0};
    std::uint16_t class_id{0};
    std::uint8_t version{0};
    dlms::LogicalName name{};
};

class ShortNames {
public:
    ShortNames() = default;
    explicit ShortNames(std::vector<ShortNameObject> objects) : objects_(std::move(objects)) {}
    /// Of array of structure{base_name long, class_id long-unsigned, version unsigned, logical_name octet-string};
    /// elements of another kind are left out. Nothing when it is no array.
    [[nodiscard]] static std::optional<ShortNames> parse(const Value& object_list);

    /// Nothing: the list has no such object.
    [[nodiscard]] std::optional<std::uint16_t> of(const dlms::AttributeDescriptor& attribute) const;
    /// Nothing also where the class has no methods that are known here.
    [[nodiscard]] std::optional<std::uint16_t> of(const dlms::MethodDescriptor& method) const;
    [[nodiscard]] const std::vector<ShortNameObject>& objects() const { return objects_; }

private:
    [[nodiscard]] const ShortNameObject* find(std::uint16_t class_id, const dlms::LogicalName& name) const;

    std::vector<ShortNameObject> objects_{};
};

}  // namespace ferraris::cli
