// make powercut: power is cut at every flash operation of a simulated month. Prints how many points that were; fails
// when anything that was acknowledged is lost at any of them.
#include <charconv>
#include <cstdio>
#include <cstring>
#include <thread>

#include "meter/fixture.hpp"
#include "meter/store/cut_everywhere.hpp"

namespace {

using namespace ferraris::meter::testing;

constexpr std::int64_t kDay = 86'400;

std::size_t number_of(const char* text, std::size_t otherwise) {
    std::size_t number = 0;
    const auto parsed = std::from_chars(text, text + std::strlen(text), number);
    return parsed.ec == std::errc{} && number != 0 ? number : otherwise;
}

}  // namespace

/// powercut [EVERY [DAYS]]: one of EVERY points (1: all) of a month of DAYS (30).
int main(int argc, char** argv) {
    const std::size_t every = argc > 1 ? number_of(argv[1], 1) : 1;
    const auto days = static_cast<std::int64_t>(argc > 2 ? number_of(argv[2], 30) : 30);
    // The end of January lies within any stretch from two days on.
    const Recording recording = record(plus_seconds(utc(2026, 2, 1), -(days + 1) / 2 * kDay), days * kDay);
    const std::size_t parts = std::max(1U, std::thread::hardware_concurrency());
    std::vector<CutReport> reports(parts);
    std::vector<std::thread> threads;
    for (std::size_t part = 0; part < parts; ++part) {
        threads.emplace_back([&, part] { reports[part] = cut_everywhere(recording, {every, part, parts}); });
    }
    for (std::thread& thread : threads) thread.join();
    CutReport total;
    for (const CutReport& report : reports) {
        total.operations += report.operations;
        total.points += report.points;
        total.recoveries += report.recoveries;
        for (const std::string& failure : report.failures) {
            std::printf("%s\n", failure.c_str());
            total.failures.push_back(failure);
        }
    }
    std::printf(
        "%lld days: power cut at %zu points of %zu flash operations, %zu of them again during the recovery; %s\n",
        static_cast<long long>(days), total.points, total.operations, total.recoveries,
        total.failures.empty() ? "nothing lost" : "FAILED");
    return total.failures.empty() ? 0 : 1;
}
