// Power is cut before, inside and after every flash operation of a whole upgrade: initiate, blocks, verification,
// activation, the first start and the confirmation of the new program; and of the way back.
#include <gtest/gtest.h>

#include "meter/image/support.hpp"

namespace ferraris::meter {
namespace {

using dlms::ActionResult;
using testing::Image;
using testing::ImageBench;
using testing::payload_of;
using testing::Tear;

constexpr const char* kOld = "Ferraris 0.1.0";
constexpr const char* kNew = "Ferraris 0.2.0";

class ImagePowerCut : public ::testing::TestWithParam<Tear> {
protected:
    /// A client that does the next thing, as often as it takes. False: power is away, or nothing helps.
    static bool upgrade(ImageBench& bench, const Image& image, std::uint32_t& acknowledged) {
        const auto lost = [&] { return bench.flash.powerless(); };
        const auto size = static_cast<std::uint32_t>(image.size());
        if (bench.status() == ImageStatus::not_initiated) {
            if (bench.initiate(size) != ActionResult::success || lost()) return false;
            acknowledged = 0;
        }
        while (bench.status() == ImageStatus::initiated && bench.number(4) < ImageBench::blocks(image)) {
            if (bench.transfer(image, bench.number(4)) != ActionResult::success || lost()) return false;
            ++acknowledged;
        }
        for (int seconds = 0; seconds < 40 && bench.status() != ImageStatus::activation_successful; ++seconds) {
            const ActionResult result = bench.call(4);
            if (lost() || (result != ActionResult::temporary_failure && result != ActionResult::success)) return false;
            bench.run_while_powered(1);
            if (lost()) return false;
        }
        return bench.status() == ImageStatus::activation_successful;
    }
};

TEST_P(ImagePowerCut, NothingIsLostWhereverItComes) {
    const auto crypto = make_openssl_crypto();
    const testing::Signer signer(*crypto);
    const Image image = signer.image(payload_of(5 * 512), {0, 2, 0});
    std::size_t cuts = 0;
    bool whole = false;
    for (std::uint64_t operation = 0; !whole; ++operation, ++cuts) {
        ImageBench bench;
        bench.factory.firmware_key = signer.key;
        bench.power_up();
        std::uint32_t acknowledged = 0;
        bench.flash.cut_at(operation, GetParam(), static_cast<std::uint32_t>(operation * 7 + 1));
        whole = upgrade(bench, image, acknowledged) && !bench.flash.powerless();
        bench.flash.restore_power();
        bench.power_up();
        // One of the two programs, whole.
        const std::string version = bench.version();
        ASSERT_TRUE(version == kOld || version == kNew) << operation << ": " << version;
        if (bench.status() == ImageStatus::initiated) {
            ASSERT_GE(bench.number(4), acknowledged) << operation << ": an acknowledged block is lost";
        }
        ASSERT_LE(bench.meter->instrument().audit_trail.count(), 3U) << operation;
        ASSERT_TRUE(bench.meter->instrument().audit_trail.is_intact()) << operation;
        // The client goes on where the meter is.
        for (int attempt = 0; attempt < 3 && bench.version() != kNew; ++attempt)
            (void)upgrade(bench, image, acknowledged);
        (void)upgrade(bench, image, acknowledged);
        ASSERT_EQ(bench.version(), kNew) << operation;
        ASSERT_EQ(bench.status(), ImageStatus::activation_successful) << operation;
        ASSERT_EQ(bench.meter->instrument().audit_trail.last_value(kProgramCheckSum), bench.check_sum()) << operation;
        bench.power_up();
        ASSERT_EQ(bench.version(), kNew) << operation << ": it stays";
    }
    EXPECT_GT(cuts, 40U);
}

TEST_P(ImagePowerCut, TheWayBackComesWhole) {
    const auto crypto = make_openssl_crypto();
    const testing::Signer signer(*crypto);
    const Image image = signer.image(payload_of(700), {0, 2, 0});
    bool whole = false;
    for (std::uint64_t operation = 0; !whole; ++operation) {
        ImageBench bench;
        bench.factory.firmware_key = signer.key;
        bench.power_up();
        bench.transfer_all(image);
        ASSERT_EQ(bench.verify(), ActionResult::success);
        ASSERT_EQ(bench.call(4), ActionResult::temporary_failure);
        bench.flash.cut_at(operation, GetParam(), static_cast<std::uint32_t>(operation + 1));
        // The new program never lives long enough to confirm itself.
        for (int start = 0; start <= BootLoader::kMostTrials && !bench.flash.powerless(); ++start) {
            bench.power_up_whatever_comes();
        }
        whole = !bench.flash.powerless();
        bench.flash.restore_power();
        for (int start = 0; start <= BootLoader::kMostTrials; ++start) bench.power_up();
        ASSERT_EQ(bench.version(), kOld) << operation;
        bench.run(2, 500);
        ASSERT_EQ(bench.status(), ImageStatus::activation_failed) << operation;
        ASSERT_EQ(bench.meter->instrument().audit_trail.last_value(kProgramCheckSum), bench.check_sum()) << operation;
    }
}

std::string tear_name(const ::testing::TestParamInfo<Tear>& info) {
    constexpr std::array kNames{"Before", "Inside", "After"};
    return kNames[static_cast<std::size_t>(info.param)];
}
INSTANTIATE_TEST_SUITE_P(Everywhere, ImagePowerCut, ::testing::Values(Tear::before, Tear::inside, Tear::after),
                         tear_name);

}  // namespace
}  // namespace ferraris::meter
