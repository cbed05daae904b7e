#include "dlms/hdlc/frame.hpp"

#include <gtest/gtest.h>
#include <rapidcheck.h>

#include "dlms/hdlc/frame_parser.hpp"
#include "dlms/hdlc/support.hpp"
#include "shared.hpp"

namespace ferraris::dlms {
namespace {

using hdlc::Address;
using hdlc::Control;
using hdlc::Frame;
using hdlc::FrameError;
using hdlc::FrameParser;
using hdlc::FrameType;
using testing::Octets;
using testing::octets;

// 7E  A0 0A  00 02 00 23  21  93  18 71  7E: SNRM, client 16 to logical device 1 of physical device 17.
const char* const kSnrmFrame = "7EA00A00020023219318717E";
// The same link: an I frame with an AARQ of which a 7E is no part; HCS 7ECB holds one.
const char* const kAarqFrame =
    "7EA02E0002002321107ECBE6E600601DA109060760857405080101BE10040E01000000065F1F0400FFFFFFFFFFB7057E";

std::uint64_t raw_address(const Address& address) {
    Octets field = testing::frame(address, Address::client(1), 0x93);
    std::uint64_t value = 0;
    for (std::size_t i = 0; i < address.width; ++i) value = (value << 8U) | field.at(3 + i);
    return value;
}

TEST(HdlcControl, OctetsOfTheStandard) {
    EXPECT_EQ(hdlc::decode_control(0x93), (Control{FrameType::set_normal_response, true, 0, 0}));
    EXPECT_EQ(hdlc::decode_control(0x53), (Control{FrameType::disconnect, true, 0, 0}));
    EXPECT_EQ(hdlc::decode_control(0x73), (Control{FrameType::unnumbered_acknowledge, true, 0, 0}));
    EXPECT_EQ(hdlc::decode_control(0x1F), (Control{FrameType::disconnected_mode, true, 0, 0}));
    EXPECT_EQ(hdlc::decode_control(0x97), (Control{FrameType::frame_reject, true, 0, 0}));
    EXPECT_EQ(hdlc::decode_control(0x13), (Control{FrameType::unnumbered_information, true, 0, 0}));
    EXPECT_EQ(hdlc::decode_control(0x03), (Control{FrameType::unnumbered_information, false, 0, 0}));
    EXPECT_EQ(hdlc::decode_control(0x51), (Control{FrameType::receive_ready, true, 0, 2}));
    EXPECT_EQ(hdlc::decode_control(0x55), (Control{FrameType::receive_not_ready, true, 0, 2}));
    EXPECT_EQ(hdlc::decode_control(0x59), (Control{FrameType::reject, true, 0, 2}));
    EXPECT_EQ(hdlc::decode_control(0xBA), (Control{FrameType::information, true, 5, 5}));
    EXPECT_EQ(hdlc::decode_control(0xFF).type, FrameType::unknown);
}

TEST(HdlcControl, EveryKnownOctetComesBack) {
    int known = 0;
    for (unsigned octet = 0; octet < 256; ++octet) {
        const Control control = hdlc::decode_control(static_cast<std::uint8_t>(octet));
        if (control.type == FrameType::unknown) continue;
        ++known;
        EXPECT_EQ(hdlc::encode_control(control), octet);
    }
    // 128 I, 3 * 16 supervisory, 6 * 2 unnumbered
    EXPECT_EQ(known, 128 + 48 + 12);
}

TEST(HdlcFrame, AddressesOnTheLine) {
    EXPECT_EQ(raw_address(Address::client(16)), 0x21U);
    EXPECT_EQ(raw_address({1, 0, 1}), 0x03U);
    EXPECT_EQ(raw_address({1, 17, 2}), 0x0223U);
    EXPECT_EQ(raw_address({1, 17, 4}), 0x00020023U);
    EXPECT_EQ(raw_address({145, 1, 4}), 0x02220003U);
    EXPECT_EQ(raw_address({0x3FFF, 0x3FFF, 4}), 0xFEFEFEFFU);
}

TEST(HdlcFrame, EveryVector) {
    FERRARIS_NEEDS_SHARED("facts/vectors_hdlc.json");
    const auto vectors = ferraris::testing::shared_json("facts/vectors_hdlc.json").at("frames");
    ASSERT_GE(vectors.size(), 40U);
    for (const auto& vector : vectors) {
        SCOPED_TRACE(vector.at("id").get<std::string>());
        const Octets line = octets(vector.at("frame").get<std::string>());
        const auto frame = hdlc::decode_frame(ByteView(line).subspan(1, line.size() - 2));
        ASSERT_TRUE(frame.has_value());
        const auto text = [&vector](const char* key) { return vector.at(key).get<std::string>(); };
        EXPECT_EQ(raw_address(frame->destination), std::stoull(text("dst"), nullptr, 16));
        EXPECT_EQ(frame->destination.width * 2U, text("dst").size());
        EXPECT_EQ(raw_address(frame->source), std::stoull(text("src"), nullptr, 16));
        EXPECT_EQ(frame->source.width * 2U, text("src").size());
        EXPECT_EQ(frame->control, std::stoul(text("control"), nullptr, 16));
        EXPECT_EQ(frame->segmented, vector.at("segmented").get<bool>());
        EXPECT_EQ(to_hex(frame->information), text("info"));

        const Octets again =
            testing::frame(frame->destination, frame->source, frame->control, frame->information, frame->segmented);
        EXPECT_EQ(to_hex(again), to_hex(line));
    }
}

TEST(HdlcFrame, WritesNothingWithoutRoom) {
    for (std::size_t room = 0; room < 12; ++room) {
        Octets buffer(room);
        ByteWriter out(buffer);
        EXPECT_FALSE(hdlc::write_frame({{1, 17, 4}, Address::client(16), 0x93}, {}, out));
        EXPECT_EQ(out.produced(), 0U);
    }
    Octets buffer(12);
    ByteWriter out(buffer);
    EXPECT_TRUE(hdlc::write_frame({{1, 17, 4}, Address::client(16), 0x93}, {}, out));
    EXPECT_EQ(to_hex(buffer), kSnrmFrame);
}

TEST(HdlcFrame, TheLengthFieldBoundsAFrame) {
    const auto longest = testing::frame({1, 17, 4}, Address::client(16), 0x10, Octets(2047 - 12));
    EXPECT_EQ(longest.size(), 2047U + 2);
    EXPECT_TRUE(testing::frame({1, 17, 4}, Address::client(16), 0x10, Octets(2047 - 11)).empty());
}

FrameError error_of(std::string_view hex_without_flags) {
    const auto frame = hdlc::decode_frame(octets(hex_without_flags));
    return frame ? FrameError::none : frame.error();
}

TEST(HdlcFrame, NamesWhatIsWrong) {
    EXPECT_EQ(error_of("A00A0002002321931871"), FrameError::none);
    EXPECT_EQ(error_of("900A0002002321931871"), FrameError::format_type);
    EXPECT_EQ(error_of("A0060002002321931871"), FrameError::length);       // shorter than any frame
    EXPECT_EQ(error_of("A00B0002002321931871"), FrameError::length);       // one octet cannot be a check sequence
    EXPECT_EQ(error_of("A00A00020023219318"), FrameError::length);         // cut short
    EXPECT_EQ(error_of("A00A0002002321931872"), FrameError::frame_check);  // FCS
    EXPECT_EQ(error_of("A00A0002002221931871"), FrameError::address);      // does not end within 4 octets
    EXPECT_EQ(error_of("A00A0002012321931871"), FrameError::address);      // ends after 3
    EXPECT_EQ(error_of("A01F21022373E7C781801205019A06019A070400000001080400000001CCA2"), FrameError::header_check);
    EXPECT_EQ(error_of("A01F21022373E6C781801205019A06019A070400000001080400000001CCA3"), FrameError::frame_check);
}

class Parser {
public:
    explicit Parser(std::size_t room = 2100, std::uint32_t timeout_ms = 0)
        : buffer_(room), parser(buffer_, timeout_ms) {}

    /// The control octets of the frames that come out of `in`.
    Octets controls(ByteView in, std::int64_t now_ms = 0) {
        Octets found;
        while (const auto frame = parser.push(in, now_ms)) found.push_back(frame->control);
        EXPECT_TRUE(in.empty());
        return found;
    }

private:
    Octets buffer_;

public:
    FrameParser parser;
};

TEST(HdlcFrameParser, OctetByOctet) {
    Parser parser;
    Octets found;
    const Octets line = octets(std::string(kSnrmFrame) + kAarqFrame);
    for (std::size_t i = 0; i < line.size(); ++i) {
        const Octets now = parser.controls(ByteView(line).subspan(i, 1));
        found.insert(found.end(), now.begin(), now.end());
    }
    EXPECT_EQ(found, (Octets{0x93, 0x10}));
    EXPECT_EQ(parser.parser.dropped(), 0U);
}

TEST(HdlcFrameParser, OneFlagBetweenTwoFrames) {
    Parser parser;
    const std::string shared = std::string(kSnrmFrame) + std::string(kAarqFrame).substr(2);
    EXPECT_EQ(parser.controls(octets(shared)), (Octets{0x93, 0x10}));
}

TEST(HdlcFrameParser, FlagsAsFiller) {
    Parser parser;
    EXPECT_EQ(parser.controls(octets("7E7E7E7E" + std::string(kSnrmFrame) + "7E7E7E" + kSnrmFrame + "7E")),
              (Octets{0x93, 0x93}));
    EXPECT_EQ(parser.parser.dropped(), 0U);
}

TEST(HdlcFrameParser, NoiseBetweenFrames) {
    Parser parser;
    EXPECT_EQ(parser.controls(octets("00FFA0A0A0" + std::string(kSnrmFrame) + "A07E55A0" + kSnrmFrame)),
              (Octets{0x93, 0x93}));
}

TEST(HdlcFrameParser, OctetsOutsideOfFramesAreCounted) {
    Parser parser;
    EXPECT_EQ(parser.controls(octets("0102" + std::string(kSnrmFrame))), Octets{0x93});
    EXPECT_EQ(parser.parser.noise(), 2U);
    // No frame is of type 0; what belongs to it is no noise.
    EXPECT_TRUE(parser.controls(octets("7E010203040506")).empty());
    EXPECT_EQ(parser.parser.noise(), 2U);
    EXPECT_EQ(parser.parser.dropped(), 1U);
    EXPECT_EQ(parser.controls(octets(kSnrmFrame)), Octets{0x93});
    EXPECT_EQ(parser.parser.dropped(), 1U);
}

TEST(HdlcFrameParser, KnowsThatAFrameHasBegun) {
    Parser parser;
    const Octets line = octets(kSnrmFrame);
    EXPECT_FALSE(parser.parser.in_frame());
    EXPECT_TRUE(parser.controls(ByteView(line).first(1)).empty());
    EXPECT_FALSE(parser.parser.in_frame()) << "a flag alone is filling";
    EXPECT_TRUE(parser.controls(ByteView(line).subspan(1, 4)).empty());
    EXPECT_TRUE(parser.parser.in_frame());
    EXPECT_EQ(parser.controls(ByteView(line).subspan(5)), Octets{0x93});
    EXPECT_FALSE(parser.parser.in_frame());
    EXPECT_EQ(parser.parser.next_timeout(), std::nullopt) << "this one waits for ever";
}

TEST(HdlcFrameParser, ExpiresWithoutFurtherOctets) {
    Parser parser(2100, 25);
    EXPECT_TRUE(parser.controls(ByteView(octets(kSnrmFrame)).first(6), 100).empty());
    EXPECT_EQ(parser.parser.next_timeout(), 126);
    parser.parser.expire(125);
    EXPECT_TRUE(parser.parser.in_frame());
    parser.parser.expire(126);
    EXPECT_FALSE(parser.parser.in_frame());
    EXPECT_EQ(parser.parser.dropped(), 1U);
    EXPECT_EQ(parser.parser.last_error(), FrameError::timed_out);
    EXPECT_EQ(parser.parser.next_timeout(), std::nullopt);
}

TEST(HdlcFrameParser, ACorruptedLengthDoesNotSwallowTheNextFrame) {
    Octets line = octets(std::string(kSnrmFrame) + kAarqFrame);
    line[1] = 0xA7;
    line[2] = 0xF0;
    Parser parser;
    EXPECT_EQ(parser.controls(line), Octets{0x10});
    EXPECT_EQ(parser.parser.dropped(), 1U);
    EXPECT_EQ(parser.parser.last_error(), FrameError::header_check);
}

TEST(HdlcFrameParser, AFrameWithoutClosingFlagEndsWhereTheNextBegins) {
    Parser parser;
    std::string line = kSnrmFrame;
    line.resize(line.size() - 2);
    // The opening flag of the second closes the first.
    EXPECT_EQ(parser.controls(octets(line + kSnrmFrame)), (Octets{0x93, 0x93}));
    EXPECT_TRUE(parser.controls(octets(line + "00")).empty());
    EXPECT_EQ(parser.parser.last_error(), FrameError::closing_flag);
}

TEST(HdlcFrameParser, AFrameLongerThanTheBufferIsPassedOver) {
    Parser parser(32);
    EXPECT_EQ(parser.controls(octets(std::string(kAarqFrame) + kSnrmFrame)), Octets{0x93});
    EXPECT_EQ(parser.parser.last_error(), FrameError::format_type);
    EXPECT_GE(parser.parser.dropped(), 1U);
}

TEST(HdlcFrameParser, SilenceWithinAFrame) {
    Parser parser(2100, 25);
    const Octets line = octets(kSnrmFrame);
    EXPECT_TRUE(parser.controls(ByteView(line).first(6), 100).empty());
    EXPECT_EQ(parser.controls(ByteView(line).subspan(6), 125), Octets{0x93});
    EXPECT_TRUE(parser.controls(ByteView(line).first(6), 200).empty());
    EXPECT_TRUE(parser.controls(ByteView(line).subspan(6), 226).empty());
    EXPECT_EQ(parser.parser.last_error(), FrameError::timed_out);
    EXPECT_EQ(parser.controls(line, 300), Octets{0x93});
}

TEST(HdlcFrameParser, ABufferWithoutRoomFindsNothing) {
    Parser parser(0);
    EXPECT_TRUE(parser.controls(octets(kSnrmFrame)).empty());
}

TEST(HdlcFrameParser, FindsEveryFrameWhateverThePieces) {
    EXPECT_TRUE(rc::check([] {
        Octets line;
        std::vector<Octets> sent;
        const auto count = *rc::gen::inRange(1, 6);
        for (int i = 0; i < count; ++i) {
            const auto width = *rc::gen::element<std::uint8_t>(1, 2, 4);
            const int limit = width == 4 ? 0x4000 : 0x80;
            Address server{*rc::gen::inRange<std::uint16_t>(0, static_cast<std::uint16_t>(limit)), 0, width};
            if (width != 1) server.lower = *rc::gen::inRange<std::uint16_t>(0, static_cast<std::uint16_t>(limit));
            const auto information =
                *rc::gen::container<Octets>(rc::gen::element<std::uint8_t>(0x7E, 0xA0, 0x00, 0x21));
            const Octets frame =
                testing::frame(server, Address::client(16), 0x10, information, *rc::gen::arbitrary<bool>());
            const bool shared_flag = !line.empty() && *rc::gen::arbitrary<bool>();
            line.insert(line.end(), frame.begin() + (shared_flag ? 1 : 0), frame.end());
            sent.push_back(frame);
        }
        Parser parser;
        std::vector<Octets> found;
        ByteView rest = line;
        while (!rest.empty()) {
            const auto size = *rc::gen::inRange<std::size_t>(1, rest.size() + 1);
            ByteView piece = rest.first(size);
            while (const auto frame = parser.parser.push(piece, 0)) {
                found.push_back(testing::frame(frame->destination, frame->source, frame->control, frame->information,
                                               frame->segmented));
            }
            rest = rest.subspan(size);
        }
        RC_ASSERT(found == sent);
    }));
}

}  // namespace
}  // namespace ferraris::dlms
