#include "dlms/compact_array.hpp"

#include <gtest/gtest.h>

#include "base/hex.hpp"
#include "octets.hpp"

namespace ferraris::dlms {
namespace {

std::string expanded_elements(const std::string& hex) {
    const auto octets = from_hex(hex).value();
    CompactArrayReader in(octets);
    std::array<std::uint8_t, 256> memory{};
    ByteWriter out(memory);
    while (in.next(out)) out.u8(0xEE);
    return in.finished() ? to_hex(out.written()) : "error " + std::to_string(static_cast<int>(in.error()));
}

TEST(CompactArray, ElementsGetTheirTypesBack) {
    // array of unsigned, 3 octets: 1, 2, 3
    EXPECT_EQ(expanded_elements("1103010203"), "1101EE1102EE1103EE");
    // structure{octet-string, bit-string, array of 2 long-unsigned, null-data}, of one element
    EXPECT_EQ(expanded_elements("0204"
                                "09"
                                "04"
                                "01000212"
                                "00"
                                "09"
                                "02ABCD"
                                "03A0"
                                "00010002"),
              "0204"
              "0902ABCD"
              "0403A0"
              "0102120001120002"
              "00EE");
    EXPECT_EQ(expanded_elements("1100"), "") << "an empty one";
}

TEST(CompactArray, BadOnesAreRefusedWithoutEnd) {
    const auto error = [](DataError reason) { return "error " + std::to_string(static_cast<int>(reason)); };
    EXPECT_EQ(expanded_elements("120301"), error(DataError::truncated)) << "fewer octets than announced";
    EXPECT_EQ(expanded_elements("1203010203"), error(DataError::truncated)) << "half an element";
    EXPECT_EQ(expanded_elements("11020102FF"), error(DataError::truncated)) << "octets left over";
    EXPECT_EQ(expanded_elements("630101"), error(DataError::unknown_tag));
    EXPECT_EQ(expanded_elements("130101"), error(DataError::unknown_tag)) << "a compact array in another";
    EXPECT_EQ(expanded_elements("000101"), error(DataError::type_unmatched)) << "elements without octets";
    // structure{unsigned, array of 65535 arrays of 65535 null-data}: one octet for four thousand million elements
    EXPECT_EQ(expanded_elements("020211"
                                "01FFFF01FFFF00"
                                "0101"),
              error(DataError::type_unmatched));
    std::string deep;
    for (int i = 0; i < 20; ++i) deep += "010001";
    EXPECT_EQ(expanded_elements(deep + "110101"), error(DataError::too_deep));
    // A structure of 2000 columns of null-data and one octet each.
    std::string wide = "028207D1";
    for (int i = 0; i < 2000; ++i) wide += "00";
    EXPECT_EQ(expanded_elements(wide + "11" + "0101"), error(DataError::too_deep));
}

TEST(CompactArray, AnElementKnowsItsLengthBeforeThereIsRoom) {
    const auto type = from_hex("02021209").value();
    const auto values = from_hex("000103ABCDEF").value();
    ByteReader type_in(type);
    ByteReader values_in(values);
    ByteWriter none{ByteSpan{}};
    EXPECT_EQ(expand_described(type_in, values_in, none), DataError::none);
    EXPECT_EQ(none.produced(), from_hex("02021200010903ABCDEF")->size());
    EXPECT_TRUE(type_in.at_end() && values_in.at_end());
}

}  // namespace
}  // namespace ferraris::dlms
