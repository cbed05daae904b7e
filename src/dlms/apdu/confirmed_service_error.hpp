/// ConfirmedServiceError: in an AARE it says why the xDLMS context was refused (IEC 62056-5-3, annex A; tag 0E).
#pragma once

#include "dlms/apdu/apdu.hpp"

namespace ferraris::dlms {

/// The service that failed.
enum class ConfirmedService : std::uint8_t { initiate = 1, read = 5, write = 6 };

/// The group that the code belongs to.
enum class ServiceErrorGroup : std::uint8_t {
    application_reference = 0,
    hardware_resource = 1,
    vde_state_error = 2,
    service = 3,
    definition = 4,
    access = 5,
    initiate = 6,
    load_data_set = 7,
    task = 9,
};

struct ConfirmedServiceError {
    ConfirmedService service{ConfirmedService::initiate};
    ServiceErrorGroup group{ServiceErrorGroup::initiate};
    std::uint8_t code{0};  ///< InitiateError in the group `initiate`

    static constexpr ConfirmedServiceError of(InitiateError code) {
        return {ConfirmedService::initiate, ServiceErrorGroup::initiate, static_cast<std::uint8_t>(code)};
    }
};

[[nodiscard]] Result<ConfirmedServiceError, ApduError> decode_confirmed_service_error(ByteView apdu);
void encode(ByteWriter& out, const ConfirmedServiceError& error);

}  // namespace ferraris::dlms
