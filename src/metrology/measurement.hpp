/// What the metrology hands to the meter, once a second. Integers with their unit in the name.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>

#include "metrology/disturbance.hpp"

namespace ferraris::metrology {

/// Energies that the metrology counts. All others follow from these: absolute = import + export, reactive import =
/// Q1 + Q2, reactive export = Q3 + Q4.
enum class Energy : std::uint8_t {
    active_import,  ///< +A
    active_export,  ///< -A
    reactive_q1,    ///< +A, +R: import, inductive
    reactive_q2,    ///< -A, +R: export, capacitive
    reactive_q3,    ///< -A, -R: export, inductive
    reactive_q4,    ///< +A, -R: import, capacitive
    apparent_import,
    apparent_export,
};
inline constexpr std::size_t kEnergyCount = 8;

/// Energy in microjoules (microwatt-seconds, microvar-seconds, microvolt-ampere-seconds) since the last measurement.
/// What is smaller stays in the metrology for the next one.
struct EnergyIncrements {
    std::array<std::uint64_t, kEnergyCount> microjoules{};

    [[nodiscard]] constexpr std::uint64_t& operator[](Energy e) { return microjoules[static_cast<std::size_t>(e)]; }
    [[nodiscard]] constexpr std::uint64_t operator[](Energy e) const {
        return microjoules[static_cast<std::size_t>(e)];
    }
};

/// Quadrants of IEC 62053-24, annex C: by the signs of active and reactive power; 0 while neither flows.
enum class Quadrant : std::uint8_t { none, q1, q2, q3, q4 };

struct Measurement {
    std::uint32_t voltage_millivolts{0};
    std::uint32_t current_microamperes{0};
    std::uint32_t least_cycle_millivolts{0};       ///< r.m.s. over single cycles: the least of the second
    std::uint32_t greatest_cycle_millivolts{0};    ///< and the greatest
    Disturbances disturbances{};                   ///< that ended in it
    std::uint32_t frequency_millihertz{0};         ///< 0 while there is no voltage to measure it on
    std::int64_t active_power_milliwatts{0};       ///< positive: import
    std::int64_t reactive_power_millivars{0};      ///< of the fundamental; positive: current lags an imported power
    std::int64_t reactive_classical_millivars{0};  ///< by 90 degree shift of all harmonics, for comparison
    std::int64_t apparent_power_millivoltamperes{0};
    std::int32_t power_factor_millionths{0};  ///< active / apparent, with the sign of the active power
    std::uint32_t thd_voltage_hundredths_percent{0};
    std::uint32_t thd_current_hundredths_percent{0};
    Quadrant quadrant{Quadrant::none};
    bool active_anti_creep{true};    ///< no active energy is registered now
    bool reactive_anti_creep{true};  ///< no reactive energy is registered now
    bool failed{false};              ///< the front end gave no samples: nothing was measured
    EnergyIncrements energy{};

    /// Rounded: what objects, limits and the display show.
    [[nodiscard]] constexpr std::int32_t power_factor_thousandths() const {
        return (power_factor_millionths + (power_factor_millionths < 0 ? -500 : 500)) / 1000;
    }
};

}  // namespace ferraris::metrology
