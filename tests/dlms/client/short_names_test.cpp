/// A client session with short names, against a meter that answers from a script.
#include <gtest/gtest.h>

#include "dlms/client/scripted.hpp"

namespace ferraris::dlms {
namespace {

using testing::CountersFrom;
using testing::Exchange;
using testing::octets;
using testing::Octets;
using testing::ScriptedCrypto;

struct ShortNameClient : ::testing::Test {
    ScriptedCrypto crypto;
    CountersFrom counters{1};
    Octets send_buffer = Octets(300);
    Octets answer;
    Octets value_memory = Octets(2000);
    SpanSink value{value_memory};
    ClientConfiguration configuration = [] {
        ClientConfiguration c;
        c.context = ApplicationContext::short_names;
        c.conformance = kShortNameClientConformance;
        return c;
    }();
    std::optional<ClientSession> session;

    Progress play(Progress start, const std::vector<Exchange>& script) {
        return testing::play(*session, start, script, answer);
    }
    void associate(const std::string& pdu = "0000") {
        session.emplace(configuration, crypto, counters, send_buffer);
        const auto progress =
            play(session->associate(), {{"601DA109060760857405080102BE10040E01000000065F1F0400181B20FFFF",
                                         "6129A109060760857405080102A203020100A305A103020100BE10040E0800065F1F0400" +
                                             std::string("181B20") + pdu + "FA00"}});
        ASSERT_EQ(progress.step, Step::done) << static_cast<int>(progress.failure.error);
    }
};

const std::array<VariableAccess, 1> kOne{VariableAccess::of(0xFA08)};
const std::array<VariableAccess, 2> kTwo{VariableAccess::of(0x0058), VariableAccess::of(0x0060)};

TEST_F(ShortNameClient, ReadsOneVariable) {
    associate();
    const auto done = play(session->read(kOne, value), {{"05 01 02 FA08", "0C 01 00 0600000005"}});
    EXPECT_EQ(done.step, Step::done);
    EXPECT_EQ(to_hex(value.octets()), "0600000005");
    EXPECT_EQ(play(session->read(kOne, value), {{"05 01 02 FA08", "0C 01 01 03"}}).access_result,
              DataAccessResult::read_write_denied);
}

TEST_F(ShortNameClient, ReadsWithASelection) {
    associate();
    const auto parameters = octets("0F01");
    const std::array<VariableAccess, 1> selected{VariableAccess::of(0x0108, {1, parameters})};
    EXPECT_EQ(play(session->read(selected, value), {{"05 01 04 0108 01 0F01", "0C 01 00 0100"}}).step, Step::done);
    EXPECT_EQ(to_hex(value.octets()), "0100");
}

TEST_F(ShortNameClient, ReadsSeveralVariables) {
    associate();
    const auto done = play(session->read(kTwo, value), {{"05 02 02 0058 02 0060", "0C 02 00 1105 01 04"}});
    ASSERT_EQ(done.step, Step::done);
    const auto results = decode_read_results(value.octets());
    ASSERT_TRUE(results);
    auto result = results->begin();
    EXPECT_EQ(to_hex(result->data), "1105");
    ++result;
    EXPECT_EQ(result->result, DataAccessResult::object_undefined);
}

TEST_F(ShortNameClient, ReadsALongVariableInBlocksWithAndWithoutTheList) {
    associate();
    EXPECT_EQ(play(session->read(kOne, value), {{"05 01 02 FA08", "0C 01 02 00 0001 04 01020600"},
                                                {"05 01 05 0001", "0C 01 02 00 0002 04 00000506"},
                                                {"05 01 05 0002", "0C 01 02 01 0003 04 00000006"}})
                  .step,
              Step::done);
    EXPECT_EQ(to_hex(value.octets()), "010206000000050600000006");
    SpanSink other(value_memory);
    EXPECT_EQ(play(session->read(kOne, other),
                   {{"05 01 02 FA08", "0C 01 02 00 0001 04 01000600"}, {"05 01 05 0001", "0C 01 02 01 0002 03 000005"}})
                  .step,
              Step::done);
    EXPECT_EQ(to_hex(other.octets()), "0600000005");
}

TEST_F(ShortNameClient, BlockNumbersOutOfOrderEndTheRead) {
    associate();
    EXPECT_EQ(play(session->read(kOne, value),
                   {{"05 01 02 FA08", "0C 01 02 00 0001 01 01"}, {"05 01 05 0001", "0C 01 02 01 0003 01 00"}})
                  .failure.error,
              ClientError::wrong_block_number);
    EXPECT_EQ(play(session->read(kOne, value),
                   {{"05 01 02 FA08", "0C 01 02 00 0001 01 01"}, {"05 01 05 0001", "0C 01 01 13"}})
                  .access_result,
              DataAccessResult::data_block_number_invalid);
    EXPECT_EQ(play(session->read(kOne, value), {{"05 01 02 FA08", "0C 01 02 00 0001 00"}}).failure.error,
              ClientError::unexpected_answer)
        << "an empty block could go on for ever";
}

TEST_F(ShortNameClient, WritesWholeAndInBlocks) {
    associate();
    const auto number = octets("120005");
    const std::array<EncodedData, 2> values{EncodedData{number}, EncodedData{number}};
    EXPECT_EQ(play(session->write(std::span(kTwo).first(1), std::span(values).first(1)),
                   {{"06 01 02 0058 01 120005", "0D 01 00"}})
                  .access_result,
              DataAccessResult::success);
    const auto two = play(session->write(kTwo, values), {{"06 02 02 0058 02 0060 02 120005 120005", "0D 02 00 01 03"}});
    ASSERT_EQ(two.step, Step::done);
    ASSERT_EQ(two.write_results.count, 2U);

    session.reset();
    associate("0017");  // the meter takes 23 octets: 11 of a block's own and 12 of its data
    const auto text = octets("0910000102030405060708090A0B0C0D0E0F");
    const std::array<EncodedData, 1> longer{EncodedData{text}};
    const auto done = play(session->write(std::span(kTwo).first(1), longer),
                           {{"06 01 07 00 0001 01 09 0C 01 02 0058 01 09100001020304", "0D 01 02 0001"},
                            {"06 01 07 01 0002 01 09 0B 05060708090A0B0C0D0E0F", "0D 01 00"}});
    EXPECT_EQ(done.step, Step::done) << static_cast<int>(done.failure.error);
    EXPECT_EQ(done.access_result, DataAccessResult::success);
}

TEST_F(ShortNameClient, AnswersOfAnotherKindOrLengthAreNotTaken) {
    associate();
    EXPECT_EQ(play(session->read(kOne, value), {{"", "C401C1001105"}}).failure.error, ClientError::unexpected_answer);
    EXPECT_EQ(play(session->read(kTwo, value), {{"", "0C 01 00 1105"}}).failure.error, ClientError::unexpected_answer);
    EXPECT_EQ(play(session->read(kOne, value), {{"", "0C 00"}}).failure.error, ClientError::unexpected_answer);
    EXPECT_EQ(play(session->read(kOne, value), {{"", "0C 01 00"}}).failure.error, ClientError::malformed_answer);
}

TEST_F(ShortNameClient, AnInformationReportComesUnsolicited) {
    associate();
    ASSERT_EQ(session->read(kOne, value).step, Step::send);
    auto report = octets("18 00 01 02 0058 01 0600000005");
    EXPECT_EQ(session->receive(report).step, Step::unsolicited);
    auto late = octets("0C 01 00 1105");
    EXPECT_EQ(session->receive(late).step, Step::done);
}

TEST_F(ShortNameClient, ServicesByLogicalNameNeedAnotherContext) {
    associate();
    EXPECT_EQ(session->get({{3, obis(1, 0, 1, 8, 0), 2}, {}}, value).failure.error, ClientError::invalid_configuration);
}

/// A meter with short names that makes its proofs as it should; its answers can be spoilt.
struct HlsMeter {
    std::unique_ptr<Crypto> crypto = make_openssl_crypto();
    AuthenticationMechanism mechanism{AuthenticationMechanism::high_sha256};
    bool ciphered{false};
    bool lies{false};
    Octets title = octets("4D454C6470B71B11");
    Octets client_title = octets("4D4D4D0000BC614E");
    Octets key = octets("000102030405060708090A0B0C0D0E0F");
    Octets authentication_key = octets("D0D1D2D3D4D5D6D7D8D9DADBDCDDDEDF");
    Octets secret = octets("736563726574");
    Octets client_challenge{};
    Octets challenge = Octets(16, 0x53);
    std::uint32_t counter{100};
    Octets last_request{};  ///< deciphered

    [[nodiscard]] HlsInputs inputs(bool of_client) const {
        HlsInputs inputs;
        inputs.mechanism = mechanism;
        inputs.secret = secret;
        inputs.received_challenge = of_client ? challenge : client_challenge;
        inputs.sent_challenge = of_client ? client_challenge : challenge;
        inputs.other_system_title = of_client ? title : client_title;
        inputs.keys = {of_client ? client_title : title, key, authentication_key};
        return inputs;
    }
    Octets sealed(ByteView plain) {
        if (!ciphered) return {plain.begin(), plain.end()};
        Octets buffer(plain.size() + kMaxCipherHead + kMaxCipherTail);
        std::copy(plain.begin(), plain.end(), buffer.begin() + kMaxCipherHead);
        ProtectParameters how;
        how.invocation_counter = ++counter;
        how.keys = {title, key, authentication_key};
        const auto apdu = protect(*crypto, how, buffer, kMaxCipherHead, plain.size());
        EXPECT_TRUE(apdu);
        return {apdu->begin(), apdu->end()};
    }
    Octets answer(ByteView request) {
        if (request[0] == 0x60) {
            const auto aarq = decode_aarq(request).value();
            const ByteView theirs = aarq.calling_authentication_value->octets;
            client_challenge.assign(theirs.begin(), theirs.end());
            const Octets information = sealed(octets("0800065F1F0400181B200000FA00"));
            AssociateResponse aare;
            aare.application_context_name = aarq.application_context_name;
            aare.diagnostic = AssociateDiagnostic::of(AcseUserDiagnostic::authentication_required);
            aare.responding.ap_title = title;
            aare.responding_authentication_value =
                AuthenticationValue{AuthenticationValue::Choice::char_string, challenge};
            aare.user_information = information;
            return octets(testing::encoded(aare));
        }
        last_request.assign(request.begin(), request.end());
        if (ciphered) {
            const auto header = read_ciphered_header(last_request).value();
            const auto plain =
                unprotect(*crypto, header, {client_title, key, authentication_key}, last_request).value();
            last_request = Octets(plain.begin(), plain.end());
        }
        const auto read = decode_read_request(last_request).value();
        DataReader parameters((*read.variables.begin()).selection.parameters);
        if (!check_hls_token(*crypto, inputs(true), parameters.octet_string())) return sealed(octets("0C010103"));
        HlsInputs own = inputs(false);
        own.invocation_counter = ++counter;
        auto token = hls_token(*crypto, own).value();
        if (lies) token[token.size() - 1] ^= 1;
        Octets plain(128);
        ByteWriter out(plain);
        out.put(octets("0C0100"));
        DataWriter(out).octet_string(token.view());
        return sealed(out.written());
    }
    ClientError associate(ClientSession& session) {
        Progress progress = session.associate();
        Octets received;
        while (progress.step == Step::send) {
            received = answer(progress.apdu);
            progress = session.receive(received);
        }
        return progress.failure.error;
    }
};

struct ShortNameHls : ::testing::Test {
    HlsMeter meter;
    CountersFrom counters{1};
    Octets send_buffer = Octets(300);
    [[nodiscard]] ClientConfiguration configuration() const {
        ClientConfiguration c;
        c.context = meter.ciphered ? ApplicationContext::short_names_ciphered : ApplicationContext::short_names;
        c.conformance = kShortNameClientConformance;
        c.mechanism = meter.mechanism;
        c.secret = meter.secret;
        c.system_title = meter.client_title;
        if (meter.ciphered || meter.mechanism == AuthenticationMechanism::high_gmac) {
            c.encryption_key = meter.key;
            c.authentication_key = meter.authentication_key;
        }
        return c;
    }
};

TEST_F(ShortNameHls, TheProofGoesToMethodEightOfTheAssociationAndBothSidesProveThemselves) {
    for (const auto mechanism : {AuthenticationMechanism::high_sha256, AuthenticationMechanism::high_gmac}) {
        for (const bool ciphered : {false, true}) {
            meter.mechanism = mechanism;
            meter.ciphered = ciphered;
            const auto how = configuration();
            ClientSession session(how, *meter.crypto, counters, send_buffer);
            EXPECT_EQ(meter.associate(session), ClientError::none) << static_cast<int>(mechanism) << ciphered;
            EXPECT_TRUE(session.association().open);
            // One variable with a selection: FA58, selector 1, an octet-string
            EXPECT_EQ(to_hex(meter.last_request).substr(0, 14), "050104FA580109");
        }
    }
}

TEST_F(ShortNameHls, AMeterWithoutTheSecretIsNone) {
    const auto how = configuration();
    ClientSession session(how, *meter.crypto, counters, send_buffer);
    meter.lies = true;
    EXPECT_EQ(meter.associate(session), ClientError::authentication_failed);
    EXPECT_FALSE(session.association().open);
}

TEST_F(ShortNameHls, ARefusedProofIsAFailedAuthentication) {
    ClientConfiguration how = configuration();
    const Octets another_secret = octets("6F74686572");
    how.secret = another_secret;
    ClientSession session(how, *meter.crypto, counters, send_buffer);
    EXPECT_EQ(meter.associate(session), ClientError::authentication_failed);
}

}  // namespace
}  // namespace ferraris::dlms
