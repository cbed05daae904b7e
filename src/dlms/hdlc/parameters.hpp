/// What the two ends of a link agree on when it is set up (IEC 62056-46, 6.4.4.4.3.2).
#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <optional>

#include "base/bytes.hpp"

namespace ferraris::dlms::hdlc {

inline constexpr std::uint16_t kMinInformationField = 32;
inline constexpr std::uint16_t kMaxInformationField = 2030;
inline constexpr std::uint8_t kMaxWindow = 7;

/// Seen from the end that states them. The initial values are the standard's defaults.
struct LinkParameters {
    std::uint16_t max_information_transmit{128};  ///< octets of an information field, 32 to 2030
    std::uint16_t max_information_receive{128};
    std::uint8_t window_transmit{1};  ///< I frames in a row without acknowledgement, 1 to 7
    std::uint8_t window_receive{1};

    friend constexpr bool operator==(const LinkParameters&, const LinkParameters&) = default;
};

/// What holds for the end that can do `own` against an end that states `peer`: the smaller of both, each way.
[[nodiscard]] constexpr LinkParameters negotiate(const LinkParameters& own, const LinkParameters& peer) {
    return {std::min(own.max_information_transmit, peer.max_information_receive),
            std::min(own.max_information_receive, peer.max_information_transmit),
            std::min(own.window_transmit, peer.window_receive), std::min(own.window_receive, peer.window_transmit)};
}

/// Octets in which the lengths of information fields are written: some stacks know only one of the forms.
enum class LengthWidth : std::uint8_t { shortest, two_octets };

/// The longest information field of SNRM or UA that `write_parameters` makes.
inline constexpr std::size_t kMaxParameterField = 23;

/// The information field of SNRM or UA: 81 80 (format and group identifier), length, then 05, 06, 07, 08 with 1, 2 or 4
/// octets each. What is not stated stays as in `absent`; out of range values are moved to the nearest one allowed.
/// Nothing if it is malformed.
[[nodiscard]] std::optional<LinkParameters> parse_parameters(ByteView information, const LinkParameters& absent = {});

void write_parameters(const LinkParameters& parameters, LengthWidth width, ByteWriter& out);

}  // namespace ferraris::dlms::hdlc
