/// General block transfer between our client and our server: around plain and ciphered APDUs, in both directions.
#include <gtest/gtest.h>
#include <rapidcheck.h>

#include "dlms/pair.hpp"

namespace ferraris::dlms {
namespace {

using testing::octets;
using testing::Octets;
using testing::Pair;
using testing::PairSetup;

constexpr auto kWithoutServiceBlocks =
    static_cast<Conformance>(kConformanceMask & ~(static_cast<std::uint32_t>(Conformance::block_transfer_with_get) |
                                                  static_cast<std::uint32_t>(Conformance::block_transfer_with_set) |
                                                  static_cast<std::uint32_t>(Conformance::block_transfer_with_action)));

PairSetup blocks(bool ciphered) {
    PairSetup setup;
    setup.ciphered = ciphered;
    setup.client_max_pdu = 120;
    setup.server_max_pdu = 120;
    setup.client_blocks = 8000;
    setup.server_blocks = 8000;
    return setup;
}

/// `rows` rows as FakeDevice writes them.
std::string long_value(FakeDevice& device) {
    Octets memory(200'000);
    ByteWriter out(memory);
    ReadCursor cursor;
    const Association association;
    EXPECT_TRUE(device.read({association, {}}, FakeDevice::kLong, nullptr, cursor, out).complete);
    return to_hex(out.written());
}

struct Sink {
    Octets memory = Octets(200'000);
    SpanSink sink{memory};
};

TEST(GeneralBlocks, ALongAnswerStreamsAndIsCipheredAsAWhole) {
    for (const bool ciphered : {false, true}) {
        PairSetup setup = blocks(ciphered);
        setup.conformance = kWithoutServiceBlocks;
        Pair pair(setup);
        ASSERT_TRUE(pair.associate());
        Sink value;
        const auto done = pair.finish(pair.client.get({FakeDevice::kLong, {}}, value.sink));
        ASSERT_EQ(done.step, Step::done);
        ASSERT_EQ(done.access_result, DataAccessResult::success);
        EXPECT_EQ(to_hex(value.sink.octets()), long_value(pair.device));
        std::size_t in_blocks = 0;
        for (const std::string& answer : pair.answers) {
            EXPECT_LE(answer.size(), 240U) << "the client takes 120 octets";
            if (answer.starts_with("E0")) ++in_blocks;
        }
        EXPECT_GT(in_blocks, 10U);
        // The request, one acknowledgement of the first block alone, and one for each window.
        EXPECT_EQ(pair.requests.back().substr(0, 2), "E0");
        // What the first block carries is the beginning of the APDU as it went through the cipher.
        const auto first = std::find_if(pair.answers.begin(), pair.answers.end(),
                                        [](const std::string& answer) { return answer.starts_with("E0"); });
        EXPECT_EQ(first->substr(14, 2), ciphered ? "CC" : "C4");
    }
}

TEST(GeneralBlocks, AValueLongerThanTheMemoryComesInServiceSpecificBlocksAsLargeAsTheMemory) {
    PairSetup setup = blocks(true);
    setup.blocks_always = true;
    Pair pair(setup);
    pair.device.long_rows = 2000;
    ASSERT_TRUE(pair.associate());
    Sink value;
    ASSERT_EQ(pair.finish(pair.client.get({FakeDevice::kLong, {}}, value.sink)).step, Step::done);
    EXPECT_EQ(to_hex(value.sink.octets()), long_value(pair.device));
    EXPECT_EQ(pair.answers.back().substr(0, 2), "E0");
}

/// Stacks are in the field that propose general block transfer and cannot read it.
TEST(GeneralBlocks, ABareRequestIsAnsweredInTheBlocksOfItsService) {
    Pair pair(blocks(false));
    ASSERT_TRUE(pair.associate());
    ASSERT_TRUE(has(pair.client.association().conformance, Conformance::general_block_transfer));
    Sink value;
    ASSERT_EQ(pair.finish(pair.client.get({FakeDevice::kLong, {}}, value.sink)).step, Step::done);
    EXPECT_EQ(to_hex(value.sink.octets()), long_value(pair.device));
    EXPECT_GT(pair.answers.size(), 10U);
    for (const std::string& answer : pair.answers) EXPECT_NE(answer.substr(0, 2), "E0");
}

TEST(GeneralBlocks, WithoutServiceSpecificBlocksAValueLongerThanTheMemoryIsRefused) {
    PairSetup setup = blocks(true);
    setup.conformance = kWithoutServiceBlocks;
    Pair pair(setup);
    pair.device.long_rows = 2000;
    ASSERT_TRUE(pair.associate());
    Sink value;
    const auto done = pair.finish(pair.client.get({FakeDevice::kLong, {}}, value.sink));
    ASSERT_EQ(done.step, Step::done);
    EXPECT_EQ(done.access_result, DataAccessResult::other_reason);
}

TEST(GeneralBlocks, ALongRequestAndALongAnswer) {
    for (const bool ciphered : {false, true}) {
        Pair pair(blocks(ciphered));
        ASSERT_TRUE(pair.associate());
        Octets parameters(1003, 0xA5);
        std::copy_n(octets("09 82 03E7").begin(), 4, parameters.begin());
        Sink returned;
        const auto done = pair.finish(pair.client.action(FakeDevice::kEcho, parameters, returned.sink));
        ASSERT_EQ(done.step, Step::done);
        EXPECT_EQ(done.action_result, ActionResult::success);
        EXPECT_EQ(to_hex(returned.sink.octets()), to_hex(parameters));
        // And another exchange after it.
        ASSERT_EQ(pair.finish(pair.client.set({FakeDevice::kCounter, {}}, parameters)).step, Step::done);
        EXPECT_EQ(to_hex(pair.device.values[FakeDevice::kCounter]), to_hex(parameters));
        EXPECT_EQ(pair.device.writes, 1);
    }
}

TEST(GeneralBlocks, AccessWithALongListGoesInBlocks) {
    Pair pair(blocks(true));
    ASSERT_TRUE(pair.associate());
    const Octets null = octets("00");
    const std::vector<AccessSpecification> items(40, AccessSpecification::get(FakeDevice::kSerial));
    const std::vector<EncodedData> values(40, EncodedData{null});
    const auto done = pair.finish(pair.client.access(items, values));
    ASSERT_EQ(done.step, Step::done);
    EXPECT_EQ(done.access.results.count, 40U);
    for (const AccessResult& result : done.access.results) EXPECT_TRUE(result.success());
}

TEST(GeneralBlocks, ARequestLongerThanTheServersMemoryIsRefusedAndTheAssociationLives) {
    Pair pair(blocks(false));
    ASSERT_TRUE(pair.associate());
    Octets value(5004, 0xA5);
    std::copy_n(octets("09 82 1388").begin(), 4, value.begin());
    const auto refused = pair.finish(pair.client.set({FakeDevice::kCounter, {}}, value));
    ASSERT_EQ(refused.step, Step::failed);
    ASSERT_TRUE(refused.failure.exception);
    EXPECT_EQ(refused.failure.exception->service, ServiceError::pdu_too_long);
    Sink sink;
    EXPECT_EQ(pair.finish(pair.client.get({FakeDevice::kSerial, {}}, sink.sink)).step, Step::done);
    EXPECT_EQ(pair.device.writes, 0);
}

TEST(GeneralBlocks, AnAnswerLongerThanTheClientsMemoryIsACleanFailure) {
    PairSetup setup = blocks(true);
    setup.client_blocks = 500;
    setup.conformance = kWithoutServiceBlocks;
    Pair pair(setup);
    ASSERT_TRUE(pair.associate());
    Sink value;
    const auto failed = pair.finish(pair.client.get({FakeDevice::kLong, {}}, value.sink));
    ASSERT_EQ(failed.step, Step::failed);
    EXPECT_EQ(failed.failure.error, ClientError::block_transfer);
    EXPECT_EQ(failed.failure.block_error, BlockTransferError::too_long);
    EXPECT_EQ(pair.finish(pair.client.get({FakeDevice::kSerial, {}}, value.sink)).step, Step::done);
}

TEST(GeneralBlocks, WithoutMemoryItIsNotNegotiated) {
    for (const auto& [client, server] : {std::pair{0U, 8000U}, std::pair{8000U, 0U}}) {
        PairSetup setup = blocks(true);
        setup.client_blocks = client;
        setup.server_blocks = server;
        setup.conformance = static_cast<Conformance>(
            kConformanceMask ^ (client == 0 ? static_cast<std::uint32_t>(Conformance::general_block_transfer) : 0U));
        Pair pair(setup);
        ASSERT_TRUE(pair.associate());
        EXPECT_FALSE(has(pair.client.association().conformance, Conformance::general_block_transfer));
        Sink value;
        ASSERT_EQ(pair.finish(pair.client.get({FakeDevice::kLong, {}}, value.sink)).step, Step::done);
        EXPECT_EQ(to_hex(value.sink.octets()), long_value(pair.device));
    }
}

TEST(GeneralBlocks, ALinkThatCannotStreamGetsOneBlockAtATime) {
    Pair pair(blocks(true));
    pair.server.limit_streaming_to(1);
    ASSERT_TRUE(pair.associate());
    Sink value;
    ASSERT_EQ(pair.finish(pair.client.get({FakeDevice::kLong, {}}, value.sink)).step, Step::done);
    EXPECT_EQ(to_hex(value.sink.octets()), long_value(pair.device));
    EXPECT_GT(pair.requests.size(), 15U);
    for (const std::string& answer : pair.answers) {
        if (!answer.starts_with("E0")) continue;
        EXPECT_EQ(octets(answer)[1] & 0x40U, 0U) << "not streaming";
    }
}

TEST(GeneralBlocks, BlocksWithoutAnExchangeAndMutilatedOnesAreRefused) {
    Pair pair(blocks(false));
    ASSERT_TRUE(pair.associate());
    EXPECT_EQ(to_hex(pair.server.handle(16, octets("E0 85 0001 0000 00"))), "D80101") << "no exchange";
    EXPECT_EQ(to_hex(pair.server.handle(16, octets("E0 05 0002 0000 01 C0"))), "D80101") << "begins with number 2";
    EXPECT_EQ(to_hex(pair.server.handle(16, octets("E0 85 0000 0000 01 C0"))), "D80103") << "there is no number 0";
    EXPECT_EQ(to_hex(pair.server.handle(16, octets("E0 85 0001 0000 09 C0"))), "D80103") << "truncated";
    // A block inside a block is no request.
    EXPECT_EQ(to_hex(pair.server.handle(16, octets("E0 81 0001 0000 08 E081000100000101"))),
              "E0BF00010001"
              "03D80202");
}

TEST(GeneralBlocks, ARepeatedRequestIsAnsweredButNotCarriedOutAgain) {
    Pair pair(blocks(false));
    ASSERT_TRUE(pair.associate());
    const std::string answer = to_hex(pair.server.handle(16, octets("E0 81 0001 0000 12"
                                                                    "C101C1 0001 00002B0100FF 02 00 0600000059")));
    EXPECT_EQ(answer, "E0BF0001000104C501C100");
    EXPECT_EQ(to_hex(pair.server.handle(16, octets("E0 81 0001 0000 12"
                                                   "C101C1 0001 00002B0100FF 02 00 0600000059"))),
              answer);
    EXPECT_EQ(pair.device.writes, 1);
    // The next one is another.
    (void)pair.server.handle(16, octets("E0 81 0001 0000 12 C101C2 0001 00002B0100FF 02 00 0600000059"));
    EXPECT_EQ(pair.device.writes, 2);
}

TEST(GeneralBlocks, APushInBlocksComesUnsolicited) {
    Pair pair(blocks(false));
    ASSERT_TRUE(pair.associate());
    auto first = octets("E0 41 0001 0000 06 0F0000000100");
    auto second = octets("E0 81 0002 0000 02 1107");
    EXPECT_EQ(pair.client.receive(first).step, Step::receive);
    const auto pushed = pair.client.receive(second);
    EXPECT_EQ(pushed.step, Step::unsolicited);
    EXPECT_EQ(to_hex(pushed.apdu), "0F00000001001107");
}

TEST(GeneralBlocks, AnyLossGivesTheValueOrACleanFailure) {
    EXPECT_TRUE(rc::check([] {
        PairSetup setup = blocks(*rc::gen::arbitrary<bool>());
        setup.blocks_always = true;
        setup.window = static_cast<std::uint8_t>(*rc::gen::inRange(1, 64));
        Pair pair(setup);
        RC_ASSERT(pair.associate());
        auto state = *rc::gen::inRange<std::uint32_t>(1, 1'000'000);
        const auto loss = *rc::gen::inRange<std::uint32_t>(0, 30);
        pair.loses = [&](bool) {
            state ^= state << 13U;
            state ^= state >> 17U;
            state ^= state << 5U;
            return state % 100 < loss;
        };
        Sink value;
        const auto done = pair.finish(pair.client.get({FakeDevice::kLong, {}}, value.sink));
        RC_ASSERT(done.step == Step::done);
        RC_ASSERT(to_hex(value.sink.octets()) == long_value(pair.device));
        Octets parameters(503, 0x5A);
        std::copy_n(octets("09 82 01F3").begin(), 4, parameters.begin());
        RC_ASSERT(pair.finish(pair.client.set({FakeDevice::kCounter, {}}, parameters)).step == Step::done);
        RC_ASSERT(pair.device.writes == 1);
    }));
}

}  // namespace
}  // namespace ferraris::dlms
