#include "dlms/apdu/data_notification.hpp"

#include "dlms/date_time.hpp"

namespace ferraris::dlms {

Result<DataNotification, ApduError> decode_data_notification(ByteView apdu) {
    ApduReader in(apdu);
    DataNotification notification;
    in.tag(ApduTag::data_notification);
    notification.invoke.bits = in.u32();
    std::size_t length = in.length();
    // A date-time of nine octets does not exist; the tag of an octet-string is 9.
    if (length == static_cast<std::uint8_t>(DataTag::octet_string) && in.peek() == kDateTimeSize) length = in.u8();
    if (length != 0 && length != kDateTimeSize) in.refuse(ApduError::malformed);
    notification.date_time = in.take(length);
    if (!in.failed() && in.at_end()) in.refuse(ApduError::truncated);
    notification.body = in.take(in.remaining());
    return in.result(notification);
}

Result<DataNotificationConfirm, ApduError> decode_data_notification_confirm(ByteView apdu) {
    ApduReader in(apdu);
    DataNotificationConfirm confirm;
    in.tag(ApduTag::data_notification_confirm);
    confirm.invoke.bits = in.u32();
    confirm.date_time = in.octet_string();
    if (!confirm.date_time.empty() && confirm.date_time.size() != kDateTimeSize) in.refuse(ApduError::malformed);
    return in.result(confirm);
}

void encode(ByteWriter& out, const DataNotificationConfirm& confirm) {
    out.u8(static_cast<std::uint8_t>(ApduTag::data_notification_confirm));
    out.u32(confirm.invoke.bits);
    put_length(out, confirm.date_time.size());
    out.put(confirm.date_time);
}

void encode(ByteWriter& out, const DataNotification& notification) {
    out.u8(static_cast<std::uint8_t>(ApduTag::data_notification));
    out.u32(notification.invoke.bits);
    put_length(out, notification.date_time.size());
    out.put(notification.date_time);
    out.put(notification.body);
}

}  // namespace ferraris::dlms
