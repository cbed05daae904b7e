#include "crypto/openssl.hpp"

#include <gtest/gtest.h>

#include <array>

#include "dlms/octets.hpp"

namespace ferraris {
namespace {

using testing::octets;
using testing::Octets;

GcmIv iv_of(const char* hex) {
    GcmIv iv{};
    std::ranges::copy(octets(hex), iv.begin());
    return iv;
}

// NIST SP 800-38D test cases 4 and 16 (the Galois/Counter Mode of Operation, appendix B): additional data, text that
// is not a whole number of blocks. DLMS keeps 12 of the 16 octets of the tag.
struct GcmCase {
    const char* key;
    const char* cipher;
    const char* tag;
};
constexpr const char* kIv = "CAFEBABEFACEDBADDECAF888";
constexpr const char* kAdditional = "FEEDFACEDEADBEEFFEEDFACEDEADBEEFABADDAD2";
constexpr const char* kPlain =
    "D9313225F88406E5A55909C5AFF5269A86A7A9531534F7DA2E4C303D8A318A721C3C0C95956809532FCF0E2449A6B525B16AEDF5AA0DE657"
    "BA637B39";
constexpr GcmCase kGcmCases[] = {
    {"FEFFE9928665731C6D6A8F9467308308",
     "42831EC2217774244B7221B784D0D49CE3AA212F2C02A4E035C17E2329ACA12E21D514B25466931C7D8F6A5AAC84AA051BA30B396A0AAC97"
     "3D58E091",
     "5BC94FBC3221A5DB94FAE95A"},
    {"FEFFE9928665731C6D6A8F9467308308FEFFE9928665731C6D6A8F9467308308",
     "522DC1F099567D07F47F37A32A84427D643A8CDCBFE5C0C97598A2BD2555D1AA8CB08E48590DBB3DA7B08B1056828838C5F61E6393BA7A0A"
     "BCC9F662",
     "76FC6ECE0F4E1768CDDF8853"},
};

TEST(OpensslCrypto, SealsAndOpensTheVectorsOfNist) {
    const auto crypto = make_openssl_crypto();
    const auto iv = iv_of(kIv);
    const auto additional = octets(kAdditional);
    // In two pieces, which count as one.
    const std::array<ByteView, 3> pieces{ByteView(additional).first(7), ByteView{}, ByteView(additional).subspan(7)};
    for (const GcmCase& vector : kGcmCases) {
        const auto key = octets(vector.key);
        Octets text = octets(kPlain);
        GcmTag tag{};
        ASSERT_TRUE(crypto->gcm_seal(key, iv, pieces, text, text, tag)) << "in place";
        EXPECT_EQ(to_hex(text), vector.cipher);
        EXPECT_EQ(to_hex(tag), vector.tag);
        Octets stream = octets(kPlain);
        ASSERT_TRUE(crypto->gcm_stream(key, iv, stream, stream));
        EXPECT_EQ(to_hex(stream), vector.cipher) << "the same key stream, without a tag";
        ASSERT_TRUE(crypto->gcm_open(key, iv, pieces, text, tag, text));
        EXPECT_EQ(to_hex(text), kPlain);
    }
}

TEST(OpensslCrypto, AWrongTagGivesOutNothing) {
    const auto crypto = make_openssl_crypto();
    const auto iv = iv_of(kIv);
    const auto key = octets(kGcmCases[0].key);
    const auto additional = octets(kAdditional);
    const std::array<ByteView, 1> pieces{additional};
    const Octets zeros(60, 0);
    for (std::size_t bit = 0; bit < 8 * kGcmTagSize; bit += 5) {
        Octets text = octets(kGcmCases[0].cipher);
        auto tag = octets(kGcmCases[0].tag);
        tag[bit / 8] = static_cast<std::uint8_t>(tag[bit / 8] ^ (1U << (bit % 8)));
        EXPECT_FALSE(crypto->gcm_open(key, iv, pieces, text, tag, text));
        EXPECT_EQ(text, zeros);
    }
    Octets text = octets(kGcmCases[0].cipher);
    const auto tag = octets(kGcmCases[0].tag);
    EXPECT_FALSE(crypto->gcm_open(key, iv, pieces, text, ByteView(tag).first(11), text)) << "a tag that is cut short";
    text = octets(kGcmCases[0].cipher);
    EXPECT_FALSE(crypto->gcm_open(key, iv, {}, text, tag, text)) << "without the additional data";
    text = octets(kGcmCases[0].cipher);
    EXPECT_TRUE(crypto->gcm_open(key, iv, pieces, text, tag, text)) << "and the context is as good as new";
}

TEST(OpensslCrypto, MoreKeysThanSlotsDoNotMixUp) {
    const auto crypto = make_openssl_crypto();
    const auto iv = iv_of(kIv);
    const std::array<std::uint8_t, 1> plain{0x5A};
    std::array<Octets, 40> sealed;
    for (int round = 0; round < 3; ++round) {
        for (std::size_t i = 0; i < sealed.size(); ++i) {
            const Octets key(i % 2 == 0 ? 16U : 32U, static_cast<std::uint8_t>(i));
            Octets result(1 + kGcmTagSize);
            GcmTag tag{};
            ASSERT_TRUE(crypto->gcm_seal(key, iv, {}, plain, ByteSpan(result).first(1), tag));
            std::ranges::copy(tag, result.begin() + 1);
            if (round == 0) sealed[i] = result;
            EXPECT_EQ(result, sealed[i]) << i;
            EXPECT_TRUE(i == 0 || sealed[i] != sealed[i - 1]);
            std::array<std::uint8_t, 1> opened{};
            EXPECT_TRUE(crypto->gcm_open(key, iv, {}, ByteView(result).first(1), tag, opened));
            EXPECT_EQ(opened, plain);
        }
    }
}

TEST(OpensslCrypto, RefusesOtherSizes) {
    const auto crypto = make_openssl_crypto();
    const auto iv = iv_of(kIv);
    Octets text(5, 0xEE);
    GcmTag tag{};
    for (const std::size_t size : {0U, 8U, 15U, 17U, 24U, 31U, 33U}) {
        const Octets key(size, 1);
        EXPECT_FALSE(crypto->gcm_seal(key, iv, {}, text, text, tag)) << size;
        EXPECT_FALSE(crypto->gcm_stream(key, iv, text, text)) << size;
    }
    const Octets key(16, 1);
    Octets shorter(4, 0xEE);
    EXPECT_FALSE(crypto->gcm_seal(key, iv, {}, text, shorter, tag));
    EXPECT_EQ(shorter, Octets(4, 0)) << "what was refused leaves no remains";
    EXPECT_FALSE(crypto->gcm_stream(key, iv, text, shorter));
}

TEST(OpensslCrypto, WrapsTheKeysOfRfc3394) {
    const auto crypto = make_openssl_crypto();
    struct Case {
        const char* kek;
        const char* key;
        const char* wrapped;
    };
    // RFC 3394, 4.1 and 4.6.
    const Case cases[] = {
        {"000102030405060708090A0B0C0D0E0F", "00112233445566778899AABBCCDDEEFF",
         "1FA68B0A8112B447AEF34BD8FB5A7B829D3E862371D2CFE5"},
        {"000102030405060708090A0B0C0D0E0F101112131415161718191A1B1C1D1E1F",
         "00112233445566778899AABBCCDDEEFF000102030405060708090A0B0C0D0E0F",
         "28C9F404C4B810F4CBCCB35CFB87F8263F5786E2D80ED326CBC7F0E71A99F43BFB988B9B7A02DD21"},
    };
    for (const Case& vector : cases) {
        const auto kek = octets(vector.kek);
        const auto key = octets(vector.key);
        Octets wrapped(key.size() + 8);
        ASSERT_TRUE(crypto->wrap_key(kek, key, wrapped));
        EXPECT_EQ(to_hex(wrapped), vector.wrapped);
        Octets unwrapped(key.size());
        ASSERT_TRUE(crypto->unwrap_key(kek, wrapped, unwrapped));
        EXPECT_EQ(unwrapped, key);
        wrapped[3] ^= 1;
        EXPECT_FALSE(crypto->unwrap_key(kek, wrapped, unwrapped));
        EXPECT_EQ(unwrapped, Octets(key.size(), 0));
        EXPECT_FALSE(crypto->wrap_key(kek, key, ByteSpan(wrapped).first(key.size())));
    }
}

TEST(OpensslCrypto, Digests) {
    const auto crypto = make_openssl_crypto();
    const auto abc = octets("616263");
    const std::array<ByteView, 2> pieces{ByteView(abc).first(1), ByteView(abc).subspan(1)};
    struct Case {
        Digest digest;
        const char* value;
    };
    // RFC 1321, FIPS 180-4: the digests of "abc".
    const Case cases[] = {
        {Digest::md5, "900150983CD24FB0D6963F7D28E17F72"},
        {Digest::sha1, "A9993E364706816ABA3E25717850C26C9CD0D89D"},
        {Digest::sha256, "BA7816BF8F01CFEA414140DE5DAE2223B00361A396177A9CB410FF61F20015AD"},
        {Digest::sha384,
         "CB00753F45A35E8BB5A03D699AC65007272C32AB0EDED1631A8B605A43FF5BED8086072BA1E7CC2358BAECA134C825A7"},
    };
    for (const Case& vector : cases) {
        Octets out(digest_size(vector.digest));
        ASSERT_TRUE(crypto->hash(vector.digest, pieces, out));
        EXPECT_EQ(to_hex(out), vector.value);
        Octets wrong(out.size() + 1, 1);
        EXPECT_FALSE(crypto->hash(vector.digest, pieces, wrong));
    }
}

TEST(OpensslCrypto, RandomOctetsDiffer) {
    const auto crypto = make_openssl_crypto();
    std::array<std::uint8_t, 32> first{};
    std::array<std::uint8_t, 32> second{};
    ASSERT_TRUE(crypto->random(first));
    ASSERT_TRUE(crypto->random(second));
    EXPECT_NE(first, second);
}

}  // namespace
}  // namespace ferraris
