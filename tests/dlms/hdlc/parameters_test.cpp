#include "dlms/hdlc/parameters.hpp"

#include <gtest/gtest.h>

#include "dlms/hdlc/support.hpp"

namespace ferraris::dlms {
namespace {

using hdlc::LengthWidth;
using hdlc::LinkParameters;
using testing::octets;

std::string written(const LinkParameters& parameters, LengthWidth width) {
    testing::Octets buffer(hdlc::kMaxParameterField);
    ByteWriter out(buffer);
    hdlc::write_parameters(parameters, width, out);
    EXPECT_FALSE(out.overflowed());
    return to_hex(out.written());
}

TEST(HdlcParameters, BothWidthsOfMeters) {
    // 81 80 12 | 05 01 9A | 06 01 9A | 07 04 00000001 | 08 04 00000001
    const LinkParameters small{154, 154, 1, 1};
    EXPECT_EQ(hdlc::parse_parameters(octets("81801205019A06019A070400000001080400000001")), small);
    EXPECT_EQ(written(small, LengthWidth::shortest), "81801205019A06019A070400000001080400000001");
    // 81 80 14 | 05 02 07EE | 06 02 07EE | ...
    const LinkParameters large{2030, 2030, 1, 1};
    EXPECT_EQ(hdlc::parse_parameters(octets("818014050207EE060207EE070400000001080400000001")), large);
    EXPECT_EQ(written(large, LengthWidth::shortest), "818014050207EE060207EE070400000001080400000001");
    // 81 80 14 | 05 02 0080 | 06 02 0080 | ...
    EXPECT_EQ(written({}, LengthWidth::two_octets), "8180140502008006020080070400000001080400000001");
    // A meter that mixes: 05 01 80 (128), 06 01 3E (62)
    EXPECT_EQ(hdlc::parse_parameters(octets("81801205018006013E070400000001080400000001")),
              (LinkParameters{128, 62, 1, 1}));
}

TEST(HdlcParameters, WindowsInAnyWidthAndOrder) {
    // 08 01 07 | 07 02 0003 | 05 04 00000200
    EXPECT_EQ(hdlc::parse_parameters(octets("81800D080107070200030504000002 00")), (LinkParameters{512, 128, 3, 7}));
}

TEST(HdlcParameters, AbsentMeansDefault) {
    EXPECT_EQ(hdlc::parse_parameters({}), LinkParameters{});
    EXPECT_EQ(hdlc::parse_parameters(octets("818000")), LinkParameters{});
    EXPECT_EQ(hdlc::parse_parameters({}, {512, 512, 3, 3}), (LinkParameters{512, 512, 3, 3}));
    // An identifier that nobody knows, and one that states nothing.
    EXPECT_EQ(hdlc::parse_parameters(octets("8180080903AABBCC050006")), std::nullopt);
    EXPECT_EQ(hdlc::parse_parameters(octets("8180070903AABBCC0500")), LinkParameters{});
    EXPECT_EQ(hdlc::parse_parameters(octets("8180070905AABBCCDDEE")), LinkParameters{});
}

TEST(HdlcParameters, OutOfRangeMovesIn) {
    // 05 = 10000, 06 = 1, 07 = 0, 08 = 8
    EXPECT_EQ(hdlc::parse_parameters(octets("81800D050227100601010701000801 08")), (LinkParameters{2030, 32, 1, 7}));
}

TEST(HdlcParameters, Malformed) {
    for (const char* text : {"80", "8180", "8280", "8181", "818005050200", "8180030502FF", "81800105"}) {
        EXPECT_EQ(hdlc::parse_parameters(octets(text)), std::nullopt) << text;
    }
}

TEST(HdlcParameters, TheSmallerOfBothEnds) {
    const LinkParameters own{512, 256, 7, 2};
    const LinkParameters peer{128, 1024, 1, 4};
    EXPECT_EQ(hdlc::negotiate(own, peer), (LinkParameters{512, 128, 4, 1}));
    EXPECT_EQ(hdlc::negotiate(peer, own), (LinkParameters{128, 512, 1, 4}));
}

}  // namespace
}  // namespace ferraris::dlms
