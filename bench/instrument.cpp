/// The instrument in figures: ninety days of one home, what they do to the flash, and a start with them behind it.
///
///     bench_instrument [--json]
#include <fmt/format.h>

#include <chrono>
#include <string_view>

#include "crypto/openssl.hpp"
#include "twin/counted_flash.hpp"
#include "twin/flash_memory.hpp"
#include "twin/household.hpp"
#include "twin/simulation.hpp"
#include "twin/test_factory.hpp"

namespace {

using namespace ferraris;

constexpr int kDays = 90;
constexpr std::int64_t kSecondsPerDay = 86'400;
constexpr int kStarts = 100;

template <class Work>
double seconds_of(Work&& work) {
    const auto begin = std::chrono::steady_clock::now();
    work();
    return std::chrono::duration<double>(std::chrono::steady_clock::now() - begin).count();
}

struct Figures {
    double household_seconds{0};   ///< the load and the meter
    double load_seconds{0};        ///< the load alone
    double start_milliseconds{0};  ///< with it all in flash
    std::uint64_t programs{0};
    std::uint64_t erases{0};
    std::uint64_t octets{0};
};

bool measure(Figures& figures) {
    const UtcTime from = UtcTime::from_seconds(1'767'225'600);  // 2026-01-01
    const auto crypto = make_openssl_crypto();
    const auto identity = meter::MeterIdentity::from_serial_number(1);
    const auto factory = twin::test_factory_settings();
    twin::FlashMemory memory(meter::kFlashSectors, meter::kSectorSize);
    twin::CountedFlash flash(memory);
    {
        meter::Meter device(flash, *crypto, identity, factory);
        if (!device.start(from)) return false;
        flash.forget();
        twin::Household home(1);
        twin::Simulation simulation(device, home, from);
        figures.household_seconds = seconds_of([&] { simulation.run(kDays * kSecondsPerDay); });
        if (!device.power_fail(simulation.now())) return false;
    }
    for (const auto& sector : flash.sectors()) {
        figures.programs += sector.programs;
        figures.erases += sector.erases;
        figures.octets += sector.octets;
    }
    twin::Household alone(1);
    std::uint64_t energy = 0;
    figures.load_seconds = seconds_of([&] {
        for (std::int64_t second = 1; second <= kDays * kSecondsPerDay; ++second) {
            energy += alone.second({from.milliseconds + second * 1000}).energy[metrology::Energy::active_import];
        }
    });
    bool started = energy != 0;
    UtcTime now{from.milliseconds + kDays * kSecondsPerDay * 1000};
    figures.start_milliseconds = 1000.0 / kStarts * seconds_of([&] {
                                     for (int i = 0; i < kStarts; ++i) {
                                         now.milliseconds += 60'000;
                                         meter::Meter device(flash, *crypto, identity, factory);
                                         started = device.start(now) && started;
                                     }
                                 });
    return started;
}

}  // namespace

int main(int argc, char** argv) {
    Figures figures;
    if (!measure(figures)) return 1;
    const double seconds = kDays * static_cast<double>(kSecondsPerDay);
    const double meter_nanoseconds = (figures.household_seconds - figures.load_seconds) / seconds * 1e9;
    const std::uint64_t operations = (figures.programs + figures.erases) / kDays;
    if (argc > 1 && std::string_view(argv[1]) == "--json") {
        fmt::print(
            "{{\"ninety_days_of_a_home_s\": {:.2f}, \"simulated_second_ns\": {:.0f}, \"of_which_the_meter_ns\": "
            "{:.0f}, "
            "\"flash_operations_a_day\": {}, \"flash_octets_a_day\": {}, \"start_with_ninety_days_ms\": {:.2f}}}\n",
            figures.household_seconds, figures.household_seconds / seconds * 1e9, meter_nanoseconds, operations,
            figures.octets / kDays, figures.start_milliseconds);
    } else {
        fmt::print("ninety days of one home         {:.2f} s\n", figures.household_seconds);
        fmt::print("a simulated second, with load   {:.0f} ns\n", figures.household_seconds / seconds * 1e9);
        fmt::print("of which the meter              {:.0f} ns\n", meter_nanoseconds);
        fmt::print("flash operations a day          {}\n", operations);
        fmt::print("octets into flash a day         {}\n", figures.octets / kDays);
        fmt::print("start with these 90 days        {:.2f} ms\n", figures.start_milliseconds);
    }
    return 0;
}
