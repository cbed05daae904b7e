/// Frames of type 3 (IEC 62056-46, 6.4; ISO/IEC 13239, annex H.4): the format field states the length, so nothing is
/// stuffed and 0x7E may occur inside.
///
///     7E | A,S,length (2) | destination (1,2,4) | source (1,2,4) | control | HCS (2) | information | FCS (2) | 7E
///        '------------------------------ length counts these ------------------------------------------'
///
/// HCS is there only where an information field is.
#pragma once

#include <cstddef>
#include <cstdint>

#include "base/bytes.hpp"
#include "base/result.hpp"
#include "dlms/hdlc/address.hpp"
#include "dlms/hdlc/control.hpp"

namespace ferraris::dlms::hdlc {

inline constexpr std::uint8_t kFlag = 0x7E;
/// Format, two addresses of 4 octets, control, HCS and FCS.
inline constexpr std::size_t kMaxFrameOverhead = 2 + 4 + 4 + 1 + 2 + 2;
/// What the 11 bits of the format field can say.
inline constexpr std::size_t kMaxFrameLength = 0x7FF;

/// Room that a frame with `information` octets takes with both its flags, whatever the addresses.
[[nodiscard]] constexpr std::size_t frame_room(std::size_t information) { return information + kMaxFrameOverhead + 2; }

/// Why something on the line was no frame. Such a thing is dropped without an answer (conformance cases
/// HDLC_FRAME_N1 to N8); the reason is for the log.
enum class FrameError : std::uint8_t {
    none,
    format_type,   ///< not type 3
    length,        ///< the length cannot be that of a frame
    address,       ///< an address of 3 octets, or one that does not end
    header_check,  ///< HCS wrong
    frame_check,   ///< FCS wrong
    closing_flag,  ///< no flag where the length says that the frame ends
    too_long,      ///< more than the receiver has room for
    timed_out,     ///< the line fell silent within a frame
};

struct Frame {
    Address destination{};
    Address source{};
    std::uint8_t control{0};
    bool segmented{false};  ///< S bit: more information fields of the same APDU follow
    ByteView information{};
};

/// How many octets of a frame (without flags) have to be there before more can be said of it, given its first octets.
/// The answer is at most `begun.size()` only if it is the length of the whole frame. An error is found as early as the
/// octets show it, so that a false start costs no more than a header.
[[nodiscard]] Result<std::size_t, FrameError> octets_needed(ByteView begun);

/// A whole frame without its flags. `information` views into `octets`.
[[nodiscard]] Result<Frame, FrameError> decode_frame(ByteView octets);

/// Octets of the first of the frames in `octets`, with both its flags. Only for what `write_frame` made.
[[nodiscard]] constexpr std::size_t written_size(ByteView octets) {
    return 2 + ((static_cast<std::size_t>(octets[1]) << 8U | octets[2]) & kMaxFrameLength);
}

/// Appends `frame` with both flags; its information field is `frame.information` followed by `more`. False, and
/// nothing written, when `out` has not the room or the frame would be longer than `kMaxFrameLength`.
[[nodiscard]] bool write_frame(const Frame& frame, ByteView more, ByteWriter& out);

}  // namespace ferraris::dlms::hdlc
