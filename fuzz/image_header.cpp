/// Heads of firmware images, as anybody may send them: what is decoded encodes to the same octets, nothing is read
/// outside, and without the right key none is taken.
#include "meter/image/image_header.hpp"

#include <algorithm>
#include <cstdlib>
#include <memory>
#include <vector>

#include "crypto/openssl.hpp"

using namespace ferraris;

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    static const std::unique_ptr<Crypto> crypto = make_openssl_crypto();
    const ByteView octets(data, size);
    meter::ImageHeader header;
    if (meter::decode_image_header(octets, header) != meter::ImageFault::none) return 0;
    if (header.payload_size > meter::kMaxImageSize - meter::kImageHeaderSize ||
        header.legal_size > header.payload_size) {
        std::abort();
    }
    std::vector<std::uint8_t> again(meter::kImageHeaderSize);
    meter::encode_image_header(header, again);
    if (!equal(again, octets.first(meter::kImageHeaderSize))) std::abort();
    meter::ImageRules rules;
    const auto whole = static_cast<std::uint32_t>(meter::kImageHeaderSize + header.payload_size);
    if (meter::judge(rules, *crypto, header, whole) == meter::ImageFault::none) std::abort();
    // The base point of the curve: a key whose owner nobody here is.
    constexpr std::array<std::uint8_t, 64> kBasePoint{
        0x6B, 0x17, 0xD1, 0xF2, 0xE1, 0x2C, 0x42, 0x47, 0xF8, 0xBC, 0xE6, 0xE5, 0x63, 0xA4, 0x40, 0xF2,
        0x77, 0x03, 0x7D, 0x81, 0x2D, 0xEB, 0x33, 0xA0, 0xF4, 0xA1, 0x39, 0x45, 0xD8, 0x98, 0xC2, 0x96,
        0x4F, 0xE3, 0x42, 0xE2, 0xFE, 0x1A, 0x7F, 0x9B, 0x8E, 0xE7, 0xEB, 0x4A, 0x7C, 0x0F, 0x9E, 0x16,
        0x2B, 0xCE, 0x33, 0x57, 0x6B, 0x31, 0x5E, 0xCE, 0xCB, 0xB6, 0x40, 0x68, 0x37, 0xBF, 0x51, 0xF5};
    rules.key = kBasePoint;
    if (meter::judge(rules, *crypto, header, whole) == meter::ImageFault::none) std::abort();
    if (meter::judge(rules, *crypto, header, whole - 1) != meter::ImageFault::wrong_size) std::abort();
    return 0;
}
