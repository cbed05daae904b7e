/// The wrapper around APDUs on TCP and UDP (IEC 62056-47, 6.2).
///
///     version 0001 | source wPort | destination wPort | length | APDU          (2 octets each, big endian)
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>

#include "base/bytes.hpp"
#include "base/result.hpp"

namespace ferraris::dlms {

inline constexpr std::size_t kWrapperHeaderOctets = 8;
inline constexpr std::uint16_t kWrapperVersion = 1;
/// The port number that the registration authority gave to DLMS/COSEM, TCP and UDP.
inline constexpr std::uint16_t kWrapperIpPort = 4059;

enum class WrapperError : std::uint8_t {
    none,
    version,    ///< not 1: this is no wrapper, or the stream is out of step
    too_long,   ///< the APDU is longer than the receiver takes
    truncated,  ///< a datagram shorter than it says
    surplus,    ///< a datagram with something behind its APDU
};

/// An APDU and whom it is from and for. A wPort is a client or server SAP.
struct WrapperPdu {
    std::uint16_t source{0};
    std::uint16_t destination{0};
    ByteView apdu{};
};

/// Appends header and APDU. False, and nothing written, when `out` has not the room or the APDU has more than 65,535
/// octets.
[[nodiscard]] bool write_wrapper(const WrapperPdu& pdu, ByteWriter& out);

/// For a transport that reads as many octets as it is told: how many follow this header. Nothing when it is none.
[[nodiscard]] std::optional<std::size_t> wrapper_apdu_size(ByteView header);

/// One UDP datagram holds exactly one wrapper PDU. `apdu` views into `datagram`.
[[nodiscard]] Result<WrapperPdu, WrapperError> decode_wrapper_datagram(ByteView datagram);

/// Finds wrapper PDUs in a TCP stream that arrives in any pieces. There is no way back into step: after an error the
/// connection has to be closed.
///
///     ByteView in = octets_from_the_socket;
///     while (const auto pdu = parser.push(in)) answer(*pdu);
///     if (parser.error() != WrapperError::none) close();
class WrapperParser {
public:
    /// `buffer` holds the longest APDU that is accepted.
    explicit WrapperParser(ByteSpan buffer) : buffer_(buffer) {}

    /// Takes octets off the front of `in`, up to and including the next whole PDU, else all of them. The APDU views
    /// into the buffer until the next call.
    [[nodiscard]] std::optional<WrapperPdu> push(ByteView& in);

    /// What broke the stream, or `none`.
    [[nodiscard]] WrapperError error() const { return error_; }
    /// A PDU has begun and is not whole: at the end of a connection this means that something got lost.
    [[nodiscard]] bool in_pdu() const { return header_size_ != 0; }
    void reset();

private:
    ByteSpan buffer_;
    std::uint8_t header_[kWrapperHeaderOctets]{};
    std::size_t header_size_{0};
    std::size_t size_{0};  ///< octets of the APDU so far
    WrapperError error_{WrapperError::none};
};

}  // namespace ferraris::dlms
