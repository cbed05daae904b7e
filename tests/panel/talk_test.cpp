#include "panel/talk.hpp"

#include <gtest/gtest.h>

#include <vector>

#include "base/hex.hpp"

namespace ferraris::panel {
namespace {

using What = twin::Heard::What;

class TalkTest : public ::testing::Test {
protected:
    void hear(What what, std::string_view peer, const std::vector<std::uint8_t>& octets, std::string_view text = {}) {
        talk_.hear({what, peer, octets, text});
    }
    static std::vector<std::uint8_t> octets(std::string_view text) { return {text.begin(), text.end()}; }

    std::vector<TalkLine> lines_;
    Talk talk_{[this](const TalkLine& line) { lines_.push_back(line); }};
};

TEST_F(TalkTest, KnowsThePortsByTheNamesOfTheirPeers) {
    EXPECT_EQ(port_of_peer("127.0.0.1:50123"), TalkPort::network);
    EXPECT_EQ(port_of_peer("line /dev/ttyUSB0"), TalkPort::optical);
    EXPECT_EQ(port_of_peer("RS485 build/bus"), TalkPort::rs485);
    EXPECT_EQ(port_of_peer("module port pty"), TalkPort::module);
    EXPECT_EQ(name_of(TalkPort::rs485), "rs485");
}

TEST_F(TalkTest, SaysWhatAnApduIsAndWhatBecameOfIt) {
    // get-request-normal(1) invoke-id C1, class 3, 1-0:1.8.0*255, attribute 2, no selection.
    hear(What::request, "127.0.0.1:50123", *from_hex("C001C1 0003 0100010800FF 02 00"));
    // A-XDR: long64-unsigned 1234.
    hear(What::access, {}, *from_hex("15 00000000000004D2"), "GET 1-0:1.8.0*255:2, success");
    ASSERT_EQ(lines_.size(), 2U);
    EXPECT_EQ(lines_[0].from, TalkLine::From::client);
    EXPECT_EQ(lines_[0].octets, 13U);
    EXPECT_NE(lines_[0].text.find("get-request-normal"), std::string::npos) << lines_[0].text;
    EXPECT_NE(lines_[0].text.find("1-0:1.8.0"), std::string::npos) << lines_[0].text;
    EXPECT_EQ(lines_[1].from, TalkLine::From::inside);
    EXPECT_EQ(lines_[1].peer, "127.0.0.1:50123");
    EXPECT_EQ(lines_[1].text, "GET 1-0:1.8.0*255:2, success: 1234");
}

TEST_F(TalkTest, PutsCharactersTogetherAndKeepsPasswords) {
    for (const std::string_view piece : {"/", "?", "!\r", "\n"}) hear(What::characters_in, "line pty", octets(piece));
    hear(What::characters_out, "line pty", octets("/FRS5FERRARIS1P\r\n"));
    hear(What::characters_in, "line pty", octets("\x01P1\x02(12345678)\x03\x60"));
    hear(What::characters_out, "line pty", octets("\x06"));
    hear(What::characters_in, "line pty", octets("\x01"));
    ASSERT_EQ(lines_.size(), 4U);
    EXPECT_EQ(lines_[0].text, "/?!");
    EXPECT_EQ(lines_[0].port, TalkPort::optical);
    EXPECT_EQ(lines_[1].text, "/FRS5FERRARIS1P");
    EXPECT_EQ(lines_[2].text, "<SOH>P1<STX>(...)");
    EXPECT_EQ(lines_[3].text, "<ACK>");
}

TEST_F(TalkTest, NoiseIsNoApdu) {
    hear(What::request, "127.0.0.1:1", {0x00, 0x00});
    ASSERT_EQ(lines_.size(), 1U);
    EXPECT_EQ(lines_[0].text, "no APDU");
}

TEST(ShortValue, SaysInAFewWords) {
    EXPECT_EQ(short_value(*from_hex("12 08FC")), "2300");
    EXPECT_EQ(short_value(*from_hex("09 04 41424344")), "\"ABCD\"");
    EXPECT_EQ(short_value(*from_hex("09 02 00FF")), "00FF");
    EXPECT_EQ(short_value(*from_hex("02 01 0F00")), "structure of 1");
    // 2026-01-31 Saturday 12:00:05.00, deviation -60, status 0.
    EXPECT_EQ(short_value(*from_hex("09 0C 07EA011F060C000500FFC400")), "2026-01-31 12:00:05");
    EXPECT_EQ(short_value(*from_hex("09 0C 07EA")), "");
    EXPECT_EQ(short_value({}), "");
}

}  // namespace
}  // namespace ferraris::panel
