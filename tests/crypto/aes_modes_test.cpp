#include <gtest/gtest.h>

#include <array>
#include <vector>

#include "base/hex.hpp"
#include "crypto/openssl.hpp"

namespace ferraris {
namespace {

using Octets = std::vector<std::uint8_t>;

// NIST SP 800-38A, F.2.1: CBC-AES128, the first two blocks.
constexpr const char* kNistKey = "2B7E151628AED2A6ABF7158809CF4F3C";
constexpr const char* kFirstBlocks = "6BC1BEE22E409F96E93D7E117393172AAE2D8A571E03AC9C9EB76FAC45AF8E51";
constexpr const char* kCbcCipher = "7649ABAC8119B246CEE98E9B12E9197D5086CB9B507219EE95DB113A917678B2";
constexpr AesBlock kFirstVector{0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15};

TEST(AesModes, CbcOfTheRecommendation) {
    const auto crypto = make_openssl_crypto();
    const Octets key = *from_hex(kNistKey);
    Octets text = *from_hex(kFirstBlocks);
    ASSERT_TRUE(crypto->cbc_encrypt(key, kFirstVector, text, text)) << "in place";
    EXPECT_EQ(to_hex(text), kCbcCipher);
    ASSERT_TRUE(crypto->cbc_decrypt(key, kFirstVector, text, text));
    EXPECT_EQ(to_hex(text), kFirstBlocks);
}

TEST(AesModes, CbcRefusesPartsOfBlocksAndOddKeys) {
    const auto crypto = make_openssl_crypto();
    const Octets key = *from_hex(kNistKey);
    Octets out(15, 0xEE);
    EXPECT_FALSE(crypto->cbc_encrypt(key, kFirstVector, Octets(15), out));
    EXPECT_EQ(out, Octets(15)) << "nothing of a failure is given out";
    Octets block(16, 0xEE);
    EXPECT_FALSE(crypto->cbc_decrypt(Octets(17), kFirstVector, Octets(16), block));
    EXPECT_EQ(block, Octets(16));
}

// RFC 4493, section 4: examples 1, 2 and 3.
TEST(AesModes, CmacOfTheRfc) {
    const auto crypto = make_openssl_crypto();
    const Octets key = *from_hex(kNistKey);
    const Octets message =
        *from_hex("6BC1BEE22E409F96E93D7E117393172AAE2D8A571E03AC9C9EB76FAC45AF8E5130C81C46A35CE411");
    struct Example {
        std::size_t length;
        const char* tag;
    };
    for (const Example& example :
         {Example{0, "BB1D6929E95937287FA37D129B756746"}, Example{16, "070A16B46B4D4144F79BDD9DD04A287C"},
          Example{40, "DFA66747DE9AE63030CA32611497C827"}}) {
        AesBlock tag{};
        const ByteView whole = ByteView(message).first(example.length);
        const std::array pieces{whole.first(example.length / 2), whole.subspan(example.length / 2)};
        ASSERT_TRUE(crypto->cmac(key, pieces, tag));
        EXPECT_EQ(to_hex(tag), example.tag) << example.length << " octets";
    }
    AesBlock tag{};
    EXPECT_FALSE(crypto->cmac(Octets(5), {}, tag));
    EXPECT_EQ(tag, AesBlock{});
}

}  // namespace
}  // namespace ferraris
