#include "dlms/apdu/event_notification.hpp"

namespace ferraris::dlms {

Result<EventNotification, ApduError> decode_event_notification(ByteView apdu) {
    ApduReader in(apdu);
    EventNotification notification;
    in.tag(ApduTag::event_notification_request);
    if (in.present()) notification.time = in.octet_string();
    take(in, notification.attribute);
    notification.value = in.data();
    return in.result(notification);
}

void encode(ByteWriter& out, const EventNotification& notification) {
    out.u8(static_cast<std::uint8_t>(ApduTag::event_notification_request));
    out.u8(notification.time ? 1 : 0);
    if (notification.time) {
        put_length(out, notification.time->size());
        out.put(*notification.time);
    }
    put(out, notification.attribute);
    out.put(notification.value);
}

}  // namespace ferraris::dlms
