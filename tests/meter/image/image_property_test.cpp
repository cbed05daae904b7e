// Image transfer against a reference model, with random requests, seconds and losses of power.
#include <gtest/gtest.h>

#include "meter/image/reference_transfer.hpp"

namespace ferraris::meter {
namespace {

using testing::Image;
using testing::ImageBench;
using testing::KnownImage;
using testing::payload_of;
using testing::ReferenceTransfer;

/// Signed by one whom all benches of a test trust.
std::vector<KnownImage> make_images(const testing::Signer& signer, Crypto& crypto) {
    std::vector<KnownImage> images;
    const auto add = [&](std::size_t size, FirmwareVersion version) {
        images.push_back({signer.image(payload_of(size, version.minor), version), version});
    };
    add(900, {0, 2, 0});
    add(900, {0, 3, 0});
    add(2000, {1, 0, 0});
    add(377, {0, 1, 0});  // not newer
    KnownImage altered = images[0];
    altered.octets.back() ^= 1U;
    altered.right_payload = false;
    images.push_back(altered);
    const testing::Signer other(crypto);
    images.push_back({other.image(payload_of(900, 5), {0, 5, 0}), {0, 5, 0}, false});
    return images;
}

TEST(ImageTransferProperty, ItIsWhatTheReferenceSays) {
    const auto crypto = make_openssl_crypto();
    const testing::Signer signer(*crypto);
    const std::vector<KnownImage> images = make_images(signer, *crypto);
    int activated = 0;
    int failed = 0;
    const bool held = rc::check("as the reference", [&] {
        ImageBench bench;
        bench.factory.firmware_key = signer.key;
        bench.power_up();
        ReferenceTransfer reference(images);
        // Most of the time one image, else nothing would ever be whole.
        const Image* image = &images[0].octets;
        const int steps = *rc::gen::inRange(20, 120);
        for (int step = 0; step < steps; ++step) {
            const int what = *rc::gen::inRange(0, 20);
            if (what == 0) {
                image = &images[*rc::gen::inRange<std::size_t>(0, images.size())].octets;
                const auto size = static_cast<std::uint32_t>(image->size());
                RC_ASSERT(bench.initiate(size) == reference.initiate(size));
            } else if (what == 1) {
                const auto size = *rc::gen::element(0U, 136U, 262'145U);
                RC_ASSERT(bench.initiate(size) == reference.initiate(size));
            } else if (what < 7) {
                const std::uint32_t number = *rc::gen::inRange(0U, 6U);
                Image block;
                if (number < ImageBench::blocks(*image)) {
                    const ByteView view = ImageBench::block(*image, number);
                    block.assign(view.begin(), view.end());
                }
                if (*rc::gen::inRange(0, 8) == 0) block.push_back(1);
                if (!block.empty() && *rc::gen::inRange(0, 8) == 0) block[0] ^= 0x40U;
                RC_ASSERT(bench.transfer(number, block) == reference.transfer(number, block));
            } else if (what < 10) {
                // All that is missing, as a client would send it.
                for (std::uint32_t i = 0; i < ImageBench::blocks(*image); ++i) {
                    const ByteView block = ImageBench::block(*image, i);
                    RC_ASSERT(bench.transfer(i, block) == reference.transfer(i, {block.begin(), block.end()}));
                }
            } else if (what < 12) {
                RC_ASSERT(bench.call(3) == reference.verify());
            } else if (what < 14) {
                RC_ASSERT(bench.call(4) == reference.activate());
            } else if (what < 18) {
                const int seconds = *rc::gen::inRange(1, 12);
                for (int i = 0; i < seconds; ++i) {
                    bench.run(1, 500);
                    reference.second();
                }
            } else if (what == 18) {
                bench.power_up();
                reference.power_up();
            } else {
                const bool enabled = *rc::gen::inRange(0, 4) != 0;
                RC_ASSERT(bench.write(kUtilitySap, {18, testing::kImageName, 5},
                                      testing::octets(enabled ? "03 01" : "03 00")) == dlms::DataAccessResult::success);
                reference.enabled = enabled;
            }
            RC_ASSERT(bench.status() == reference.status);
            RC_ASSERT(bench.transferred() == reference.transferred());
            RC_ASSERT(bench.number(4) == reference.first_missing());
            const auto text = text_of(reference.running);
            RC_ASSERT(bench.version() == std::string(text.begin(), text.end()));
            activated += reference.status == ImageStatus::activation_successful ? 1 : 0;
            failed += reference.status == ImageStatus::verification_failed ? 1 : 0;
        }
    });
    EXPECT_TRUE(held);
    EXPECT_GT(activated, 0) << "the sequences reach the end of a transfer";
    EXPECT_GT(failed, 0);
}

}  // namespace
}  // namespace ferraris::meter
