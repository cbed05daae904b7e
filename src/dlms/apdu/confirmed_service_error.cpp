#include "dlms/apdu/confirmed_service_error.hpp"

namespace ferraris::dlms {

Result<ConfirmedServiceError, ApduError> decode_confirmed_service_error(ByteView apdu) {
    ApduReader in(apdu);
    ConfirmedServiceError error;
    in.tag(ApduTag::confirmed_service_error);
    error.service = static_cast<ConfirmedService>(in.u8());
    error.group = static_cast<ServiceErrorGroup>(in.u8());
    error.code = in.u8();
    return in.result(error);
}

void encode(ByteWriter& out, const ConfirmedServiceError& error) {
    out.u8(static_cast<std::uint8_t>(ApduTag::confirmed_service_error));
    out.u8(static_cast<std::uint8_t>(error.service));
    out.u8(static_cast<std::uint8_t>(error.group));
    out.u8(error.code);
}

}  // namespace ferraris::dlms
