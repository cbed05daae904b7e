// The HDLC line of a meter by the meter's own setup (class 23): what a client writes holds for the next link.
#include "twin/hdlc_line.hpp"

#include <gtest/gtest.h>

#include "base/hex.hpp"
#include "crypto/openssl.hpp"
#include "meter/meter.hpp"
#include "meter/security/client_level.hpp"
#include "twin/flash_memory.hpp"
#include "twin/test_factory.hpp"

namespace ferraris::twin {
namespace {

// vectors_hdlc.json, snrm-2b-addr: server 1/17, client 16; and DISC of the same link.
const std::string kLineConnect = "7EA00802232193BD647E";
const std::string kLineDisconnect = "7EA00802232153B1A27E";

enum class Hdlc : std::int8_t {
    comm_speed = 2,
    window_size_transmit = 3,
    window_size_receive = 4,
    max_info_field_length_transmit = 5,
    max_info_field_length_receive = 6,
    inter_octet_time_out = 7,
    inactivity_time_out = 8,
    device_address = 9,
};

class HdlcLineTest : public ::testing::Test {
protected:
    void SetUp() override {
        ASSERT_TRUE(meter_->start(kStart));
        line_ = std::make_unique<HdlcLine>(service(), HdlcLineSettings{}, "test");
    }
    const MeterService& service() { return service_; }

    static dlms::Association utility() {
        dlms::Association association;
        association.client_sap = meter::kUtilitySap;
        association.server_sap = meter::kManagementLogicalDeviceSap;
        association.status = dlms::AssociationStatus::associated;
        return association;
    }
    static dlms::AttributeDescriptor attribute(Hdlc which) {
        return {23, dlms::obis(0, 0, 22, 0, 0), static_cast<std::int8_t>(which)};
    }
    dlms::DataAccessResult set(Hdlc which, const std::string& value) {
        const dlms::Association association = utility();
        return meter_->write({association, {true, true}}, attribute(which), nullptr, *from_hex(value));
    }
    std::uint16_t inactivity_time_out() {
        const dlms::Association association = utility();
        dlms::ReadCursor cursor;
        std::array<std::uint8_t, 8> octets{};
        ByteWriter out(octets);
        EXPECT_EQ(meter_->read({association, {true, true}}, attribute(Hdlc::inactivity_time_out), nullptr, cursor, out)
                      .result,
                  dlms::DataAccessResult::success);
        return dlms::DataReader(out.written()).long_unsigned();
    }
    std::string turn(const std::string& frame) {
        const auto octets = *from_hex(frame);
        std::string answer;
        ByteView in = octets;
        while (!in.empty()) {
            line_->receive(in, now_ms_);
            for (ByteView out = line_->pull(now_ms_); !out.empty(); out = line_->pull(now_ms_)) answer += to_hex(out);
        }
        return answer;
    }
    /// As the line's timer does.
    void wait(std::int64_t duration_ms) {
        now_ms_ += duration_ms;
        line_->poll(now_ms_);
        EXPECT_TRUE(line_->pull(now_ms_).empty());
    }

    static constexpr UtcTime kStart = UtcTime::from_seconds(1'780'000'000);
    std::unique_ptr<Crypto> crypto_ = make_openssl_crypto();
    FlashMemory flash_{meter::kFlashSectors, meter::kSectorSize};
    std::unique_ptr<meter::Meter> meter_ = std::make_unique<meter::Meter>(
        flash_, *crypto_, meter::MeterIdentity::from_serial_number(1), test_factory_settings());
    std::vector<std::string> lines_;
    CountedLog log_{[this](const std::string& line) { lines_.push_back(line); }, [] { return std::int64_t{0}; }};
    MeterService service_{*meter_, *crypto_, log_, {}, nullptr, &meter_->instrument().ports};
    std::unique_ptr<HdlcLine> line_;
    std::int64_t now_ms_{0};
};

TEST_F(HdlcLineTest, HDLC_FRAME_P3) {
    for (const char* const value : {"120078", "120005"}) {  // long-unsigned 120, the default; then 5
        ASSERT_EQ(set(Hdlc::inactivity_time_out, value), dlms::DataAccessResult::success);
        const std::int64_t timeout_ms = std::int64_t{inactivity_time_out()} * 1000;
        EXPECT_EQ(turn(kLineConnect).substr(6, 8), "21022373") << "UA";
        wait(timeout_ms - 1);
        EXPECT_TRUE(line_->connected());
        EXPECT_EQ(line_->next_timeout(), now_ms_ + 1);
        wait(1);
        EXPECT_FALSE(line_->connected());
        EXPECT_EQ(turn(kLineDisconnect).substr(6, 8), "2102231F") << "DM";
    }
}

TEST_F(HdlcLineTest, ALinkKeepsWhatItWasSetUpWith) {
    EXPECT_EQ(turn(kLineConnect).substr(6, 8), "21022373");
    ASSERT_EQ(set(Hdlc::inactivity_time_out, "120005"), dlms::DataAccessResult::success);
    ASSERT_EQ(set(Hdlc::comm_speed, "1606"), dlms::DataAccessResult::success);
    wait(119'999);
    EXPECT_TRUE(line_->connected());
    EXPECT_EQ(line_->baud(), 9600U);
    EXPECT_EQ(turn(kLineDisconnect).substr(6, 8), "21022373") << "UA, at the old speed";
    EXPECT_EQ(line_->baud(), 19'200U);
}

TEST_F(HdlcLineTest, TellsOfAFrameInWhichTheLineFellSilent) {
    EXPECT_EQ(turn(std::string(kLineConnect).substr(0, 12)), "");
    EXPECT_EQ(line_->next_timeout(), now_ms_ + 28) << "25 ms, and an octet of 9,600 Bd";
    wait(28);
    EXPECT_EQ(lines_, std::vector<std::string>{"test: dropped a frame: the line fell silent within it"});
}

TEST_F(HdlcLineTest, AQuietLineFollowsTheSpeed) {
    EXPECT_EQ(line_->baud(), 9600U);
    ASSERT_EQ(set(Hdlc::comm_speed, "1604"), dlms::DataAccessResult::success);
    ASSERT_TRUE(line_->next_timeout().has_value());
    wait(*line_->next_timeout() - now_ms_);
    EXPECT_EQ(line_->baud(), 4800U);
    HdlcLine other(service(), {.baud = 300}, "test");
    EXPECT_EQ(other.baud(), 300U) << "the host has the last word on a line of its own";
}

TEST_F(HdlcLineTest, StatesWindowsAndFieldsInUa) {
    ASSERT_EQ(set(Hdlc::window_size_transmit, "1102"), dlms::DataAccessResult::success);
    ASSERT_EQ(set(Hdlc::window_size_receive, "1103"), dlms::DataAccessResult::success);
    ASSERT_EQ(set(Hdlc::max_info_field_length_transmit, "120040"), dlms::DataAccessResult::success);
    ASSERT_EQ(set(Hdlc::max_info_field_length_receive, "120050"), dlms::DataAccessResult::success);
    // SNRM without parameters proposes 128 octets and a window of 1.
    // 81 80 12, 05 01 40: transmit 64; 06 01 50: receive 80; 07 and 08: windows of 1
    EXPECT_NE(turn(kLineConnect).find("818012050140060150070400000001080400000001"), std::string::npos);
}

TEST_F(HdlcLineTest, AnswersToItsDeviceAddressAlone) {
    ASSERT_EQ(set(Hdlc::device_address, "120012"), dlms::DataAccessResult::success);
    EXPECT_EQ(turn(kLineConnect), "") << "that was 17, it is 18 now";
}

TEST_F(HdlcLineTest, TheSetupOutlastsALossOfPower) {
    ASSERT_EQ(set(Hdlc::inter_octet_time_out, "1203E8"), dlms::DataAccessResult::success);
    ASSERT_EQ(set(Hdlc::inactivity_time_out, "120007"), dlms::DataAccessResult::success);
    const meter::HdlcSetup stored = meter_->instrument().ports.hdlc_of(meter::Port::optical);
    meter_ = std::make_unique<meter::Meter>(flash_, *crypto_, meter::MeterIdentity::from_serial_number(1),
                                            test_factory_settings());
    ASSERT_TRUE(meter_->start(kStart));
    EXPECT_EQ(meter_->instrument().ports.hdlc_of(meter::Port::optical), stored);
    EXPECT_EQ(inactivity_time_out(), 7);
}

TEST_F(HdlcLineTest, RefusesWhatIsOutOfRange) {
    const meter::HdlcSetup before = meter_->instrument().ports.hdlc_of(meter::Port::optical);
    const std::pair<Hdlc, const char*> impossible[] = {
        {Hdlc::comm_speed, "160A"},
        {Hdlc::window_size_transmit, "1100"},
        {Hdlc::window_size_receive, "1108"},
        {Hdlc::max_info_field_length_transmit, "12001F"},
        {Hdlc::max_info_field_length_receive, "1207EF"},
        {Hdlc::inter_octet_time_out, "120013"},
        {Hdlc::inactivity_time_out, "120079"},
        {Hdlc::device_address, "12000F"},
        {Hdlc::device_address, "123FFE"},
    };
    for (const auto& [which, value] : impossible) {
        EXPECT_EQ(set(which, value), dlms::DataAccessResult::other_reason) << value;
    }
    EXPECT_EQ(set(Hdlc::inactivity_time_out, "1105"), dlms::DataAccessResult::type_unmatched);
    EXPECT_EQ(meter_->instrument().ports.hdlc_of(meter::Port::optical), before);
}

}  // namespace
}  // namespace ferraris::twin
