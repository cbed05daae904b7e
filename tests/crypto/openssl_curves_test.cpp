#include <gtest/gtest.h>

#include <array>

#include "crypto/openssl.hpp"
#include "dlms/octets.hpp"

namespace ferraris {
namespace {

using testing::fact;
using testing::octets;
using testing::Octets;

std::string vector(const std::string& id, const std::string& field) {
    return fact("vectors_security.json", "vectors", id, field);
}

class Curves : public ::testing::TestWithParam<Curve> {
protected:
    void SetUp() override {
        ASSERT_TRUE(crypto->generate_key_pair(GetParam(), private_key, public_key));
        ASSERT_TRUE(crypto->generate_key_pair(GetParam(), other_private, other_public));
    }
    std::unique_ptr<Crypto> crypto = make_openssl_crypto();
    std::size_t size = private_key_size(GetParam());
    Octets private_key = Octets(size);
    Octets public_key = Octets(2 * size);
    Octets other_private = Octets(size);
    Octets other_public = Octets(2 * size);
    Octets message = octets("00112233445566778899");
    std::array<ByteView, 1> whole{message};
};

INSTANTIATE_TEST_SUITE_P(BothSuites, Curves, ::testing::Values(Curve::p256, Curve::p384));

TEST_P(Curves, AKeyPairIsAPair) {
    Octets computed(2 * size);
    ASSERT_TRUE(crypto->public_key_of(GetParam(), private_key, computed));
    EXPECT_EQ(computed, public_key);
    EXPECT_NE(private_key, other_private);
}

TEST_P(Curves, SignsWhatVerifies) {
    Octets signature(2 * size);
    ASSERT_TRUE(crypto->sign(GetParam(), private_key, whole, signature));
    EXPECT_TRUE(crypto->verify(GetParam(), public_key, whole, signature));
    const std::array<ByteView, 2> pieces{ByteView(message).first(3), ByteView(message).subspan(3)};
    EXPECT_TRUE(crypto->verify(GetParam(), public_key, pieces, signature)) << "pieces are one message";
    EXPECT_FALSE(crypto->verify(GetParam(), other_public, whole, signature)) << "another signer";
    const std::array<ByteView, 1> shorter{ByteView(message).first(9)};
    EXPECT_FALSE(crypto->verify(GetParam(), public_key, shorter, signature)) << "another message";
    EXPECT_FALSE(crypto->verify(GetParam(), public_key, whole, ByteView(signature).first(size))) << "half a signature";
    EXPECT_FALSE(crypto->verify(GetParam(), public_key, whole, Octets(2 * size, 0))) << "r and s of zero";
    signature[size / 2] ^= 1U;
    EXPECT_FALSE(crypto->verify(GetParam(), public_key, whole, signature));
}

TEST_P(Curves, BothSidesAgree) {
    Octets ours(size);
    Octets theirs(size);
    ASSERT_TRUE(crypto->agree(GetParam(), private_key, other_public, ours));
    ASSERT_TRUE(crypto->agree(GetParam(), other_private, public_key, theirs));
    EXPECT_EQ(ours, theirs);
}

// NIST SP 800-56A, 5.6.2.3: a point that is not on the curve would give the private key away bit by bit.
TEST_P(Curves, RefusesWhatIsNoKey) {
    Octets secret(size, 0xEE);
    Octets off_curve = other_public;
    off_curve.back() ^= 1U;
    EXPECT_FALSE(crypto->agree(GetParam(), private_key, off_curve, secret));
    EXPECT_EQ(secret, Octets(size, 0)) << "what was refused leaves no remains";
    EXPECT_FALSE(crypto->agree(GetParam(), private_key, Octets(2 * size, 0), secret)) << "the point at infinity";
    Octets signature(2 * size);
    for (const Octets& no_scalar : {Octets(size, 0), Octets(size, 0xFF), Octets(size - 1, 1), Octets(size + 1, 1)}) {
        EXPECT_FALSE(crypto->sign(GetParam(), no_scalar, whole, signature));
        EXPECT_FALSE(crypto->agree(GetParam(), no_scalar, other_public, secret));
        Octets out(2 * size);
        EXPECT_FALSE(crypto->public_key_of(GetParam(), no_scalar, out));
    }
    EXPECT_FALSE(crypto->verify(GetParam(), off_curve, whole, signature));
}

TEST(CurveVectors, OfTheSuiteBGuide) {
    FERRARIS_NEEDS_SHARED("facts/vectors_security.json");
    const auto crypto = make_openssl_crypto();
    const Octets message = octets(vector("nsa-ecdsa-p384", "message"));
    const Octets public_key = octets(vector("nsa-ecdsa-p384", "public"));
    const std::array<ByteView, 1> whole{message};
    EXPECT_TRUE(crypto->verify(Curve::p384, public_key, whole, octets(vector("nsa-ecdsa-p384", "signature"))));
    Octets computed(96);
    ASSERT_TRUE(crypto->public_key_of(Curve::p384, octets(vector("nsa-ecdsa-p384", "private")), computed));
    EXPECT_EQ(computed, public_key);
}

TEST(CurveVectors, SharedSecretsOfTheGreenBook) {
    FERRARIS_NEEDS_SHARED("facts/vectors_security.json");
    const auto crypto = make_openssl_crypto();
    struct Case {
        const char* id;
        const char* private_key;
        const char* public_key;
    };
    const Case cases[] = {
        {"gb-c2e0s", "Epri_KS", "Epub_KC"},           {"gb-c1e1s", "Epri_U", "static_pub_V"},
        {"gb-c1e1s", "static_pri_V", "Epub_U"},       {"gb-c1e1s-response", "static_pri_client", "Epub_server"},
        {"gb-c0e2s", "pri_static_U", "pub_static_V"},
    };
    for (const Case& each : cases) {
        Octets secret(32);
        ASSERT_TRUE(crypto->agree(Curve::p256, octets(vector(each.id, each.private_key)),
                                  octets(vector(each.id, each.public_key)), secret))
            << each.id;
        EXPECT_EQ(to_hex(secret), vector(each.id, "Z")) << each.id;
    }
}

}  // namespace
}  // namespace ferraris
