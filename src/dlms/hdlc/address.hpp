/// Station addresses of the HDLC based data link layer (IEC 62056-46, 6.4.2).
#pragma once

#include <cstdint>

namespace ferraris::dlms::hdlc {

/// On the line each octet carries 7 bits, and bit 0 is set in the last octet. A client has one octet; a server has one
/// (logical device only), two (logical device, physical device) or four (both of 14 bits).
struct Address {
    std::uint16_t upper{0};  ///< client SAP, or logical device (server SAP)
    std::uint16_t lower{0};  ///< physical device; 0 where `width` is 1
    std::uint8_t width{1};   ///< octets on the line: 1, 2 or 4

    [[nodiscard]] static constexpr Address client(std::uint8_t sap) { return {sap, 0, 1}; }

    /// The all-station address of a field: 0x7F where it has one octet, 0x3FFF where it has two.
    [[nodiscard]] constexpr std::uint16_t all_station() const { return width == 4 ? 0x3FFF : 0x7F; }
    /// The address of the physical device that has called the client (0x7E, 0x3FFE).
    [[nodiscard]] constexpr std::uint16_t calling_device() const { return width == 4 ? 0x3FFE : 0x7E; }
    [[nodiscard]] constexpr bool is_all_station() const {
        return upper == all_station() || (width != 1 && lower == all_station());
    }

    friend constexpr bool operator==(const Address&, const Address&) = default;
};

/// No station has this value: a frame to it is for nobody.
inline constexpr std::uint16_t kNoStation = 0;

}  // namespace ferraris::dlms::hdlc
