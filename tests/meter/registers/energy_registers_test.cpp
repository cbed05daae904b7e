#include "meter/registers/energy_registers.hpp"

#include <gtest/gtest.h>
#include <rapidcheck.h>

#include <numeric>
#include <vector>

namespace ferraris::meter {
namespace {

using metrology::Energy;
using metrology::EnergyIncrements;

TEST(EnergyRegisters, TotalIsTheSumOfTheTariffsAndNothingIsDropped) {
    EXPECT_TRUE(rc::check([](const std::vector<std::uint32_t>& microjoules) {
        EnergyRegisters registers;
        std::uint64_t fed = 0;
        std::size_t i = 0;
        for (const std::uint32_t amount : microjoules) {
            EnergyIncrements increments;
            increments[Energy::reactive_q3] = std::uint64_t{amount} * 7919;
            registers.add(increments, static_cast<Rate>(1 + i++ % kRateCount));
            fed += increments[Energy::reactive_q3];
            std::uint64_t sum = 0;
            for (Rate rate = 1; rate <= kRateCount; ++rate) {
                sum += registers.milliwatthours(mask_of(Energy::reactive_q3), rate);
            }
            RC_ASSERT(sum == registers.milliwatthours(mask_of(Energy::reactive_q3), 0));
            RC_ASSERT(sum == fed / kMicrojoulesPerMilliwatthour);
        }
        RC_ASSERT(registers.milliwatthours(mask_of(Energy::active_import), 0) == 0U);
    }));
}

TEST(EnergyRegisters, DeriveWhatFollowsFromOthers) {
    EnergyRegisters registers;
    EnergyIncrements increments;
    for (std::size_t i = 0; i < metrology::kEnergyCount; ++i) {
        increments.microjoules[i] = (std::uint64_t{1} << i) * kMicrojoulesPerMilliwatthour;
    }
    registers.add(increments, 4);
    const auto sum = [&](EnergyMask mask) { return registers.milliwatthours(mask, 4); };
    EXPECT_EQ(sum(static_cast<EnergyMask>(mask_of(Energy::active_import) | mask_of(Energy::active_export))), 3U);
    EXPECT_EQ(sum(static_cast<EnergyMask>(mask_of(Energy::reactive_q1) | mask_of(Energy::reactive_q2))), 12U);
    EXPECT_EQ(sum(static_cast<EnergyMask>(mask_of(Energy::reactive_q3) | mask_of(Energy::reactive_q4))), 48U);
    EXPECT_EQ(registers.milliwatthours(mask_of(Energy::active_import), 3), 0U);
}

TEST(EnergyRegisters, RollOverAt99999999Kilowatthours) {
    EnergyRegisters registers;
    RateCounts counts{};
    counts[0] = kRollOverMilliwatthours - 1;
    registers.restore(2, counts, 0);
    EXPECT_EQ(registers.milliwatthours(mask_of(Energy::active_import), 0) / 1'000'000, 99'999'999U);
    EnergyIncrements increments;
    increments[Energy::active_import] = 3 * std::uint64_t{kMicrojoulesPerMilliwatthour};
    registers.add(increments, 2);
    EXPECT_EQ(registers.milliwatthours(mask_of(Energy::active_import), 2), 2U);
    counts[0] = kRollOverMilliwatthours - 1;
    registers.restore(3, counts, 0);
    EXPECT_EQ(registers.milliwatthours(mask_of(Energy::active_import), 0), 1U) << "the total rolls over too";
}

TEST(EnergyRegisters, TariffsAreTheTotalThroughTheRollOver) {
    EXPECT_TRUE(rc::check([](const std::vector<std::uint32_t>& microjoules) {
        EnergyRegisters registers;
        std::uint64_t before = 0;
        for (Rate rate = 1; rate <= kRateCount; ++rate) {
            // Each tariff stands shortly before its roll-over, and so the total is at one, too.
            RateCounts counts{};
            counts[0] = kRollOverMilliwatthours - *rc::gen::inRange<std::uint64_t>(1, 4);
            registers.restore(rate, counts, 0);
            before += counts[0];
        }
        std::uint64_t fed = 0;
        std::size_t i = 0;
        for (const std::uint32_t amount : microjoules) {
            EnergyIncrements increments;
            increments[Energy::active_import] = amount;
            registers.add(increments, static_cast<Rate>(1 + i++ % kRateCount));
            fed += amount;
            std::uint64_t sum = 0;
            for (Rate rate = 1; rate <= kRateCount; ++rate) {
                const std::uint64_t count = registers.milliwatthours(mask_of(Energy::active_import), rate);
                RC_ASSERT(count < kRollOverMilliwatthours);
                sum += count;
            }
            const std::uint64_t total = registers.milliwatthours(mask_of(Energy::active_import), 0);
            RC_ASSERT(total == sum % kRollOverMilliwatthours);
            RC_ASSERT(total == (before + fed / kMicrojoulesPerMilliwatthour) % kRollOverMilliwatthours);
        }
    }));
}

}  // namespace
}  // namespace ferraris::meter
