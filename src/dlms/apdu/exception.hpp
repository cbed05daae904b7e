/// ExceptionResponse: what a server says to a request that it does not serve at all (IEC 62056-5-3; tag D8).
#pragma once

#include "dlms/apdu/apdu.hpp"

namespace ferraris::dlms {

struct ExceptionResponse {
    StateError state{StateError::service_not_allowed};
    ServiceError service{ServiceError::operation_not_possible};
    /// With invocation_counter_error: the least counter that the server accepts. Older servers leave it out.
    std::optional<std::uint32_t> expected_invocation_counter{};
};

[[nodiscard]] Result<ExceptionResponse, ApduError> decode_exception_response(ByteView apdu);
void encode(ByteWriter& out, const ExceptionResponse& response);

}  // namespace ferraris::dlms
