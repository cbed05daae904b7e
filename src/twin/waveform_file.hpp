/// Recordings of mains and load: interleaved little-endian 16-bit counts, current first, then voltage.
#pragma once

#include <cstdint>
#include <filesystem>
#include <string>
#include <vector>

#include "base/result.hpp"

namespace ferraris::twin {

struct WaveformSample {
    std::int16_t current;
    std::int16_t voltage;
};

/// The whole recording, or what is wrong with the file: it cannot be read, is empty, or is no whole number of pairs.
/// The text begins with the name of the file.
[[nodiscard]] Result<std::vector<WaveformSample>, std::string> read_waveform(const std::filesystem::path& path);

}  // namespace ferraris::twin
