/// The secondary station of an HDLC link: a meter's end (IEC 62056-46, 6.4.4).
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>

#include "base/bytes.hpp"
#include "dlms/hdlc/address.hpp"
#include "dlms/hdlc/control.hpp"
#include "dlms/hdlc/frame_parser.hpp"
#include "dlms/hdlc/parameters.hpp"
#include "dlms/hdlc/segments.hpp"

namespace ferraris::dlms {

/// What an IEC HDLC setup object (class 23) and the device's addressing say. Kept by reference to the caller's array.
struct HdlcServerConfig {
    /// Upper addresses (server SAPs) that exist here; others get no answer.
    std::span<const std::uint16_t> logical_devices{};
    /// Lower address; not looked at in frames with a one-octet server address.
    std::uint16_t physical_device{17};
    /// Sum of the address widths (1, 2, 4) that are understood; a frame with another gets no answer.
    std::uint8_t address_widths{1 + 2 + 4};
    /// The device has called the client, who may therefore say "calling device" (0x7E, 0x3FFE) for its address.
    bool calling{false};
    hdlc::LinkParameters parameters{};  ///< what this end can do; also limited by the frame buffer
    /// What an SNRM without parameters is taken to propose: the standard's defaults.
    hdlc::LinkParameters absent_proposal{};
    hdlc::LengthWidth length_width{hdlc::LengthWidth::shortest};
    std::uint32_t inter_octet_timeout_ms{25};  ///< 0: never
    std::uint32_t inactivity_timeout_s{120};   ///< 0: never
};

enum class HdlcServerEventKind : std::uint8_t {
    none,
    /// SNRM was accepted, perhaps over an older link: associations of the older link are gone.
    connected,
    /// DISC, another link, or silence: the associations of this link are gone.
    disconnected,
    /// `apdu` is a whole one in an I frame, and wants an answer by `send`.
    apdu,
    /// An APDU longer than the buffer came and is lost. The link stands; answer with an exception (pdu-too-long).
    apdu_too_long,
    /// `apdu` came in a UI frame: no answer. Also to all stations, and also without a link.
    unconfirmed_apdu,
};

struct HdlcServerEvent {
    HdlcServerEventKind kind{HdlcServerEventKind::none};
    std::uint16_t client_sap{0};
    std::uint16_t server_sap{0};
    /// Without LLC header; views into the session's buffers until the next `receive`.
    ByteView apdu{};
};

/// Why a good frame was not carried out; the answers are the standard's, the counts are for the log.
enum class HdlcRefusal : std::uint8_t {
    not_addressed,            ///< to another station, or with an address of a width that is not understood: no answer
    no_link,                  ///< only SNRM and UI frames may come without a link: DM
    out_of_sequence,          ///< N(S) is not the one expected: RR with the expected one
    no_llc_header,            ///< an information field that begins no APDU: RR
    undefined_control,        ///< FRMR, bit W
    information_too_long,     ///< longer than was agreed: FRMR, bit Y
    invalid_receive_number,   ///< N(R) confirms what was never sent: FRMR, bit Z
    parameters_malformed,     ///< of SNRM: the link is set up with the defaults
    disconnect_without_link,  ///< DISC that ends nothing: DM
    awaits_recovery,          ///< after FRMR only SNRM and DISC are taken: FRMR again
    answer_unconfirmed,       ///< a request while the answer before it is on its way: it goes unacknowledged
    response,                 ///< UA, DM, FRMR: an echo, or somebody else's talk; no answer
    to_all,                   ///< to all stations, and no UI frame: nobody may answer
    not_whole,                ///< a UI frame that holds only a part of an APDU: no answer
};
inline constexpr std::size_t kHdlcRefusalCount = 14;

/// One link. Octets in by `receive`, octets out by `pull`, no clock, no memory but the caller's:
///
///     ByteView in = octets_from_the_line;
///     do {
///         const HdlcServerEvent event = server.receive(in, now_ms);
///         if (event.kind == HdlcServerEventKind::apdu) server.send(association.answer(event.apdu));
///         server.pull(out);                       // send out.written()
///     } while (!in.empty());
///     if (server.poll(now_ms).kind == HdlcServerEventKind::disconnected) association.abort();
///
/// The address pair of a link is fixed by SNRM. An SNRM from another client takes the line over; anything else from
/// another is answered as in disconnected mode and does not touch the link.
class HdlcServer {
public:
    /// `frame_buffer`: `hdlc::frame_room(parameters.max_information_receive)`, at least `hdlc::frame_room(128)`; a few
    /// octets more make too long fields known as such. `apdu_buffer`: the longest APDU that can come in.
    HdlcServer(const HdlcServerConfig& config, ByteSpan frame_buffer, ByteSpan apdu_buffer);

    /// Takes octets off `in`, up to and including one frame. `pull` after each call.
    [[nodiscard]] HdlcServerEvent receive(ByteView& in, std::int64_t now_ms);

    /// The answer to the last APDU. The view stays valid until the next event other than `none` and
    /// `unconfirmed_apdu`. False if there is no link, an answer is still on its way, or `apdu` is empty. If it comes
    /// after the `pull` that followed the request, then that gave the turn back with RR, and the answer goes out when
    /// the client asks again.
    [[nodiscard]] bool send(ByteView apdu);

    /// Data that nobody asked for, in UI frames, with or without a link (IEC 62056-46, 6.4.3.8). The view stays
    /// valid until `notifying()` is false. `source` carries the width and the logical device to show. False while an
    /// earlier one is on its way.
    [[nodiscard]] bool notify(ByteView apdu, std::uint8_t client_sap, const hdlc::Address& source);
    [[nodiscard]] bool notifying() const { return notified_ < notification_octets(); }

    /// Appends whole frames that are due, as far as they fit. False if some did not: call again with more room.
    bool pull(ByteWriter& out);

    /// Looks at the time. A link that has been silent too long is gone without a word on the line, and so is a frame in
    /// which the line fell silent.
    [[nodiscard]] HdlcServerEvent poll(std::int64_t now_ms);
    /// When `poll` has something to do, if it ever has.
    [[nodiscard]] std::optional<std::int64_t> next_timeout() const;

    /// Own busy condition: while set, I frames are refused with RNR.
    void set_busy(bool busy) { busy_ = busy; }
    /// Forgets the link, as when the port is closed.
    void reset();

    [[nodiscard]] bool connected() const { return mode_ != Mode::disconnected; }
    /// The agreed parameters, from this end.
    [[nodiscard]] const hdlc::LinkParameters& parameters() const { return agreed_; }
    /// For the log: what was dropped and why; and frames that were refused, since construction.
    [[nodiscard]] const hdlc::FrameParser& line() const { return parser_; }
    [[nodiscard]] std::uint32_t refused(HdlcRefusal why) const { return refusals_[static_cast<std::size_t>(why)]; }

private:
    enum class Mode : std::uint8_t { disconnected, normal_response, frame_rejected };
    enum class Reply : std::uint8_t { none, acknowledge_with_parameters, acknowledge, disconnected_mode, frame_reject };
    struct Pair {
        hdlc::Address server{};
        hdlc::Address client{};
        friend constexpr bool operator==(const Pair&, const Pair&) = default;
    };

    [[nodiscard]] std::optional<Pair> addressed(const hdlc::Frame& frame) const;
    [[nodiscard]] HdlcServerEvent event(HdlcServerEventKind kind, const Pair& pair, ByteView apdu = {}) const;
    [[nodiscard]] HdlcServerEvent drop_link();
    [[nodiscard]] HdlcServerEvent connect(const hdlc::Frame& frame, const Pair& pair);
    [[nodiscard]] HdlcServerEvent in_normal_response(const hdlc::Frame& frame, const hdlc::Control& control);
    [[nodiscard]] HdlcServerEvent information(const hdlc::Frame& frame, const hdlc::Control& control);
    [[nodiscard]] HdlcServerEvent unnumbered(const hdlc::Frame& frame, const Pair& pair);
    /// When the link ends unless something comes.
    [[nodiscard]] std::optional<std::int64_t> end_of_silence() const;
    void note(HdlcRefusal why) { ++refusals_[static_cast<std::size_t>(why)]; }
    void reject_frame(const hdlc::Frame& frame, HdlcRefusal why, std::uint8_t reasons);
    void answer(Reply reply, const Pair& pair, bool final);
    void take_turn();
    [[nodiscard]] bool write(const Pair& pair, const hdlc::Control& control, ByteWriter& out, ByteView information = {},
                             ByteView more = {}, bool segmented = false) const;
    [[nodiscard]] bool pull_reply(ByteWriter& out);
    [[nodiscard]] bool pull_turn(ByteWriter& out);
    [[nodiscard]] bool pull_notification(ByteWriter& out);
    [[nodiscard]] std::size_t notification_octets() const;

    HdlcServerConfig config_;
    hdlc::FrameParser parser_;
    hdlc::Reassembler reassembler_;
    hdlc::SegmentSender sender_;
    hdlc::LinkParameters agreed_{};
    Pair link_{};
    Pair reply_pair_{};
    Pair notification_pair_{};
    ByteView notification_{};
    std::size_t notified_{0};
    std::int64_t last_activity_ms_{0};
    std::uint32_t refusals_[kHdlcRefusalCount]{};
    std::uint8_t frame_reject_[3]{};
    std::uint8_t receive_number_{0};  ///< V(R)
    Mode mode_{Mode::disconnected};
    Reply reply_{Reply::none};
    bool reply_final_{false};
    bool turn_{false};  ///< polled, and F not yet given back
    bool busy_{false};
    bool peer_busy_{false};
};

}  // namespace ferraris::dlms
