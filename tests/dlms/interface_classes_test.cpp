#include "dlms/interface_classes.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <charconv>
#include <functional>
#include <nlohmann/json.hpp>
#include <optional>
#include <set>
#include <string>
#include <utility>

#include "shared.hpp"

namespace ferraris::dlms {
namespace {

/// "3 control_state enum": number, name and more, or a list of numbers that share a remark.
struct Member {
    std::int8_t number{0};
    std::string name;
};

std::optional<Member> member_of(const std::string& text) {
    Member member;
    int number = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
    if (error != std::errc{} || *end != ' ') return std::nullopt;
    member.number = static_cast<std::int8_t>(number);
    const std::string rest(end + 1);
    member.name = rest.substr(0, rest.find_first_of(" ("));
    return member;
}

TEST(InterfaceClasses, AreThoseOfTheCollectedFacts) {
    FERRARIS_NEEDS_SHARED("facts/interface_classes.json");
    // Rows that say types and ranges of a class that another row names.
    const std::set<std::string> remarks{"Image transfer (types)", "IEC HDLC setup ranges"};
    int compared = 0;
    const nlohmann::json facts = ferraris::testing::shared_json("facts/interface_classes.json");
    for (const auto& fact : facts.at("classes")) {
        const std::string name = fact.at("name");
        if (remarks.contains(name)) continue;
        const std::uint16_t id = fact.at("id");
        const std::uint8_t version = fact.at("version");
        SCOPED_TRACE(name);
        const InterfaceClass* const known = interface_class(id, version);
        ASSERT_NE(known, nullptr);
        EXPECT_TRUE(name.starts_with(known->name)) << known->name;
        std::int8_t last = 0;
        for (const auto& attribute : fact.at("attributes")) {
            const auto member = member_of(attribute);
            if (!member) continue;
            EXPECT_EQ(known->attribute_name(member->number), member->name);
            last = member->number;
            ++compared;
        }
        if (last != 0) {
            EXPECT_EQ(known->attribute_count(), last);
        }
        for (const auto& method : fact.at("methods")) {
            const auto member = member_of(method);
            ASSERT_TRUE(member);
            EXPECT_EQ(known->method_name(member->number), member->name);
            ++compared;
        }
    }
    EXPECT_GT(compared, 300);
}

TEST(InterfaceClasses, AreSortedAndNamedOnce) {
    const auto rows = interface_classes();
    const auto key = [](const InterfaceClass& row) { return std::pair(row.class_id, row.version); };
    EXPECT_TRUE(std::ranges::is_sorted(rows, std::less<>{}, key));
    EXPECT_EQ(std::ranges::adjacent_find(rows, std::equal_to<>{}, key), rows.end());
    for (const InterfaceClass& row : rows) {
        EXPECT_FALSE(row.name.empty());
        EXPECT_FALSE(row.attribute_name(row.attribute_count()).empty()) << row.name;
    }
}

TEST(InterfaceClasses, AVersionThatIsNotKnownIsTheNewestBeforeIt) {
    EXPECT_EQ(interface_class(15, 0)->attribute_name(7), "LLS_secret");
    EXPECT_EQ(interface_class(15, 1)->attribute_count(), 9);
    EXPECT_EQ(interface_class(15, 3)->attribute_count(), 11);
    EXPECT_EQ(interface_class(70, 1)->version, 0);
    EXPECT_EQ(interface_class(7, 0)->version, 1) << "nothing older is known";
    EXPECT_EQ(newest_interface_class(64)->version, 1);
    EXPECT_EQ(interface_class(9999, 0), nullptr);
    EXPECT_EQ(newest_interface_class(0), nullptr);
}

TEST(InterfaceClasses, NumbersThatAClassDoesNotHaveAreEmpty) {
    const InterfaceClass* const association = interface_class(12, 1);
    ASSERT_NE(association, nullptr);
    EXPECT_EQ(association->method_name(0), "");
    EXPECT_EQ(association->method_name(1), "");
    EXPECT_EQ(association->method_name(3), "read_by_logicalname");
    EXPECT_EQ(association->method_name(9), "");
    EXPECT_EQ(association->attribute_name(-1), "");
    EXPECT_EQ(association->attribute_name(1), "logical_name");
    EXPECT_EQ(association->attribute_name(127), "");
    EXPECT_EQ(interface_class(1, 0)->method_name(1), "");
}

}  // namespace
}  // namespace ferraris::dlms
