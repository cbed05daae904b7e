#include "dlms/data.hpp"

#include <gtest/gtest.h>

#include <rapidcheck.h>
#include <array>
#include <vector>

#include "base/hex.hpp"
#include "shared.hpp"

namespace ferraris::dlms {
namespace {

std::vector<std::uint8_t> bytes(const char* hex) { return from_hex(hex).value(); }

TEST(Data, LengthsTakeTheShortestForm) {
    std::array<std::uint8_t, 32> buffer{};
    ByteWriter out(buffer);
    for (const std::size_t length : {127U, 128U, 255U, 256U, 65535U, 65536U}) put_length(out, length);
    // vectors_xdlms.json, len-forms: 7F | 81 80 | 81 FF | 82 0100 | 82 FFFF | 83 010000
    EXPECT_EQ(to_hex(out.written()), "7F818081FF82010082FFFF83010000");
    ByteReader in(out.written());
    for (const std::size_t length : {127U, 128U, 255U, 256U, 65535U, 65536U}) EXPECT_EQ(take_length(in), length);
    EXPECT_TRUE(in.at_end());
}

TEST(Data, WritesEveryType) {
    std::array<std::uint8_t, 256> buffer{};
    ByteWriter out(buffer);
    DataWriter data(out);
    data.structure(2);
    data.array(1);
    data.null_data();
    data.boolean(true);
    EXPECT_EQ(to_hex(out.written()),
              "0202"
              "0101"
              "00"
              "0301");
    ByteWriter numbers(buffer);
    DataWriter n(numbers);
    n.double_long(-2);
    n.double_long_unsigned(0x01020304);
    n.integer(-1);
    n.long_(-2);
    n.unsigned_(200);
    n.long_unsigned(0xFFFE);
    n.long64(-1);
    n.long64_unsigned(1);
    n.enum_(30);
    n.scaler_unit(-3, Unit::volt);
    EXPECT_EQ(to_hex(numbers.written()),
              "05FFFFFFFE"
              "0601020304"
              "0FFF"
              "10FFFE"
              "11C8"
              "12FFFE"
              "14FFFFFFFFFFFFFFFF"
              "150000000000000001"
              "161E"
              "02020FFD1623");
    ByteWriter strings(buffer);
    DataWriter s(strings);
    s.octet_string(obis(1, 0, 1, 8, 0));
    s.visible_string(bytes("4142"));
    const std::array<std::uint8_t, 2> bits{0xA5, 0x80};
    s.bit_string(bits, 9);
    EXPECT_EQ(to_hex(strings.written()),
              "09060100010800FF"
              "0A024142"
              "0409A580");
}

TEST(Data, ReadsWhatItWrote) {
    EXPECT_TRUE(rc::check(
        [](std::int32_t a, std::uint64_t b, std::int8_t c, std::int16_t d, const std::vector<std::uint8_t>& e) {
            std::vector<std::uint8_t> buffer(64 + e.size());
            ByteWriter out(buffer);
            DataWriter data(out);
            data.structure(5);
            data.double_long(a);
            data.long64_unsigned(b);
            data.integer(c);
            data.long_(d);
            data.octet_string(e);
            RC_ASSERT(!out.overflowed());
            DataReader in(out.written());
            RC_ASSERT(in.structure() == 5U);
            RC_ASSERT(in.double_long() == a);
            RC_ASSERT(in.long64_unsigned() == b);
            RC_ASSERT(in.integer() == c);
            RC_ASSERT(in.long_() == d);
            RC_ASSERT(equal(in.octet_string(), e));
            RC_ASSERT(in.finished());
            DataReader whole(out.written());
            const auto element = whole.any();
            RC_ASSERT(element.has_value());
            RC_ASSERT(equal(element->encoded, out.written()));
        }));
}

TEST(Data, RefusesEveryTruncation) {
    // structure{ array{unsigned 1, unsigned 2}, octet-string AABB, compact-array of 3 unsigned }
    const auto whole = bytes(
        "0203"
        "010211011102"
        "0902AABB"
        "131103010203");
    for (std::size_t size = 0; size < whole.size(); ++size) {
        DataReader in(ByteView(whole).first(size));
        EXPECT_FALSE(in.any().has_value()) << size;
        EXPECT_EQ(in.error(), DataError::truncated) << size;
    }
    DataReader in(whole);
    EXPECT_TRUE(in.any().has_value());
    EXPECT_TRUE(in.finished());
}

TEST(Data, RefusesWrongTypesUnknownTagsAndDepth) {
    const auto unsigned_value = bytes("1105");
    DataReader wrong(unsigned_value);
    EXPECT_EQ(wrong.long_unsigned(), 0);
    EXPECT_EQ(wrong.error(), DataError::type_unmatched);

    const auto unknown = bytes("0700");
    DataReader strange(unknown);
    EXPECT_FALSE(strange.any());
    EXPECT_EQ(strange.error(), DataError::unknown_tag);

    std::vector<std::uint8_t> deep;
    for (int i = 0; i < 200; ++i) deep.insert(deep.end(), {0x01, 0x01});
    deep.push_back(0x00);
    DataReader abyss(deep);
    EXPECT_FALSE(abyss.any());
    EXPECT_EQ(abyss.error(), DataError::too_deep);

    const auto huge = bytes("0184FFFFFFFF00");
    DataReader liar(huge);
    EXPECT_FALSE(liar.any());
    EXPECT_EQ(liar.error(), DataError::truncated) << "a count beyond the octets is refused at once";
}

TEST(Data, CompactArraysOfTheFacts) {
    for (const char* hex : {"131103010203", "130202111206010102020304"}) {
        const auto encoded = bytes(hex);
        DataReader in(encoded);
        const auto element = in.any();
        ASSERT_TRUE(element) << hex;
        EXPECT_EQ(element->tag, DataTag::compact_array);
        EXPECT_TRUE(in.finished());
    }
}

}  // namespace
}  // namespace ferraris::dlms
