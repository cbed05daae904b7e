/// A row of a profile as it lies in flash.
///
///     stamp(4) status(1) values, each as long as its column says
#pragma once

#include <array>
#include <cstdint>
#include <span>

#include "meter/store/record_ring.hpp"

namespace ferraris::meter {

/// What the reference instrument can record in one profile.
inline constexpr std::size_t kMaxProfileColumns = 95;
inline constexpr std::size_t kStampAndStatusOctets = 5;

struct ProfileRow {
    std::uint32_t stamp{0};  ///< seconds since 1970; of a periodic profile the end of the interval
    std::uint8_t status{0};
    /// The values; how many of these octets count follows from the columns.
    std::array<std::uint8_t, RecordRing::kMaxPayload - kStampAndStatusOctets> octets{};
};

}  // namespace ferraris::meter
