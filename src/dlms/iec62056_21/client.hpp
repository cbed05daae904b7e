/// The hand-held unit's end of an IEC 62056-21 line: modes A to C and E (IEC 62056-21, 6.4 and annex E).
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string_view>

#include "base/bytes.hpp"
#include "dlms/iec62056_21/data_set_parser.hpp"
#include "dlms/iec62056_21/message_parser.hpp"
#include "dlms/iec62056_21/messages.hpp"

namespace ferraris::dlms::iec62056_21 {

/// What to sign on for; the mode character of the option select message.
enum class Purpose : std::uint8_t { readout = '0', programming = '1', hdlc = '2' };

struct ClientConfig {
    ByteView address{};                        ///< of the device; empty: whoever is there. Kept by reference
    std::uint32_t initial_baud{kInitialBaud};  ///< of the sign-on
    std::uint8_t fastest_baud_character{'6'};  ///< a meter that proposes a faster rate is kept at 300 Bd
    bool software_parity{false};               ///< this end makes and checks parity; the port stays at eight bits
    bool line_echoes{false};  ///< an optical head hands back what is sent; also learnt from the request
    std::optional<std::uint32_t> reaction_time_ms{};  ///< before each message; else as the identification says
    std::uint32_t response_timeout_ms{2000};          ///< without an answer, after the last character sent
    std::uint32_t inter_octet_timeout_ms{1500};       ///< within an answer
    std::uint32_t confirmation_timeout_ms{1500};      ///< mode E: not all meters confirm
    std::uint32_t answer_timeout_s{600};              ///< for the whole of one answer
    std::uint8_t retries{3};                          ///< of each message, of either side
};

enum class ClientEventKind : std::uint8_t {
    none,
    identified,        ///< `identification()`
    data_set,          ///< of an answer whose block check is yet to come
    block,             ///< the data sets since the last block or command were good; another block follows
    discard,           ///< the block that the last data sets came from was bad: forget them, it comes again
    readout_complete,  ///< the block check was good; the session is over
    programming,       ///< mode entered; `text` is the operand of P0 with its parentheses
    acknowledged,      ///< the password, write or execute command
    answered,          ///< the read command's data sets were good, and there are no more
    error,             ///< the device refused the command; `text` is its `ERnn`
    hdlc,              ///< the line belongs to HDLC: 8N1 at `line().baud`
    signed_off,        ///< as `sign_off` asked
    failed,            ///< `failure` says why; `start` begins anew, `sign_off` frees the meter at once
};

enum class ClientFailure : std::uint8_t {
    none,
    no_answer,               ///< every retry is used up
    not_identified,          ///< the answer to the request is no identification message
    mode_not_offered,        ///< no mode C for programming, no `\2` for HDLC
    broken_answers,          ///< every repeat had a bad parity, block check or form: `parser().last_error()`
    bad_data_set,            ///< the block check is good and it is no data set, or one longer than the buffer
    command_not_understood,  ///< the device answered each repeat with NAK
    signed_off_by_device,    ///< a break; usual after a wrong password
};
[[nodiscard]] std::string_view name_of(ClientFailure failure);

struct ClientEvent {
    ClientEventKind kind{ClientEventKind::none};
    ClientFailure failure{ClientFailure::none};
    DataSet data_set{};  ///< views into the session's buffer until the next call
    ByteView text{};     ///< likewise
};

/// One session with one device. Octets in by `receive`, octets out by `pull`, no clock, no memory but the caller's:
///
///     client.start(Purpose::readout, now_ms);     // later client.send(command, now_ms), client.sign_off(now_ms)
///     loop:
///         client.pull(out, now_ms);               // send out.written()
///         port.set(client.line());                // a change waits until the transmitter is empty
///         wait for octets, or until client.next_timeout();
///         event = client.poll(now_ms);
///         while (!in.empty()) event = client.receive(in, now_ms);
///
/// A command that was answered with silence is sent again only if it is a read: a write or an execute command may
/// have been obeyed, so that it fails and the caller decides.
class Client {
public:
    /// `receive_buffer`: the longest identification, command or data set, at least `kMinBuffer`. `transmit_buffer`:
    /// the longest operand and `kCommandOverhead`, at least `kMinBuffer`.
    Client(const ClientConfig& config, ByteSpan receive_buffer, ByteSpan transmit_buffer);

    static constexpr std::size_t kMinBuffer = 64;

    /// Signs on at the initial speed, whatever was before.
    void start(Purpose purpose, std::int64_t now_ms);
    /// Sends a command in programming mode: `acknowledged`, `answered` (after data sets), `error` or `failed` comes.
    /// False if the mode is another, a command is on its way, or there is no room for this one.
    [[nodiscard]] bool send(const Command& command, std::int64_t now_ms);
    /// Sends a break; then comes `signed_off`. Also after a failure. Not for a line that is HDLC's.
    void sign_off(std::int64_t now_ms);

    /// Takes octets off `in`, up to and including what makes an event.
    [[nodiscard]] ClientEvent receive(ByteView& in, std::int64_t now_ms);
    /// Looks at the time: repeats or gives up.
    [[nodiscard]] ClientEvent poll(std::int64_t now_ms);
    /// Appends what is due, as far as it fits. True when nothing is left to be sent.
    bool pull(ByteWriter& out, std::int64_t now_ms);
    /// When `poll` or `pull` has something to do, if it ever has.
    [[nodiscard]] std::optional<std::int64_t> next_timeout() const;

    /// What the port has to be set to, for what is pulled and received next.
    [[nodiscard]] LineFormat line() const;
    /// As of the last `identified`.
    [[nodiscard]] Identification identification() const;
    [[nodiscard]] bool ready() const { return state_ == State::ready; }
    [[nodiscard]] bool is_hdlc() const { return state_ == State::hdlc; }
    [[nodiscard]] bool line_echoes() const { return echoes_; }
    /// For the log: what was dropped and why; and how often something was sent or asked for again.
    [[nodiscard]] const MessageParser& parser() const { return parser_; }
    [[nodiscard]] std::uint32_t repeats() const { return repeats_; }

private:
    enum class State : std::uint8_t {
        idle,
        requesting,
        selecting,   ///< for readout or programming
        confirming,  ///< mode E
        reading_out,
        entering,  ///< waits for P0
        ready,
        exchanging,
        closing,  ///< the last message is on its way out
        hdlc,
    };

    [[nodiscard]] ClientEvent handle(const Message& message, std::int64_t now_ms);
    [[nodiscard]] ClientEvent identified(ByteView line, std::int64_t now_ms);
    [[nodiscard]] ClientEvent data(std::uint8_t character);
    [[nodiscard]] ClientEvent data_end(bool partial, std::int64_t now_ms);
    [[nodiscard]] ClientEvent command(const Message& message, std::int64_t now_ms);
    [[nodiscard]] ClientEvent broken(std::int64_t now_ms);
    [[nodiscard]] ClientEvent not_acknowledged(std::int64_t now_ms);
    [[nodiscard]] ClientEvent fail(ClientFailure why);
    [[nodiscard]] bool awaits_block() const {
        return state_ == State::reading_out || state_ == State::entering || state_ == State::exchanging;
    }
    [[nodiscard]] bool drop_echo(ByteView& in);
    void begin(State state) {
        state_ = state;
        retries_left_ = config_.retries;
    }
    void transmit(ByteView message, std::int64_t now_ms);
    void transmit_character(std::uint8_t character, std::int64_t now_ms);
    void sent_all(std::int64_t now_ms);
    void write_request_message();

    ClientConfig config_;
    MessageParser parser_;
    DataSetParser data_sets_;
    ByteSpan transmit_;
    std::size_t transmit_size_{0};
    ByteView output_{};  ///< the last message; `sent_` of it are out
    std::size_t sent_{0};
    std::size_t echo_{0};  ///< octets of the last message that have come back
    std::optional<std::int64_t> deadline_ms_{};
    std::int64_t send_at_ms_{0};
    std::int64_t busy_until_ms_{0};
    std::int64_t answer_limit_ms_{0};
    Identification identification_{};
    std::array<std::uint8_t, 48> identification_text_{};
    std::size_t identification_size_{0};
    std::array<std::uint8_t, 32> error_text_{};
    std::size_t error_size_{0};
    std::array<std::uint8_t, 1> character_{};
    Selection selection_{};
    std::uint32_t baud_;
    std::uint32_t next_baud_;
    std::uint32_t repeats_{0};
    std::uint8_t retries_left_{0};
    State state_{State::idle};
    Purpose purpose_{Purpose::readout};
    ClientEventKind pending_{ClientEventKind::none};
    bool echoes_{false};
    bool awaiting_echo_{false};
    bool delivered_{false};   ///< data sets of the block under way
    bool reading_{false};     ///< the command under way is answered with data sets
    bool repeatable_{false};  ///< the command under way does no harm twice
};

}  // namespace ferraris::dlms::iec62056_21
