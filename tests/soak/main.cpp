// make soak: simulated days of everything at random, from SEED. Prints what happened; fails with the first invariant
// that did not hold, and says how to see it again.
#include <charconv>
#include <chrono>
#include <cstdio>
#include <cstring>

#include "twin/scenario/soak.hpp"

namespace {

std::uint64_t number_of(const char* text, std::uint64_t otherwise) {
    std::uint64_t number = 0;
    const auto parsed = std::from_chars(text, text + std::strlen(text), number);
    return parsed.ec == std::errc{} ? number : otherwise;
}

}  // namespace

/// soak [SEED [DAYS]]: 90 days unless said otherwise.
int main(int argc, char** argv) {
    using ferraris::twin::scenario::testing::SoakReport;
    const std::uint64_t seed = argc > 1 ? number_of(argv[1], 1) : 1;
    const auto days = static_cast<std::int64_t>(argc > 2 ? number_of(argv[2], 90) : 90);
    const auto began = std::chrono::steady_clock::now();
    const SoakReport report =
        ferraris::twin::scenario::testing::soak(seed, days, [](std::int64_t day, const SoakReport& so_far) {
            if (day % 10 != 0) return;
            std::printf("day %lld: %u faults, %u losses of power, %u events, %u rows\n", static_cast<long long>(day),
                        so_far.faults, so_far.losses_of_power, so_far.events, so_far.rows);
            (void)std::fflush(stdout);
        });
    const std::chrono::duration<double> took = std::chrono::steady_clock::now() - began;
    std::printf(
        "seed %llu: %.2f days, %u faults, %u losses of power, %u visits, %u events, %u rows in %.1f s, %.0f ns a "
        "second\n",
        static_cast<unsigned long long>(seed), static_cast<double>(report.seconds) / 86'400, report.faults,
        report.losses_of_power, report.visits, report.events, report.rows, took.count(),
        took.count() * 1e9 / static_cast<double>(report.seconds));
    if (report.violation.empty()) {
        std::printf("every invariant held\n");
        return 0;
    }
    std::printf("VIOLATION %s\nagain: make soak SEED=%llu\n", report.violation.c_str(),
                static_cast<unsigned long long>(seed));
    return 1;
}
