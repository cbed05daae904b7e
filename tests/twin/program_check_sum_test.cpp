#include "twin/program_check_sum.hpp"

#include <gtest/gtest.h>

#include "crypto/openssl.hpp"
#include "twin/test_factory.hpp"
#include "twin/virtual_meter.hpp"

namespace ferraris::twin {
namespace {

TEST(ProgramCheckSum, IsWhatTheMeterSaysOfItself) {
    EXPECT_NE(program_check_sum(), 0U);
    EXPECT_EQ(program_check_sum(), program_check_sum());
    const auto crypto = make_openssl_crypto();
    VirtualMeterSettings settings;
    settings.default_start = UtcTime::from_seconds(1'780'000'000);
    settings.factory = test_factory_settings();
    const auto meter = VirtualMeter::open(settings, *crypto);
    ASSERT_TRUE(meter.has_value()) << meter.error();
    EXPECT_EQ((*meter)->device().instrument().identity.firmware_signature, program_check_sum());
}

}  // namespace
}  // namespace ferraris::twin
