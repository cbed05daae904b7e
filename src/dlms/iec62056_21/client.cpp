#include "dlms/iec62056_21/client.hpp"

#include <algorithm>

namespace ferraris::dlms::iec62056_21 {

namespace {

constexpr std::string_view kFailureNames[] = {
    "none",           "no answer",    "not identified",         "mode not offered",
    "broken answers", "bad data set", "command not understood", "signed off by the device"};

/// Pause that tells noise at the wrong speed from a confirmation that is still coming.
constexpr std::int64_t kSilenceAfterNoise_ms = 300;

}  // namespace

std::string_view name_of(ClientFailure failure) { return kFailureNames[static_cast<std::size_t>(failure)]; }

Client::Client(const ClientConfig& config, ByteSpan receive_buffer, ByteSpan transmit_buffer)
    : config_(config),
      parser_(receive_buffer, config.software_parity),
      data_sets_(receive_buffer),
      transmit_(transmit_buffer),
      baud_(config.initial_baud),
      next_baud_(config.initial_baud),
      echoes_(config.line_echoes) {}

LineFormat Client::line() const { return {baud_, config_.software_parity || state_ == State::hdlc}; }

Identification Client::identification() const {
    Identification identification = identification_;
    identification.text = ByteView(identification_text_).first(identification_size_);
    return identification;
}

void Client::transmit(ByteView message, std::int64_t now_ms) {
    output_ = message;
    sent_ = 0;
    echo_ = 0;
    awaiting_echo_ = false;
    deadline_ms_.reset();
    const std::uint32_t reaction =
        config_.reaction_time_ms.value_or(state_ == State::requesting ? 0 : identification_.reaction_time_ms());
    send_at_ms_ = std::max(now_ms, busy_until_ms_) + reaction;
    parser_.reset();
    data_sets_.reset();
    delivered_ = false;
}

void Client::transmit_character(std::uint8_t character, std::int64_t now_ms) {
    character_[0] = character;
    transmit(character_, now_ms);
}

void Client::write_request_message() {
    ByteWriter out(transmit_);
    write_request(config_.address.first(std::min(config_.address.size(), kMaxDeviceAddress)), out);
    transmit_size_ = out.size();
}

void Client::start(Purpose purpose, std::int64_t now_ms) {
    purpose_ = purpose;
    baud_ = config_.initial_baud;
    pending_ = ClientEventKind::none;
    echoes_ = config_.line_echoes;
    begin(State::requesting);
    parser_.expect_selection(false);
    write_request_message();
    transmit(transmit_.first(transmit_size_), now_ms);
}

bool Client::send(const Command& command, std::int64_t now_ms) {
    if (state_ != State::ready || command.operand.size() + kCommandOverhead > transmit_.size()) return false;
    ByteWriter out(transmit_);
    write_command(command, out);
    transmit_size_ = out.size();
    reading_ = command.type == 'R';
    repeatable_ = reading_;
    error_size_ = 0;
    begin(State::exchanging);
    transmit(transmit_.first(transmit_size_), now_ms);
    return true;
}

void Client::sign_off(std::int64_t now_ms) {
    if (state_ == State::hdlc) return;
    ByteWriter out(transmit_);
    write_command({'B', '0', {}, false}, out);
    transmit_size_ = out.size();
    begin(State::closing);
    pending_ = ClientEventKind::signed_off;
    transmit(transmit_.first(transmit_size_), now_ms);
}

ClientEvent Client::fail(ClientFailure why) {
    state_ = State::idle;
    output_ = {};
    sent_ = 0;
    awaiting_echo_ = false;
    deadline_ms_.reset();
    pending_ = ClientEventKind::none;
    return {ClientEventKind::failed, why, {}, {}};
}

bool Client::pull(ByteWriter& out, std::int64_t now_ms) {
    if (sent_ == output_.size()) return true;
    if (now_ms < send_at_ms_) return false;
    const std::size_t count = std::min(out.room(), output_.size() - sent_);
    for (const std::uint8_t character : output_.subspan(sent_, count)) {
        out.u8(config_.software_parity ? with_even_parity(character) : character);
    }
    sent_ += count;
    busy_until_ms_ = std::max(busy_until_ms_, now_ms) + airtime_ms(count, baud_);
    awaiting_echo_ = count != 0 && (echoes_ || state_ == State::requesting);
    if (sent_ != output_.size()) return false;
    sent_all(now_ms);
    return true;
}

void Client::sent_all(std::int64_t now_ms) {
    const std::int64_t sent_ms = std::max(now_ms, busy_until_ms_);
    deadline_ms_ = sent_ms + config_.response_timeout_ms;
    answer_limit_ms_ = sent_ms + std::int64_t{config_.answer_timeout_s} * 1000;
    switch (state_) {
        case State::selecting:
            baud_ = next_baud_;
            state_ = purpose_ == Purpose::readout ? State::reading_out : State::entering;
            break;
        case State::confirming:
            baud_ = next_baud_;
            deadline_ms_ = sent_ms + config_.confirmation_timeout_ms;
            break;
        case State::closing:
            baud_ = config_.initial_baud;
            deadline_ms_ = sent_ms;
            break;
        default:
            break;
    }
}

std::optional<std::int64_t> Client::next_timeout() const {
    return sent_ != output_.size() ? std::optional(send_at_ms_) : deadline_ms_;
}

ClientEvent Client::poll(std::int64_t now_ms) {
    if (sent_ != output_.size() || !deadline_ms_ || now_ms < *deadline_ms_) return {};
    deadline_ms_.reset();
    switch (state_) {
        case State::closing:
            state_ = State::idle;
            return {pending_, ClientFailure::none, {}, {}};
        case State::confirming:
            state_ = State::hdlc;
            return {ClientEventKind::hdlc, ClientFailure::none, {}, {}};
        default:
            break;
    }
    if (parser_.inside() && awaits_block() && now_ms < answer_limit_ms_) {
        parser_.interrupt();
        return broken(now_ms);
    }
    const bool again = state_ == State::requesting || (state_ == State::exchanging && repeatable_);
    if (!again || retries_left_ == 0) return fail(ClientFailure::no_answer);
    --retries_left_;
    ++repeats_;
    // A block that had begun with good data sets is begun anew.
    const bool discard = delivered_;
    transmit(transmit_.first(transmit_size_), now_ms);
    return {discard ? ClientEventKind::discard : ClientEventKind::none, ClientFailure::none, {}, {}};
}

bool Client::drop_echo(ByteView& in) {
    while (awaiting_echo_ && !in.empty()) {
        const auto octet = static_cast<std::uint8_t>(in.front() & 0x7FU);
        if (!echoes_ && octet != output_[echo_]) {
            // Not an echo after all: what has matched so far was the beginning of an answer.
            awaiting_echo_ = false;
            std::array<std::uint8_t, kMaxDeviceAddress + 5> matched{};
            for (std::size_t i = 0; i < echo_; ++i) {
                matched[i] = config_.software_parity ? with_even_parity(output_[i]) : output_[i];
            }
            ByteView again = ByteView(matched).first(echo_);
            (void)parser_.push(again);  // no prefix of a request is a message
            return false;
        }
        in = in.subspan(1);
        ++echo_;
        if (echo_ < output_.size()) continue;
        echoes_ = true;
        awaiting_echo_ = false;
    }
    return in.empty();
}

ClientEvent Client::receive(ByteView& in, std::int64_t now_ms) {
    if (state_ == State::idle || state_ == State::ready || state_ == State::closing || state_ == State::hdlc) {
        in = {};
        return {};
    }
    if (drop_echo(in)) return {};
    if (sent_ != output_.size()) {
        in = {};  // nothing is expected before the question is out
        return {};
    }
    if (state_ == State::confirming) {
        // The confirmation may come at the new speed, at 300 Bd (then it is noise here) or not at all.
        const auto message = parser_.push(in);
        if (message.kind == MessageKind::selection && *parse_selection(message.content) == selection_) {
            deadline_ms_ = now_ms;
        } else if (deadline_ms_) {
            deadline_ms_ = std::min(std::max(*deadline_ms_, now_ms + kSilenceAfterNoise_ms), answer_limit_ms_);
        }
        return {};
    }
    while (!in.empty()) {
        const ClientEvent event = handle(parser_.push(in), now_ms);
        if (event.kind != ClientEventKind::none || sent_ != output_.size()) return event;
    }
    if (parser_.inside() && deadline_ms_) {
        deadline_ms_ = std::min(now_ms + config_.inter_octet_timeout_ms, answer_limit_ms_);
    }
    return {};
}

ClientEvent Client::handle(const Message& message, std::int64_t now_ms) {
    switch (message.kind) {
        case MessageKind::none:
        case MessageKind::selection:
            return {};
        case MessageKind::line:
            return state_ == State::requesting ? identified(message.content, now_ms) : ClientEvent{};
        case MessageKind::data:
            return awaits_block() ? data(message.content[0]) : ClientEvent{};
        case MessageKind::data_end:
            return awaits_block() ? data_end(message.partial, now_ms) : ClientEvent{};
        case MessageKind::command:
            return awaits_block() ? command(message, now_ms) : ClientEvent{};
        case MessageKind::acknowledge:
            if (state_ != State::exchanging || reading_) return {};
            begin(State::ready);
            deadline_ms_.reset();
            return {ClientEventKind::acknowledged, ClientFailure::none, {}, {}};
        case MessageKind::negative_acknowledge:
            return state_ == State::exchanging ? not_acknowledged(now_ms) : ClientEvent{};
        case MessageKind::broken:
            return awaits_block() ? broken(now_ms) : ClientEvent{};
    }
    return {};
}

ClientEvent Client::identified(ByteView line, std::int64_t now_ms) {
    if (line.size() > 1 && line[1] == '?') return {};  // what a bad echo has left of the request
    const auto parsed = parse_identification(line);
    if (!parsed) return fail(ClientFailure::not_identified);
    identification_ = *parsed;
    identification_size_ = std::min(parsed->text.size(), identification_text_.size());
    std::copy_n(parsed->text.begin(), identification_size_, identification_text_.begin());
    identification_.text = {};

    const auto mode_c = baud_of_mode_c(identification_.baud_character);
    const bool offered = purpose_ == Purpose::readout || (mode_c && purpose_ == Purpose::programming) ||
                         (mode_c && identification_.hdlc);
    if (!offered) return fail(ClientFailure::mode_not_offered);
    const ClientEvent event{ClientEventKind::identified, ClientFailure::none, {}, {}};
    if (!mode_c) {
        // Modes A and B: the device goes on by itself.
        baud_ = baud_of_mode_b(identification_.baud_character).value_or(config_.initial_baud);
        begin(State::reading_out);
        output_ = {};
        sent_ = 0;
        parser_.reset();
        data_sets_.reset();
        delivered_ = false;
        sent_all(now_ms);
        return event;
    }
    const bool fast_enough = identification_.baud_character <= config_.fastest_baud_character;
    selection_.baud_character = fast_enough ? identification_.baud_character : std::uint8_t{'0'};
    selection_.protocol = purpose_ == Purpose::hdlc ? std::uint8_t{'2'} : std::uint8_t{'0'};
    selection_.mode = static_cast<std::uint8_t>(purpose_);
    next_baud_ = baud_of_mode_c(selection_.baud_character).value_or(kInitialBaud);
    ByteWriter out(transmit_);
    write_selection(selection_, out);
    transmit_size_ = out.size();
    begin(purpose_ == Purpose::hdlc ? State::confirming : State::selecting);
    parser_.expect_selection(purpose_ == Purpose::hdlc);
    transmit(transmit_.first(transmit_size_), now_ms);
    return event;
}

ClientEvent Client::data(std::uint8_t character) {
    const auto data_set = data_sets_.push(character);
    if (!data_set) return {};
    const bool error = state_ == State::exchanging && data_set->address.empty() && data_set->value.size() >= 2 &&
                       data_set->value[0] == 'E' && data_set->value[1] == 'R';
    if (error) {
        error_size_ = std::min(data_set->value.size(), error_text_.size());
        std::copy_n(data_set->value.begin(), error_size_, error_text_.begin());
        return {};
    }
    delivered_ = true;
    return {ClientEventKind::data_set, ClientFailure::none, *data_set, {}};
}

ClientEvent Client::data_end(bool partial, std::int64_t now_ms) {
    if (data_sets_.error() != MessageError::none) return fail(ClientFailure::bad_data_set);
    retries_left_ = config_.retries;
    if (state_ == State::exchanging && error_size_ != 0) {
        begin(State::ready);
        deadline_ms_.reset();
        return {ClientEventKind::error, ClientFailure::none, {}, ByteView(error_text_).first(error_size_)};
    }
    if (partial) {
        // The question is answered in part: a repeat of the command would begin anew.
        repeatable_ = false;
        transmit_character(kAcknowledge, now_ms);
        return {ClientEventKind::block, ClientFailure::none, {}, {}};
    }
    if (state_ == State::reading_out) {
        begin(State::closing);
        pending_ = ClientEventKind::readout_complete;
        transmit_character(kAcknowledge, now_ms);
        return {};
    }
    if (state_ == State::entering) return broken(now_ms);
    begin(State::ready);
    deadline_ms_.reset();
    return {ClientEventKind::answered, ClientFailure::none, {}, {}};
}

ClientEvent Client::command(const Message& message, std::int64_t now_ms) {
    const auto parsed = parse_command(message.content, message.partial);
    if (!parsed) return broken(now_ms);
    if (parsed->type == 'B') return fail(ClientFailure::signed_off_by_device);
    if (state_ != State::entering) return {};
    begin(State::ready);
    deadline_ms_.reset();
    return {ClientEventKind::programming, ClientFailure::none, {}, parsed->operand};
}

ClientEvent Client::broken(std::int64_t now_ms) {
    if (retries_left_ == 0) return fail(ClientFailure::broken_answers);
    --retries_left_;
    ++repeats_;
    error_size_ = 0;
    const bool discard = delivered_;
    transmit_character(kNegativeAcknowledge, now_ms);
    return {discard ? ClientEventKind::discard : ClientEventKind::none, ClientFailure::none, {}, {}};
}

ClientEvent Client::not_acknowledged(std::int64_t now_ms) {
    const bool in_part = reading_ && !repeatable_;  // the command anew would deliver its first blocks twice
    if (retries_left_ == 0 || in_part) return fail(ClientFailure::command_not_understood);
    --retries_left_;
    ++repeats_;
    transmit(transmit_.first(transmit_size_), now_ms);
    return {};
}

}  // namespace ferraris::dlms::iec62056_21
