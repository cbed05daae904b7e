#include "twin/logging_device.hpp"

#include <gtest/gtest.h>

#include "base/hex.hpp"
#include "crypto/openssl.hpp"
#include "dlms/server/session.hpp"
#include "meter/meter.hpp"
#include "twin/flash_memory.hpp"
#include "twin/test_factory.hpp"

namespace ferraris::twin {
namespace {

class LoggingDeviceTest : public ::testing::Test {
protected:
    void SetUp() override { ASSERT_TRUE(meter_.start(UtcTime::from_seconds(1'780'000'000))); }
    std::string ask(std::uint16_t client, const std::string& hex) {
        return to_hex(session_.handle(client, *from_hex(hex)));
    }

    std::unique_ptr<Crypto> crypto_ = make_openssl_crypto();
    FlashMemory flash_{meter::kFlashSectors, meter::kSectorSize};
    meter::Meter meter_{flash_, *crypto_, meter::MeterIdentity::from_serial_number(1), test_factory_settings()};
    std::vector<std::string> log_;
    LoggingDevice device_{meter_, [this](const std::string& line) { log_.push_back(line); }};
    std::vector<std::uint8_t> deciphering_ = std::vector<std::uint8_t>(512);
    std::vector<std::uint8_t> answer_ = std::vector<std::uint8_t>(512);
    std::vector<std::uint8_t> values_ = std::vector<std::uint8_t>(512);
    dlms::ServerSession session_{device_, *crypto_, {deciphering_, answer_, values_}};
};

const std::string kAssociate = "601DA109060760857405080101BE10040E01000000065F1F0400FFFFFFFFFF";

TEST_F(LoggingDeviceTest, TellsOfRefusalsAndOfNothingElse) {
    (void)ask(16, kAssociate);
    (void)ask(16, "C001C1000100002A0000FF0200");
    EXPECT_TRUE(log_.empty()) << log_.front();
    (void)ask(16, "C001C1000300000108");
    ASSERT_EQ(log_.size(), 1U);
    EXPECT_EQ(log_[0], "client 16: request refused: it is malformed");
    EXPECT_EQ(ask(16, "C001C100010000800000FF0200"), "C401C10104");
    ASSERT_EQ(log_.size(), 2U);
    EXPECT_EQ(log_[1], "client 16: GET of 0-0:128.0.0*255:2 refused with result 4");
}

TEST_F(LoggingDeviceTest, TellsOfAWrongPasswordButNotWhichItWas) {
    // AARQ of the reader with the password "12345678"
    (void)ask(2,
              "6036A1090607608574050801018A0207808B0760857405080201AC0A80083132333435363738"
              "BE10040E01000000065F1F0400FFFFFFFFFF");
    ASSERT_EQ(log_.size(), 1U);
    EXPECT_EQ(log_[0],
              "client 2: association refused: authentication failed, or it came by another mechanism than asked for");
}

}  // namespace
}  // namespace ferraris::twin
