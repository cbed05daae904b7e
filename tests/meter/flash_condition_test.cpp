#include "meter/flash_condition.hpp"

#include "meter/fixture.hpp"
#include "meter/store/layout.hpp"

namespace ferraris::meter {
namespace {

using testing::Bench;
using testing::MemoryFlash;

/// Programs zeros, as a fault would: whatever stood there fails its check.
void spoil(MemoryFlash& flash, std::uint32_t sector, std::uint32_t offset, std::size_t count) {
    ASSERT_TRUE(flash.program(sector * kSectorSize + offset, std::vector<std::uint8_t>(count, 0)));
}

TEST(FlashCondition, NewFlashIsFresh) {
    MemoryFlash flash;
    EXPECT_TRUE(examine(flash).is_fresh());
}

TEST(FlashCondition, OrderlyFlashHasNoDamageAndIsOnlyLookedAt) {
    Bench bench;
    bench.run(7200, 1000);
    const std::uint64_t operations = bench.flash.operations();
    const FlashCondition condition = examine(bench.flash);
    EXPECT_FALSE(condition.is_fresh());
    EXPECT_FALSE(condition.is_damaged());
    EXPECT_GE(condition.registers.records, 120U) << "one a minute";
    EXPECT_EQ(condition.profiles.records, 8U + 12U + 1U) << "quarter-hours, ten minutes, and that power came";
    EXPECT_EQ(bench.flash.operations(), operations);
}

TEST(FlashCondition, CountsWhatIsPassedOver) {
    Bench bench;
    bench.run(7200, 1000);
    const FlashCondition before = examine(bench.flash);
    // One record of the journal; of the load profile the stamp of the first row.
    spoil(bench.flash, kRegisterJournalRegion.first_sector, 1000, 1);
    spoil(bench.flash, kLoadProfileRegion.first_sector + ProfileSetupStore::kSectors, 16, 4);
    const FlashCondition after = examine(bench.flash);
    EXPECT_EQ(after.registers, (StoreCondition{before.registers.records - 1, 1}));
    EXPECT_EQ(after.profiles, (StoreCondition{before.profiles.records - 1, 1}));
    EXPECT_EQ(after.parameters, before.parameters);
    bench.power_up();
    EXPECT_GE(bench.watthours(1), 1980U) << "the newest record has it all";
}

/// The meter must start, and cannot but start at zero: who powers it up is told.
TEST(FlashCondition, LostRegistersAreNoFreshFlash) {
    Bench bench;
    bench.run(7200, 1000);
    for (std::uint32_t i = 0; i < kRegisterJournalRegion.sector_count; ++i) {
        spoil(bench.flash, kRegisterJournalRegion.first_sector + i, 0, kSectorSize);
    }
    const FlashCondition condition = examine(bench.flash);
    EXPECT_FALSE(condition.is_fresh());
    EXPECT_EQ(condition.registers, (StoreCondition{0, kRegisterJournalRegion.sector_count}));
    bench.power_up();
    EXPECT_EQ(bench.watthours(1), 0U);
}

TEST(FlashCondition, LostParametersAreDamage) {
    Bench bench;
    bench.run(60, 1000);
    for (const std::uint32_t bank : {0U, kParameterRegion.sector_count / 2}) {
        spoil(bench.flash, kParameterRegion.first_sector + bank, 0, 12);
    }
    const FlashCondition condition = examine(bench.flash);
    EXPECT_EQ(condition.parameters.records, 0U);
    EXPECT_EQ(condition.parameters.damaged, 2U);
}

/// Whatever the heads of sectors say.
TEST(FlashCondition, AnyOctetsAreSafe) {
    std::mt19937 random(1);
    for (int round = 0; round < 20; ++round) {
        MemoryFlash flash;
        for (std::uint32_t address = 0; address < flash.size(); address += kSectorSize) {
            std::vector<std::uint8_t> sector(64 + random() % 512);
            for (std::uint8_t& octet : sector) octet = static_cast<std::uint8_t>(random());
            ASSERT_TRUE(flash.program(address, sector));
        }
        EXPECT_TRUE(examine(flash).is_damaged());
        EXPECT_EQ(examine(flash).registers.records, 0U);
    }
}

}  // namespace
}  // namespace ferraris::meter
