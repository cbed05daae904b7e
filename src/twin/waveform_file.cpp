#include "twin/waveform_file.hpp"

#include <fmt/format.h>

#include <cerrno>
#include <cstring>
#include <fstream>
#include <iterator>

namespace ferraris::twin {

namespace {

constexpr std::size_t kPairOctets = 4;

std::int16_t little_endian(const char* octets) {
    const auto low = static_cast<unsigned char>(octets[0]);
    const auto high = static_cast<unsigned char>(octets[1]);
    return static_cast<std::int16_t>(low | (high << 8U));
}

}  // namespace

Result<std::vector<WaveformSample>, std::string> read_waveform(const std::filesystem::path& path) {
    std::error_code ignored;
    if (std::filesystem::is_directory(path, ignored)) {
        return Error(fmt::format("{}: is a directory; give a recording (.i16)", path.string()));
    }
    std::ifstream file(path, std::ios::binary);
    if (!file) {
        return Error(fmt::format("{}: cannot be opened ({}); check the name", path.string(), std::strerror(errno)));
    }
    const std::vector<char> octets{std::istreambuf_iterator<char>(file), std::istreambuf_iterator<char>()};
    if (file.bad()) return Error(fmt::format("{}: cannot be read", path.string()));
    if (octets.empty()) return Error(fmt::format("{}: is empty; give a recording with samples", path.string()));
    if (octets.size() % kPairOctets != 0) {
        return Error(
            fmt::format("{}: has {} octets, which is no whole number of pairs of 16-bit counts (current, "
                        "voltage; 4 octets a pair); is it cut off?",
                        path.string(), octets.size()));
    }
    std::vector<WaveformSample> samples;
    samples.reserve(octets.size() / kPairOctets);
    for (std::size_t at = 0; at < octets.size(); at += kPairOctets) {
        samples.push_back({little_endian(&octets[at]), little_endian(&octets[at + 2])});
    }
    return samples;
}

}  // namespace ferraris::twin
