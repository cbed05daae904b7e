#include "meter/store/safe_value.hpp"

#include <gtest/gtest.h>

#include <vector>

#include "meter/memory_flash.hpp"

namespace ferraris::meter {
namespace {

using testing::MemoryFlash;
using testing::Tear;

constexpr std::uint16_t kMagic = 0x1234;
constexpr std::uint32_t kSmallSector = 256;

std::vector<std::uint8_t> value_of(std::size_t size, std::uint8_t octet) {
    return std::vector<std::uint8_t>(size, octet);
}

std::vector<std::uint8_t> stored_in(MemoryFlash& flash, std::uint16_t magic = kMagic) {
    SafeValue value(flash, 1, magic);
    EXPECT_TRUE(value.recover());
    std::vector<std::uint8_t> octets(kSmallSector);
    octets.resize(value.read(octets).value_or(0));
    return octets;
}

TEST(SafeValue, HasNothingAtFirstAndTheNewestAfterwards) {
    MemoryFlash flash(4, kSmallSector);
    SafeValue value(flash, 1, kMagic);
    ASSERT_TRUE(value.recover());
    EXPECT_FALSE(value.written());
    std::vector<std::uint8_t> octets(kSmallSector);
    EXPECT_FALSE(value.read(octets).has_value());
    for (std::uint8_t i = 1; i < 10; ++i) {
        ASSERT_TRUE(value.write(value_of(i * 20U, i)));
        EXPECT_EQ(stored_in(flash), value_of(i * 20U, i));
    }
    EXPECT_FALSE(value.read(ByteSpan(octets).first(179)).has_value()) << "no room for 180 octets";
    EXPECT_EQ(stored_in(flash, kMagic + 1), value_of(0, 0)) << "somebody else's";
}

TEST(SafeValue, FillsASectorAndNoMore) {
    MemoryFlash flash(4, kSmallSector);
    SafeValue value(flash, 1, kMagic);
    ASSERT_TRUE(value.recover());
    const std::size_t most = kSmallSector - SafeValue::kHeaderSize;
    ASSERT_TRUE(value.write(value_of(most, 0x5A)));
    EXPECT_FALSE(value.write(value_of(most + 1, 0xA5)));
    EXPECT_EQ(stored_in(flash), value_of(most, 0x5A));
    ASSERT_TRUE(value.write({}));
    EXPECT_TRUE(stored_in(flash).empty());
    std::vector<std::uint8_t> neighbours(kSmallSector);
    for (const std::uint32_t sector : {0U, 3U}) {
        ASSERT_TRUE(flash.read(sector * kSmallSector, neighbours));
        EXPECT_EQ(neighbours, value_of(kSmallSector, 0xFF)) << "sector " << sector;
    }
}

TEST(SafeValue, IsTheOldOrTheNewOneWhereverPowerGoes) {
    const auto before = value_of(100, 1);
    const auto after = value_of(150, 2);
    // Erase, value, header.
    for (std::uint64_t operation = 0; operation < 3; ++operation) {
        for (const Tear tear : {Tear::before, Tear::inside, Tear::after}) {
            for (std::uint32_t seed = 0; seed < 50; ++seed) {
                MemoryFlash flash(4, kSmallSector);
                SafeValue value(flash, 1, kMagic);
                ASSERT_TRUE(value.recover());
                ASSERT_TRUE(value.write(value_of(30, 9)));
                ASSERT_TRUE(value.write(before));
                flash.cut_at(operation, tear, seed);
                EXPECT_FALSE(value.write(after));
                flash.restore_power();
                const auto found = stored_in(flash);
                // Only what the header's last octet got through can be the new one.
                const bool header = operation == 2 && tear != Tear::before;
                EXPECT_TRUE(found == before || (header && found == after)) << operation;
                EXPECT_TRUE(!header || tear != Tear::after || found == after);
                // And it goes on from there.
                SafeValue again(flash, 1, kMagic);
                ASSERT_TRUE(again.recover());
                ASSERT_TRUE(again.write(after));
                EXPECT_EQ(stored_in(flash), after);
            }
        }
    }
}

}  // namespace
}  // namespace ferraris::meter
