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

/// The mean of the recording is taken off both channels first. Fails on a scale that no meter has and on a recording
/// without one whole cycle.
[[nodiscard]] Result<WaveformMeasurement, std::string> measure_waveform(std::span<const WaveformSample> samples,
                                                                        const WaveformScale& scale);

}  // namespace ferraris::twin
