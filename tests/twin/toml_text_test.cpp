#include "twin/toml_text.hpp"

#include <gtest/gtest.h>

namespace ferraris::twin {
namespace {

TEST(TomlText, IsReadByTheLibrary) {
    const auto read = read_toml("name = \"Küche\"\n[load]\nwatts = 2000\n", "x.toml");
    ASSERT_TRUE(read);
    EXPECT_EQ(toml::find<std::string>(*read, "name"), "Küche");
    EXPECT_EQ(toml::find<int>(*read, "load", "watts"), 2000);
}

TEST(TomlText, SaysWhereItIsNone) {
    const auto read = read_toml("a = 1\nb =\n", "x.toml");
    ASSERT_FALSE(read);
    EXPECT_EQ(read.error().line, 2U);
    EXPECT_FALSE(read.error().named_twice);
}

TEST(TomlText, TellsANameThatStandsTwice) {
    for (const char* const text : {"a = 1\na = 2\n", "[a]\nb = 1\n[a]\nc = 2\n"}) {
        const auto read = read_toml(text, "x.toml");
        ASSERT_FALSE(read) << text;
        EXPECT_TRUE(read.error().named_twice) << text;
    }
}

// The library reads behind its buffer where a literal string is no UTF-8; a fuzzer found it.
TEST(TomlText, RefusesWhatIsNoUtf8) {
    for (const char* const bad :
         {"'a\xB8'", "\"a\xB8\"", "'\xC0\x80'", "'\xED\xA0\x80'", "'\xF5\x80\x80\x80'", "'\xE2\x82"}) {
        const auto read = read_toml("a = 1\nb = " + std::string(bad) + "\n", "x.toml");
        ASSERT_FALSE(read) << bad;
        EXPECT_EQ(read.error().line, 2U);
    }
}

}  // namespace
}  // namespace ferraris::twin
