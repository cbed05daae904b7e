/// A load from a file of minutes (`ferraris meter --load FILE.csv`). What is taken is a load for every second, before
/// its beginning and behind its end too; what is not names file and line.
#include "twin/load_minutes.hpp"

#include <cstdlib>

#include "memory_file.hpp"

using namespace ferraris;

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    const fuzz::MemoryFile file(data, size);
    auto load = twin::MinutesLoad::open(file.path());
    if (!load) {
        if (!load.error().starts_with(file.path().string() + ":") || load.error().find('\n') != std::string::npos) {
            std::abort();
        }
        return 0;
    }
    const std::int64_t begin = load->begin()->milliseconds;
    const std::int64_t end = load->end()->milliseconds;
    if (end - begin != static_cast<std::int64_t>(load->minutes().size()) * 60'000) std::abort();
    for (const std::int64_t time : {begin - 86'400'000, begin, begin + 1000, end, end + 1000, end + 86'400'000}) {
        // Its energy is in one register at most of each pair.
        const metrology::Measurement second = load->second({time});
        using metrology::Energy;
        if (second.energy[Energy::active_import] != 0 && second.energy[Energy::active_export] != 0) std::abort();
    }
    return 0;
}
