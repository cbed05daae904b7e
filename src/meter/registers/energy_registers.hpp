/// Energies by channel and tariff, counted in whole milliwatt-hours (millivar-hours, millivolt-ampere-hours), and the
/// time that each tariff was active.
#pragma once

#include <array>
#include <cstdint>

#include "metrology/measurement.hpp"

namespace ferraris::meter {

inline constexpr std::size_t kRateCount = 6;
/// 1 mWh = 3.6 J.
inline constexpr std::uint32_t kMicrojoulesPerMilliwatthour = 3'600'000;
/// Registers roll over from 99,999,999.999999 kWh to 0; the count fits 48 bits.
inline constexpr std::uint64_t kRollOverMilliwatthours = 100'000'000'000'000;

/// A set of counted energies whose sum an object shows: one bit an energy.
using EnergyMask = std::uint8_t;
[[nodiscard]] constexpr EnergyMask mask_of(metrology::Energy energy) {
    return static_cast<EnergyMask>(1U << static_cast<unsigned>(energy));
}

/// 0: the total; 1 to 6: a tariff.
using Rate = std::uint8_t;

/// The counts of one tariff.
using RateCounts = std::array<std::uint64_t, metrology::kEnergyCount>;

/// What is less than one count waits in microjoules, one remainder an energy, and goes to the tariff in which the count
/// becomes whole. So nothing is dropped, and as only the tariffs are stored, their sum is the total to the last
/// quantum.
class EnergyRegisters {
public:
    /// `rate` from 1 to 6.
    void add(const metrology::EnergyIncrements& increments, Rate rate);

    /// The meter ran for a second while `rate` was active.
    void count_second(Rate rate) { ++seconds_[rate - 1U]; }
    /// Seconds with power, since the meter was made, in which `rate` was active; 0: in all.
    [[nodiscard]] std::uint32_t seconds(Rate rate) const;

    /// Milliwatt-hours below the roll-over; `rate` 0 sums the tariffs.
    [[nodiscard]] std::uint64_t milliwatthours(EnergyMask energies, Rate rate) const;

    [[nodiscard]] const RateCounts& counts(Rate rate) const { return counts_[rate - 1U]; }
    [[nodiscard]] const std::array<std::uint32_t, metrology::kEnergyCount>& remainders() const { return remainders_; }
    /// What the journal found.
    void restore(Rate rate, const RateCounts& counts, std::uint32_t seconds) {
        counts_[rate - 1U] = counts;
        seconds_[rate - 1U] = seconds;
    }
    void restore_remainders(const std::array<std::uint32_t, metrology::kEnergyCount>& microjoules) {
        remainders_ = microjoules;
    }

private:
    std::array<RateCounts, kRateCount> counts_{};
    std::array<std::uint32_t, kRateCount> seconds_{};
    std::array<std::uint32_t, metrology::kEnergyCount> remainders_{};
};

}  // namespace ferraris::meter
