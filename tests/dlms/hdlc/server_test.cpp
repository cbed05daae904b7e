#include "dlms/hdlc/server.hpp"

#include <gtest/gtest.h>

#include "dlms/hdlc/support.hpp"

namespace ferraris::dlms {
namespace {

using hdlc::Address;
using testing::command;
using testing::kClient;
using testing::kServer;
using testing::Octets;
using testing::octets;
using testing::response;
using testing::ServerStation;

/// APDU behind the LLC header of `source` (E6 request, E7 response).
Octets with_llc(ByteView apdu, std::uint8_t source = 0xE7) {
    Octets field{0xE6, source, 0x00};
    field.insert(field.end(), apdu.begin(), apdu.end());
    return field;
}
Octets request(ByteView apdu) { return with_llc(apdu, 0xE6); }

class HdlcServerTest : public ::testing::Test {
protected:
    static HdlcServerConfig windowed() {
        HdlcServerConfig config = ServerStation::defaults();
        config.parameters = {32, 32, 7, 7};
        return config;
    }
    /// 05 01 20 | 06 01 20 | 07 and 08: `window`
    void connect(std::uint8_t window) {
        Octets field = octets("818012050120060120070400000001080400000001");
        field[14] = field[20] = window;
        EXPECT_EQ(turn(command(0x93, field)), response(0x73, field));
    }
    std::string turn(const Octets& in) { return to_hex(station_.exchange(in)); }

    ServerStation station_{windowed()};
};

TEST_F(HdlcServerTest, SegmentsWithAWindowOfOne) {
    connect(1);
    station_.answer = testing::pattern(70);
    const Octets field = with_llc(station_.answer);
    const ByteView answer = field;
    EXPECT_EQ(turn(command(0x10, request(octets("C0")))),
              response(0x30, answer.first(32), true));  // N(S) = 0, N(R) = 1
    EXPECT_EQ(turn(command(0x31)), response(0x32, answer.subspan(32, 32), true));
    EXPECT_EQ(turn(command(0x51)), response(0x34, answer.subspan(64)));
    EXPECT_EQ(turn(command(0x71)), response(0x31));  // nothing left: RR
}

TEST_F(HdlcServerTest, SegmentsWithAWindowOfThree) {
    connect(3);
    station_.answer = testing::pattern(125);
    const Octets field = with_llc(station_.answer);
    const ByteView answer = field;
    // F only in the last of the window
    EXPECT_EQ(turn(command(0x10, request(octets("C0")))), response(0x20, answer.first(32), true) +
                                                              response(0x22, answer.subspan(32, 32), true) +
                                                              response(0x34, answer.subspan(64, 32), true));
    // The second was lost: RR confirms one, and the rest comes again with the next in the window.
    EXPECT_EQ(turn(command(0x31)), response(0x22, answer.subspan(32, 32), true) +
                                       response(0x24, answer.subspan(64, 32), true) +
                                       response(0x36, answer.subspan(96)));
    EXPECT_EQ(turn(command(0x91)), response(0x31));
}

TEST_F(HdlcServerTest, AWindowOfRequestSegments) {
    connect(3);
    station_.answer = octets("C4");
    const Octets apdu = testing::pattern(80);
    const Octets field = request(apdu);
    const ByteView in = field;
    EXPECT_EQ(turn(command(0x00, in.first(32), true)), "");
    EXPECT_EQ(turn(command(0x02, in.subspan(32, 32), true)), "");
    EXPECT_EQ(turn(command(0x14, in.subspan(64))), response(0x70, with_llc(octets("C4"))));
    EXPECT_EQ(station_.events.back().apdu, apdu);
}

TEST_F(HdlcServerTest, AGapInAWindowIsAskedForAgain) {
    connect(3);
    const Octets field = request(testing::pattern(80));
    const ByteView in = field;
    EXPECT_EQ(turn(command(0x00, in.first(32), true)), "");
    EXPECT_EQ(turn(command(0x14, in.subspan(64))), response(0x31));  // RR, N(R) = 1
    station_.answer = octets("C4");
    EXPECT_EQ(turn(command(0x02, in.subspan(32, 32), true)), "");
    EXPECT_EQ(turn(command(0x14, in.subspan(64))), response(0x70, with_llc(octets("C4"))));
}

TEST_F(HdlcServerTest, ARepeatedRequestGetsTheSameAnswerAndIsNotDeliveredTwice) {
    connect(1);
    station_.answer = octets("C401");
    const std::string answer = response(0x30, with_llc(octets("C401")));
    EXPECT_EQ(turn(command(0x10, request(octets("C0")))), answer);
    const std::size_t events = station_.events.size();
    EXPECT_EQ(turn(command(0x10, request(octets("C0")))), answer);
    EXPECT_EQ(turn(command(0x11)), answer);
    EXPECT_EQ(station_.events.size(), events);
}

TEST_F(HdlcServerTest, RejIsAnsweredByTheFrameThatItNames) {
    connect(3);
    station_.answer = testing::pattern(90);
    const Octets field = with_llc(station_.answer);
    const ByteView answer = field;
    EXPECT_NE(turn(command(0x10, request(octets("C0")))), "");
    EXPECT_EQ(turn(command(0x59)), response(0x34, answer.subspan(64)));  // REJ, N(R) = 2
}

TEST_F(HdlcServerTest, APeerThatIsNotReadyGetsNoInformation) {
    connect(1);
    station_.answer = testing::pattern(40);
    const Octets field = with_llc(station_.answer);
    EXPECT_NE(turn(command(0x10, request(octets("C0")))), "");
    EXPECT_EQ(turn(command(0x35)), response(0x31));  // RNR, N(R) = 1: RR
    EXPECT_EQ(turn(command(0x31)), response(0x32, ByteView(field).subspan(32)));
}

TEST_F(HdlcServerTest, ItsOwnBusyConditionIsSaidWithRnr) {
    connect(1);
    station_.server.set_busy(true);
    EXPECT_EQ(turn(command(0x10, request(octets("C0")))), response(0x15));
    EXPECT_EQ(station_.events.size(), 1U);
    station_.server.set_busy(false);
    EXPECT_EQ(turn(command(0x11)), response(0x11));
    EXPECT_EQ(turn(command(0x10, request(octets("C0")))), response(0x31));
    EXPECT_EQ(station_.events.back().kind, HdlcServerEventKind::apdu);
}

TEST_F(HdlcServerTest, AnAnswerThatTakesItsTimeWaitsForThePoll) {
    connect(1);
    EXPECT_EQ(turn(command(0x10, request(octets("C0")))), response(0x31));
    const Octets late = octets("C403");
    EXPECT_TRUE(station_.server.send(late));
    EXPECT_FALSE(station_.server.send(late));
    Octets unasked;
    station_.pull(unasked);
    EXPECT_TRUE(unasked.empty());
    EXPECT_EQ(turn(command(0x11)), response(0x30, with_llc(late)));
}

TEST_F(HdlcServerTest, ARequestLongerThanTheBufferIsToldToTheApplication) {
    ServerStation station(windowed(), 40);
    EXPECT_FALSE(station.exchange(command(0x93)).empty());
    station.answer = octets("D80205");  // exception-response, pdu-too-long
    const Octets field = request(testing::pattern(50));
    EXPECT_EQ(to_hex(station.exchange(command(0x10, ByteView(field).first(32), true))), response(0x31));
    EXPECT_EQ(to_hex(station.exchange(command(0x12, ByteView(field).subspan(32)))),
              response(0x50, with_llc(octets("D80205"))));
    EXPECT_EQ(station.events.back().kind, HdlcServerEventKind::apdu_too_long);
    // The link is as good as before.
    const Octets exact = testing::pattern(29);
    EXPECT_EQ(to_hex(station.exchange(command(0x34, request(exact)))), response(0x72, with_llc(octets("D80205"))));
    EXPECT_EQ(station.events.back().apdu, exact);
}

TEST_F(HdlcServerTest, WithoutLlcHeaderItIsNoApdu) {
    connect(1);
    EXPECT_EQ(turn(command(0x10, octets("C001C1"))), response(0x31));
    EXPECT_EQ(turn(command(0x12)), response(0x51));  // an I frame without information
    EXPECT_EQ(station_.events.size(), 1U);
}

TEST_F(HdlcServerTest, SnrmOnALinkStartsAnew) {
    connect(1);
    station_.answer = octets("C4");
    EXPECT_EQ(turn(command(0x10, request(octets("C0")))), response(0x30, with_llc(octets("C4"))));
    connect(1);
    EXPECT_EQ(station_.events.back().kind, HdlcServerEventKind::connected);
    EXPECT_EQ(turn(command(0x11)), response(0x11));
    EXPECT_EQ(turn(command(0x10, request(octets("C0")))), response(0x30, with_llc(octets("C4"))));
}

TEST_F(HdlcServerTest, AnotherClientTakesTheLineOnlyBySnrm) {
    connect(1);
    const Address other = Address::client(1);
    const auto dm = to_hex(testing::frame(other, kServer, 0x1F));
    EXPECT_EQ(turn(testing::frame(kServer, other, 0x11)), dm);
    EXPECT_EQ(turn(testing::frame(kServer, other, 0x53)), dm);
    EXPECT_EQ(turn(testing::frame({16, 17, 2}, kClient, 0x53)), to_hex(testing::frame(kClient, {16, 17, 2}, 0x1F)));
    EXPECT_EQ(turn(command(0x11)), response(0x11));
    EXPECT_NE(turn(testing::frame(kServer, other, 0x93)), "");
    EXPECT_EQ(station_.events.back().kind, HdlcServerEventKind::connected);
    EXPECT_EQ(station_.client_sap, 1);
    EXPECT_EQ(turn(command(0x11)), response(0x1F));
}

TEST_F(HdlcServerTest, NobodySpeaksWhenAllAreSpokenTo) {
    for (const Address& all : {Address{0x7F, 0, 1}, Address{0x7F, 0x7F, 2}, Address{1, 0x7F, 2},
                               Address{0x3FFF, 0x3FFF, 4}, Address{0x7F, 17, 2}}) {
        for (const int control : {0x93, 0x53, 0x11, 0x10, 0xFF}) {
            EXPECT_EQ(turn(testing::frame(all, kClient, static_cast<std::uint8_t>(control))), "");
        }
        EXPECT_EQ(turn(testing::frame(all, kClient, 0x13, request(octets("0F00")))), "");
        EXPECT_EQ(station_.events.back().kind, HdlcServerEventKind::unconfirmed_apdu);
        EXPECT_EQ(station_.events.back().apdu, octets("0F00"));
        EXPECT_EQ(station_.server_sap, all.upper);
    }
    EXPECT_EQ(station_.events.size(), 5U);
}

TEST_F(HdlcServerTest, UnconfirmedToThisStation) {
    EXPECT_EQ(turn(command(0x13, request(octets("C1")))), "");
    EXPECT_EQ(station_.events.back().kind, HdlcServerEventKind::unconfirmed_apdu);
    connect(1);
    EXPECT_EQ(turn(command(0x03, request(octets("C1")))), "");
    EXPECT_EQ(turn(command(0x13, request(octets("C1")))), response(0x11));  // polled: RR gives the turn back
    EXPECT_EQ(turn(command(0x13, octets("C1"))), response(0x11));
    EXPECT_EQ(station_.events.size(), 4U);
}

TEST_F(HdlcServerTest, ADeviceThatHasCalledAnswersWithItsOwnAddress) {
    HdlcServerConfig config = ServerStation::defaults();
    config.calling = true;
    ServerStation station(config);
    const Octets ua = station.exchange(testing::frame({1, 0x3FFE, 4}, kClient, 0x93));
    EXPECT_EQ(to_hex(ByteView(ua).subspan(4, 4)), "00020023");
    EXPECT_EQ(to_hex(station.exchange(testing::frame({1, 17, 4}, kClient, 0x11))),
              to_hex(testing::frame(kClient, {1, 17, 4}, 0x11)));
}

TEST_F(HdlcServerTest, ATightOutputIsPulledFrameByFrame) {
    connect(3);
    const Octets in = command(0x10, request(octets("C0")));
    ByteView rest = in;
    EXPECT_EQ(station_.server.receive(rest, station_.now_ms).kind, HdlcServerEventKind::apdu);
    const Octets answer = testing::pattern(90);
    EXPECT_TRUE(station_.server.send(answer));
    std::string sent;
    int calls = 0;
    for (bool done = false; !done; ++calls) {
        std::array<std::uint8_t, 50> buffer{};
        ByteWriter out(buffer);
        done = station_.server.pull(out);
        sent += to_hex(out.written());
    }
    EXPECT_EQ(calls, 3);
    const Octets field = with_llc(answer);
    EXPECT_EQ(sent, response(0x20, ByteView(field).first(32), true) +
                        response(0x22, ByteView(field).subspan(32, 32), true) +
                        response(0x34, ByteView(field).subspan(64)));
}

TEST_F(HdlcServerTest, SilenceEndsTheLinkWithoutAWord) {
    EXPECT_EQ(station_.server.next_timeout(), std::nullopt);
    connect(1);
    EXPECT_EQ(station_.server.next_timeout(), station_.now_ms + 120'000);
    EXPECT_EQ(station_.server.poll(station_.now_ms + 119'999).kind, HdlcServerEventKind::none);
    EXPECT_EQ(station_.server.poll(station_.now_ms + 120'000).kind, HdlcServerEventKind::disconnected);
    EXPECT_FALSE(station_.server.connected());
    Octets sent;
    station_.pull(sent);
    EXPECT_TRUE(sent.empty());
}

TEST_F(HdlcServerTest, AnInactivityTimeoutOfZeroIsNone) {
    HdlcServerConfig config = windowed();
    config.inactivity_timeout_s = 0;
    ServerStation station(config);
    EXPECT_FALSE(station.exchange(command(0x93)).empty());
    EXPECT_EQ(station.server.next_timeout(), std::nullopt);
    EXPECT_EQ(station.server.poll(std::int64_t{1} << 50U).kind, HdlcServerEventKind::none);
}

TEST_F(HdlcServerTest, NotificationsAreSegmentsOfUi) {
    const Octets apdu = testing::pattern(70);
    const Octets field = with_llc(apdu);
    EXPECT_TRUE(station_.server.notify(apdu, 103, kServer));
    EXPECT_FALSE(station_.server.notify(apdu, 103, kServer));
    Octets sent;
    station_.pull(sent);
    const Address listener = Address::client(103);
    EXPECT_EQ(to_hex(sent), to_hex(testing::frame(listener, kServer, 0x03, ByteView(field).first(32), true)) +
                                to_hex(testing::frame(listener, kServer, 0x03, ByteView(field).subspan(32, 32), true)) +
                                to_hex(testing::frame(listener, kServer, 0x13, ByteView(field).subspan(64))));
    EXPECT_FALSE(station_.server.notifying());
}

TEST_F(HdlcServerTest, WhatIsNotCarriedOutIsCounted) {
    const auto refused = [&](HdlcRefusal why) { return station_.server.refused(why); };
    EXPECT_EQ(turn(command(0x53)), response(0x1F)) << "DISC without a link: DM";
    EXPECT_EQ(refused(HdlcRefusal::disconnect_without_link), 1U);
    EXPECT_EQ(refused(HdlcRefusal::no_link), 0U);
    connect(1);
    EXPECT_EQ(turn(command(0x73)), "") << "UA is a response";
    EXPECT_EQ(refused(HdlcRefusal::response), 1U);
    Address all = kServer;
    all.upper = all.all_station();
    EXPECT_EQ(to_hex(station_.exchange(testing::frame(all, kClient, 0x53))), "") << "DISC to all";
    EXPECT_EQ(refused(HdlcRefusal::to_all), 1U);
    EXPECT_EQ(to_hex(station_.exchange(testing::frame(kServer, kClient, 0x03, request(octets("C0")), true))), "");
    EXPECT_EQ(refused(HdlcRefusal::not_whole), 1U) << "a segment of a UI frame";
    station_.answer = testing::pattern(70);
    (void)turn(command(0x10, request(octets("C0"))));
    (void)turn(command(0x12, request(octets("C0"))));  // N(R) = 0: the answer is not confirmed
    EXPECT_EQ(refused(HdlcRefusal::answer_unconfirmed), 1U);
    (void)turn(command(0xFF));  // an unknown control field: FRMR
    EXPECT_EQ(refused(HdlcRefusal::undefined_control), 1U);
    (void)turn(command(0x11));  // RR: FRMR again
    EXPECT_EQ(refused(HdlcRefusal::awaits_recovery), 1U);
}

TEST_F(HdlcServerTest, AFrameInWhichTheLineFellSilentIsDropped) {
    const Octets octets_of_snrm = command(0x93);
    EXPECT_TRUE(station_.exchange(ByteView(octets_of_snrm).first(5)).empty());
    const auto due = station_.server.next_timeout();
    ASSERT_EQ(due, station_.now_ms + 26) << "25 ms between octets, also without a link";
    EXPECT_EQ(station_.server.poll(*due).kind, HdlcServerEventKind::none);
    EXPECT_EQ(station_.server.line().dropped(), 1U);
    EXPECT_EQ(station_.server.next_timeout(), std::nullopt);
}

TEST_F(HdlcServerTest, ResetForgetsTheLink) {
    connect(1);
    station_.server.reset();
    EXPECT_FALSE(station_.server.connected());
    EXPECT_EQ(turn(command(0x11)), response(0x1F));
}

}  // namespace
}  // namespace ferraris::dlms
