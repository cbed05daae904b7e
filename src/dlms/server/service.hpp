/// What every service of the server is given with a request.
#pragma once

#include "dlms/apdu/exception.hpp"
#include "dlms/server/answer.hpp"
#include "dlms/server/logical_device.hpp"

namespace ferraris::dlms {

/// Where an ACTION goes: the device, but for the method that completes an authentication.
class MethodTarget {
public:
    virtual ~MethodTarget() = default;
    [[nodiscard]] virtual ActionResult invoke(const Caller& caller, const MethodDescriptor& method, ByteView parameters,
                                              ByteWriter& out) = 0;
};

struct ServiceRequest {
    LogicalDevice& device;
    const Caller& caller;
    ByteView apdu;
    ByteSpan long_memory;  ///< for values that arrive or leave in blocks
};

inline void tell(const ServiceRequest& request, SecurityEvent event) {
    request.device.security_event(request.caller.association.client_sap, event);
}

inline void answer_exception(Answer& answer, StateError state, ServiceError service) {
    set_answer(answer, ExceptionResponse{state, service, std::nullopt});
}

/// The same with an event for the log.
inline void refuse_service(const ServiceRequest& request, Answer& answer, SecurityEvent event, StateError state,
                           ServiceError service) {
    tell(request, event);
    answer_exception(answer, state, service);
}

inline void refuse_unnegotiated(const ServiceRequest& request, Answer& answer) {
    refuse_service(request, answer, SecurityEvent::service_not_negotiated, StateError::service_not_allowed,
                   ServiceError::service_not_supported);
}

inline void refuse_too_long(const ServiceRequest& request, Answer& answer) {
    refuse_service(request, answer, SecurityEvent::too_long, StateError::service_not_allowed,
                   ServiceError::pdu_too_long);
}

/// A request that cannot be decoded: an unknown variant is not supported, anything else is just wrong.
inline void answer_malformed(const ServiceRequest& request, Answer& answer, ApduError error) {
    tell(request, SecurityEvent::request_malformed);
    if (error == ApduError::unknown_choice) {
        answer_exception(answer, StateError::service_unknown, ServiceError::service_not_supported);
    } else {
        answer_exception(answer, StateError::service_not_allowed, ServiceError::other_reason);
    }
}

[[nodiscard]] inline bool negotiated(const ServiceRequest& request, Conformance bit) {
    return has(request.caller.association.conformance, bit);
}

}  // namespace ferraris::dlms
