/// The gateway protocol's header: which device behind a gateway an APDU is for, or comes from. The header stands in
/// front of the APDU, ciphered or not, in blocks or not (IEC 62056-5-3, annex on the gateway protocol; tags E6, E7).
///
///     E6 | network id | length | physical device address | APDU
#pragma once

#include "dlms/apdu/apdu.hpp"

namespace ferraris::dlms {

inline constexpr std::uint8_t kGatewayRequest = 0xE6;
inline constexpr std::uint8_t kGatewayResponse = 0xE7;
/// Longer addresses are refused: names of devices have 16 octets.
inline constexpr std::size_t kMaxGatewayAddress = 32;
inline constexpr std::size_t kMaxGatewayHeader = 3 + kMaxGatewayAddress;

struct GatewayApdu {
    bool response{false};
    std::uint8_t network_id{0};
    ByteView address{};  ///< physical device address; its syntax is that of the network
    ByteView apdu{};     ///< not empty
};

[[nodiscard]] constexpr bool has_gateway_header(ByteView octets) {
    return !octets.empty() && (octets[0] == kGatewayRequest || octets[0] == kGatewayResponse);
}
/// Errors: unknown_tag, truncated; malformed for an address that is too long, or no APDU.
[[nodiscard]] Result<GatewayApdu, ApduError> decode_gateway(ByteView octets);
void encode(ByteWriter& out, const GatewayApdu& apdu);

}  // namespace ferraris::dlms
