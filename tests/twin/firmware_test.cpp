// An activated image in a virtual meter: version and check sum, over restarts of the process; and the way back.
#include <gtest/gtest.h>
#include <unistd.h>

#include "base/crc.hpp"
#include "crypto/openssl.hpp"
#include "meter/image/support.hpp"
#include "twin/legal_part.hpp"
#include "twin/test_factory.hpp"
#include "twin/virtual_meter.hpp"

namespace ferraris::twin {
namespace {

using meter::testing::Image;
using meter::testing::payload_of;

class FirmwareOfTwin : public ::testing::Test {
protected:
    FirmwareOfTwin() { std::filesystem::remove_all(settings_.state.value()); }

    void open() {
        meter_.reset();
        settings_.default_start = UtcTime::from_seconds(1'780'000'000);
        settings_.factory = test_factory_settings();
        settings_.factory.firmware_key = signer_.key;
        auto opened = VirtualMeter::open(settings_, *crypto_);
        ASSERT_TRUE(opened) << opened.error();
        meter_ = std::move(*opened);
    }
    dlms::ActionResult call(std::int8_t method, ByteView parameters) {
        const dlms::Association association = meter::testing::association_of(meter::kUtilitySap);
        std::array<std::uint8_t, 64> buffer{};
        ByteWriter out(buffer);
        return meter_->device().invoke({association, {true, true}}, {18, meter::testing::kImageName, method},
                                       parameters, out);
    }
    /// As a client would, with a second between two questions.
    void upgrade(const Image& image) {
        const dlms::Association association = meter::testing::association_of(meter::kUtilitySap);
        ASSERT_EQ(meter_->device().write({association, {true, true}}, {18, meter::testing::kImageName, 5}, nullptr,
                                         meter::testing::octets("03 01")),
                  dlms::DataAccessResult::success);
        ASSERT_EQ(call(1, meter::testing::ImageBench::encoded([&](dlms::DataWriter& data) {
                           data.structure(2);
                           data.octet_string(octets_of("twin"));
                           data.double_long_unsigned(static_cast<std::uint32_t>(image.size()));
                       })),
                  dlms::ActionResult::success);
        for (std::uint32_t i = 0; i < meter::testing::ImageBench::blocks(image); ++i) {
            ASSERT_EQ(call(2, meter::testing::ImageBench::encoded([&](dlms::DataWriter& data) {
                               data.structure(2);
                               data.double_long_unsigned(i);
                               data.octet_string(meter::testing::ImageBench::block(image, i));
                           })),
                      dlms::ActionResult::success);
        }
        for (int i = 0; i < 30 && call(4, meter::testing::octets("0F 00")) == dlms::ActionResult::temporary_failure;
             ++i) {
            meter_->advance(1);
        }
    }
    [[nodiscard]] meter::FirmwareVersion version() const {
        return meter_->device().instrument().identity.firmware_version;
    }
    [[nodiscard]] std::uint32_t check_sum() const { return meter_->device().instrument().identity.firmware_signature; }

    std::unique_ptr<Crypto> crypto_ = make_openssl_crypto();
    meter::testing::Signer signer_{*crypto_};
    VirtualMeterSettings settings_{.state = std::filesystem::path(::testing::TempDir()) /
                                            ("firmware_of_twin_" + std::to_string(::getpid()))};
    std::unique_ptr<VirtualMeter> meter_;
};

TEST_F(FirmwareOfTwin, ReportsWhatWasActivatedAlsoAfterARestart) {
    open();
    EXPECT_EQ(version(), meter::kFirmwareVersion);
    EXPECT_EQ(check_sum(), kLegalPartCheckSum);
    const UtcTime from = meter_->now();
    const Image payload = payload_of(20'000);
    upgrade(signer_.image(payload, {1, 4, 2}));
    EXPECT_EQ(meter_->device().instrument().images.status(), meter::ImageStatus::activation_successful);
    EXPECT_EQ(version(), (meter::FirmwareVersion{1, 4, 2}));
    EXPECT_EQ(check_sum(), crc32(payload));
    EXPECT_GT(meter_->now(), from) << "it went on metering";
    ASSERT_TRUE(meter_->power_fail());
    open();
    EXPECT_EQ(version(), (meter::FirmwareVersion{1, 4, 2}));
    EXPECT_EQ(check_sum(), crc32(payload));
}

TEST_F(FirmwareOfTwin, WhatHangsGivesWayToTheOldProgram) {
    open();
    const Image payload{kHangingProgram.begin(), kHangingProgram.end()};
    upgrade(signer_.image(payload, {2, 0, 0}));
    EXPECT_EQ(version(), meter::kFirmwareVersion);
    EXPECT_EQ(check_sum(), kLegalPartCheckSum);
    EXPECT_EQ(meter_->device().instrument().images.status(), meter::ImageStatus::activation_failed);
    EXPECT_EQ(meter_->device().instrument().event_logs.count(meter::Event::firmware_activation_failed), 1U);
    upgrade(signer_.image(payload_of(600), {2, 0, 1}));
    EXPECT_EQ(version(), (meter::FirmwareVersion{2, 0, 1})) << "and the next one comes up";
}

}  // namespace
}  // namespace ferraris::twin
