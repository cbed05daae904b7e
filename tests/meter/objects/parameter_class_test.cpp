// Which parameter is of which class, in the code and in the page for notified bodies.
#include "meter/objects/parameter_class.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <fstream>
#include <map>
#include <set>
#include <string>
#include <string_view>
#include <utility>

#include "meter/fixture.hpp"
#include "meter/push/bench.hpp"

namespace ferraris::meter {
namespace {

/// | class | attributes | kind |, with an object's name where it is not all of its class.
std::set<std::string> rows_of_the_table() {
    std::map<std::pair<std::string, std::string_view>, std::set<int>> attributes;
    for (const ObjectRow& row : object_table()) {
        for (int attribute = 2; attribute < 16; ++attribute) {
            const ParameterClass kind = parameter_class(row, attribute);
            if (kind == ParameterClass::type) continue;
            std::string what = std::to_string(row.object_class->class_id);
            if (kind == ParameterClass::sealed) {
                const auto& g = row.name.groups;
                what += ", " + std::to_string(g[0]) + "-" + std::to_string(g[1]) + ":" + std::to_string(g[2]) + "." +
                        std::to_string(g[3]) + "." + std::to_string(g[4]);
            }
            attributes[{what, text_of(kind)}].insert(attribute);
        }
    }
    std::set<std::string> rows;
    for (const auto& [key, numbers] : attributes) {
        std::string list;
        for (const int number : numbers) list += (list.empty() ? "" : ", ") + std::to_string(number);
        rows.insert("| " + key.first + " | " + list + " | " + std::string(key.second) + " |");
    }
    return rows;
}

TEST(ParameterClass, TheDocumentSaysTheSame) {
    std::ifstream file(FERRARIS_SOURCE "/docs/legal.md");
    std::set<std::string> documented;
    for (std::string line; std::getline(file, line);) {
        if (line.ends_with("| operator |") || line.ends_with("| sealed |")) documented.insert(line);
    }
    const auto expected = rows_of_the_table();
    for (const std::string& line : expected) EXPECT_TRUE(documented.contains(line)) << line;
    for (const std::string& line : documented) EXPECT_TRUE(expected.contains(line)) << line;
}

TEST(ParameterClass, MeasuredValuesAndConstantsAreOfTheType) {
    const auto class_of = [](const dlms::LogicalName& name, int attribute) {
        const ObjectRow* const row = find_object(name);
        EXPECT_NE(row, nullptr);
        return parameter_class(*row, attribute);
    };
    EXPECT_EQ(class_of(dlms::obis(1, 0, 1, 8, 0), 2), ParameterClass::type);
    EXPECT_EQ(class_of(dlms::obis(1, 0, 0, 2, 0), 2), ParameterClass::type);
    EXPECT_EQ(class_of(kPulseConstant.instance, 2), ParameterClass::sealed);
    EXPECT_EQ(class_of(kPulseConstant.instance, 3), ParameterClass::type) << "its unit";
    EXPECT_EQ(class_of(dlms::obis(0, 0, 1, 0, 0), 3), ParameterClass::operators);
    EXPECT_EQ(class_of(dlms::obis(0, 0, 1, 0, 0), 99), ParameterClass::type) << "there is none";
}

TEST(ParameterClass, ASealedOneChangesUnderTheTrailOnly) {
    testing::Bench bench;
    for (const ObjectRow& row : object_table()) {
        for (int attribute = 2; attribute < 16; ++attribute) {
            if (parameter_class(row, attribute) != ParameterClass::sealed) continue;
            const std::uint32_t before = bench.meter->instrument().audit_trail.count();
            const dlms::AttributeDescriptor sealed{row.object_class->class_id, row.name,
                                                   static_cast<std::int8_t>(attribute)};
            const auto value = testing::encoded([](dlms::DataWriter& data) { data.double_long_unsigned(10'000); });
            EXPECT_EQ(bench.write(kUtilitySap, sealed, value), dlms::DataAccessResult::success);
            EXPECT_EQ(bench.meter->instrument().audit_trail.count(), before + 1);
        }
    }
}

}  // namespace
}  // namespace ferraris::meter
