#include "crypto/key_encoding.hpp"

#include <gtest/gtest.h>

#include "base/hex.hpp"
#include "crypto/openssl.hpp"

namespace ferraris {
namespace {

ByteView view_of(const std::string& text) { return {reinterpret_cast<const std::uint8_t*>(text.data()), text.size()}; }

TEST(KeyEncoding, WhatIsWrittenIsReadAgain) {
    const auto crypto = make_openssl_crypto();
    for (const Curve curve : {Curve::p256, Curve::p384}) {
        std::vector<std::uint8_t> private_key(private_key_size(curve));
        std::vector<std::uint8_t> public_key(public_key_size(curve));
        ASSERT_TRUE(crypto->generate_key_pair(curve, private_key, public_key));
        const std::string pem = encode_private_key(curve, private_key, public_key);
        EXPECT_TRUE(pem.starts_with("-----BEGIN PRIVATE KEY-----\n")) << pem;
        const auto again = decode_private_key(view_of(pem));
        ASSERT_TRUE(again);
        EXPECT_EQ(again->curve, curve);
        EXPECT_EQ(to_hex(again->scalar), to_hex(private_key));
    }
}

// ECPrivateKey of RFC 5915 with the scalar 1: version 1, key, [0] curve; no public key.
TEST(KeyEncoding, ReadsTheOlderFormInDer) {
    const auto der = from_hex(
        "3031"
        "020101"
        "0420"
        "0000000000000000000000000000000000000000000000000000000000000001"
        "A00A"
        "06082A8648CE3D030107");
    ASSERT_TRUE(der);
    const auto key = decode_private_key(*der);
    ASSERT_TRUE(key);
    EXPECT_EQ(key->curve, Curve::p256);
    EXPECT_EQ(to_hex(key->scalar), std::string(63, '0') + "1");
}

TEST(KeyEncoding, RefusesWhatIsNoKey) {
    EXPECT_FALSE(decode_private_key({}));
    EXPECT_FALSE(decode_private_key(view_of("secret")));
    EXPECT_FALSE(decode_private_key(view_of("-----BEGIN PRIVATE KEY-----\nAAAA\n-----END PRIVATE KEY-----\n")));
}

TEST(KeyEncoding, FindsTheBlockOfTheLabel) {
    const std::vector<std::uint8_t> first{0x30, 0x01, 0x05};
    const std::vector<std::uint8_t> second{0x30, 0x00};
    const std::string file = "a remark\n" + encode_pem("SOMETHING ELSE", first) + encode_pem(kCertificateLabel, second);
    const auto found = decode_pem_or_der(kCertificateLabel, view_of(file));
    ASSERT_TRUE(found);
    EXPECT_EQ(*found, second);
    EXPECT_EQ(decode_pem_or_der(kCertificateLabel, first), first) << "DER as it is";
    EXPECT_FALSE(decode_pem_or_der(kCertificateRequestLabel, view_of(file)));
    EXPECT_FALSE(decode_pem_or_der(kCertificateLabel, {}));
}

}  // namespace
}  // namespace ferraris
