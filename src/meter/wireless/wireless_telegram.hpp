/// The telegram that tells what the meter shows.
#pragma once

#include "base/result.hpp"
#include "mbus/frame.hpp"

namespace ferraris::meter {

class Instrument;

enum class WirelessProblem : std::uint8_t {
    counter,   ///< used up, or the flash fails
    key,       ///< the cryptographic library refuses
    too_long,  ///< the frame has no room
};

/// Takes a counter and writes the frame with its check octets, for a radio to send; how many octets. `frame` has
/// `mbus::kMaxFrame` octets.
[[nodiscard]] Result<std::size_t, WirelessProblem> write_wireless_frame(Instrument& meter, ByteSpan frame);

}  // namespace ferraris::meter
