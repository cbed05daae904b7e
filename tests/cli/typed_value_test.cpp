#include "cli/typed_value.hpp"

#include <gtest/gtest.h>
#include <rapidcheck.h>

#include "base/hex.hpp"
#include "cli/error.hpp"
#include "cli/value.hpp"

namespace ferraris::cli {
namespace {

using dlms::DataTag;

std::string hex(std::string_view text, std::optional<DataTag> type = std::nullopt) {
    return to_hex(encode_typed(text, type));
}

TEST(TypedValue, EveryTypeHasItsEncoding) {
    EXPECT_EQ(hex("null"), "00");
    EXPECT_EQ(hex("bool:true"), "0301");
    EXPECT_EQ(hex("bool:off"), "0300");
    EXPECT_EQ(hex("i8:-1"), "0FFF");
    EXPECT_EQ(hex("i16:-2"), "10FFFE");
    EXPECT_EQ(hex("i32:-2"), "05FFFFFFFE");
    EXPECT_EQ(hex("i64:-2"), "14FFFFFFFFFFFFFFFE");
    EXPECT_EQ(hex("u8:200"), "11C8");
    EXPECT_EQ(hex("u16:900"), "120384");
    EXPECT_EQ(hex("u32:4294967295"), "06FFFFFFFF");
    EXPECT_EQ(hex("u64:18446744073709551615"), "15FFFFFFFFFFFFFFFF");
    EXPECT_EQ(hex("enum:5"), "1605");
    EXPECT_EQ(hex("f32:1"), "173F800000");
    EXPECT_EQ(hex("f64:1"), "183FF0000000000000");
    EXPECT_EQ(hex("octets:0102 03"), "0903010203");
    EXPECT_EQ(hex("text:ab"), "09026162");
    EXPECT_EQ(hex("text:"), "0900");
    EXPECT_EQ(hex("visible:ab"), "0A026162");
    EXPECT_EQ(hex("utf8:ab"), "0C026162");
}

TEST(TypedValue, BitsTimesCodesAndRawElements) {
    EXPECT_EQ(hex("bits:0b101"), "0403A0");
    EXPECT_EQ(hex("bits:111111111"), "0409FF80");
    EXPECT_EQ(hex("obis:1-0:1.8.0"), "09060100010800FF");
    // 2026-01-31 is a Saturday; +01:00 is a deviation of -60 minutes.
    EXPECT_EQ(hex("time:2026-01-31T12:00:00+01:00"), "090C07EA011F060C000000FFC400");
    EXPECT_EQ(hex("time:2026-01-31T12:00:00"), "090C07EA011F060C000000800000");
    EXPECT_EQ(hex("axdr:0202 0F00 161E"), "02020F00161E");
    const auto now = decode_value(encode_typed("time:now", std::nullopt));
    ASSERT_TRUE(now);
    EXPECT_EQ(now->octets.size(), 12U);
}

TEST(TypedValue, TheTypeOfTheObjectServesWhenNoneIsGiven) {
    EXPECT_EQ(hex("900", DataTag::long_unsigned), "120384");
    EXPECT_EQ(hex("on", DataTag::boolean), "0301");
    EXPECT_EQ(hex("-5", DataTag::long_), "10FFFB");
    EXPECT_EQ(hex("a:b", DataTag::visible_string), "0A03613A62");
    EXPECT_EQ(hex("u8:3", DataTag::long_unsigned), "1103");
    EXPECT_THROW((void)encode_typed("900", std::nullopt), CliError);
    EXPECT_THROW((void)encode_typed("900", DataTag::octet_string), CliError);
    EXPECT_THROW((void)encode_typed("900", DataTag::array), CliError);
}

TEST(TypedValue, RefusesWhatDoesNotFit) {
    for (const char* const text : {"u8:256", "u8:-1", "u16:", "u16:9x", "i8:128", "i8:-129", "i64:9223372036854775808",
                                   "bool:maybe", "octets:0", "octets:xy", "bits:012", "obis:1.8.0", "time:yesterday",
                                   "time:2026-02-30", "axdr:1203", "axdr:120384FF", "f32:abc"}) {
        EXPECT_THROW((void)encode_typed(text, std::nullopt), CliError) << text;
    }
}

TEST(TypedValue, NumbersComeBackAsTheyWentIn) {
    EXPECT_TRUE(rc::check([](std::int64_t number) {
        const auto value = decode_value(encode_typed("i64:" + std::to_string(number), std::nullopt));
        RC_ASSERT(value.has_value());
        RC_ASSERT(decimal(value->negative, value->magnitude, 0) == std::to_string(number));
    }));
}

}  // namespace
}  // namespace ferraris::cli
