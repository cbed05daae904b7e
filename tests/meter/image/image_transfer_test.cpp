// Image transfer (class 18) as a client sees it, and what becomes of the images.
#include <gtest/gtest.h>

#include "base/crc.hpp"
#include "meter/image/support.hpp"

namespace ferraris::meter {
namespace {

using dlms::ActionResult;
using testing::Image;
using testing::ImageBench;
using testing::payload_of;
using testing::plus_seconds;
using testing::utc;

constexpr FirmwareVersion kNext{0, 2, 7};
constexpr std::uint32_t kShortest = kImageHeaderSize + 1;

class ImageTransferTest : public ::testing::Test {
protected:
    /// Transfers, verifies, activates, and lets the new program confirm itself.
    void upgrade(const Image& image) {
        bench.transfer_all(image);
        ASSERT_EQ(bench.verify(), ActionResult::success);
        ASSERT_EQ(bench.activate(), ActionResult::success);
        ASSERT_EQ(bench.status(), ImageStatus::activation_successful);
    }
    /// Transferred and verified, `image` is refused for that reason, and nothing has changed.
    void expect_refused(const Image& image, ImageFault fault) {
        bench.transfer_all(image);
        EXPECT_EQ(bench.verify(), ActionResult::other_reason);
        EXPECT_EQ(bench.status(), ImageStatus::verification_failed);
        EXPECT_EQ(bench.last_value(), static_cast<std::int32_t>(fault));
        EXPECT_EQ(bench.activate(), ActionResult::other_reason);
        EXPECT_EQ(bench.version(), "Ferraris 0.1.0");
        bench.power_up();
        EXPECT_EQ(bench.version(), "Ferraris 0.1.0");
        EXPECT_EQ(bench.status(), ImageStatus::verification_failed);
    }

    ImageBench bench;
    Image good = bench.signer.image(payload_of(5000), kNext);
};

TEST_F(ImageTransferTest, AnActivatedImageChangesVersionAndCheckSum) {
    EXPECT_EQ(bench.version(), "Ferraris 0.1.0");
    EXPECT_EQ(bench.number(2), 512U);
    bench.transfer_all(good);
    EXPECT_EQ(bench.number(4), ImageBench::blocks(good)) << "none is missing";
    EXPECT_EQ(bench.call(3), ActionResult::temporary_failure);
    EXPECT_EQ(bench.status(), ImageStatus::verification_initiated);
    EXPECT_EQ(bench.verify(), ActionResult::success);
    EXPECT_EQ(bench.verify(), ActionResult::success) << "it stays verified";
    EXPECT_EQ(bench.count(Event::firmware_ready), 1U);
    EXPECT_EQ(bench.last_value(), 0x00020007) << "version 0.2.7";
    EXPECT_EQ(bench.version(), "Ferraris 0.1.0") << "ready is not active";
    EXPECT_EQ(bench.call(4), ActionResult::temporary_failure);
    EXPECT_EQ(bench.status(), ImageStatus::activation_initiated);
    bench.run(1, 500);
    EXPECT_EQ(bench.version(), "Ferraris 0.2.7") << "on trial";
    EXPECT_TRUE(bench.boot.state().trial);
    EXPECT_EQ(bench.activate(), ActionResult::success);
    EXPECT_FALSE(bench.boot.state().trial);
    EXPECT_EQ(bench.status(), ImageStatus::activation_successful);
    EXPECT_EQ(bench.count(Event::firmware_activated), 1U);
    EXPECT_EQ(bench.check_sum(), crc32(payload_of(5000)));
    bench.power_up();
    EXPECT_EQ(bench.version(), "Ferraris 0.2.7");
    EXPECT_EQ(bench.activate(), ActionResult::success) << "asked again, nothing happens";
}

TEST_F(ImageTransferTest, ImageToActivateInfoTellsWhatIsVerified) {
    bench.transfer_all(good);
    EXPECT_EQ(bench.read(kReaderSap, {18, testing::kImageName, 7}), testing::octets("01 00"));
    ASSERT_EQ(bench.verify(), ActionResult::success);
    const auto info = bench.read(kReaderSap, {18, testing::kImageName, 7});
    dlms::DataReader in(info);
    ASSERT_EQ(in.array(), 1U);
    ASSERT_EQ(in.structure(), 3U);
    EXPECT_EQ(in.double_long_unsigned(), good.size());
    EXPECT_TRUE(equal(in.octet_string(), octets_of("image")));
    EXPECT_TRUE(equal(in.octet_string(), ByteView(good).subspan(kImageSignedSize, kImageSignatureSize)));
    EXPECT_TRUE(in.finished());
}

TEST_F(ImageTransferTest, BlocksComeInAnyOrderAndAgain) {
    ASSERT_EQ(bench.initiate(static_cast<std::uint32_t>(good.size())), ActionResult::success);
    EXPECT_EQ(bench.transferred(), std::string(ImageBench::blocks(good), '0'));
    for (const std::uint32_t i : {10U, 3U, 0U, 3U, 1U}) {
        EXPECT_EQ(bench.transfer(good, i), ActionResult::success) << i;
    }
    EXPECT_EQ(bench.transferred(), "11010000001");
    EXPECT_EQ(bench.number(4), 2U);
    EXPECT_EQ(bench.call(3), ActionResult::other_reason) << "blocks are missing";
    EXPECT_EQ(bench.status(), ImageStatus::initiated) << "and the transfer can go on";
    for (std::uint32_t i = ImageBench::blocks(good); i-- > 0;)
        EXPECT_EQ(bench.transfer(good, i), ActionResult::success);
    EXPECT_EQ(bench.verify(), ActionResult::success);
}

TEST_F(ImageTransferTest, GoesOnAtTheFirstMissingBlockAfterALossOfPower) {
    ASSERT_EQ(bench.initiate(static_cast<std::uint32_t>(good.size())), ActionResult::success);
    for (std::uint32_t i = 0; i < 6; ++i) ASSERT_EQ(bench.transfer(good, i), ActionResult::success);
    bench.power_up();
    EXPECT_EQ(bench.status(), ImageStatus::initiated);
    EXPECT_EQ(bench.number(4), 6U);
    for (std::uint32_t i = bench.number(4); i < ImageBench::blocks(good); ++i) {
        ASSERT_EQ(bench.transfer(good, i), ActionResult::success);
    }
    EXPECT_EQ(bench.call(3), ActionResult::temporary_failure);
    bench.power_up();
    EXPECT_EQ(bench.status(), ImageStatus::initiated) << "verification is begun anew";
    EXPECT_EQ(bench.verify(), ActionResult::success);
    bench.power_up();
    EXPECT_EQ(bench.status(), ImageStatus::verification_successful);
    EXPECT_EQ(bench.activate(), ActionResult::success);
}

TEST_F(ImageTransferTest, BlocksThatCannotBeAreRefusedAndChangeNothing) {
    ASSERT_EQ(bench.initiate(static_cast<std::uint32_t>(good.size())), ActionResult::success);
    ASSERT_EQ(bench.transfer(good, 0), ActionResult::success);
    const std::uint32_t last = ImageBench::blocks(good) - 1;
    const Image whole(testing::kBlock, 0x55);
    for (const std::uint32_t number : {last + 1, last + 2, 511U, 512U, 0x00800000U, 0xFFFFFFFFU}) {
        EXPECT_EQ(bench.transfer(number, whole), ActionResult::other_reason) << number;
    }
    EXPECT_EQ(bench.transfer(last, whole), ActionResult::other_reason) << "reaches beyond the end";
    EXPECT_EQ(bench.transfer(1, ByteView(whole).first(511)), ActionResult::other_reason);
    EXPECT_EQ(bench.transfer(1, Image(513)), ActionResult::other_reason);
    EXPECT_EQ(bench.transfer(1, {}), ActionResult::other_reason);
    EXPECT_EQ(bench.transfer(0, whole), ActionResult::other_reason) << "the block is there, with other octets";
    EXPECT_EQ(bench.invoke(kUtilitySap, {18, testing::kImageName, 2}, testing::octets("06 00000000")),
              ActionResult::type_unmatched);
    EXPECT_EQ(bench.transferred(), "1" + std::string(last, '0'));
    for (std::uint32_t i = 1; i <= last; ++i) ASSERT_EQ(bench.transfer(good, i), ActionResult::success);
    EXPECT_EQ(bench.verify(), ActionResult::success) << "what was refused left nothing behind";
}

TEST_F(ImageTransferTest, ImpossibleTransfersAreRefusedAndTheOneBeforeGoesOn) {
    ASSERT_EQ(bench.initiate(static_cast<std::uint32_t>(good.size())), ActionResult::success);
    ASSERT_EQ(bench.transfer(good, 2), ActionResult::success);
    for (const std::uint32_t size : {0U, 1U, kShortest - 1, kMaxImageSize + 1, 0xFFFFFFFFU}) {
        EXPECT_EQ(bench.initiate(size), ActionResult::other_reason) << size;
    }
    EXPECT_EQ(bench.initiate(kShortest, std::string(49, 'x')), ActionResult::other_reason);
    EXPECT_EQ(bench.invoke(kUtilitySap, {18, testing::kImageName, 1}, testing::octets("0F 00")),
              ActionResult::type_unmatched);
    EXPECT_EQ(bench.transferred().substr(0, 4), "0010");
    EXPECT_EQ(bench.initiate(kMaxImageSize, std::string(48, 'x')), ActionResult::success);
    EXPECT_EQ(bench.transferred(), std::string(512, '0'));
}

TEST_F(ImageTransferTest, NothingHappensWhileItIsNotEnabled) {
    ASSERT_EQ(bench.initiate(static_cast<std::uint32_t>(good.size())), ActionResult::success);
    ASSERT_EQ(bench.write(kUtilitySap, {18, testing::kImageName, 5}, testing::octets("03 00")),
              dlms::DataAccessResult::success);
    bench.power_up();
    EXPECT_EQ(bench.initiate(5000), ActionResult::object_unavailable);
    EXPECT_EQ(bench.transfer(good, 0), ActionResult::object_unavailable);
    EXPECT_EQ(bench.call(3), ActionResult::object_unavailable);
    EXPECT_EQ(bench.call(4), ActionResult::object_unavailable);
    EXPECT_EQ(bench.write(kUtilitySap, {18, testing::kImageName, 5}, testing::octets("11 01")),
              dlms::DataAccessResult::type_unmatched);
    ASSERT_EQ(bench.write(kTechnicianSap, {18, testing::kImageName, 5}, testing::octets("03 01")),
              dlms::DataAccessResult::success);
    EXPECT_EQ(bench.transfer(good, 0), ActionResult::success) << "the transfer of before";
}

TEST_F(ImageTransferTest, WhoMayDoWhat) {
    EXPECT_EQ(bench.invoke(kReaderSap, {18, testing::kImageName, 3}, testing::octets("0F 00")),
              ActionResult::read_write_denied);
    EXPECT_EQ(bench.write(kReaderSap, {18, testing::kImageName, 5}, testing::octets("03 01")),
              dlms::DataAccessResult::read_write_denied);
    (void)bench.read(kPublicSap, {18, testing::kImageName, 6});
    EXPECT_NE(bench.result, dlms::DataAccessResult::success);
}

TEST_F(ImageTransferTest, UnsignedImagesAreRefused) {
    Image image = good;
    std::fill_n(image.begin() + kImageSignedSize, kImageSignatureSize, std::uint8_t{0});
    expect_refused(image, ImageFault::wrong_signature);
}

TEST_F(ImageTransferTest, ImagesOfAnotherSignerAreRefused) {
    const testing::Signer other(*bench.crypto);
    expect_refused(other.image(payload_of(5000), kNext), ImageFault::wrong_signature);
}

TEST_F(ImageTransferTest, AnAlteredHeaderIsRefused) {
    Image image = good;
    image[31] = 0x08;  // the build of the version
    expect_refused(image, ImageFault::wrong_signature);
}

TEST_F(ImageTransferTest, AnAlteredPayloadIsRefused) {
    for (const std::size_t at : {kImageHeaderSize, good.size() - 1, kImageHeaderSize + 3000}) {
        Image image = good;
        image[at] ^= 0x10U;
        expect_refused(image, ImageFault::wrong_digest);
    }
}

TEST_F(ImageTransferTest, ImagesCutOrContinuedAreRefused) {
    Image cut = good;
    cut.resize(good.size() - 1);
    expect_refused(cut, ImageFault::wrong_size);
    Image longer = good;
    longer.push_back(0);
    expect_refused(longer, ImageFault::wrong_size);
}

TEST_F(ImageTransferTest, OctetsThatAreNoImageAreRefused) {
    expect_refused(payload_of(5000), ImageFault::not_an_image);
    Image image = good;
    image[5] = 2;
    expect_refused(image, ImageFault::unknown_format);
}

TEST_F(ImageTransferTest, ImagesForOtherHardwareAreRefused) {
    expect_refused(bench.signer.image(payload_of(900), kNext,
                                      [](ImageHeader& header) { ASSERT_TRUE(set_hardware(header, "FRS-3P-5-100")); }),
                   ImageFault::other_hardware);
}

TEST_F(ImageTransferTest, ImagesThatWantANewerProgramBeforeThemAreRefused) {
    expect_refused(bench.signer.image(payload_of(900), kNext,
                                      [](ImageHeader& header) {
                                          header.from = {0, 1, 1};
                                      }),
                   ImageFault::older_than_from);
}

TEST_F(ImageTransferTest, AMeterWithoutATrustKeyTakesNone) {
    bench.factory.firmware_key = {};
    bench.power_up();
    expect_refused(good, ImageFault::no_trust_key);
}

TEST_F(ImageTransferTest, OlderAndReplayedImagesAreRefused) {
    upgrade(good);
    for (const FirmwareVersion version : {FirmwareVersion{0, 1, 0}, FirmwareVersion{0, 2, 6}, kNext}) {
        bench.transfer_all(bench.signer.image(payload_of(700, 9), version));
        EXPECT_EQ(bench.verify(), ActionResult::other_reason);
        EXPECT_EQ(bench.last_value(), static_cast<std::int32_t>(ImageFault::not_newer));
    }
    EXPECT_EQ(bench.version(), "Ferraris 0.2.7");
}

TEST_F(ImageTransferTest, OneImageAfterTheOtherTakesTheFreeArea) {
    for (std::uint16_t build = 1; build <= 4; ++build) {
        upgrade(bench.signer.image(payload_of(3000, static_cast<std::uint8_t>(build)), {1, 0, build}));
        EXPECT_EQ(bench.version(), "Ferraris 1.0." + std::to_string(build));
    }
    EXPECT_EQ(bench.meter->instrument().audit_trail.count(), 4U);
}

TEST_F(ImageTransferTest, AnImageThatDoesNotComeUpGivesWayToTheOldOne) {
    bench.transfer_all(good);
    ASSERT_EQ(bench.verify(), ActionResult::success);
    ASSERT_EQ(bench.call(4), ActionResult::temporary_failure);
    for (int start = 0; start < BootLoader::kMostTrials; ++start) {
        bench.power_up();
        EXPECT_EQ(bench.version(), "Ferraris 0.2.7");
        bench.run(ImageTransfer::kTrialSeconds - 1, 500);  // then it hangs
    }
    bench.power_up();
    EXPECT_EQ(bench.version(), "Ferraris 0.1.0");
    bench.run(1, 500);
    EXPECT_EQ(bench.status(), ImageStatus::activation_failed);
    EXPECT_EQ(bench.count(Event::firmware_activation_failed), 1U);
    EXPECT_EQ(bench.count(Event::firmware_activated), 0U);
    EXPECT_EQ(bench.activate(), ActionResult::other_reason);
    upgrade(good);
}

TEST_F(ImageTransferTest, AnImageOnTrialIsNotOverwritten) {
    bench.transfer_all(good);
    ASSERT_EQ(bench.verify(), ActionResult::success);
    ASSERT_EQ(bench.call(4), ActionResult::temporary_failure);
    EXPECT_EQ(bench.initiate(5000), ActionResult::temporary_failure) << "it is about to start";
    bench.run(2, 500);
    EXPECT_EQ(bench.initiate(5000), ActionResult::temporary_failure) << "the old one may have to come back";
    EXPECT_EQ(bench.activate(), ActionResult::success);
    EXPECT_EQ(bench.initiate(5000), ActionResult::success);
}

TEST_F(ImageTransferTest, ADamagedImageDoesNotRun) {
    upgrade(good);
    const std::array<std::uint8_t, 1> nothing{0};
    ASSERT_TRUE(bench.flash.program(kFirstImageRegion.first_sector * kSectorSize + 1000, nothing));
    bench.power_up();
    EXPECT_EQ(bench.version(), "Ferraris 0.1.0") << "the factory's program is always there";
    EXPECT_EQ(bench.boot.state().running, board::Slot::factory);
}

TEST_F(ImageTransferTest, TheAuditTrailTellsOfTheLegallyRelevantPart) {
    const std::uint32_t before = bench.check_sum();
    upgrade(good);
    {
        const auto entry = bench.meter->instrument().audit_trail.read(0);
        ASSERT_TRUE(entry);
        EXPECT_EQ(entry->change.client_sap, kUtilitySap);
        EXPECT_EQ(entry->change.parameter.instance, kProgramCheckSum.instance);
        EXPECT_EQ(entry->change.before, before);
        EXPECT_EQ(entry->change.after, crc32(payload_of(5000)));
    }
    // The next image has the same legally relevant part, and something new behind it.
    Image payload = payload_of(5000);
    payload.insert(payload.end(), 100, 0x77);
    upgrade(bench.signer.image(payload, {0, 3, 0}, [](ImageHeader& header) { header.legal_size = 5000; }));
    EXPECT_EQ(bench.version(), "Ferraris 0.3.0");
    EXPECT_EQ(bench.check_sum(), crc32(payload_of(5000)));
    EXPECT_EQ(bench.meter->instrument().audit_trail.count(), 1U);
}

TEST_F(ImageTransferTest, TheAuditTrailTellsOfTheWayBack) {
    bench.transfer_all(good);
    ASSERT_EQ(bench.verify(), ActionResult::success);
    ASSERT_EQ(bench.call(4), ActionResult::temporary_failure);
    for (int start = 0; start <= BootLoader::kMostTrials; ++start) bench.power_up();
    const AuditTrail& trail = bench.meter->instrument().audit_trail;
    ASSERT_EQ(trail.count(), 2U);
    EXPECT_EQ(trail.read(1)->change.client_sap, 0U) << "the meter itself";
    EXPECT_EQ(trail.last_value(kProgramCheckSum), 0U);
}

TEST_F(ImageTransferTest, WithAFullAuditTrailNothingIsActivated) {
    bench.transfer_all(good);
    ASSERT_EQ(bench.verify(), ActionResult::success);
    std::uint16_t constant = 1000;
    while (bench.meter->instrument().audit_trail.free() > 1) {
        constant = constant == 1000 ? 10'000 : 1000;
        ASSERT_EQ(bench.write(kUtilitySap, kPulseConstant, ImageBench::encoded([&](dlms::DataWriter& data) {
                                  data.double_long_unsigned(constant);
                              })),
                  dlms::DataAccessResult::success);
    }
    EXPECT_EQ(bench.call(4), ActionResult::other_reason) << "there would be no room for the way back";
    EXPECT_EQ(bench.status(), ImageStatus::verification_successful);
    bench.run(5, 500);
    EXPECT_EQ(bench.version(), "Ferraris 0.1.0");
}

TEST_F(ImageTransferTest, ActivationVerifiesFirstWhatWasNot) {
    bench.transfer_all(good);
    EXPECT_EQ(bench.activate(), ActionResult::success);
    EXPECT_EQ(bench.version(), "Ferraris 0.2.7");
}

TEST_F(ImageTransferTest, BlocksHaveToWaitWhileTheImageIsVerified) {
    const Image large = bench.signer.image(payload_of(100'000), kNext);
    bench.transfer_all(large);
    const UtcTime from = bench.now;
    EXPECT_EQ(bench.call(3), ActionResult::temporary_failure);
    EXPECT_EQ(bench.transfer(large, 0), ActionResult::temporary_failure);
    EXPECT_EQ(bench.verify(), ActionResult::success);
    EXPECT_EQ(bench.now, plus_seconds(from, 5)) << "one for the signature, 32 KiB each";
}

class ImageSchedule : public ImageTransferTest {
protected:
    static constexpr dlms::LogicalName kSchedule = dlms::obis(0, 0, 15, 0, 2);

    dlms::DataAccessResult schedule(UtcTime at) {
        const CivilTime local = bench.meter->instrument().clock.rule.local(at);
        return bench.write(kTechnicianSap, {22, kSchedule, 4}, ImageBench::encoded([&](dlms::DataWriter& data) {
                               data.array(1);
                               data.structure(2);
                               data.octet_string(dlms::encode(dlms::Time{local.hour, local.minute, local.second, 0}));
                               dlms::Date date;
                               date.year = static_cast<std::uint16_t>(local.year);
                               date.month = local.month;
                               date.day_of_month = local.day;
                               data.octet_string(dlms::encode(date));
                           }));
    }
};

TEST_F(ImageSchedule, ActivatesAtItsTime) {
    bench.transfer_all(good);
    ASSERT_EQ(bench.verify(), ActionResult::success);
    const UtcTime at = plus_seconds(bench.now, 120);
    ASSERT_EQ(schedule(at), dlms::DataAccessResult::success);
    bench.run(119, 500);
    EXPECT_EQ(bench.status(), ImageStatus::verification_successful);
    bench.run(30, 500);
    EXPECT_EQ(bench.version(), "Ferraris 0.2.7");
    EXPECT_EQ(bench.status(), ImageStatus::activation_successful);
    EXPECT_EQ(bench.meter->instrument().audit_trail.read(0)->change.client_sap, kTechnicianSap);
}

TEST_F(ImageSchedule, MakesUpForATimeWithoutPower) {
    bench.transfer_all(good);
    ASSERT_EQ(bench.verify(), ActionResult::success);
    ASSERT_EQ(schedule(plus_seconds(bench.now, 120)), dlms::DataAccessResult::success);
    bench.now = plus_seconds(bench.now, 3600);
    bench.power_up();
    bench.run(30, 500);
    EXPECT_EQ(bench.version(), "Ferraris 0.2.7");
    EXPECT_EQ(bench.count(Event::firmware_activated), 1U);
}

TEST_F(ImageSchedule, VerifiesFirstAndTellsOfAnImageThatIsNotWhole) {
    bench.transfer_all(good);
    ASSERT_EQ(schedule(plus_seconds(bench.now, 60)), dlms::DataAccessResult::success);
    bench.run(90, 500);
    EXPECT_EQ(bench.version(), "Ferraris 0.2.7");

    ASSERT_EQ(bench.initiate(5000), ActionResult::success);
    ASSERT_EQ(schedule(plus_seconds(bench.now, 60)), dlms::DataAccessResult::success);
    bench.run(90, 500);
    EXPECT_EQ(bench.count(Event::firmware_activation_failed), 1U);
    EXPECT_EQ(bench.status(), ImageStatus::initiated) << "blocks can still come";
}

TEST_F(ImageSchedule, BadTimesAreRefusedAndTheOldOnesStay) {
    ASSERT_EQ(schedule(utc(2026, 6, 1, 2)), dlms::DataAccessResult::success);
    const auto before = bench.read(kUtilitySap, {22, kSchedule, 4});
    EXPECT_EQ(bench.write(kUtilitySap, {22, kSchedule, 4}, testing::octets("0F 00")),
              dlms::DataAccessResult::type_unmatched);
    EXPECT_EQ(bench.write(kUtilitySap, {22, kSchedule, 4},
                          testing::octets("01 01 02 02 09 04 19 00 00 00 09 05 07EA 0101 FF")),
              dlms::DataAccessResult::other_reason)
        << "25 o'clock";
    EXPECT_EQ(bench.write(kReaderSap, {22, kSchedule, 4}, testing::octets("01 00")),
              dlms::DataAccessResult::read_write_denied);
    bench.power_up();
    EXPECT_EQ(bench.read(kUtilitySap, {22, kSchedule, 4}), before);
    EXPECT_EQ(bench.write(kUtilitySap, {22, kSchedule, 4}, testing::octets("01 00")), dlms::DataAccessResult::success);
    EXPECT_EQ(bench.read(kUtilitySap, {22, kSchedule, 4}), testing::octets("01 00"));
}

TEST_F(ImageSchedule, TheScriptActivates) {
    bench.transfer_all(good);
    ASSERT_EQ(bench.verify(), ActionResult::success);
    const dlms::LogicalName scripts = dlms::obis(0, 0, 10, 0, 107);
    EXPECT_EQ(bench.invoke(kUtilitySap, {9, scripts, 1}, testing::octets("12 0002")), ActionResult::object_undefined);
    EXPECT_EQ(bench.invoke(kUtilitySap, {9, scripts, 1}, testing::octets("12 0001")), ActionResult::temporary_failure);
    bench.run(20, 500);
    EXPECT_EQ(bench.version(), "Ferraris 0.2.7");
}

}  // namespace
}  // namespace ferraris::meter
