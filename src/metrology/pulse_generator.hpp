/// The metrological LED: one pulse for each portion of energy, its edge placed within a sample.
#pragma once

#include <cstdint>
#include <optional>

namespace ferraris::metrology {

/// Energy arrives in lots, one each measuring window, and leaves at constant power over the window that follows; so
/// pulses of a constant load are evenly spaced, and come one window (a fifth of a second) after their energy.
class PulseGenerator {
public:
    /// Unit of energy here: 2^-16 microjoules.
    static constexpr unsigned kEnergyFractionBits = 16;
    /// Unit of time here: 2^-12 sample intervals.
    static constexpr unsigned kTimeFractionBits = 12;

    /// `energy_per_pulse` as above; the LED is lit for `width_samples` after each edge.
    PulseGenerator(std::uint64_t energy_per_pulse, std::uint32_t width_samples)
        : energy_per_pulse_(energy_per_pulse), width_samples_(width_samples) {}

    /// A window of `duration` has ended `since` ago and brought `energy` (less than 2^50).
    void book(std::uint64_t energy, std::uint32_t duration, std::uint32_t since);

    /// One sample interval passes. The instant of the edge, if there is one, as a fraction of this interval in units
    /// of 2^-16.
    [[nodiscard]] std::optional<std::uint16_t> tick() {
        if (lit_samples_ != 0) --lit_samples_;
        if (rate_ == 0) return std::nullopt;
        pending_ -= static_cast<std::int64_t>(rate_);
        accumulated_ += rate_;
        if (accumulated_ < energy_per_pulse_) return std::nullopt;
        return edge();
    }

    [[nodiscard]] bool is_lit() const { return lit_samples_ != 0; }

private:
    std::uint16_t edge();

    std::uint64_t energy_per_pulse_;
    std::uint64_t accumulated_{0};  ///< towards the next pulse
    std::int64_t pending_{0};       ///< booked, not yet let out; may run ahead by less than a window
    std::uint64_t rate_{0};         ///< energy let out each sample
    std::uint32_t width_samples_;
    std::uint32_t lit_samples_{0};
};

}  // namespace ferraris::metrology
