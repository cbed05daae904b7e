/// Both sessions against each other, in suites 1 and 2 and with every way to protect an APDU, and against attackers
/// who hold the line between them.
#include <gtest/gtest.h>

#include <functional>

#include "dlms/client/scripted.hpp"
#include "dlms/client/session.hpp"
#include "dlms/octets.hpp"
#include "dlms/server/fake_device.hpp"

namespace ferraris::dlms {
namespace {

using testing::Octets;
using testing::octets;

constexpr std::uint16_t kClient = 1;

/// A client and a server who know each other's public keys, and the line between them.
class Suites : public ::testing::TestWithParam<std::uint8_t> {
protected:
    explicit Suites(std::uint8_t suite = 255) : suite_(suite == 255 ? GetParam() : suite) {
        FakeDevice& device = server.device;
        const std::size_t size = key_size_of_suite(suite_);
        device.suite = suite_;
        device.unicast = Octets(size, 1);
        device.broadcast = Octets(size, 2);
        device.authentication = Octets(size, 3);
        device.master = Octets(size, 4);
        device.conformance = device.conformance | Conformance::general_protection;
        device.certified_title = title;
        device.policy = device.answer_policy = {true, true};
        if (const auto curve = curve_of_suite(suite_)) {
            device.high_mechanism = AuthenticationMechanism::high_ecdsa;
            pair(*curve, signing, device.client_keys[KeyUse::digital_signature]);
            pair(*curve, agreement, device.client_keys[KeyUse::key_agreement]);
            pair(*curve, device.private_keys[KeyUse::digital_signature], server_signing);
            pair(*curve, device.private_keys[KeyUse::key_agreement], server_agreement);
        }
        configuration.context = ApplicationContext::logical_names_ciphered;
        configuration.mechanism = device.high_mechanism;
        configuration.suite = suite_;
        configuration.system_title = title;
        configuration.encryption_key = device.unicast;
        configuration.authentication_key = device.authentication;
        configuration.master_key = device.master;
        configuration.signing_private_key = signing;
        configuration.agreement_private_key = agreement;
        configuration.server_signing_key = server_signing;
        configuration.server_agreement_key = server_agreement;
    }

    void pair(Curve curve, Octets& private_key, Octets& public_key) {
        private_key.resize(private_key_size(curve));
        public_key.resize(public_key_size(curve));
        ASSERT_TRUE(crypto->generate_key_pair(curve, private_key, public_key));
    }

    ClientSession& connect() {
        session.emplace(configuration, *crypto, counters, send_buffer);
        return *session;
    }

    /// Carries APDUs until the client has what it wants.
    Progress drive(Progress progress) {
        while (progress.step == Step::send) {
            last_request.assign(progress.apdu.begin(), progress.apdu.end());
            if (on_request) on_request(last_request);
            const ByteView answer = server.session.handle(kClient, last_request);
            last_answer.assign(answer.begin(), answer.end());
            if (on_answer) on_answer(last_answer);
            received = last_answer;
            progress = session->receive(received);
        }
        return progress;
    }

    ClientError associate() { return drive(connect().associate()).failure.error; }

    std::string get(const AttributeDescriptor& attribute = FakeDevice::kSerial) {
        SpanSink sink(value);
        const Progress done = drive(session->get({attribute, {}}, sink));
        if (done.step != Step::done) return "error " + std::to_string(static_cast<int>(done.failure.error));
        return to_hex(sink.octets());
    }

    std::string ask(Octets apdu) { return to_hex(server.session.handle(kClient, apdu)); }

    std::uint8_t suite_;
    FakeServer server{1000};
    std::unique_ptr<Crypto> crypto = make_openssl_crypto();
    Octets title = octets("4652530000000001");
    Octets signing{}, agreement{}, server_signing{}, server_agreement{};
    ClientConfiguration configuration{};
    testing::CountersFrom counters{1};
    Octets send_buffer = Octets(2000);
    std::optional<ClientSession> session{};
    std::function<void(Octets&)> on_request{};
    std::function<void(Octets&)> on_answer{};
    Octets last_request{}, last_answer{}, received{};
    Octets value = Octets(10'000);
};

const std::string kSerial = "09083132303030303137";

INSTANTIATE_TEST_SUITE_P(Suites1And2, Suites, ::testing::Values(std::uint8_t{1}, std::uint8_t{2}));

TEST_P(Suites, EcdsaAssociatesAndServes) {
    ASSERT_EQ(associate(), ClientError::none);
    EXPECT_EQ(server.session.association().status, AssociationStatus::associated);
    EXPECT_EQ(get(), kSerial);
    EXPECT_EQ(drive(session->release()).step, Step::done);
}

struct Choice {
    const char* name;
    std::optional<KeyChoice> key;
    bool general;
    bool dedicated;
    std::uint8_t tag;
};
constexpr Choice kChoices[] = {
    {"service-specific, global", {}, false, false, 0xC8},
    {"service-specific, dedicated", {}, false, true, 0xD0},
    {"general-glo", {}, true, false, 0xDB},
    {"general-ded", {}, true, true, 0xDC},
    {"key known", KeyChoice::known, false, false, 0xDD},
    {"key identified", KeyChoice::identified_unicast, false, false, 0xDD},
    {"key wrapped", KeyChoice::wrapped, false, false, 0xDD},
    {"C(1e,1s)", KeyChoice::one_pass, false, false, 0xDD},
    {"C(0e,2s)", KeyChoice::static_unified, false, false, 0xDD},
};

TEST_P(Suites, EveryEnvelopeIsAnsweredInKind) {
    for (const Choice& choice : kChoices) {
        configuration.general_ciphering = choice.key;
        configuration.use_general_envelopes = choice.general;
        configuration.use_dedicated_key = choice.dedicated;
        for (const bool is_signed : {false, true}) {
            configuration.request_protection = {true, true, is_signed};
            configuration.answer_protection = {true, true, is_signed};
            ASSERT_EQ(associate(), ClientError::none) << choice.name;
            EXPECT_EQ(get(), kSerial) << choice.name << (is_signed ? ", signed" : "");
            // A signed APDU has no envelope of a service: it goes into the general one.
            const bool specific = choice.tag == 0xC8 || choice.tag == 0xD0;
            const int general = choice.dedicated ? 0xDC : 0xDB;
            EXPECT_EQ(last_request[0], specific && is_signed ? general : choice.tag) << choice.name;
            const int specific_answer = choice.tag == 0xC8 ? 0xCC : 0xD4;
            EXPECT_EQ(last_answer[0], specific ? (is_signed ? general : specific_answer) : choice.tag) << choice.name;
            EXPECT_EQ(get(FakeDevice::kLong).size(), 2U * (2 + 100 * (2 + 5 + 10))) << "in blocks, " << choice.name;
            EXPECT_LE(last_answer.size(), 1000U);
        }
    }
}

TEST_P(Suites, AnswersAreSignedWhereThePolicySaysSo) {
    server.device.answer_policy = {true, true, true};
    configuration.answer_protection = {true, true, true};
    ASSERT_EQ(associate(), ClientError::none);
    EXPECT_EQ(get(), kSerial);
    server.device.answer_policy = {true, true, false};
    EXPECT_EQ(get(), "error " + std::to_string(static_cast<int>(ClientError::answer_unprotected)));
}

TEST_P(Suites, RequestsAreSignedWhereThePolicySaysSo) {
    server.device.policy = {true, true, true};
    configuration.request_protection = {true, true, true};
    ASSERT_EQ(associate(), ClientError::none);
    EXPECT_EQ(get(), kSerial);
    configuration.request_protection = {true, true, false};
    EXPECT_EQ(associate(), ClientError::refused) << "an unsigned proof";
}

TEST_P(Suites, NobodyAssociatesWithAnotherKey) {
    Octets ignored;
    pair(*curve_of_suite(suite_), signing, ignored);
    configuration.signing_private_key = signing;
    EXPECT_EQ(associate(), ClientError::authentication_failed) << "a key that no certificate speaks for";
    EXPECT_EQ(server.device.events.back(), SecurityEvent::authentication_failed);
    EXPECT_EQ(server.session.association().status, AssociationStatus::non_associated);
}

// CertificateMisuse: a key for agreement does not sign.
TEST_P(Suites, TheAgreementKeyDoesNotAuthenticate) {
    configuration.signing_private_key = agreement;
    EXPECT_EQ(associate(), ClientError::authentication_failed);
}

TEST_P(Suites, TheMeterMustProveItselfToo) {
    pair(*curve_of_suite(suite_), server.device.private_keys[KeyUse::digital_signature], server_agreement);
    EXPECT_EQ(associate(), ClientError::authentication_failed);
    EXPECT_FALSE(session->association().open);
}

TEST_P(Suites, ACertificateInAnotherNameIsNone) {
    server.device.certified_title = octets("4652530000000002");
    EXPECT_EQ(associate(), ClientError::authentication_failed);
}

// ReflectedChallenge: the server's own proof, or the client's own challenge, proves nothing.
TEST_P(Suites, AReflectedChallengeIsNotAnswered) {
    on_answer = [this](Octets& answer) {
        // The last authentication value of the AARE becomes the challenge of the AARQ.
        const auto aarq = decode_aarq(last_request);
        const auto aare = decode_aare(answer);
        if (!aarq || !aare || !aare->responding_authentication_value) return;
        const ByteView challenge = aarq->calling_authentication_value->octets;
        const auto begin = aare->responding_authentication_value->octets.data() - answer.data();
        ASSERT_EQ(challenge.size(), 32U);
        std::copy(challenge.begin(), challenge.end(), answer.begin() + begin);
    };
    EXPECT_EQ(associate(), ClientError::authentication_failed);
}

TEST_P(Suites, ShortChallengesAreRefused) {
    on_request = [](Octets& request) {
        // calling-authentication-value: AC 22 80 20 and 32 octets; now 16 of them.
        const Octets head = octets("AC228020");
        const auto found = std::search(request.begin(), request.end(), head.begin(), head.end());
        if (found == request.end()) return;
        *(found + 1) = 0x12;
        *(found + 3) = 0x10;
        request.erase(found + 4, found + 20);
        request[1] = static_cast<std::uint8_t>(request.size() - 2);
    };
    EXPECT_EQ(associate(), ClientError::rejected);
}

// Replay
TEST_P(Suites, WhatWasSentOnceIsRefusedTheSecondTime) {
    for (const Choice& choice : kChoices) {
        configuration.general_ciphering = choice.key;
        configuration.use_general_envelopes = choice.general;
        configuration.use_dedicated_key = choice.dedicated;
        ASSERT_EQ(associate(), ClientError::none);
        ASSERT_EQ(get(), kSerial);
        const Octets recorded = last_request;
        EXPECT_EQ(ask(recorded).substr(0, 6), "D80106") << choice.name << ": invocation-counter-error";
        EXPECT_EQ(server.device.events.back(), SecurityEvent::replay_refused);
        ASSERT_EQ(associate(), ClientError::none);
        EXPECT_EQ(ask(recorded).substr(0, 4), "D801") << choice.name << ", in the next association";
    }
}

TEST_P(Suites, AnAnswerPlayedBackIsNotTaken) {
    configuration.general_ciphering = KeyChoice::one_pass;
    configuration.invoke_id_rotates = false;
    ASSERT_EQ(associate(), ClientError::none);
    ASSERT_EQ(get(), kSerial);
    const Octets recorded = last_answer;
    on_answer = [&](Octets& answer) { answer = recorded; };
    EXPECT_EQ(get(), "error " + std::to_string(static_cast<int>(ClientError::answer_repeats_counter)));
}

// WrongSuite: the suite octet is the attacker's to change, and the tag is not asked.
TEST_P(Suites, AnotherSuiteIsRefusedByBothSides) {
    ASSERT_EQ(associate(), ClientError::none);
    on_request = [this](Octets& request) { request[2] = static_cast<std::uint8_t>(0x30 + (suite_ == 1 ? 2 : 1)); };
    EXPECT_EQ(get(), "error " + std::to_string(static_cast<int>(ClientError::refused)));
    on_request = {};
    on_answer = [](Octets& answer) { answer[2] = 0x30; };
    SpanSink sink(value);
    const Progress done = drive(session->get({FakeDevice::kSerial, {}}, sink));
    EXPECT_EQ(done.failure.error, ClientError::answer_security);
    EXPECT_EQ(done.failure.security_error, SecurityError::wrong_suite);
}

// Downgrade
TEST_P(Suites, NoWeakerMechanismIsNegotiated) {
    using enum AuthenticationMechanism;
    const ClientConfiguration strong = configuration;
    for (const auto mechanism : {none, low, high_md5, high_sha1, high_gmac, high_sha256}) {
        configuration = strong;
        configuration.mechanism = mechanism;
        configuration.allow_legacy_digests = true;
        configuration.secret = server.device.password;
        EXPECT_EQ(associate(), ClientError::rejected) << static_cast<int>(mechanism);
    }
    configuration = strong;
    configuration.context = ApplicationContext::logical_names;
    EXPECT_EQ(associate(), ClientError::rejected) << "without ciphering";
    EXPECT_EQ(server.session.association().status, AssociationStatus::non_associated);
}

TEST_P(Suites, NoWeakerProtectionIsServed) {
    ASSERT_EQ(associate(), ClientError::none);
    EXPECT_EQ(ask(octets("C001C100010000600100FF0200")), "D80101") << "plain";
    for (const Protection weaker : {Protection{true, false}, Protection{false, true}}) {
        configuration.request_protection = weaker;
        configuration.general_ciphering = KeyChoice::one_pass;
        EXPECT_EQ(associate(), ClientError::refused);
    }
}

TEST_P(Suites, ASignatureAloneIsRefusedForItCouldBePlayedBack) {
    ASSERT_EQ(associate(), ClientError::none);
    GeneralKeys keys;
    keys.own_system_title = title;
    keys.peer_system_title = server.device.title;
    keys.own_signing_private = signing;
    const Octets plain = octets("C001C100010000600100FF0200");
    Octets buffer(300);
    std::ranges::copy(plain, buffer.begin());
    const auto apdu = seal_general_signing(*crypto, suite_, octets("01"), keys, buffer, 0, plain.size());
    ASSERT_TRUE(apdu);
    server.device.policy = {};
    EXPECT_EQ(ask({apdu->begin(), apdu->end()}), "D80105");
}

TEST_P(Suites, OneLayerOfAKindIsEnough) {
    ASSERT_EQ(associate(), ClientError::none);
    GeneralKeys keys;
    keys.own_system_title = title;
    keys.peer_system_title = server.device.title;
    keys.unicast_encryption = server.device.unicast;
    keys.authentication = server.device.authentication;
    keys.own_signing_private = signing;
    const auto layered = [&](std::vector<ProtectionLayer::Kind> kinds) {
        Octets buffer(900);
        const Octets plain = octets("C001C100010000600100FF0200");
        std::ranges::copy(plain, buffer.begin());
        std::size_t offset = 0;
        std::size_t length = plain.size();
        for (const auto kind : kinds) {
            ProtectionLayer layer;
            layer.kind = kind;
            layer.protection = {true, true, false};
            const auto sealed =
                seal_layer(*crypto, suite_, layer, 500 + server.device.received, keys, buffer, offset, length);
            EXPECT_TRUE(sealed);
            offset = static_cast<std::size_t>(sealed->data() - buffer.data());
            length = sealed->size();
        }
        return ask({buffer.begin() + static_cast<std::ptrdiff_t>(offset),
                    buffer.begin() + static_cast<std::ptrdiff_t>(offset + length)});
    };
    using enum ProtectionLayer::Kind;
    EXPECT_EQ(layered({general_signing, general_ciphering}).substr(0, 2), "DD") << "signed, then ciphered";
    EXPECT_EQ(layered({general_ciphering, general_signing}).substr(0, 2), "DF") << "ciphered, then signed";
    EXPECT_EQ(layered({general_ciphering, general_ciphering}), "D80105");
    EXPECT_EQ(layered({general_signing, general_signing}), "D80105");
    EXPECT_EQ(layered({general_signing, general_ciphering, general_signing}), "D80105");
}

// CounterOverflow
TEST_P(Suites, UsedUpCountersAreTheEndOnBothSides) {
    ASSERT_EQ(associate(), ClientError::none);
    server.device.counters_left = false;
    EXPECT_EQ(get(), "error " + std::to_string(static_cast<int>(ClientError::refused)));
    server.device.counters_left = true;
    counters = testing::CountersFrom(std::vector<std::uint32_t>{UINT32_MAX - 1, UINT32_MAX});
    EXPECT_EQ(get(), kSerial);
    EXPECT_EQ(get(), kSerial);
    EXPECT_EQ(get(), "error " + std::to_string(static_cast<int>(ClientError::counters_exhausted)));
    counters = testing::CountersFrom(0);
    EXPECT_EQ(get(), "error " + std::to_string(static_cast<int>(ClientError::refused))) << "0 does not follow the last";
}

TEST_P(Suites, MechanismSevenNeedsASuiteWithACurve) {
    server.device.suite = 0;
    server.device.unicast = server.device.authentication = Octets(16, 1);
    configuration.suite = 0;
    configuration.encryption_key = server.device.unicast;
    configuration.authentication_key = server.device.authentication;
    EXPECT_EQ(associate(), ClientError::invalid_configuration);
}

/// Suite 0, for the digests.
class Digests : public Suites {
protected:
    Digests() : Suites(0) {
        server.device.policy = server.device.answer_policy = {};
        configuration.context = ApplicationContext::logical_names;
        configuration.secret = server.device.password;
        configuration.request_protection = configuration.answer_protection = {};
    }
};
INSTANTIATE_TEST_SUITE_P(Suite0, Digests, ::testing::Values(std::uint8_t{0}));

TEST_P(Digests, Md5AndSha1AreOffByDefault) {
    for (const auto mechanism : {AuthenticationMechanism::high_md5, AuthenticationMechanism::high_sha1}) {
        configuration.mechanism = server.device.high_mechanism = mechanism;
        configuration.allow_legacy_digests = server.device.legacy_digests = false;
        EXPECT_EQ(associate(), ClientError::invalid_configuration);
        configuration.allow_legacy_digests = true;
        EXPECT_EQ(associate(), ClientError::rejected) << "the server has them off";
        server.device.legacy_digests = true;
        EXPECT_EQ(associate(), ClientError::none);
        EXPECT_EQ(get(), kSerial);
    }
}

TEST_P(Digests, Sha256TakesTheTitlesAlsoWithoutCiphering) {
    configuration.mechanism = server.device.high_mechanism = AuthenticationMechanism::high_sha256;
    EXPECT_EQ(associate(), ClientError::none);
    EXPECT_EQ(get(), kSerial);
    const Octets wrong = octets("00");
    configuration.secret = wrong;
    EXPECT_EQ(associate(), ClientError::authentication_failed);
}

}  // namespace
}  // namespace ferraris::dlms
