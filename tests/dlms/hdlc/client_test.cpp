#include "dlms/hdlc/client.hpp"

#include <gtest/gtest.h>

#include "dlms/hdlc/support.hpp"

namespace ferraris::dlms {
namespace {

using hdlc::Address;
using testing::ClientStation;
using testing::Octets;
using testing::octets;

constexpr Address kServer{1, 17, 2};
constexpr Address kClient = Address::client(16);
constexpr auto kApdu = HdlcClientEventKind::apdu;
constexpr auto kFailed = HdlcClientEventKind::failed;

std::string command(std::uint8_t control, ByteView information = {}, bool segmented = false) {
    return to_hex(testing::frame(kServer, kClient, control, information, segmented));
}
Octets response(std::uint8_t control, ByteView information = {}, bool segmented = false) {
    return testing::frame(kClient, kServer, control, information, segmented);
}
Octets with_llc(ByteView apdu, std::uint8_t source = 0xE7) {
    Octets field{0xE6, source, 0x00};
    field.insert(field.end(), apdu.begin(), apdu.end());
    return field;
}
Octets request(ByteView apdu) { return with_llc(apdu, 0xE6); }

HdlcClientConfig small(std::uint8_t window = 1) {
    HdlcClientConfig config;
    config.parameters = {32, 32, window, window};
    return config;
}

class HdlcClientTest : public ::testing::Test {
protected:
    explicit HdlcClientTest(const HdlcClientConfig& config = small()) : station_(config) {}

    static Octets parameters(std::uint8_t window) {
        Octets field = octets("818012050120060120070400000001080400000001");
        field[14] = field[20] = window;
        return field;
    }
    void connect(std::uint8_t window = 1) {
        station_.client.connect(station_.now_ms);
        EXPECT_EQ(to_hex(station_.pull()), command(0x93, parameters(window)));
        EXPECT_EQ(turn(response(0x73, parameters(window))), "");
        EXPECT_EQ(station_.kind, HdlcClientEventKind::connected);
    }
    void send(const Octets& apdu) { ASSERT_TRUE(station_.client.send(apdu, station_.now_ms)); }
    std::string pulled() { return to_hex(station_.pull()); }
    std::string turn(const Octets& in) { return to_hex(station_.exchange(in)); }

    ClientStation station_;
    const Octets get_{0xC0};
};

TEST_F(HdlcClientTest, ARequestIsRepeatedOnlyIfTheServerDoesNotHaveIt) {
    connect();
    send(get_);
    EXPECT_EQ(pulled(), command(0x10, request(get_)));
    EXPECT_EQ(to_hex(station_.expire()), command(0x11));            // silence: RR asks
    EXPECT_EQ(turn(response(0x11)), command(0x10, request(get_)));  // not there
    EXPECT_EQ(to_hex(station_.expire()), command(0x11));            // silence again
    EXPECT_EQ(turn(response(0x30, with_llc(octets("C401")))), "");  // only the answer was lost
    EXPECT_EQ(station_.kind, kApdu);
    EXPECT_EQ(station_.apdu, octets("C401"));
    EXPECT_EQ(station_.client.repeats(), 3U);
    EXPECT_EQ(station_.client.next_timeout(), std::nullopt);
}

TEST_F(HdlcClientTest, GivesUpWhenTheRetriesAreUsedUp) {
    station_.client.connect(station_.now_ms);
    const std::string snrm = pulled();
    for (int i = 0; i < 3; ++i) EXPECT_EQ(to_hex(station_.expire()), snrm);
    EXPECT_EQ(station_.kind, HdlcClientEventKind::none);
    EXPECT_TRUE(station_.expire().empty());
    EXPECT_EQ(station_.kind, kFailed);
    EXPECT_EQ(station_.failure, HdlcFailure::no_answer);
    EXPECT_EQ(station_.client.next_timeout(), std::nullopt);
}

TEST_F(HdlcClientTest, ASlowLineIsNotSilent) {
    connect();
    send(get_);
    (void)pulled();
    const Octets answer = response(0x30, with_llc(octets("C401")));
    for (std::size_t i = 0; i < answer.size(); ++i) {
        station_.now_ms += 1900;
        EXPECT_EQ(station_.client.poll(station_.now_ms).kind, HdlcClientEventKind::none);
        EXPECT_TRUE(station_.exchange(ByteView(answer).subspan(i, 1)).empty());
    }
    EXPECT_EQ(station_.kind, kApdu);
}

TEST_F(HdlcClientTest, NoiseWithoutEndIsNotAnAnswer) {
    connect();
    send(get_);
    (void)pulled();
    for (int i = 0; i < 200 && station_.kind != kFailed; ++i) {
        station_.now_ms += 1000;
        (void)station_.exchange(octets("A5"));
        station_.note(station_.client.poll(station_.now_ms));
        (void)pulled();
    }
    EXPECT_EQ(station_.kind, kFailed);
}

TEST_F(HdlcClientTest, RefusedByDm) {
    station_.client.connect(station_.now_ms);
    (void)pulled();
    EXPECT_EQ(turn(response(0x1F)), "");
    EXPECT_EQ(station_.failure, HdlcFailure::refused);
}

TEST_F(HdlcClientTest, DmOnALinkIsItsEnd) {
    connect();
    send(get_);
    (void)pulled();
    EXPECT_EQ(turn(response(0x1F)), "");
    EXPECT_EQ(station_.failure, HdlcFailure::link_lost);
    EXPECT_FALSE(station_.client.send(get_, station_.now_ms));
    connect();
}

TEST_F(HdlcClientTest, FrmrIsTheEndOfTheLink) {
    connect();
    send(get_);
    (void)pulled();
    EXPECT_EQ(turn(response(0x97, octets("100001"))), "");
    EXPECT_EQ(station_.failure, HdlcFailure::frame_rejected);
}

TEST_F(HdlcClientTest, ConfirmingWhatWasNeverSentIsTheEndOfTheLink) {
    connect();
    send(get_);
    (void)pulled();
    EXPECT_EQ(turn(response(0x71)), "");
    EXPECT_EQ(station_.failure, HdlcFailure::sequence_numbers);
}

TEST_F(HdlcClientTest, SendsAndReceivesSegments) {
    connect();
    const Octets apdu = testing::pattern(70);
    const Octets field = request(apdu);
    send(apdu);
    EXPECT_EQ(pulled(), command(0x10, ByteView(field).first(32), true));
    EXPECT_EQ(turn(response(0x31)), command(0x12, ByteView(field).subspan(32, 32), true));
    EXPECT_EQ(turn(response(0x51)), command(0x14, ByteView(field).subspan(64)));
    const Octets answer = testing::pattern(50, 9);
    const Octets back = with_llc(answer);
    EXPECT_EQ(turn(response(0x70, ByteView(back).first(32), true)), command(0x31));
    EXPECT_EQ(turn(response(0x72, ByteView(back).subspan(32))), "");
    EXPECT_EQ(station_.apdu, answer);
}

class HdlcClientWindowTest : public HdlcClientTest {
protected:
    HdlcClientWindowTest() : HdlcClientTest(small(3)) {}
};

TEST_F(HdlcClientWindowTest, SendsAWindowAndFillsAGap) {
    connect(3);
    const Octets apdu = testing::pattern(120);
    const Octets field = request(apdu);
    const ByteView out = field;
    send(apdu);
    EXPECT_EQ(pulled(), command(0x00, out.first(32), true) + command(0x02, out.subspan(32, 32), true) +
                            command(0x14, out.subspan(64, 32), true));
    EXPECT_EQ(turn(response(0x31)), command(0x02, out.subspan(32, 32), true) +
                                        command(0x04, out.subspan(64, 32), true) + command(0x16, out.subspan(96)));
    EXPECT_EQ(turn(response(0x79)), command(0x16, out.subspan(96)));  // REJ, N(R) = 3
    EXPECT_EQ(turn(response(0x90, with_llc(octets("C4")))), "");
    EXPECT_EQ(station_.kind, kApdu);
}

TEST_F(HdlcClientWindowTest, AsksForWhatIsMissingInAWindow) {
    connect(3);
    send(get_);
    (void)pulled();
    const Octets answer = testing::pattern(90);
    const Octets field = with_llc(answer);
    const ByteView in = field;
    EXPECT_EQ(turn(response(0x20, in.first(32), true)), "");
    EXPECT_EQ(turn(response(0x34, in.subspan(64))), command(0x31));  // 1 is missing: RR, N(R) = 1
    EXPECT_EQ(turn(response(0x22, in.subspan(32, 32), true)), "");
    EXPECT_EQ(turn(response(0x34, in.subspan(64))), "");
    EXPECT_EQ(station_.apdu, answer);
}

TEST_F(HdlcClientTest, ABusyServerIsAskedAgainAfterAPause) {
    connect();
    send(get_);
    (void)pulled();
    EXPECT_EQ(turn(response(0x35)), "");  // RNR: has the request, is not ready
    EXPECT_EQ(station_.client.next_timeout(), station_.now_ms + 50);
    EXPECT_EQ(to_hex(station_.expire()), command(0x11));
    EXPECT_EQ(turn(response(0x31)), "");  // RR: no answer yet
    EXPECT_EQ(to_hex(station_.expire()), command(0x11));
    EXPECT_EQ(turn(response(0x30, with_llc(octets("C4")))), "");
    EXPECT_EQ(station_.kind, kApdu);
    EXPECT_EQ(station_.client.repeats(), 0U);
}

TEST_F(HdlcClientTest, ButNotForEver) {
    connect();
    send(get_);
    (void)pulled();
    for (int i = 0; i < 5000 && station_.kind != kFailed; ++i) {
        (void)turn(response(0x35));
        (void)station_.expire();
    }
    EXPECT_EQ(station_.failure, HdlcFailure::too_busy);
}

TEST_F(HdlcClientTest, AnOldAnswerIsNotTakenForTheNew) {
    connect();
    send(get_);
    (void)pulled();
    const Octets first = response(0x30, with_llc(octets("C401")));
    EXPECT_EQ(turn(first), "");
    send(get_);
    EXPECT_EQ(pulled(), command(0x32, request(get_)));
    station_.kind = HdlcClientEventKind::none;
    EXPECT_EQ(turn(first), "");
    EXPECT_EQ(station_.kind, HdlcClientEventKind::none);
    EXPECT_EQ(turn(response(0x52, with_llc(octets("C402")))), "");
    EXPECT_EQ(station_.apdu, octets("C402"));
}

TEST_F(HdlcClientTest, AnAnswerLongerThanTheBuffer) {
    ClientStation station(small(), 40);
    station.client.connect(station.now_ms);
    (void)station.pull();
    (void)station.exchange(response(0x73, parameters(1)));
    ASSERT_TRUE(station.client.send(get_, station.now_ms));
    (void)station.pull();
    (void)station.exchange(response(0x30, with_llc(testing::pattern(29)), true));
    (void)station.exchange(response(0x32, testing::pattern(12)));
    EXPECT_EQ(station.failure, HdlcFailure::apdu_too_long);
}

TEST_F(HdlcClientTest, UaWithoutParametersMeansDefaults) {
    HdlcClientConfig config;
    config.server = {1, 0, 1};
    config.parameters = {512, 512, 7, 7};
    ClientStation station(config);
    station.client.connect(station.now_ms);
    (void)station.pull();
    (void)station.exchange(octets("7EA00721037301407E"));
    EXPECT_EQ(station.kind, HdlcClientEventKind::connected);
    EXPECT_EQ(station.client.parameters(), (hdlc::LinkParameters{128, 128, 1, 1}));
}

TEST_F(HdlcClientTest, TheServerMayAnswerUnderAnotherWidth) {
    for (const Address& source : {Address{1, 17, 4}, Address{1, 17, 2}, Address{1, 0, 1}}) {
        ClientStation station(small());
        station.client.connect(station.now_ms);
        (void)station.pull();
        (void)station.exchange(testing::frame(kClient, source, 0x73));
        EXPECT_EQ(station.kind, HdlcClientEventKind::connected);
    }
    for (const Address& source : {Address{1, 18, 4}, Address{2, 17, 2}, Address{2, 0, 1}}) {
        ClientStation station(small());
        station.client.connect(station.now_ms);
        (void)station.pull();
        (void)station.exchange(testing::frame(kClient, source, 0x73));
        EXPECT_EQ(station.kind, HdlcClientEventKind::none);
    }
}

TEST_F(HdlcClientTest, FramesForOthersAreNotOurs) {
    station_.client.connect(station_.now_ms);
    (void)pulled();
    EXPECT_EQ(turn(testing::frame(Address::client(1), kServer, 0x73)), "");
    EXPECT_EQ(station_.kind, HdlcClientEventKind::none);
}

TEST_F(HdlcClientTest, EchoesAreDropped) {
    HdlcClientConfig config;
    // Both ends have the same address octet: an echo looks like an answer.
    config.server = {1, 0, 1};
    config.client_sap = 1;
    config.propose_parameters = false;
    config.line_echoes = true;
    const Address one = Address::client(1);
    ClientStation station(config);
    station.client.connect(station.now_ms);
    EXPECT_TRUE(station.exchange(station.pull()).empty());
    (void)station.exchange(testing::frame(one, one, 0x73));
    EXPECT_EQ(station.kind, HdlcClientEventKind::connected);
    ASSERT_TRUE(station.client.send(get_, station.now_ms));
    EXPECT_TRUE(station.exchange(station.pull()).empty());
    EXPECT_EQ(station.kind, HdlcClientEventKind::connected);
    const Octets poll = station.expire();
    EXPECT_EQ(poll, testing::frame(one, one, 0x11));
    EXPECT_TRUE(station.exchange(poll).empty());
    const Octets again = station.exchange(poll);  // the server's RR has the very same octets
    EXPECT_EQ(again, testing::frame(one, one, 0x10, request(get_)));
    EXPECT_TRUE(station.exchange(again).empty());
    (void)station.exchange(testing::frame(one, one, 0x30, with_llc(octets("C4"))));
    EXPECT_EQ(station.kind, kApdu);
}

TEST_F(HdlcClientTest, DisconnectEndsEvenWithoutAnAnswer) {
    for (const int answer : {0x73, 0x1F, 0}) {
        connect();
        station_.client.disconnect(station_.now_ms);
        EXPECT_EQ(pulled(), command(0x53));
        if (answer != 0) {
            EXPECT_EQ(turn(response(static_cast<std::uint8_t>(answer))), "");
        } else {
            for (int i = 0; i < 4; ++i) (void)station_.expire();
        }
        EXPECT_EQ(station_.kind, HdlcClientEventKind::disconnected);
        EXPECT_EQ(station_.client.next_timeout(), std::nullopt);
    }
}

TEST_F(HdlcClientTest, NotificationsComeInAnyState) {
    const Octets push = response(0x13, with_llc(octets("0F01")));
    EXPECT_EQ(turn(push), "");
    EXPECT_EQ(station_.kind, HdlcClientEventKind::notification);
    EXPECT_EQ(turn(response(0x10, with_llc(octets("0F02")))), "");  // some meters push with the control octet of I
    EXPECT_EQ(station_.apdu, octets("0F02"));
    connect();
    send(get_);
    (void)pulled();
    EXPECT_EQ(turn(push), "");
    EXPECT_EQ(station_.apdu, octets("0F01"));
    EXPECT_EQ(turn(response(0x30, with_llc(octets("C4")))), "");
    EXPECT_EQ(station_.kind, kApdu);
}

TEST_F(HdlcClientTest, OneRequestAtATime) {
    EXPECT_FALSE(station_.client.send(get_, station_.now_ms));
    connect();
    EXPECT_FALSE(station_.client.send({}, station_.now_ms));
    send(get_);
    EXPECT_FALSE(station_.client.send(get_, station_.now_ms));
}

}  // namespace
}  // namespace ferraris::dlms
