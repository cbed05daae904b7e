/// General block transfer: the golden exchange, and lines that lose, double and disorder.
#include "dlms/block_transfer.hpp"

#include <gtest/gtest.h>
#include <rapidcheck.h>

#include <deque>

#include "dlms/octets.hpp"

namespace ferraris::dlms {
namespace {

using testing::fact;
using testing::octets;
using testing::Octets;
using Event = BlockTransfer::Event;

/// Everything that is due, as text.
std::vector<std::string> due(BlockTransfer& transfer) {
    std::vector<std::string> blocks;
    for (;;) {
        std::uint8_t memory[300];
        ByteWriter out(memory);
        if (!transfer.pull(out)) return blocks;
        blocks.push_back(to_hex(out.written()));
    }
}

Event take(BlockTransfer& transfer, const std::string& hex) {
    const Octets apdu = octets(hex);
    const auto block = decode_general_block(apdu);
    EXPECT_TRUE(block) << hex;
    return block ? transfer.take(*block) : Event::failed;
}

using Blocks = std::vector<std::string>;

TEST(GeneralBlock, FieldsAndBack) {
    const auto apdu = octets("E0 45 0002 0001 02 0102");  // streaming, window 5, number 2, has 1
    const auto block = decode_general_block(apdu);
    ASSERT_TRUE(block);
    EXPECT_FALSE(block->last);
    EXPECT_TRUE(block->streaming);
    EXPECT_EQ(block->window, 5);
    EXPECT_EQ(block->number, 2);
    EXPECT_EQ(block->acknowledged, 1);
    EXPECT_EQ(to_hex(block->data), "0102");
    EXPECT_EQ(testing::encoded(*block), to_hex(apdu));
    for (std::size_t size = 0; size < apdu.size(); ++size) {
        EXPECT_FALSE(decode_general_block(ByteView(apdu).first(size))) << size;
    }
    EXPECT_EQ(decode_general_block(octets("E0 80 0000 0000 00")).error(), ApduError::malformed);
    EXPECT_EQ(decode_general_block(octets("E0 80 0001 0000 00 00")).error(), ApduError::malformed);
}

TEST(BlockTransfer, GoldenExchangeAsRequester) {
    FERRARIS_NEEDS_SHARED("facts/vectors_xdlms.json");
    const auto seq = [](int i) { return fact("vectors_xdlms.json", "apdus", "gbt-seq-0" + std::to_string(i)); };
    Octets memory(100);
    BlockTransfer requester;
    requester.start(BlockRole::requester, memory, 5);
    EXPECT_EQ(take(requester, seq(0)), Event::none);
    EXPECT_EQ(due(requester), Blocks{seq(1)});
    for (int i = 2; i <= 5; ++i) {
        EXPECT_EQ(take(requester, seq(i)), Event::none);
        EXPECT_EQ(due(requester), Blocks{});
    }
    EXPECT_EQ(take(requester, seq(6)), Event::none);
    EXPECT_EQ(due(requester), Blocks{seq(7)});
    EXPECT_EQ(take(requester, seq(8)), Event::none);
    EXPECT_EQ(take(requester, seq(9)), Event::none);
    EXPECT_EQ(take(requester, fact("vectors_xdlms.json", "apdus", "gbt-seq-10")), Event::complete);
    EXPECT_EQ(to_hex(requester.received()), "C4020102030405060708090A0B0C0D0E0F");
    EXPECT_EQ(due(requester), Blocks{}) << "nobody acknowledges the last block";
}

TEST(BlockTransfer, GoldenExchangeAsResponder) {
    FERRARIS_NEEDS_SHARED("facts/vectors_xdlms.json");
    const auto message = octets("C4020102030405060708090A0B0C0D0E0F");
    BlockTransfer responder;
    responder.start(BlockRole::responder, {}, 5);
    ASSERT_TRUE(responder.send(message, 2));
    // The same as the recorded meter's, but for the length of the data, which that one writes in three octets.
    EXPECT_EQ(due(responder), Blocks{"E00500010000"
                                     "02C402"});
    EXPECT_EQ(take(responder, fact("vectors_xdlms.json", "apdus", "gbt-seq-01")), Event::none);
    EXPECT_EQ(due(responder),
              (Blocks{"E04500020001020102", "E04500030001020304", "E04500040001020506", "E04500050001020708",
                      "E005000600010209"
                      "0A"}));
    EXPECT_EQ(take(responder, fact("vectors_xdlms.json", "apdus", "gbt-seq-07")), Event::none);
    EXPECT_EQ(due(responder), (Blocks{"E04500070002020B0C", "E04500080002020D0E", "E08500090002010F"}));
}

TEST(BlockTransfer, OnlyWhatIsLostIsAskedForAndSentAgain) {
    FERRARIS_NEEDS_SHARED("facts/vectors_xdlms.json");
    Octets memory(100);
    BlockTransfer requester;
    requester.start(BlockRole::requester, memory, 5);
    BlockTransfer responder;
    responder.start(BlockRole::responder, {}, 5);
    const auto message = octets("0102030405060708");
    ASSERT_TRUE(responder.send(message, 1));
    EXPECT_EQ(take(requester, due(responder).at(0)), Event::none);
    EXPECT_EQ(take(responder, due(requester).at(0)), Event::none);
    auto window = due(responder);
    ASSERT_EQ(window.size(), 5U);
    window.erase(window.begin() + 2);  // number 4
    for (const auto& block : window) EXPECT_EQ(take(requester, block), Event::none);
    const auto asked = due(requester);
    ASSERT_EQ(asked, Blocks{fact("vectors_xdlms.json", "apdus", "gbt-recover")}) << "window 1, has 3";
    EXPECT_EQ(take(responder, asked[0]), Event::none);
    const auto again = due(responder);
    ASSERT_EQ(again.size(), 1U);
    EXPECT_EQ(again[0],
              "E00500040002"
              "0104");
    EXPECT_EQ(take(requester, again[0]), Event::none);
    EXPECT_EQ(take(responder, due(requester).at(0)), Event::none);
    const auto rest = due(responder);
    ASSERT_EQ(rest.size(), 2U);
    EXPECT_EQ(take(requester, rest[0]), Event::none);
    EXPECT_EQ(take(requester, rest[1]), Event::complete);
    EXPECT_EQ(to_hex(requester.received()), to_hex(message));
}

TEST(BlockTransfer, BlockNumbersOutOfOrderFindTheirPlace) {
    Octets memory(100);
    BlockTransfer requester;
    requester.start(BlockRole::requester, memory, 5);
    EXPECT_EQ(take(requester, "E0 45 0003 0000 02 0607"), Event::none);
    EXPECT_EQ(take(requester, "E0 45 0001 0000 03 010203"), Event::none);
    EXPECT_EQ(take(requester, "E0 45 0003 0000 02 0607"), Event::none) << "twice";
    EXPECT_EQ(take(requester, "E0 85 0004 0000 01 08"), Event::none);
    EXPECT_EQ(take(requester, "E0 05 0002 0000 02 0405"), Event::complete);
    EXPECT_EQ(to_hex(requester.received()), "0102030405060708");
}

TEST(BlockTransfer, BlockNumbersFarAwayAreLetGo) {
    Octets memory(100);
    BlockTransfer requester;
    requester.start(BlockRole::requester, memory, 63);
    EXPECT_EQ(take(requester, "E0 45 0001 0000 01 01"), Event::none);
    EXPECT_EQ(take(requester, "E0 45 0100 0000 01 FF"), Event::none);
    EXPECT_EQ(take(requester, "E0 45 FFFF 0000 01 FF"), Event::none);
    EXPECT_EQ(take(requester, "E0 85 0002 0000 01 02"), Event::complete);
    EXPECT_EQ(to_hex(requester.received()), "0102");
}

TEST(BlockTransfer, BlocksBehindTheLastAreRefused) {
    Octets memory(100);
    for (const char* const wrong : {"E0 45 0004 0000 01 04", "E0 85 0004 0000 01 04", "E0 85 0002 0000 01 02"}) {
        BlockTransfer requester;
        requester.start(BlockRole::requester, memory, 5);
        EXPECT_EQ(take(requester, "E0 85 0003 0000 01 03"), Event::none);
        EXPECT_EQ(take(requester, wrong), Event::failed) << wrong;
        EXPECT_EQ(requester.error(), BlockTransferError::wrong_number);
        EXPECT_FALSE(requester.active());
    }
}

TEST(BlockTransfer, OversizedWindowsAreCutToSixBitsAndZeroIsOne) {
    Octets memory(100);
    const Octets message(100);
    BlockTransfer sender;
    sender.start(BlockRole::requester, memory, 200);
    ASSERT_TRUE(sender.send(message, 1));
    EXPECT_EQ(due(sender), Blocks{"E03F000100000100"}) << "window 63; the other's is not known";
    EXPECT_EQ(take(sender, "E0 00 0001 0001 00"), Event::none);
    EXPECT_EQ(due(sender).size(), 1U) << "window 0 cannot mean that nothing may ever come";
    EXPECT_EQ(take(sender, "E0 3F 0002 0002 00"), Event::none);
    EXPECT_EQ(due(sender).size(), 63U);
    sender.limit_sending_to(4);
    EXPECT_EQ(take(sender, "E0 3F 0003 0041 00"), Event::none);
    EXPECT_EQ(due(sender).size(), 4U);
}

TEST(BlockTransfer, AnAcknowledgementOfWhatWasNotSentEndsTheExchange) {
    const Octets message(10);
    BlockTransfer responder;
    responder.start(BlockRole::responder, {}, 5);
    ASSERT_TRUE(responder.send(message, 1));
    (void)due(responder);
    EXPECT_EQ(take(responder, "E0 85 0001 0002 00"), Event::failed);
    EXPECT_EQ(responder.error(), BlockTransferError::wrong_acknowledgement);
    EXPECT_EQ(due(responder), Blocks{});
}

TEST(BlockTransfer, NeverEndingTransfersEndWithTheMemory) {
    Octets memory(10);
    BlockTransfer receiver;
    receiver.start(BlockRole::responder, memory, 5);
    Event event = Event::none;
    std::uint16_t number = 0;
    while (event == Event::none) {
        GeneralBlock block;
        block.number = ++number;
        const Octets data(3);
        block.data = data;
        event = receiver.take(block);
        ASSERT_LE(number, 4);
    }
    EXPECT_EQ(event, Event::failed);
    EXPECT_EQ(receiver.error(), BlockTransferError::too_long);
}

TEST(BlockTransfer, NeverEndingTransfersOfNothingAreRefused) {
    Octets memory(10);
    BlockTransfer receiver;
    receiver.start(BlockRole::responder, memory, 5);
    EXPECT_EQ(take(receiver, "E0 05 0001 0000 01 01"), Event::none);
    EXPECT_EQ(take(receiver, "E0 05 0002 0000 00"), Event::failed);
    EXPECT_EQ(receiver.error(), BlockTransferError::empty_block);
}

TEST(BlockTransfer, AMessageOfTooManyBlocksIsNotStarted) {
    const Octets message(70'000);
    BlockTransfer sender;
    sender.start(BlockRole::requester, {}, 5);
    EXPECT_FALSE(sender.send(message, 1));
    EXPECT_TRUE(sender.send(message, 2));
}

TEST(BlockTransfer, AnUnconfirmedPushIsOneStream) {
    const auto message = octets("0F0000000100010203");
    BlockTransfer meter;
    meter.start(BlockRole::requester, {}, 1);
    ASSERT_TRUE(meter.send(message, 4, false));
    const auto blocks = due(meter);
    EXPECT_EQ(blocks, (Blocks{"E04100010000040F000000",
                              "E0410002000004010001"
                              "02",
                              "E081000300000103"}));
    Octets memory(20);
    BlockTransfer listener;
    listener.start(BlockRole::responder, memory, 63);
    EXPECT_EQ(take(listener, blocks[0]), Event::none);
    EXPECT_EQ(take(listener, blocks[1]), Event::none);
    EXPECT_EQ(due(listener), Blocks{});
    EXPECT_EQ(take(listener, blocks[2]), Event::complete);
    EXPECT_EQ(due(listener), Blocks{}) << "nothing is acknowledged";
    EXPECT_EQ(to_hex(listener.received()), to_hex(message));
}

/// A line that does to each datagram what a random number says.
class Line {
public:
    explicit Line(std::uint32_t seed, int loss_percent, int double_percent, int disorder_percent)
        : state_(seed * 2654435761U + 1), loss_(loss_percent), double_(double_percent), disorder_(disorder_percent) {}

    void put(const Octets& datagram) {
        if (chance(loss_)) return;
        queue_.push_back(datagram);
        if (chance(double_)) queue_.push_back(datagram);
        for (std::size_t i = queue_.size() - 1; i > 0 && chance(disorder_); --i) std::swap(queue_[i], queue_[i - 1]);
    }
    [[nodiscard]] bool empty() const { return queue_.empty(); }
    Octets get() {
        Octets datagram = queue_.front();
        queue_.pop_front();
        return datagram;
    }

private:
    bool chance(int percent) {
        state_ ^= state_ << 13U;
        state_ ^= state_ >> 17U;
        state_ ^= state_ << 5U;
        return static_cast<int>(state_ % 100) < percent;
    }

    std::uint32_t state_;
    int loss_;
    int double_;
    int disorder_;
    std::deque<Octets> queue_{};
};

void drain(BlockTransfer& transfer, Line& line) {
    for (;;) {
        Octets memory(2100);
        ByteWriter out(memory);
        if (!transfer.pull(out)) return;
        line.put({out.written().begin(), out.written().end()});
    }
}

TEST(BlockTransfer, AnyLossDoublingAndDisorderGivesTheOctetsOrACleanFailure) {
    EXPECT_TRUE(rc::check([] {
        const auto size = [](int limit) { return static_cast<std::size_t>(*rc::gen::inRange(1, limit)); };
        Octets request(size(600));
        Octets answer(size(3000));
        for (std::size_t i = 0; i < request.size(); ++i) request[i] = static_cast<std::uint8_t>(i * 7 + 1);
        for (std::size_t i = 0; i < answer.size(); ++i) answer[i] = static_cast<std::uint8_t>(i * 11 + i / 256);
        const auto seed = *rc::gen::inRange<std::uint32_t>(1, 1'000'000);
        const int loss = *rc::gen::inRange(0, 40);
        const int doubled = *rc::gen::inRange(0, 30);
        const int disorder = *rc::gen::inRange(0, 50);
        Line to_meter(seed, loss, doubled, disorder);
        Line to_client(seed + 1, loss, doubled, disorder);
        Octets client_memory(3000);
        Octets meter_memory(600);
        BlockTransfer client;
        BlockTransfer meter;
        client.start(BlockRole::requester, client_memory, static_cast<std::uint8_t>(*rc::gen::inRange(1, 64)));
        meter.start(BlockRole::responder, meter_memory, static_cast<std::uint8_t>(*rc::gen::inRange(1, 64)));
        RC_ASSERT(client.send(request, size(100)));
        const std::size_t answer_block = size(200);
        int silences = 0;
        for (bool done = false; !done;) {
            drain(client, to_meter);
            drain(meter, to_client);
            if (to_meter.empty() && to_client.empty()) {
                RC_ASSERT(++silences < 3000);
                client.retry();
                continue;
            }
            if (!to_meter.empty()) {
                const Octets datagram = to_meter.get();
                const Event event = meter.take(*decode_general_block(datagram));
                RC_ASSERT(event != Event::failed);
                if (event == Event::complete) {
                    RC_ASSERT(equal(meter.received(), request));
                    RC_ASSERT(meter.send(answer, answer_block));
                }
            }
            if (!to_client.empty()) {
                const Octets datagram = to_client.get();
                const Event event = client.take(*decode_general_block(datagram));
                RC_ASSERT(event != Event::failed);
                done = event == Event::complete;
            }
        }
        RC_ASSERT(equal(client.received(), answer));
    }));
}

TEST(BlockTransfer, AnyBlockAtAllDoesNoHarm) {
    EXPECT_TRUE(rc::check(
        [](const std::vector<std::tuple<std::uint8_t, std::uint8_t, std::uint8_t, std::uint8_t>>& in, bool requester) {
            Octets memory(64);
            const Octets message(40);
            BlockTransfer transfer;
            transfer.start(requester ? BlockRole::requester : BlockRole::responder, memory, 5);
            RC_ASSERT(transfer.send(message, 3));
            (void)due(transfer);
            for (const auto& [control, number, acknowledged, size] : in) {
                const Octets data(size % 16);
                GeneralBlock block;
                block.last = (control & 0x80U) != 0;
                block.streaming = (control & 0x40U) != 0;
                block.window = control & 0x3FU;
                block.number = static_cast<std::uint16_t>(number % 32 + 1);
                block.acknowledged = acknowledged % 20;
                block.data = data;
                const Event event = transfer.take(block);
                RC_ASSERT(due(transfer).size() <= 63U);
                if (event == Event::failed) {
                    RC_ASSERT(transfer.error() != BlockTransferError::none);
                    RC_ASSERT(!transfer.active());
                    return;
                }
            }
        }));
}

}  // namespace
}  // namespace ferraris::dlms
