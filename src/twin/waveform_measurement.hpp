/// Runs a recording through the metrology of the meter.
#pragma once

#include <span>
#include <string>

#include "base/result.hpp"
#include "metrology/processor.hpp"
#include "twin/waveform_file.hpp"

namespace ferraris::twin {

/// How a recording was made.
struct WaveformScale {
    double sample_rate_hz{0};
    double amps_per_count{0};
    double volts_per_count{0};
};

/// Over the whole cycles of a recording.
struct WaveformMeasurement {
    metrology::Averages averages{};
    metrology::Measurement measurement{};  ///< with the energies registered
};

/// The processor for a recording of this scale, with 16-bit samples; or what is wrong with the scale.
[[nodiscard]] Result<metrology::Configuration, std::string> configuration_of(const WaveformScale& scale);

/// From the first rising crossing of the voltage to the last. The noise of a crossing is kept out by asking that the
/// voltage was well below before. Empty: there is no whole cycle.
[[nodiscard]] std::span<const WaveformSample> whole_cycles(std::span<const WaveformSample> samples);

/// The same for this recording, which is known beforehand: the means over its whole cycles are its offsets, and the
/// frequency of its first cycles is the nominal one, so that the very first is analysed with its own.
[[nodiscard]] Result<metrology::Configuration, std::string> configuration_of(const WaveformScale& scale,
                                                                             std::span<const WaveformSample> samples);

/// Fails on a scale that no meter has and on a recording without one whole cycle.
[[nodiscard]] Result<WaveformMeasurement, std::string> measure_waveform(std::span<const WaveformSample> samples,
                                                                        const WaveformScale& scale);

}  // namespace ferraris::twin
