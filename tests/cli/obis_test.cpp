#include "cli/obis.hpp"

#include <gtest/gtest.h>
#include <rapidcheck.h>

#include "cli/error.hpp"

namespace ferraris::cli {
namespace {

using decode::object_name;
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

}  // namespace
}  // namespace ferraris::cli
