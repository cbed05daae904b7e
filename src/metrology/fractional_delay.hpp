/// Lines the two channels up in time: the one that is early waits, by whole samples and by cubic interpolation.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>

namespace ferraris::metrology {

/// Takes pairs of samples; gives the pair that belongs to one instant.
class Alignment {
public:
    /// `lag` of the current channel behind the voltage channel in units of 2^-16 samples; at most 4 samples either way.
    void set_current_lag(std::int32_t lag);

    struct Pair {
        std::int32_t voltage;
        std::int32_t current;
    };
    /// Magnitudes up to 2^26.
    [[nodiscard]] Pair align(std::int32_t voltage, std::int32_t current) {
        // Each sample is kept twice, a length apart, so that the latest ones always lie in a row.
        newest_ = newest_ == 2 * kLength - 1 ? kLength : newest_ + 1;
        voltages_[newest_] = voltages_[newest_ - kLength] = voltage;
        currents_[newest_] = currents_[newest_ - kLength] = current;
        const std::int32_t* const last = &currents_[newest_ - current_delay_ - (taps_.size() - 1)];
        std::int64_t sum = std::int64_t{1} << 29U;
        for (std::size_t k = 0; k < taps_.size(); ++k) sum += std::int64_t{taps_[k]} * last[k];
        return {voltages_[newest_ - voltage_delay_], static_cast<std::int32_t>(sum >> 30U)};
    }

private:
    static constexpr std::size_t kLength = 8;  // the current may be read 7 samples ago, the voltage 5

    std::array<std::int32_t, 2 * kLength> voltages_{};
    std::array<std::int32_t, 2 * kLength> currents_{};
    std::array<std::int32_t, 4> taps_{0, 0, 1 << 30, 0};  ///< in units of 2^-30; the earliest sample's first
    std::size_t newest_{kLength};
    std::size_t voltage_delay_{1};
    std::size_t current_delay_{0};  ///< of the last tap
};

}  // namespace ferraris::metrology
