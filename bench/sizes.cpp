/// Sizes that are the same at every run: as rows of docs/performance.md, which `tools/figures` compares, or with
/// --json.
#include <fmt/format.h>

#include <array>
#include <string_view>

#include "dlms/client/session.hpp"
#include "dlms/server/session.hpp"
#include "meter/meter.hpp"
#include "meter/store/layout.hpp"
#include "metrology/processor.hpp"

using namespace ferraris;

namespace {

struct Size {
    const char* key;  ///< in JSON
    const char* what;
    std::size_t octets;
    bool kibibytes;  ///< how the page says it
};

constexpr std::size_t kServer = sizeof(dlms::ServerSession);
constexpr std::size_t kClient = sizeof(dlms::ClientSession);
constexpr std::array<Size, 7> kSizes{{
    {"meter_octets", "state of a meter", sizeof(meter::Meter), false},
    {"server_session_octets", "RAM of a server session: its state", kServer, false},
    {"server_session_with_buffers_octets", "the same with buffers for APDUs and long values of 1,024 octets",
     kServer + sizeof(dlms::ServerMemoryOf<>), false},
    {"client_session_octets", "RAM of a client session: its state", kClient, false},
    {"client_session_with_buffers_octets", "the same with 256 octets for requests and 1,024 for answers",
     kClient + 256 + 1024, false},
    {"measuring_core_octets", "state of the measuring core", sizeof(metrology::Processor), false},
    {"flash_octets", "flash of a meter", meter::kFlashSize, true},
}};

/// Below a million.
std::string with_commas(std::size_t number) {
    return number < 1000 ? fmt::format("{}", number) : fmt::format("{},{:03}", number / 1000, number % 1000);
}

void print_row(const Size& size) {
    const std::string figure =
        size.kibibytes ? with_commas(size.octets / 1024) + " KiB" : with_commas(size.octets) + " octets";
    fmt::print("| {} | {} | `bench_sizes` |\n", size.what, figure);
}

void print_json() {
    const char* separator = "{";
    for (const Size& size : kSizes) {
        fmt::print("{}\n  \"{}\": {}", separator, size.key, size.octets);
        separator = ",";
    }
    fmt::print("\n}}\n");
}

}  // namespace

int main(int argc, char** argv) {
    if (argc > 1 && std::string_view(argv[1]) == "--json") {
        print_json();
    } else {
        for (const Size& size : kSizes) print_row(size);
    }
    return 0;
}
