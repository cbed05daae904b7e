#include "twin/wear.hpp"

namespace ferraris::twin {

std::vector<StoreWear> wear_of(const CountedFlash& flash, double days) {
    std::vector<StoreWear> stores;
    for (const meter::FlashStore& store : meter::kFlashStores) {
        StoreWear wear;
        wear.name = store.name;
        wear.sectors = store.region.sector_count;
        std::uint64_t worst = 0;
        for (std::uint32_t i = 0; i < store.region.sector_count; ++i) {
            const CountedFlash::SectorCounts& sector = flash.sectors()[store.region.first_sector + i];
            wear.programs_a_day += static_cast<double>(sector.programs) / days;
            wear.octets_a_day += static_cast<double>(sector.octets) / days;
            wear.erases_a_day += static_cast<double>(sector.erases) / days;
            worst = std::max(worst, sector.erases);
        }
        wear.erases_of_a_sector = wear.erases_a_day * kLife_days / wear.sectors;
        wear.erases_of_the_worst = static_cast<double>(worst) * kLife_days / days;
        stores.push_back(wear);
    }
    return stores;
}

}  // namespace ferraris::twin
