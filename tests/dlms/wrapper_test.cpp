#include "dlms/wrapper.hpp"

#include <gtest/gtest.h>
#include <rapidcheck.h>

#include <string>
#include <vector>

#include "base/hex.hpp"

namespace ferraris::dlms {
namespace {

using Octets = std::vector<std::uint8_t>;
Octets bytes_of(std::string_view hex) { return from_hex(hex).value(); }

// version | from 16 (public client) | to 1 (management logical device) | length | GET of the clock
const char* const kGet = "0001 0010 0001 000D C001C100080000010000FF0200";

TEST(Wrapper, WritesTheHeader) {
    Octets buffer(64);
    ByteWriter out(buffer);
    EXPECT_TRUE(write_wrapper({16, 1, bytes_of("C001C100080000010000FF0200")}, out));
    EXPECT_EQ(to_hex(out.written()), to_hex(bytes_of(kGet)));
}

TEST(Wrapper, WritesNothingWithoutRoom) {
    Octets buffer(8 + 12);
    ByteWriter out(buffer);
    EXPECT_FALSE(write_wrapper({16, 1, Octets(13)}, out));
    EXPECT_EQ(out.produced(), 0U);
    Octets large(70000);
    ByteWriter roomy(large);
    EXPECT_FALSE(write_wrapper({16, 1, Octets(65536)}, roomy));
    EXPECT_TRUE(write_wrapper({16, 1, Octets(65535)}, roomy));
}

TEST(Wrapper, Datagram) {
    const Octets get = bytes_of(kGet);
    const auto pdu = decode_wrapper_datagram(get);
    ASSERT_TRUE(pdu.has_value());
    EXPECT_EQ(pdu->source, 16);
    EXPECT_EQ(pdu->destination, 1);
    EXPECT_EQ(to_hex(pdu->apdu), "C001C100080000010000FF0200");
    EXPECT_TRUE(decode_wrapper_datagram(bytes_of("0001001000010000")).has_value());
}

TEST(Wrapper, BadDatagram) {
    const auto error_of = [](std::string_view hex) { return decode_wrapper_datagram(bytes_of(hex)).error(); };
    EXPECT_EQ(error_of(""), WrapperError::truncated);
    EXPECT_EQ(error_of("00010010000100"), WrapperError::truncated);
    EXPECT_EQ(error_of("0001001000010002C0"), WrapperError::truncated);
    EXPECT_EQ(error_of("0001001000010001C001"), WrapperError::surplus);
    EXPECT_EQ(error_of("0002001000010001C0"), WrapperError::version);
}

class Stream {
public:
    explicit Stream(std::size_t room) : buffer_(room), parser(buffer_) {}
    std::vector<std::string> push(const Octets& in) {
        std::vector<std::string> found;
        ByteView rest = in;
        while (const auto pdu = parser.push(rest)) found.push_back(to_hex(pdu->apdu));
        EXPECT_TRUE(rest.empty());
        return found;
    }

private:
    Octets buffer_;

public:
    WrapperParser parser;
};

TEST(WrapperParser, SeveralInOnePieceAndOneInSeveral) {
    Stream stream(64);
    EXPECT_EQ(stream.push(bytes_of("0001001000010001AA 0001001000010000 0001001000010002BBCC 0001")),
              (std::vector<std::string>{"AA", "", "BBCC"}));
    EXPECT_TRUE(stream.parser.in_pdu());
    EXPECT_TRUE(stream.push(bytes_of("0020000200")).empty());
    EXPECT_TRUE(stream.push(bytes_of("02DD")).empty());
    EXPECT_EQ(stream.push(bytes_of("EE")), std::vector<std::string>{"DDEE"});
    EXPECT_FALSE(stream.parser.in_pdu());
    EXPECT_EQ(stream.parser.error(), WrapperError::none);
}

TEST(WrapperParser, AnotherVersionBreaksTheStreamAtOnce) {
    Stream stream(64);
    EXPECT_TRUE(stream.push(bytes_of("0002")).empty());
    EXPECT_EQ(stream.parser.error(), WrapperError::version);
    EXPECT_TRUE(stream.push(bytes_of(kGet)).empty());
    stream.parser.reset();
    EXPECT_EQ(stream.push(bytes_of(kGet)).size(), 1U);
}

TEST(WrapperParser, LongerThanTheReceiverTakes) {
    Stream stream(12);
    EXPECT_TRUE(stream.push(bytes_of("000100100001000D")).empty());
    EXPECT_EQ(stream.parser.error(), WrapperError::too_long);
    Stream exact(13);
    EXPECT_EQ(exact.push(bytes_of(kGet)).size(), 1U);
}

TEST(WrapperParser, EveryPduWhateverThePieces) {
    EXPECT_TRUE(rc::check([](const std::vector<Octets>& apdus) {
        Octets line;
        for (const Octets& apdu : apdus) {
            Octets buffer(apdu.size() + kWrapperHeaderOctets);
            ByteWriter out(buffer);
            RC_ASSERT(write_wrapper({0x1234, 0x5678, apdu}, out));
            line.insert(line.end(), buffer.begin(), buffer.end());
        }
        Stream stream(0xFFFF);
        std::vector<Octets> found;
        ByteView rest = line;
        while (!rest.empty()) {
            const auto size = *rc::gen::inRange<std::size_t>(1, rest.size() + 1);
            ByteView piece = rest.first(size);
            while (const auto pdu = stream.parser.push(piece)) {
                RC_ASSERT(pdu->source == 0x1234 && pdu->destination == 0x5678);
                found.emplace_back(pdu->apdu.begin(), pdu->apdu.end());
            }
            rest = rest.subspan(size);
        }
        RC_ASSERT(found == apdus);
    }));
}

TEST(Wrapper, TellsHowManyOctetsFollowAHeader) {
    EXPECT_EQ(wrapper_apdu_size(from_hex("0001001000010105").value()), 0x105U);
    EXPECT_EQ(wrapper_apdu_size(from_hex("0002001000010105").value()), std::nullopt);    // another version
    EXPECT_EQ(wrapper_apdu_size(from_hex("00010010000101").value()), std::nullopt);      // cut short
    EXPECT_EQ(wrapper_apdu_size(from_hex("000100100001010500").value()), std::nullopt);  // and more than a header
}

}  // namespace
}  // namespace ferraris::dlms
