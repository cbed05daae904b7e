#include "twin/waveform_measurement.hpp"

#include <fmt/format.h>

#include <cmath>

namespace ferraris::twin {

namespace {

constexpr double kPico = 1e12;

/// A positive number that fits, or 0, which no check accepts.
std::uint64_t to_count(double value) {
    return std::isfinite(value) && value >= 1 && value < 9e18 ? static_cast<std::uint64_t>(std::llround(value)) : 0;
}

template <class Channel>
std::int64_t mean_millicounts(std::span<const WaveformSample> samples, Channel channel) {
    std::int64_t sum = 0;
    for (const WaveformSample& sample : samples) sum += sample.*channel;
    return sum * 1000 / static_cast<std::int64_t>(samples.size());
}

}  // namespace

Result<metrology::Configuration, std::string> configuration_of(const WaveformScale& scale) {
    metrology::Configuration configuration;
    const std::uint64_t rate = to_count(scale.sample_rate_hz * 1000);
    configuration.sample_rate_millihertz = rate > 0xFFFFFFFFU ? 0 : static_cast<std::uint32_t>(rate);
    configuration.sample_bits = 16;
    configuration.calibration.picovolts_per_count = to_count(scale.volts_per_count * kPico);
    configuration.calibration.picoamperes_per_count = to_count(scale.amps_per_count * kPico);
    using metrology::ConfigurationError;
    switch (metrology::check(configuration)) {
        case ConfigurationError::none:
            return configuration;
        case ConfigurationError::sample_rate:
            return Error(fmt::format("sample rate {} Hz; give one from 3000 to 16000 Hz", scale.sample_rate_hz));
        case ConfigurationError::sample_bits:
        case ConfigurationError::pulse_constant:
        case ConfigurationError::scale:
        case ConfigurationError::current_lag:
            break;
    }
    return Error(fmt::format("{} A and {} V a count; give the scale of the recording, above 0 and below 3 kA and 3 kV",
                             scale.amps_per_count, scale.volts_per_count));
}

Result<WaveformMeasurement, std::string> measure_waveform(std::span<const WaveformSample> samples,
                                                          const WaveformScale& scale) {
    auto configuration = configuration_of(scale);
    if (!configuration) return Error(configuration.error());
    if (samples.empty()) return Error(std::string("no samples"));
    configuration->calibration.removes_offset = false;
    configuration->calibration.voltage_offset_millicounts = mean_millicounts(samples, &WaveformSample::voltage);
    configuration->calibration.current_offset_millicounts = mean_millicounts(samples, &WaveformSample::current);

    metrology::Processor processor(*configuration);
    for (const WaveformSample& sample : samples) (void)processor.add_sample(sample.voltage, sample.current);
    // The meter reads its voltage one sample late, to line it up with the current: so the last sample is yet to come.
    (void)processor.add_sample(samples.back().voltage, samples.back().current);
    processor.close_window();

    WaveformMeasurement result;
    result.averages = processor.averages();
    result.measurement = processor.take_measurement();
    if (result.averages.cycles == 0) {
        return Error(
            std::string("no whole cycle of a mains voltage (40 to 80 Hz, above a tenth of 230 V) was found; "
                        "check the sample rate and the volts per count"));
    }
    return result;
}

}  // namespace ferraris::twin
