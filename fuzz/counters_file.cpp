/// Files of sending counters (`keys.toml.counters`): from a file that is taken no counter is given twice and what was
/// heard never goes back; one that is not is refused in one line with its name.
#include "cli/counters_file.hpp"

#include <unistd.h>

#include <algorithm>
#include <cstdlib>
#include <fstream>

#include "cli/error.hpp"

using namespace ferraris;

namespace {

/// In memory, where there is such a place: the file is replaced and synced at each step.
const std::filesystem::path& folder() {
    static const std::filesystem::path path = [] {
        const std::filesystem::path shared = "/dev/shm";
        const auto base = std::filesystem::exists(shared) ? shared : std::filesystem::temp_directory_path();
        auto own = base / ("ferraris-fuzz-" + std::to_string(::getpid()));
        std::filesystem::create_directories(own);
        std::atexit([] { std::filesystem::remove_all(folder()); });
        return own;
    }();
    return path;
}

void expect(bool holds) {
    if (!holds) std::abort();
}

void use(cli::CountersFile& counters) {
    constexpr std::uint16_t kClient = 1;
    const std::uint32_t next = counters.next(kClient);
    const std::uint32_t first = counters.reserve(kClient, 7, 10);
    expect(first >= next && first >= 7 && counters.next(kClient) == first + 10);
    counters.give_back(kClient, first + 4, first + 10);
    expect(counters.next(kClient) == first + 4);
    const cli::SystemTitle meter{0x46, 0x52, 0x53, 0, 0, 0, 0, 1};
    const auto heard = counters.heard(kClient);
    const std::uint32_t last = heard.contains(meter) ? heard.at(meter) : 0;
    counters.hear(kClient, meter, 1000);
    expect(counters.heard(kClient).at(meter) == std::max<std::uint32_t>(last, 1000));
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    cli::CountersFile counters(folder() / "keys.toml");
    std::ofstream(counters.path(), std::ios::binary)
        .write(reinterpret_cast<const char*>(data), static_cast<std::streamsize>(size));
    try {
        use(counters);
    } catch (const cli::CliError& error) {
        // Of a client whose counters are used up it is the client that is named.
        expect(!std::string_view(error.what()).empty());
    }
    return 0;
}
