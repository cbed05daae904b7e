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
    std::int64_t now_ms_{0};
    CountedLog counted_{[this](const std::string& line) { log_.push_back(line); }, [this] { return now_ms_; }};
    LoggingDevice device_{meter_, counted_};
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
    EXPECT_EQ(log_[1], "client 16: GET refused (0-0:128.0.0*255:2, result 4)");
}

TEST_F(LoggingDeviceTest, TellsOfAWrongPasswordButNotWhichItWas) {
    // AARQ of the reader with the password "12345678"
    (void)ask(2,
              "6036A1090607608574050801018A0207808B0760857405080201AC0A80083132333435363738"
              "BE10040E01000000065F1F0400FFFFFFFFFF");
    ASSERT_EQ(log_.size(), 1U);
    EXPECT_EQ(log_[0], "client 2: association refused: authentication failed");
}

/// Each request that is refused gets its line, and what it gets as an answer is the standard's.
TEST_F(LoggingDeviceTest, EveryRefusalHasItsLine) {
    struct Case {
        bool associated;
        std::uint16_t client;
        const char* request;
        const char* answer;
        const char* line;
    };
    const char* const kNoAssociation = "client 16: request refused: there is no association for it";
    const char* const kProposal = "client 16: association refused: its context or its proposal cannot be had";
    const char* const kUnknown = "client 16: request refused: there is no such service";
    const char* const kNotNegotiated = "client 16: request refused: its service was not negotiated";
    const char* const kBlock = "client 16: request refused: its block is not the one that is due";
    const Case cases[] = {
        {false, 16, "C001C1000100002A0000FF0200", "D80101", kNoAssociation},
        {false, 16, "05", "D80101", kNoAssociation},
        {true, 2, "C001C1000100002A0000FF0200", "D80101", "client 2: request refused: there is no association for it"},
        {true, 16, "", "", "client 16: request refused: it is malformed"},
        {true, 16, "FF00", "D80202", kUnknown},                                  // no tag of any APDU
        {true, 16, "C401C10009083132", "D80202", kUnknown},                      // get-response: what a server says
        {true, 16, "61", "D80202", kUnknown},                                    // AARE
        {true, 16, "C101C1000100002A0000FF02001101", "D80102", kNotNegotiated},  // the public client may not SET
        {true, 16, "C301C1000F0000280000FF0100", "D80102", kNotNegotiated},      // nor call
        {true, 16, "D94000000000", "D80103", "client 16: request refused: it is malformed"},  // ACCESS of nothing
        {true, 16, "C002C100000001", "C402C101000000010110", kBlock},  // GET next without a transfer
        {false, 16, "6203800100", "6303800100", "client 16: release granted: there was no association"},  // RLRQ
        // AARQ: short names (2.16.756.5.8.1.2), and a proposal of nothing
        {false, 16, "601DA109060760857405080102BE10040E01000000065F1F0400FFFFFFFFFF",
         "6117A109060760857405080102A203020101A305A103020102", kProposal},
        {false, 16, "601DA109060760857405080101BE10040E01000000065F1F0400000000FFFF",
         "611FA109060760857405080101A203020101A305A103020101BE0604040E010602", kProposal},
    };
    for (const Case& one : cases) {
        SCOPED_TRACE(one.request);
        session_.link_lost();
        if (one.associated) {
            ASSERT_EQ(ask(16, kAssociate).substr(0, 2), "61");
        }
        log_.clear();
        now_ms_ += CountedLog::kQuiet_ms;
        EXPECT_EQ(ask(one.client, one.request), one.answer);
        ASSERT_EQ(log_.size(), 1U);
        EXPECT_EQ(log_[0], one.line);
    }
}

/// Which object was refused is what an operator wants to know: each has its line.
TEST_F(LoggingDeviceTest, EachObjectThatIsRefusedIsNamed) {
    (void)ask(16, kAssociate);
    (void)ask(16, "C001C100010000800100FF0200");
    (void)ask(16, "C001C100010000800200FF0200");
    // GET with a list of two
    EXPECT_EQ(ask(16, "C003C10200010000800300FF020000010000800400FF0200"), "C403C10201040104");
    (void)ask(16, "C001C100010000800100FF0200");
    EXPECT_EQ(log_, (std::vector<std::string>{"client 16: GET refused (0-0:128.1.0*255:2, result 4)",
                                              "client 16: GET refused (0-0:128.2.0*255:2, result 4)",
                                              "client 16: GET refused (0-0:128.3.0*255:2, result 4)",
                                              "client 16: GET refused (0-0:128.4.0*255:2, result 4)"}));
    log_.clear();
    counted_.flush();
    EXPECT_EQ(log_, std::vector<std::string>{"client 16: GET refused (0-0:128.1.0*255:2, result 4): 1 more"});
}

TEST_F(LoggingDeviceTest, AFloodOfRefusalsIsCounted) {
    for (int i = 0; i < 1000; ++i) (void)ask(16, "C001C1000100002A0000FF0200");
    ASSERT_EQ(log_.size(), 1U);
    now_ms_ += CountedLog::kQuiet_ms;
    counted_.sweep();
    ASSERT_EQ(log_.size(), 2U);
    EXPECT_EQ(log_[1], "client 16: request refused: there is no association for it: 999 more");
}

}  // namespace
}  // namespace ferraris::twin
