/// What the profiles capture, as rows of the object table.
#pragma once

#include <cstdint>
#include <span>

#include "meter/profile/profile.hpp"

namespace ferraris::meter {

class Instrument;

/// Octets in flash of each captured value of the load profile, without clock and status, which every row has.
[[nodiscard]] std::span<const std::uint8_t> load_profile_octets();
/// Takes the values of now into `row`.
void capture_load_profile(const Instrument& meter, ProfileRow& row);

}  // namespace ferraris::meter
