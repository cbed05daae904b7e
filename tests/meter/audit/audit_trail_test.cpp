// The audit trail: written once, chained, and what it says is what holds.
#include "meter/audit/audit_trail.hpp"

#include <gtest/gtest.h>

#include "meter/fixture.hpp"
#include "meter/push/bench.hpp"

namespace ferraris::meter {
namespace {

using dlms::DataAccessResult;
using dlms::obis;
using testing::Bench;
using testing::MemoryFlash;

constexpr dlms::AttributeDescriptor kPulses{3, obis(1, 0, 0, 3, 0), 2};
constexpr FlashRegion kRegion{0, 2};
constexpr FlashRegion kParameters{2, 2};

class AuditTrailTest : public ::testing::Test {
protected:
    AuditTrail trail() {
        AuditTrail found(flash_, *crypto_, kRegion);
        store_.emplace(flash_, kParameters);
        EXPECT_TRUE(store_->recover());
        EXPECT_TRUE(found.recover(*store_));
        return found;
    }
    static SealedChange change(std::uint64_t before, std::uint64_t after) { return {1000, 1, kPulses, before, after}; }
    void flip(std::uint32_t address) {
        std::array<std::uint8_t, 1> octet{};
        ASSERT_TRUE(flash_.read(address, octet));
        // Flash only loses bits: whoever alters it can do that without a trace but the chain.
        octet[0] = static_cast<std::uint8_t>(octet[0] & (octet[0] - 1U));
        ASSERT_TRUE(flash_.program(address, octet));
    }

    MemoryFlash flash_{kRegion.sector_count + kParameters.sector_count};
    std::optional<ParameterStore> store_{};
    std::unique_ptr<Crypto> crypto_ = make_openssl_crypto();
};

TEST_F(AuditTrailTest, ANewMeterHasAnEmptyOne) {
    const AuditTrail empty = trail();
    EXPECT_TRUE(empty.is_intact());
    EXPECT_EQ(empty.count(), 0U);
    EXPECT_EQ(empty.free(), 8192U / 68U);
    EXPECT_EQ(empty.last_value(kPulses), std::nullopt);
}

TEST_F(AuditTrailTest, EntriesSurviveAndChain) {
    AuditTrail first = trail();
    ASSERT_TRUE(first.append(*store_, change(1000, 10'000)));
    ASSERT_TRUE(first.append(*store_, change(10'000, 1000)));
    const AuditTrail second = trail();
    EXPECT_TRUE(second.is_intact());
    ASSERT_EQ(second.count(), 2U);
    EXPECT_EQ(second.last_value(kPulses), 1000U);
    // SHA-256 over the 32 octets of the first entry and 32 zeros.
    std::array<std::uint8_t, 32> entry{};
    ASSERT_TRUE(flash_.read(0, entry));
    AuditTrail::Chain expected{};
    const AuditTrail::Chain zeros{};
    const std::array<ByteView, 2> pieces{entry, zeros};
    ASSERT_TRUE(crypto_->hash(Digest::sha256, pieces, expected));
    EXPECT_EQ(second.read(0)->chain, expected);
    EXPECT_NE(second.read(1)->chain, expected);
}

TEST_F(AuditTrailTest, WhoeverAltersAnEntryBreaksIt) {
    AuditTrail before = trail();
    ASSERT_TRUE(before.append(*store_, change(1000, 10'000)));
    ASSERT_TRUE(before.append(*store_, change(10'000, 1000)));
    flip(7);  // the time of the first entry: its check sum is wrong now, so it counts as torn, and the second tells
    AuditTrail after = trail();
    EXPECT_FALSE(after.is_intact());
    EXPECT_FALSE(after.append(*store_, change(1000, 10'000)));
}

TEST_F(AuditTrailTest, WhoeverErasesASectorBreaksIt) {
    AuditTrail before = trail();
    for (int i = 0; i < 100; ++i) ASSERT_TRUE(before.append(*store_, change(1000, 10'000)));
    ASSERT_TRUE(flash_.erase(0));
    EXPECT_FALSE(trail().is_intact());
}

TEST_F(AuditTrailTest, WhoeverErasesTheEndBreaksIt) {
    AuditTrail before = trail();
    for (int i = 0; i < 100; ++i) ASSERT_TRUE(before.append(*store_, change(1000, 10'000)));
    ASSERT_TRUE(flash_.erase(1));
    AuditTrail after = trail();
    EXPECT_FALSE(after.is_intact()) << "the chain of what is left is whole, but not all of it";
    EXPECT_FALSE(after.append(*store_, change(10'000, 1000)));
}

TEST_F(AuditTrailTest, AHeadThatPowerCutOffIsCaughtUpWith) {
    AuditTrail before = trail();
    ASSERT_TRUE(before.append(*store_, change(1000, 10'000)));
    flash_.cut_at(1, testing::Tear::inside, 7);  // behind the entry
    EXPECT_TRUE(before.append(*store_, change(10'000, 1000)));
    flash_.restore_power();
    AuditTrail after = trail();
    EXPECT_TRUE(after.is_intact());
    EXPECT_EQ(after.count(), 2U);
    ASSERT_TRUE(after.append(*store_, change(1000, 10'000)));
    EXPECT_TRUE(trail().is_intact());
}

TEST_F(AuditTrailTest, WhenItIsFullNothingCanBeAdded) {
    AuditTrail full = trail();
    const std::uint32_t places = full.free();
    for (std::uint32_t i = 0; i < places; ++i) ASSERT_TRUE(full.append(*store_, change(i, i + 1)));
    EXPECT_FALSE(full.append(*store_, change(0, 0)));
    EXPECT_EQ(full.last_value(kPulses), places) << "and nothing is overwritten";
    EXPECT_TRUE(trail().is_intact());
    EXPECT_EQ(trail().free(), 0U);
}

TEST_F(AuditTrailTest, AnEntryThatPowerCutsShortIsNone) {
    for (const testing::Tear tear : {testing::Tear::before, testing::Tear::inside, testing::Tear::after}) {
        flash_ = MemoryFlash(kRegion.sector_count + kParameters.sector_count);
        AuditTrail before = trail();
        ASSERT_TRUE(before.append(*store_, change(1000, 10'000)));
        flash_.cut_at(0, tear, 7);
        const bool told = before.append(*store_, change(10'000, 1000));
        flash_.restore_power();
        AuditTrail after = trail();
        EXPECT_TRUE(after.is_intact());
        if (told) {
            EXPECT_EQ(after.count(), 2U);
        }
        ASSERT_TRUE(after.append(*store_, change(10'000, 1000)));
        EXPECT_TRUE(trail().is_intact());
        EXPECT_EQ(trail().last_value(kPulses), 1000U);
    }
}

DataAccessResult set_pulses(Bench& bench, std::uint16_t sap, std::uint32_t constant) {
    return bench.write(sap, kPulses,
                       testing::encoded([&](dlms::DataWriter& data) { data.double_long_unsigned(constant); }));
}

TEST(SealedParameters, ThePulseConstantChangesThroughTheTrail) {
    Bench bench;
    EXPECT_EQ(set_pulses(bench, kTechnicianSap, 10'000), DataAccessResult::read_write_denied);
    EXPECT_EQ(set_pulses(bench, kUtilitySap, 5'000), DataAccessResult::other_reason);
    ASSERT_EQ(set_pulses(bench, kUtilitySap, 10'000), DataAccessResult::success);
    ASSERT_EQ(set_pulses(bench, kUtilitySap, 10'000), DataAccessResult::success) << "which is no change";
    bench.power_up();
    EXPECT_EQ(bench.read(kReaderSap, kPulses), *from_hex("0600002710"));
    const auto value = bench.read(kReaderSap, {1, obis(0, 0, 96, 128, 0), 2});
    dlms::DataReader in(value);
    ASSERT_EQ(in.array(), 1U);
    ASSERT_EQ(in.structure(), 8U);
    EXPECT_EQ(in.double_long_unsigned(), 1U);
    EXPECT_EQ(in.octet_string().size(), 12U);
    EXPECT_EQ(in.unsigned_(), kUtilitySap);
    EXPECT_EQ(to_hex(in.octet_string()), "0100000300FF");
    EXPECT_EQ(in.integer(), 2);
    EXPECT_EQ(in.long64_unsigned(), 1000U);
    EXPECT_EQ(in.long64_unsigned(), 10'000U);
    EXPECT_EQ(in.octet_string().size(), 32U);
    EXPECT_TRUE(in.finished());
}

TEST(SealedParameters, WhenTheTrailIsFullTheyCanNoLongerChange) {
    Bench bench;
    const std::uint32_t places = bench.meter->instrument().audit_trail.free();
    for (std::uint32_t i = 0; i < places; ++i) {
        ASSERT_EQ(set_pulses(bench, kUtilitySap, i % 2 == 0 ? 10'000 : 1000), DataAccessResult::success);
    }
    const auto before = bench.read(kReaderSap, kPulses);
    EXPECT_EQ(set_pulses(bench, kUtilitySap, places % 2 == 0 ? 10'000 : 1000), DataAccessResult::read_write_denied);
    EXPECT_EQ(bench.read(kReaderSap, kPulses), before);
    EXPECT_EQ(bench.read(kReaderSap, {1, obis(0, 0, 96, 128, 1), 2}), *from_hex("0600000000"));
}

TEST(SealedParameters, ABrokenTrailIsAnError) {
    Bench bench;
    ASSERT_EQ(set_pulses(bench, kUtilitySap, 10'000), DataAccessResult::success);
    // A zero where an entry was: bits can be cleared by whoever opens the meter.
    ASSERT_TRUE(bench.flash.program(kAuditRegion.first_sector * kSectorSize + 68, testing::octets("00")));
    ASSERT_TRUE(bench.flash.program(kAuditRegion.first_sector * kSectorSize + 3 * 68, testing::octets("00")));
    bench.power_up();
    EXPECT_FALSE(bench.meter->instrument().audit_trail.is_intact());
    EXPECT_EQ(set_pulses(bench, kUtilitySap, 1000), DataAccessResult::read_write_denied);
    EXPECT_EQ(bench.read(kReaderSap, {1, obis(0, 0, 97, 97, 0), 2}), *from_hex("0600000400"));
}

}  // namespace
}  // namespace ferraris::meter
