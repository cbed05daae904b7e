/// Simulated days of everything at random from a seed, second by second, with every invariant looked at on the way.
#pragma once

#include <cstdint>
#include <functional>
#include <string>

#include "twin/scenario/stage.hpp"

namespace ferraris::twin::scenario::testing {

struct SoakReport {
    std::int64_t seconds{0};
    std::uint32_t faults{0};
    std::uint32_t losses_of_power{0};
    std::uint32_t events{0};
    std::uint32_t rows{0};
    std::uint32_t visits{0};  ///< of people at the display, and of crews at the optical port
    std::string violation{};  ///< the first, with the seconds after the beginning; empty: none
};

/// What breaks the meter behind the soak's back, after each second with power: how the tests know that it is found.
using Sabotage = std::function<void(Stage&, std::int64_t second)>;

/// `progress` is told of each day that is over. Ends with the first violation.
[[nodiscard]] SoakReport soak(std::uint64_t seed, std::int64_t days,
                              const std::function<void(std::int64_t, const SoakReport&)>& progress,
                              const Sabotage& sabotage = {});

}  // namespace ferraris::twin::scenario::testing
