#include "dlms/hdlc/notification_receiver.hpp"

namespace ferraris::dlms {

std::optional<HdlcNotification> HdlcNotificationReceiver::push(ByteView& in, std::int64_t now_ms) {
    while (const auto frame = parser_.push(in, now_ms)) {
        const hdlc::FrameType type = hdlc::decode_control(frame->control).type;
        if (type != hdlc::FrameType::unnumbered_information && type != hdlc::FrameType::information) continue;
        const bool has_header = hdlc::without_llc(frame->information).has_value();
        // A header inside what has begun means that the rest of that is lost.
        if (has_header) reassembler_.reset();
        HdlcNotification notification{frame->destination, frame->source, {}};
        if (!has_header && !reassembler_.begun()) {
            if (frame->segmented || frame->information.empty()) continue;
            notification.apdu = frame->information;
            return notification;
        }
        if (reassembler_.add(frame->information, frame->segmented) != hdlc::Reassembler::Outcome::complete) continue;
        notification.apdu = reassembler_.apdu();
        return notification;
    }
    return std::nullopt;
}

}  // namespace ferraris::dlms
