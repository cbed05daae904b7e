#include "dlms/hdlc/client.hpp"

#include <algorithm>

namespace ferraris::dlms {

using hdlc::Control;
using hdlc::Frame;
using hdlc::FrameType;

namespace {

hdlc::LinkParameters limited_by(hdlc::LinkParameters parameters, std::size_t frame_buffer) {
    const std::size_t room = frame_buffer > hdlc::frame_room(0) ? frame_buffer - hdlc::frame_room(0) : 0;
    parameters.max_information_receive =
        static_cast<std::uint16_t>(std::min<std::size_t>(parameters.max_information_receive, room));
    return parameters;
}

}  // namespace

HdlcClient::HdlcClient(const HdlcClientConfig& config, ByteSpan frame_buffer, ByteSpan apdu_buffer)
    : config_(config), parser_(frame_buffer, config.inter_octet_timeout_ms), reassembler_(apdu_buffer) {
    config_.parameters = limited_by(config_.parameters, frame_buffer.size());
}

void HdlcClient::begin(State state, Output output, std::int64_t now_ms) {
    state_ = state;
    output_ = output;
    enquired_ = false;
    peer_busy_ = false;
    progress(now_ms);
    wait(config_.response_timeout_ms, now_ms);
}

void HdlcClient::progress(std::int64_t now_ms) {
    progress_ms_ = now_ms;
    retries_left_ = config_.retries;
    pausing_ = false;
}

void HdlcClient::connect(std::int64_t now_ms) { begin(State::connecting, Output::set_normal_response, now_ms); }

void HdlcClient::disconnect(std::int64_t now_ms) { begin(State::disconnecting, Output::disconnect, now_ms); }

bool HdlcClient::send(ByteView apdu, std::int64_t now_ms) {
    if (state_ != State::idle || !sender_.idle() || apdu.empty()) return false;
    sender_.start(hdlc::kLlcRequest, apdu);
    reassembler_.reset();
    begin(State::exchanging, Output::information, now_ms);
    return true;
}

HdlcClientEvent HdlcClient::fail(HdlcFailure why) {
    state_ = State::disconnected;
    output_ = Output::none;
    deadline_ms_.reset();
    return {HdlcClientEventKind::failed, why, {}};
}

HdlcClientEvent HdlcClient::poll(std::int64_t now_ms) {
    if (!deadline_ms_ || now_ms < *deadline_ms_) return {};
    if (state_ == State::exchanging && now_ms - progress_ms_ >= config_.answer_timeout_ms) {
        return fail(HdlcFailure::too_busy);
    }
    if (!pausing_) {
        if (retries_left_ == 0) {
            const bool asked_for = state_ == State::disconnecting;
            const HdlcClientEvent failure = fail(HdlcFailure::no_answer);
            return asked_for ? HdlcClientEvent{HdlcClientEventKind::disconnected, HdlcFailure::none, {}} : failure;
        }
        --retries_left_;
        ++repeats_;
    }
    pausing_ = false;
    switch (state_) {
        case State::connecting:
            output_ = Output::set_normal_response;
            break;
        case State::disconnecting:
            output_ = Output::disconnect;
            break;
        default:
            // RR asks both questions at once: did my request arrive, and is there an answer?
            output_ = Output::receive_ready;
            enquired_ = true;
    }
    wait(config_.response_timeout_ms, now_ms);
    return {};
}

bool HdlcClient::is_for_us(const Frame& frame) const {
    const bool to_us = frame.destination == hdlc::Address::client(config_.client_sap);
    const bool upper_matches = frame.source.upper == config_.server.upper;
    const bool has_lower = frame.source.width != 1 && config_.server.width != 1;
    // A device that was called by a special address answers with its own.
    const bool special = config_.server.is_all_station() || config_.server.lower == config_.server.calling_device();
    return to_us && (special || (upper_matches && (!has_lower || frame.source.lower == config_.server.lower)));
}

bool HdlcClient::is_echo(ByteView frame_check) {
    if (!config_.line_echoes) return false;
    const std::uint16_t check = ByteReader(frame_check).u16();
    const auto found = std::ranges::find(echoes_, check);
    if (found == echoes_.end()) return false;
    echoes_.erase(static_cast<std::size_t>(found - echoes_.begin()));
    return true;
}

HdlcClientEvent HdlcClient::receive(ByteView& in, std::int64_t now_ms) {
    if (!in.empty() && deadline_ms_ && !pausing_) {
        // A long frame on a slow line is an answer, not silence. Noise without end is none.
        const std::int64_t limit = progress_ms_ + config_.answer_timeout_ms;
        deadline_ms_ = std::max(*deadline_ms_, std::min(now_ms + config_.response_timeout_ms, limit));
    }
    const auto frame = parser_.push(in, now_ms);
    if (!frame || is_echo(parser_.frame_check())) return {};
    return handle(*frame, now_ms);
}

HdlcClientEvent HdlcClient::notification(const Frame& frame) const {
    const auto apdu = hdlc::without_llc(frame.information);
    if (!apdu || frame.segmented) return {};
    return {HdlcClientEventKind::notification, HdlcFailure::none, *apdu};
}

HdlcClientEvent HdlcClient::handle(const Frame& frame, std::int64_t now_ms) {
    const Control control = hdlc::decode_control(frame.control);
    const bool unsolicited = control.type == FrameType::unnumbered_information ||
                             (control.type == FrameType::information && state_ == State::disconnected);
    if (unsolicited) return notification(frame);
    if (!is_for_us(frame)) return {};
    switch (control.type) {
        case FrameType::information:
        case FrameType::receive_ready:
        case FrameType::receive_not_ready:
        case FrameType::reject:
            return state_ == State::exchanging ? in_exchange(frame, control, now_ms) : HdlcClientEvent{};
        default:
            return handle_unnumbered(control.type, frame, now_ms);
    }
}

HdlcClientEvent HdlcClient::handle_unnumbered(FrameType type, const Frame& frame, std::int64_t now_ms) {
    if (type == FrameType::unnumbered_acknowledge && state_ == State::connecting) {
        const auto stated = hdlc::parse_parameters(frame.information);
        agreed_ = hdlc::negotiate(config_.parameters, stated.value_or(hdlc::LinkParameters{}));
        sender_.reset(agreed_.max_information_transmit, agreed_.window_transmit);
        reassembler_.reset();
        receive_number_ = 0;
        begin(State::idle, Output::none, now_ms);
        deadline_ms_.reset();
        return {HdlcClientEventKind::connected, HdlcFailure::none, {}};
    }
    if ((type == FrameType::unnumbered_acknowledge || type == FrameType::disconnected_mode) &&
        state_ == State::disconnecting) {
        (void)fail(HdlcFailure::none);
        return {HdlcClientEventKind::disconnected, HdlcFailure::none, {}};
    }
    if (type == FrameType::disconnected_mode && state_ != State::disconnected) {
        return fail(state_ == State::connecting ? HdlcFailure::refused : HdlcFailure::link_lost);
    }
    if (type == FrameType::frame_reject && connected()) return fail(HdlcFailure::frame_rejected);
    return {};
}

HdlcClientEvent HdlcClient::in_exchange(const Frame& frame, const Control& control, std::int64_t now_ms) {
    const std::uint8_t in_flight = sender_.in_flight();
    if (!sender_.acknowledge(control.receive_number)) return fail(HdlcFailure::sequence_numbers);
    const bool confirms = sender_.in_flight() != in_flight;
    if (confirms) progress(now_ms);
    if (control.type == FrameType::information) return information(frame, control, now_ms);
    supervisory(control, confirms, now_ms);
    return {};
}

HdlcClientEvent HdlcClient::information(const Frame& frame, const Control& control, std::int64_t now_ms) {
    if (control.send_number != receive_number_) {
        // From the window ahead: something before it is lost. Else it came twice, and to answer that would make two of
        // everything from here on.
        const bool gap = hdlc::distance(receive_number_, control.send_number) < agreed_.window_receive;
        if (gap && control.poll_final) {
            output_ = Output::receive_ready;
            enquired_ = true;
        }
        return {};
    }
    receive_number_ = static_cast<std::uint8_t>((receive_number_ + 1) & 7U);
    enquired_ = false;
    progress(now_ms);
    wait(config_.response_timeout_ms, now_ms);
    switch (reassembler_.add(frame.information, frame.segmented)) {
        case hdlc::Reassembler::Outcome::incomplete:
            if (control.poll_final) output_ = Output::receive_ready;
            return {};
        case hdlc::Reassembler::Outcome::too_long:
            return fail(HdlcFailure::apdu_too_long);
        case hdlc::Reassembler::Outcome::no_llc_header:
            return fail(HdlcFailure::no_llc_header);
        case hdlc::Reassembler::Outcome::complete:
            break;
    }
    if (!sender_.idle()) return fail(HdlcFailure::sequence_numbers);
    state_ = State::idle;
    output_ = Output::none;
    deadline_ms_.reset();
    return {HdlcClientEventKind::apdu, HdlcFailure::none, reassembler_.apdu()};
}

void HdlcClient::supervisory(const Control& control, bool confirms, std::int64_t now_ms) {
    peer_busy_ = control.type == FrameType::receive_not_ready;
    if (!control.poll_final) return;
    const bool was_enquired = enquired_;
    enquired_ = false;
    if (peer_busy_ || sender_.idle()) {
        // The turn is ours, and all that there is to do is to ask again.
        pausing_ = true;
        retries_left_ = config_.retries;
        wait(config_.busy_poll_interval_ms, now_ms);
        return;
    }
    const bool unconfirmed = sender_.in_flight() != 0;
    const bool lost = confirms || was_enquired || control.type == FrameType::reject;
    // One that confirms nothing and was not asked for is an old one that came twice: to answer each of those by a whole
    // window would fill the line. If it is not, the timeout asks.
    if (unconfirmed && !lost) return;
    if (unconfirmed) ++repeats_;
    sender_.rewind();
    output_ = Output::information;
}

bool HdlcClient::write(const Control& control, ByteWriter& out, ByteView information, ByteView more, bool segmented) {
    const hdlc::Frame frame{config_.server, hdlc::Address::client(config_.client_sap), hdlc::encode_control(control),
                            segmented, information};
    if (!hdlc::write_frame(frame, more, out)) return false;
    if (config_.line_echoes) {
        // Frame check sequence and closing flag are the last three octets.
        if (echoes_.full()) echoes_.erase(0);
        (void)echoes_.push_back(ByteReader(out.written().last(3)).u16());
    }
    return true;
}

bool HdlcClient::pull(ByteWriter& out, std::int64_t now_ms) {
    std::uint8_t octets[hdlc::kMaxParameterField];
    ByteWriter field(octets);
    Control control{.poll_final = true};
    switch (output_) {
        case Output::none:
            return true;
        case Output::information:
            if (!pull_information(out)) return false;
            output_ = Output::none;
            wait(config_.response_timeout_ms, now_ms);
            return true;
        case Output::set_normal_response:
            control.type = FrameType::set_normal_response;
            if (config_.propose_parameters) hdlc::write_parameters(config_.parameters, config_.length_width, field);
            break;
        case Output::disconnect:
            control.type = FrameType::disconnect;
            break;
        case Output::receive_ready:
            control.type = FrameType::receive_ready;
            control.receive_number = receive_number_;
            break;
    }
    if (!write(control, out, field.written())) return false;
    output_ = Output::none;
    wait(config_.response_timeout_ms, now_ms);
    return true;
}

bool HdlcClient::pull_information(ByteWriter& out) {
    while (const auto segment = sender_.next()) {
        const Control control{.type = FrameType::information,
                              .poll_final = segment->last_of_turn,
                              .send_number = segment->send_number,
                              .receive_number = receive_number_};
        if (!write(control, out, segment->head, segment->body, segment->more_follow)) return false;
        sender_.advance();
        if (segment->last_of_turn) break;
    }
    return true;
}

}  // namespace ferraris::dlms
