#include "dlms/security/general.hpp"

#include <gtest/gtest.h>

#include "crypto/openssl.hpp"
#include "dlms/octets.hpp"

namespace ferraris::dlms {
namespace {

using testing::fact;
using testing::octets;
using testing::Octets;

std::string vector(const std::string& id, const std::string& field) {
    return fact("vectors_security.json", "vectors", id, field);
}

const Octets kClientTitle = octets("4D4D4D0000000001");
const Octets kServerTitle = octets("4D4D4D0000BC614E");
const Octets kTransaction = octets("0102030405060708");
const Octets kGetClock = octets("C0010000080000010000FF0200");

/// Everything that a party knows; `view` lends it.
struct Party {
    Octets own_title, peer_title, unicast, broadcast, authentication, master;
    Octets own_signing, own_agreement, peer_signing, peer_agreement;

    [[nodiscard]] GeneralKeys view() const {
        return {own_title,   peer_title,    unicast,      broadcast,     {}, authentication, master,
                own_signing, own_agreement, peer_signing, peer_agreement};
    }
};

std::string opened(const Party& party, Octets apdu) {
    const auto crypto = make_openssl_crypto();
    const auto header = read_general_ciphering(apdu);
    if (!header) return "header error " + std::to_string(static_cast<int>(header.error()));
    const auto plain = open_general_ciphering(*crypto, *header, party.view(), apdu);
    return plain ? to_hex(*plain) : "error " + std::to_string(static_cast<int>(plain.error()));
}

std::string error_text(SecurityError error) { return "error " + std::to_string(static_cast<int>(error)); }

Party server_of(const std::string& id) {
    Party server;
    server.own_title = kServerTitle;
    server.peer_title = kClientTitle;
    server.authentication = octets(vector(id, "AK"));
    return server;
}

// Both were computed by the published rule (trust mark D): the additional data is
//     30 | AK | 08 transaction id | 08 originator | 08 recipient | 00 | 00
TEST(GeneralCiphering, IdentifiedKey) {
    FERRARIS_NEEDS_SHARED("facts/vectors_security.json");
    Party server = server_of("derived-gc-identified");
    server.unicast = octets(vector("derived-gc-identified", "EK"));
    const Octets apdu = octets(vector("derived-gc-identified", "apdu"));
    EXPECT_EQ(opened(server, apdu), to_hex(kGetClock));

    Party client = server;
    std::swap(client.own_title, client.peer_title);
    const auto crypto = make_openssl_crypto();
    GeneralCipherParameters parameters;
    parameters.key = KeyChoice::identified_unicast;
    parameters.transaction_id = kTransaction;
    Octets buffer(200);
    std::ranges::copy(kGetClock, buffer.begin());
    parameters.invocation_counter = 1;
    const auto sealed_apdu = seal_general_ciphering(*crypto, parameters, client.view(), buffer, 0, kGetClock.size());
    ASSERT_TRUE(sealed_apdu);
    EXPECT_EQ(to_hex(*sealed_apdu), to_hex(apdu));
    EXPECT_EQ(sealed_apdu->size(), kGetClock.size() + general_ciphering_overhead(parameters, kGetClock.size()));
}

TEST(GeneralCiphering, WrappedKey) {
    FERRARIS_NEEDS_SHARED("facts/vectors_security.json");
    Party server = server_of("derived-gc-wrapped");
    server.master = octets(vector("derived-gc-wrapped", "KEK"));
    const Octets apdu = octets(vector("derived-gc-wrapped", "apdu"));
    EXPECT_EQ(opened(server, apdu), to_hex(kGetClock));
    server.master[0] ^= 1U;
    EXPECT_EQ(opened(server, apdu), error_text(SecurityError::bad_tag)) << "another master key";
    server.master.clear();
    EXPECT_EQ(opened(server, apdu), error_text(SecurityError::missing_key));
}

/// Seals and opens by every key choice and protection, in both suites with a curve.
class GeneralBoth : public ::testing::TestWithParam<std::uint8_t> {
protected:
    void SetUp() override {
        const Curve curve = *curve_of_suite(GetParam());
        const auto pair = [&](Octets& own, Octets& known_to_peer) {
            own.resize(private_key_size(curve));
            known_to_peer.resize(public_key_size(curve));
            ASSERT_TRUE(crypto->generate_key_pair(curve, own, known_to_peer));
        };
        pair(client.own_signing, server.peer_signing);
        pair(client.own_agreement, server.peer_agreement);
        pair(server.own_signing, client.peer_signing);
        pair(server.own_agreement, client.peer_agreement);
        const std::size_t size = key_size_of_suite(GetParam());
        client.own_title = server.peer_title = kClientTitle;
        client.peer_title = server.own_title = kServerTitle;
        client.unicast = server.unicast = Octets(size, 1);
        client.broadcast = server.broadcast = Octets(size, 2);
        client.authentication = server.authentication = Octets(size, 3);
        client.master = server.master = Octets(size, 4);
    }

    Octets sealed(KeyChoice key, Protection protection, std::size_t offset, std::size_t room = 400) {
        GeneralCipherParameters parameters{key, GetParam(), protection, 7, kTransaction};
        Octets buffer(room);
        std::ranges::copy(kGetClock, buffer.begin() + static_cast<std::ptrdiff_t>(offset));
        const auto apdu = seal_general_ciphering(*crypto, parameters, client.view(), buffer, offset, kGetClock.size());
        if (!apdu) return {static_cast<std::uint8_t>(apdu.error())};
        EXPECT_EQ(apdu->size(), kGetClock.size() + general_ciphering_overhead(parameters, kGetClock.size()));
        return {apdu->begin(), apdu->end()};
    }

    std::unique_ptr<Crypto> crypto = make_openssl_crypto();
    Party client{};
    Party server{};
    static constexpr KeyChoice kChoices[] = {KeyChoice::known,    KeyChoice::identified_unicast,
                                             KeyChoice::wrapped,  KeyChoice::identified_broadcast,
                                             KeyChoice::one_pass, KeyChoice::static_unified};
};

INSTANTIATE_TEST_SUITE_P(Suites1And2, GeneralBoth, ::testing::Values(std::uint8_t{1}, std::uint8_t{2}));

TEST_P(GeneralBoth, WhatOneSealsTheOtherOpens) {
    for (const KeyChoice key : kChoices) {
        for (const Protection protection : {Protection{true, false}, Protection{false, true}, Protection{true, true}}) {
            for (const std::size_t offset : {0U, 20U, 350U, 387U}) {
                EXPECT_EQ(opened(server, sealed(key, protection, offset)), to_hex(kGetClock))
                    << static_cast<int>(key) << " from " << offset;
            }
        }
    }
    EXPECT_EQ(sealed(KeyChoice::one_pass, {true, true}, 0, 100).size(), 1U) << "no room";
}

TEST_P(GeneralBoth, NothingOfItMayChange) {
    for (const KeyChoice key : kChoices) {
        const Octets apdu = sealed(key, {true, true}, 0);
        for (std::size_t i = 0; i < apdu.size(); i += key == KeyChoice::one_pass ? 7 : 1) {
            Octets changed = apdu;
            changed[i] ^= 0x04U;
            EXPECT_NE(opened(server, changed), to_hex(kGetClock)) << static_cast<int>(key) << " octet " << i;
        }
    }
}

TEST_P(GeneralBoth, NobodyElsesMessageIsTaken) {
    const Octets apdu = sealed(KeyChoice::one_pass, {true, true}, 0);
    Party stranger = server;
    stranger.own_title[7] ^= 1U;
    EXPECT_EQ(opened(stranger, apdu), error_text(SecurityError::wrong_party)) << "meant for another meter";
    EXPECT_EQ(opened(client, apdu), error_text(SecurityError::wrong_party)) << "reflected to its originator";
    Party deceived = server;
    deceived.peer_signing = server.peer_agreement;
    EXPECT_EQ(opened(deceived, apdu), error_text(SecurityError::bad_signature)) << "ephemeral key signed by another";
    deceived.peer_signing.clear();
    EXPECT_EQ(opened(deceived, apdu), error_text(SecurityError::missing_key));
}

TEST_P(GeneralBoth, Signing) {
    for (const std::size_t offset : {0U, 20U, 350U}) {
        Octets buffer(400);
        std::ranges::copy(kGetClock, buffer.begin() + static_cast<std::ptrdiff_t>(offset));
        const auto apdu =
            seal_general_signing(*crypto, GetParam(), kTransaction, client.view(), buffer, offset, kGetClock.size());
        ASSERT_TRUE(apdu);
        EXPECT_EQ(apdu->size(), kGetClock.size() + general_signing_overhead(GetParam(), kTransaction, 13));
        Octets octets_of(apdu->begin(), apdu->end());
        const auto content = open_general_signing(*crypto, GetParam(), server.view(), octets_of);
        ASSERT_TRUE(content);
        EXPECT_EQ(to_hex(*content), to_hex(kGetClock));
        EXPECT_EQ(open_general_signing(*crypto, GetParam(), client.view(), octets_of).error(),
                  SecurityError::wrong_party)
            << "reflected";
        for (std::size_t i = 0; i < octets_of.size(); i += 3) {
            Octets changed = octets_of;
            changed[i] ^= 0x10U;
            EXPECT_FALSE(open_general_signing(*crypto, GetParam(), server.view(), changed)) << i;
        }
    }
    EXPECT_EQ(open_general_signing(*crypto, 0, server.view(),
                                   octets("DF000000000000"
                                          "00"))
                  .error(),
              SecurityError::unknown_suite);
}

TEST_P(GeneralBoth, Suite0HasNoAgreement) {
    GeneralCipherParameters parameters{KeyChoice::one_pass, 0, {true, true}, 7, kTransaction};
    Octets buffer(400);
    for (const KeyChoice key : {KeyChoice::one_pass, KeyChoice::static_unified}) {
        parameters.key = key;
        EXPECT_EQ(seal_general_ciphering(*crypto, parameters, client.view(), buffer, 0, 13).error(),
                  SecurityError::unknown_suite);
    }
}

Party one_pass_server() {
    const std::string id = "gb-c1e1s";
    Party server;
    server.own_title = octets(vector(id, "recipient"));
    server.peer_title = octets(vector(id, "originator"));
    server.authentication = octets(vector(id, "AK"));
    server.own_agreement = octets(vector(id, "static_pri_V"));
    server.peer_signing = octets(vector(id, "signer_pub"));
    return server;
}

// Green Book, annex C, table C.2. Its keys, initialisation vector and cipher text match; its printed tag does not match
// what its own rule says (nor any other reading that is known), so the APDU is opened here with the tag of the rule.
TEST(GeneralCiphering, OnePassModelOfTheGreenBook) {
    FERRARIS_NEEDS_SHARED("facts/vectors_security.json");
    const std::string id = "gb-c1e1s";
    Octets apdu = octets(vector(id, "apdu"));
    EXPECT_EQ(opened(one_pass_server(), apdu), error_text(SecurityError::bad_tag)) << "the printed tag";
    const Octets tag = octets(vector(id, "tag_by_stated_AAD_rule"));
    std::copy(tag.begin(), tag.end(), apdu.end() - kGcmTagSize);
    EXPECT_EQ(opened(one_pass_server(), apdu), vector(id, "plain"));
    const auto header = read_general_ciphering(apdu);
    ASSERT_TRUE(header);
    EXPECT_EQ(header->key, KeyChoice::one_pass);
    EXPECT_EQ(header->security.control(), 0x31);
    EXPECT_EQ(header->security.invocation_counter, 0U);
}

// Green Book, annex C, table C.3: likewise.
TEST(GeneralCiphering, StaticUnifiedModelOfTheGreenBook) {
    FERRARIS_NEEDS_SHARED("facts/vectors_security.json");
    const std::string id = "gb-c0e2s";
    const auto crypto = make_openssl_crypto();
    Party client;
    client.own_title = octets(vector(id, "ID_U"));
    client.peer_title = octets(vector(id, "ID_V"));
    client.authentication = octets(vector("gb-c1e1s", "AK"));
    client.own_agreement = octets(vector(id, "pri_static_U"));
    client.peer_agreement = octets(vector(id, "pub_static_V"));
    const Octets plain = octets(vector(id, "plain"));
    Octets buffer(plain.size() + 100);
    std::ranges::copy(plain, buffer.begin());
    const GeneralCipherParameters parameters{KeyChoice::static_unified, 1, {true, true}, 0, kTransaction};
    const auto sealed = seal_general_ciphering(*crypto, parameters, client.view(), buffer, 0, plain.size());
    ASSERT_TRUE(sealed);
    const std::string printed = vector(id, "ciphertext_and_tag");
    const std::string made = to_hex(sealed->last(plain.size() + kGcmTagSize));
    EXPECT_EQ(made.substr(0, 2 * plain.size()), printed.substr(0, 2 * plain.size())) << "the cipher text";
    EXPECT_EQ(made.substr(2 * plain.size()), vector(id, "tag_by_stated_AAD_rule"));
}

// Computed by the published rule (trust mark D). Signed is: 08 transaction id | 08 originator | 08 recipient | 00 | 00
// | 0D content.
TEST(GeneralSigning, OfTheSharedFacts) {
    FERRARIS_NEEDS_SHARED("facts/vectors_security.json");
    const std::string id = "derived-general-signing";
    const Octets apdu = octets(vector(id, "apdu"));
    const auto signing = decode_general_signing(apdu);
    ASSERT_TRUE(signing);
    EXPECT_EQ(to_hex(signing->signed_octets), vector(id, "signed_octets"));
    Party server;
    server.own_title = kServerTitle;
    server.peer_title = kClientTitle;
    server.peer_signing = octets(vector(id, "Pub"));
    const auto crypto = make_openssl_crypto();
    const auto content = open_general_signing(*crypto, 1, server.view(), apdu);
    ASSERT_TRUE(content);
    EXPECT_EQ(to_hex(*content), vector(id, "content"));
}

TEST(GeneralProtection, MalformedHeads) {
    const auto error = [](const std::string& hex) { return read_general_ciphering(octets(hex)).error(); };
    EXPECT_EQ(error("DB00"), SecurityError::not_ciphered);
    EXPECT_EQ(error("DD"), SecurityError::truncated);
    EXPECT_EQ(error("DD0000000000010000"), SecurityError::truncated);
    EXPECT_EQ(error("DD0000000000010305300000000100"), SecurityError::malformed) << "a choice that does not exist";
    EXPECT_EQ(error("DD000000000002053000000001"), SecurityError::malformed) << "a flag that is neither 0 nor 1";
    EXPECT_EQ(error("DD00000000000105200000000100"), SecurityError::malformed);
    EXPECT_EQ(error("DD000000000001000205"
                    "2000000001"),
              SecurityError::missing_key)
        << "key id 2";
    EXPECT_EQ(error("DD0000000000010201030005"
                    "2000000001"),
              SecurityError::unknown_key_agreement);
    EXPECT_EQ(error("DD00000000000005"
                    "6000000001"),
              SecurityError::malformed)
        << "the broadcast bit";
    EXPECT_EQ(error("DD00000000000005"
                    "A000000001"),
              SecurityError::compression_unsupported);
    EXPECT_EQ(error("DD00000000000005"
                    "2300000001"),
              SecurityError::unknown_suite);
}

}  // namespace
}  // namespace ferraris::dlms
