/// Flash operations and octets a day by store, and the erases of its sectors over 16.3 years, with the default
/// configuration and the synthetic household: `make wear`. bench_wear [DAYS]; fails when a sector would not last.
#include <fmt/format.h>

#include <cstdlib>

#include "crypto/openssl.hpp"
#include "twin/flash_memory.hpp"
#include "twin/household.hpp"
#include "twin/simulation.hpp"
#include "twin/test_factory.hpp"
#include "twin/wear.hpp"

int main(int argc, char** argv) {
    using namespace ferraris;
    const int days = argc > 1 && std::atoi(argv[1]) > 0 ? std::atoi(argv[1]) : 365;
    const UtcTime from = UtcTime::from_seconds(1'767'225'600);  // 2026-01-01
    twin::FlashMemory memory(meter::kFlashSectors, meter::kSectorSize);
    twin::CountedFlash flash(memory);
    const auto crypto = make_openssl_crypto();
    meter::Meter device(flash, *crypto, meter::MeterIdentity::from_serial_number(1), twin::test_factory_settings());
    if (!device.start(from)) return 1;
    flash.forget();
    twin::Household household(1);
    twin::Simulation(device, household, from).run(std::int64_t{days} * 86'400);

    fmt::print("{} days, default configuration; a sector bears {} erases\n\n", days, twin::kErasesOfASector);
    fmt::print("{:<18}{:>8}{:>14}{:>12}{:>12}{:>22}{:>10}\n", "store", "sectors", "programs/day", "octets/day",
               "erases/day", "16.3 years: a sector", "worst");
    twin::StoreWear total;
    bool lasts = true;
    for (const twin::StoreWear& store : twin::wear_of(flash, days)) {
        fmt::print("{:<18}{:>8}{:>14.1f}{:>12.0f}{:>12.3f}{:>22.0f}{:>10.0f}\n", store.name, store.sectors,
                   store.programs_a_day, store.octets_a_day, store.erases_a_day, store.erases_of_a_sector,
                   store.erases_of_the_worst);
        total.programs_a_day += store.programs_a_day;
        total.octets_a_day += store.octets_a_day;
        total.erases_a_day += store.erases_a_day;
        lasts = lasts && store.erases_of_the_worst < static_cast<double>(twin::kErasesOfASector);
    }
    fmt::print("{:<18}{:>8}{:>14.1f}{:>12.0f}{:>12.3f}\n\n{}\n", "all", meter::kFlashSectors, total.programs_a_day,
               total.octets_a_day, total.erases_a_day, lasts ? "The flash lasts." : "The flash does NOT last.");
    return lasts ? 0 : 1;
}
