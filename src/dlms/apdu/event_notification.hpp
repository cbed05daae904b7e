/// Event-Notification-Request: one attribute that a server sends unasked (IEC 62056-5-3; tag C2).
#pragma once

#include "dlms/apdu/apdu.hpp"

namespace ferraris::dlms {

struct EventNotification {
    std::optional<ByteView> time{};  ///< cosem date-time, 12 octets (dlms/date_time.hpp)
    AttributeDescriptor attribute{};
    ByteView value{};  ///< one element of `Data`
};

[[nodiscard]] Result<EventNotification, ApduError> decode_event_notification(ByteView apdu);
void encode(ByteWriter& out, const EventNotification& notification);

}  // namespace ferraris::dlms
