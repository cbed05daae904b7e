/// Recordings (`ferraris measure FILE.i16`, `ferraris meter --load FILE.i16`): what is taken is measured, and goes on
/// for ever as a load; what is not is refused in one line that names the file.
#include "twin/waveform_file.hpp"

#include <cstdlib>

#include "memory_file.hpp"
#include "twin/load_waveform.hpp"

using namespace ferraris;

namespace {

void expect_one_line(const std::string& error) {
    if (error.empty() || error.find('\n') != std::string::npos) std::abort();
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    const fuzz::MemoryFile file(data, size);
    auto samples = twin::read_waveform(file.path());
    const bool whole_pairs = size != 0 && size % 4 == 0;
    if (samples.has_value() != whole_pairs) std::abort();
    if (!samples) {
        if (!samples.error().starts_with(file.path().string() + ":")) std::abort();
        expect_one_line(samples.error());
        return 0;
    }
    if (samples->size() != size / 4) std::abort();
    const twin::WaveformScale scale{6400, 0.0241, 0.0602};
    const auto measured = twin::measure_waveform(*samples, scale);
    if (!measured) expect_one_line(measured.error());
    auto load = twin::WaveformLoad::make(std::move(*samples), scale);
    if (!load) {
        expect_one_line(load.error());
        return 0;
    }
    for (std::int64_t second = 1; second <= 2; ++second) (void)load->second({second * 1000});
    return 0;
}
