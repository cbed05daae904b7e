/// Frames that carry APDUs or texts: recognised by their own marks, and explained. HDLC (IEC 62056-46), the wrapper
/// (IEC 62056-47), long frames of M-Bus (EN 13757-2), messages of IEC 62056-21.
#pragma once

#include <cstddef>
#include <cstdint>
#include <map>
#include <utility>

#include "decode/apdu.hpp"

namespace ferraris::decode {

enum class FrameKind : std::uint8_t { none, hdlc, hdlc_flag, wrapper, mbus, iec62056_21 };

/// What stands at the beginning of some octets.
struct Recognised {
    FrameKind kind{FrameKind::none};
    std::size_t length{0};  ///< octets of the whole frame; with `more` at least so many are needed to say
    bool more{false};       ///< it may be one; too little is there to tell, or to explain it
    bool damaged{false};    ///< a check sum is wrong or an end mark is missing
};

/// `certain`: octets before these were no frame, so that marks that also occur by chance are not enough.
[[nodiscard]] Recognised recognise(ByteView octets, bool certain);

/// An HDLC information field that comes in segments.
struct Segments {
    Octets octets{};
    bool begun{false};
    int last_number{-1};  ///< N(S) of the segment taken last; -1 for UI
};

/// Both directions of one line, connection or file: who talks with whom, and what is half transferred.
struct Link {
    std::map<std::uint64_t, Conversation> conversations{};  ///< by the two addresses
    std::map<std::uint64_t, Segments> segments{};           ///< HDLC: by source and destination
    Pieces mbus{};

    /// The order of the two does not matter.
    [[nodiscard]] Conversation& between(std::uint32_t a, std::uint32_t b) {
        return conversations[static_cast<std::uint64_t>(std::max(a, b)) << 32U | std::min(a, b)];
    }
};

/// The keys and the engine that all frames of an input share.
struct Toolbox {
    const KeyRing& keys;
    Crypto* crypto{nullptr};
};

/// Explains the only buffer of `item`, which `recognise` found to be a frame of that kind; also a frame cut short.
void explain_frame(FrameKind kind, const Toolbox& tools, Link& link, Item& item);
/// The same for each kind.
void explain_hdlc(const Toolbox& tools, Link& link, Item& item);
void explain_wrapper(const Toolbox& tools, Link& link, Item& item);
void explain_mbus(const Toolbox& tools, Link& link, Item& item);
void explain_iec62056_21(Item& item);
/// The information field of SNRM and UA.
void explain_link_parameters(Walker& in, Node& node);

[[nodiscard]] Recognised recognise_iec62056_21(ByteView octets, bool certain);

}  // namespace ferraris::decode
