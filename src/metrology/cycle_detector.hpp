/// Finds the whole cycles of the mains: from one rising zero crossing of the voltage to the next.
#pragma once

#include <cstdint>
#include <optional>

namespace ferraris::metrology {

/// A crossing counts once the voltage has been below -`threshold` since the last one, and not sooner than
/// `shortest` samples after it: noise and notches near zero do not make cycles.
class CycleDetector {
public:
    CycleDetector(std::int32_t threshold, std::uint32_t shortest)
        : threshold_(threshold), shortest_(shortest), samples_(shortest) {}

    /// Where in the interval that ends with this sample a cycle ended, as a fraction in units of 2^-12 (1 to 4096).
    [[nodiscard]] std::optional<std::uint32_t> crossing(std::int32_t voltage) {
        const std::int32_t previous = previous_;
        previous_ = voltage;
        ++samples_;
        if (voltage < -threshold_) armed_ = true;
        if (!armed_ || previous >= 0 || voltage < 0 || samples_ < shortest_) return std::nullopt;
        armed_ = false;
        samples_ = 0;
        const std::int64_t rise = std::int64_t{voltage} - previous;
        const std::int64_t fraction = (-std::int64_t{previous} * 4096 + rise / 2) / rise;
        return fraction < 1 ? 1U : static_cast<std::uint32_t>(fraction);
    }

private:
    std::int32_t threshold_;
    std::uint32_t shortest_;
    std::uint32_t samples_;  ///< since the last crossing
    std::int32_t previous_{0};
    bool armed_{false};
};

}  // namespace ferraris::metrology
