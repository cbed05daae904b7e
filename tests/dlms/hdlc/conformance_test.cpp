/// The HDLC cases of the public DLMS UA conformance plan, by their names.
#include <gtest/gtest.h>

#include "base/crc.hpp"
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

constexpr std::uint8_t kSnrm = 0x93;
constexpr std::uint8_t kDisc = 0x53;
const std::string kUa = response(0x73);
const std::string kDm = response(0x1F);
// 05 01 80 | 06 01 80 | 07 04 00000001 | 08 04 00000001
const std::string kUaDefaults = response(0x73, octets("818012050180060180070400000001080400000001"));

const Octets kAarq = octets("E6E600601DA109060760857405080101BE10040E01000000065F1F0400001E1DFFFF");
const Octets kAare = octets("6129A109060760857405080101A203020100A305A103020100BE10040E0800065F1F0400001E1D04C80007");

class HdlcConformance : public ::testing::Test {
protected:
    std::string turn(const Octets& in) { return to_hex(station_.exchange(in)); }
    void connect() { ASSERT_EQ(turn(command(kSnrm)), kUaDefaults); }
    void expect_disconnected() { EXPECT_EQ(turn(command(kDisc)), kDm); }
    void expect_silence(const Octets& in) { EXPECT_EQ(turn(in), ""); }

    ServerStation station_;
};

TEST_F(HdlcConformance, HDLC_FRAME_P1) {
    expect_disconnected();
    connect();
    EXPECT_EQ(turn(command(0x11)), response(0x11));  // RR, N(R) = 0, F = 1
    EXPECT_EQ(turn(command(kDisc)), kUa);
    expect_disconnected();
}

TEST_F(HdlcConformance, HDLC_FRAME_P2) {
    connect();
    const Octets rr = command(0x11);
    expect_silence(Octets(rr.begin(), rr.begin() + 5));
    station_.now_ms += 26;
    EXPECT_EQ(turn(rr), response(0x11));
}

TEST_F(HdlcConformance, HDLC_FRAME_P3) {
    connect();
    station_.now_ms += 119'999;
    EXPECT_EQ(turn(command(0x11)), response(0x11));
    station_.now_ms += 120'000;
    expect_disconnected();
    EXPECT_EQ(station_.events.back().kind, HdlcServerEventKind::disconnected);
}

TEST_F(HdlcConformance, HDLC_FRAME_N1) {
    const Octets snrm = command(kSnrm);
    const auto pause = [this] { station_.now_ms += 1000; };
    expect_silence(Octets(snrm.begin() + 1, snrm.end()));
    pause();
    expect_disconnected();
    pause();
    expect_silence(Octets(snrm.begin() + 1, snrm.end()));  // nor does the flag that closed the last frame open this
    pause();
    expect_silence(Octets(snrm.begin(), snrm.end() - 1));
    pause();
    expect_disconnected();
    pause();
    expect_silence(Octets(snrm.begin() + 1, snrm.end() - 1));
    pause();
    expect_disconnected();
}

TEST_F(HdlcConformance, HDLC_FRAME_N2) {
    expect_silence(octets("7EA00502237E"));
    expect_silence(octets("7EA0032193047E"));
    connect();
}

TEST_F(HdlcConformance, HDLC_FRAME_N3) {
    for (unsigned type = 0; type < 16; ++type) {
        if (type == 0xA) continue;
        Octets snrm = command(kSnrm);
        snrm[1] = static_cast<std::uint8_t>(type << 4U);
        expect_silence(snrm);
        station_.now_ms += 1000;
        expect_disconnected();
    }
}

TEST_F(HdlcConformance, HDLC_FRAME_N4) {
    for (const int error : {-1, 1, 2, 100}) {
        Octets snrm = command(kSnrm);
        snrm[2] = static_cast<std::uint8_t>(snrm[2] + error);
        expect_silence(snrm);
        station_.now_ms += 1000;
        expect_disconnected();
    }
}

TEST_F(HdlcConformance, HDLC_FRAME_N5) {
    connect();
    // FRMR: control FF rejected | V(R) = 0, V(S) = 0 | W
    EXPECT_EQ(turn(command(0xFF)), response(0x97, octets("FF0001")));
    EXPECT_EQ(turn(command(0x11)), response(0x97, octets("FF0001")));  // until the link is set up anew or ended
    EXPECT_EQ(turn(command(kDisc)), kUa);
    expect_disconnected();
    connect();
    EXPECT_EQ(turn(command(0x11)), response(0x11));
}

TEST_F(HdlcConformance, HDLC_FRAME_N7) {
    connect();
    Octets aarq = command(0x10, kAarq);
    aarq[7] ^= 0xFF;
    expect_silence(aarq);
    EXPECT_EQ(turn(command(0x11)), response(0x11));
}

TEST_F(HdlcConformance, HDLC_FRAME_N8) {
    connect();
    Octets aarq = command(0x10, kAarq);
    aarq[aarq.size() - 2] ^= 0xFF;
    expect_silence(aarq);
    EXPECT_EQ(turn(command(0x11)), response(0x11));
}

TEST_F(HdlcConformance, HDLC_ADDRESS_P1) {
    for (const Address& server : {Address{1, 0, 1}, Address{1, 17, 2}, Address{1, 17, 4}}) {
        for (std::uint16_t client = 1; client < 128; ++client) {
            ServerStation station;
            const Address source = Address::client(static_cast<std::uint8_t>(client));
            const Octets ua = station.exchange(testing::frame(server, source, kSnrm));
            EXPECT_EQ(to_hex(ua), to_hex(testing::frame(source, server, 0x73,
                                                        octets("818012050180060180070400000001080400000001"))));
            EXPECT_EQ(station.client_sap, client);
            EXPECT_EQ(station.server_sap, 1);
        }
    }
}

TEST_F(HdlcConformance, HDLC_ADDRESS_N1) {
    expect_silence(testing::frame(kServer, {0, 16, 2}, kSnrm));
    expect_disconnected();
}

TEST_F(HdlcConformance, HDLC_ADDRESS_N4) {
    expect_silence(testing::frame({1, 18, 2}, kClient, kSnrm));
    expect_silence(testing::frame({2, 17, 2}, kClient, kSnrm));
    expect_silence(testing::frame({0, 17, 2}, kClient, kSnrm));
    expect_silence(testing::frame({1, 0, 2}, kClient, kSnrm));
    expect_silence(testing::frame({1, 0x7E, 2}, kClient, kSnrm));
    expect_silence(testing::frame(kServer, {0, 0, 1}, kSnrm));
    expect_disconnected();
}

TEST_F(HdlcConformance, HDLC_ADDRESS_N6) {
    HdlcServerConfig config = ServerStation::defaults();
    config.address_widths = 2 + 4;
    ServerStation station(config);
    EXPECT_TRUE(station.exchange(testing::frame({1, 0, 1}, kClient, kSnrm)).empty());
    EXPECT_EQ(to_hex(station.exchange(command(kSnrm))), kUaDefaults);
}

TEST_F(HdlcConformance, HDLC_ADDRESS_N7) {
    // Check sequences are right: only the addresses are not.
    const auto with_checks = [](Octets frame) {
        const std::uint16_t fcs = crc16_x25(frame);
        frame.push_back(static_cast<std::uint8_t>(fcs & 0xFFU));
        frame.push_back(static_cast<std::uint8_t>(fcs >> 8U));
        frame.insert(frame.begin(), 0x7E);
        frame.push_back(0x7E);
        return frame;
    };
    expect_silence(with_checks(octets("A0090202232193")));
    expect_silence(with_checks(octets("A00B02000200232193")));
    station_.now_ms += 1000;
    expect_disconnected();
}

TEST_F(HdlcConformance, HDLC_NDM2NRM_P1) {
    // 05 02 07EE | 06 02 07EE
    const Octets proposal = octets("818014050207EE060207EE070400000001080400000001");
    EXPECT_EQ(turn(command(kSnrm, proposal)), kUaDefaults);
    HdlcServerConfig config = ServerStation::defaults();
    config.parameters = {4000, 4000, 1, 1};
    ServerStation generous(config);
    EXPECT_EQ(to_hex(generous.exchange(command(kSnrm, proposal))), response(0x73, proposal));
}

TEST_F(HdlcConformance, HDLC_NDM2NRM_P2) {
    HdlcServerConfig config = ServerStation::defaults();
    config.parameters = {128, 128, 7, 7};
    for (std::uint8_t window = 1; window <= 7; ++window) {
        Octets field = octets("818012050180060180070400000001080400000001");
        field[14] = field[20] = window;
        ServerStation station(config);
        EXPECT_EQ(to_hex(station.exchange(command(kSnrm, field))), response(0x73, field));
        EXPECT_EQ(station.server.parameters().window_transmit, window);
    }
}

TEST_F(HdlcConformance, HDLC_INFO_P1) {
    station_.answer = kAare;
    connect();
    Octets answer = octets("E6E700");
    answer.insert(answer.end(), kAare.begin(), kAare.end());
    EXPECT_EQ(turn(command(0x10, kAarq)), response(0x30, answer));
    // The same in two segments: RR after the first.
    const ByteView aarq = kAarq;
    EXPECT_EQ(turn(command(0x32, aarq.first(16), true)), response(0x51));
    EXPECT_EQ(turn(command(0x34, aarq.subspan(16))), response(0x72, answer));
    EXPECT_EQ(to_hex(station_.events.back().apdu), to_hex(aarq.subspan(3)));
}

TEST_F(HdlcConformance, HDLC_INFO_N1) {
    connect();
    // FRMR: control 10 rejected | V(R) = 0, V(S) = 0 | Y
    EXPECT_EQ(turn(command(0x10, Octets(129, 0xE6))), response(0x97, octets("100004")));
    EXPECT_EQ(station_.events.size(), 1U);
    connect();
    EXPECT_EQ(turn(command(0x11)), response(0x11));
}

TEST_F(HdlcConformance, HDLC_INFO_N2) {
    connect();
    // FRMR: control 70 (N(R) = 3) rejected | V(R) = 0, V(S) = 0 | Z
    EXPECT_EQ(turn(command(0x70, kAarq)), response(0x97, octets("700008")));
    EXPECT_EQ(station_.events.size(), 1U);
    connect();
}

TEST_F(HdlcConformance, HDLC_INFO_N3) {
    connect();
    EXPECT_EQ(turn(command(0x12, kAarq)), response(0x11));
    EXPECT_EQ(station_.events.size(), 1U);
    station_.answer = kAare;
    EXPECT_NE(turn(command(0x10, kAarq)), "");
    EXPECT_EQ(station_.events.back().kind, HdlcServerEventKind::apdu);
}

TEST_F(HdlcConformance, HDLC_NDMOP_N1) {
    EXPECT_EQ(turn(command(0x10, kAarq)), kDm);
    expect_silence(command(0x00, kAarq));
    EXPECT_TRUE(station_.events.empty());
}

}  // namespace
}  // namespace ferraris::dlms
