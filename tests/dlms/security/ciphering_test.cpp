#include "dlms/security/ciphering.hpp"

#include <gtest/gtest.h>

#include <rapidcheck.h>

#include "crypto/openssl.hpp"
#include "dlms/octets.hpp"

namespace ferraris::dlms {
namespace {

using testing::octets;
using testing::Octets;

const Octets kEncryptionKey = octets("000102030405060708090A0B0C0D0E0F");
const Octets kAuthenticationKey = octets("D0D1D2D3D4D5D6D7D8D9DADBDCDDDEDF");
const Octets kMeterTitle = octets("4D4D4D0000BC614E");
const Octets kGetClock = octets("C0010000080000010000FF0200");

CipherKeys keys() { return {kMeterTitle, kEncryptionKey, kAuthenticationKey}; }

/// Protects `plain` in a buffer that is exactly large enough.
std::string sealed(Crypto& crypto, const ProtectParameters& parameters, const Octets& plain) {
    Octets buffer(kMaxCipherHead + plain.size() + kMaxCipherTail);
    std::ranges::copy(plain, buffer.begin() + kMaxCipherHead);
    const auto apdu = protect(crypto, parameters, buffer, kMaxCipherHead, plain.size());
    if (!apdu) return "error " + std::to_string(static_cast<int>(apdu.error()));
    EXPECT_EQ(apdu->size(), protected_size(parameters, plain.size()));
    return to_hex(*apdu);
}

std::string opened(Crypto& crypto, const CipherKeys& with, Octets apdu) {
    const auto header = read_ciphered_header(apdu);
    if (!header) return "header error " + std::to_string(static_cast<int>(header.error()));
    const auto plain = unprotect(crypto, *header, with, apdu);
    if (!plain) return "error " + std::to_string(static_cast<int>(plain.error()));
    return to_hex(*plain);
}

std::string error(SecurityError error) { return "error " + std::to_string(static_cast<int>(error)); }

TEST(Ciphering, TheThreeGetsOfTheGreenBook) {
    const auto crypto = make_openssl_crypto();
    struct Case {
        Protection protection;
        const char* apdu;
    };
    const Case cases[] = {
        // glo-get-request | length | SC 10 | IC | the APDU in the clear | tag
        {{true, false},
         "C8"
         "1E"
         "10"
         "01234567"
         "C0010000080000010000FF0200"
         "06725D910F9221D263877516"},
        // SC 20: encrypted, no tag
        {{false, true},
         "C8"
         "12"
         "20"
         "01234567"
         "411312FF935A47566827C467BC"},
        // SC 30: both
        {{true, true},
         "C8"
         "1E"
         "30"
         "01234567"
         "411312FF935A47566827C467BC"
         "7D825C3BE4A77C3FCC056B6B"},
    };
    for (const Case& vector : cases) {
        ProtectParameters parameters;
        parameters.protection = vector.protection;
        parameters.invocation_counter = 0x01234567;
        parameters.keys = keys();
        EXPECT_EQ(sealed(*crypto, parameters, kGetClock), vector.apdu);
        const auto apdu = octets(vector.apdu);
        const auto header = read_ciphered_header(apdu);
        ASSERT_TRUE(header);
        EXPECT_EQ(header->protection, vector.protection);
        EXPECT_EQ(header->suite, 0);
        EXPECT_EQ(header->key_set, KeySet::global_unicast);
        EXPECT_EQ(header->invocation_counter, 0x01234567U);
        EXPECT_EQ(opened(*crypto, keys(), apdu), to_hex(kGetClock));
    }
}

TEST(Ciphering, EverySymmetricVectorOfTheFactsBothWays) {
    FERRARIS_NEEDS_SHARED("facts/vectors_security.json");
    const auto crypto = make_openssl_crypto();
    const auto facts = testing::shared_json("facts/vectors_security.json");
    int seen = 0;
    for (const auto& item : facts.at("vectors")) {
        if (!item.contains("apdu") || !item.contains("plain") || !item.contains("system_title")) continue;
        const auto apdu = octets(item.at("apdu"));
        if (!is_ciphered(apdu[0])) continue;
        const std::string id = item.at("id");
        const auto encryption = octets(item.at(item.contains("GBEK") ? "GBEK" : "EK"));
        const auto authentication = octets(item.at("AK"));
        const auto title = octets(item.at("system_title"));
        const CipherKeys with{title, encryption, authentication};
        EXPECT_EQ(opened(*crypto, with, apdu), item.at("plain")) << id;

        const auto header = read_ciphered_header(apdu);
        ASSERT_TRUE(header) << id;
        ProtectParameters parameters;
        parameters.envelope = header->apdu.envelope;
        parameters.protection = header->protection;
        parameters.suite = header->suite;
        parameters.broadcast = header->key_set == KeySet::global_broadcast;
        parameters.invocation_counter = header->invocation_counter;
        parameters.keys = with;
        EXPECT_EQ(sealed(*crypto, parameters, octets(item.at("plain"))), to_hex(apdu)) << id;
        ++seen;
    }
    EXPECT_EQ(seen, 13);
}

TEST(Ciphering, PushesOfForeignMeters) {
    FERRARIS_NEEDS_SHARED("facts/vectors_push_and_profile.json");
    const auto crypto = make_openssl_crypto();
    const auto facts = testing::shared_json("facts/vectors_push_and_profile.json");
    int seen = 0;
    for (const auto& sample : facts.at("samples")) {
        Octets apdu;
        if (sample.contains("dlms")) apdu = octets(sample.at("dlms"));
        if (sample.contains("wrapper")) apdu = octets(sample.at("wrapper").get<std::string>().substr(16));
        if (apdu.empty()) continue;
        const auto key = octets(sample.at(sample.contains("EK") ? "EK" : "key"));
        const auto authentication = octets(sample.value("AK", ""));
        // The Italian sample is cut from its wrapper's length on.
        const auto header = read_ciphered_header(apdu);
        ASSERT_TRUE(header) << sample.at("id");
        const CipherKeys with{header->apdu.system_title, key, authentication};
        Octets copy = apdu;
        const auto plain = unprotect(*crypto, *header, with, copy);
        ASSERT_TRUE(plain) << sample.at("id");
        EXPECT_EQ(to_hex(*plain), sample.at("plain"));
        ++seen;
    }
    EXPECT_EQ(seen, 2);
}

TEST(Ciphering, AnyFlippedBitOfAnAuthenticatedApduIsSeen) {
    const auto crypto = make_openssl_crypto();
    for (const char* hex : {"C81E1001234567C0010000080000010000FF020006725D910F9221D263877516",
                            "C81E3001234567411312FF935A47566827C467BC7D825C3BE4A77C3FCC056B6B"}) {
        const auto good = octets(hex);
        for (std::size_t bit = 16; bit < good.size() * 8; ++bit) {
            auto bad = good;
            bad[bit / 8] = static_cast<std::uint8_t>(bad[bit / 8] ^ (0x80U >> (bit % 8)));
            // The bit that says "authenticated" is the one that nothing can guard; a policy has to.
            if (bit == 16 + 3) continue;
            EXPECT_NE(opened(*crypto, keys(), bad).substr(0, 2), "C0") << hex << " bit " << bit;
        }
    }
}

TEST(Ciphering, WrongSecretsAreABadTagAndLeaveNoText) {
    const auto crypto = make_openssl_crypto();
    const auto good = octets("C81E3001234567411312FF935A47566827C467BC7D825C3BE4A77C3FCC056B6B");
    const Octets other(16, 0x77);
    const Octets title = octets("4D4D4D0000BC614F");
    EXPECT_EQ(opened(*crypto, {kMeterTitle, other, kAuthenticationKey}, good), error(SecurityError::bad_tag));
    EXPECT_EQ(opened(*crypto, {kMeterTitle, kEncryptionKey, other}, good), error(SecurityError::bad_tag));
    EXPECT_EQ(opened(*crypto, {title, kEncryptionKey, kAuthenticationKey}, good), error(SecurityError::bad_tag));

    auto apdu = octets("C81E1001234567C0010000080000010000FF020006725D910F9221D263877517");
    const auto header = read_ciphered_header(apdu);
    ASSERT_TRUE(header);
    ASSERT_FALSE(unprotect(*crypto, *header, keys(), apdu));
    EXPECT_EQ(to_hex(ByteView(apdu).subspan(7, 13)), to_hex(Octets(13, 0))) << "readable, but not to be believed";
}

TEST(Ciphering, KeysAreCheckedBeforeUse) {
    const auto crypto = make_openssl_crypto();
    const auto good = octets("C81E3001234567411312FF935A47566827C467BC7D825C3BE4A77C3FCC056B6B");
    const Octets longer(32, 1);
    EXPECT_EQ(opened(*crypto, {kMeterTitle, {}, kAuthenticationKey}, good), error(SecurityError::missing_key));
    EXPECT_EQ(opened(*crypto, {kMeterTitle, kEncryptionKey, {}}, good), error(SecurityError::missing_key));
    EXPECT_EQ(opened(*crypto, {kMeterTitle, longer, kAuthenticationKey}, good), error(SecurityError::wrong_key_length));
    EXPECT_EQ(opened(*crypto, {kMeterTitle, kEncryptionKey, longer}, good), error(SecurityError::wrong_key_length));
    EXPECT_EQ(opened(*crypto, {{}, kEncryptionKey, kAuthenticationKey}, good),
              error(SecurityError::wrong_system_title_length));
    EXPECT_EQ(opened(*crypto, {kMeterTitle, kEncryptionKey, {}}, octets("C8122001234567411312FF935A47566827C467BC")),
              to_hex(kGetClock))
        << "encrypted only needs no authentication key";
    ProtectParameters parameters;
    parameters.keys = {kMeterTitle, kEncryptionKey, {}};
    EXPECT_EQ(sealed(*crypto, parameters, kGetClock), error(SecurityError::missing_key));
}

TEST(Ciphering, HeadersThatAreRefused) {
    struct Case {
        const char* apdu;
        SecurityError error;
    };
    const Case cases[] = {
        {"", SecurityError::truncated},
        {"C0010000080000010000FF0200", SecurityError::not_ciphered},
        {"C8", SecurityError::truncated},
        {"C805300123", SecurityError::truncated},
        {"C80430012345", SecurityError::truncated},
        {"C8063001234567", SecurityError::truncated},
        {"C805300123456700", SecurityError::malformed},
        {"C8053301234567", SecurityError::unknown_suite},
        {"C805B001234567", SecurityError::compression_unsupported},
        {"C8050001234567", SecurityError::not_protected},
        {"D01170012345670000000000000000000000", SecurityError::truncated},
        {"D0117001234567000000000000000000000000", SecurityError::malformed},
        {"C81030012345670000000000000000000000", SecurityError::truncated},
        {"DB084D4D4D0000BC61", SecurityError::truncated},
    };
    for (const Case& vector : cases) {
        const auto header = read_ciphered_header(octets(vector.apdu));
        ASSERT_FALSE(header) << vector.apdu;
        EXPECT_EQ(header.error(), vector.error) << vector.apdu;
    }
}

TEST(Ciphering, TheEnvelopeOfOneServiceAroundAnother) {
    const auto crypto = make_openssl_crypto();
    ProtectParameters parameters;
    parameters.keys = keys();
    const auto set = octets("C101C100080000010000FF02001105");
    auto apdu = octets(sealed(*crypto, parameters, set));
    EXPECT_EQ(apdu[0], 0xC9);
    apdu[0] = 0xC8;  // the tag of the envelope is not authenticated
    EXPECT_EQ(opened(*crypto, keys(), apdu), error(SecurityError::wrong_content));

    const auto exception = octets("D80101");
    EXPECT_EQ(sealed(*crypto, parameters, exception), error(SecurityError::no_envelope));
    parameters.envelope = Envelope::general_global;
    EXPECT_EQ(opened(*crypto, keys(), octets(sealed(*crypto, parameters, exception))), "D80101");
}

TEST(Ciphering, RoomIsAskedForBeforeItIsUsed) {
    const auto crypto = make_openssl_crypto();
    ProtectParameters parameters;
    parameters.keys = keys();
    Octets buffer(7 + kGetClock.size() + kGcmTagSize);
    std::ranges::copy(kGetClock, buffer.begin() + 7);
    EXPECT_TRUE(protect(*crypto, parameters, buffer, 7, kGetClock.size())) << "C8 1E 30 and the counter: seven octets";
    EXPECT_EQ(protect(*crypto, parameters, buffer, 6, kGetClock.size()).error(), SecurityError::no_room);
    EXPECT_EQ(protect(*crypto, parameters, buffer, 7, kGetClock.size() + 1).error(), SecurityError::no_room);
    EXPECT_EQ(protect(*crypto, parameters, buffer, 1000, 1).error(), SecurityError::no_room);
    EXPECT_EQ(protect(*crypto, parameters, buffer, 7, 0).error(), SecurityError::truncated);
    parameters.protection = {false, false};
    EXPECT_EQ(protect(*crypto, parameters, buffer, 7, 5).error(), SecurityError::not_protected);
    parameters.protection = {true, true};
    parameters.suite = 3;
    EXPECT_EQ(protect(*crypto, parameters, buffer, 7, 5).error(), SecurityError::unknown_suite);
    parameters.suite = 0;
    parameters.broadcast = true;
    parameters.envelope = Envelope::service_specific_dedicated;
    EXPECT_EQ(protect(*crypto, parameters, buffer, 7, 5).error(), SecurityError::malformed);
}

TEST(Ciphering, WhatIsProtectedComesBack) {
    const auto crypto = make_openssl_crypto();
    EXPECT_TRUE(rc::check([&crypto](std::vector<std::uint8_t> plain, std::uint32_t counter) {
        plain.insert(plain.begin(), 0xC4);
        const auto size = *rc::gen::inRange<std::size_t>(0, 70000);
        if (size > plain.size()) plain.resize(size, 0x55);
        ProtectParameters parameters;
        parameters.envelope = *rc::gen::element(Envelope::service_specific_global, Envelope::general_global,
                                                Envelope::service_specific_dedicated, Envelope::general_dedicated);
        parameters.protection =
            *rc::gen::element(Protection{true, false}, Protection{false, true}, Protection{true, true});
        parameters.invocation_counter = counter;
        parameters.keys = keys();
        const auto apdu = octets(sealed(*crypto, parameters, plain));
        RC_ASSERT(opened(*crypto, keys(), apdu) == to_hex(plain));
    }));
}

TEST(Envelopes, TagsOfTheStandard) {
    EXPECT_EQ(ciphered_tag(ApduTag::get_request, Envelope::service_specific_global), 0xC8);
    EXPECT_EQ(ciphered_tag(ApduTag::get_request, Envelope::service_specific_dedicated), 0xD0);
    EXPECT_EQ(ciphered_tag(ApduTag::action_response, Envelope::service_specific_global), 0xCF);
    EXPECT_EQ(ciphered_tag(ApduTag::action_response, Envelope::service_specific_dedicated), 0xD7);
    EXPECT_EQ(ciphered_tag(ApduTag::initiate_request, Envelope::service_specific_global), 0x21);
    EXPECT_EQ(ciphered_tag(ApduTag::exception_response, Envelope::general_global), 0xDB);
    EXPECT_FALSE(ciphered_tag(ApduTag::exception_response, Envelope::service_specific_global));
    EXPECT_EQ(plain_tag(0xCC), ApduTag::get_response);
    EXPECT_EQ(plain_tag(0x28), ApduTag::initiate_response);
    EXPECT_FALSE(plain_tag(0xC4));
    EXPECT_FALSE(plain_tag(0xDB));
    EXPECT_TRUE(is_ciphered(0xDC));
    EXPECT_FALSE(is_ciphered(0xDD));
}

}  // namespace
}  // namespace ferraris::dlms
