/// Listens to meters that push (customer ports, events): no link, no answer, any address.
#pragma once

#include <cstdint>
#include <optional>

#include "base/bytes.hpp"
#include "dlms/hdlc/frame_parser.hpp"
#include "dlms/hdlc/segments.hpp"

namespace ferraris::dlms {

struct HdlcNotification {
    hdlc::Address destination{};
    hdlc::Address source{};
    ByteView apdu{};  ///< views into the buffers until the next `push`
};

/// Takes UI frames, and I frames too, because some meters push with control 0x10. Segments (S bit) are put together.
/// A frame without LLC header that continues nothing is delivered as it is: meters put only the first block of a
/// general block transfer behind a header.
class HdlcNotificationReceiver {
public:
    /// `frame_buffer`: `hdlc::frame_room` of the longest information field. `apdu_buffer`: the longest APDU.
    HdlcNotificationReceiver(ByteSpan frame_buffer, ByteSpan apdu_buffer, std::uint32_t inter_octet_timeout_ms = 0)
        : parser_(frame_buffer, inter_octet_timeout_ms), reassembler_(apdu_buffer) {}

    /// Takes octets off the front of `in`, up to and including the frame that completes an APDU, else all of them.
    [[nodiscard]] std::optional<HdlcNotification> push(ByteView& in, std::int64_t now_ms);

    [[nodiscard]] const hdlc::FrameParser& line() const { return parser_; }

private:
    hdlc::FrameParser parser_;
    hdlc::Reassembler reassembler_;
};

}  // namespace ferraris::dlms
