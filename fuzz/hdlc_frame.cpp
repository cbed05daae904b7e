/// Any octets in any pieces: every frame found is written back to the same octets, and none is found outside.
#include <array>
#include <cstdint>
#include <cstdlib>

#include "dlms/hdlc/frame_parser.hpp"
#include "dlms/hdlc/notification_receiver.hpp"
#include "dlms/hdlc/parameters.hpp"

using namespace ferraris;
using namespace ferraris::dlms;

namespace {

void check(const hdlc::Frame& frame) {
    std::array<std::uint8_t, 2100> octets{};
    ByteWriter out(octets);
    if (!hdlc::write_frame(frame, {}, out)) std::abort();
    const auto again = hdlc::decode_frame(out.written().subspan(1, out.size() - 2));
    if (!again || again->destination != frame.destination || again->source != frame.source ||
        again->control != frame.control || !equal(again->information, frame.information)) {
        std::abort();
    }
    (void)hdlc::parse_parameters(frame.information);
}

}  // namespace

/// The first octet says how large the pieces are and how large the buffer is.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    if (size < 1) return 0;
    const std::size_t piece = 1 + (data[0] & 0x3FU);
    const std::size_t room = (data[0] & 0x40U) != 0 ? 2100 : 60;
    std::array<std::uint8_t, 2100> buffer{};
    std::array<std::uint8_t, 2100> notification_buffer{};
    std::array<std::uint8_t, 512> apdu{};
    hdlc::FrameParser parser(ByteSpan(buffer).first(room), 100);
    HdlcNotificationReceiver receiver(notification_buffer, apdu);
    std::int64_t now_ms = 0;
    for (ByteView rest(data + 1, size - 1); !rest.empty(); now_ms += 30) {
        const ByteView in = rest.first(std::min(piece, rest.size()));
        rest = rest.subspan(in.size());
        ByteView frames = in;
        while (const auto frame = parser.push(frames, now_ms)) check(*frame);
        if (!frames.empty()) std::abort();
        ByteView notifications = in;
        while (receiver.push(notifications, now_ms)) continue;
    }
    (void)hdlc::parse_parameters(ByteView(data, size));
    return 0;
}
