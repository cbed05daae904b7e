/// Decides whether a power is a load or nothing: with hysteresis, so that a load at the threshold does not flicker.
#pragma once

#include <cstdint>

namespace ferraris::metrology {

class AntiCreep {
public:
    /// Registers from three quarters of the starting power on, and until the power falls below half of it. The
    /// starting power itself, and a front end that reads a tenth too little, are well inside.
    constexpr explicit AntiCreep(std::uint64_t starting_power_microwatts)
        : start_(starting_power_microwatts / 4 * 3), stop_(starting_power_microwatts / 2) {}

    /// With the mean power of a window, without sign; whether that window is registered.
    constexpr bool registers(std::uint64_t power_microwatts) {
        registering_ = power_microwatts >= (registering_ ? stop_ : start_);
        return registering_;
    }
    [[nodiscard]] constexpr bool is_active() const { return !registering_; }

private:
    std::uint64_t start_;
    std::uint64_t stop_;
    bool registering_{false};
};

}  // namespace ferraris::metrology
