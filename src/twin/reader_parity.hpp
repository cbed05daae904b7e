/// Parity on a pseudo-terminal, where no port makes it.
#pragma once

#include <cstdint>
#include <vector>

#include "base/bytes.hpp"
#include "dlms/iec62056_21/characters.hpp"

namespace ferraris::twin {

/// A reader that makes even parity itself writes '/' as AF; one that leaves it to its port, as programs for 7E1 do,
/// writes 2F: it is given the parity that its port would have made, and its answers come without.
class ReaderParity {
public:
    /// What came, as it would be on a line. `at_rest`: a '/' in it begins a session, and tells who makes the parity.
    [[nodiscard]] ByteView incoming(ByteView octets, bool at_rest) {
        for (const std::uint8_t octet : octets) {
            if (at_rest && (octet & kBits) == '/') bare_ = octet == '/';
        }
        // Bit 7 of what comes is part of no bare character: it stays, and may well be a parity error.
        return bare_ ? converted(octets,
                                 [](std::uint8_t octet) {
                                     return octet > kBits ? octet : dlms::iec62056_21::with_even_parity(octet);
                                 })
                     : octets;
    }
    /// What goes out, as the reader's port would hand it on.
    [[nodiscard]] ByteView outgoing(ByteView octets) {
        return bare_ ? converted(octets, [](std::uint8_t octet) { return static_cast<std::uint8_t>(octet & kBits); })
                     : octets;
    }

private:
    static constexpr std::uint8_t kBits = 0x7F;

    template <class Convert>
    ByteView converted(ByteView octets, Convert&& convert) {
        octets_.clear();
        for (const std::uint8_t octet : octets) octets_.push_back(convert(octet));
        return octets_;
    }

    std::vector<std::uint8_t> octets_{};
    bool bare_{false};
};

}  // namespace ferraris::twin
