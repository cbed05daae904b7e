/// Data-Notification: the APDU of push (IEC 62056-5-3; tag 0F).
#pragma once

#include "dlms/apdu/apdu.hpp"

namespace ferraris::dlms {

/// Long-Invoke-Id-And-Priority: bits 0 to 23 the id, 28 self-descriptive, 29 break on error, 30 confirmed, 31 priority.
struct LongInvokeIdAndPriority {
    std::uint32_t bits{0};

    [[nodiscard]] static constexpr LongInvokeIdAndPriority of(std::uint32_t id, bool self_descriptive = false,
                                                              bool break_on_error = false, bool confirmed = true,
                                                              bool high = true) {
        return {(id & 0x00FFFFFFU) | (self_descriptive ? 0x10000000U : 0U) | (break_on_error ? 0x20000000U : 0U) |
                (confirmed ? 0x40000000U : 0U) | (high ? 0x80000000U : 0U)};
    }
    [[nodiscard]] constexpr std::uint32_t id() const { return bits & 0x00FFFFFFU; }
    [[nodiscard]] constexpr bool self_descriptive() const { return (bits & 0x10000000U) != 0; }
    [[nodiscard]] constexpr bool break_on_error() const { return (bits & 0x20000000U) != 0; }
    [[nodiscard]] constexpr bool confirmed() const { return (bits & 0x40000000U) != 0; }
    [[nodiscard]] constexpr bool high_priority() const { return (bits & 0x80000000U) != 0; }
};

struct DataNotification {
    LongInvokeIdAndPriority invoke{};
    ByteView date_time{};  ///< empty or 12 octets (dlms/date_time.hpp)
    /// The notification-body. Not checked: meters are in the field whose body is not legal A-XDR, and whoever reads it
    /// reads it element by element anyway.
    ByteView body{};
};

/// Data-Notification-Confirm (tag 10): what a client answers when bit 30 of the invoke id asked for it.
struct DataNotificationConfirm {
    LongInvokeIdAndPriority invoke{};
    ByteView date_time{};  ///< empty or 12 octets
};

[[nodiscard]] Result<DataNotificationConfirm, ApduError> decode_data_notification_confirm(ByteView apdu);
void encode(ByteWriter& out, const DataNotificationConfirm& confirm);

/// Takes the date-time with a length in front, as the standard has it, and with the tag of an octet-string before that,
/// as some meters send it.
[[nodiscard]] Result<DataNotification, ApduError> decode_data_notification(ByteView apdu);
void encode(ByteWriter& out, const DataNotification& notification);

}  // namespace ferraris::dlms
