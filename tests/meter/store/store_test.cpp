// Ring and parameter store against models, with power cut at random operations.
#include <gtest/gtest.h>
#include <rapidcheck.h>

#include <array>
#include <deque>
#include <map>

#include "meter/memory_flash.hpp"
#include "meter/store/parameter_store.hpp"
#include "meter/store/record_ring.hpp"

namespace ferraris::meter {
namespace {

using testing::MemoryFlash;
using testing::Tear;

constexpr std::uint32_t kSector = 256;

std::vector<std::uint8_t> record(std::uint32_t number) {
    std::vector<std::uint8_t> octets(21);
    ByteWriter out(octets);
    for (int i = 0; i < 5; ++i) out.u32(number * 2654435761U + static_cast<std::uint32_t>(i));
    return octets;
}

TEST(RecordRing, KeepsTheNewestAndItsOrder) {
    MemoryFlash flash(8, kSector);
    RecordRing ring(flash, {2, 4}, 21, 0x1234);
    ASSERT_TRUE(ring.recover());
    EXPECT_EQ(ring.records_per_sector(), 9U);
    for (std::uint32_t i = 0; i < 1000; ++i) ASSERT_TRUE(ring.append(record(i)));
    RecordRing again(flash, {2, 4}, 21, 0x1234);
    ASSERT_TRUE(again.recover());
    EXPECT_EQ(again.next(), 1000U);
    EXPECT_GE(again.next() - again.oldest(), again.capacity());
    std::vector<std::uint8_t> found(21);
    for (std::uint32_t i = again.oldest(); i < 1000; ++i) {
        ASSERT_TRUE(again.read(i, found)) << i;
        EXPECT_EQ(found, record(i));
    }
    EXPECT_FALSE(again.read(again.oldest() - 1, found));
    EXPECT_FALSE(again.read(1000, found));
    std::vector<std::uint8_t> neighbour(kSector);
    ASSERT_TRUE(flash.read(6 * kSector, neighbour));
    EXPECT_EQ(neighbour, std::vector<std::uint8_t>(kSector, 0xFF)) << "it stays within its sectors";
}

TEST(RecordRing, ForgetsOnClearAndOnAnotherRecordSize) {
    MemoryFlash flash(8, kSector);
    RecordRing ring(flash, {0, 4}, 21, 1);
    ASSERT_TRUE(ring.recover());
    for (std::uint32_t i = 0; i < 30; ++i) ASSERT_TRUE(ring.append(record(i)));
    const std::uint32_t next = ring.next();
    ASSERT_TRUE(ring.clear());
    EXPECT_EQ(ring.oldest(), ring.next());
    EXPECT_GE(ring.next(), next) << "numbers go on";
    ASSERT_TRUE(ring.append(record(77)));
    RecordRing again(flash, {0, 4}, 21, 1);
    ASSERT_TRUE(again.recover());
    EXPECT_EQ(again.next() - again.oldest(), 1U);
    RecordRing other(flash, {0, 4}, 40, 1);
    ASSERT_TRUE(other.recover());
    EXPECT_EQ(other.next(), other.oldest());
    RecordRing back(flash, {0, 4}, 21, 1);
    ASSERT_TRUE(back.recover());
    EXPECT_EQ(back.next(), back.oldest()) << "old rows do not come back";
}

TEST(RecordRing, LosesNothingAcknowledgedInAnyCut) {
    EXPECT_TRUE(rc::check([] {
        MemoryFlash flash(4, kSector);
        std::map<std::uint32_t, std::uint32_t> acknowledged;  // number by sequence
        std::uint32_t number = 0;
        for (int cuts = 0; cuts < 20; ++cuts) {
            RecordRing ring(flash, {0, 4}, 21, 1);
            RC_ASSERT(ring.recover());
            std::vector<std::uint8_t> found(21);
            std::uint32_t present = 0;
            for (const auto& [sequence, value] : acknowledged) {
                if (sequence < ring.oldest()) continue;
                RC_ASSERT(ring.read(sequence, found));
                RC_ASSERT(found == record(value));
                ++present;
            }
            if (!acknowledged.empty()) {
                RC_ASSERT(ring.next() > acknowledged.rbegin()->first);
                RC_ASSERT(ring.oldest() + 4 * ring.records_per_sector() >= ring.next());
                RC_ASSERT(present > 0U);
            }
            flash.cut_at(*rc::gen::inRange<std::uint64_t>(0, 25),
                         *rc::gen::element(Tear::before, Tear::inside, Tear::after),
                         *rc::gen::arbitrary<std::uint32_t>());
            while (!flash.powerless()) {
                const std::uint32_t sequence = ring.next();
                if (ring.append(record(++number))) acknowledged[sequence] = number;
            }
            flash.restore_power();
        }
    }));
}

TEST(ParameterStore, LosesNothingAcknowledgedInAnyCutAndInAnyCompaction) {
    EXPECT_TRUE(rc::check([] {
        MemoryFlash flash(4, kSector);
        std::map<std::uint16_t, std::vector<std::uint8_t>> acknowledged;
        for (int cuts = 0; cuts < 20; ++cuts) {
            // A cut may meet the recovery too.
            flash.cut_at(*rc::gen::inRange<std::uint64_t>(0, 12),
                         *rc::gen::element(Tear::before, Tear::inside, Tear::after),
                         *rc::gen::arbitrary<std::uint32_t>());
            ParameterStore first(flash, {0, 4});
            (void)first.recover();
            flash.restore_power();
            ParameterStore store(flash, {0, 4});
            RC_ASSERT(store.recover());
            for (const auto& [key, value] : acknowledged) {
                std::vector<std::uint8_t> found(64);
                const auto size = store.read(key, found);
                RC_ASSERT(size.has_value());
                found.resize(*size);
                RC_ASSERT(found == value);
            }
            flash.cut_at(*rc::gen::inRange<std::uint64_t>(0, 40),
                         *rc::gen::element(Tear::before, Tear::inside, Tear::after),
                         *rc::gen::arbitrary<std::uint32_t>());
            while (!flash.powerless()) {
                const auto key = *rc::gen::inRange<std::uint16_t>(1, 9);
                std::vector<std::uint8_t> value(*rc::gen::inRange<std::size_t>(0, 30),
                                                *rc::gen::arbitrary<std::uint8_t>());
                if (store.write(key, value)) {
                    acknowledged[key] = value;
                } else {
                    // It may have got through or not: both are right.
                    flash.restore_power();
                    ParameterStore again(flash, {0, 4});
                    RC_ASSERT(again.recover());
                    std::vector<std::uint8_t> found(64);
                    const auto size = again.read(key, found);
                    found.resize(size.value_or(0));
                    if (acknowledged.contains(key)) RC_ASSERT(found == value || found == acknowledged[key]);
                    if (size) acknowledged[key] = found;
                    break;
                }
            }
            flash.restore_power();
        }
    }));
}

TEST(ParameterStore, SaysWhenThereIsNoRoom) {
    MemoryFlash flash(2, kSector);
    ParameterStore store(flash, {0, 2});
    ASSERT_TRUE(store.recover());
    const std::vector<std::uint8_t> value(100, 0x42);
    EXPECT_TRUE(store.write(1, value));
    EXPECT_TRUE(store.write(2, value));
    EXPECT_FALSE(store.write(3, value));
    std::vector<std::uint8_t> found(100);
    EXPECT_EQ(store.read(1, found), 100U);
    EXPECT_EQ(store.read(2, found), 100U);
    EXPECT_EQ(store.read(3, found), std::nullopt);
    EXPECT_EQ(store.read(1, ByteSpan(found).first(50)), std::nullopt);
    EXPECT_FALSE(store.write(4, std::vector<std::uint8_t>(ParameterStore::kMaxValue + 1)));
    EXPECT_TRUE(store.write(1, ByteView(value).first(10)));
    EXPECT_EQ(store.read(1, found), 10U);
}

TEST(ParameterStore, TakesAsManyKeysAsItSays) {
    MemoryFlash flash(32, kSector);
    ParameterStore store(flash, {0, 32});
    ASSERT_TRUE(store.recover());
    const std::array<std::uint8_t, 1> old_value{1};
    const std::array<std::uint8_t, 1> value{2};
    for (std::uint16_t key = 0; key < ParameterStore::kMaxKeys; ++key) ASSERT_TRUE(store.write(key, old_value)) << key;
    EXPECT_FALSE(store.write(ParameterStore::kMaxKeys, value));
    EXPECT_TRUE(store.write(7, value)) << "one that it knows";
    ParameterStore again(flash, {0, 32});
    ASSERT_TRUE(again.recover());
    std::array<std::uint8_t, 1> found{};
    EXPECT_EQ(again.read(ParameterStore::kMaxKeys, found), std::nullopt);
    EXPECT_EQ(again.read(ParameterStore::kMaxKeys - 1, found), 1U);
    EXPECT_EQ(found, old_value);
    EXPECT_EQ(again.read(7, found), 1U);
    EXPECT_EQ(found, value);
    EXPECT_FALSE(again.write(ParameterStore::kMaxKeys, value));
}

/// Counts what is read from flash.
class CountingFlash final : public board::Flash {
public:
    explicit CountingFlash(board::Flash& flash) : flash_(flash) {}
    [[nodiscard]] std::uint32_t size() const override { return flash_.size(); }
    [[nodiscard]] std::uint32_t sector_size() const override { return flash_.sector_size(); }
    [[nodiscard]] bool read(std::uint32_t address, ByteSpan out) const override {
        octets += out.size();
        return flash_.read(address, out);
    }
    [[nodiscard]] bool program(std::uint32_t address, ByteView data) override { return flash_.program(address, data); }
    [[nodiscard]] bool erase(std::uint32_t sector) override { return flash_.erase(sector); }

    mutable std::size_t octets{0};

private:
    board::Flash& flash_;
};

TEST(ParameterStore, ReadsNoRecordButTheOneThatIsAskedFor) {
    MemoryFlash memory(8, kSector);
    CountingFlash flash(memory);
    ParameterStore store(flash, {0, 8});
    ASSERT_TRUE(store.recover());
    std::array<std::uint8_t, 4> value{};
    // Old values of all keys, more than once around both banks.
    for (std::uint16_t i = 0; i < 600; ++i) {
        value[0] = static_cast<std::uint8_t>(i);
        ASSERT_TRUE(store.write(i % 10, value));
    }
    for (std::uint16_t key = 0; key < 20; ++key) {
        flash.octets = 0;
        EXPECT_EQ(store.read(key, value).has_value(), key < 10);
        EXPECT_LE(flash.octets, 4 + value.size()) << "its own record, and no other";
        if (key < 10) {
            EXPECT_EQ(value[0], (590 + key) % 256);
        }
    }
}

/// Clears a bit, as whoever alters flash can, or as flash ages.
void lose_a_bit(MemoryFlash& flash, std::uint32_t address) {
    std::array<std::uint8_t, 1> octet{};
    ASSERT_TRUE(flash.read(address, octet));
    octet[0] = static_cast<std::uint8_t>(octet[0] & (octet[0] - 1U));
    ASSERT_TRUE(flash.program(address, octet));
}

std::optional<std::uint8_t> value_of(const ParameterStore& store, std::uint16_t key) {
    std::array<std::uint8_t, 1> found{};
    return store.read(key, found) ? std::optional(found[0]) : std::nullopt;
}

TEST(ParameterStore, ADamagedRecordCostsOnlyItself) {
    constexpr std::uint32_t kHeader = 12;
    constexpr std::uint32_t kRecord = 12;  // key, length, a value of one octet, check sum, padded
    // Key, length, value, check sum of the second record.
    for (std::uint32_t octet = 0; octet < 9; ++octet) {
        MemoryFlash flash(4, kSector);
        ParameterStore store(flash, {0, 4});
        ASSERT_TRUE(store.recover());
        for (std::uint16_t key = 0x0701; key <= 0x0703; ++key) {
            ASSERT_TRUE(store.write(key, std::array<std::uint8_t, 1>{static_cast<std::uint8_t>(key)}));
        }
        std::array<std::uint8_t, 1> before{};
        ASSERT_TRUE(flash.read(kHeader + kRecord + octet, before));
        if (before[0] == 0) continue;
        lose_a_bit(flash, kHeader + kRecord + octet);
        EXPECT_EQ(ParameterStore::examine(flash, {0, 4}), (StoreCondition{2, 1})) << octet;
        ParameterStore again(flash, {0, 4});
        ASSERT_TRUE(again.recover());
        EXPECT_EQ(again.damaged(), 1U) << octet;
        EXPECT_EQ(value_of(again, 0x0701), 1) << octet;
        EXPECT_EQ(value_of(again, 0x0702), std::nullopt) << octet;
        EXPECT_EQ(value_of(again, 0x0703), 3) << octet;
        ASSERT_TRUE(again.write(0x0702, std::array<std::uint8_t, 1>{9}));
        ParameterStore mended(flash, {0, 4});
        ASSERT_TRUE(mended.recover());
        EXPECT_EQ(mended.damaged(), 0U) << "the damage stayed behind in the other bank";
        EXPECT_EQ(value_of(mended, 0x0702), 9);
        EXPECT_EQ(value_of(mended, 0x0703), 3);
    }
}

TEST(ParameterStore, DamageWhileItRunsDoesNotStopIt) {
    MemoryFlash flash(4, kSector);
    ParameterStore store(flash, {0, 4});
    ASSERT_TRUE(store.recover());
    ASSERT_TRUE(store.write(1, std::array<std::uint8_t, 1>{1}));
    ASSERT_TRUE(store.write(2, std::array<std::uint8_t, 1>{2}));
    lose_a_bit(flash, 12 + 5);  // the padding is not checked, the check sum is
    for (std::uint8_t i = 0; i < 100; ++i) ASSERT_TRUE(store.write(3, std::array<std::uint8_t, 1>{i})) << int{i};
    EXPECT_EQ(store.damaged(), 1U);
    EXPECT_EQ(value_of(store, 2), 2);
    EXPECT_EQ(value_of(store, 3), 99);
}

}  // namespace
}  // namespace ferraris::meter
