#include <gtest/gtest.h>

#include "dlms/security/hls.hpp"
#include "dlms/server/fake_device.hpp"

namespace ferraris::dlms {
namespace {

// 60 1D | A1 09 06 07 context LN | BE 10 04 0E | 01 00 00 00 06 5F1F0400 conformance FFFF
std::string aarq_public(const std::string& conformance = "FFFFFF", const std::string& pdu = "FFFF",
                        const std::string& version = "06") {
    return "601DA109060760857405080101BE10040E010000 00" + version + "5F1F0400" + conformance + pdu;
}

std::string aarq_low(const std::string& secret_hex, const std::string& mechanism = "01") {
    return "6036A1090607608574050801018A0207808B07608574050802" + mechanism + "AC0A8008" + secret_hex +
           "BE10040E01000000065F1F0400FFFFFFFFFF";
}

TEST(Association, AcceptsThePublicClientOfTheRecordedDialogue) {
    FakeServer server;
    server.device.conformance = static_cast<Conformance>(0x007214);
    // recorded_hdlc_exchanges.json, first AARQ and AARE: conformance 007214, server PDU 00EF, vaa-name 0007
    EXPECT_EQ(server.ask(16, "601DA109060760857405080101BE10040E01000000065F1F0400FFFFFFFFFF"),
              "6129A109060760857405080101A203020100A305A103020100BE10040E0800065F1F040000721400EF0007");
    EXPECT_EQ(server.session.association().status, AssociationStatus::associated);
}

TEST(Association, SaysWhyItRefusesTheProposal) {
    FakeServer server;
    const std::string head = "611FA109060760857405080101A203020101A305A103020101BE0604040E0106";
    // APPL_OPEN_12 dlms-version-number, APPL_OPEN_13 conformance-block, APPL_OPEN_14 client-max-receive-pdu-size
    EXPECT_EQ(server.ask(16, aarq_public("FFFFFF", "FFFF", "05")), head + "01");
    EXPECT_EQ(server.ask(16, aarq_public("000000")), head + "02");
    EXPECT_EQ(server.ask(16, aarq_public("FFFFFF", "000B")), head + "03");
    EXPECT_EQ(server.session.association().status, AssociationStatus::non_associated);
    EXPECT_EQ(server.ask(16, aarq_public("FFFFFF", "0000", "07")).substr(0, 2), "61");
    EXPECT_EQ(server.session.association().status, AssociationStatus::associated) << "version 7 is answered with 6";
}

TEST(Association, RefusesForeignContextsAndVersions) {
    FakeServer server;
    // APPL_OPEN_5: short names (context 2): rejected-permanent, acse-service-user 2
    EXPECT_EQ(server.ask(16, "601DA109060760857405080102BE10040E01000000065F1F0400FFFFFFFFFF"),
              "6117A109060760857405080102A203020101A305A103020102");
    // APPL_OPEN_4: protocol-version without bit 0: acse-service-provider 2
    EXPECT_EQ(server.ask(16,
                         "6021"
                         "80020640"
                         "A109060760857405080101"
                         "BE10040E01000000065F1F0400FFFFFFFFFF"),
              "6117A109060760857405080101A203020101A305A203020102");
    EXPECT_EQ(server.ask(77, aarq_public()), "6117A109060760857405080101A203020101A305A103020101")
        << "a client that does not exist";
}

TEST(Association, LowLevelSecurityTakesThePasswordOnly) {
    FakeServer server;
    EXPECT_EQ(server.ask(2, aarq_low("3132333435363739")), "6117A109060760857405080101A203020101A305A10302010D");
    EXPECT_EQ(server.ask(2, aarq_public()), "6117A109060760857405080101A203020101A305A10302010C")
        << "12: authentication-mechanism-name-required";
    EXPECT_EQ(server.device.events.back(), SecurityEvent::mechanism_refused) << "no secret was tried";
    EXPECT_EQ(server.ask(2, aarq_low("3132333435363738", "05")).substr(0, 2), "61");
    EXPECT_EQ(server.session.association().status, AssociationStatus::non_associated);
    EXPECT_EQ(server.device.events.back(), SecurityEvent::mechanism_refused) << "HLS with GMAC where there is LLS";
    (void)server.ask(2, aarq_low("3132333435363739"));
    EXPECT_EQ(server.device.events.back(), SecurityEvent::authentication_failed);
    (void)server.ask(2, aarq_low("3132333435363738"));
    EXPECT_EQ(server.session.association().status, AssociationStatus::associated);
    EXPECT_EQ(server.device.events.back(), SecurityEvent::association_established);
}

TEST(Association, APPL_OPEN_2) {
    FakeServer server;
    server.device.user_ids = {5, 7};
    EXPECT_EQ(server.ask(2, aarq_low("3132333435363738")), "6117A109060760857405080101A203020101A305A103020106")
        << "6: calling-AE-invocation-identifier-not-recognized";
    // 603B | context | A9 03 02 01 07 calling-AE-invocation-id 7 | as above
    EXPECT_EQ(server
                  .ask(2,
                       "603BA109060760857405080101A9030201078A0207808B0760857405080201AC0A80083132333435363738"
                       "BE10040E01000000065F1F0400FFFFFFFFFF")
                  .substr(26, 24),
              "A203020100A305A103020100");
    EXPECT_EQ(server.session.association().user_id, 7);
    EXPECT_EQ(server.ask(2, "6203800100"), "6303800100");
    EXPECT_EQ(server.session.association().user_id, std::nullopt);
}

TEST(Association, NothingIsServedWithoutOne) {
    FakeServer server;
    // APPL_IDLE_N1: get of 0.0.40.0.0.255
    EXPECT_EQ(server.ask(16, "C001C1000F0000280000FF0200"), "D80101");
    (void)server.ask(16, aarq_public());
    EXPECT_EQ(server.ask(2, "C001C100010000600100FF0200"), "D80101") << "another client's association is not his";
    EXPECT_EQ(server.ask(16, "C001C100010000600100FF0200"), "C401C10009083132303030303137");
    EXPECT_EQ(server.ask(16, "6203800100"), "6303800100");
    EXPECT_EQ(server.ask(16, "C001C100010000600100FF0200"), "D80101");
}

/// The client's side of an association with HLS by GMAC, context with ciphering, as in the recorded dialogue.
class GmacClient {
public:
    explicit GmacClient(FakeServer& server) : server_(server) {}

    std::string associate(std::uint32_t counter, ByteView dedicated_key = {}) {
        InitiateRequest initiate;
        if (!dedicated_key.empty()) initiate.dedicated_key = dedicated_key;
        initiate.proposed_conformance = static_cast<Conformance>(0x00FE1F);
        std::vector<std::uint8_t> buffer(256);
        ByteWriter inner(ByteSpan(buffer).subspan(kMaxCipherHead, 64));
        encode(inner, initiate);
        const auto sealed = protect(*server_.crypto, parameters(counter, Envelope::service_specific_global, unicast),
                                    buffer, kMaxCipherHead, inner.size());
        AssociateRequest aarq;
        aarq.application_context_name = application_context_oid(ApplicationContext::logical_names_ciphered);
        aarq.calling.ap_title = title;
        aarq.sender_acse_requirements = acse_bit_0();
        aarq.mechanism_name = mechanism_oid(AuthenticationMechanism::high_gmac);
        aarq.calling_authentication_value = {AuthenticationValue::Choice::char_string, challenge};
        aarq.user_information = *sealed;
        std::vector<std::uint8_t> apdu(512);
        ByteWriter out(apdu);
        encode(out, aarq);
        const ByteView answer = server_.session.handle(1, out.written());
        const auto aare = decode_aare(answer);
        if (aare && aare->responding_authentication_value) {
            const ByteView given = aare->responding_authentication_value->octets;
            server_challenge.assign(given.begin(), given.end());
        }
        return to_hex(answer);
    }

    /// Token with `counter`, envelope with the next one, as in the recorded dialogue (5A in 5B).
    std::string prove(std::uint32_t counter, bool honest = true, std::uint32_t envelope_ahead = 1) {
        HlsInputs inputs;
        inputs.received_challenge = honest ? ByteView(server_challenge) : ByteView(challenge);
        inputs.keys = {title, unicast, authentication};
        inputs.invocation_counter = counter;
        const HlsToken token = hls_token(*server_.crypto, inputs).value();
        return send(counter + envelope_ahead, "C301C1000F0000280000FF01010911" + to_hex(token.view()));
    }

    /// Seals, sends, and gives back what was inside the answer, or the answer itself when it is not ciphered.
    std::string send(std::uint32_t counter, const std::string& plain_hex,
                     Envelope envelope = Envelope::service_specific_global, ByteView key = {}) {
        if (key.empty()) key = unicast;
        last_request = seal(counter, plain_hex, envelope, key);
        return open(server_.session.handle(1, last_request), key);
    }

    std::vector<std::uint8_t> seal(std::uint32_t counter, const std::string& plain_hex, Envelope envelope,
                                   ByteView key) {
        const auto plain = bytes(plain_hex);
        std::vector<std::uint8_t> buffer(plain.size() + kMaxCipherHead + kMaxCipherTail);
        std::copy(plain.begin(), plain.end(), buffer.begin() + kMaxCipherHead);
        const auto sealed =
            protect(*server_.crypto, parameters(counter, envelope, key), buffer, kMaxCipherHead, plain.size());
        return {sealed->begin(), sealed->end()};
    }

    std::string open(ByteView answer, ByteView key) {
        std::vector<std::uint8_t> octets(answer.begin(), answer.end());
        const auto header = read_ciphered_header(octets);
        if (!header) return to_hex(answer);
        answer_counter = header->invocation_counter;
        const auto plain = unprotect(*server_.crypto, *header, {server_.device.title, key, authentication}, octets);
        return plain ? to_hex(*plain) : "bad tag";
    }

    ProtectParameters parameters(std::uint32_t counter, Envelope envelope, ByteView key) const {
        ProtectParameters how;
        how.envelope = envelope;
        how.invocation_counter = counter;
        how.keys = {title, key, authentication};
        how.protection = protection;
        return how;
    }

    Protection protection{true, true};
    std::vector<std::uint8_t> title = bytes("4D454C0000000001");
    std::vector<std::uint8_t> unicast = bytes("000102030405060708090A0B0C0D0E0F");
    std::vector<std::uint8_t> authentication = bytes("D0D1D2D3D4D5D6D7D8D9DADBDCDDDEDF");
    std::vector<std::uint8_t> challenge = bytes("5A58444F323B3636");
    std::vector<std::uint8_t> server_challenge{};
    std::vector<std::uint8_t> last_request{};
    std::uint32_t answer_counter{0};

private:
    FakeServer& server_;
};

const std::string kGetSerialNumber = "C001C100010000600100FF0200";
const std::string kSerialAnswer = "C401C10009083132303030303137";

TEST(Association, HighLevelSecurityByGmac) {
    FakeServer server;
    server.device.policy = {true, true};
    GmacClient client(server);
    const std::string aare = client.associate(1);
    // accepted, diagnostic 14 authentication-required, responding-AP-title, mechanism 5
    EXPECT_NE(aare.find("A203020100A305A10302010EA40A04084D454C6470B71B1188020780890760857405080205"),
              std::string::npos);
    EXPECT_EQ(server.session.association().status, AssociationStatus::pending);
    EXPECT_EQ(client.send(2, kGetSerialNumber), "D80101") << "nothing before the proof";
    const std::string proof = client.prove(3);
    EXPECT_EQ(proof.substr(0, 16), "C701C10001000911") << "success, with f(CtoS)";
    HlsInputs server_side;
    server_side.received_challenge = client.challenge;
    server_side.keys = {server.device.title, client.unicast, client.authentication};
    EXPECT_TRUE(check_hls_token(*server.crypto, server_side, bytes(proof.substr(16))).has_value());
    EXPECT_EQ(client.send(5, kGetSerialNumber), kSerialAnswer);
}

TEST(Association, RefusesAFalseProof) {
    FakeServer server;
    GmacClient client(server);
    (void)client.associate(1);
    EXPECT_EQ(client.prove(2, false), "C701C1FA00");
    EXPECT_EQ(server.device.events.back(), SecurityEvent::authentication_failed);
    EXPECT_EQ(client.send(9, kGetSerialNumber), "D80101");
    EXPECT_EQ(server.device.events.back(), SecurityEvent::not_associated);
}

TEST(Association, RefusesTheProofWithASpentCounter) {
    FakeServer server;
    GmacClient client(server);
    (void)client.associate(10);
    EXPECT_EQ(client.prove(10, true, 5), "C701C1FA00") << "token with the counter of the AARQ";
    EXPECT_EQ(server.device.events.back(), SecurityEvent::replay_refused) << "who was overtaken did not guess at keys";
    (void)client.associate(20);
    EXPECT_EQ(client.prove(35).substr(0, 10), "C701C10001") << "counters may be left out";
}

// Two of the three independent clients of tests/interop make token and envelope with one counter, that is one IV. What
// harm there is in that is done when they send; the challenge is fresh, so nothing is replayed.
TEST(Association, AcceptsTheProofWithTheCounterOfItsEnvelope) {
    FakeServer server;
    GmacClient client(server);
    (void)client.associate(20);
    EXPECT_EQ(client.prove(21, true, 0).substr(0, 10), "C701C10001");
}

// SYMSEC_0 FraCount_1 and FraCount_3
TEST(Association, CountersRiseOrAreRefused) {
    FakeServer server;
    GmacClient client(server);
    (void)client.associate(1);
    (void)client.prove(2);
    EXPECT_EQ(client.send(10, kGetSerialNumber), kSerialAnswer);
    const std::uint32_t first = client.answer_counter;
    EXPECT_EQ(to_hex(server.session.handle(1, client.last_request)), "D801060000000B") << "replayed; 11 is expected";
    EXPECT_EQ(client.send(9, kGetSerialNumber), "D801060000000B");
    EXPECT_EQ(server.device.events.back(), SecurityEvent::replay_refused);
    EXPECT_EQ(client.send(11, kGetSerialNumber), kSerialAnswer);
    EXPECT_GT(client.answer_counter, first);
    auto forged = client.seal(50, kGetSerialNumber, Envelope::service_specific_global, client.unicast);
    forged.back() ^= 1U;
    EXPECT_EQ(to_hex(server.session.handle(1, forged)), "D80105") << "deciphering-error";
    EXPECT_EQ(server.device.received, 11U) << "a forged counter moves nothing";
}

TEST(Association, DedicatedKeysCountForThemselves) {
    FakeServer server;
    server.device.policy = {true, true};
    GmacClient client(server);
    const auto dedicated = bytes("00112233445566778899AABBCCDDEEFF");
    (void)client.associate(1, dedicated);
    (void)client.prove(2);
    EXPECT_EQ(client.send(0, kGetSerialNumber, Envelope::service_specific_dedicated, dedicated), kSerialAnswer);
    EXPECT_EQ(to_hex(server.session.handle(1, client.last_request)), "D8010600000001");
    EXPECT_EQ(client.send(1, kGetSerialNumber, Envelope::service_specific_dedicated, dedicated), kSerialAnswer);
    EXPECT_EQ(client.send(2, kGetSerialNumber, Envelope::general_dedicated, dedicated), kSerialAnswer);
    EXPECT_EQ(client.send(4, kGetSerialNumber, Envelope::general_global), kSerialAnswer);
    // A new association forgets the key.
    (void)client.associate(20);
    (void)client.prove(21);
    EXPECT_EQ(client.send(30, kGetSerialNumber, Envelope::service_specific_dedicated, dedicated), "D80105");
}

TEST(Association, ThePolicyIsTheLeast) {
    FakeServer server;
    server.device.policy = {true, true};
    GmacClient client(server);
    // A context without ciphering, or an initiate in the clear, is refused at once.
    EXPECT_EQ(server.ask(1, aarq_low("3132333435363738", "05")), "6117A109060760857405080101A203020101A305A103020102");
    (void)client.associate(1);
    (void)client.prove(2);
    EXPECT_EQ(server.ask(1, kGetSerialNumber), "D80101") << "plain";
    auto how = client.parameters(5, Envelope::service_specific_global, client.unicast);
    how.protection = {true, false};
    auto buffer = bytes(std::string(2 * kMaxCipherHead, '0') + kGetSerialNumber + std::string(2 * kMaxCipherTail, '0'));
    const auto sealed = protect(*server.crypto, how, buffer, kMaxCipherHead, kGetSerialNumber.size() / 2);
    EXPECT_EQ(to_hex(server.session.handle(1, *sealed)), "D80101") << "authenticated only";
}

// Encryption without authentication has no tag: nobody vouches for the counter, and whoever guesses one octet could use
// all of them up. Only what the policy lets pass may move it.
TEST(Association, NoCounterMovesWithoutTheTagThatThePolicyWants) {
    FakeServer server;
    server.device.policy = {true, true};
    GmacClient client(server);
    client.protection = {false, true};
    EXPECT_EQ(client.associate(UINT32_MAX), "6117A109060760857405080103A203020101A305A103020101");
    EXPECT_EQ(server.device.received, 0U);
    client.protection = {true, true};
    (void)client.associate(1);
    (void)client.prove(2);
    const std::uint32_t received = server.device.received;
    client.protection = {false, true};
    EXPECT_EQ(client.send(UINT32_MAX, kGetSerialNumber), "D80101");
    EXPECT_EQ(server.device.received, received);
    client.protection = {true, true};
    EXPECT_EQ(client.send(received + 1, kGetSerialNumber), kSerialAnswer);
}

TEST(Association, RefusesTitlesThatAreNoTitles) {
    FakeServer server;
    GmacClient client(server);
    client.title = bytes("4D454C00000001");  // APPL_OPEN_6: too short when ciphering is used
    std::vector<std::uint8_t> apdu(256);
    ByteWriter out(apdu);
    AssociateRequest aarq;
    aarq.application_context_name = application_context_oid(ApplicationContext::logical_names_ciphered);
    aarq.calling.ap_title = client.title;
    encode(out, aarq);
    EXPECT_EQ(to_hex(server.session.handle(1, out.written())), "6117A109060760857405080103A203020101A305A103020103");
}

}  // namespace
}  // namespace ferraris::dlms
