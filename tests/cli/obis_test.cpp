#include "cli/obis.hpp"

#include <gtest/gtest.h>
#include <rapidcheck.h>

#include "cli/error.hpp"
#include "cli/names.hpp"

namespace ferraris::cli {
namespace {

using dlms::obis;

TEST(Obis, IsTakenInEveryUsualForm) {
    for (const char* const text : {"1.0.1.8.0", "1.0.1.8.0.255", "1-0:1.8.0", "1-0:1.8.0*255", "1-0:1.8.0.255"}) {
        EXPECT_EQ(parse_obis(text), obis(1, 0, 1, 8, 0)) << text;
    }
    EXPECT_EQ(parse_obis("0-0:98.1.0*1"), obis(0, 0, 98, 1, 0, 1));
    for (const char* const text : {"", "1", "1.8.0", "1.0.1.8", "1.0.1.8.0.255.1", "1-0.1.8.0", "1.0.1.8.256",
                                   "a.b.c.d.e", "1.0.1.8.0 ", "-1.0.1.8.0"}) {
        EXPECT_EQ(parse_obis(text), std::nullopt) << text;
    }
}

TEST(Obis, ReadsItsOwnText) {
    EXPECT_TRUE(rc::check([](const std::array<std::uint8_t, 6>& groups) {
        const dlms::LogicalName name{groups};
        RC_ASSERT(parse_obis(obis_text(name)) == name);
        RC_ASSERT(parse_obis(dotted(name)) == name);
    }));
}

TEST(Obis, ObjectsMayHaveClassAndAttribute) {
    EXPECT_EQ(parse_object("1-0:1.8.0"), (ObjectReference{obis(1, 0, 1, 8, 0), std::nullopt, std::nullopt}));
    EXPECT_EQ(parse_object("1-0:1.8.0:2"), (ObjectReference{obis(1, 0, 1, 8, 0), std::int8_t{2}, std::nullopt}));
    EXPECT_EQ(parse_object("3/1.0.1.8.0:2"), (ObjectReference{obis(1, 0, 1, 8, 0), std::int8_t{2}, std::uint16_t{3}}));
    EXPECT_EQ(parse_object("3/1.0.1.8.0.255"), (ObjectReference{obis(1, 0, 1, 8, 0), std::nullopt, std::uint16_t{3}}));
    for (const char* const text :
         {"3/", "x/1.0.1.8.0", "1.0.1.8.0:", "1.0.1.8.0:x", "1.0.1.8.0:300", "1.0.1.8.0:2:3"}) {
        EXPECT_THROW((void)parse_object(text), CliError) << text;
    }
}

TEST(Names, SayWhatACodeMeans) {
    EXPECT_EQ(object_name(obis(1, 0, 1, 8, 0)), "Active energy import (+A)");
    EXPECT_EQ(object_name(obis(1, 0, 1, 8, 2)), "Active energy import (+A), rate 2");
    EXPECT_EQ(object_name(obis(1, 0, 32, 7, 0)), "Voltage L1");
    EXPECT_EQ(object_name(obis(1, 0, 12, 7, 0)), "Voltage");
    EXPECT_EQ(object_name(obis(1, 0, 14, 7, 0)), "Frequency");
    EXPECT_EQ(object_name(obis(1, 0, 51, 7, 0)), "Current L2");
    EXPECT_EQ(object_name(obis(1, 0, 99, 1, 0)), "Load profile");
    EXPECT_EQ(object_name(obis(0, 0, 1, 0, 0)), "Clock");
    EXPECT_EQ(object_name(obis(0, 0, 42, 0, 0)), "Logical device name");
    EXPECT_EQ(object_name(obis(0, 0, 96, 3, 10)), "Disconnect control");
    EXPECT_EQ(object_name(obis(0, 1, 24, 1, 0)), "M-Bus device");
    EXPECT_EQ(object_name(obis(1, 0, 200, 8, 0)), "");
    EXPECT_EQ(object_name(obis(7, 0, 3, 0, 0)), "");
}

TEST(Names, OfClassesAttributesAndMethods) {
    EXPECT_EQ(class_name(3), "Register");
    EXPECT_EQ(class_name(99), "class 99");
    EXPECT_EQ(attribute_name(3, 1), "logical_name");
    EXPECT_EQ(attribute_name(3, 3), "scaler_unit");
    EXPECT_EQ(attribute_name(3, 4), "attribute 4");
    EXPECT_EQ(attribute_name(7, 8), "profile_entries");
    EXPECT_EQ(method_name(70, 2), "remote_reconnect");
    EXPECT_EQ(method_name(12, 1), "method 1");
    EXPECT_EQ(method_name(3, 0), "method 0");
    EXPECT_EQ(attribute_count(1), 2);
    EXPECT_EQ(attribute_count(7), 8);
    EXPECT_EQ(attribute_count(15), 11);
    EXPECT_EQ(attribute_count(9999), 1);
    EXPECT_EQ(enumeration_name(70, 3, 1), "connected");
    EXPECT_EQ(enumeration_name(70, 3, 9), "");
    EXPECT_EQ(unit_symbol(35), "V");
    EXPECT_EQ(unit_symbol(255), "");
    EXPECT_EQ(unit_symbol(200), "[unit 200]");
}

}  // namespace
}  // namespace ferraris::cli
