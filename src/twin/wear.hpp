/// How long the flash of a meter lasts: what a simulated stretch of time does to each store, carried on to the life of
/// the meter.
#pragma once

#include <string_view>
#include <vector>

#include "meter/store/flash_stores.hpp"
#include "twin/counted_flash.hpp"

namespace ferraris::twin {

/// What a sector of the flash bears, and for how long the meter has to work.
inline constexpr std::uint64_t kErasesOfASector = 100'000;
inline constexpr double kLife_days = 16.3 * 365.25;

struct StoreWear {
    std::string_view name{};
    std::uint32_t sectors{0};
    double programs_a_day{0};
    double octets_a_day{0};
    double erases_a_day{0};
    /// Of its sectors over the life of the meter: the mean, as rings and banks wear evenly, and what the worst sector
    /// would come to if it went on as it did, one erase being the least that can be seen.
    double erases_of_a_sector{0};
    double erases_of_the_worst{0};
};

/// By store, in the order of the flash. `days` is how long `flash` has counted.
[[nodiscard]] std::vector<StoreWear> wear_of(const CountedFlash& flash, double days);

}  // namespace ferraris::twin
