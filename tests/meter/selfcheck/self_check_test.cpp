// Faults put into flash, RAM, program and clock: each is found, told once, and nothing else is.
#include "meter/selfcheck/self_check.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <vector>

#include "base/crc.hpp"
#include "meter/fixture.hpp"
#include "meter/push/bench.hpp"

namespace ferraris::meter {
namespace {

using dlms::obis;
using testing::Bench;
using testing::utc;

constexpr std::int64_t kMinute = 60;
/// Of a round through the flash.
constexpr std::uint32_t kRoundSteps = WatchedFlash::kSectors * kSectorSize / WatchedFlash::kStep;

class CheckedBench : public Bench {
public:
    using Bench::Bench;

    [[nodiscard]] std::uint32_t count(Event event) const { return meter->instrument().event_logs.count(event); }
    [[nodiscard]] bool has_error(Alarm alarm) const {
        return (meter->instrument().errors.bits() & Alarms::bit_of(alarm)) != 0;
    }
    /// As RAM does it, behind everybody's back.
    EnergyRegisters& registers() { return const_cast<Instrument&>(meter->instrument()).registers; }
    void lose_a_bit(std::uint32_t address) {
        std::array<std::uint8_t, 1> octet{};
        ASSERT_TRUE(flash.read(address, octet));
        octet[0] = static_cast<std::uint8_t>(octet[0] & (octet[0] - 1U));
        ASSERT_TRUE(flash.program(address, octet));
    }
};

TEST(SelfCheck, NothingIsFoundWhereNothingIsWrong) {
    CheckedBench bench;
    bench.run(7200, 1000);
    bench.power_up();
    bench.run(120, 1000);
    for (const Event event : {Event::program_memory_error, Event::ram_error, Event::memory_error, Event::watchdog_error,
                              Event::measurement_error}) {
        EXPECT_EQ(bench.count(event), 0U) << static_cast<int>(event);
    }
}

TEST(SelfCheck, ABitThatFlashLosesIsFoundWithinTwoRounds) {
    testing::MemoryFlash flash;
    WatchedFlash watched(flash);
    const auto round = [&] {
        std::uint32_t faults = 0;
        for (std::uint32_t i = 0; i < kRoundSteps; ++i) faults += watched.check_step() ? 0U : 1U;
        return faults;
    };
    EXPECT_EQ(round(), 0U);
    EXPECT_EQ(round(), 0U);
    for (const std::uint32_t address : {0U, 5U * kSectorSize + 17U, WatchedFlash::kSectors * kSectorSize - 1U}) {
        const std::array<std::uint8_t, 1> octet{0xFE};
        ASSERT_TRUE(flash.program(address, octet));
        EXPECT_EQ(round(), 1U) << address;
        EXPECT_EQ(round(), 0U) << "told once";
    }
    // What the meter writes is no fault, also in the midst of a round, across a bound of sectors, or by an erase.
    const std::array<std::uint8_t, 3> octets{1, 2, 3};
    for (std::uint32_t i = 0; i < kRoundSteps; ++i) {
        ASSERT_TRUE(watched.program(i * 97U % (WatchedFlash::kSectors - 1) * kSectorSize + 4094U, octets));
        if (i % 5 == 0) {
            ASSERT_TRUE(watched.erase(i % WatchedFlash::kSectors));
        }
        EXPECT_TRUE(watched.check_step());
    }
    EXPECT_EQ(round(), 0U);
    EXPECT_EQ(round(), 0U);
}

TEST(SelfCheck, DamageInFlashIsAnEventOfTheMeter) {
    CheckedBench bench;
    constexpr std::int64_t kRound = kRoundSteps * kMinute;
    // The certificates' region lies still.
    bench.run(kRound, 0);
    bench.lose_a_bit(kCertificateRegion.first_sector * kSectorSize + 100);
    bench.run(kRound, 0);
    EXPECT_EQ(bench.count(Event::memory_error), 1U);
    EXPECT_TRUE(bench.has_error(Alarm::memory_error));
    // Bit 10 is cleared by writing the others.
    const auto others = testing::encoded([](dlms::DataWriter& data) { data.double_long_unsigned(0); });
    EXPECT_EQ(bench.write(kUtilitySap, {1, obis(0, 0, 97, 97, 0), 2}, others), dlms::DataAccessResult::success);
    EXPECT_FALSE(bench.has_error(Alarm::memory_error)) << "it does not stand";
}

TEST(SelfCheck, ADamagedParameterIsFoundWhenPowerComes) {
    CheckedBench bench;
    bench.run(60, 1000);
    // Its check sum, or what stands before it: octets without a bit have none to lose.
    std::uint32_t address = 12 + 4;
    for (std::array<std::uint8_t, 1> octet{}; octet[0] == 0; ++address) ASSERT_TRUE(bench.flash.read(address, octet));
    bench.lose_a_bit(address - 1);
    bench.power_up();
    EXPECT_EQ(bench.count(Event::memory_error), 1U);
    bench.power_up();
    EXPECT_EQ(bench.count(Event::memory_error), 1U) << "it stayed behind";
}

TEST(SelfCheck, AFlippedRegisterIsMended) {
    CheckedBench bench;
    bench.run(100, 3'600'000);
    const auto total = [&] { return bench.registers().milliwatthours(mask_of(metrology::Energy::active_import), 0); };
    const std::uint64_t before = total();
    const Rate active = bench.meter->instrument().active_rate;
    RateCounts counts = bench.registers().counts(active);
    counts[0] ^= 1ULL << 40U;
    bench.registers().restore(active, counts, bench.registers().seconds(active));
    bench.run(1, 3'600'000);
    EXPECT_EQ(total(), before + 1'000'000U);
    EXPECT_EQ(bench.count(Event::ram_error), 1U);
    EXPECT_EQ(bench.meter->instrument().event_logs.last(EventLog::standard).value, 1);
    EXPECT_TRUE(bench.has_error(Alarm::ram_error));
    // A tariff that is not active, within a minute.
    const Rate other = active == 1 ? Rate{2} : Rate{1};
    RateCounts idle = bench.registers().counts(other);
    idle[3] ^= 1U;
    bench.registers().restore(other, idle, bench.registers().seconds(other) ^ 8U);
    bench.run(60, 0);
    EXPECT_EQ(bench.registers().counts(other)[3], 0U);
    EXPECT_EQ(bench.registers().seconds(other), 0U);
    EXPECT_EQ(bench.count(Event::ram_error), 2U);
}

TEST(SelfCheck, TheCopyIsMendedToo) {
    EnergyRegisters registers;
    metrology::EnergyIncrements second;
    second[metrology::Energy::active_import] = 7'200'000'000;
    registers.add(second, 2);
    RegisterMirror mirror;
    mirror.keep_all(registers);
    EXPECT_EQ(mirror.check_all(registers), RamState::whole);
    // Registers and copy differ, and the copy does not have its sum.
    RegisterMirror damaged = mirror;
    auto* const octets = reinterpret_cast<std::uint8_t*>(&damaged);
    octets[sizeof(RegisterMirror) / kRateCount] ^= 1U;  // the first count of tariff 2
    EXPECT_EQ(damaged.check(registers, 2), RamState::mended);
    EXPECT_EQ(registers.counts(2)[0], 2000U) << "the registers were right";
    EXPECT_EQ(damaged.check(registers, 2), RamState::whole);
    RegisterMirror lost = mirror;
    reinterpret_cast<std::uint8_t*>(&lost)[sizeof(RegisterMirror) / kRateCount] ^= 1U;
    EnergyRegisters wrong = registers;
    wrong.restore(2, {9}, 9);
    EXPECT_EQ(lost.check(wrong, 2), RamState::lost);
}

class OneProgram final : public board::Program {
public:
    [[nodiscard]] std::uint32_t expected() const override { return expected_; }
    [[nodiscard]] std::uint32_t found() const override { return crc32(octets); }
    [[nodiscard]] std::uint32_t size() const override { return static_cast<std::uint32_t>(octets.size()); }
    [[nodiscard]] bool read(std::uint32_t offset, ByteSpan out) const override {
        std::ranges::copy(ByteView(octets).subspan(offset, out.size()), out.begin());
        return true;
    }
    std::vector<std::uint8_t> octets = std::vector<std::uint8_t>(5000, 0x5A);

private:
    std::uint32_t expected_ = crc32(octets);
};

TEST(SelfCheck, AProgramThatIsNotWhatItWas) {
    OneProgram program;
    CheckedBench bench;
    const auto start = [&] {
        bench.meter =
            std::make_unique<Meter>(bench.flash, *bench.crypto, MeterIdentity::from_serial_number(4711), bench.factory);
        bench.meter->attach_program(program);
        ASSERT_TRUE(bench.meter->start(bench.now));
    };
    start();
    bench.run(20 * kMinute, 0);
    EXPECT_EQ(bench.count(Event::program_memory_error), 0U);
    program.octets[4321] ^= 4U;
    bench.run(10 * kMinute, 0);
    EXPECT_EQ(bench.count(Event::program_memory_error), 1U) << "five steps a round, found within two";
    bench.run(20 * kMinute, 0);
    EXPECT_EQ(bench.count(Event::program_memory_error), 1U) << "and told once";
    EXPECT_TRUE(bench.has_error(Alarm::program_memory_error));
    const auto none = testing::encoded([](dlms::DataWriter& data) { data.double_long_unsigned(0); });
    (void)bench.write(kUtilitySap, {1, obis(0, 0, 97, 97, 0), 2}, none);
    EXPECT_TRUE(bench.has_error(Alarm::program_memory_error)) << "it stands";
    start();
    EXPECT_EQ(bench.count(Event::program_memory_error), 2U) << "found when power comes";
}

class CountedWatchdog final : public board::Watchdog {
public:
    void kick() override { ++kicks; }
    [[nodiscard]] bool restarted() const override { return bitten; }
    int kicks{0};
    bool bitten{false};
};

TEST(SelfCheck, TheWatchdogIsKickedWhenAllTasksRan) {
    CountedWatchdog watchdog;
    CheckedBench bench;
    bench.meter->attach_watchdog(watchdog);
    bench.run(10, 0);
    EXPECT_EQ(watchdog.kicks, 0) << "nobody looks after the ports";
    bench.meter->ports_served();
    EXPECT_EQ(watchdog.kicks, 1);
    bench.meter->ports_served();
    EXPECT_EQ(watchdog.kicks, 1) << "nobody meters";
    bench.run(1, 0);
    EXPECT_EQ(watchdog.kicks, 2);
    EXPECT_EQ(bench.count(Event::watchdog_error), 0U);
}

TEST(SelfCheck, ABoardsClockThatCannotBeIsNoTime) {
    EXPECT_FALSE(is_plausible(utc(1999, 12, 31, 23, 59, 59), 0));
    EXPECT_TRUE(is_plausible(utc(2000, 1, 1), 0));
    EXPECT_FALSE(is_plausible(utc(2100, 1, 1), 0));
    CheckedBench bench;
    bench.run(600, 1000);
    const UtcTime good = bench.now;
    bench.now = testing::plus_seconds(good, -3600);
    bench.power_up();
    EXPECT_FALSE(bench.meter->instrument().clock.valid()) << "a clock does not go back by itself";
    EXPECT_TRUE(bench.has_error(Alarm::clock_invalid));
}

}  // namespace
}  // namespace ferraris::meter
