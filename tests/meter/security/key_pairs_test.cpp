// Class 64 version 1: key pairs, certificates and agreed keys, through the object that manages them.
#include <gtest/gtest.h>

#include "base/hex.hpp"
#include "dlms/security/key_derivation.hpp"
#include "dlms/security/test_authority.hpp"
#include "meter/fixture.hpp"

namespace ferraris::meter {
namespace {

using dlms::ActionResult;
using dlms::KeyUse;
using dlms::obis;
using testing::Bench;
using testing::octets;
using Octets = std::vector<std::uint8_t>;

constexpr dlms::LogicalName kSetup = obis(0, 0, 43, 0, 1);
enum Method : std::int8_t { agree_keys = 3, generate = 4, request = 5, import = 6, export_ = 7, remove = 8 };

class KeyPairsOfSuite : public ::testing::TestWithParam<std::uint8_t> {
protected:
    void SetUp() override {
        bench.factory.trust_anchor = authority.certificate();
        bench.factory.security[kUtilityIndex].suite = GetParam();
        bench.client_system_title = title;
        bench.power_up();
    }
    ActionResult invoke(std::int8_t method, const Octets& parameters) {
        return bench.invoke(kUtilitySap, {64, kSetup, method}, parameters);
    }
    static Octets as_octet_string(ByteView content) {
        Octets memory(content.size() + 8);
        ByteWriter out(memory);
        dlms::DataWriter(out).octet_string(content);
        memory.resize(out.size());
        return memory;
    }
    /// What the last method returned.
    Octets returned_octets() {
        dlms::DataReader in(bench.returned);
        const ByteView content = in.octet_string();
        EXPECT_TRUE(in.finished());
        return {content.begin(), content.end()};
    }
    ActionResult import_certificate(const Octets& certificate) {
        return invoke(Method::import, as_octet_string(certificate));
    }
    /// Generates, asks, and has the authority answer.
    Octets certificate_of_meter(std::uint8_t use) {
        EXPECT_EQ(invoke(generate, {0x16, use}), ActionResult::success);
        EXPECT_EQ(invoke(request, {0x16, use}), ActionResult::success);
        const auto asked = dlms::parse_certificate_request(*bench.crypto, request_octets = returned_octets());
        EXPECT_TRUE(asked);
        if (!asked) return {};
        return authority.issue(own_title, asked->public_key, use == 0 ? dlms::kDigitalSignature : dlms::kKeyAgreement);
    }
    /// structure{0, structure{entity, type, title}}
    static Octets by_entity(std::uint8_t entity, std::uint8_t type, const Octets& of) {
        Octets parameters{0x02, 0x02,   0x16, 0x00, 0x02, 0x03,
                          0x16, entity, 0x16, type, 0x09, static_cast<std::uint8_t>(of.size())};
        parameters.insert(parameters.end(), of.begin(), of.end());
        return parameters;
    }
    std::size_t listed() {
        const Octets value = bench.read(kUtilitySap, {64, kSetup, 6}, nullptr, 100);
        return dlms::DataReader(value).array();
    }

    Bench bench{};
    Curve curve = *dlms::curve_of_suite(GetParam());
    ferraris::testing::TestAuthority authority{*bench.crypto, curve};
    Octets title = octets("4652530000000001");
    Octets own_title = octets("4652530000001267");
    Octets request_octets{};
};

INSTANTIATE_TEST_SUITE_P(Suites1And2, KeyPairsOfSuite, ::testing::Values(std::uint8_t{1}, std::uint8_t{2}));

TEST_P(KeyPairsOfSuite, AreMadeAskedForCertifiedAndKept) {
    EXPECT_FALSE(bench.meter->private_key(kUtilitySap, KeyUse::digital_signature));
    const Octets certificate = certificate_of_meter(0);
    EXPECT_FALSE(bench.meter->private_key(kUtilitySap, KeyUse::digital_signature)) << "not before its certificate";
    bench.power_up();
    ASSERT_EQ(import_certificate(certificate), ActionResult::success);
    bench.power_up();
    const auto key = bench.meter->private_key(kUtilitySap, KeyUse::digital_signature);
    ASSERT_TRUE(key);
    Octets computed(public_key_size(curve));
    ASSERT_TRUE(bench.crypto->public_key_of(curve, key->octets.view(), computed));
    EXPECT_EQ(to_hex(computed), to_hex(dlms::parse_certificate(certificate)->public_key));
    EXPECT_EQ(listed(), 2U) << "the authority's and the meter's";
    ASSERT_EQ(invoke(export_, by_entity(0, 0, own_title)), ActionResult::success);
    EXPECT_EQ(returned_octets(), certificate);
    EXPECT_FALSE(bench.meter->private_key(kPublicSap, KeyUse::digital_signature));
}

TEST_P(KeyPairsOfSuite, ThePairInUseServesUntilTheNewOneIsCertified) {
    ASSERT_EQ(import_certificate(certificate_of_meter(1)), ActionResult::success);
    const auto before = bench.meter->private_key(kUtilitySap, KeyUse::key_agreement);
    const Octets next = certificate_of_meter(1);
    EXPECT_EQ(to_hex(bench.meter->private_key(kUtilitySap, KeyUse::key_agreement)->octets.view()),
              to_hex(before->octets.view()));
    ASSERT_EQ(import_certificate(next), ActionResult::success);
    EXPECT_NE(to_hex(bench.meter->private_key(kUtilitySap, KeyUse::key_agreement)->octets.view()),
              to_hex(before->octets.view()));
    EXPECT_EQ(listed(), 2U) << "replaced, not added";
}

TEST_P(KeyPairsOfSuite, CertificatesOfClientsGiveKeysForTheirUseAlone) {
    const auto pair = authority.key_pair();
    const Octets certificate = authority.issue(title, pair.public_key, dlms::kDigitalSignature);
    ASSERT_EQ(import_certificate(certificate), ActionResult::success);
    bench.power_up();
    const auto key = bench.meter->public_key(kUtilitySap, title, KeyUse::digital_signature);
    ASSERT_TRUE(key);
    EXPECT_EQ(to_hex(key->view()), to_hex(pair.public_key));
    EXPECT_FALSE(bench.meter->public_key(kUtilitySap, title, KeyUse::key_agreement));
    EXPECT_FALSE(bench.meter->public_key(kUtilitySap, own_title, KeyUse::digital_signature));
    ASSERT_EQ(invoke(remove, by_entity(1, 0, title)), ActionResult::success);
    EXPECT_FALSE(bench.meter->public_key(kUtilitySap, title, KeyUse::digital_signature));
    EXPECT_EQ(invoke(remove, by_entity(1, 0, title)), ActionResult::object_unavailable);
    bench.power_up();
    EXPECT_FALSE(bench.meter->public_key(kUtilitySap, title, KeyUse::digital_signature)) << "it stays removed";
}

// CertificateMisuse
TEST_P(KeyPairsOfSuite, RefusesCertificatesThatNobodyTrustedIssued) {
    const auto pair = authority.key_pair();
    ferraris::testing::TestAuthority impostor(*bench.crypto, curve);
    ferraris::testing::TestAuthority stranger(*bench.crypto, curve, "Another authority");
    for (auto* who : {&impostor, &stranger}) {
        EXPECT_EQ(import_certificate(who->issue(title, pair.public_key, dlms::kDigitalSignature)),
                  ActionResult::other_reason);
        EXPECT_EQ(import_certificate(who->certificate()), ActionResult::other_reason) << "nor another authority";
    }
    EXPECT_EQ(import_certificate(
                  authority.issue(title, pair.public_key, dlms::kDigitalSignature, testing::utc(2026, 1, 15, 9))),
              ActionResult::other_reason)
        << "expired";
    EXPECT_EQ(
        import_certificate(authority.issue(title, pair.public_key, dlms::kDigitalSignature | dlms::kKeyAgreement)),
        ActionResult::other_reason)
        << "a key for everything is a key for nothing";
    EXPECT_EQ(import_certificate(authority.issue(own_title, pair.public_key, dlms::kDigitalSignature)),
              ActionResult::other_reason)
        << "in the meter's name, for a key that is not the meter's";
    EXPECT_EQ(import_certificate(octets("3000")), ActionResult::other_reason);
    EXPECT_EQ(invoke(Method::import, octets("1100")), ActionResult::type_unmatched);
    EXPECT_EQ(listed(), 1U);
}

TEST_P(KeyPairsOfSuite, ACertificateEndsWithItsTime) {
    const auto pair = authority.key_pair();
    const Octets certificate =
        authority.issue(title, pair.public_key, dlms::kDigitalSignature, testing::utc(2026, 1, 15, 10, 0, 30));
    ASSERT_EQ(import_certificate(certificate), ActionResult::success);
    EXPECT_TRUE(bench.meter->public_key(kUtilitySap, title, KeyUse::digital_signature));
    bench.run(60, 0);
    EXPECT_FALSE(bench.meter->public_key(kUtilitySap, title, KeyUse::digital_signature));
}

TEST_P(KeyPairsOfSuite, TheLastAuthorityStays) {
    const auto root = dlms::parse_certificate(authority.certificate());
    ASSERT_TRUE(root);
    // structure{1, structure{serial number, issuer}}
    Octets memory(300);
    ByteWriter out(memory);
    dlms::DataWriter data(out);
    data.structure(2);
    data.enum_(1);
    data.structure(2);
    data.octet_string(root->serial_number);
    data.octet_string(root->issuer);
    memory.resize(out.size());
    EXPECT_EQ(invoke(export_, memory), ActionResult::success);
    EXPECT_EQ(returned_octets(), authority.certificate());
    EXPECT_EQ(invoke(remove, memory), ActionResult::other_reason);
    EXPECT_EQ(listed(), 1U);
}

TEST_P(KeyPairsOfSuite, ThereIsRoomForADozenCertificates) {
    for (std::uint8_t i = 0; i < CertificateStore::kSlots - 1; ++i) {
        title[7] = i;
        ASSERT_EQ(import_certificate(authority.issue(title, authority.key_pair().public_key, dlms::kKeyAgreement)),
                  ActionResult::success);
    }
    title[7] = 0xFF;
    const Octets one_more = authority.issue(title, authority.key_pair().public_key, dlms::kKeyAgreement);
    EXPECT_EQ(import_certificate(one_more), ActionResult::other_reason);
    bench.power_up();
    EXPECT_EQ(listed(), CertificateStore::kSlots);
    title[7] = 3;
    ASSERT_EQ(invoke(remove, by_entity(1, 1, title)), ActionResult::success);
    EXPECT_EQ(import_certificate(one_more), ActionResult::success);
}

TEST_P(KeyPairsOfSuite, KeyAgreementGivesBothSidesTheSameKeys) {
    ASSERT_EQ(import_certificate(certificate_of_meter(0)), ActionResult::success);
    const auto signing = authority.key_pair();
    ASSERT_EQ(import_certificate(authority.issue(title, signing.public_key, dlms::kDigitalSignature)),
              ActionResult::success);
    const auto ephemeral = authority.key_pair();
    const auto parameters_for = [&](std::uint8_t id, const Octets& signer) {
        Octets signature(signature_size(curve));
        const std::array<ByteView, 2> message{ByteView(&id, 1), ephemeral.public_key};
        EXPECT_TRUE(bench.crypto->sign(curve, signer, message, signature));
        Octets data = ephemeral.public_key;
        data.insert(data.end(), signature.begin(), signature.end());
        Octets memory(300);
        ByteWriter out(memory);
        dlms::DataWriter writer(out);
        writer.array(1);
        writer.structure(2);
        writer.enum_(id);
        writer.octet_string(data);
        memory.resize(out.size());
        return memory;
    };
    EXPECT_EQ(invoke(agree_keys, parameters_for(0, ephemeral.private_key)), ActionResult::other_reason)
        << "signed by somebody else";
    for (const std::uint8_t id : {std::uint8_t{0}, std::uint8_t{2}, std::uint8_t{3}}) {
        ASSERT_EQ(invoke(agree_keys, parameters_for(id, signing.private_key)), ActionResult::success);
        dlms::DataReader in(bench.returned);
        ASSERT_EQ(in.array(), 1U);
        ASSERT_EQ(in.structure(), 2U);
        EXPECT_EQ(in.enum_(), id);
        const ByteView data = in.octet_string();
        ASSERT_EQ(data.size(), public_key_size(curve) + signature_size(curve));
        const auto own = bench.meter->private_key(kUtilitySap, KeyUse::digital_signature);
        Octets meter_key(public_key_size(curve));
        ASSERT_TRUE(bench.crypto->public_key_of(curve, own->octets.view(), meter_key));
        const std::array<ByteView, 2> message{ByteView(&id, 1), data.first(public_key_size(curve))};
        EXPECT_TRUE(bench.crypto->verify(curve, meter_key, message, data.subspan(public_key_size(curve))));
        const auto key =
            dlms::agree_key(*bench.crypto, GetParam(), dlms::key_algorithm(GetParam(), id == 3), ephemeral.private_key,
                            data.first(public_key_size(curve)), {title, own_title, {}});
        ASSERT_TRUE(key);
        bench.power_up();
        const auto keys = bench.meter->client(kUtilitySap)->keys;
        const ByteView taken = id == 0 ? keys.global_unicast_encryption : id == 2 ? keys.authentication : keys.master;
        EXPECT_EQ(to_hex(taken), to_hex(key->view())) << "key " << int{id};
    }
    EXPECT_EQ(invoke(agree_keys, parameters_for(4, signing.private_key)), ActionResult::other_reason);
    EXPECT_EQ(invoke(agree_keys, octets("0100")), ActionResult::other_reason);
}

TEST(KeyPairs, Suite0HasNone) {
    Bench bench;
    const auto invoke = [&](std::int8_t method) {
        return bench.invoke(kUtilitySap, {64, kSetup, method}, octets("1600"));
    };
    EXPECT_EQ(invoke(generate), ActionResult::other_reason);
    EXPECT_EQ(invoke(request), ActionResult::other_reason);
    EXPECT_EQ(bench.invoke(kUtilitySap, {64, kSetup, generate}, octets("1602")), ActionResult::other_reason);
    EXPECT_EQ(bench.invoke(kTechnicianSap, {64, kSetup, generate}, octets("1600")), ActionResult::read_write_denied);
    EXPECT_EQ(to_hex(bench.read(kUtilitySap, {64, kSetup, 6})), "0100");
}

}  // namespace
}  // namespace ferraris::meter
