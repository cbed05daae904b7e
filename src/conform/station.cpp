#include "conform/station.hpp"

#include <array>
#include <utility>

#include "base/crc.hpp"
#include "dlms/hdlc/frame.hpp"
#include "dlms/hdlc/frame_parser.hpp"

namespace ferraris::conform {
namespace {

using dlms::hdlc::FrameType;

constexpr std::size_t kChecks = 2;
constexpr std::size_t kFormat = 2;

void append(Octets& to, ByteView octets) { to.insert(to.end(), octets.begin(), octets.end()); }

/// Low octet first.
void append_check(Octets& to, std::uint16_t error) {
    const auto check = static_cast<std::uint16_t>(crc16_x25(to) ^ error);
    to.push_back(static_cast<std::uint8_t>(check & 0xFFU));
    to.push_back(static_cast<std::uint8_t>(check >> 8U));
}

void append_seven_bits(Octets& to, std::uint16_t value, bool wide, bool last) {
    if (wide) to.push_back(static_cast<std::uint8_t>((value >> 7U) << 1U));
    to.push_back(static_cast<std::uint8_t>(((value & 0x7FU) << 1U) | (last ? 1U : 0U)));
}

}  // namespace

Octets address_octets(const dlms::hdlc::Address& address) {
    Octets octets;
    append_seven_bits(octets, address.upper, address.width == 4, address.width == 1);
    if (address.width != 1) append_seven_bits(octets, address.lower, address.width == 4, true);
    return octets;
}

Octets RawFrame::octets() const {
    const std::size_t head = kFormat + destination.size() + source.size() + 1 + kChecks;
    const std::size_t whole = head + (information.empty() ? 0 : information.size() + kChecks);
    const auto length = static_cast<unsigned>(static_cast<int>(whole) + length_error);
    Octets frame{static_cast<std::uint8_t>(format | ((length >> 8U) & 7U)), static_cast<std::uint8_t>(length & 0xFFU)};
    append(frame, destination);
    append(frame, source);
    frame.push_back(control);
    if (!information.empty()) {
        append_check(frame, header_check_error);
        append(frame, information);
    }
    append_check(frame, frame_check_error);
    if (opening_flag) frame.insert(frame.begin(), dlms::hdlc::kFlag);
    if (closing_flag) frame.push_back(dlms::hdlc::kFlag);
    return frame;
}

Station::Station(Bench& bench, std::uint16_t client_sap)
    : bench_(bench), client_sap_(static_cast<std::uint8_t>(client_sap)) {
    if (bench.target().framing != Framing::hdlc) {
        throw Finding{Verdict::not_applicable, "the meter is not reached by HDLC"};
    }
    bench.open();
}

RawFrame Station::frame(std::uint8_t control_field, Octets information) const {
    RawFrame frame;
    frame.destination = address_octets(bench_.target().hdlc_server);
    frame.source = address_octets(dlms::hdlc::Address::client(client_sap_));
    frame.control = control_field;
    frame.information = std::move(information);
    return frame;
}

std::optional<Reply> Station::ask(const RawFrame& frame) {
    unread_.clear();
    send(frame);
    return next();
}

std::optional<Reply> Station::next() {
    std::array<std::uint8_t, dlms::hdlc::frame_room(dlms::hdlc::kMaxInformationField)> buffer{};
    dlms::hdlc::FrameParser parser(buffer);
    while (true) {
        if (unread_.empty()) unread_ = bench_.receive(bench_.target().patience);
        if (unread_.empty()) return std::nullopt;
        ByteView in(unread_);
        const auto frame = parser.push(in, 0);
        unread_ = Octets(in.begin(), in.end());
        if (!frame) continue;
        return Reply{dlms::hdlc::decode_control(frame->control), frame->source, frame->destination, frame->segmented,
                     Octets(frame->information.begin(), frame->information.end())};
    }
}

Reply Station::connect(Octets proposal) {
    const auto reply = ask(frame(control::kSnrm, std::move(proposal)));
    expect(is(reply, FrameType::unnumbered_acknowledge), "SNRM is answered by UA");
    return *reply;
}

bool is(const std::optional<Reply>& reply, FrameType type) { return reply && reply->control.type == type; }

}  // namespace ferraris::conform
