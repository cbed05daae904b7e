/// A recording of mains and load, looped through the metrology sample by sample.
#pragma once

#include <filesystem>
#include <vector>

#include "metrology/processor.hpp"
#include "twin/load.hpp"
#include "twin/waveform_file.hpp"

namespace ferraris::twin {

class WaveformLoad final : public Load {
public:
    [[nodiscard]] static Result<WaveformLoad, std::string> open(const std::filesystem::path& path,
                                                                const WaveformScale& scale);
    /// Loops over the whole cycles of `samples`, so that the seam is none.
    [[nodiscard]] static Result<WaveformLoad, std::string> make(std::vector<WaveformSample> samples,
                                                                const WaveformScale& scale);

    /// Feeds the samples of one second; `end` does not matter to a recording.
    [[nodiscard]] metrology::Measurement second(UtcTime end) override;
    void set_disturbance_limits(const metrology::DisturbanceLimits& limits) override {
        processor_.set_disturbance_limits(limits);
    }

private:
    WaveformLoad(std::vector<WaveformSample> loop, const metrology::Configuration& configuration)
        : loop_(std::move(loop)), processor_(configuration), rate_millihertz_(configuration.sample_rate_millihertz) {}

    std::vector<WaveformSample> loop_;
    metrology::Processor processor_;
    std::uint32_t rate_millihertz_;
    std::uint32_t owed_millisamples_{0};
    std::size_t position_{0};
};

}  // namespace ferraris::twin
