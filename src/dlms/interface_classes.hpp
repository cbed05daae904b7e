/// The interface classes of COSEM by name: what a class, its attributes and its methods are called
/// (IEC 62056-6-2, clause 4; each row is one class in one version).
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string_view>

namespace ferraris::dlms {

/// Names in the order of their numbers, kept as one text so that a table of them needs no addresses.
class NameList {
public:
    /// `joined`: names with bars between them; an empty name is a number that the class does not have.
    constexpr explicit NameList(std::string_view joined) : joined_(joined) {}
    [[nodiscard]] std::size_t size() const;
    /// Item `index`, from 0; empty when there is none.
    [[nodiscard]] std::string_view operator[](std::size_t index) const;

private:
    std::string_view joined_;
};

/// One class in one version.
struct InterfaceClass {
    std::uint16_t class_id;
    std::uint8_t version;
    std::string_view name;  ///< "Disconnect control"
    NameList attributes;    ///< from attribute 2 on; attribute 1 is always the logical name
    NameList methods;       ///< from method 1 on

    /// The greatest number of an attribute.
    [[nodiscard]] std::int8_t attribute_count() const { return static_cast<std::int8_t>(attributes.size() + 1); }
    /// "control_state"; empty for a number that the class does not have.
    [[nodiscard]] std::string_view attribute_name(std::int8_t attribute) const;
    /// "remote_disconnect"; empty for a number that the class does not have.
    [[nodiscard]] std::string_view method_name(std::int8_t method) const;
};

/// All rows, sorted by class and version.
[[nodiscard]] std::span<const InterfaceClass> interface_classes();

/// The class in that version, else in the newest one before it, else in the oldest one; null for an unknown class.
[[nodiscard]] const InterfaceClass* interface_class(std::uint16_t class_id, std::uint8_t version);

/// The class in its newest version, for where the version is not known; null for an unknown class.
[[nodiscard]] const InterfaceClass* newest_interface_class(std::uint16_t class_id);

}  // namespace ferraris::dlms
