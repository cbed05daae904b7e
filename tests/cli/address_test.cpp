#include "cli/address.hpp"

#include <gtest/gtest.h>

#include "cli/error.hpp"

namespace ferraris::cli {
namespace {

std::string complaint(std::string_view text) {
    try {
        (void)parse_address(text);
    } catch (const CliError& error) {
        return error.what();
    }
    return "";
}

TEST(Address, TakesEveryTransport) {
    const Address tcp = parse_address("tcp://127.0.0.1:4059");
    EXPECT_EQ(tcp.transport, Transport::tcp_wrapper);
    EXPECT_EQ(tcp.host, "127.0.0.1");
    EXPECT_EQ(tcp.port, 4059);
    EXPECT_EQ(tcp.server_sap, 1);
    EXPECT_EQ(parse_address("udp://meter.example").transport, Transport::udp_wrapper);
    EXPECT_EQ(parse_address("hdlc+tcp://10.0.0.5").transport, Transport::tcp_hdlc);
    EXPECT_EQ(parse_address("hdlc+udp://10.0.0.5?physical=17").transport, Transport::udp_hdlc);
    const Address serial = parse_address("hdlc+serial:///dev/ttyUSB0?baud=19200&line=7E1");
    EXPECT_EQ(serial.transport, Transport::serial_hdlc);
    EXPECT_EQ(serial.host, "/dev/ttyUSB0");
    EXPECT_EQ(serial.baud, 19200U);
    EXPECT_EQ(serial.line, "7E1");
}

TEST(Address, HasTheRegisteredPortsAsDefaults) {
    EXPECT_EQ(parse_address("tcp://meter").port, 4059);
    EXPECT_EQ(parse_address("udp://meter").port, 4059);
    EXPECT_EQ(parse_address("hdlc+tcp://meter").port, 4060);
    EXPECT_EQ(parse_address("hdlc+udp://meter").port, 4060);
    EXPECT_EQ(parse_address("hdlc+serial:///dev/ttyS0").baud, 9600U);
}

TEST(Address, TakesServerPhysicalAndSize) {
    const Address address = parse_address("hdlc+tcp://meter:4060/?server=1&physical=17&address-size=4");
    EXPECT_EQ(address.server_sap, 1);
    EXPECT_EQ(address.physical, 17);
    EXPECT_EQ(address.address_size, 4);
}

TEST(Address, TakesAnIpv6AddressInBrackets) {
    const Address address = parse_address("tcp://[::1]:4059");
    EXPECT_EQ(address.host, "::1");
    EXPECT_EQ(address.port, 4059);
    EXPECT_EQ(address.text(), "tcp://[::1]:4059");
}

TEST(Address, ReadsItsOwnText) {
    for (const char* const text :
         {"tcp://127.0.0.1:4059", "udp://meter:4059?server=2", "hdlc+tcp://meter:4060?physical=17&address-size=4",
          "hdlc+serial:///dev/ttyUSB0?baud=300&line=7E1&server=16"}) {
        EXPECT_EQ(parse_address(text).text(), text);
    }
}

TEST(Address, SaysWhatIsWrong) {
    EXPECT_NE(complaint("127.0.0.1:4059").find("does not start with tcp://"), std::string::npos);
    EXPECT_NE(complaint("ftp://meter").find("\"ftp\" is no known way"), std::string::npos);
    EXPECT_NE(complaint("tcp://").find("host is missing"), std::string::npos);
    EXPECT_NE(complaint("tcp://meter:").find("port is missing"), std::string::npos);
    EXPECT_NE(complaint("tcp://meter:70000").find("from 1 to 65535"), std::string::npos);
    EXPECT_NE(complaint("tcp://meter:40x9").find("\"40x9\""), std::string::npos);
    EXPECT_NE(complaint("tcp://::1").find("brackets"), std::string::npos);
    EXPECT_NE(complaint("tcp://[::1").find("not closed"), std::string::npos);
    EXPECT_NE(complaint("tcp://meter?physical=3").find("no parameter \"physical\""), std::string::npos);
    EXPECT_NE(complaint("hdlc+tcp://meter?address-size=3").find("1, 2 or 4"), std::string::npos);
    EXPECT_NE(complaint("hdlc+tcp://meter?address-size=1&physical=17").find("no room"), std::string::npos);
    EXPECT_NE(complaint("hdlc+tcp://meter?address-size=2&server=200").find("at most 127"), std::string::npos);
    EXPECT_NE(complaint("hdlc+serial://ttyUSB0").find("device is missing"), std::string::npos);
    EXPECT_NE(complaint("hdlc+serial:///dev/ttyS0?baud=1234").find("baud is one of"), std::string::npos);
}

}  // namespace
}  // namespace ferraris::cli
