/// The tariff device's end of an IEC 62056-21 line: modes C and E (IEC 62056-21, 6.4 and annex E).
#pragma once

#include <cstddef>
#include <cstdint>
#include <limits>
#include <optional>

#include "base/bytes.hpp"
#include "dlms/iec62056_21/message_parser.hpp"
#include "dlms/iec62056_21/messages.hpp"

namespace ferraris::dlms::iec62056_21 {

/// What a piece of an answer is.
struct Piece {
    bool more{false};                      ///< another one follows
    DeviceError error{DeviceError::none};  ///< of a read, in its first piece; later ones only say `more`
};

/// What the meter behind the line has to say. Long answers are asked for in pieces, numbered from 0, each at most
/// `Server::piece_room()` octets; a longer one is left out whole. The first may be asked for twice, and a repeated
/// answer asks for all again, so what a piece holds must not change in between (take a snapshot when the session or
/// the readout begins).
class ServerDevice {
public:
    /// Line `piece` of the data readout, without CR LF.
    [[nodiscard]] virtual Piece readout(std::size_t piece, ByteWriter& out) = 0;
    /// Operand of P0, without parentheses: what a P2 answer has to work on. Called once a session.
    virtual void challenge(ByteWriter& out) = 0;
    /// Access level that the password of a P1 or P2 command opens, 0 for none. To be compared in constant time.
    [[nodiscard]] virtual std::uint8_t password(const Command& command) = 0;
    /// Piece of the answer to a read: data sets. Where `command.in_blocks()`, each piece is a block of its own.
    [[nodiscard]] virtual Piece read(std::uint8_t level, const Command& command, std::size_t piece,
                                     ByteWriter& out) = 0;
    /// `command.partial`: more of the same write follows.
    [[nodiscard]] virtual DeviceError write(std::uint8_t level, const Command& command) = 0;
    [[nodiscard]] virtual DeviceError execute(std::uint8_t level, const Command& command) = 0;

protected:
    ~ServerDevice() = default;
};

struct ServerConfig {
    ByteView address{};                        ///< device address; a request with another gets no answer
    Identification identification{};           ///< the baud character is the fastest rate that this end can do
    std::uint32_t initial_baud{kInitialBaud};  ///< of the sign-on; RS485 lines have others than 300 Bd
    bool offer_programming{true};
    bool software_parity{false};  ///< this end makes and checks parity; the port stays at eight bits
    bool line_echoes{false};      ///< do not listen while what was sent is on the line
    std::optional<std::uint32_t> reaction_time_ms{};  ///< else as the identification says
    std::uint32_t selection_timeout_ms{2000};         ///< for the option select message, and for ACK after a readout
    bool readout_without_selection{false};            ///< no option select message came: readout at 300 Bd
    std::uint32_t inter_octet_timeout_ms{1500};       ///< silence after which what has begun is dropped
    std::uint32_t inactivity_timeout_s{90};           ///< of programming mode (60 s to 120 s)
    std::uint8_t max_repeats{3};                      ///< NAKs in a row, of either side, before the session is given up
    std::uint8_t password_attempts{3};                ///< the last failure is answered with a break
    bool need_password{true};  ///< false: level 0 may read, write and execute what the device lets it
};

enum class ServerEventKind : std::uint8_t {
    none,
    signed_on,
    readout,            ///< begins
    readout_complete,   ///< the reader has confirmed it, and is signed off
    programming,        ///< mode entered
    password_accepted,  ///< `level`
    password_rejected,  ///< for the log; the device decides about delays and locks in `password`
    command_refused,    ///< `error` was answered
    hdlc,               ///< the line belongs to HDLC as soon as the transmitter is empty: 8N1 at `line().baud`
    signed_off,         ///< by a break
    timed_out,          ///< silence; back at 300 Bd
    given_up,           ///< too many repeats or passwords
};

struct ServerEvent {
    ServerEventKind kind{ServerEventKind::none};
    std::uint8_t level{0};
    DeviceError error{DeviceError::none};
};

/// One line. Octets in by `receive`, octets out by `pull`, no clock, no memory but the caller's:
///
///     ByteView in = octets_from_the_line;
///     while (!in.empty()) event = server.receive(in, now_ms);
///     event = server.poll(now_ms);             // also when `next_timeout()` is due
///     server.pull(out, now_ms);                // send out.written(); nothing before the reaction time is over
///     port.set(server.line());                 // after each call; a change waits until the transmitter is empty
class Server {
public:
    /// `receive_buffer`: the longest command, at least `kMinBuffer`. `transmit_buffer`: the longest piece and 8 octets.
    Server(const ServerConfig& config, ServerDevice& device, ByteSpan receive_buffer, ByteSpan transmit_buffer);

    static constexpr std::size_t kMinBuffer = 64;

    /// Takes octets off `in`, up to and including one message. Not for the octets of HDLC: ask `is_hdlc()` first.
    [[nodiscard]] ServerEvent receive(ByteView& in, std::int64_t now_ms);
    /// Appends what is due, as far as it fits. True when nothing is left to be sent.
    bool pull(ByteWriter& out, std::int64_t now_ms);
    /// Looks at the time.
    [[nodiscard]] ServerEvent poll(std::int64_t now_ms);
    /// When `poll` or `pull` has something to do, if it ever has.
    [[nodiscard]] std::optional<std::int64_t> next_timeout() const;

    /// What the port has to be set to, for what is received and pulled next.
    [[nodiscard]] LineFormat line() const;
    /// Back to sign-on at the initial speed: a break condition on the line, the end of the HDLC link, or a closed port.
    void reset();

    [[nodiscard]] bool idle() const { return state_ == State::idle; }
    [[nodiscard]] bool is_hdlc() const { return state_ == State::hdlc; }
    [[nodiscard]] std::uint8_t level() const { return level_; }
    /// Octets that a piece may have.
    [[nodiscard]] std::size_t piece_room() const { return transmit_.size() - kPieceOverhead; }
    /// For the log: what was dropped and why.
    [[nodiscard]] const MessageParser& parser() const { return parser_; }

private:
    /// STX before; CR LF ! CR LF ETX BCC behind.
    static constexpr std::size_t kPieceOverhead = 8;
    enum class State : std::uint8_t { idle, identified, readout, programming, confirming, hdlc };
    enum class Answer : std::uint8_t { none, stored, pieces };

    [[nodiscard]] ServerEvent handle(const Message& message, std::int64_t now_ms);
    [[nodiscard]] ServerEvent sign_on(ByteView line, std::int64_t now_ms);
    [[nodiscard]] ServerEvent select(const Selection& selection, std::int64_t now_ms);
    [[nodiscard]] ServerEvent command(const Message& message, std::int64_t now_ms);
    [[nodiscard]] ServerEvent password(const Command& command, std::int64_t now_ms);
    [[nodiscard]] ServerEvent read(const Command& command, std::int64_t now_ms);
    [[nodiscard]] ServerEvent next_block(std::int64_t now_ms);
    [[nodiscard]] ServerEvent refuse(DeviceError error, std::int64_t now_ms);
    [[nodiscard]] ServerEvent repeat(std::int64_t now_ms);
    [[nodiscard]] ServerEvent not_understood(std::int64_t now_ms);
    [[nodiscard]] ServerEvent begin_readout(std::int64_t now_ms);
    [[nodiscard]] ServerEvent end(ServerEventKind kind);
    void answer_character(std::uint8_t character, std::int64_t now_ms);
    /// `write(out)` fills the transmit buffer.
    template <class Write>
    void answer(std::int64_t now_ms, Write&& write);
    void answer_pieces(std::int64_t now_ms);
    void schedule(Answer answer, std::int64_t now_ms);
    void produce();
    void sent_all();
    void wait(std::int64_t duration_ms, std::int64_t now_ms);
    [[nodiscard]] bool sending() const { return answer_ != Answer::none; }

    ServerConfig config_;
    ServerDevice& device_;
    MessageParser parser_;
    ByteSpan transmit_;
    std::size_t transmit_size_{0};
    std::size_t sent_{0};
    std::size_t piece_{0};  ///< next to be produced
    Command read_command_{};
    std::optional<std::int64_t> deadline_ms_{};
    std::int64_t send_at_ms_{0};
    std::int64_t busy_until_ms_{std::numeric_limits<std::int64_t>::min() /
                                2};  ///< the end of what has been pulled, on the line
    std::int64_t last_octet_ms_{0};
    std::uint32_t baud_;
    State state_{State::idle};
    Answer answer_{Answer::none};
    Answer last_answer_{Answer::none};  ///< what NAK repeats
    BlockCheck check_{};
    std::uint8_t repeats_{0};
    std::uint8_t failed_passwords_{0};
    std::uint8_t level_{0};
    bool more_{false};        ///< pieces are left
    bool next_block_{false};  ///< a block was closed by EOT: ACK asks for the next
    bool closing_{false};     ///< a break is on its way out
    ServerEventKind pending_{ServerEventKind::none};
};

}  // namespace ferraris::dlms::iec62056_21
