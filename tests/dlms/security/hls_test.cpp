#include "dlms/security/hls.hpp"

#include <gtest/gtest.h>

#include "crypto/openssl.hpp"
#include "dlms/octets.hpp"

namespace ferraris::dlms {
namespace {

using testing::octets;
using testing::Octets;

const Octets kEncryptionKey = octets("000102030405060708090A0B0C0D0E0F");
const Octets kAuthenticationKey = octets("D0D1D2D3D4D5D6D7D8D9DADBDCDDDEDF");
const Octets kClientTitle = octets("4D4D4D0000000001");
const Octets kServerTitle = octets("4D4D4D0000BC614E");
const Octets kClientChallenge = octets("4B35366956616759");  // K56iVagY
const Octets kServerChallenge = octets("503677524A323146");  // P6wRJ21F
const Octets kSecret = octets("3132333435363738");

TEST(Hls, GmacOfTheGreenBook) {
    const auto crypto = make_openssl_crypto();
    struct Case {
        const Octets& title;
        const Octets& challenge;
        std::uint32_t counter;
        const char* token;
    };
    const Case cases[] = {
        // pass 3: the client answers; SC 10 | IC 00000001 | GMAC
        {kClientTitle, kServerChallenge, 1,
         "10"
         "00000001"
         "1A52FE7DD3E72748973C1E28"},
        // pass 4: the server answers
        {kServerTitle, kClientChallenge, 0x01234567,
         "10"
         "01234567"
         "FE1466AFB3DBCD4F9389E2B7"},
    };
    for (const Case& vector : cases) {
        HlsInputs inputs;
        inputs.received_challenge = vector.challenge;
        inputs.keys = {vector.title, kEncryptionKey, kAuthenticationKey};
        inputs.invocation_counter = vector.counter;
        const auto token = hls_token(*crypto, inputs);
        ASSERT_TRUE(token);
        EXPECT_EQ(to_hex(token->view()), vector.token);
        inputs.invocation_counter = 0;  // taken from the token
        EXPECT_TRUE(check_hls_token(*crypto, inputs, octets(vector.token)));
        auto wrong = octets(vector.token);
        wrong.back() ^= 1;
        EXPECT_EQ(check_hls_token(*crypto, inputs, wrong).error(), SecurityError::bad_tag);
        wrong = octets(vector.token);
        wrong[4] ^= 1;
        EXPECT_EQ(check_hls_token(*crypto, inputs, wrong).error(), SecurityError::bad_tag) << "another counter";
    }
}

TEST(Hls, EveryGmacOfTheFacts) {
    FERRARIS_NEEDS_SHARED("facts/vectors_security.json");
    const auto crypto = make_openssl_crypto();
    const auto facts = testing::shared_json("facts/vectors_security.json");
    int seen = 0;
    for (const auto& item : facts.at("vectors")) {
        if (!item.contains("challenge") || !item.contains("SC")) continue;
        const auto title = octets(item.at("system_title"));
        const auto challenge = octets(item.at("challenge"));
        const auto encryption = octets(item.at("EK"));
        const auto authentication = octets(item.at("AK"));
        HlsInputs inputs;
        inputs.received_challenge = challenge;
        inputs.keys = {title, encryption, authentication};
        inputs.invocation_counter =
            static_cast<std::uint32_t>(std::stoul(item.at("IC").get<std::string>(), nullptr, 16));
        const auto token = hls_token(*crypto, inputs);
        ASSERT_TRUE(token) << item.at("id");
        EXPECT_EQ(to_hex(token->view()), item.at("result")) << item.at("id");
        ++seen;
    }
    EXPECT_EQ(seen, 4);
}

TEST(Hls, DigestsOfMechanisms3And4And6) {
    const auto crypto = make_openssl_crypto();
    struct Case {
        AuthenticationMechanism mechanism;
        const char* by_client;
        const char* by_server;
    };
    const Case cases[] = {
        {AuthenticationMechanism::high_md5, "53D4537E37DAB4FF089629E25557AF9F", "870F56D7F2BA75482CA41BE31A21630B"},
        {AuthenticationMechanism::high_sha1, "6DBD949D1B1EFDD6FE5F9EA627877E986E8708CB",
         "900162368EE99CD4765ECE8E9075D3DE84C44A95"},
        {AuthenticationMechanism::high_sha256, "67342BAA6815DA654EEFBB879B6A23DA0D2BB0404ABBB1A738631241A6B96516",
         "5DA97807E1B30B5D95A5B48BDA34C4232130F761E57C316CCDEF70322605A90D"},
    };
    for (const Case& vector : cases) {
        HlsInputs client;
        client.mechanism = vector.mechanism;
        client.secret = kSecret;
        client.received_challenge = kServerChallenge;
        client.sent_challenge = kClientChallenge;
        client.keys.system_title = kClientTitle;
        client.other_system_title = kServerTitle;
        const auto pass_3 = hls_token(*crypto, client);
        ASSERT_TRUE(pass_3);
        EXPECT_EQ(to_hex(pass_3->view()), vector.by_client);

        HlsInputs server;
        server.mechanism = vector.mechanism;
        server.secret = kSecret;
        server.received_challenge = kClientChallenge;
        server.sent_challenge = kServerChallenge;
        server.keys.system_title = kServerTitle;
        server.other_system_title = kClientTitle;
        EXPECT_TRUE(check_hls_token(*crypto, server, octets(vector.by_server)));
        EXPECT_EQ(check_hls_token(*crypto, server, octets(vector.by_client)).error(), SecurityError::bad_tag)
            << "the client's own answer, sent back to it";
    }
}

TEST(Hls, RefusesWhatCannotBeAnswered) {
    const auto crypto = make_openssl_crypto();
    HlsInputs inputs;
    EXPECT_EQ(hls_token(*crypto, inputs).error(), SecurityError::missing_key);
    inputs.keys = {kClientTitle, kEncryptionKey, kAuthenticationKey};
    inputs.suite = 2;
    EXPECT_EQ(hls_token(*crypto, inputs).error(), SecurityError::wrong_key_length);
    inputs.suite = 3;
    EXPECT_EQ(hls_token(*crypto, inputs).error(), SecurityError::unknown_suite);
    inputs.suite = 0;
    inputs.keys.system_title = {};
    EXPECT_EQ(hls_token(*crypto, inputs).error(), SecurityError::wrong_system_title_length);
    inputs.mechanism = AuthenticationMechanism::high_md5;
    EXPECT_EQ(hls_token(*crypto, inputs).error(), SecurityError::missing_key);
    for (const auto mechanism :
         {AuthenticationMechanism::none, AuthenticationMechanism::low, AuthenticationMechanism::high}) {
        inputs.mechanism = mechanism;
        EXPECT_EQ(hls_token(*crypto, inputs).error(), SecurityError::not_protected);
    }
}

/// The client of mechanism 7 as the shared facts have it, in the suite of `id`.
HlsInputs signing_client(std::uint8_t suite, const Octets& private_key, const Octets& public_key) {
    HlsInputs client;
    client.mechanism = AuthenticationMechanism::high_ecdsa;
    client.suite = suite;
    client.received_challenge = kServerChallenge;
    client.sent_challenge = kClientChallenge;
    client.keys.system_title = kClientTitle;
    client.other_system_title = kServerTitle;
    client.signing_private_key = private_key;
    client.signing_public_key = public_key;
    return client;
}

// Verified, not compared: a signature is not made twice the same. The formula is the Green Book's, the signatures were
// computed (trust mark D).
TEST(Hls, MechanismSevenSignsTitlesAndChallenges) {
    FERRARIS_NEEDS_SHARED("facts/vectors_security.json");
    const auto crypto = make_openssl_crypto();
    const auto vector = [](const std::string& id, const std::string& field) {
        return octets(testing::fact("vectors_security.json", "vectors", id, field));
    };
    for (const std::uint8_t suite : {std::uint8_t{1}, std::uint8_t{2}}) {
        const std::string id = suite == 1 ? "derived-hls7-ecdsa-p256" : "derived-hls7-ecdsa-p384";
        const Octets private_key = vector(id, "Pri_KC");
        const Octets public_key = vector(id, "Pub_KC");
        HlsInputs client = signing_client(suite, private_key, public_key);
        EXPECT_TRUE(check_hls_token(*crypto, client, vector(id, "f_StoC")));
        const auto token = hls_token(*crypto, client);
        ASSERT_TRUE(token);
        EXPECT_EQ(token->size(), suite == 1 ? 64U : 96U);
        EXPECT_TRUE(check_hls_token(*crypto, client, token->view()));
        std::swap(client.received_challenge, client.sent_challenge);
        EXPECT_EQ(check_hls_token(*crypto, client, token->view()).error(), SecurityError::bad_signature);
    }
    const Octets server_key = vector("derived-hls7-ecdsa-p256", "Pub_KS");
    HlsInputs server = signing_client(1, {}, server_key);
    std::swap(server.received_challenge, server.sent_challenge);
    std::swap(server.keys.system_title, server.other_system_title);
    EXPECT_TRUE(check_hls_token(*crypto, server, vector("derived-hls7-ecdsa-p256", "f_CtoS")));
    EXPECT_EQ(check_hls_token(*crypto, server, vector("derived-hls7-ecdsa-p256", "f_StoC")).error(),
              SecurityError::bad_signature)
        << "the client's own answer, sent back to it";
}

TEST(Hls, MechanismSevenNeedsItsKeysAndASuiteWithACurve) {
    const auto crypto = make_openssl_crypto();
    const Octets no_key;
    const Octets key_of_p256(32, 1);
    const Octets point(64, 1);
    HlsInputs client = signing_client(1, no_key, no_key);
    EXPECT_EQ(hls_token(*crypto, client).error(), SecurityError::missing_key);
    EXPECT_EQ(check_hls_token(*crypto, client, point).error(), SecurityError::missing_key);
    client.signing_private_key = key_of_p256;
    client.signing_public_key = point;
    EXPECT_TRUE(hls_token(*crypto, client));
    client.suite = 2;
    EXPECT_EQ(hls_token(*crypto, client).error(), SecurityError::wrong_key_length);
    EXPECT_EQ(check_hls_token(*crypto, client, point).error(), SecurityError::wrong_key_length);
    client.suite = 0;
    EXPECT_EQ(hls_token(*crypto, client).error(), SecurityError::unknown_suite);
    client.suite = 1;
    client.other_system_title = {};
    EXPECT_EQ(hls_token(*crypto, client).error(), SecurityError::wrong_system_title_length);
}

TEST(Hls, GmacTokensOfOtherShapes) {
    EXPECT_FALSE(read_gmac_token(octets("10000000011A52FE7DD3E72748973C1E")));
    EXPECT_FALSE(read_gmac_token(octets("30000000011A52FE7DD3E72748973C1E28"))) << "not authentication only";
    EXPECT_FALSE(read_gmac_token(octets("13000000011A52FE7DD3E72748973C1E28"))) << "suite 3";
    const auto header = read_gmac_token(octets("12000000051A52FE7DD3E72748973C1E28"));
    ASSERT_TRUE(header);
    EXPECT_EQ(header->suite, 2);
    EXPECT_EQ(header->invocation_counter, 5U);
}

TEST(Lls, Passwords) {
    EXPECT_TRUE(lls_matches(kSecret, octets("3132333435363738")));
    EXPECT_FALSE(lls_matches(kSecret, octets("3132333435363739")));
    EXPECT_FALSE(lls_matches(kSecret, octets("31323334353637")));
    EXPECT_FALSE(lls_matches({}, {})) << "no secret is no door";
}

}  // namespace
}  // namespace ferraris::dlms
