/// An APDU in pieces: what both ends of a link do the same way (IEC 62056-46, 6.4.4.4.3.5).
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>

#include "base/bytes.hpp"

namespace ferraris::dlms::hdlc {

/// The LLC header before an APDU (IEC 62056-46, 5.3.2): destination LSAP, source LSAP, quality.
inline constexpr std::uint8_t kLlcRequest[] = {0xE6, 0xE6, 0x00};
inline constexpr std::uint8_t kLlcResponse[] = {0xE6, 0xE7, 0x00};
inline constexpr std::size_t kLlcOctets = 3;

/// `information` without its LLC header, or nothing if it has none.
[[nodiscard]] std::optional<ByteView> without_llc(ByteView information);

/// Distance from one sequence number to another, modulo 8.
[[nodiscard]] constexpr std::uint8_t distance(std::uint8_t from, std::uint8_t to) {
    return static_cast<std::uint8_t>((to - from) & 7U);
}

/// One information field to send: `head` then `body`.
struct Segment {
    ByteView head{};
    ByteView body{};
    bool more_follow{false};   ///< the S bit
    bool last_of_turn{false};  ///< the window is full or the APDU ends: give the turn to the other end
    std::uint8_t send_number{0};
};

/// The sending half of a link: cuts an APDU, numbers the pieces, keeps what is not acknowledged. Copies nothing.
class SegmentSender {
public:
    /// A new link: numbers start at 0, nothing is to be sent.
    void reset(std::size_t max_information, std::uint8_t window);
    /// `apdu` stays valid until `idle()`. Only when idle. `header` goes first.
    void start(ByteView header, ByteView apdu);
    /// Everything is sent and acknowledged.
    [[nodiscard]] bool idle() const { return acknowledged_ == header_.size() + apdu_.size(); }
    /// Pieces out that N(R) has not confirmed.
    [[nodiscard]] std::uint8_t in_flight() const { return in_flight_; }
    /// The next piece that the window allows, or nothing. `advance` once it is on its way.
    [[nodiscard]] std::optional<Segment> next() const;
    void advance();
    /// False, and nothing changed, if no number from V(A) to V(S) was meant (IEC 62056-46: FRMR with Z).
    [[nodiscard]] bool acknowledge(std::uint8_t receive_number);
    /// Sends again from the first piece that is not acknowledged.
    void rewind() { next_ = 0; }
    /// V(S)
    [[nodiscard]] std::uint8_t send_number() const {
        return static_cast<std::uint8_t>((acknowledged_number_ + in_flight_) & 7U);
    }

private:
    ByteView header_{};
    ByteView apdu_{};
    std::size_t max_information_{128};
    std::uint8_t window_{1};
    std::size_t acknowledged_{0};          ///< octets of header and APDU
    std::uint8_t acknowledged_number_{0};  ///< V(A): number of the piece that begins there
    std::uint8_t in_flight_{0};
    std::uint8_t next_{0};  ///< pieces behind `acknowledged_` that this turn has sent
};

/// The receiving half: puts information fields together in a buffer of the caller.
class Reassembler {
public:
    enum class Outcome : std::uint8_t {
        incomplete,    ///< more segments have to come
        complete,      ///< `apdu()` holds one
        too_long,      ///< complete, but longer than the buffer: lost
        no_llc_header  ///< complete, but not an APDU: lost
    };

    explicit Reassembler(ByteSpan buffer) : buffer_(buffer) {}
    void reset();
    /// In the middle of an APDU.
    [[nodiscard]] bool begun() const { return begun_; }
    [[nodiscard]] Outcome add(ByteView information, bool more_follow);
    [[nodiscard]] ByteView apdu() const { return buffer_.first(size_); }

private:
    ByteSpan buffer_;
    std::size_t size_{0};
    bool begun_{false};
    Outcome fault_{Outcome::complete};
};

}  // namespace ferraris::dlms::hdlc
