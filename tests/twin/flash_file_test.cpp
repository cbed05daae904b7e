#include "twin/flash_file.hpp"

#include <gtest/gtest.h>
#include <signal.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <fstream>
#include <vector>

#include "crypto/openssl.hpp"
#include "meter/meter.hpp"
#include "twin/flash_memory.hpp"
#include "twin/test_factory.hpp"

namespace ferraris::twin {
namespace {

constexpr std::uint32_t kSectors = 16;
constexpr std::uint32_t kSector = 4096;

std::filesystem::path fresh_directory(const std::string& name) {
    const auto path = std::filesystem::path(::testing::TempDir()) / name;
    std::filesystem::remove_all(path);
    return path;
}

std::vector<std::uint8_t> contents(const board::Flash& flash) {
    std::vector<std::uint8_t> octets(flash.size());
    EXPECT_TRUE(flash.read(0, octets));
    return octets;
}

void behave_as_flash(board::Flash& flash) {
    EXPECT_EQ(contents(flash), std::vector<std::uint8_t>(flash.size(), 0xFF));
    const std::vector<std::uint8_t> data(600, 0x5A);
    EXPECT_TRUE(flash.program(kSector - 100, data));
    const std::array<std::uint8_t, 1> more{0x0F};
    EXPECT_TRUE(flash.program(kSector, more));
    auto octets = contents(flash);
    EXPECT_EQ(octets[kSector - 101], 0xFF);
    EXPECT_EQ(octets[kSector - 100], 0x5A);
    EXPECT_EQ(octets[kSector], 0x0A) << "programming only clears bits";
    EXPECT_EQ(octets[kSector + 499], 0x5A);
    EXPECT_EQ(octets[kSector + 500], 0xFF);
    EXPECT_TRUE(flash.erase(1));
    octets = contents(flash);
    EXPECT_EQ(octets[kSector - 1], 0x5A);
    EXPECT_EQ(octets[kSector], 0xFF);
    EXPECT_FALSE(flash.erase(kSectors));
    EXPECT_FALSE(flash.program(flash.size() - 10, data));
    EXPECT_EQ(octets.back(), 0xFF);
    std::vector<std::uint8_t> beyond(2);
    EXPECT_FALSE(flash.read(flash.size() - 1, beyond));
    EXPECT_FALSE(flash.read(0xFFFFFFFF, beyond));
}

TEST(FlashMemory, BehavesAsFlash) {
    FlashMemory flash(kSectors, kSector);
    behave_as_flash(flash);
    EXPECT_EQ(flash.memory(), 256U) << "only what is programmed takes room";
}

TEST(FlashFile, BehavesAsFlashTakesLittleRoomAndOutlivesItsProcess) {
    const auto directory = fresh_directory("flash_file_state");
    {
        auto flash = FlashFile::open(directory, kSectors, kSector);
        ASSERT_TRUE(flash) << flash.error();
        behave_as_flash(*flash);
    }
    struct stat status {};
    ASSERT_EQ(::stat((directory / "flash").c_str(), &status), 0);
    EXPECT_EQ(status.st_size, kSectors * kSector);
    EXPECT_LE(status.st_blocks * 512, 4 * kSector);
    auto again = FlashFile::open(directory, kSectors, kSector);
    ASSERT_TRUE(again) << again.error();
    EXPECT_EQ(contents(*again)[kSector - 1], 0x5A);
}

TEST(FlashFile, AMeterThatIsKilledForgetsAMinuteAtMost) {
    const auto directory = fresh_directory("flash_file_killed");
    const UtcTime from = utc_from_civil({2026, 1, 1, 0, 0, 0, 0});
    const auto identity = meter::MeterIdentity::from_serial_number(1);
    const auto crypto = make_openssl_crypto();
    // One milliwatt-hour a second.
    metrology::Measurement second;
    second.energy[metrology::Energy::active_import] = meter::kMicrojoulesPerMilliwatthour;

    std::array<int, 2> pipe{};
    ASSERT_EQ(::pipe(pipe.data()), 0);
    const pid_t child = ::fork();
    ASSERT_GE(child, 0);
    if (child == 0) {
        auto flash = FlashFile::open(directory, meter::kFlashSectors, meter::kSectorSize);
        meter::Meter device(*flash, *crypto, identity, test_factory_settings());
        if (!device.start(from)) ::_exit(1);
        for (std::uint32_t ticks = 1;; ++ticks) {
            device.tick(second, {from.milliseconds + std::int64_t{ticks} * 1000});
            if (::write(pipe[1], &ticks, sizeof ticks) != sizeof ticks) ::_exit(1);
        }
    }
    ::close(pipe[1]);
    std::uint32_t ticks = 0;
    while (ticks < 20'000 && ::read(pipe[0], &ticks, sizeof ticks) == sizeof ticks) {
    }
    ASSERT_EQ(::kill(child, SIGKILL), 0);
    std::uint32_t last = ticks;
    while (::read(pipe[0], &last, sizeof last) == sizeof last) ticks = last;
    ::close(pipe[0]);
    ASSERT_EQ(::waitpid(child, nullptr, 0), child);

    auto flash = FlashFile::open(directory, meter::kFlashSectors, meter::kSectorSize);
    ASSERT_TRUE(flash) << flash.error();
    meter::Meter device(*flash, *crypto, identity, test_factory_settings());
    ASSERT_TRUE(device.start({from.milliseconds + std::int64_t{ticks} * 1000}));
    const auto& registers = device.instrument().registers;
    const auto counted = registers.milliwatthours(meter::mask_of(metrology::Energy::active_import), 0);
    EXPECT_GE(ticks, 20'000U);
    EXPECT_LE(counted, ticks + 1);
    EXPECT_GE(counted + 60, ticks);
    EXPECT_GE(device.instrument().profiles[meter::ProfileIndex::load].entries_in_use(), ticks / 900);
    EXPECT_LE(device.instrument().profiles[meter::ProfileIndex::load].entries_in_use(), (ticks + 1) / 900);
}

TEST(FlashFile, SaysWhatIsWrongWithTheDirectory) {
    const auto directory = fresh_directory("flash_file_errors");
    auto flash = FlashFile::open(directory, kSectors, kSector);
    ASSERT_TRUE(flash) << flash.error();
    const auto second = FlashFile::open(directory, kSectors, kSector);
    ASSERT_FALSE(second);
    EXPECT_EQ(second.error(), directory.string() + ": in use by another meter; stop it, or name another directory");

    const auto longer = fresh_directory("flash_file_longer");
    ASSERT_TRUE(FlashFile::open(longer, kSectors + 1, kSector));
    EXPECT_FALSE(FlashFile::open(longer, kSectors, kSector)) << "something would be lost";
    const auto other = fresh_directory("flash_file_other_size");
    std::filesystem::create_directories(other);
    std::ofstream(other / "flash") << "not a flash";
    const auto wrong = FlashFile::open(other, kSectors, kSector);
    ASSERT_FALSE(wrong);
    EXPECT_NE(wrong.error().find("is not the flash of such a meter"), std::string::npos);
    EXPECT_FALSE(FlashFile::open("/proc/ferraris", kSectors, kSector));
}

TEST(FlashFile, TheFlashOfAnEarlierProgramIsTakenOver) {
    const auto directory = fresh_directory("flash_file_earlier");
    const std::array<std::uint8_t, 4> data{1, 2, 3, 4};
    {
        auto flash = FlashFile::open(directory, kSectors, kSector);
        ASSERT_TRUE(flash);
        ASSERT_TRUE(flash->program(100, data));
    }
    auto flash = FlashFile::open(directory, kSectors + 3, kSector);
    ASSERT_TRUE(flash) << flash.error();
    std::array<std::uint8_t, 4> there{};
    ASSERT_TRUE(flash->read(100, there));
    EXPECT_EQ(there, data);
    ASSERT_TRUE(flash->read((kSectors + 3) * kSector - 4, there));
    EXPECT_EQ(there, (std::array<std::uint8_t, 4>{0xFF, 0xFF, 0xFF, 0xFF}));
}

}  // namespace
}  // namespace ferraris::twin
