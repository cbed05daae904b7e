#include "dlms/security/certificate.hpp"

#include <gtest/gtest.h>
#include <openssl/ec.h>
#include <openssl/obj_mac.h>
#include <openssl/x509.h>
#include <openssl/x509v3.h>

#include "crypto/openssl.hpp"
#include "dlms/octets.hpp"
#include "dlms/security/test_authority.hpp"

namespace ferraris::dlms {
namespace {

using testing::Octets;
using testing::octets;
using testing::TestAuthority;

constexpr UtcTime kNow = utc_from_civil({2026, 11, 22, 12, 0, 0, 0});
const Octets kTitle = octets("4D4D4D0000BC614E");

struct FreeOpenssl {
    void operator()(X509* certificate) const { X509_free(certificate); }
    void operator()(X509_REQ* request) const { X509_REQ_free(request); }
    void operator()(EVP_PKEY* key) const { EVP_PKEY_free(key); }
};
template <class T>
using Owned = std::unique_ptr<T, FreeOpenssl>;

Owned<X509> openssl_certificate(const Octets& der) {
    const unsigned char* cursor = der.data();
    return Owned<X509>(d2i_X509(nullptr, &cursor, static_cast<long>(der.size())));
}

class Certificates : public ::testing::TestWithParam<Curve> {
protected:
    std::unique_ptr<Crypto> crypto = make_openssl_crypto();
    TestAuthority authority{*crypto, GetParam()};
};

INSTANTIATE_TEST_SUITE_P(BothCurves, Certificates, ::testing::Values(Curve::p256, Curve::p384));

TEST_P(Certificates, SayWhatWasPutIntoThem) {
    const auto pair = authority.key_pair();
    const Octets encoded = authority.issue(kTitle, pair.public_key, kKeyAgreement);
    const auto certificate = parse_certificate(encoded);
    ASSERT_TRUE(certificate);
    ASSERT_TRUE(certificate->system_title);
    EXPECT_EQ(to_hex(*certificate->system_title), to_hex(kTitle));
    EXPECT_EQ(certificate->curve, GetParam());
    EXPECT_EQ(to_hex(certificate->public_key), to_hex(pair.public_key));
    EXPECT_EQ(certificate->use(), KeyUse::key_agreement);
    EXPECT_FALSE(certificate->authority);
    EXPECT_EQ(certificate->not_before, TestAuthority::kNotBefore);
    EXPECT_EQ(certificate->not_after, TestAuthority::kNotAfter);
    const auto root = parse_certificate(authority.certificate());
    ASSERT_TRUE(root);
    EXPECT_TRUE(root->authority);
    EXPECT_TRUE(verify_certificate(*crypto, *certificate, *root, kNow));
    EXPECT_TRUE(verify_certificate(*crypto, *root, *root, kNow)) << "self-signed";
}

// A second opinion: OpenSSL's own parser and verifier.
TEST_P(Certificates, AreWhatOpensslUnderstands) {
    const auto pair = authority.key_pair();
    const auto root = openssl_certificate(authority.certificate());
    const auto leaf = openssl_certificate(authority.issue(kTitle, pair.public_key, kDigitalSignature));
    ASSERT_TRUE(root && leaf);
    EXPECT_EQ(X509_verify(leaf.get(), X509_get0_pubkey(root.get())), 1);
    EXPECT_EQ(X509_check_issued(root.get(), leaf.get()), X509_V_OK);
    EXPECT_EQ(X509_get_key_usage(leaf.get()), static_cast<unsigned>(KU_DIGITAL_SIGNATURE));
    EXPECT_EQ(X509_get_key_usage(root.get()), static_cast<unsigned>(KU_KEY_CERT_SIGN | KU_CRL_SIGN));
    EXPECT_EQ(X509_check_ca(root.get()), 1);
    char name[64] = {};
    X509_NAME_get_text_by_NID(X509_get_subject_name(leaf.get()), NID_commonName, name, sizeof name);
    EXPECT_STREQ(name, "4D4D4D0000BC614E");
}

// And the other way round: what OpenSSL makes, with generalized time, another order of names and more extensions.
TEST_P(Certificates, OfOpensslAreUnderstood) {
    const int curve = GetParam() == Curve::p256 ? NID_X9_62_prime256v1 : NID_secp384r1;
    const Owned<EVP_PKEY> key(EVP_EC_gen(OBJ_nid2sn(curve)));
    const Owned<X509> made(X509_new());
    X509_set_version(made.get(), 2);
    ASN1_INTEGER_set(X509_get_serialNumber(made.get()), 0x80FF);
    ASN1_TIME_set_string(X509_getm_notBefore(made.get()), "20260101000000Z");
    ASN1_TIME_set_string(X509_getm_notAfter(made.get()), "99991231235959Z");
    X509_NAME* name = X509_get_subject_name(made.get());
    const auto entry = [&](const char* field, const char* text) {
        X509_NAME_add_entry_by_txt(name, field, MBSTRING_ASC, reinterpret_cast<const unsigned char*>(text), -1, -1, 0);
    };
    entry("C", "IT");
    entry("O", "Test");
    entry("CN", "4d4d4d0000bc614e");
    X509_set_issuer_name(made.get(), name);
    X509_set_pubkey(made.get(), key.get());
    const auto extension = [&](int kind, const char* value) {
        X509V3_CTX context;
        X509V3_set_ctx_nodb(&context);
        X509V3_set_ctx(&context, made.get(), made.get(), nullptr, nullptr, 0);
        X509_EXTENSION* made_extension = X509V3_EXT_conf_nid(nullptr, &context, kind, value);
        X509_add_ext(made.get(), made_extension, -1);
        X509_EXTENSION_free(made_extension);
    };
    extension(NID_basic_constraints, "critical,CA:TRUE,pathlen:0");
    extension(NID_key_usage, "critical,keyCertSign,cRLSign");
    extension(NID_subject_key_identifier, "hash");
    extension(NID_ext_key_usage, "serverAuth,clientAuth");
    X509_sign(made.get(), key.get(), GetParam() == Curve::p256 ? EVP_sha256() : EVP_sha384());
    Octets der(2000);
    unsigned char* cursor = der.data();
    der.resize(static_cast<std::size_t>(i2d_X509(made.get(), &cursor)));

    const auto certificate = parse_certificate(der);
    ASSERT_TRUE(certificate);
    EXPECT_EQ(to_hex(certificate->serial_number), "0080FF");
    EXPECT_EQ(to_hex(*certificate->system_title), to_hex(kTitle)) << "in lower case";
    EXPECT_TRUE(certificate->authority);
    EXPECT_TRUE(certificate->may(kKeyCertSign));
    EXPECT_EQ(civil_from_utc(certificate->not_after).year, 9999);
    EXPECT_TRUE(verify_certificate(*crypto, *certificate, *certificate, kNow));
}

TEST_P(Certificates, AreRefusedForWhatIsWrongWithThem) {
    const auto pair = authority.key_pair();
    TestAuthority other(*crypto, GetParam());
    TestAuthority namesake(*crypto, GetParam(), "Other authority");
    const Octets encoded = authority.issue(kTitle, pair.public_key, kDigitalSignature);
    const auto leaf = parse_certificate(encoded);
    const auto root = parse_certificate(authority.certificate());
    const auto impostor = parse_certificate(other.certificate());
    const auto stranger = parse_certificate(namesake.certificate());
    ASSERT_TRUE(leaf && root && impostor && stranger);
    EXPECT_EQ(verify_certificate(*crypto, *leaf, *impostor, kNow).error(), CertificateError::bad_signature)
        << "the same name, another key";
    EXPECT_EQ(verify_certificate(*crypto, *leaf, *stranger, kNow).error(), CertificateError::wrong_issuer);
    EXPECT_EQ(verify_certificate(*crypto, *leaf, *root, UtcTime{TestAuthority::kNotBefore.milliseconds - 1}).error(),
              CertificateError::not_yet_valid);
    EXPECT_EQ(verify_certificate(*crypto, *leaf, *root, UtcTime{TestAuthority::kNotAfter.milliseconds + 1}).error(),
              CertificateError::expired);
    EXPECT_TRUE(verify_certificate(*crypto, *leaf, *root)) << "no clock, no judgement";

    // A leaf that signs certificates with its key: the chain is right, the right is missing.
    CertificateContents contents;
    const Octets serial(1, 9);
    contents.serial_number = serial;
    contents.issuer = leaf->subject;
    const Octets name(16, 'A');
    contents.common_name = name;
    contents.not_before = TestAuthority::kNotBefore;
    contents.not_after = TestAuthority::kNotAfter;
    contents.curve = GetParam();
    contents.public_key = pair.public_key;
    Octets memory(kMaxCertificateSize);
    const auto issued = issue_certificate(*crypto, contents, GetParam(), pair.private_key, memory);
    ASSERT_TRUE(issued);
    const auto usurped = parse_certificate(*issued);
    ASSERT_TRUE(usurped);
    EXPECT_EQ(verify_certificate(*crypto, *usurped, *leaf, kNow).error(), CertificateError::issuer_not_entitled);
}

TEST_P(Certificates, EveryChangedOctetIsSeen) {
    const auto pair = authority.key_pair();
    const Octets encoded = authority.issue(kTitle, pair.public_key, kDigitalSignature);
    const auto root = parse_certificate(authority.certificate());
    ASSERT_TRUE(root);
    for (std::size_t i = 0; i < encoded.size(); ++i) {
        Octets changed = encoded;
        changed[i] ^= 0x01U;
        const auto certificate = parse_certificate(changed);
        EXPECT_FALSE(certificate && verify_certificate(*crypto, *certificate, *root, kNow)) << i;
    }
    for (std::size_t size = 0; size < encoded.size(); ++size) {
        EXPECT_FALSE(parse_certificate(ByteView(encoded).first(size)));
    }
    Octets longer = encoded;
    longer.push_back(0);
    EXPECT_FALSE(parse_certificate(longer)) << "octets behind it";
}

TEST_P(Certificates, AnUnknownCriticalExtensionIsNotPassedOver) {
    // Extension 2.5.29.30, name constraints, in place of key usage (2.5.29.15), which stays critical.
    Octets encoded = authority.certificate();
    const Octets key_usage = octets("0603551D0F");
    const auto found = std::search(encoded.begin(), encoded.end(), key_usage.begin(), key_usage.end());
    ASSERT_NE(found, encoded.end());
    *(found + 4) = 30;
    EXPECT_EQ(parse_certificate(encoded).error(), CertificateError::unknown_critical_extension);
}

TEST_P(Certificates, RequestsProveThePrivateKey) {
    const auto pair = authority.key_pair();
    Octets memory(kMaxCertificateSize);
    const auto made = make_certificate_request(*crypto, GetParam(), pair.private_key, kTitle, memory);
    ASSERT_TRUE(made);
    const Octets encoded(made->begin(), made->end());
    const auto request = parse_certificate_request(*crypto, encoded);
    ASSERT_TRUE(request);
    EXPECT_EQ(to_hex(request->public_key), to_hex(pair.public_key));
    ASSERT_TRUE(request->system_title);
    EXPECT_EQ(to_hex(*request->system_title), to_hex(kTitle));

    const unsigned char* cursor = encoded.data();
    const Owned<X509_REQ> parsed(d2i_X509_REQ(nullptr, &cursor, static_cast<long>(encoded.size())));
    ASSERT_TRUE(parsed) << "OpenSSL reads it";
    EXPECT_EQ(X509_REQ_verify(parsed.get(), X509_REQ_get0_pubkey(parsed.get())), 1);

    for (std::size_t i = 0; i < encoded.size(); ++i) {
        Octets changed = encoded;
        changed[i] ^= 0x01U;
        EXPECT_FALSE(parse_certificate_request(*crypto, changed)) << i;
    }
    Octets small(100);
    EXPECT_EQ(make_certificate_request(*crypto, GetParam(), pair.private_key, kTitle, small).error(),
              CertificateError::no_room);
}

}  // namespace
}  // namespace ferraris::dlms
