/// Frames of HDLC, type 3 (IEC 62056-46, 6.4).
#include <fmt/format.h>

#include <algorithm>
#include <array>

#include "base/crc.hpp"
#include "decode/frames.hpp"
#include "dlms/hdlc/frame.hpp"

namespace ferraris::decode {
namespace {

using dlms::hdlc::FrameType;

struct TypeName {
    FrameType type;
    std::string_view name;
    std::string_view meaning;
};
constexpr TypeName kTypes[] = {
    {FrameType::information, "I", "information"},
    {FrameType::receive_ready, "RR", "receive ready"},
    {FrameType::receive_not_ready, "RNR", "receive not ready"},
    {FrameType::reject, "REJ", "reject"},
    {FrameType::set_normal_response, "SNRM", "set normal response mode"},
    {FrameType::disconnect, "DISC", "disconnect"},
    {FrameType::unnumbered_acknowledge, "UA", "unnumbered acknowledge"},
    {FrameType::disconnected_mode, "DM", "disconnected mode"},
    {FrameType::frame_reject, "FRMR", "frame reject"},
    {FrameType::unnumbered_information, "UI", "unnumbered information"},
    {FrameType::unknown, "?", "no frame type of this repertoire"},
};

constexpr Term kParameters[] = {{5, "maximum information field length, transmit"},
                                {6, "maximum information field length, receive"},
                                {7, "window size, transmit"},
                                {8, "window size, receive"}};

struct StationName {
    std::uint32_t number{0};  ///< as on the line
    std::string text{};
};

/// 1, 2 or 4 octets; bit 0 is set in the last.
StationName station(Walker& in, Node& node, std::string_view name) {
    std::size_t width = 1;
    while (width < 4 && width <= in.remaining() && (in.peek(width - 1) & 1U) == 0) ++width;
    if (width == 3) width = 4;
    const ByteView octets = in.field(node, name, width);
    StationName result;
    if (in.failed()) return result;
    std::array<std::uint32_t, 4> bits{};
    for (std::size_t i = 0; i < width; ++i) {
        result.number = result.number << 8U | octets[i];
        bits[i] = octets[i] >> 1U;
    }
    std::uint32_t upper = bits[0];
    std::uint32_t lower = bits[1];
    if (width == 4) {
        upper = bits[0] << 7U | bits[1];
        lower = bits[2] << 7U | bits[3];
    }
    result.text = width == 1 ? fmt::format("{}", upper) : fmt::format("{}/{}", upper, lower);
    Node& field = node.children.back();
    field.value = result.text;
    field.meaning = width == 1 ? "client, or server without a physical address" : "server: logical / physical device";
    const std::uint32_t all = width == 4 ? 0x3FFF : 0x7F;
    if (upper == all || (width > 1 && lower == all)) field.meaning += ", all stations";
    if ((octets.back() & 1U) == 0) {
        field.meaning = "an address that does not end";
        field.verdict = Verdict::wrong;
    }
    return result;
}

void check_sum(Walker& in, Node& node, std::string_view name, ByteView over) {
    const ByteView octets = in.field(node, name, 2);
    if (in.failed()) return;
    const auto sent = static_cast<std::uint16_t>(octets[0] | octets[1] << 8U);
    const std::uint16_t right = crc16_x25(over);
    if (sent == right) {
        say(in, node, "right");
    } else {
        say(in, node, fmt::format("wrong: {:02X} {:02X} would be right", right & 0xFFU, right >> 8U), Verdict::wrong);
    }
}

std::string control_text(const dlms::hdlc::Control& control) {
    const auto* const type = std::ranges::find(kTypes, control.type, &TypeName::type);
    std::string text(type->name);
    if (control.type == FrameType::information) {
        text += fmt::format(" N(S)={} N(R)={}", control.send_number, control.receive_number);
    } else if (control.type == FrameType::receive_ready || control.type == FrameType::receive_not_ready ||
               control.type == FrameType::reject) {
        text += fmt::format(" N(R)={}", control.receive_number);
    }
    if (control.poll_final) text += " P/F";
    return text;
}

bool at_llc(const Walker& in) {
    return in.peek() == 0xE6 && (in.peek(1) == 0xE6 || in.peek(1) == 0xE7) && in.remaining() >= 3;
}

/// LLC header where there is one.
void llc(Walker& in, Node& node) {
    if (!at_llc(in)) return;
    const bool command = in.peek(1) == 0xE6;
    (void)in.field(node, "LLC header", 3);
    say(in, node, command ? "from a client" : "from a server");
}

/// An APDU in one piece; or, without an LLC header, the end of one whose beginning was not seen.
void explain_whole(Context& context, Walker& in, Node& node) {
    if (in.at_end()) return;
    const Walker before = in;
    const Conversation conversation = context.conversation;
    const std::size_t fields = node.children.size();
    const std::size_t buffers = context.item.buffers.size();
    const bool headed = !node.children.empty() && node.children.back().name == "LLC header";
    if (headed) return explain_payload(context, in, node);
    explain_apdu(context, in, node);
    if (worst(node.children.back()) != Verdict::unexplained) return;
    in = before;
    context.conversation = conversation;
    node.children.resize(fields);
    context.item.buffers.resize(buffers);
    (void)in.field(node, "end of an APDU", in.remaining());
    say(in, node, "its beginning is not in the input", Verdict::incomplete);
}

struct Parties {
    std::uint32_t destination;
    std::uint32_t source;
};

void information(const Toolbox& tools, Link& link, Item& item, Walker& in, Node& node, Parties parties, bool segmented,
                 const dlms::hdlc::Control& control) {
    Context context{item, link.between(parties.destination, parties.source), tools.keys, tools.crypto};
    const bool carries = control.type == FrameType::information || control.type == FrameType::unnumbered_information;
    if (control.type == FrameType::set_normal_response || control.type == FrameType::unnumbered_acknowledge) {
        explain_link_parameters(in, node);
        return;
    }
    if (!carries) {
        (void)in.field(node, "information", in.remaining());
        return;
    }
    Segments& segments = link.segments[static_cast<std::uint64_t>(parties.source) << 32U | parties.destination];
    if (!segmented && !segments.begun) {
        llc(in, node);
        explain_whole(context, in, node);
        return;
    }
    const int number = control.type == FrameType::information ? control.send_number : -1;
    if (!segments.begun && !at_llc(in)) {
        (void)in.field(node, "segment of an APDU", in.remaining());
        say(in, node, "its beginning is not in the input", Verdict::incomplete);
        return;
    }
    if (!segments.begun) {
        llc(in, node);
        segments = Segments{{}, true, -1};
    } else if (number >= 0 && number == segments.last_number) {
        (void)in.field(node, "segment of an APDU", in.remaining());
        say(in, node, "sent once more", Verdict::note);
        return;
    }
    segments.last_number = number;
    const ByteView part = in.field(node, "segment of an APDU", in.remaining());
    segments.octets.insert(segments.octets.end(), part.begin(), part.end());
    say(in, node, segmented ? "more follow" : "the last");
    if (segmented && segments.octets.size() <= kMaxJoined) return;
    Octets joined = std::move(segments.octets);
    segments = Segments{};
    Walker apdu = context.new_buffer("joined from HDLC segments", std::move(joined));
    explain_apdu(context, apdu, node);
}

}  // namespace

void explain_link_parameters(Walker& in, Node& node) {
    (void)in.field(node, "format identifier", 1);
    (void)in.field(node, "group identifier", 1);
    const std::size_t length = in.length(node, "group length");
    if (in.failed()) return;
    Walker group = in.inner(length);
    while (!group.at_end() && !group.failed()) {
        Node parameter = group.open("parameter");
        const auto id = static_cast<std::uint8_t>(group.choice(parameter, "identifier", kParameters));
        const std::size_t size = group.length(parameter);
        if (const auto known = term(kParameters, id)) parameter.name = *known;
        if (size > 8) group.fail(fmt::format("a link parameter of {} octets", size));
        parameter.value = fmt::format_int(group.number(parameter, "value", size)).str();
        group.close(parameter);
        node.add(std::move(parameter));
    }
    group.finish(node);
}

void explain_hdlc(const Toolbox& tools, Link& link, Item& item) {
    const ByteView all = item.buffers[0].octets;
    Walker in(all, 0);
    Node node = in.open("HDLC frame");
    if (in.peek() == dlms::hdlc::kFlag) (void)in.field(node, "flag", 1);
    const std::size_t start = in.position();
    const auto format = in.number(node, "frame format", 2);
    const auto length = static_cast<std::size_t>(format & 0x7FFU);
    const bool segmented = (format & 0x800U) != 0;
    constexpr std::uint64_t kType3 = 0xA;
    const bool type_3 = format >> 12U == kType3;
    if (!in.failed()) node.children.back().value = type_3 ? "type 3" : "not type 3";
    say(in, node, fmt::format("{} octets, {}", length, segmented ? "segmented: more follow" : "not segmented"));
    const StationName destination = station(in, node, "destination address");
    const StationName source = station(in, node, "source address");
    const dlms::hdlc::Control control = dlms::hdlc::decode_control(in.peek());
    (void)in.field(node, "control", 1);
    if (!in.failed()) {
        node.children.back().value = control_text(control);
        say(in, node, std::string(std::ranges::find(kTypes, control.type, &TypeName::type)->meaning),
            control.type == FrameType::unknown ? Verdict::note : Verdict::good);
        node.value = fmt::format("{} from {} to {}", node.children.back().value, source.text, destination.text);
    }
    const std::size_t header = in.position() - start;
    if (!in.failed() && length > header + 2) {
        check_sum(in, node, "header check sequence", all.subspan(start, header));
        const std::size_t info = length > header + 4 ? length - header - 4 : 0;
        Walker inner = in.inner(info);
        if (!inner.at_end()) {
            // A frame that is cut short says nothing certain to what comes after it.
            Link nobody;
            information(tools, in.failed() ? nobody : link, item, inner, node, {destination.number, source.number},
                        segmented, control);
            inner.finish(node);
        }
    }
    if (!in.failed()) check_sum(in, node, "frame check sequence", all.subspan(start, in.position() - start));
    if (!in.failed() && in.peek() == dlms::hdlc::kFlag) (void)in.field(node, "flag", 1);
    in.finish(node, "octets behind the frame");
    node.length = 0;
    in.close(node);
    item.node = std::move(node);
}

}  // namespace ferraris::decode
