#include "twin/wear.hpp"

#include <gtest/gtest.h>

#include <algorithm>

#include "crypto/openssl.hpp"
#include "twin/flash_memory.hpp"
#include "twin/household.hpp"
#include "twin/simulation.hpp"
#include "twin/test_factory.hpp"

namespace ferraris::twin {
namespace {

TEST(Wear, CountsBySector) {
    FlashMemory memory(meter::kFlashSectors, meter::kSectorSize);
    CountedFlash flash(memory);
    const std::vector<std::uint8_t> octets(100);
    ASSERT_TRUE(flash.program(meter::kSectorSize + 8, octets));
    ASSERT_TRUE(flash.erase(1));
    ASSERT_TRUE(flash.erase(1));
    ASSERT_FALSE(flash.erase(meter::kFlashSectors));
    EXPECT_EQ(flash.sectors()[1].programs, 1U);
    EXPECT_EQ(flash.sectors()[1].octets, 100U);
    EXPECT_EQ(flash.sectors()[1].erases, 2U);
    const StoreWear parameters = wear_of(flash, 2).front();
    EXPECT_EQ(parameters.name, "parameters");
    EXPECT_DOUBLE_EQ(parameters.erases_a_day, 1);
    EXPECT_DOUBLE_EQ(parameters.erases_of_a_sector, kLife_days / 8);
    EXPECT_DOUBLE_EQ(parameters.erases_of_the_worst, kLife_days);
    flash.forget();
    EXPECT_EQ(flash.sectors()[1].erases, 0U);
}

TEST(Wear, DefaultConfigurationLastsForTheLifeOfTheMeter) {
    constexpr int kDays = 8;
    const UtcTime from = UtcTime::from_seconds(1'769'472'000);  // 2026-01-27: over the end of a month
    FlashMemory memory(meter::kFlashSectors, meter::kSectorSize);
    CountedFlash flash(memory);
    const auto crypto = make_openssl_crypto();
    meter::Meter device(flash, *crypto, meter::MeterIdentity::from_serial_number(1), test_factory_settings());
    ASSERT_TRUE(device.start(from));
    flash.forget();
    Household household(1);
    Simulation(device, household, from).run(kDays * 86'400);
    const auto stores = wear_of(flash, kDays);
    for (const StoreWear& store : stores) {
        EXPECT_LT(store.erases_of_the_worst, static_cast<double>(kErasesOfASector)) << store.name;
    }
    const auto journal = std::ranges::find(stores, "register journal", &StoreWear::name);
    ASSERT_NE(journal, stores.end());
    // By calculation (layout.hpp): a record a minute and at each change of tariff.
    EXPECT_GE(journal->programs_a_day, 1440);
    EXPECT_LE(journal->programs_a_day, 1600);
    EXPECT_NEAR(journal->erases_of_a_sector, 16'000, 1600);
}

}  // namespace
}  // namespace ferraris::twin
