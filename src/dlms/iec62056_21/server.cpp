#include "dlms/iec62056_21/server.hpp"

#include <algorithm>
#include <array>

namespace ferraris::dlms::iec62056_21 {

namespace {

/// An echo may come a little late through a driver; no reader may answer before the shortest reaction time, 20 ms.
constexpr std::int64_t kEchoTail_ms = 10;

}  // namespace

Server::Server(const ServerConfig& config, ServerDevice& device, ByteSpan receive_buffer, ByteSpan transmit_buffer)
    : config_(config),
      device_(device),
      parser_(receive_buffer, config.software_parity),
      transmit_(transmit_buffer),
      baud_(config.initial_baud) {}

LineFormat Server::line() const { return {baud_, config_.software_parity || state_ == State::hdlc}; }

void Server::reset() { (void)end(ServerEventKind::none); }

ServerEvent Server::end(ServerEventKind kind) {
    parser_.reset();
    parser_.expect_selection(false);
    baud_ = config_.initial_baud;
    state_ = State::idle;
    answer_ = Answer::none;
    last_answer_ = Answer::none;
    deadline_ms_.reset();
    pending_ = ServerEventKind::none;
    repeats_ = 0;
    failed_passwords_ = 0;
    level_ = 0;
    next_block_ = false;
    closing_ = false;
    return {kind, 0, DeviceError::none};
}

void Server::wait(std::int64_t duration_ms, std::int64_t now_ms) {
    deadline_ms_ = std::max(now_ms, busy_until_ms_) + duration_ms;
}

void Server::schedule(Answer answer, std::int64_t now_ms) {
    answer_ = answer;
    last_answer_ = answer;
    sent_ = 0;
    deadline_ms_.reset();
    send_at_ms_ = now_ms + config_.reaction_time_ms.value_or(config_.identification.reaction_time_ms());
}

template <class Write>
void Server::answer(std::int64_t now_ms, Write&& write) {
    ByteWriter out(transmit_);
    write(out);
    transmit_size_ = out.size();
    schedule(Answer::stored, now_ms);
}

void Server::answer_character(std::uint8_t character, std::int64_t now_ms) {
    answer(now_ms, [character](ByteWriter& out) { out.u8(character); });
}

void Server::answer_pieces(std::int64_t now_ms) {
    transmit_[0] = kStartOfText;
    transmit_size_ = 1;
    check_.reset();
    piece_ = 0;
    more_ = true;
    schedule(Answer::pieces, now_ms);
}

void Server::produce() {
    ByteWriter out(transmit_);
    ByteWriter piece(transmit_.first(piece_room()));
    const Piece produced =
        state_ == State::readout ? device_.readout(piece_, piece) : device_.read(level_, read_command_, piece_, piece);
    ++piece_;
    more_ = produced.more;
    // What does not fit is left out whole: half a data set would be read as another value.
    if (!piece.overflowed()) out.advance(piece.size());
    if (state_ == State::readout) {
        if (out.size() != 0) out.put(text_of("\r\n"));
        if (!more_) out.put(text_of("!\r\n"));
    }
    if (!more_) out.u8(kEndOfText);
    check_.add(out.written());
    if (!more_) out.u8(check_.value());
    transmit_size_ = out.size();
    sent_ = 0;
}

bool Server::pull(ByteWriter& out, std::int64_t now_ms) {
    if (sending() && now_ms < send_at_ms_) return false;
    while (sending()) {
        if (out.room() == 0) return false;
        if (sent_ == transmit_size_) produce();
        const std::size_t count = std::min(out.room(), transmit_size_ - sent_);
        for (const std::uint8_t character : transmit_.subspan(sent_, count)) {
            out.u8(config_.software_parity ? with_even_parity(character) : character);
        }
        sent_ += count;
        busy_until_ms_ = std::max(busy_until_ms_, now_ms) + airtime_ms(count, baud_);
        if (sent_ == transmit_size_ && !(answer_ == Answer::pieces && more_)) {
            answer_ = Answer::none;
            sent_all();
        }
    }
    return true;
}

void Server::sent_all() {
    const std::int64_t sent_ms = busy_until_ms_;
    if (closing_) {
        (void)end(ServerEventKind::none);
        pending_ = ServerEventKind::given_up;
        return;
    }
    switch (state_) {
        case State::identified:
        case State::readout:
            wait(config_.selection_timeout_ms, sent_ms);
            break;
        case State::programming:
            wait(std::int64_t{config_.inactivity_timeout_s} * 1000, sent_ms);
            break;
        case State::confirming:
            state_ = State::hdlc;
            pending_ = ServerEventKind::hdlc;
            break;
        case State::idle:
        case State::hdlc:
            break;
    }
}

std::optional<std::int64_t> Server::next_timeout() const {
    if (pending_ != ServerEventKind::none) return busy_until_ms_;
    if (sending()) return send_at_ms_;
    if (parser_.inside()) {
        const std::int64_t silence_ms = last_octet_ms_ + config_.inter_octet_timeout_ms;
        return deadline_ms_ ? std::min(*deadline_ms_, silence_ms) : silence_ms;
    }
    return deadline_ms_;
}

ServerEvent Server::poll(std::int64_t now_ms) {
    if (pending_ != ServerEventKind::none && now_ms >= busy_until_ms_) {
        const ServerEventKind kind = pending_;
        pending_ = ServerEventKind::none;
        return {kind, level_, DeviceError::none};
    }
    if (parser_.inside() && now_ms - last_octet_ms_ >= std::int64_t{config_.inter_octet_timeout_ms}) {
        parser_.interrupt();
        const ServerEvent event = not_understood(now_ms);
        if (event.kind != ServerEventKind::none) return event;
    }
    if (sending() || !deadline_ms_ || now_ms < *deadline_ms_) return {};
    if (state_ == State::identified && config_.readout_without_selection) return begin_readout(now_ms);
    return end(ServerEventKind::timed_out);
}

ServerEvent Server::receive(ByteView& in, std::int64_t now_ms) {
    const bool deaf = state_ == State::hdlc || (sending() && state_ != State::readout) ||
                      (config_.line_echoes && now_ms <= busy_until_ms_ + kEchoTail_ms);
    if (deaf) {
        in = {};
        return {};
    }
    if (parser_.inside() && now_ms - last_octet_ms_ >= std::int64_t{config_.inter_octet_timeout_ms}) {
        parser_.interrupt();
        last_answer_ = Answer::none;
    }
    last_octet_ms_ = now_ms;
    return handle(parser_.push(in), now_ms);
}

ServerEvent Server::handle(const Message& message, std::int64_t now_ms) {
    const bool single = message.kind == MessageKind::acknowledge || message.kind == MessageKind::negative_acknowledge;
    if (sending() && message.kind != MessageKind::command) return {};
    if (message.kind != MessageKind::none && message.kind != MessageKind::data && !single) {
        // The command that the answer was made of is no longer in the buffer.
        last_answer_ = Answer::none;
        next_block_ = false;
    }
    switch (message.kind) {
        case MessageKind::none:
        case MessageKind::data:
        case MessageKind::data_end:
            return {};
        case MessageKind::line:
            return sign_on(message.content, now_ms);
        case MessageKind::selection:
            if (state_ != State::identified) return {};
            return select(*parse_selection(message.content), now_ms);
        case MessageKind::command:
            return command(message, now_ms);
        case MessageKind::negative_acknowledge:
            return repeat(now_ms);
        case MessageKind::acknowledge:
            if (state_ == State::readout) return end(ServerEventKind::readout_complete);
            return next_block_ ? next_block(now_ms) : ServerEvent{};
        case MessageKind::broken:
            return not_understood(now_ms);
    }
    return {};
}

ServerEvent Server::sign_on(ByteView line, std::int64_t now_ms) {
    if (state_ != State::idle && state_ != State::identified) return {};
    const auto address = parse_request(line);
    if (!address || !is_addressed(*address, config_.address)) return {};
    (void)end(ServerEventKind::none);
    state_ = State::identified;
    parser_.expect_selection(true);
    answer(now_ms, [this](ByteWriter& out) { write_identification(config_.identification, out); });
    return {ServerEventKind::signed_on, 0, DeviceError::none};
}

ServerEvent Server::begin_readout(std::int64_t now_ms) {
    parser_.expect_selection(false);
    state_ = State::readout;
    answer_pieces(now_ms);
    return {ServerEventKind::readout, 0, DeviceError::none};
}

ServerEvent Server::select(const Selection& selection, std::int64_t now_ms) {
    const auto baud = baud_of_mode_c(selection.baud_character);
    const auto fastest = baud_of_mode_c(config_.identification.baud_character);
    const bool protocol_fits = selection.mode == '2' ? selection.protocol == '2' : selection.protocol == '0';
    // What cannot be done is not answered: the reader is still at 300 Bd or has left for a rate of its own.
    if (!baud || *baud > fastest.value_or(kInitialBaud) || !protocol_fits) return {};
    if (selection.mode == '1' && !config_.offer_programming) return {};
    if (selection.mode == '2' && !config_.identification.hdlc) return {};
    if (selection.mode < '0' || selection.mode > '2') return {};

    baud_ = *baud;
    parser_.expect_selection(false);
    if (selection.mode == '0') return begin_readout(now_ms);
    if (selection.mode == '2') {
        state_ = State::confirming;
        answer(now_ms, [&selection](ByteWriter& out) { write_selection(selection, out); });
        return {};
    }
    state_ = State::programming;
    answer(now_ms, [this](ByteWriter& out) {
        std::array<std::uint8_t, 40> text{};
        ByteWriter operand(text);
        operand.u8('(');
        device_.challenge(operand);
        operand.u8(')');
        write_command({'P', '0', operand.written(), false}, out);
    });
    return {ServerEventKind::programming, 0, DeviceError::none};
}

ServerEvent Server::refuse(DeviceError error, std::int64_t now_ms) {
    repeats_ = 0;
    answer(now_ms, [error](ByteWriter& out) {
        std::array<std::uint8_t, 6> text{};
        ByteWriter content(text);
        write_error(error, content);
        write_data_block(content.written(), false, out);
    });
    return {ServerEventKind::command_refused, level_, error};
}

ServerEvent Server::command(const Message& message, std::int64_t now_ms) {
    if (state_ != State::programming && state_ != State::readout) return {};
    const auto parsed = parse_command(message.content, message.partial);
    if (parsed && parsed->type == 'B') return end(ServerEventKind::signed_off);
    if (state_ != State::programming) return {};
    repeats_ = 0;
    if (!parsed) return refuse(DeviceError::command_format, now_ms);
    if (parsed->type == 'P') return password(*parsed, now_ms);

    const bool known = parsed->type == 'R' || parsed->type == 'W' || parsed->type == 'E';
    if (!known) return refuse(DeviceError::unknown_command, now_ms);
    if (parsed->partial && !(parsed->type == 'W' && parsed->in_blocks())) {
        return refuse(DeviceError::invalid_command, now_ms);
    }
    if (config_.need_password && level_ == 0) return refuse(DeviceError::access_denied, now_ms);
    if (parsed->type == 'R') return read(*parsed, now_ms);
    const DeviceError error = parsed->type == 'W' ? device_.write(level_, *parsed) : device_.execute(level_, *parsed);
    if (error != DeviceError::none) return refuse(error, now_ms);
    answer_character(kAcknowledge, now_ms);
    return {};
}

ServerEvent Server::password(const Command& command, std::int64_t now_ms) {
    if (command.digit != '1' && command.digit != '2') return refuse(DeviceError::invalid_command, now_ms);
    level_ = device_.password(command);
    if (level_ != 0) {
        failed_passwords_ = 0;
        answer_character(kAcknowledge, now_ms);
        return {ServerEventKind::password_accepted, level_, DeviceError::none};
    }
    ++failed_passwords_;
    if (failed_passwords_ >= config_.password_attempts) {
        closing_ = true;
        answer(now_ms, [](ByteWriter& out) { write_command({'B', '0', {}, false}, out); });
    } else {
        (void)refuse(DeviceError::access_denied, now_ms);
    }
    return {ServerEventKind::password_rejected, 0, DeviceError::access_denied};
}

ServerEvent Server::read(const Command& command, std::int64_t now_ms) {
    read_command_ = command;
    piece_ = 0;
    if (command.in_blocks()) return next_block(now_ms);
    // Asked here once, so that an error is an answer of its own; produced again when it goes out.
    ByteWriter probe(transmit_.first(piece_room()));
    const Piece first = device_.read(level_, command, 0, probe);
    if (first.error != DeviceError::none) return refuse(first.error, now_ms);
    if (probe.overflowed()) return refuse(DeviceError::not_executed, now_ms);
    answer_pieces(now_ms);
    return {};
}

ServerEvent Server::next_block(std::int64_t now_ms) {
    ByteWriter piece(transmit_.subspan(1, piece_room()));
    const Piece produced = device_.read(level_, read_command_, piece_, piece);
    next_block_ = false;
    if (produced.error != DeviceError::none) return refuse(produced.error, now_ms);
    if (piece.overflowed()) return refuse(DeviceError::not_executed, now_ms);
    ++piece_;
    repeats_ = 0;
    next_block_ = produced.more;
    transmit_[0] = kStartOfText;
    ByteWriter out(transmit_);
    out.advance(1 + piece.size());
    BlockCheck check;
    check.add(piece.written());
    const std::uint8_t end = produced.more ? kEndOfBlock : kEndOfText;
    check.add(end);
    out.u8(end);
    out.u8(check.value());
    transmit_size_ = out.size();
    schedule(Answer::stored, now_ms);
    return {};
}

ServerEvent Server::repeat(std::int64_t now_ms) {
    if (state_ != State::programming && state_ != State::readout) return {};
    if (last_answer_ == Answer::none) return not_understood(now_ms);
    if (++repeats_ > config_.max_repeats) return end(ServerEventKind::given_up);
    if (last_answer_ == Answer::pieces) {
        answer_pieces(now_ms);
    } else {
        schedule(Answer::stored, now_ms);
    }
    return {};
}

ServerEvent Server::not_understood(std::int64_t now_ms) {
    if (state_ != State::programming || sending()) return {};
    if (++repeats_ > config_.max_repeats) return end(ServerEventKind::given_up);
    next_block_ = false;
    answer_character(kNegativeAcknowledge, now_ms);
    return {};
}

}  // namespace ferraris::dlms::iec62056_21
