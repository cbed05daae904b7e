// Conformance of suites 1 and 2, for which there is no public plan: our own cases, against our own meter in these
// suites. The client, and the attacker between it and the meter, are in this process.
#include <gtest/gtest.h>

#include <algorithm>
#include <functional>

#include "base/hex.hpp"
#include "conform/bench.hpp"
#include "dlms/client/scripted.hpp"
#include "dlms/client/session.hpp"
#include "dlms/security/test_authority.hpp"
#include "dlms/server/session.hpp"
#include "meter/fixture.hpp"

namespace ferraris::conform {
namespace {

using dlms::ClientError;
using dlms::KeyChoice;
using ferraris::testing::TestAuthority;
using meter::kUtilityIndex;
using meter::kUtilitySap;

constexpr dlms::AttributeDescriptor kName{1, dlms::obis(0, 0, 42, 0, 0), 2};

/// A meter whose utility client is in suite 1 or 2, with key pairs and certificates on both sides.
class PublicKeySecurity : public ::testing::TestWithParam<std::uint8_t> {
protected:
    PublicKeySecurity()
        : signing(authority.key_pair()),
          agreement(authority.key_pair()),
          meter_signing(authority.key_pair()),
          meter_agreement(authority.key_pair()) {
        certify(title, signing.public_key, dlms::kDigitalSignature);
        certify(title, agreement.public_key, dlms::kKeyAgreement);
        certify(meter_title, meter_signing.public_key, dlms::kDigitalSignature);
        certify(meter_title, meter_agreement.public_key, dlms::kKeyAgreement);
    }

    void certify(const Octets& of, const Octets& public_key, unsigned usage,
                 UtcTime not_after = TestAuthority::kNotAfter) {
        certificates.push_back(authority.issue(of, public_key, usage, not_after));
    }

    /// Starts the meter with the certificates as they are now.
    void start() {
        bench.factory.trust_anchor = authority.certificate();
        bench.factory.mechanisms.fill(dlms::AuthenticationMechanism::high_ecdsa);
        bench.factory.security[kUtilityIndex].suite = suite;
        bench.factory.security[kUtilityIndex].policy = 0x0C;
        bench.factory.signing_private_key = meter_signing.private_key;
        bench.factory.agreement_private_key = meter_agreement.private_key;
        views.assign(certificates.begin(), certificates.end());
        bench.factory.certificates = views;
        bench.flash = meter::testing::MemoryFlash{};
        bench.power_up();
        server.emplace(*bench.meter, *bench.crypto, memory.lend());
        const dlms::Keys keys = bench.meter->client(kUtilitySap)->keys;
        const auto owned = [](ByteView view) { return Octets(view.begin(), view.end()); };
        unicast = owned(keys.global_unicast_encryption);
        authentication = owned(keys.authentication);
        master = owned(keys.master);
        configuration.context = dlms::ApplicationContext::logical_names_ciphered;
        configuration.mechanism = dlms::AuthenticationMechanism::high_ecdsa;
        configuration.suite = suite;
        configuration.challenge_size = 32;
        configuration.system_title = title;
        configuration.encryption_key = unicast;
        configuration.authentication_key = authentication;
        configuration.master_key = master;
        configuration.signing_private_key = signing.private_key;
        configuration.agreement_private_key = agreement.private_key;
        configuration.server_signing_key = meter_signing.public_key;
        configuration.server_agreement_key = meter_agreement.public_key;
    }

    ClientError associate() {
        client.emplace(configuration, *bench.crypto, counters, send_buffer);
        return drive(client->associate()).failure.error;
    }
    dlms::Progress drive(dlms::Progress progress) {
        while (progress.step == dlms::Step::send) {
            request.assign(progress.apdu.begin(), progress.apdu.end());
            if (on_request) on_request(request);
            const ByteView octets = server->handle(kUtilitySap, request);
            answer.assign(octets.begin(), octets.end());
            received = answer;
            progress = client->receive(received);
        }
        return progress;
    }
    /// The logical device name, or why there is none.
    ClientError read() {
        dlms::SpanSink sink(value);
        const dlms::Progress done = drive(client->get({kName, {}}, sink));
        if (done.step == dlms::Step::done) {
            EXPECT_EQ(sink.octets().size(), 18U);
        }
        return done.failure.error;
    }
    std::string ask(const Octets& apdu) { return to_hex(server->handle(kUtilitySap, apdu)); }
    [[nodiscard]] std::uint32_t count(dlms::SecurityEvent event) const {
        return bench.meter->security_event_count(event);
    }

    std::uint8_t suite = GetParam();
    meter::testing::Bench bench{};
    TestAuthority authority{*bench.crypto, *dlms::curve_of_suite(GetParam())};
    TestAuthority::KeyPair signing, agreement, meter_signing, meter_agreement;
    Octets title = meter::testing::octets("4652530000000001");
    Octets meter_title = meter::testing::octets("4652530000001267");
    std::vector<Octets> certificates{};
    std::vector<ByteView> views{};
    Octets unicast{}, authentication{}, master{};
    dlms::ServerMemoryOf<2048, 2048> memory{};
    std::optional<dlms::ServerSession> server{};
    dlms::ClientConfiguration configuration{};
    ferraris::testing::CountersFrom counters{1};
    Octets send_buffer = Octets(3000);
    std::optional<dlms::ClientSession> client{};
    std::function<void(Octets&)> on_request{};
    Octets request{}, answer{}, received{};
    Octets value = Octets(10'000);
};

INSTANTIATE_TEST_SUITE_P(Suites1And2, PublicKeySecurity, ::testing::Values(std::uint8_t{1}, std::uint8_t{2}));

TEST_P(PublicKeySecurity, PKSEC_Assoc_P1_ByEcdsa) {
    start();
    ASSERT_EQ(associate(), ClientError::none);
    EXPECT_EQ(read(), ClientError::none);
    EXPECT_EQ(drive(client->release()).step, dlms::Step::done);
}

TEST_P(PublicKeySecurity, PKSEC_Assoc_N1_AnotherMechanism) {
    start();
    configuration.mechanism = dlms::AuthenticationMechanism::high_gmac;
    EXPECT_EQ(associate(), ClientError::rejected);
    EXPECT_EQ(count(dlms::SecurityEvent::mechanism_refused), 1U);
}

TEST_P(PublicKeySecurity, PKSEC_Suite_N1_AnotherSuiteInTheEnvelope) {
    start();
    ASSERT_EQ(associate(), ClientError::none);
    constexpr std::uint8_t kOthers[]{0, 1, 2, 3, 15};
    for (const std::uint8_t other : kOthers) {
        if (other == suite) continue;
        // glo-get-request, length, security control
        on_request = [other](Octets& apdu) { apdu[2] = static_cast<std::uint8_t>(0x30 | other); };
        EXPECT_EQ(read(), ClientError::refused) << int{other};
        on_request = {};
    }
    EXPECT_EQ(read(), ClientError::none) << "the association stands";
}

TEST_P(PublicKeySecurity, PKSEC_Sign_P1_SignedRequestsAndAnswers) {
    start();
    configuration.request_protection = configuration.answer_protection = {true, true, true};
    ASSERT_EQ(associate(), ClientError::none);
    EXPECT_EQ(read(), ClientError::none);
}

TEST_P(PublicKeySecurity, PKSEC_Sign_N1_AnotherKey) {
    start();
    const auto stranger = authority.key_pair();
    configuration.signing_private_key = stranger.private_key;
    EXPECT_EQ(associate(), ClientError::authentication_failed);
    EXPECT_EQ(count(dlms::SecurityEvent::authentication_failed), 1U);
}

TEST_P(PublicKeySecurity, PKSEC_Sign_N2_ASignatureThatWasChanged) {
    start();
    configuration.request_protection = {true, true, true};
    configuration.general_ciphering = KeyChoice::identified_unicast;
    ASSERT_EQ(associate(), ClientError::none);
    ASSERT_EQ(read(), ClientError::none);
    on_request = [](Octets& apdu) { apdu.back() ^= 0x01U; };
    EXPECT_EQ(read(), ClientError::refused);
}

TEST_P(PublicKeySecurity, PKSEC_Cert_N1_ACertificateForAgreementDoesNotSign) {
    certificates.erase(certificates.begin());
    start();
    configuration.signing_private_key = agreement.private_key;
    EXPECT_EQ(associate(), ClientError::authentication_failed);
}

TEST_P(PublicKeySecurity, PKSEC_Cert_N2_ACertificateOfAnUnknownAuthority) {
    certificates.erase(certificates.begin());
    start();
    TestAuthority stranger(*bench.crypto, *dlms::curve_of_suite(suite), "Stranger");
    const Octets certificate = stranger.issue(title, signing.public_key, dlms::kDigitalSignature);
    Octets parameters(certificate.size() + 8);
    ByteWriter out(parameters);
    dlms::DataWriter(out).octet_string(certificate);
    parameters.resize(out.size());
    EXPECT_EQ(bench.invoke(kUtilitySap, {64, dlms::obis(0, 0, 43, 0, 1), 6}, parameters),
              dlms::ActionResult::other_reason);
    EXPECT_EQ(associate(), ClientError::authentication_failed);
}

TEST_P(PublicKeySecurity, PKSEC_Cert_N3_ACertificateThatHasExpired) {
    certificates.erase(certificates.begin());
    certify(title, signing.public_key, dlms::kDigitalSignature, meter::testing::utc(2026, 1, 1));
    start();
    EXPECT_EQ(associate(), ClientError::authentication_failed) << "it is 15 January";
}

TEST_P(PublicKeySecurity, PKSEC_Cert_N4_ACertificateInAnotherName) {
    certificates.erase(certificates.begin());
    certify(meter::testing::octets("4652530000000002"), signing.public_key, dlms::kDigitalSignature);
    start();
    EXPECT_EQ(associate(), ClientError::authentication_failed);
}

TEST_P(PublicKeySecurity, PKSEC_Agree_P1_OnePass) {
    start();
    configuration.general_ciphering = KeyChoice::one_pass;
    ASSERT_EQ(associate(), ClientError::none);
    EXPECT_EQ(read(), ClientError::none);
    EXPECT_EQ(answer[0], 0xDD);
}

TEST_P(PublicKeySecurity, PKSEC_Agree_P2_StaticUnified) {
    start();
    configuration.general_ciphering = KeyChoice::static_unified;
    ASSERT_EQ(associate(), ClientError::none);
    EXPECT_EQ(read(), ClientError::none);
    EXPECT_EQ(answer[0], 0xDD);
}

TEST_P(PublicKeySecurity, PKSEC_Agree_P3_WrappedAndIdentifiedKeys) {
    start();
    for (const KeyChoice choice : {KeyChoice::wrapped, KeyChoice::identified_unicast}) {
        configuration.general_ciphering = choice;
        ASSERT_EQ(associate(), ClientError::none);
        EXPECT_EQ(read(), ClientError::none);
    }
}

TEST_P(PublicKeySecurity, PKSEC_Agree_N1_AnotherAgreementKey) {
    start();
    const auto stranger = authority.key_pair();
    configuration.agreement_private_key = stranger.private_key;
    configuration.general_ciphering = KeyChoice::static_unified;
    EXPECT_NE(associate(), ClientError::none);
    EXPECT_NE(server->association().status, dlms::AssociationStatus::associated);
    // Of the one-pass model the client's own static key is for answers: they are for who has the certified one.
    configuration.general_ciphering = KeyChoice::one_pass;
    EXPECT_EQ(associate(), ClientError::answer_security);
    EXPECT_FALSE(client->association().open);
}

TEST_P(PublicKeySecurity, PKSEC_Replay_N1_EveryEnvelope) {
    start();
    for (const auto choice :
         {std::optional<KeyChoice>{}, std::optional{KeyChoice::identified_unicast}, std::optional{KeyChoice::wrapped},
          std::optional{KeyChoice::one_pass}, std::optional{KeyChoice::static_unified}}) {
        configuration.general_ciphering = choice;
        ASSERT_EQ(associate(), ClientError::none);
        ASSERT_EQ(read(), ClientError::none);
        const Octets recorded = request;
        EXPECT_EQ(ask(recorded).substr(0, 6), "D80106") << "invocation-counter-error";
        ASSERT_EQ(associate(), ClientError::none);
        EXPECT_EQ(ask(recorded).substr(0, 4), "D801") << "in the next association";
    }
    EXPECT_GE(count(dlms::SecurityEvent::replay_refused), 5U);
}

TEST_P(PublicKeySecurity, PKSEC_Replay_N2_AnAssociationPlayedBack) {
    start();
    std::vector<Octets> recorded;
    on_request = [&](Octets& apdu) { recorded.push_back(apdu); };
    ASSERT_EQ(associate(), ClientError::none);
    on_request = {};
    for (const Octets& apdu : recorded) (void)ask(apdu);
    EXPECT_NE(server->association().status, dlms::AssociationStatus::associated);
}

}  // namespace
}  // namespace ferraris::conform
