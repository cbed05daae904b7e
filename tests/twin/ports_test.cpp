/// The sockets of a virtual meter, as clients good and bad would use them.
#include "twin/ports.hpp"

#include <gtest/gtest.h>

#include <boost/asio.hpp>
#include <mutex>
#include <thread>

#include "base/hex.hpp"
#include "crypto/openssl.hpp"
#include "meter/meter.hpp"
#include "twin/flash_memory.hpp"
#include "twin/test_factory.hpp"

namespace ferraris::twin {
namespace {

namespace asio = boost::asio;
using asio::ip::tcp;
using asio::ip::udp;

// Wrapper: version 1, source 16 (public client), destination 1, length 31; AARQ without security.
const std::string kPortAssociate = "000100100001001F601DA109060760857405080101BE10040E01000000065F1F0400FFFFFFFFFF";
// GET of the logical device name, 0-0:42.0.0*255.
const std::string kGetName = "000100100001000DC001C1000100002A0000FF0200";
const std::string kName =
    "0001000100100016C401C1000910" + to_hex(ByteView(reinterpret_cast<const std::uint8_t*>("FRS0000000000001"), 16));

class PortsTest : public ::testing::Test {
protected:
    explicit PortsTest(std::int64_t inactivity_timeout_s = 60)
        : ports_(io_, meter_, *crypto_,
                 {.inactivity_timeout_s = inactivity_timeout_s,
                  .max_connections = 120,
                  .before_request = [this] { ++requests_; }},
                 [this](const std::string& line) {
                     const std::lock_guard lock(log_mutex_);
                     log_.push_back(line);
                 }) {}

    void SetUp() override {
        ASSERT_TRUE(meter_.start(UtcTime::from_seconds(1'780'000'000)));
        port_ = ports_.listen_wrapper({"127.0.0.1", 0});
        hdlc_port_ = ports_.listen_hdlc({"127.0.0.1", 0});
        thread_ = std::thread([this] { io_.run(); });
    }
    void TearDown() override {
        asio::post(io_, [this] { ports_.close(); });
        thread_.join();
    }

    tcp::socket connect(std::uint16_t port) {
        tcp::socket socket(client_io_);
        socket.connect({asio::ip::address_v4::loopback(), port});
        return socket;
    }
    static void send(tcp::socket& socket, const std::string& hex) { asio::write(socket, asio::buffer(*from_hex(hex))); }
    static std::string receive(tcp::socket& socket, std::size_t count) {
        std::vector<std::uint8_t> octets(count);
        boost::system::error_code error;
        octets.resize(asio::read(socket, asio::buffer(octets), error));
        return to_hex(octets);
    }
    /// Associates and reads the name.
    static std::string name_through(tcp::socket& socket) {
        send(socket, kPortAssociate);
        if (receive(socket, 8 + 43).substr(16, 2) != "61") return "not associated";
        send(socket, kGetName);
        return receive(socket, 8 + 22);
    }

    /// Waits for a line that contains `part`.
    bool logged(const std::string& part) {
        for (int i = 0; i < 200; ++i) {
            {
                const std::lock_guard lock(log_mutex_);
                for (const std::string& line : log_) {
                    if (line.find(part) != std::string::npos) return true;
                }
            }
            std::this_thread::sleep_for(std::chrono::milliseconds(10));
        }
        return false;
    }

    std::mutex log_mutex_;
    std::vector<std::string> log_;
    std::unique_ptr<Crypto> crypto_ = make_openssl_crypto();
    FlashMemory flash_{meter::kFlashSectors, meter::kSectorSize};
    meter::Meter meter_{flash_, *crypto_, meter::MeterIdentity::from_serial_number(1), test_factory_settings()};
    int requests_{0};  ///< of the sockets' thread
    asio::io_context io_{1};
    Ports ports_;
    std::thread thread_;
    asio::io_context client_io_;
    std::uint16_t port_{0};
    std::uint16_t hdlc_port_{0};
};

TEST_F(PortsTest, ManyClientsAtOnce) {
    std::vector<tcp::socket> sockets;
    for (int i = 0; i < 100; ++i) sockets.push_back(connect(port_));
    for (auto& socket : sockets) send(socket, kPortAssociate);
    for (auto& socket : sockets) EXPECT_EQ(receive(socket, 51).substr(16, 2), "61");
    for (auto& socket : sockets) send(socket, kGetName);
    for (auto& socket : sockets) EXPECT_EQ(receive(socket, 30), kName);
}

TEST_F(PortsTest, TellsTheDeviceTheTimeBeforeEachRequest) {
    auto socket = connect(port_);
    EXPECT_EQ(name_through(socket), kName);
    TearDown();
    EXPECT_EQ(requests_, 2);
    thread_ = std::thread([] {});
}

TEST_F(PortsTest, PiecesAndPacksOfOctets) {
    auto socket = connect(port_);
    for (std::size_t i = 0; i < kPortAssociate.size(); i += 2) send(socket, kPortAssociate.substr(i, 2));
    EXPECT_EQ(receive(socket, 51).substr(16, 2), "61");
    send(socket, kGetName + kGetName + kGetName);
    EXPECT_EQ(receive(socket, 90), kName + kName + kName);
}

TEST_F(PortsTest, WhatIsNoWrapperClosesTheConnectionAndNothingElse) {
    auto good = connect(port_);
    auto bad = connect(port_);
    send(bad, "474554202F20485454502F312E310D0A");  // GET / HTTP/1.1
    EXPECT_EQ(receive(bad, 1), "");
    EXPECT_EQ(name_through(good), kName);
}

TEST_F(PortsTest, AnAssociationEndsWithItsConnection) {
    {
        auto first = connect(port_);
        EXPECT_EQ(name_through(first), kName);
    }
    auto second = connect(port_);
    send(second, kGetName);
    EXPECT_EQ(receive(second, 11), "0001000100100003D80101");
}

class ImpatientPortsTest : public PortsTest {
protected:
    ImpatientPortsTest() : PortsTest(1) {}
};

TEST_F(ImpatientPortsTest, SilentAndStuckConnectionsAreClosed) {
    auto silent = connect(port_);
    auto half = connect(port_);
    send(half, kPortAssociate.substr(0, 20));
    EXPECT_EQ(receive(silent, 1), "") << "closed after the inactivity timeout";
    EXPECT_EQ(receive(half, 1), "");
}

TEST_F(PortsTest, UdpOnTheSamePort) {
    udp::socket socket(client_io_, udp::v4());
    const udp::endpoint meter(asio::ip::address_v4::loopback(), port_);
    std::array<std::uint8_t, 256> buffer{};
    udp::endpoint from;
    const auto ask = [&](const std::string& hex) {
        socket.send_to(asio::buffer(*from_hex(hex)), meter);
        return to_hex(ByteView(buffer).first(socket.receive_from(asio::buffer(buffer), from)));
    };
    socket.send_to(asio::buffer(*from_hex("0002001000010001FF")), meter);  // version 2: dropped
    EXPECT_EQ(ask(kGetName), "0001000100100003D80101") << "no association yet";
    EXPECT_EQ(ask(kPortAssociate).substr(16, 2), "61");
    EXPECT_EQ(ask(kGetName), kName);
    udp::socket other(client_io_, udp::v4());
    other.send_to(asio::buffer(*from_hex(kGetName)), meter);
    EXPECT_EQ(to_hex(ByteView(buffer).first(other.receive_from(asio::buffer(buffer), from))), "0001000100100003D80101")
        << "another peer has no part in it";
}

/// A sender of datagrams never says good-bye: who was silent longest makes room.
TEST_F(PortsTest, MoreUdpSendersThanPeersAreAllAnswered) {
    const udp::endpoint meter(asio::ip::address_v4::loopback(), port_);
    std::array<std::uint8_t, 256> buffer{};
    udp::endpoint from;
    std::vector<udp::socket> senders;
    for (int i = 0; i < 130; ++i) {
        udp::socket& sender = senders.emplace_back(client_io_, udp::v4());
        sender.send_to(asio::buffer(*from_hex(kPortAssociate)), meter);
        const std::size_t count = sender.receive_from(asio::buffer(buffer), from);
        ASSERT_EQ(to_hex(ByteView(buffer).first(count)).substr(16, 2), "61") << i;
    }
    senders.back().send_to(asio::buffer(*from_hex(kGetName)), meter);
    EXPECT_EQ(to_hex(ByteView(buffer).first(senders.back().receive_from(asio::buffer(buffer), from))), kName);
    senders.front().send_to(asio::buffer(*from_hex(kGetName)), meter);
    EXPECT_EQ(to_hex(ByteView(buffer).first(senders.front().receive_from(asio::buffer(buffer), from))),
              "0001000100100003D80101")
        << "its association made room";
}

TEST_F(PortsTest, HdlcConnectsAndAnswers) {
    auto socket = connect(hdlc_port_);
    send(socket, "7EA00802232193BD647E");
    const std::string head = receive(socket, 7);
    EXPECT_EQ(head.substr(0, 2), "7E");
    EXPECT_EQ(head.substr(6), "21022373") << "to client 16, from 1/17, UA";
}

// vectors_hdlc.json, snrm-2b-addr: server 1/17, client 16
const std::string kHdlcConnect = "7EA00802232193BD647E";

TEST_F(PortsTest, HdlcOverUdpOnTheSamePort) {
    udp::socket socket(client_io_, udp::v4());
    const udp::endpoint meter(asio::ip::address_v4::loopback(), hdlc_port_);
    std::array<std::uint8_t, 256> buffer{};
    udp::endpoint from;
    const auto ask = [&](const std::string& hex) {
        socket.send_to(asio::buffer(*from_hex(hex)), meter);
        return to_hex(ByteView(buffer).first(socket.receive_from(asio::buffer(buffer), from)));
    };
    socket.send_to(asio::buffer(*from_hex("0001001000010001FF")), meter);
    EXPECT_EQ(ask(kHdlcConnect).substr(6, 8), "21022373") << "to client 16, from 1/17, UA";
    EXPECT_TRUE(logged("dropped a datagram: it is no HDLC frame"));
    udp::socket other(client_io_, udp::v4());
    other.send_to(asio::buffer(*from_hex("7EA00802232153B1A27E")), meter);  // DISC without a link
    EXPECT_EQ(to_hex(ByteView(buffer).first(other.receive_from(asio::buffer(buffer), from))).substr(6, 8), "2102231F")
        << "DM: another peer has no part in the link";
}

TEST_F(PortsTest, EveryFrameThatIsDroppedOrRefusedIsLogged) {
    struct Case {
        const char* octets;
        const char* line;
    };
    const Case cases[] = {
        {"7EA00802232193BD657E", "dropped a frame: its frame check sequence is wrong"},
        {"7EA00F02232110F2E30102030405EB617E", "dropped a frame: its header check sequence is wrong"},
        {"7EB00802232193BD647E", "dropped a frame: it is not of type 3"},
        {"7EA00302232193BD647E", "dropped a frame: its length is impossible"},
        {"7EA0080225219364B27E", "left a frame alone: it is for another address"},  // physical device 18
        {"7EA00802232111A7C37E", "refused a frame: there is no HDLC link"},         // RR
        {"7EA00802232153B1A27E", "refused a DISC: there is no HDLC link"},
        {"474554202F", "skipped octets outside of any frame"},
        // The rest after SNRM without parameters: information fields of 128 octets.
        {"7EA01002232193DD8A818014050280E7377E", "took the parameters of an SNRM for none: they are malformed"},
        {"7EA00802232193BD647E7EA008022321FFD7CD7E", "refused a frame (FRMR): its control field is unknown"},
        {"7EA00802232193BD647E7EA00802232171A1A07E", "refused a frame (FRMR): it confirms what was never sent"},
        {"7EA00802232193BD647E7EA00F02232110F2E20102030405EB617E", "refused a frame: it begins no APDU"},
        {"7EA00802232193BD647E7EA00E0223211AEC46E6E600C0EB117E", "refused a frame: its number is not the next one"},
    };
    for (const Case& one : cases) {
        auto socket = connect(hdlc_port_);
        send(socket, one.octets);
        EXPECT_TRUE(logged(one.line)) << one.octets;
    }
    auto socket = connect(hdlc_port_);
    std::string long_field = "7EA0D5022321106D51E6E600";
    for (int i = 0; i < 200; ++i) long_field += "00";
    send(socket, kHdlcConnect + long_field + "9DD37E");
    EXPECT_TRUE(logged("refused a frame (FRMR): its information field is longer than agreed"));
}

TEST_F(PortsTest, AMessageThatACloseCutsOffIsLogged) {
    for (const std::uint16_t port : {port_, hdlc_port_}) {
        auto socket = connect(port);
        const std::string peer = "127.0.0.1:" + std::to_string(socket.local_endpoint().port());
        send(socket, port == port_ ? kPortAssociate.substr(0, 40) : kHdlcConnect.substr(0, 12));
        socket.close();
        EXPECT_TRUE(logged(peer + ": the connection ended in the middle of a message"));
    }
    auto good = connect(port_);
    EXPECT_EQ(name_through(good), kName);
    good.close();
    auto garbage = connect(port_);
    send(garbage, "474554202F20485454502F312E310D0A");  // GET / HTTP/1.1
    EXPECT_TRUE(logged("closed: what it sent is no wrapper PDU"));
    auto over_long = connect(port_);
    send(over_long, "000100100001FFFF");
    EXPECT_TRUE(logged("closed: its wrapper PDU is longer than the meter takes"));
    const std::lock_guard lock(log_mutex_);
    EXPECT_EQ(log_.size(), 4U) << "and nothing else is worth a line";
}

TEST_F(PortsTest, AFloodOfBadFramesIsCounted) {
    auto socket = connect(hdlc_port_);
    std::string flood;
    for (int i = 0; i < 1000; ++i) flood += "7EA00802232193BD657E";
    send(socket, flood + kHdlcConnect);
    EXPECT_EQ(receive(socket, 7).substr(6), "21022373") << "the link is as usable as before";
    asio::post(io_, [this] { ports_.close(); });
    EXPECT_TRUE(logged("its frame check sequence is wrong: 999 more"));
    const std::lock_guard lock(log_mutex_);
    EXPECT_EQ(log_.size(), 2U);
}

TEST_F(PortsTest, AnApduForAnotherLogicalDeviceIsLogged) {
    auto socket = connect(port_);
    send(socket, "000100100002000DC001C1000100002A0000FF0200");
    EXPECT_TRUE(logged("dropped an APDU for a logical device that is not here (server 2)"));
    send(socket, "000100100001000CE60103313233C001C1000100");
    EXPECT_TRUE(logged("refused an APDU: the gateway knows no such device"));
    EXPECT_EQ(receive(socket, 17).substr(28), "D80101");
    EXPECT_EQ(name_through(socket), kName) << "and the connection goes on";
}

TEST_F(PortsTest, ABusyPortIsSaid) {
    asio::io_context io;
    Ports second(io, meter_, *crypto_, {}, [](const std::string&) {});
    try {
        (void)second.listen_wrapper({"127.0.0.1", port_});
        FAIL() << "two meters on one port";
    } catch (const std::runtime_error& error) {
        EXPECT_NE(std::string(error.what()).find("choose another port"), std::string::npos) << error.what();
    }
    EXPECT_THROW((void)second.listen_wrapper({"meter.example", 0}), std::runtime_error);
    second.close();
    io.run();
}

}  // namespace
}  // namespace ferraris::twin
