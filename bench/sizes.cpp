/// Sizes that are the same at every run, each as its row of docs/performance.md; `tools/figures` compares them.
#include <fmt/format.h>

#include "dlms/client/session.hpp"
#include "dlms/server/session.hpp"
#include "meter/meter.hpp"
#include "meter/store/layout.hpp"
#include "metrology/processor.hpp"

using namespace ferraris;

namespace {

/// Below a million.
std::string with_commas(std::size_t number) {
    return number < 1000 ? fmt::format("{}", number) : fmt::format("{},{:03}", number / 1000, number % 1000);
}

void row(const char* what, const std::string& figure, const char* measured_by) {
    fmt::print("| {} | {} | `{}` |\n", what, figure, measured_by);
}

}  // namespace

int main() {
    constexpr const char* kHere = "bench_sizes";
    row("state of a meter", with_commas(sizeof(meter::Meter)) + " octets", kHere);
    row("RAM of a server session: its state", with_commas(sizeof(dlms::ServerSession)) + " octets", kHere);
    row("the same with buffers for APDUs and long values of 1,024 octets",
        with_commas(sizeof(dlms::ServerSession) + sizeof(dlms::ServerMemoryOf<>)) + " octets", kHere);
    row("RAM of a client session: its state", with_commas(sizeof(dlms::ClientSession)) + " octets", kHere);
    row("the same with 256 octets for requests and 1,024 for answers",
        with_commas(sizeof(dlms::ClientSession) + 256 + 1024) + " octets", kHere);
    row("state of the measuring core", with_commas(sizeof(metrology::Processor)) + " octets", kHere);
    row("flash of a meter", with_commas(meter::kFlashSize / 1024) + " KiB", kHere);
    return 0;
}
