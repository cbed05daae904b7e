/// What a meter factory writes into each meter, and how it finds it.
#pragma once

#include <cstdint>

#include "metrology/measurement.hpp"

namespace ferraris::metrology {

struct Calibration {
    std::uint64_t picovolts_per_count{47'683'716};    ///< 24 bits over +-400 V
    std::uint64_t picoamperes_per_count{19'073'486};  ///< 24 bits over +-160 A
    std::int64_t voltage_offset_millicounts{0};       ///< the count at 0 V
    std::int64_t current_offset_millicounts{0};       ///< the count at 0 A
    /// Follow the mean of whole cycles, so that offsets that drift do not count. Off: only the offsets above.
    bool removes_offset{true};
    /// By how much the current channel is later than the voltage channel (negative: earlier). At most
    /// kLargestCurrentLagSamples sample intervals either way.
    std::int32_t current_lag_nanoseconds{0};
    std::int32_t voltage_ppb_per_kelvin{0};  ///< growth of the count of 1 V with temperature, parts per 10^9 and kelvin
    std::int32_t current_ppb_per_kelvin{0};  ///< the same of 1 A
    std::int32_t reference_millicelsius{23'000};
};
inline constexpr int kLargestCurrentLagSamples = 4;

/// What the calibration bench applied, from its reference standard.
struct ReferencePoint {
    std::uint32_t voltage_millivolts{230'000};
    std::int64_t active_power_milliwatts{0};
    std::int64_t reactive_power_millivars{0};
    std::uint32_t frequency_millihertz{50'000};
};

/// First step, at nominal voltage and basic current, PF 1: `calibration` so that the voltage and the active power of
/// `measured` become those of the reference. Nothing is changed when either reads nothing.
[[nodiscard]] Calibration calibrate_gain(const Calibration& calibration, const Measurement& measured,
                                         const ReferencePoint& reference);

/// Second step, the same at PF 0.5: the lag of the current channel, from the angle by which measured and true power
/// differ. Needs the first step done.
[[nodiscard]] Calibration calibrate_phase(const Calibration& calibration, const Measurement& measured,
                                          const ReferencePoint& reference);

}  // namespace ferraris::metrology
