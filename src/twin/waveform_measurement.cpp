#include "twin/waveform_measurement.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <optional>

namespace ferraris::twin {

namespace {

constexpr double kPico = 1e12;

/// A positive number that fits, or 0, which no check accepts.
std::uint64_t to_count(double value) {
    return std::isfinite(value) && value >= 1 && value < 9e18 ? static_cast<std::uint64_t>(std::llround(value)) : 0;
}

template <class Channel>
double mean(std::span<const WaveformSample> samples, Channel channel) {
    double sum = 0;
    for (const WaveformSample& sample : samples) sum += sample.*channel;
    return samples.empty() ? 0 : sum / static_cast<double>(samples.size());
}

/// Of the first measuring window that has a whole cycle; nothing: there is none.
std::optional<std::uint32_t> first_frequency_millihertz(const metrology::Configuration& configuration,
                                                        std::span<const WaveformSample> samples) {
    metrology::Processor processor(configuration);
    for (const WaveformSample& sample : samples) {
        const metrology::Events events = processor.add_sample(sample.voltage, sample.current);
        if (events.window_closed && processor.averages().cycles != 0) break;
    }
    if (processor.averages().cycles == 0) return std::nullopt;
    return processor.take_measurement().frequency_millihertz;
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

std::span<const WaveformSample> whole_cycles(std::span<const WaveformSample> samples) {
    const double middle = mean(samples, &WaveformSample::voltage);
    double peak = 0;
    for (const WaveformSample& sample : samples) peak = std::max(peak, std::abs(sample.voltage - middle));
    bool armed = false;
    std::optional<std::size_t> first;
    std::size_t last = 0;
    for (std::size_t i = 0; i < samples.size(); ++i) {
        const double voltage = samples[i].voltage - middle;
        if (voltage < -peak / 2) armed = true;
        if (!armed || voltage < 0) continue;
        armed = false;
        last = i;
        if (!first) first = i;
    }
    return first ? samples.subspan(*first, last - *first) : std::span<const WaveformSample>{};
}

Result<metrology::Configuration, std::string> configuration_of(const WaveformScale& scale,
                                                               std::span<const WaveformSample> samples) {
    auto configuration = configuration_of(scale);
    if (!configuration) return configuration;
    if (samples.empty()) return Error(std::string("no samples"));
    configuration->calibration.removes_offset = false;
    // A piece of a cycle has a mean, too, which is no offset.
    const auto cycles = whole_cycles(samples);
    configuration->calibration.voltage_offset_millicounts = std::llround(mean(cycles, &WaveformSample::voltage) * 1000);
    configuration->calibration.current_offset_millicounts = std::llround(mean(cycles, &WaveformSample::current) * 1000);
    if (const auto frequency = first_frequency_millihertz(*configuration, samples)) {
        configuration->nominal_frequency_millihertz = *frequency;
    }
    return configuration;
}

Result<WaveformMeasurement, std::string> measure_waveform(std::span<const WaveformSample> samples,
                                                          const WaveformScale& scale) {
    const auto configuration = configuration_of(scale, samples);
    if (!configuration) return Error(configuration.error());
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
