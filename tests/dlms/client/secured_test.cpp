/// The client session with HLS and ciphering: dialogues recorded from a real meter, and meters that lie.
#include <gtest/gtest.h>

#include "dlms/client/scripted.hpp"

namespace ferraris::dlms {
namespace {

using testing::CountersFrom;
using testing::Exchange;
using testing::octets;
using testing::Octets;
using testing::ScriptedCrypto;

const Octets kEncryptionKey = octets("000102030405060708090A0B0C0D0E0F");
const Octets kAuthenticationKey = octets("D0D1D2D3D4D5D6D7D8D9DADBDCDDDEDF");
const Octets kClientTitle = octets("4D454C0000000001");
const Octets kServerTitle = octets("4D454C6470B71B11");

/// The APDUs of a recorded dialogue's associations, in order; each frame holds one behind its LLC header.
std::vector<Exchange> recorded(const std::string& id) {
    const auto facts = testing::shared_json("facts/recorded_hdlc_exchanges.json");
    std::vector<Exchange> exchanges;
    for (const auto& session : facts.at("sessions")) {
        if (session.at("id") != id) continue;
        for (const auto& step : session.at("steps")) {
            const std::string frame = step.at("frame");
            const bool sent = step.at("dir") == "TX";
            const auto header = frame.find(sent ? "E6E600" : "E6E700");
            if (header == std::string::npos) continue;
            const std::string apdu = frame.substr(header + 6, frame.size() - header - 6 - 6);  // FCS and flag
            if (sent) {
                exchanges.push_back({apdu, {}});
            } else {
                exchanges.back().answer = apdu;
            }
        }
    }
    return exchanges;
}

struct Recorded : ::testing::Test {
    ScriptedCrypto crypto;
    Octets send_buffer = Octets(300);
    Octets answer;
    Octets value_memory = Octets(200);
    SpanSink value{value_memory};
    ClientConfiguration configuration = [] {
        ClientConfiguration c;
        c.context = ApplicationContext::logical_names_ciphered;
        c.mechanism = AuthenticationMechanism::high_gmac;
        c.conformance = static_cast<Conformance>(0x00FE1F);
        c.system_title = kClientTitle;
        c.encryption_key = kEncryptionKey;
        c.authentication_key = kAuthenticationKey;
        c.challenge_size = 8;
        c.invoke_id_rotates = false;
        return c;
    }();

    /// The recorded dialogue from the second association on (the first, public, one reads the counters).
    void replay(const std::string& id, std::vector<std::uint32_t> own_counters, const char* challenge) {
        const auto all = recorded(id);
        ASSERT_EQ(all.size(), 5U);
        CountersFrom counters(std::move(own_counters));
        crypto.random_octets = {octets(challenge)};
        ClientSession session(configuration, crypto, counters, send_buffer);
        auto progress = testing::play(session, session.associate(), {all[2], all[3]}, answer);
        ASSERT_EQ(progress.step, Step::done) << static_cast<int>(progress.failure.error);
        EXPECT_EQ(session.association().server_max_receive_pdu_size, 0xEF);
        EXPECT_EQ(static_cast<std::uint32_t>(session.association().conformance), 0x00FE1DU);
        progress = testing::play(session, session.get({{1, obis(0, 0, 96, 1, 0), 2}, {}}, value), {all[4]}, answer);
        EXPECT_EQ(progress.step, Step::done);
        EXPECT_EQ(to_hex(value.octets()), "09083132303030303137");
    }
};

TEST_F(Recorded, AuthenticationAndEncryption) {
    FERRARIS_NEEDS_SHARED("facts/recorded_hdlc_exchanges.json");
    // AARQ, token, the APDU around the token, GET: the recording client left out one.
    replay("trace-authentication-and-encryption", {0x59, 0x5A, 0x5B, 0x5D}, "5A44584F323B3636");
}

TEST_F(Recorded, CipheredInitiateWithPlainServices) {
    FERRARIS_NEEDS_SHARED("facts/recorded_hdlc_exchanges.json");
    configuration.request_protection = {};
    configuration.answer_protection = {};
    // AARQ and token; nothing else is ciphered.
    replay("trace-none", {0x4D, 0x4E}, "4A5D5547252A3859");
}

TEST_F(Recorded, PublicClientReadsTheCounters) {
    FERRARIS_NEEDS_SHARED("facts/recorded_hdlc_exchanges.json");
    const auto all = recorded("trace-none");
    ClientConfiguration open;
    open.conformance = static_cast<Conformance>(0xFFFFFF);
    open.invoke_id_rotates = false;
    CountersFrom counters(0, 0);
    ClientSession session(open, crypto, counters, send_buffer);
    ASSERT_EQ(testing::play(session, session.associate(), {all[0]}, answer).step, Step::done);
    const std::array<AttributeRequest, 2> both{AttributeRequest{{1, obis(0, 0, 43, 1, 0), 2}, {}},
                                               AttributeRequest{{1, obis(0, 0, 43, 1, 1), 2}, {}}};
    ASSERT_EQ(testing::play(session, session.get_list(both, value), {all[1]}, answer).step, Step::done);
    EXPECT_EQ(to_hex(value.octets()),
              "02"
              "00060000004C"
              "000600000000");
}

/// A meter of our own making, which can be made to lie.
struct Meter {
    Crypto& crypto;
    Octets title = kServerTitle;
    Octets encryption_key = kEncryptionKey;
    Octets dedicated_key{};
    Octets memory = Octets(4000);
    Protection protection{true, true};
    Envelope envelope{Envelope::service_specific_global};
    std::uint32_t counter{100};

    Octets seal(const Octets& plain) {
        ProtectParameters parameters;
        parameters.envelope = envelope;
        parameters.protection = protection;
        parameters.invocation_counter = counter++;
        parameters.keys = {title, is_dedicated(envelope) ? dedicated_key : encryption_key, kAuthenticationKey};
        std::ranges::copy(plain, memory.begin() + kMaxCipherHead);
        const auto apdu = protect(crypto, parameters, memory, kMaxCipherHead, plain.size());
        EXPECT_TRUE(apdu);
        return apdu ? Octets(apdu->begin(), apdu->end()) : Octets{};
    }
    Octets open(ByteView apdu) {
        Octets copy(apdu.begin(), apdu.end());
        const auto header = read_ciphered_header(copy);
        EXPECT_TRUE(header);
        if (!header) return {};
        const bool dedicated = header->key_set == KeySet::dedicated;
        const auto plain = unprotect(
            crypto, *header, {kClientTitle, dedicated ? dedicated_key : encryption_key, kAuthenticationKey}, copy);
        EXPECT_TRUE(plain);
        return plain ? Octets(plain->begin(), plain->end()) : Octets{};
    }
    Octets aare(const Octets& initiate, std::optional<Octets> challenge = {}) {
        AssociateResponse response;
        response.application_context_name = application_context_oid(ApplicationContext::logical_names_ciphered);
        response.responding.ap_title = title;
        if (challenge) {
            response.mechanism_name = mechanism_oid(AuthenticationMechanism::high_gmac);
            response.responding_authentication_value = {AuthenticationValue::Choice::char_string, *challenge};
        }
        if (!initiate.empty()) response.user_information = initiate;
        return octets(testing::encoded(response));
    }
};

const Octets kInitiateResponse = octets("0800065F1F040000FE1D00000007");

/// Low level security in a ciphered context: one round to associate.
struct Ciphered : ::testing::Test {
    ScriptedCrypto crypto;
    Meter meter{crypto};
    CountersFrom counters{1};
    Octets secret = octets("3132333435363738");
    Octets send_buffer = Octets(300);
    Octets value_memory = Octets(200);
    SpanSink value{value_memory};
    ClientConfiguration configuration = [this] {
        ClientConfiguration c;
        c.context = ApplicationContext::logical_names_ciphered;
        c.mechanism = AuthenticationMechanism::low;
        c.secret = secret;
        c.system_title = kClientTitle;
        c.encryption_key = kEncryptionKey;
        c.authentication_key = kAuthenticationKey;
        return c;
    }();
    std::optional<ClientSession> session;
    AttributeRequest time{{8, obis(0, 0, 1, 0, 0), 2}, std::nullopt};
    Octets get_answer = octets("C401C1001105");

    void associate() {
        session.emplace(configuration, crypto, counters, send_buffer);
        ASSERT_EQ(session->associate().step, Step::send);
        auto aare = meter.aare(meter.seal(kInitiateResponse));
        const auto progress = session->receive(aare);
        ASSERT_EQ(progress.step, Step::done) << static_cast<int>(progress.failure.error);
    }
    ClientError get(Octets answer) {
        const auto start = session->get(time, value);
        if (start.step != Step::send) return start.failure.error;
        return session->receive(answer).failure.error;
    }
};

TEST_F(Ciphered, RequestsAndAnswersUnderTheGlobalKey) {
    associate();
    EXPECT_EQ(session->server_counter(), 100U);
    const auto request = session->get(time, value);
    EXPECT_EQ(request.apdu[0], 0xC8);
    EXPECT_EQ(to_hex(meter.open(request.apdu)), "C001C100080000010000FF0200");
    auto answer = meter.seal(get_answer);
    EXPECT_EQ(session->receive(answer).step, Step::done);
    EXPECT_EQ(to_hex(value.octets()), "1105");
    EXPECT_EQ(session->server_counter(), 101U);
}

TEST_F(Ciphered, GeneralEnvelopesCarryTheTitle) {
    configuration.use_general_envelopes = true;
    meter.envelope = Envelope::general_global;
    associate();
    const auto request = session->get(time, value);
    EXPECT_EQ(request.apdu[0], 0xDB);
    EXPECT_EQ(to_hex(meter.open(request.apdu)), "C001C100080000010000FF0200");
    auto answer = meter.seal(get_answer);
    EXPECT_EQ(session->receive(answer).step, Step::done);

    configuration.invoke_id_rotates = false;
    meter.title = octets("4D454C6470B71B12");
    EXPECT_EQ(get(meter.seal(get_answer)), ClientError::answer_from_another_meter);
}

TEST_F(Ciphered, DedicatedKeysTravelCipheredAndCountAfresh) {
    meter.dedicated_key = octets("00112233445566778899AABBCCDDEEFF");
    configuration.use_dedicated_key = true;
    crypto.random_octets = {meter.dedicated_key};
    session.emplace(configuration, crypto, counters, send_buffer);
    const auto start = session->associate();
    const auto aarq = decode_aarq(start.apdu);
    ASSERT_TRUE(aarq);
    const auto opened = meter.open(aarq->user_information.value());
    const auto initiate = decode_initiate_request(opened);
    ASSERT_TRUE(initiate);
    EXPECT_EQ(to_hex(initiate->dedicated_key.value()), to_hex(meter.dedicated_key));
    auto aare = meter.aare(meter.seal(kInitiateResponse));
    ASSERT_EQ(session->receive(aare).step, Step::done);

    meter.envelope = Envelope::service_specific_dedicated;
    meter.counter = 1;
    for (std::uint32_t round = 1; round <= 2; ++round) {
        const auto request = session->get(time, value);
        ASSERT_EQ(request.step, Step::send);
        EXPECT_EQ(request.apdu[0], 0xD0);
        EXPECT_EQ(read_ciphered_header(request.apdu).value().invocation_counter, round);
        EXPECT_EQ(to_hex(meter.open(request.apdu)).substr(0, 4), "C001");
        get_answer[2] = static_cast<std::uint8_t>(0xC0 + round);
        auto answer = meter.seal(get_answer);
        EXPECT_EQ(session->receive(answer).step, Step::done);
    }
    EXPECT_EQ(session->server_counter(), 100U) << "the global one has not moved";
}

TEST_F(Ciphered, CountersOfTheMeterHaveToRise) {
    configuration.invoke_id_rotates = false;
    associate();
    const auto first = meter.seal(get_answer);
    EXPECT_EQ(get(first), ClientError::none);
    EXPECT_EQ(get(first), ClientError::answer_repeats_counter) << "played back";
    meter.counter = 50;
    EXPECT_EQ(get(meter.seal(get_answer)), ClientError::answer_repeats_counter);
    meter.counter = 500;
    EXPECT_EQ(get(meter.seal(get_answer)), ClientError::none) << "a gap is no harm";

    configuration.quirks.answers_repeat_counters = true;
    associate();
    meter.counter = 3;
    EXPECT_EQ(get(meter.seal(get_answer)), ClientError::none);
}

TEST_F(Ciphered, CountersOutliveTheAssociation) {
    session.emplace(configuration, crypto, counters, send_buffer);
    session->expect_server_counter_above(100);
    ASSERT_EQ(session->associate().step, Step::send);
    auto aare = meter.aare(meter.seal(kInitiateResponse));
    EXPECT_EQ(session->receive(aare).failure.error, ClientError::answer_repeats_counter);
}

TEST_F(Ciphered, WrongTagsAndMissingProtection) {
    configuration.invoke_id_rotates = false;
    associate();
    auto bad = meter.seal(get_answer);
    bad.back() ^= 1;
    EXPECT_EQ(get(bad), ClientError::answer_security);
    EXPECT_FALSE(value.octets().size());
    EXPECT_EQ(get(get_answer), ClientError::answer_unprotected) << "in the clear";
    meter.protection = {false, true};
    EXPECT_EQ(get(meter.seal(get_answer)), ClientError::answer_unprotected) << "not authenticated";
    meter.protection = {true, false};
    EXPECT_EQ(get(meter.seal(get_answer)), ClientError::answer_unprotected) << "not encrypted";
    EXPECT_EQ(value.octets().size(), 0U);

    configuration.answer_protection = {false, true};
    associate();
    meter.protection = {false, true};
    EXPECT_EQ(get(meter.seal(get_answer)), ClientError::none) << "a meter that only encrypts, and we know it";
}

// Whoever knows no key can make an answer without a tag: it must not move the counter, or genuine answers are refused.
TEST_F(Ciphered, ForgedAnswersMoveNoCounter) {
    configuration.invoke_id_rotates = false;
    associate();
    const auto before = session->server_counter();
    meter.counter = 0xFFFFFF00;
    meter.protection = {false, true};
    EXPECT_EQ(get(meter.seal(get_answer)), ClientError::answer_unprotected);
    EXPECT_EQ(session->server_counter(), before);
    meter.counter = before.value() + 1;
    meter.protection = {true, true};
    EXPECT_EQ(get(meter.seal(get_answer)), ClientError::none);
}

TEST_F(Ciphered, RefusalsInTheClear) {
    associate();
    const auto start = session->get(time, value);
    ASSERT_EQ(start.step, Step::send);
    auto refusal = octets("D801060000002A");
    const auto progress = session->receive(refusal);
    EXPECT_EQ(progress.failure.error, ClientError::refused);
    EXPECT_EQ(progress.failure.exception->service, ServiceError::invocation_counter_error);
    EXPECT_EQ(progress.failure.exception->expected_invocation_counter, 42U);
}

TEST_F(Ciphered, AnInitiateResponseInTheClearIsTaken) {
    session.emplace(configuration, crypto, counters, send_buffer);
    ASSERT_EQ(session->associate().step, Step::send);
    auto aare = meter.aare(kInitiateResponse);
    EXPECT_EQ(session->receive(aare).step, Step::done);
}

TEST_F(Ciphered, TheMeterMustNameItselfOrBeKnown) {
    session.emplace(configuration, crypto, counters, send_buffer);
    ASSERT_EQ(session->associate().step, Step::send);
    auto nameless = octets("6129A109060760857405080103A203020100A305A103020100BE10040E0800065F1F040000501F01F40007");
    EXPECT_EQ(session->receive(nameless).failure.error, ClientError::answer_from_another_meter);

    configuration.server_system_title = kServerTitle;
    session.emplace(configuration, crypto, counters, send_buffer);
    ASSERT_EQ(session->associate().step, Step::send);
    auto again = octets("6129A109060760857405080103A203020100A305A103020100BE10040E0800065F1F040000501F01F40007");
    EXPECT_EQ(session->receive(again).step, Step::done);
}

TEST_F(Ciphered, ReleaseProvesWhoReleases) {
    associate();
    const auto start = session->release();
    ASSERT_EQ(start.step, Step::send);
    const auto rlrq = decode_rlrq(start.apdu);
    ASSERT_TRUE(rlrq);
    EXPECT_TRUE(decode_initiate_request(meter.open(rlrq->user_information.value())));
    auto rlre = octets("6303800100");
    EXPECT_EQ(session->receive(rlre).step, Step::done);
    EXPECT_FALSE(session->association().open);
}

TEST_F(Ciphered, WithoutCountersNothingIsSent) {
    CountersFrom none(1, 1);
    ClientSession poor(configuration, crypto, none, send_buffer);
    ASSERT_EQ(poor.associate().step, Step::send);
    auto aare = meter.aare(meter.seal(kInitiateResponse));
    ASSERT_EQ(poor.receive(aare).step, Step::done);
    EXPECT_EQ(poor.get(time, value).failure.error, ClientError::counters_exhausted);
}

/// HLS with GMAC, and the ways to cheat at it.
struct HighLevel : Ciphered {
    Octets client_challenge = octets("4B35366956616759");
    Octets server_challenge = octets("503677524A323146");

    HighLevel() {
        configuration.mechanism = AuthenticationMechanism::high_gmac;
        configuration.challenge_size = 8;
    }
    Progress send_challenge(const Octets& challenge) {
        crypto.random_octets = {client_challenge};
        session.emplace(configuration, crypto, counters, send_buffer);
        EXPECT_EQ(session->associate().step, Step::send);
        auto aare = meter.aare(meter.seal(kInitiateResponse), challenge);
        return session->receive(aare);
    }
    /// The meter's own answer to the client's challenge, with this counter.
    Octets token(std::uint32_t counter) {
        HlsInputs inputs;
        inputs.received_challenge = client_challenge;
        inputs.keys = {meter.title, meter.encryption_key, kAuthenticationKey};
        inputs.invocation_counter = counter;
        const auto made = hls_token(crypto, inputs).value();
        return Octets(made.begin(), made.end());
    }
    Progress pass_4(const Octets& with) {
        Octets plain = octets(
            "C701C1000100"
            "0911");
        plain.insert(plain.end(), with.begin(), with.end());
        auto apdu = meter.seal(plain);
        return session->receive(apdu);
    }
};

TEST_F(HighLevel, FourPasses) {
    const auto pass_3 = send_challenge(server_challenge);
    ASSERT_EQ(pass_3.step, Step::send);
    const auto plain = meter.open(pass_3.apdu);
    const auto action = decode_action_request(plain);
    ASSERT_TRUE(action);
    EXPECT_EQ(action->method, (MethodDescriptor{15, obis(0, 0, 40, 0, 0), 1}));
    HlsInputs client;
    client.received_challenge = server_challenge;
    client.keys = {kClientTitle, kEncryptionKey, kAuthenticationKey};
    EXPECT_TRUE(check_hls_token(crypto, client, action->parameters.subspan(2)));
    const auto made = token(meter.counter++);
    EXPECT_EQ(pass_4(made).step, Step::done);
    EXPECT_TRUE(session->association().open);
}

TEST_F(HighLevel, AMeterThatDoesNotKnowTheKey) {
    ASSERT_EQ(send_challenge(server_challenge).step, Step::send);
    auto wrong = token(meter.counter++);
    wrong.back() ^= 1;
    EXPECT_EQ(pass_4(wrong).failure.error, ClientError::authentication_failed);
    EXPECT_FALSE(session->association().open);
    EXPECT_EQ(session->get(time, value).failure.error, ClientError::not_associated);
}

TEST_F(HighLevel, AnOldTokenPlayedBack) {
    ASSERT_EQ(send_challenge(server_challenge).step, Step::send);
    EXPECT_EQ(pass_4(token(7)).failure.error, ClientError::answer_repeats_counter);
}

TEST_F(HighLevel, OurOwnChallengeSentBack) {
    EXPECT_EQ(send_challenge(client_challenge).failure.error, ClientError::authentication_failed);
}

TEST_F(HighLevel, NoChallengeAtAll) {
    EXPECT_EQ(send_challenge({}).failure.error, ClientError::authentication_failed);
    EXPECT_EQ(send_challenge(Octets(65, 1)).failure.error, ClientError::authentication_failed);
}

TEST_F(HighLevel, TheMeterRefusesOurToken) {
    ASSERT_EQ(send_challenge(server_challenge).step, Step::send);
    auto refusal = meter.seal(octets("C701C1FA00"));
    EXPECT_EQ(session->receive(refusal).failure.error, ClientError::authentication_failed);
}

TEST_F(HighLevel, AnAssociationOfAnotherInstance) {
    configuration.quirks.association = obis(0, 0, 40, 0, 3);
    const auto pass_3 = send_challenge(server_challenge);
    const auto plain = meter.open(pass_3.apdu);
    EXPECT_EQ(decode_action_request(plain)->method.instance, obis(0, 0, 40, 0, 3));
}

}  // namespace
}  // namespace ferraris::dlms
