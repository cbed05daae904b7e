/// The primary station of an HDLC link: the reader's end (IEC 62056-46, 6.4.4).
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>

#include "base/bytes.hpp"
#include "base/fixed_vector.hpp"
#include "dlms/hdlc/address.hpp"
#include "dlms/hdlc/control.hpp"
#include "dlms/hdlc/frame_parser.hpp"
#include "dlms/hdlc/parameters.hpp"
#include "dlms/hdlc/segments.hpp"

namespace ferraris::dlms {

struct HdlcClientConfig {
    hdlc::Address server{1, 17, 2};
    std::uint8_t client_sap{16};
    hdlc::LinkParameters parameters{};  ///< what this end can do; also limited by the frame buffer
    bool propose_parameters{true};      ///< false: SNRM without information field
    hdlc::LengthWidth length_width{hdlc::LengthWidth::shortest};
    std::uint32_t response_timeout_ms{2000};  ///< without an octet from the server, after a frame that wants an answer
    std::uint8_t retries{3};                  ///< of each frame, before the link is given up (N2)
    std::uint32_t busy_poll_interval_ms{50};  ///< pause before a server without an answer is asked again
    std::uint32_t answer_timeout_ms{60000};   ///< for a server that keeps saying that it has no answer
    std::uint32_t inter_octet_timeout_ms{0};  ///< 0: never; operating systems deliver octets in odd portions
    bool line_echoes{false};                  ///< an optical head hands back what is sent: drop that
};

enum class HdlcClientEventKind : std::uint8_t {
    none,
    connected,
    apdu,          ///< `apdu` is a whole answer
    notification,  ///< `apdu` came unasked, in a UI frame; in any state of the link
    disconnected,  ///< as `disconnect` asked
    failed,        ///< the link is gone, `failure` says why; `connect` starts anew
};

enum class HdlcFailure : std::uint8_t {
    none,
    no_answer,         ///< every retry is used up
    refused,           ///< the server answered SNRM with DM
    link_lost,         ///< the server says that there is no link: DM
    frame_rejected,    ///< FRMR
    too_busy,          ///< `answer_timeout_ms` passed with nothing but RR and RNR
    apdu_too_long,     ///< the answer is longer than the buffer
    no_llc_header,     ///< the answer does not begin with one
    sequence_numbers,  ///< N(R) confirms what was never sent
};

struct HdlcClientEvent {
    HdlcClientEventKind kind{HdlcClientEventKind::none};
    HdlcFailure failure{HdlcFailure::none};
    /// Without LLC header; views into the session's buffers until the next `receive`.
    ByteView apdu{};
};

/// One link to one server. Octets in by `receive`, octets out by `pull`, no clock, no memory but the caller's:
///
///     client.connect(now_ms);                     // later client.send(request, now_ms), client.disconnect(now_ms)
///     loop:
///         client.pull(out, now_ms);               // send out.written()
///         wait for octets, or until client.next_timeout();
///         event = client.poll(now_ms);            // if nothing came; and
///         while (!in.empty()) event = client.receive(in, now_ms);  // pull after each call
///
/// Liberal towards meters: UA without parameters, lengths in one octet or two, answers from the same server under an
/// address of another width, LLC headers of either direction, pushes with control 0x03, 0x13 and 0x10.
class HdlcClient {
public:
    /// `frame_buffer`: `hdlc::frame_room(parameters.max_information_receive)`. `apdu_buffer`: the longest answer.
    HdlcClient(const HdlcClientConfig& config, ByteSpan frame_buffer, ByteSpan apdu_buffer);

    /// Sets the link up; also over an existing one. Then comes `connected` or `failed`.
    void connect(std::int64_t now_ms);
    /// Sends a request that wants an answer: `apdu` or `failed` comes. The view stays valid until then. False if there
    /// is no link, another request is on its way or `apdu` is empty.
    [[nodiscard]] bool send(ByteView apdu, std::int64_t now_ms);
    /// Ends the link. Then comes `disconnected`, at the latest when the retries are used up.
    void disconnect(std::int64_t now_ms);

    /// Takes octets off `in`, up to and including one frame. `pull` after each call.
    [[nodiscard]] HdlcClientEvent receive(ByteView& in, std::int64_t now_ms);
    /// Looks at the time: repeats, asks again or gives up. `pull` afterwards.
    [[nodiscard]] HdlcClientEvent poll(std::int64_t now_ms);
    /// When `poll` has something to do, if it ever has.
    [[nodiscard]] std::optional<std::int64_t> next_timeout() const { return deadline_ms_; }

    /// Appends whole frames that are due, as far as they fit. False if some did not: call again with more room.
    bool pull(ByteWriter& out, std::int64_t now_ms);

    [[nodiscard]] bool connected() const { return state_ == State::idle || state_ == State::exchanging; }
    /// The agreed parameters, from this end.
    [[nodiscard]] const hdlc::LinkParameters& parameters() const { return agreed_; }
    /// For the log: what was dropped and why; and how often something was sent again.
    [[nodiscard]] const hdlc::FrameParser& line() const { return parser_; }
    [[nodiscard]] std::uint32_t repeats() const { return repeats_; }

private:
    enum class State : std::uint8_t { disconnected, connecting, idle, exchanging, disconnecting };
    enum class Output : std::uint8_t { none, set_normal_response, disconnect, receive_ready, information };

    [[nodiscard]] bool is_for_us(const hdlc::Frame& frame) const;
    [[nodiscard]] bool is_echo(ByteView frame_check);
    [[nodiscard]] HdlcClientEvent handle(const hdlc::Frame& frame, std::int64_t now_ms);
    [[nodiscard]] HdlcClientEvent handle_unnumbered(hdlc::FrameType type, const hdlc::Frame& frame,
                                                    std::int64_t now_ms);
    [[nodiscard]] HdlcClientEvent in_exchange(const hdlc::Frame& frame, const hdlc::Control& control,
                                              std::int64_t now_ms);
    [[nodiscard]] HdlcClientEvent information(const hdlc::Frame& frame, const hdlc::Control& control,
                                              std::int64_t now_ms);
    void supervisory(const hdlc::Control& control, bool confirms, std::int64_t now_ms);
    [[nodiscard]] HdlcClientEvent notification(const hdlc::Frame& frame) const;
    [[nodiscard]] HdlcClientEvent fail(HdlcFailure why);
    void begin(State state, Output output, std::int64_t now_ms);
    void progress(std::int64_t now_ms);
    void wait(std::uint32_t duration_ms, std::int64_t now_ms) { deadline_ms_ = now_ms + duration_ms; }
    [[nodiscard]] bool write(const hdlc::Control& control, ByteWriter& out, ByteView information = {},
                             ByteView more = {}, bool segmented = false);
    [[nodiscard]] bool pull_information(ByteWriter& out);

    HdlcClientConfig config_;
    hdlc::FrameParser parser_;
    hdlc::Reassembler reassembler_;
    hdlc::SegmentSender sender_;
    hdlc::LinkParameters agreed_{};
    FixedVector<std::uint16_t, std::size_t{2} * hdlc::kMaxWindow>
        echoes_{};  ///< frame check sequences of what will come back
    std::optional<std::int64_t> deadline_ms_{};
    std::int64_t progress_ms_{0};  ///< when the exchange last got on
    std::uint32_t repeats_{0};
    std::uint8_t retries_left_{0};
    std::uint8_t receive_number_{0};  ///< V(R)
    State state_{State::disconnected};
    Output output_{Output::none};
    bool enquired_{false};   ///< RR was sent to learn what the server has: its N(R) counts as an answer to that
    bool pausing_{false};    ///< the deadline is the end of a pause, not a missing answer
    bool peer_busy_{false};  ///< RNR
};

}  // namespace ferraris::dlms
