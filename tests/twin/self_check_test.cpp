// The meter that looks after itself, on a board that can fail.
#include <gtest/gtest.h>

#include <algorithm>

#include "base/crc.hpp"
#include "crypto/openssl.hpp"
#include "twin/legal_part.hpp"
#include "twin/program_memory.hpp"
#include "twin/test_factory.hpp"
#include "twin/virtual_meter.hpp"

namespace ferraris::twin {
namespace {

constexpr UtcTime kSelfCheckFrom = UtcTime::from_seconds(1'780'000'020);

class SelfCheckedMeter : public ::testing::Test {
protected:
    void SetUp() override {
        VirtualMeterSettings settings;
        settings.default_start = kSelfCheckFrom;
        settings.factory = test_factory_settings();
        auto opened = VirtualMeter::open(settings, *crypto_);
        ASSERT_TRUE(opened.has_value()) << opened.error();
        meter_ = std::move(*opened);
    }
    [[nodiscard]] std::uint32_t count(meter::Event event) const {
        return meter_->device().instrument().event_logs.count(event);
    }
    [[nodiscard]] std::uint64_t milliwatthours() const {
        return meter_->device().instrument().registers.milliwatthours(meter::mask_of(metrology::Energy::active_import),
                                                                      0);
    }

    std::unique_ptr<Crypto> crypto_ = make_openssl_crypto();
    std::unique_ptr<VirtualMeter> meter_;
};

TEST_F(SelfCheckedMeter, AMeterThatRunsIsNotRestarted) {
    meter_->advance(3600);
    EXPECT_EQ(count(meter::Event::watchdog_error), 0U);
    EXPECT_EQ(count(meter::Event::program_memory_error), 0U);
    EXPECT_EQ(count(meter::Event::memory_error), 0U);
    EXPECT_EQ(count(meter::Event::ram_error), 0U);
}

TEST_F(SelfCheckedMeter, TheWatchdogStartsAMeterThatHangs) {
    meter_->advance(600);
    const std::uint64_t before = milliwatthours();
    const meter::Meter* const place = &meter_->device();
    meter_->stage().hang();
    meter_->advance(Watchdog::kPatienceSeconds);
    EXPECT_EQ(&meter_->device(), place);
    EXPECT_EQ(count(meter::Event::watchdog_error), 1U);
    meter_->advance(600);
    EXPECT_EQ(count(meter::Event::watchdog_error), 1U) << "and it runs";
    EXPECT_GT(milliwatthours(), before) << "within a minute";
    EXPECT_NE(meter_->device().instrument().errors.bits() & 1U << 12U, 0U);
}

TEST_F(SelfCheckedMeter, AFrontEndWithoutSamples) {
    meter_->advance(10);
    const std::uint64_t before = milliwatthours();
    meter_->stage().fail_front_end(true);
    meter_->advance(10);
    EXPECT_EQ(count(meter::Event::measurement_error), 1U);
    EXPECT_EQ(milliwatthours(), before);
    meter_->stage().fail_front_end(false);
    meter_->advance(10);
    EXPECT_EQ(count(meter::Event::measurement_restored), 1U);
    EXPECT_EQ(count(meter::Event::measurement_error), 1U);
}

TEST_F(SelfCheckedMeter, IdentifiesItsLegallyRelevantPart) {
    EXPECT_EQ(meter_->device().instrument().identity.firmware_signature, kLegalPartCheckSum);
    EXPECT_NE(kLegalPartCheckSum, 0U);
}

TEST(ProgramMemory, IsAsItsFile) {
    const ProgramMemory& memory = ProgramMemory::instance();
    EXPECT_GT(memory.size(), 100'000U);
    EXPECT_EQ(memory.found(), memory.expected());
    // Across the bound of the first two segments.
    std::vector<std::uint8_t> all(memory.size());
    ASSERT_TRUE(memory.read(0, all));
    EXPECT_EQ(crc32(all), memory.expected());
    std::vector<std::uint8_t> some(1000);
    ASSERT_TRUE(memory.read(memory.size() - 1000, some));
    EXPECT_TRUE(std::ranges::equal(some, ByteView(all).last(1000)));
    EXPECT_FALSE(memory.read(memory.size() - 999, some)) << "beyond its end";
}

}  // namespace
}  // namespace ferraris::twin
