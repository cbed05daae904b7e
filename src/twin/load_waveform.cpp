#include "twin/load_waveform.hpp"

#include <fmt/format.h>

#include <span>

namespace ferraris::twin {
namespace {

constexpr std::uint32_t kMillisamples = 1000;

}  // namespace

Result<WaveformLoad, std::string> WaveformLoad::open(const std::filesystem::path& path, const WaveformScale& scale) {
    auto samples = read_waveform(path);
    if (!samples) return Error(samples.error());
    auto load = make(std::move(*samples), scale);
    if (!load) return Error(fmt::format("{}: {}", path.string(), load.error()));
    return load;
}

Result<WaveformLoad, std::string> WaveformLoad::make(std::vector<WaveformSample> samples, const WaveformScale& scale) {
    if (const auto scaled = configuration_of(scale); !scaled) return Error(scaled.error());
    const auto cycles = whole_cycles(samples);
    if (cycles.empty()) return Error(std::string("no whole cycle of a voltage in it; give a longer recording"));
    const auto configuration = configuration_of(scale, samples);
    if (!configuration) return Error(configuration.error());
    std::vector<WaveformSample> loop(cycles.begin(), cycles.end());
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
