/// The OBIS code that names a COSEM object (IEC 62056-6-1): value groups A to F.
#pragma once

#include <array>
#include <compare>
#include <cstdint>

#include "base/bytes.hpp"

namespace ferraris::dlms {

struct LogicalName {
    std::array<std::uint8_t, 6> groups{};

    friend constexpr auto operator<=>(const LogicalName&, const LogicalName&) = default;
    [[nodiscard]] constexpr ByteView view() const { return groups; }
    [[nodiscard]] static constexpr LogicalName from(ByteView six_octets) {
        LogicalName name;
        std::copy_n(six_octets.begin(), 6, name.groups.begin());
        return name;
    }
};

/// `obis(1, 0, 1, 8, 0)` is 1-0:1.8.0*255.
[[nodiscard]] constexpr LogicalName obis(std::uint8_t a, std::uint8_t b, std::uint8_t c, std::uint8_t d, std::uint8_t e,
                                         std::uint8_t f = 255) {
    return {{a, b, c, d, e, f}};
}

/// Names one attribute: a negative or zero `attribute` addresses none or all of them (Attribute_0).
struct AttributeDescriptor {
    std::uint16_t class_id{0};
    LogicalName instance{};
    std::int8_t attribute{0};

    friend constexpr auto operator<=>(const AttributeDescriptor&, const AttributeDescriptor&) = default;
};

struct MethodDescriptor {
    std::uint16_t class_id{0};
    LogicalName instance{};
    std::int8_t method{0};

    friend constexpr auto operator<=>(const MethodDescriptor&, const MethodDescriptor&) = default;
};

}  // namespace ferraris::dlms
