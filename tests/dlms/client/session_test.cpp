#include "dlms/client/session.hpp"

#include <gtest/gtest.h>

#include "dlms/client/scripted.hpp"

namespace ferraris::dlms {
namespace {

using testing::CountersFrom;
using testing::Exchange;
using testing::octets;
using testing::Octets;
using testing::ScriptedCrypto;

constexpr AttributeRequest kEnergy{{3, obis(1, 0, 1, 8, 0), 2}, std::nullopt};
constexpr AttributeRequest kTime{{8, obis(0, 0, 1, 0, 0), 2}, std::nullopt};
constexpr const char* kAarq = "601DA109060760857405080101BE10040E01000000065F1F0400";
constexpr const char* kAccepted = "6129A109060760857405080101A203020100A305A103020100BE10040E0800065F1F0400";

/// A session without security, its meter, and everything around them.
struct Plain : ::testing::Test {
    ScriptedCrypto crypto;
    CountersFrom counters{1};
    Octets send_buffer = Octets(300);
    Octets answer;
    Octets value_memory = Octets(2000);
    SpanSink value{value_memory};
    ClientConfiguration configuration = [] {
        ClientConfiguration c;
        c.invoke_id_rotates = false;
        return c;
    }();
    std::optional<ClientSession> session;

    Progress play(Progress start, const std::vector<Exchange>& script) {
        return testing::play(*session, start, script, answer);
    }
    /// Associated; `negotiated` is conformance, server-max-receive-pdu-size and vaa-name.
    void associate(const std::string& negotiated = "007E1F 0000 0007") {
        session.emplace(configuration, crypto, counters, send_buffer);
        const auto progress = play(session->associate(), {{"", kAccepted + negotiated}});
        ASSERT_EQ(progress.step, Step::done);
        ASSERT_TRUE(session->association().open);
    }
    void expect_failure(const Progress& progress, ClientError error) {
        EXPECT_EQ(progress.step, Step::failed);
        EXPECT_EQ(progress.failure.error, error);
    }
};

TEST_F(Plain, AssociatesAndKeepsWhatWasNegotiated) {
    configuration.conformance = static_cast<Conformance>(0x007E1F);
    configuration.max_receive_pdu_size = 1200;
    session.emplace(configuration, crypto, counters, send_buffer);
    const auto progress =
        play(session->associate(), {{std::string(kAarq) + "007E1F04B0", std::string(kAccepted) + "00501F01F40007"}});
    EXPECT_EQ(progress.step, Step::done);
    EXPECT_TRUE(session->association().open);
    EXPECT_EQ(static_cast<std::uint32_t>(session->association().conformance), 0x00501FU);
    EXPECT_EQ(session->association().server_max_receive_pdu_size, 500);
    expect_failure(session->associate(), ClientError::already_associated);
    EXPECT_EQ(play(session->release(), {{"6203800100", "6303800100"}}).step, Step::done);
    EXPECT_FALSE(session->association().open);
    expect_failure(session->get(kEnergy, value), ClientError::not_associated);
}

TEST_F(Plain, AssociatesWithAPassword) {
    const auto secret = octets("3132333435363738");
    configuration.mechanism = AuthenticationMechanism::low;
    configuration.secret = secret;
    configuration.conformance = static_cast<Conformance>(0x007E1F);
    configuration.max_receive_pdu_size = 1200;
    session.emplace(configuration, crypto, counters, send_buffer);
    const auto progress = play(session->associate(),
                               {{// vectors_acse.json, aarq-lls
                                 "6036A1090607608574050801018A0207808B0760857405080201AC0A80083132333435363738BE10040E"
                                 "01000000065F1F0400007E1F04B0",
                                 "6129A109060760857405080101A203020100A305A103020100"}});
    expect_failure(progress, ClientError::malformed_answer);  // the length says more than there is
    EXPECT_EQ(play(session->associate(), {{"", std::string(kAccepted) + "00501F01F40007"}}).step, Step::done);
}

TEST_F(Plain, AcceptedWithoutUserInformationMeansAsProposed) {
    session.emplace(configuration, crypto, counters, send_buffer);
    const auto progress = play(session->associate(), {{"", "6117A109060760857405080101A203020100A305A103020100"}});
    EXPECT_EQ(progress.step, Step::done);
    EXPECT_EQ(session->association().conformance, kClientConformance);
}

TEST_F(Plain, RejectionsSayWhy) {
    session.emplace(configuration, crypto, counters, send_buffer);
    auto progress = play(session->associate(), {{"", "6117A109060760857405080101A203020101A305A10302010D"}});
    expect_failure(progress, ClientError::rejected);
    EXPECT_EQ(progress.failure.result, AssociationResult::rejected_permanent);
    EXPECT_EQ(progress.failure.diagnostic, AssociateDiagnostic::of(AcseUserDiagnostic::authentication_failure));

    progress = play(session->associate(), {{"", "611FA109060760857405080101A203020101A305A103020101BE0604040E010601"}});
    expect_failure(progress, ClientError::rejected);
    ASSERT_TRUE(progress.failure.service_error);
    EXPECT_EQ(progress.failure.service_error->code, static_cast<std::uint8_t>(InitiateError::dlms_version_too_low));

    progress = play(session->associate(), {{"", "D80101"}});
    expect_failure(progress, ClientError::refused);
    EXPECT_EQ(progress.failure.exception->service, ServiceError::operation_not_possible);

    progress = play(session->associate(), {{"", "0E010603"}});
    expect_failure(progress, ClientError::service_error);
    EXPECT_FALSE(session->association().open);
}

TEST_F(Plain, GetsAValueAndARefusal) {
    associate();
    auto progress = play(session->get(kEnergy, value), {{"C001C1 0003 0100010800FF 02 00", "C401C1 00 0600001391"}});
    EXPECT_EQ(progress.step, Step::done);
    EXPECT_EQ(progress.access_result, DataAccessResult::success);
    EXPECT_EQ(to_hex(value.octets()), "0600001391");
    progress = play(session->get(kTime, value), {{"", "C401C1 01 0B"}});
    EXPECT_EQ(progress.step, Step::done);
    EXPECT_EQ(progress.access_result, DataAccessResult::object_unavailable);
    EXPECT_EQ(value.octets().size(), 5U) << "nothing was added";
}

TEST_F(Plain, GetsByEntry) {
    associate();
    const auto parameters = octets("02040600000001060000000012000112 0000");
    const AttributeRequest rows{{7, obis(1, 0, 99, 1, 0), 2}, Selection{2, parameters}};
    // vectors_xdlms.json, get-entry
    const auto progress = play(session->get(rows, value),
                               {{"C001C100070100630100FF020102020406000000010600000000120001120000", "C401C1000100"}});
    EXPECT_EQ(progress.step, Step::done);
    EXPECT_EQ(to_hex(value.octets()), "0100");
}

TEST_F(Plain, GetsBlocks) {
    associate();
    const auto progress = play(session->get(kEnergy, value), {{"", "C402C1 00 00000001 00 03 090641"},
                                                              {"C002C1 00000001", "C402C1 00 00000002 00 820002 4243"},
                                                              {"C002C1 00000002", "C402C1 01 00000003 00 03 444546"}});
    EXPECT_EQ(progress.step, Step::done);
    EXPECT_EQ(to_hex(value.octets()), "0906414243444546");
}

TEST_F(Plain, BlocksThatGoWrong) {
    associate();
    struct Case {
        const char* second;
        ClientError error;
    };
    for (const Case& c : {
             Case{"C402C1 00 00000001 00 03 090641", ClientError::wrong_block_number},  // the first one again
             Case{"C402C1 00 00000003 00 03 090641", ClientError::wrong_block_number},  // one is missing
             Case{"C402C1 00 00000002 00 00", ClientError::unexpected_answer},          // nothing, for ever
             Case{"C401C1 00 1105", ClientError::unexpected_answer},                    // a value in between
             Case{"C501C1 00", ClientError::unexpected_answer},                         // an answer to SET
             Case{"C402C1 00 00000002 00 03 0906", ClientError::malformed_answer},      // cut short
             Case{"", ClientError::malformed_answer},
             Case{"D80101", ClientError::refused},
             Case{"6303800100", ClientError::released_by_peer},
         }) {
        associate();
        const auto progress =
            play(session->get(kEnergy, value), {{"", "C402C1 00 00000001 00 03 090641"}, {"", c.second}});
        expect_failure(progress, c.error);
    }
    associate();
    auto progress =
        play(session->get(kEnergy, value), {{"", "C402C1 00 00000001 00 03 090641"}, {"", "C402C1 01 00000002 01 0F"}});
    EXPECT_EQ(progress.step, Step::done);
    EXPECT_EQ(progress.access_result, DataAccessResult::long_get_aborted);
    progress = play(session->get(kEnergy, value), {{"", "C402C1 00 00000001 00 03 090641"}, {"", "C401C1 01 10"}});
    EXPECT_EQ(progress.access_result, DataAccessResult::no_long_get_in_progress);
}

TEST_F(Plain, ASinkThatIsFullEndsTheRequestAndTheNextOneWorks) {
    associate();
    Octets little(4);
    SpanSink small(little);
    auto progress = play(session->get(kEnergy, small), {{"", "C401C1 00 0600001391"}});
    expect_failure(progress, ClientError::sink_full);
    progress = play(session->get(kEnergy, value), {{"", "C401C1 00 0600001391"}});
    EXPECT_EQ(progress.step, Step::done);
}

TEST_F(Plain, GetsAListWholeAndInBlocks) {
    associate();
    const std::array<AttributeRequest, 2> both{AttributeRequest{{1, obis(0, 0, 42, 0, 0), 2}, std::nullopt}, kTime};
    auto progress = play(session->get_list(both, value),
                         {{"C003C102000100002A0000FF020000080000010000FF0200", "C403C102 00 1105 01 04"}});
    EXPECT_EQ(progress.step, Step::done);
    auto results = decode_get_results(value.octets());
    ASSERT_TRUE(results);
    std::vector<GetDataResult> items;
    for (const GetDataResult& item : *results) items.push_back(item);
    ASSERT_EQ(items.size(), 2U);
    EXPECT_EQ(to_hex(items[0].data), "1105");
    EXPECT_EQ(items[1].result, DataAccessResult::object_undefined);

    SpanSink again(value_memory);
    progress = play(session->get_list(both, again),
                    {{"", "C402C1 00 00000001 00 03 020011"}, {"C002C1 00000001", "C402C1 01 00000002 00 03 050104"}});
    EXPECT_EQ(progress.step, Step::done);
    EXPECT_EQ(to_hex(again.octets()),
              "0200110501"
              "04");

    progress = play(session->get_list(both, again), {{"", "C401C1 01 03"}});
    EXPECT_EQ(progress.access_result, DataAccessResult::read_write_denied) << "one refusal for all";
    expect_failure(play(session->get_list(both, again), {{"", "C401C1 00 1105"}}), ClientError::unexpected_answer);
}

TEST_F(Plain, Sets) {
    associate();
    const auto time = octets("090C07E50118FF0E303950FFC400");
    // vectors_xdlms.json, set-normal
    auto progress =
        play(session->set(kTime, time), {{"C101C100080000010000FF0200090C07E50118FF0E303950FFC400", "C501C100"}});
    EXPECT_EQ(progress.step, Step::done);
    EXPECT_EQ(progress.access_result, DataAccessResult::success);
    progress = play(session->set(kTime, time), {{"", "C501C10C"}});
    EXPECT_EQ(progress.access_result, DataAccessResult::type_unmatched);
}

TEST_F(Plain, SetsInBlocksWhenTheMeterTakesLittle) {
    associate("007E1F 0020 0007");  // 32 octets
    const auto value_to_set = octets("0914000102030405060708090A0B0C0D0E0F10111213");
    const auto start = session->set(kTime, value_to_set);
    const std::vector<Exchange> script{
        // first: 3 + descriptor 10 + last 1 + number 4 + length, and what is left of 32
        {"C102C1 0008 0000010000FF 02 00 00 00000001 0B 0914000102030405060708", "C502C1 00000001"},
        {"C103C1 01 00000002 0B 090A0B0C0D0E0F10111213", "C503C1 00 00000002"}};
    const auto progress = play(start, script);
    EXPECT_EQ(progress.step, Step::done);
    EXPECT_EQ(progress.access_result, DataAccessResult::success);

    expect_failure(play(session->set(kTime, value_to_set), {{"", "C502C1 00000002"}}), ClientError::wrong_block_number);
    expect_failure(play(session->set(kTime, value_to_set), {{"", "C501C1 00"}}), ClientError::unexpected_answer);
    EXPECT_EQ(play(session->set(kTime, value_to_set), {{"", "C501C1 02"}}).access_result,
              DataAccessResult::temporary_failure)
        << "a refusal may come early";
    expect_failure(play(session->set(kTime, value_to_set), {{"", "C502C1 00000001"}, {"", "C502C1 00000002"}}),
                   ClientError::unexpected_answer);
}

TEST_F(Plain, WithoutBlockTransferALongValueGoesOutWhole) {
    associate("00001F 0020 0007");
    const auto value_to_set = octets("0914000102030405060708090A0B0C0D0E0F10111213");
    EXPECT_EQ(play(session->set(kTime, value_to_set), {{"", "C501C100"}}).step, Step::done);
    const Octets huge(400, 0);
    expect_failure(session->set(kTime, huge), ClientError::request_too_long);
}

TEST_F(Plain, SetsListsWholeAndInBlocks) {
    associate("007E1F 0038 0007");
    const auto first = octets("1105");
    const auto second = octets("0A03303030");
    const std::array<AttributeRequest, 2> both{AttributeRequest{{1, obis(0, 0, 128, 0, 0), 2}, std::nullopt},
                                               AttributeRequest{{1, obis(0, 0, 128, 1, 0), 2}, std::nullopt}};
    const std::array<EncodedData, 2> values{EncodedData{first}, EncodedData{second}};
    auto progress =
        play(session->set_list(both, values),
             {{"C104C1 02 0001 0000800000FF 02 00 0001 0000800100FF 02 00 02 1105 0A03303030", "C505C1 02 00 03"}});
    EXPECT_EQ(progress.step, Step::done);
    std::vector<DataAccessResult> results;
    for (const DataAccessResult result : progress.access_results) results.push_back(result);
    EXPECT_EQ(results, (std::vector{DataAccessResult::success, DataAccessResult::read_write_denied}));

    const Octets text = octets("091E" + std::string(60, '7'));
    const std::array<EncodedData, 2> long_values{EncodedData{first}, EncodedData{text}};
    progress = play(session->set_list(both, long_values), {{"", "C502C1 00000001"}, {"", "C504C1 02 00 00 00000002"}});
    EXPECT_EQ(progress.step, Step::done);
    EXPECT_EQ(progress.access_results.count, 2U);
    expect_failure(play(session->set_list(both, values), {{"", "C505C1 01 00"}}), ClientError::unexpected_answer);
    expect_failure(session->set_list(both, std::span(values).first(1)), ClientError::invalid_configuration);
}

TEST_F(Plain, InvokesMethods) {
    associate();
    const MethodDescriptor disconnect{70, obis(0, 0, 96, 3, 10), 1};
    const auto parameters = octets("0F00");
    auto progress =
        play(session->action(disconnect, parameters, value), {{"C301C1 0046 000060030AFF 01 01 0F00", "C701C1 00 00"}});
    EXPECT_EQ(progress.step, Step::done);
    EXPECT_EQ(progress.action_result, ActionResult::success);
    EXPECT_TRUE(value.octets().empty());

    progress =
        play(session->action(disconnect, {}, value), {{"C301C1 0046 000060030AFF 01 00", "C701C1 00 01 00 1107"}});
    EXPECT_EQ(to_hex(value.octets()), "1107");
    progress = play(session->action(disconnect, {}, value), {{"", "C701C1 03 00"}});
    EXPECT_EQ(progress.action_result, ActionResult::read_write_denied);
    progress = play(session->action(disconnect, {}, value), {{"", "C701C1 00 01 01 FA"}});
    EXPECT_EQ(progress.returned, DataAccessResult::other_reason);
    progress = play(session->action(disconnect, {}, value), {{"", "C703C1 01 00 00"}});
    EXPECT_EQ(progress.step, Step::done) << "a list of one";
}

TEST_F(Plain, InvokesInBlocksBothWays) {
    associate("007E1F 0020 0007");
    const MethodDescriptor image_block{18, obis(0, 0, 44, 0, 0), 2};
    const auto parameters = octets("0914000102030405060708090A0B0C0D0E0F10111213");
    const auto progress =
        play(session->action(image_block, parameters, value),
             {{"C304C1 0012 00002C0000FF 02 00 00000001 0C 091400010203040506070809", "C704C1 00000001"},
              {"C306C1 01 00000002 0A 0A0B0C0D0E0F10111213", "C702C1 00 00000001 05 0001000904"},
              {"C302C1 00000001", "C702C1 01 00000002 04 AABBCCDD"}});
    EXPECT_EQ(progress.step, Step::done);
    EXPECT_EQ(progress.action_result, ActionResult::success);
    EXPECT_EQ(to_hex(value.octets()), "0904AABBCCDD") << "the outcome's head is not data";

    SpanSink bare(value_memory);
    const auto without_head = play(session->action(image_block, {}, bare),
                                   {{"", "C702C1 00 00000001 03 0904AA"}, {"", "C702C1 01 00000002 03 BBCCDD"}});
    EXPECT_EQ(without_head.step, Step::done);
    EXPECT_EQ(to_hex(bare.octets()), "0904AABBCCDD");
    expect_failure(play(session->action(image_block, parameters, bare), {{"", "C701C1 00 00"}}),
                   ClientError::unexpected_answer);
    expect_failure(play(session->action(image_block, parameters, bare), {{"", "C704C1 00000002"}}),
                   ClientError::wrong_block_number);
}

TEST_F(Plain, PushesAndLateAnswersDoNotDisturbARequest) {
    configuration.invoke_id_rotates = true;
    associate();
    auto progress = session->get(kEnergy, value);
    EXPECT_EQ(progress.apdu[2], 0xC1);
    auto push = octets("0F00000001001107");
    progress = session->receive(push);
    EXPECT_EQ(progress.step, Step::unsolicited);
    EXPECT_EQ(to_hex(progress.apdu), "0F00000001001107");
    session->abandon();  // a timeout
    progress = session->get(kTime, value);
    EXPECT_EQ(progress.apdu[2], 0xC2);
    auto late = octets("C401C1 00 1111");
    EXPECT_EQ(session->receive(late).step, Step::unsolicited);
    auto right = octets("C401C2 00 1122");
    EXPECT_EQ(session->receive(right).step, Step::done);
    EXPECT_EQ(to_hex(value.octets()), "1122");
    EXPECT_EQ(session->receive(right).step, Step::unsolicited) << "nothing was asked";
}

TEST_F(Plain, AMeterThatDoesNotEchoInvokeIds) {
    configuration.invoke_id_rotates = true;
    configuration.quirks.answers_wrong_invoke_id = true;
    associate();
    auto answer_0 = octets("C40100 00 1122");
    (void)session->get(kTime, value);
    EXPECT_EQ(session->receive(answer_0).step, Step::done);
}

TEST_F(Plain, OneRequestAtATime) {
    associate();
    EXPECT_EQ(session->get(kEnergy, value).step, Step::send);
    expect_failure(session->set(kEnergy, {}), ClientError::busy);
    auto energy = octets("C401C1 00 1122");
    EXPECT_EQ(session->receive(energy).step, Step::done) << "and that one comes to its end";
}

TEST_F(Plain, TheUserIsNamed) {
    configuration.user = 7;
    session.emplace(configuration, crypto, counters, send_buffer);
    const auto progress = session->associate();
    const auto request = decode_aarq(progress.apdu);
    ASSERT_TRUE(request);
    EXPECT_EQ(to_hex(request->calling.ae_invocation_id.value()), "07");
}

TEST_F(Plain, ConfigurationsThatCannotWork) {
    const auto refused = [this](auto&& change) {
        ClientConfiguration changed = configuration;
        change(changed);
        ClientSession s(changed, crypto, counters, send_buffer);
        const auto progress = s.associate();
        expect_failure(progress, ClientError::invalid_configuration);
    };
    const auto title = octets("4D454C0000000001");
    refused([](auto& c) { c.mechanism = AuthenticationMechanism::low; });
    refused([](auto& c) { c.mechanism = AuthenticationMechanism::high_ecdsa; });
    refused([](auto& c) { c.mechanism = AuthenticationMechanism::high_gmac; });
    refused([](auto& c) { c.context = ApplicationContext::short_names_ciphered; });
    refused([](auto& c) { c.context = ApplicationContext::logical_names_ciphered; });
    refused([](auto& c) { c.use_dedicated_key = true; });
    refused([&](auto& c) {
        c.mechanism = AuthenticationMechanism::high_sha256;
        c.system_title = title;
        c.challenge_size = 65;
    });
    Octets tiny(40);
    ClientSession s(configuration, crypto, counters, tiny);
    expect_failure(s.associate(), ClientError::request_too_long);
}

}  // namespace
}  // namespace ferraris::dlms
