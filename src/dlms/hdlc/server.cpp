#include "dlms/hdlc/server.hpp"

#include <algorithm>

namespace ferraris::dlms {

using hdlc::Control;
using hdlc::Frame;
using hdlc::FrameType;

namespace {

/// Bits of the third octet of FRMR (ISO/IEC 13239, 5.5.3.4.2).
enum RejectReason : std::uint8_t {
    kUndefinedControl = 0x01,         // W
    kInformationNotPermitted = 0x02,  // X
    kInformationTooLong = 0x04,       // Y
    kInvalidReceiveNumber = 0x08,     // Z
};

hdlc::LinkParameters limited_by(hdlc::LinkParameters parameters, std::size_t frame_buffer) {
    const std::size_t room = frame_buffer > hdlc::frame_room(0) ? frame_buffer - hdlc::frame_room(0) : 0;
    parameters.max_information_receive =
        static_cast<std::uint16_t>(std::min<std::size_t>(parameters.max_information_receive, room));
    return parameters;
}

constexpr bool is_supervisory(FrameType type) {
    return type == FrameType::receive_ready || type == FrameType::receive_not_ready || type == FrameType::reject;
}

}  // namespace

HdlcServer::HdlcServer(const HdlcServerConfig& config, ByteSpan frame_buffer, ByteSpan apdu_buffer)
    : config_(config), parser_(frame_buffer, config.inter_octet_timeout_ms), reassembler_(apdu_buffer) {
    config_.parameters = limited_by(config_.parameters, frame_buffer.size());
}

void HdlcServer::reset() {
    (void)drop_link();
    parser_.reset();
    reply_ = Reply::none;
    notification_ = {};
    notified_ = 0;
}

std::optional<HdlcServer::Pair> HdlcServer::addressed(const Frame& frame) const {
    const hdlc::Address& to = frame.destination;
    if (frame.source.width != 1 || frame.source.upper == hdlc::kNoStation) return std::nullopt;
    if ((to.width & config_.address_widths) == 0) return std::nullopt;

    const bool device_exists = std::ranges::find(config_.logical_devices, to.upper) != config_.logical_devices.end();
    if (!device_exists && to.upper != to.all_station()) return std::nullopt;
    if (to.width == 1 || to.lower == to.all_station() || to.lower == config_.physical_device) {
        return Pair{to, frame.source};
    }
    if (config_.calling && to.lower == to.calling_device()) {
        return Pair{{to.upper, config_.physical_device, to.width}, frame.source};
    }
    return std::nullopt;
}

HdlcServerEvent HdlcServer::event(HdlcServerEventKind kind, const Pair& pair, ByteView apdu) const {
    return {kind, pair.client.upper, pair.server.upper, apdu};
}

HdlcServerEvent HdlcServer::drop_link() {
    const bool was_connected = connected();
    mode_ = Mode::disconnected;
    sender_.reset(agreed_.max_information_transmit, agreed_.window_transmit);
    reassembler_.reset();
    receive_number_ = 0;
    turn_ = false;
    peer_busy_ = false;
    return was_connected ? event(HdlcServerEventKind::disconnected, link_) : HdlcServerEvent{};
}

std::optional<std::int64_t> HdlcServer::next_timeout() const {
    const auto within_frame = parser_.next_timeout();
    const auto link_ends = end_of_silence();
    if (!within_frame || !link_ends) return within_frame ? within_frame : link_ends;
    return std::min(*within_frame, *link_ends);
}

std::optional<std::int64_t> HdlcServer::end_of_silence() const {
    if (!connected() || config_.inactivity_timeout_s == 0) return std::nullopt;
    return last_activity_ms_ + std::int64_t{config_.inactivity_timeout_s} * 1000;
}

HdlcServerEvent HdlcServer::poll(std::int64_t now_ms) {
    parser_.expire(now_ms);
    const auto deadline = end_of_silence();
    if (!deadline || now_ms < *deadline) return {};
    return drop_link();
}

HdlcServerEvent HdlcServer::receive(ByteView& in, std::int64_t now_ms) {
    if (const HdlcServerEvent silence = poll(now_ms); silence.kind != HdlcServerEventKind::none) return silence;
    const auto frame = parser_.push(in, now_ms);
    if (!frame) return {};
    const auto pair = addressed(*frame);
    if (!pair) {
        note(HdlcRefusal::not_addressed);
        return {};
    }

    const Control control = hdlc::decode_control(frame->control);
    const bool from_link = connected() && *pair == link_;
    if (from_link) last_activity_ms_ = now_ms;
    if (control.type == FrameType::unnumbered_information) return unnumbered(*frame, *pair);
    // Nobody may speak when all are spoken to.
    if (frame->destination.is_all_station()) {
        note(HdlcRefusal::to_all);
        return {};
    }

    if (control.type == FrameType::set_normal_response) {
        last_activity_ms_ = now_ms;
        return connect(*frame, *pair);
    }
    if (!from_link) {
        const bool command = control.type == FrameType::information || control.type == FrameType::disconnect ||
                             is_supervisory(control.type);
        note(control.type == FrameType::disconnect ? HdlcRefusal::disconnect_without_link : HdlcRefusal::no_link);
        if (command && control.poll_final) answer(Reply::disconnected_mode, *pair, true);
        return {};
    }
    if (control.type == FrameType::disconnect) {
        answer(Reply::acknowledge, *pair, control.poll_final);
        return drop_link();
    }
    if (mode_ == Mode::frame_rejected) {
        // Until the client sets the link up anew or ends it (ISO/IEC 13239, 5.5.3.4.2).
        note(HdlcRefusal::awaits_recovery);
        if (control.poll_final) answer(Reply::frame_reject, link_, true);
        return {};
    }
    return in_normal_response(*frame, control);
}

HdlcServerEvent HdlcServer::connect(const Frame& frame, const Pair& pair) {
    (void)drop_link();
    link_ = pair;
    const auto proposal = hdlc::parse_parameters(frame.information, config_.absent_proposal);
    if (!proposal) note(HdlcRefusal::parameters_malformed);
    agreed_ = hdlc::negotiate(config_.parameters, proposal.value_or(hdlc::LinkParameters{}));
    mode_ = Mode::normal_response;
    sender_.reset(agreed_.max_information_transmit, agreed_.window_transmit);
    answer(Reply::acknowledge_with_parameters, pair, hdlc::decode_control(frame.control).poll_final);
    return event(HdlcServerEventKind::connected, pair);
}

HdlcServerEvent HdlcServer::in_normal_response(const Frame& frame, const Control& control) {
    switch (control.type) {
        case FrameType::unknown:
            reject_frame(frame, HdlcRefusal::undefined_control,
                         kUndefinedControl | (frame.information.empty() ? 0 : kInformationNotPermitted));
            return {};
        case FrameType::unnumbered_acknowledge:
        case FrameType::disconnected_mode:
        case FrameType::frame_reject:
            note(HdlcRefusal::response);
            return {};
        default:
            break;
    }
    if (frame.information.size() > agreed_.max_information_receive) {
        reject_frame(frame, HdlcRefusal::information_too_long, kInformationTooLong);
        return {};
    }
    if (!sender_.acknowledge(control.receive_number)) {
        reject_frame(frame, HdlcRefusal::invalid_receive_number, kInvalidReceiveNumber);
        return {};
    }
    HdlcServerEvent result;
    if (control.type == FrameType::information) {
        result = information(frame, control);
    } else {
        peer_busy_ = control.type == FrameType::receive_not_ready;
        if (control.type == FrameType::reject) sender_.rewind();
    }
    if (control.poll_final) take_turn();
    return result;
}

HdlcServerEvent HdlcServer::information(const Frame& frame, const Control& control) {
    peer_busy_ = false;
    // A new request while an answer is not confirmed would pull the octets of that answer from under it: the request
    // stays unacknowledged, the client gets the answer again and repeats the request.
    if (busy_ || !sender_.idle()) {
        note(HdlcRefusal::answer_unconfirmed);
        return {};
    }
    if (control.send_number != receive_number_) {
        note(HdlcRefusal::out_of_sequence);
        return {};
    }
    receive_number_ = static_cast<std::uint8_t>((receive_number_ + 1) & 7U);
    switch (reassembler_.add(frame.information, frame.segmented)) {
        case hdlc::Reassembler::Outcome::complete:
            return event(HdlcServerEventKind::apdu, link_, reassembler_.apdu());
        case hdlc::Reassembler::Outcome::too_long:
            return event(HdlcServerEventKind::apdu_too_long, link_);
        case hdlc::Reassembler::Outcome::no_llc_header:
            note(HdlcRefusal::no_llc_header);
            return {};
        case hdlc::Reassembler::Outcome::incomplete:
            break;
    }
    return {};
}

HdlcServerEvent HdlcServer::unnumbered(const Frame& frame, const Pair& pair) {
    const bool from_link = mode_ == Mode::normal_response && pair == link_;
    if (from_link && hdlc::decode_control(frame.control).poll_final) take_turn();
    const auto apdu = hdlc::without_llc(frame.information);
    // Whole ones only: segments of a broadcast cannot be asked for again.
    if (!apdu || frame.segmented) {
        note(apdu ? HdlcRefusal::not_whole : HdlcRefusal::no_llc_header);
        return {};
    }
    return event(HdlcServerEventKind::unconfirmed_apdu, pair, *apdu);
}

void HdlcServer::reject_frame(const Frame& frame, HdlcRefusal why, std::uint8_t reasons) {
    note(why);
    mode_ = Mode::frame_rejected;
    turn_ = false;
    frame_reject_[0] = frame.control;
    frame_reject_[1] = static_cast<std::uint8_t>((receive_number_ << 5U) | (sender_.send_number() << 1U));
    frame_reject_[2] = reasons;
    answer(Reply::frame_reject, link_, hdlc::decode_control(frame.control).poll_final);
}

void HdlcServer::answer(Reply reply, const Pair& pair, bool final) {
    reply_ = reply;
    reply_pair_ = pair;
    reply_final_ = final;
}

void HdlcServer::take_turn() {
    // What has not been confirmed when the client asks is lost, and goes out again (checkpoint, ISO/IEC
    // 13239, 5.6.2.1).
    sender_.rewind();
    turn_ = true;
}

bool HdlcServer::send(ByteView apdu) {
    if (mode_ != Mode::normal_response || !sender_.idle() || apdu.empty()) return false;
    sender_.start(hdlc::kLlcResponse, apdu);
    return true;
}

bool HdlcServer::notify(ByteView apdu, std::uint8_t client_sap, const hdlc::Address& source) {
    if (notifying() || apdu.empty()) return false;
    notification_ = apdu;
    notified_ = 0;
    notification_pair_ = {source, hdlc::Address::client(client_sap)};
    return true;
}

std::size_t HdlcServer::notification_octets() const {
    return notification_.empty() ? 0 : hdlc::kLlcOctets + notification_.size();
}

bool HdlcServer::write(const Pair& pair, const Control& control, ByteWriter& out, ByteView information, ByteView more,
                       bool segmented) const {
    return hdlc::write_frame({pair.client, pair.server, hdlc::encode_control(control), segmented, information}, more,
                             out);
}

bool HdlcServer::pull(ByteWriter& out) { return pull_reply(out) && pull_turn(out) && pull_notification(out); }

bool HdlcServer::pull_reply(ByteWriter& out) {
    std::uint8_t octets[hdlc::kMaxParameterField];
    ByteWriter field(octets);
    Control control{.type = FrameType::unnumbered_acknowledge, .poll_final = reply_final_};
    switch (reply_) {
        case Reply::none:
            return true;
        case Reply::acknowledge_with_parameters:
            hdlc::write_parameters(agreed_, config_.length_width, field);
            break;
        case Reply::acknowledge:
            break;
        case Reply::disconnected_mode:
            control.type = FrameType::disconnected_mode;
            break;
        case Reply::frame_reject:
            control.type = FrameType::frame_reject;
            field.put(frame_reject_);
            break;
    }
    if (!write(reply_pair_, control, out, field.written())) return false;
    reply_ = Reply::none;
    return true;
}

bool HdlcServer::pull_turn(ByteWriter& out) {
    if (!turn_) return true;
    while (!peer_busy_) {
        const auto segment = sender_.next();
        if (!segment) break;
        const Control control{.type = FrameType::information,
                              .poll_final = segment->last_of_turn,
                              .send_number = segment->send_number,
                              .receive_number = receive_number_};
        if (!write(link_, control, out, segment->head, segment->body, segment->more_follow)) return false;
        sender_.advance();
        if (segment->last_of_turn) {
            turn_ = false;
            return true;
        }
    }
    const Control control{.type = busy_ ? FrameType::receive_not_ready : FrameType::receive_ready,
                          .poll_final = true,
                          .receive_number = receive_number_};
    if (!write(link_, control, out)) return false;
    turn_ = false;
    return true;
}

bool HdlcServer::pull_notification(ByteWriter& out) {
    const std::size_t longest = config_.parameters.max_information_transmit;
    while (notifying()) {
        const std::size_t count = std::min(longest, notification_octets() - notified_);
        const std::size_t in_header = notified_ == 0 ? hdlc::kLlcOctets : 0;
        const std::size_t from = notified_ == 0 ? 0 : notified_ - hdlc::kLlcOctets;
        const bool more_follow = notified_ + count < notification_octets();
        const Control control{.type = FrameType::unnumbered_information, .poll_final = !more_follow};
        if (!write(notification_pair_, control, out, ByteView(hdlc::kLlcResponse).first(in_header),
                   notification_.subspan(from, count - in_header), more_follow)) {
            return false;
        }
        notified_ += count;
    }
    return true;
}

}  // namespace ferraris::dlms
