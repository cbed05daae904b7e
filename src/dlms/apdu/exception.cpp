#include "dlms/apdu/exception.hpp"

namespace ferraris::dlms {

Result<ExceptionResponse, ApduError> decode_exception_response(ByteView apdu) {
    ApduReader in(apdu);
    ExceptionResponse response;
    in.tag(ApduTag::exception_response);
    response.state = static_cast<StateError>(in.u8());
    response.service = static_cast<ServiceError>(in.u8());
    if (response.service == ServiceError::invocation_counter_error && !in.at_end()) {
        response.expected_invocation_counter = in.u32();
    }
    return in.result(response);
}

void encode(ByteWriter& out, const ExceptionResponse& response) {
    out.u8(static_cast<std::uint8_t>(ApduTag::exception_response));
    out.u8(static_cast<std::uint8_t>(response.state));
    out.u8(static_cast<std::uint8_t>(response.service));
    if (response.expected_invocation_counter) out.u32(*response.expected_invocation_counter);
}

}  // namespace ferraris::dlms
