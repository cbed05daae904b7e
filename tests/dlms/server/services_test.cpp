#include <gtest/gtest.h>
#include <rapidcheck.h>

#include "dlms/server/fake_device.hpp"

namespace ferraris::dlms {
namespace {

void associate(FakeServer& server, const std::string& conformance = "FFFFFF", const std::string& pdu = "FFFF") {
    (void)server.ask(16, "601DA109060760857405080101BE10040E01000000065F1F0400" + conformance + pdu);
    ASSERT_EQ(server.session.association().status, AssociationStatus::associated);
}

const std::string kGetSerial = "00010000600100FF0200";   // class 1, 0.0.96.1.0.255, attribute 2, no selection
const std::string kGetCounter = "000100002B0100FF0200";  // class 1, 0.0.43.1.0.255
const std::string kGetLong = "00070100630100FF0200";     // class 7, 1.0.99.1.0.255
const std::string kGetUnknown = "00010000800000FF0200";

TEST(GetService, NormalAndList) {
    FakeServer server;
    associate(server);
    EXPECT_EQ(server.ask(16, "C001C1" + kGetSerial), "C401C10009083132303030303137");
    EXPECT_EQ(server.ask(16, "C00181" + kGetUnknown), "C401810104") << "object-undefined";
    EXPECT_EQ(server.ask(16, "C003C103" + kGetSerial + kGetUnknown + kGetCounter),
              "C403C103"
              "0009083132303030303137"
              "0104"
              "000600000058");
}

std::string get_in_blocks(FakeServer& server, const std::string& request) {
    std::string raw;
    std::string answer = server.ask(16, request);
    for (std::uint32_t number = 1;; ++number) {
        const auto octets = bytes(answer);
        const auto response = decode_get_response(octets);
        if (!response || response->choice != GetResponseChoice::with_datablock) return "unexpected " + answer;
        if (response->block.number != number) return "block number";
        if (octets.size() > server.session.association().max_receive_pdu_size) return "too long";
        raw += to_hex(response->block.raw_data);
        if (response->block.last) return raw;
        char next[16];
        std::snprintf(next, sizeof next, "C002C1%08X", number);
        answer = server.ask(16, next);
    }
}

TEST(GetService, BlocksOfAnySizeAddUp) {
    EXPECT_TRUE(rc::check([] {
        FakeServer server(2048);
        server.device.long_rows = *rc::gen::inRange<std::uint32_t>(80, 400);
        const auto pdu = *rc::gen::inRange<std::uint16_t>(40, 1000);
        associate(
            server, "FFFFFF",
            to_hex(std::array<std::uint8_t, 2>{static_cast<std::uint8_t>(pdu >> 8), static_cast<std::uint8_t>(pdu)}));
        std::string whole = server.device.long_rows < 128 ? "01" : server.device.long_rows < 256 ? "0181" : "0182";
        std::vector<std::uint8_t> buffer(32 * 1024);
        ByteWriter out(buffer);
        DataWriter data(out);
        data.array(server.device.long_rows);
        for (std::uint32_t row = 1; row <= server.device.long_rows; ++row) {
            data.structure(2);
            data.double_long_unsigned(row);
            data.octet_string(server.device.title);
        }
        RC_ASSERT(get_in_blocks(server, "C001C1" + kGetLong) == to_hex(out.written()));
        // The same behind another value and before an error, in a list.
        RC_ASSERT(get_in_blocks(server, "C003C103" + kGetSerial + kGetLong + kGetUnknown) ==
                  "03"
                  "0009083132303030303137"
                  "00" +
                      to_hex(out.written()) + "0104");
    }));
}

TEST(GetService, BlockErrors) {
    FakeServer server;
    associate(server);
    EXPECT_EQ(server.ask(16, "C002C100000001"), "C402C101000000010110") << "no-long-get-in-progress";
    (void)server.ask(16, "C001C1" + kGetLong);
    EXPECT_EQ(server.ask(16, "C002C100000007"), "C402C101000000070113") << "data-block-number-invalid";
    EXPECT_EQ(server.ask(16, "C002C100000001"), "C402C101000000010110") << "and the transfer is over";
    (void)server.ask(16, "C001C1" + kGetLong);
    (void)server.ask(16, "C001C1" + kGetSerial);
    EXPECT_EQ(server.ask(16, "C002C100000001"), "C402C101000000010110") << "another request ends a transfer";
}

TEST(GetService, WithoutBlockTransferALongAnswerIsRefused) {
    FakeServer server;
    associate(server, "00021F");
    EXPECT_EQ(server.ask(16, "C001C1" + kGetLong), "C401C101FA");
}

TEST(GetService, WhatWasNotNegotiatedIsNotServed) {
    FakeServer server;
    associate(server, "000008");  // set only
    EXPECT_EQ(server.ask(16, "C001C1" + kGetSerial), "D80102");
    associate(server, "000010");  // get only
    EXPECT_EQ(server.ask(16, "C003C101" + kGetSerial), "D80102") << "multiple references";
    EXPECT_EQ(server.ask(16,
                         "C001C1"
                         "00010000600100FF02"
                         "01"
                         "01"
                         "00"),
              "C401C1010D")
        << "selective access";
    EXPECT_EQ(server.ask(16, "C101C1" + kGetSerial + "1101"), "D80102");
    EXPECT_EQ(server.device.writes, 0);
}

TEST(Services, MalformedRequestsGetTheStandardsAnswer) {
    FakeServer server;
    associate(server);
    EXPECT_EQ(server.ask(16, "C009C1" + kGetSerial), "D80202") << "unknown get type";
    EXPECT_EQ(server.ask(16,
                         "C001C1"
                         "0001000060"),
              "D80103")
        << "missing elements";
    EXPECT_EQ(server.ask(16, "C001C1" + kGetSerial + "00"), "D80103") << "left-over octets";
    EXPECT_EQ(server.ask(16,
                         "D940000000"
                         "00"),
              "D80102")
        << "ACCESS is not offered";
    EXPECT_EQ(server.device.events.back(), SecurityEvent::service_not_negotiated);
    EXPECT_EQ(server.ask(16, ""), "") << "silence";
    EXPECT_EQ(server.device.events.back(), SecurityEvent::request_malformed);
    EXPECT_EQ(server.ask(16, std::string(2 * 300, 'C')), "D80104") << "longer than announced";
    EXPECT_EQ(server.device.events.back(), SecurityEvent::too_long);
}

TEST(SetService, NormalListAndBlocks) {
    FakeServer server;
    associate(server);
    EXPECT_EQ(server.ask(16, "C101C1" + kGetCounter + "0600000001"), "C501C100");
    EXPECT_EQ(to_hex(server.device.values[FakeDevice::kCounter]), "0600000001");
    EXPECT_EQ(server.ask(16, "C104C102" + kGetCounter + kGetUnknown +
                                 "02"
                                 "0600000002"
                                 "1101"),
              "C505C1020004");
    EXPECT_EQ(to_hex(server.device.values[FakeDevice::kCounter]), "0600000002");
    // octet-string 0102030405 in two blocks: 09 05 01 02 | 03 04 05
    EXPECT_EQ(server.ask(16, "C102C1" + kGetSerial +
                                 "00"
                                 "00000001"
                                 "04"
                                 "09050102"),
              "C502C100000001");
    EXPECT_EQ(server.ask(16,
                         "C103C1"
                         "01"
                         "00000002"
                         "03"
                         "030405"),
              "C503C10000000002");
    EXPECT_EQ(to_hex(server.device.values[FakeDevice::kSerial]), "09050102030405");
    // a list in two blocks: 02 | 06 00000003 | 11 07
    EXPECT_EQ(server.ask(16, "C105C102" + kGetCounter + kGetUnknown +
                                 "00"
                                 "00000001"
                                 "03"
                                 "020600"),
              "C502C100000001");
    EXPECT_EQ(server.ask(16,
                         "C103C1"
                         "01"
                         "00000002"
                         "05"
                         "0000031107"),
              "C504C102000400000002");
    EXPECT_EQ(to_hex(server.device.values[FakeDevice::kCounter]), "0600000003");
}

TEST(SetService, BlockErrorsWriteNothing) {
    FakeServer server;
    associate(server);
    EXPECT_EQ(server.ask(16,
                         "C103C1"
                         "01"
                         "00000002"
                         "03"
                         "030405"),
              "C503C11200000002")
        << "no-long-set-in-progress";
    (void)server.ask(16, "C102C1" + kGetSerial +
                             "00"
                             "00000001"
                             "04"
                             "09050102");
    EXPECT_EQ(server.ask(16,
                         "C103C1"
                         "01"
                         "00000003"
                         "03"
                         "030405"),
              "C503C11300000003")
        << "number invalid";
    (void)server.ask(16, "C102C1" + kGetSerial +
                             "00"
                             "00000001"
                             "04"
                             "09050102");
    EXPECT_EQ(server.ask(16,
                         "C103C1"
                         "01"
                         "00000002"
                         "02"
                         "0304"),
              "C503C10C00000002")
        << "value cut short";
    EXPECT_EQ(server.device.writes, 0);
}

TEST(ActionService, NormalListAndBlocks) {
    FakeServer server;
    associate(server);
    const std::string echo = "000900000A0000FF01";
    EXPECT_EQ(server.ask(16, "C301C1" + echo +
                                 "01"
                                 "1105"),
              "C701C1000100"
              "1105");
    EXPECT_EQ(server.ask(16, "C301C1" + echo + "00"), "C701C10000");
    EXPECT_EQ(server.ask(16, "C303C102" + echo + "000900000B0000FF01" +
                                 "02"
                                 "1101"
                                 "1102"),
              "C703C102"
              "00010011010400");
    EXPECT_EQ(server.ask(16, "C304C1" + echo +
                                 "00"
                                 "00000001"
                                 "04"
                                 "09050102"),
              "C704C100000001");
    EXPECT_EQ(server.ask(16,
                         "C306C1"
                         "01"
                         "00000002"
                         "03"
                         "030405"),
              "C701C1000100"
              "09050102030405");
    EXPECT_EQ(server.ask(16,
                         "C306C1"
                         "01"
                         "00000002"
                         "03"
                         "030405"),
              "C701C11000")
        << "no-long-action-in-progress";
}

TEST(ActionService, LongReturnParametersTravelInBlocks) {
    FakeServer server(2048);
    associate(server, "FFFFFF", "0040");
    const std::string value = "0981C8" + std::string(400, 'A');  // octet-string of 200 octets
    std::string gathered;
    std::string answer = server.ask(16,
                                    "C301C1"
                                    "000900000A0000FF01"
                                    "01" +
                                        value);
    for (int number = 1;; ++number) {
        const auto octets = bytes(answer);
        EXPECT_LE(octets.size(), 64U);
        const auto response = decode_action_response(octets);
        ASSERT_TRUE(response.has_value()) << answer;
        ASSERT_EQ(response->choice, ActionResponseChoice::with_pblock);
        ASSERT_EQ(response->block.number, static_cast<std::uint32_t>(number));
        gathered += to_hex(response->block.raw_data);
        if (response->block.last) break;
        char next[16];
        std::snprintf(next, sizeof next, "C302C1%08X", static_cast<unsigned>(number));
        answer = server.ask(16, next);
    }
    EXPECT_EQ(gathered, "000100" + value);
}

// with-first-pblock, last-block, number, length and parameters: the beginning of an octet-string of five
const std::string kFirstHalf = "0409050102";
const std::string kLastHalf = "03030405";
std::string action_block(const std::string& choice, const std::string& last, const std::string& number,
                         const std::string& data) {
    const std::string method = choice == "04" ? "000900000A0000FF01" : "";
    return "C3" + choice + "C1" + method + last + number + data;
}

TEST(BlockNumbersOutOfOrder, OfActionCallNothing) {
    FakeServer server;
    associate(server);
    for (const char* const number : {"00000000", "00000001", "00000003", "FFFFFFFF"}) {
        ASSERT_EQ(server.ask(16, action_block("04", "00", "00000001", kFirstHalf)), "C704C100000001");
        EXPECT_EQ(server.ask(16, action_block("06", "01", number, kLastHalf)), "C701C10F00") << "long-action-aborted";
        EXPECT_EQ(server.ask(16, action_block("06", "01", "00000002", kLastHalf)), "C701C11000") << "and over";
    }
    EXPECT_EQ(server.ask(16, action_block("04", "00", "00000000", kFirstHalf)), "C701C10F00") << "begins with 1";
    EXPECT_EQ(server.device.calls, 0);
    // The last block twice calls once.
    (void)server.ask(16, action_block("04", "00", "00000001", kFirstHalf));
    EXPECT_EQ(server.ask(16, action_block("06", "01", "00000002", kLastHalf)), "C701C100010009050102030405");
    EXPECT_EQ(server.ask(16, action_block("06", "01", "00000002", kLastHalf)), "C701C11000");
    EXPECT_EQ(server.device.calls, 1);
}

TEST(BlockNumbersOutOfOrder, OfSetWriteNothing) {
    FakeServer server;
    associate(server);
    for (const char* const number : {"00000000", "00000001", "00000003", "FFFFFFFF"}) {
        ASSERT_EQ(server.ask(16, "C102C1" + kGetSerial + "00" + "00000001" + kFirstHalf), "C502C100000001");
        EXPECT_EQ(server.ask(16, "C103C1" + std::string("01") + number + kLastHalf), "C503C113" + std::string(number))
            << "data-block-number-invalid";
        EXPECT_EQ(server.ask(16, "C103C10100000002" + kLastHalf), "C503C11200000002") << "and over";
    }
    EXPECT_EQ(server.device.writes, 0);
}

TEST(BlockNumbersOutOfOrder, OfGetEndIt) {
    FakeServer server;
    for (const char* const number : {"00000000", "00000002", "FFFFFFFF"}) {
        associate(server);
        ASSERT_EQ(server.ask(16, "C001C1" + kGetLong).substr(0, 16), "C402C10000000001");
        EXPECT_EQ(server.ask(16, "C002C1" + std::string(number)), "C402C101" + std::string(number) + "0113");
        EXPECT_EQ(server.ask(16, "C002C100000001"), "C402C101000000010110") << "no-long-get-in-progress";
    }
}

/// `item` so many times.
std::string times(std::size_t count, const std::string& item) {
    std::string all;
    for (std::size_t i = 0; i < count; ++i) all += item;
    return all;
}
const std::string kEchoMethod = "000900000A0000FF01";
constexpr const char* kTooLong = "D80104";   // service-not-allowed, pdu-too-long
constexpr const char* kNoBlocks = "FFE3FF";  // all of the conformance block but the three kinds of blocks

TEST(OversizedLists, OfGetAreRefused) {
    FakeServer server(4096);
    associate(server);
    // 206 descriptors of 10 octets: more than a session keeps for the blocks of the answer.
    EXPECT_EQ(server.ask(16, "C003C181CE" + times(206, kGetSerial)), kTooLong);
    associate(server, kNoBlocks, "0040");
    EXPECT_EQ(server.ask(16, "C003C10A" + times(10, kGetSerial)), "C401C101FA") << "other-reason: it has no blocks";
}

TEST(OversizedLists, OfSetWriteNothing) {
    FakeServer server(2048);
    associate(server, kNoBlocks, "0020");
    EXPECT_EQ(server.ask(16, "C104C11E" + times(30, kGetCounter) + "1E" + times(30, "0600000001")), kTooLong);
    EXPECT_EQ(server.device.writes, 0);
    associate(server);
    // In blocks: 60 descriptors in the first of them.
    EXPECT_EQ(server.ask(16, "C105C13C" + times(60, kGetCounter) + "00" + "00000001" + "01" + "3C"), kTooLong);
    EXPECT_EQ(server.device.writes, 0);
}

TEST(OversizedLists, OfActionCallNothing) {
    FakeServer server(2048);
    associate(server, kNoBlocks, "0020");
    EXPECT_EQ(server.ask(16, "C303C10A" + times(10, kEchoMethod) + "0A" + times(10, "00")), kTooLong);
    EXPECT_EQ(server.device.calls, 0);
    associate(server);
    EXPECT_EQ(server.ask(16, "C305C128" + times(40, kEchoMethod) + "00" + "00000001" + "01" + "28"), kTooLong);
    EXPECT_EQ(server.device.calls, 0);
}

TEST(OversizedLists, OfActionWhoseResultsHaveRoomSaySoOfWhatHasNone) {
    FakeServer server(2048);
    // 32 octets and no blocks: `C7 03 C1 03`, and 28 for three outcomes.
    associate(server, kNoBlocks, "0020");
    const std::string long_value = "0914" + times(20, "AB");
    EXPECT_EQ(server.ask(16, "C303C103" + times(3, kEchoMethod) + "03" + "1105" + long_value + "1106"),
              "C703C103"
              "0001001105"
              "000101FA"  // success; return parameters: data-access-result other-reason
              "0001001106");
    EXPECT_EQ(server.device.calls, 3);
    // One method alone: it was carried out, and the answer says so.
    EXPECT_EQ(server.ask(16, "C301C1" + kEchoMethod + "01" + "0920" + times(32, "AB")), "C701C1000101FA");
}

TEST(OversizedLists, OfActionTravelInBlocksWhereTheyMay) {
    FakeServer server(2048);
    associate(server, "FFFFFF", "0020");
    const std::string answer = server.ask(16, "C303C10A" + times(10, kEchoMethod) + "0A" + times(10, "1105"));
    EXPECT_EQ(server.device.calls, 10);
    // with-pblock, not the last, block 1, 20 octets of 51: the count, three outcomes and the beginning of a fourth
    EXPECT_EQ(answer.substr(0, 28),
              "C702C1000000000114"
              "0A000100"
              "11");
}

}  // namespace
}  // namespace ferraris::dlms
