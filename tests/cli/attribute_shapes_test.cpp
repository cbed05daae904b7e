#include "cli/attribute_shapes.hpp"

#include <gtest/gtest.h>

#include "base/hex.hpp"
#include "cli/format.hpp"

namespace ferraris::cli {
namespace {

std::string text(const char* hex, std::uint16_t class_id, std::int8_t attribute, std::uint8_t version = 255) {
    const auto value = decode_value(*from_hex(hex));
    return value ? value_text(*value, class_id, attribute, version) : "(not decoded)";
}

TEST(Shape, TakesItsTextApart) {
    const Shape shape("{a, b:kind, c{d, e}, f[{g:time}]}");
    ASSERT_TRUE(shape.is_structure());
    EXPECT_EQ(shape.size(), 4U);
    EXPECT_EQ(shape.name_of(0), "a");
    EXPECT_EQ(shape.name_of(1), "b");
    EXPECT_EQ(shape.shape_of(1).kind(), "kind");
    EXPECT_EQ(shape.name_of(2), "c");
    EXPECT_EQ(shape.shape_of(2).name_of(1), "e");
    EXPECT_TRUE(shape.shape_of(3).is_array());
    EXPECT_EQ(shape.shape_of(3).element().shape_of(0).kind(), "time");
    EXPECT_EQ(shape.name_of(4), "");
    EXPECT_EQ(Shape{}.size(), 0U);
    EXPECT_EQ(Shape{}.element().name_of(0), "");
}

TEST(AttributeShapes, APushSetupSaysWhereItSends) {
    EXPECT_EQ(text("0203"                              // structure of 3
                   "1600"                              // transport service: TCP
                   "090E3139322E302E322E313A34303539"  // destination "192.0.2.1:4059"
                   "1600",                             // message: A-XDR
                   40, 3),
              "{transport_service: 0 (TCP), destination: \"192.0.2.1:4059\", message: 0 (A-XDR)}");
    EXPECT_EQ(text("0101"          // array of 1
                   "0204"          // structure of 4, as in versions 0 and 1
                   "120008"        // class 8
                   "0906"          //
                   "0000010000FF"  // 0-0:1.0.0
                   "0F02"          // attribute 2
                   "120000",       // whole
                   40, 2, 0),
              "[{class_id: 8 (Clock), logical_name: 0-0:1.0.0, attribute_index: 2, data_index: 0}]");
}

TEST(AttributeShapes, AnActivityCalendarSaysWhatItSwitchesWhen) {
    EXPECT_EQ(text("0101"          // array of 1 day
                   "0202"          //
                   "1101"          // day 1
                   "0101"          // one switching
                   "0203"          //
                   "090406000000"  // 06:00:00.00
                   "0906"          //
                   "00000A0064FF"  // tariffication script
                   "120002",       // selector 2
                   20, 5),
              "[{day_id: 1, day_schedule: [{start_time: 06:00:00, script_logical_name: 0-0:10.0.100, "
              "script_selector: 2}]}]");
}

TEST(AttributeShapes, ALimiterNamesItsActions) {
    EXPECT_EQ(text("0203"          //
                   "120003"        // class 3
                   "0906"          //
                   "01000F0700FF"  // 1-0:15.7.0
                   "0F02",
                   71, 2),  // attribute 2
              "{class_id: 3 (Register), logical_name: 1-0:15.7.0, attribute_index: 2}");
    EXPECT_EQ(text("0202"
                   "0202090600000A006AFF120001"
                   "0202090600000A006AFF120002",
                   71, 11),
              "{action_over_threshold: {script_logical_name: 0-0:10.0.106, script_selector: 1}, "
              "action_under_threshold: {script_logical_name: 0-0:10.0.106, script_selector: 2}}");
}

TEST(AttributeShapes, EnumerationsAreWords) {
    EXPECT_EQ(text("1602", 70, 3), "2 (ready for reconnection)");
    EXPECT_EQ(text("1604", 70, 4), "4 (disconnects remotely, locally; reconnects remotely, manually)");
    EXPECT_EQ(text("1609", 70, 3), "9");
    EXPECT_EQ(text("1603", 64, 2, 0), "3 (all messages authenticated and encrypted)");
    EXPECT_EQ(text("162C", 64, 2, 1), "44 (requests authenticated, requests encrypted, responses authenticated)");
    EXPECT_EQ(text("1100", 64, 2, 1), "0 (nothing)");
}

TEST(AttributeShapes, WhatIsOtherwiseThanExpectedIsShownAsItIs) {
    EXPECT_EQ(text("02011100", 9999, 2), "{0}");
    // More elements than the structure has in any version that is known.
    EXPECT_EQ(text("020411011102110311"
                   "04",
                   71, 2),
              "{1, 2, 3, 4}");
    EXPECT_EQ(text("1107", 71, 2), "7");
    EXPECT_EQ(text("01021101"
                   "1102",
                   71, 2),
              "[1, 2]");
}

}  // namespace
}  // namespace ferraris::cli
