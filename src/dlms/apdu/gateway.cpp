#include "dlms/apdu/gateway.hpp"

namespace ferraris::dlms {

Result<GatewayApdu, ApduError> decode_gateway(ByteView octets) {
    ApduReader in(octets);
    GatewayApdu gateway;
    const std::uint8_t tag = in.u8();
    if (!in.failed() && tag != kGatewayRequest && tag != kGatewayResponse) in.refuse(ApduError::unknown_tag);
    gateway.response = tag == kGatewayResponse;
    gateway.network_id = in.u8();
    const std::size_t length = in.u8();
    gateway.address = in.take(length);
    if (!in.failed() && (length > kMaxGatewayAddress || in.at_end())) in.refuse(ApduError::malformed);
    gateway.apdu = in.take(in.remaining());
    return in.result(gateway);
}

void encode(ByteWriter& out, const GatewayApdu& apdu) {
    out.u8(apdu.response ? kGatewayResponse : kGatewayRequest);
    out.u8(apdu.network_id);
    out.u8(static_cast<std::uint8_t>(apdu.address.size()));
    out.put(apdu.address);
    out.put(apdu.apdu);
}

}  // namespace ferraris::dlms
