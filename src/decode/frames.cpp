#include "decode/frames.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <numeric>

#include "base/crc.hpp"
#include "dlms/hdlc/frame.hpp"
#include "dlms/wrapper.hpp"

namespace ferraris::decode {
namespace {

constexpr std::uint8_t kFlag = dlms::hdlc::kFlag;
constexpr std::uint8_t kMbusStart = 0x68;
constexpr std::uint8_t kMbusStop = 0x16;

Recognised recognise_hdlc(ByteView octets) {
    if (octets.size() < 3) return {FrameKind::hdlc, 3, true};
    if (octets[1] == kFlag) return {FrameKind::hdlc_flag, 1};
    const ByteView body = octets.subspan(1);
    const auto needed = dlms::hdlc::octets_needed(body);
    const std::size_t announced = static_cast<std::size_t>(body[0] & 0x07U) << 8U | body[1];
    const bool format = (body[0] & 0xF0U) == 0xA0 && announced >= 7;
    if (!needed) {
        // With its closing flag where the length says it is still a frame, only a damaged one.
        const bool flagged = format && octets.size() > announced + 1 && octets[announced + 1] == kFlag;
        if (!flagged) return {};
        return {FrameKind::hdlc, announced + 2, false, true};
    }
    if (*needed > body.size()) return {FrameKind::hdlc, *needed + 1, true};
    const bool good = dlms::hdlc::decode_frame(body.first(*needed)).has_value();
    if (octets.size() == *needed + 1) return {FrameKind::hdlc, *needed + 1, true, !good};
    const bool closed = octets[*needed + 1] == kFlag;
    if (!good) return closed ? Recognised{FrameKind::hdlc, *needed + 2, false, true} : Recognised{};
    // A flag that is followed by a format field opens the next frame as well; it is left to that one.
    const bool shared = closed && octets.size() > *needed + 2 && (octets[*needed + 2] & 0xF0U) == 0xA0;
    return {FrameKind::hdlc, *needed + (closed && !shared ? 2U : 1U)};
}

Recognised recognise_wrapper(ByteView octets, bool certain) {
    constexpr std::size_t kHeader = dlms::kWrapperHeaderOctets;
    if (octets.size() < kHeader + 1) return {FrameKind::wrapper, kHeader + 1, true};
    const auto word = [octets](std::size_t i) { return static_cast<std::size_t>(octets[i]) << 8U | octets[i + 1]; };
    constexpr std::size_t kLikelyPorts = 0x80;
    if (certain && (word(2) >= kLikelyPorts || word(4) >= kLikelyPorts)) return {};
    const std::size_t length = word(6);
    if (length == 0 || !is_apdu_tag(octets[kHeader])) return {};
    return {FrameKind::wrapper, kHeader + length, octets.size() < kHeader + length};
}

Recognised recognise_mbus(ByteView octets) {
    constexpr std::size_t kAround = 6;
    if (octets.size() < 4) return {FrameKind::mbus, 4, true};
    const std::size_t length = octets[1];
    if (length < 3 || octets[2] != length || octets[3] != kMbusStart) return {};
    if (octets.size() < length + kAround) return {FrameKind::mbus, length + kAround, true};
    if (octets[length + kAround - 1] != kMbusStop) return {};
    const ByteView body = octets.subspan(4, length);
    const auto sum = std::accumulate(body.begin(), body.end(), 0U) & 0xFFU;
    return {FrameKind::mbus, length + kAround, false, sum != octets[length + 4]};
}

}  // namespace

Recognised recognise(ByteView octets, bool certain) {
    if (octets.empty()) return {};
    Recognised found;
    switch (octets[0]) {
        case kFlag:
            found = recognise_hdlc(octets);
            break;
        case 0x00:
            if (octets.size() == 1 || octets[1] == 0x01) found = recognise_wrapper(octets, certain);
            break;
        case kMbusStart:
            found = recognise_mbus(octets);
            break;
        default:
            found = recognise_iec62056_21(octets, certain);
            break;
    }
    return found.damaged && certain ? Recognised{} : found;
}

void explain_frame(FrameKind kind, const Toolbox& tools, Link& link, Item& item) {
    switch (kind) {
        case FrameKind::hdlc:
            explain_hdlc(tools, link, item);
            break;
        case FrameKind::wrapper:
            explain_wrapper(tools, link, item);
            break;
        case FrameKind::mbus:
            explain_mbus(tools, link, item);
            break;
        case FrameKind::iec62056_21:
            explain_iec62056_21(item);
            break;
        case FrameKind::hdlc_flag:
        case FrameKind::none:
            break;
    }
}

void explain_wrapper(const Toolbox& tools, Link& link, Item& item) {
    Walker in(item.buffers[0].octets, 0);
    Node node = in.open("wrapper");
    (void)in.number(node, "version", 2);
    const auto source = static_cast<std::uint32_t>(in.number(node, "source wPort", 2));
    const auto destination = static_cast<std::uint32_t>(in.number(node, "destination wPort", 2));
    const auto length = in.number(node, "length", 2);
    node.value = fmt::format("from {} to {}", source, destination);
    Walker apdu = in.inner(length);
    if (!in.failed() || !apdu.at_end()) {
        Context context{item, link.between(source, destination), tools.keys, tools.crypto};
        explain_apdu(context, apdu, node);
    }
    in.finish(node, "octets behind the length that the wrapper announces");
    node.length = 0;
    in.close(node);
    item.node = std::move(node);
}

void explain_mbus(const Toolbox& tools, Link& link, Item& item) {
    constexpr std::uint8_t kLast = 0x10;
    constexpr std::uint8_t kNumber = 0x0F;
    Walker in(item.buffers[0].octets, 0);
    Node node = in.open("M-Bus long frame");
    (void)in.field(node, "start", 1);
    const std::size_t length = in.number(node, "length", 1);
    (void)in.number(node, "length again", 1);
    (void)in.field(node, "start again", 1);
    const std::size_t body_start = in.position();
    (void)in.field(node, "control field", 1);
    say(in, node, "SND_UD: data of a master");
    if (!in.failed() && node.children.back().length == 1 && in.position() == body_start + 1 &&
        item.buffers[0].octets[body_start] != 0x53 && item.buffers[0].octets[body_start] != 0x73) {
        node.children.back().meaning.clear();
    }
    (void)in.number(node, "address", 1);
    if (!in.failed() && item.buffers[0].octets[body_start + 1] == 0xFF) say(in, node, "broadcast, without answer");
    const auto control = static_cast<std::uint8_t>(in.number(node, "control information", 1));
    say(in, node,
        fmt::format("segment {}, {}", control & kNumber, (control & kLast) != 0 ? "the last" : "more follow"));
    const std::size_t head = 3;
    const std::size_t data = length > head + 2 ? length - head - 2 : 0;
    (void)in.number(node, "source transport service access point", 1);
    (void)in.number(node, "destination transport service access point", 1);
    Pieces& pieces = link.mbus;
    const bool single = (control & kNumber) == 0 && (control & kLast) != 0;
    if (single) {
        Walker apdu = in.inner(data);
        Context context{item, link.between(0, 0), tools.keys, tools.crypto};
        if (!apdu.at_end()) explain_apdu(context, apdu, node);
    } else {
        const ByteView part = in.field(node, "segment of an APDU", data);
        if ((control & kNumber) == 0) {
            pieces = Pieces{};
            pieces.begun = true;
            pieces.next = 0;
        }
        if (in.failed()) {
            pieces = Pieces{};
        } else if (!pieces.begun || pieces.next != (control & kNumber)) {
            say(in, node, "the segment before it is not in the input", Verdict::incomplete);
            pieces = Pieces{};
        } else {
            pieces.octets.insert(pieces.octets.end(), part.begin(), part.end());
            pieces.next = (pieces.next + 1) & kNumber;
            if (pieces.octets.size() > kMaxJoined) pieces = Pieces{};
        }
    }
    const std::size_t body_end = in.position();
    const auto sum = in.number(node, "check sum", 1);
    if (!in.failed()) {
        const ByteView body = ByteView(item.buffers[0].octets).subspan(body_start, body_end - body_start);
        const bool right = (std::accumulate(body.begin(), body.end(), 0U) & 0xFFU) == sum;
        node.children.back().value.clear();
        say(in, node, right ? "right" : "wrong", right ? Verdict::good : Verdict::wrong);
    }
    (void)in.field(node, "stop", 1);
    if (!single && !in.failed() && (control & kLast) != 0 && pieces.begun) {
        Context context{item, link.between(0, 0), tools.keys, tools.crypto};
        Walker apdu = context.new_buffer("joined from M-Bus segments", std::move(pieces.octets));
        pieces = Pieces{};
        explain_apdu(context, apdu, node);
    }
    in.finish(node);
    node.length = 0;
    in.close(node);
    item.node = std::move(node);
}

}  // namespace ferraris::decode
