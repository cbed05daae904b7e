// The cases of image transfer and of blocks against a small device that has class 18, and against the same device with
// its refusals turned into consent, so that each is seen to pass and to fail.
#include <gtest/gtest.h>

#include "base/hex.hpp"
#include "conform/cases.hpp"
#include "conform/image_device.hpp"
#include "conform/in_process_line.hpp"
#include "conform/obliging.hpp"
#include "crypto/openssl.hpp"

namespace ferraris::conform {
namespace {

using testing::ImageDevice;
using testing::ImageState;
using testing::InProcessLine;

Image right_image() {
    Image image;
    image.identifier = {'F', 'I', 'R', 'M'};
    image.octets.resize(500);
    for (std::size_t i = 0; i < image.octets.size(); ++i) image.octets[i] = static_cast<std::uint8_t>(i);
    Octets check(4);
    ByteWriter out(check);
    out.u32(crc32(image.octets));
    image.octets.insert(image.octets.end(), check.begin(), check.end());
    return image;
}

Outcome run_on_device(const Case& conformance_case, ImageState& state, const testing::Mutation& mutation = {}) {
    const auto crypto = make_openssl_crypto();
    ImageDevice device(state);
    InProcessLine line(device, *crypto, Framing::wrapper, mutation);
    Target target;
    target.destructive = true;
    target.irreversible = true;
    target.image = right_image();
    return run_case(conformance_case, line, target, *crypto);
}

std::string name_of_case(const ::testing::TestParamInfo<Case>& info) { return info.param.id; }

class ImageTransferDevice : public ::testing::TestWithParam<Case> {};

TEST_P(ImageTransferDevice, Passes) {
    ImageState state;
    const bool off = std::string(GetParam().id) == "IMGT_NotEnabled";
    state.enabled = !off;
    state.polls_until_verified = 2;
    const Outcome outcome = run_on_device(GetParam(), state);
    EXPECT_EQ(outcome.verdict, Verdict::passed) << outcome.why;
    if (std::string(GetParam().id) == "IMGT_Activate") {
        EXPECT_EQ(state.status, 6);
    }
}

TEST_P(ImageTransferDevice, IsSeenToFail) {
    ImageState state;
    state.enabled = std::string(GetParam().id) != "IMGT_NotEnabled";
    testing::Obliging obliging;
    // What only has to be right is seen to fail by a device that gives every attribute and result as that of an enabled
    // transfer of nothing.
    const bool positive =
        std::string(GetParam().id) == "IMGT_Attributes" || std::string(GetParam().id) == "IMGT_Initiate" ||
        std::string(GetParam().id) == "IMGT_FirstNotTransferred" || std::string(GetParam().id) == "IMGT_OutOfOrder" ||
        std::string(GetParam().id) == "IMGT_Verify" || std::string(GetParam().id) == "IMGT_Activate";
    const auto forgetful =
        testing::Mutation{[](Octets& request) {
                              // GET of attribute 4 or 6 of class 18 becomes one of attribute 5: another type.
                              constexpr std::size_t kAttribute = 8 + 11;
                              if (request.size() > kAttribute && request[8] == 0xC0 && request[12] == 18 &&
                                  (request[kAttribute] == 4 || request[kAttribute] == 6)) {
                                  request[kAttribute] = 5;
                              }
                          },
                          {}};
    const Outcome outcome = run_on_device(GetParam(), state, positive ? forgetful : obliging.mutation());
    EXPECT_EQ(outcome.verdict, Verdict::failed) << outcome.why;
}

INSTANTIATE_TEST_SUITE_P(ImageTransfer, ImageTransferDevice,
                         ::testing::ValuesIn(image_cases().begin(), image_cases().end()), name_of_case);

/// The same device takes SET and ACTION in blocks of a client without keys, so that what it answers can be changed.
class BlocksOfDevice : public ::testing::TestWithParam<Case> {};

TEST_P(BlocksOfDevice, Pass) {
    ImageState state;
    const Outcome outcome = run_on_device(GetParam(), state);
    EXPECT_EQ(outcome.verdict, Verdict::passed) << outcome.why;
}

TEST_P(BlocksOfDevice, AreSeenToFail) {
    ImageState state;
    testing::Obliging obliging;
    const std::string id = GetParam().id;
    // Behind blocks out of order, or a false acknowledgement, a meter may answer or refuse, but not fall silent; what
    // is right anyway is seen to fail by silence too.
    const bool silence = id.find("_P") != std::string::npos || id == "GBT_N1" || id == "GBT_N2";
    const testing::Mutation mute{{}, [](Octets& answer) {
                                     const bool aare = answer.size() > 8 && answer[8] == 0x61;
                                     if (!aare) answer.clear();
                                 }};
    const Outcome outcome = run_on_device(GetParam(), state, silence ? mute : obliging.mutation());
    EXPECT_EQ(outcome.verdict, Verdict::failed) << outcome.why;
}

INSTANTIATE_TEST_SUITE_P(Blocks, BlocksOfDevice, ::testing::ValuesIn(block_cases().begin(), block_cases().end()),
                         name_of_case);

TEST(ImageTransferCases, SpareWhatTheyMustNotTouch) {
    const auto crypto = make_openssl_crypto();
    ImageState state;
    ImageDevice device(state);
    InProcessLine line(device, *crypto, Framing::wrapper);
    Target target;
    for (const Case& each : image_cases()) {
        const Outcome outcome = run_case(each, line, target, *crypto);
        EXPECT_NE(outcome.verdict, Verdict::failed) << each.id << outcome.why;
        EXPECT_EQ(state.status, 0) << each.id << " begins no transfer without --destructive";
    }
}

}  // namespace
}  // namespace ferraris::conform
