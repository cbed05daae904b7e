/// A primary HDLC station that also says what no station should: every field of a frame can be made wrong.
#pragma once

#include <optional>

#include "conform/bench.hpp"
#include "dlms/hdlc/control.hpp"
#include "dlms/hdlc/parameters.hpp"

namespace ferraris::conform {

/// A frame, field by field; as it stands it is a good one.
struct RawFrame {
    std::uint8_t format{0xA0};  ///< type, and S bit 0x08
    int length_error{0};        ///< added to the length
    Octets destination{};
    Octets source{};
    std::uint8_t control{0};
    Octets information{};
    std::uint16_t header_check_error{0};  ///< exclusive or
    std::uint16_t frame_check_error{0};
    bool opening_flag{true};
    bool closing_flag{true};

    [[nodiscard]] Octets octets() const;
};

/// What the meter answered.
struct Reply {
    dlms::hdlc::Control control{};
    dlms::hdlc::Address source{};
    dlms::hdlc::Address destination{};
    bool segmented{false};
    Octets information{};
};

namespace control {
inline constexpr std::uint8_t kSnrm = 0x93;
inline constexpr std::uint8_t kDisc = 0x53;
/// I frame, polled, with N(S) and N(R).
[[nodiscard]] constexpr std::uint8_t information(unsigned send_number, unsigned receive_number, bool poll = true) {
    return static_cast<std::uint8_t>((receive_number << 5U) | (poll ? 0x10U : 0U) | (send_number << 1U));
}
[[nodiscard]] constexpr std::uint8_t receive_ready(unsigned receive_number) {
    return static_cast<std::uint8_t>((receive_number << 5U) | 0x11U);
}
}  // namespace control

/// The octets of an address on the line.
[[nodiscard]] Octets address_octets(const dlms::hdlc::Address& address);

class Station {
public:
    /// Opens the line; ends the case as not applicable where the meter is not reached by HDLC.
    Station(Bench& bench, std::uint16_t client_sap);

    /// A good frame from this station to the meter.
    [[nodiscard]] RawFrame frame(std::uint8_t control_field, Octets information = {}) const;
    /// Sends and waits for one frame; nothing when the meter stays silent.
    [[nodiscard]] std::optional<Reply> ask(const RawFrame& frame);
    [[nodiscard]] std::optional<Reply> ask(std::uint8_t control_field) { return ask(frame(control_field)); }
    void send(const RawFrame& frame) { bench_.send(frame.octets()); }
    [[nodiscard]] std::optional<Reply> next();

    /// SNRM; the case fails when the meter does not answer with UA.
    Reply connect(Octets proposal = {});

private:
    Bench& bench_;
    std::uint8_t client_sap_;
    Octets unread_{};
};

[[nodiscard]] bool is(const std::optional<Reply>& reply, dlms::hdlc::FrameType type);

}  // namespace ferraris::conform
