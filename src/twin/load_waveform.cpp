#include "twin/load_waveform.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <span>

namespace ferraris::twin {
namespace {

constexpr std::uint32_t kMillisamples = 1000;

template <class Channel>
double mean(std::span<const WaveformSample> samples, Channel channel) {
    double sum = 0;
    for (const WaveformSample& sample : samples) sum += sample.*channel;
    return samples.empty() ? 0 : sum / static_cast<double>(samples.size());
}

/// From the first rising crossing of the voltage to the last. The noise of a crossing is kept out by asking that the
/// voltage was well below before.
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

}  // namespace

Result<WaveformLoad, std::string> WaveformLoad::open(const std::filesystem::path& path, const WaveformScale& scale) {
    auto samples = read_waveform(path);
    if (!samples) return Error(samples.error());
    auto load = make(std::move(*samples), scale);
    if (!load) return Error(fmt::format("{}: {}", path.string(), load.error()));
    return load;
}

Result<WaveformLoad, std::string> WaveformLoad::make(std::vector<WaveformSample> samples, const WaveformScale& scale) {
    auto configuration = configuration_of(scale);
    if (!configuration) return Error(configuration.error());
    const auto cycles = whole_cycles(samples);
    if (cycles.empty()) return Error(std::string("no whole cycle of a voltage in it; give a longer recording"));
    std::vector<WaveformSample> loop(cycles.begin(), cycles.end());
    configuration->calibration.removes_offset = false;
    configuration->calibration.voltage_offset_millicounts =
        std::llround(mean(std::span<const WaveformSample>(loop), &WaveformSample::voltage) * 1000);
    configuration->calibration.current_offset_millicounts =
        std::llround(mean(std::span<const WaveformSample>(loop), &WaveformSample::current) * 1000);
    return WaveformLoad(std::move(loop), *configuration);
}

metrology::Measurement WaveformLoad::second(UtcTime) {
    owed_millisamples_ += rate_millihertz_;
    for (; owed_millisamples_ >= kMillisamples; owed_millisamples_ -= kMillisamples) {
        const WaveformSample& sample = loop_[position_];
        (void)processor_.add_sample(sample.voltage, sample.current);
        position_ = position_ + 1 == loop_.size() ? 0 : position_ + 1;
    }
    return processor_.take_measurement();
}

}  // namespace ferraris::twin
