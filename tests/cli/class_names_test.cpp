#include "cli/class_names.hpp"

#include <gtest/gtest.h>

namespace ferraris::cli {
namespace {

TEST(ClassNames, OfClassesAttributesAndMethods) {
    EXPECT_EQ(class_name(3), "Register");
    EXPECT_EQ(class_name(99), "class 99");
    EXPECT_EQ(attribute_name(3, 1), "logical_name");
    EXPECT_EQ(attribute_name(9999, 1), "logical_name");
    EXPECT_EQ(attribute_name(3, 3), "scaler_unit");
    EXPECT_EQ(attribute_name(3, 4), "attribute 4");
    EXPECT_EQ(attribute_name(7, 8), "profile_entries");
    EXPECT_EQ(method_name(70, 2), "remote_reconnect");
    EXPECT_EQ(method_name(12, 1), "method 1");
    EXPECT_EQ(method_name(3, 0), "method 0");
}

TEST(ClassNames, FollowTheVersionWhereItIsKnown) {
    EXPECT_EQ(attribute_count(1), 2);
    EXPECT_EQ(attribute_count(7), 8);
    EXPECT_EQ(attribute_count(15), 11);
    EXPECT_EQ(attribute_count(15, std::uint8_t{0}), 8);
    EXPECT_EQ(attribute_count(9999), 1);
    EXPECT_EQ(attribute_name(15, 7), "secret");
    EXPECT_EQ(attribute_name(15, 7, std::uint8_t{0}), "LLS_secret");
    EXPECT_EQ(attribute_name(40, 11, std::uint8_t{0}), "attribute 11");
    EXPECT_EQ(method_name(64, 2, std::uint8_t{0}), "global_key_transfer");
}

}  // namespace
}  // namespace ferraris::cli
