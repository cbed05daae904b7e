#include "panel/view.hpp"

#include <gtest/gtest.h>

#include <nlohmann/json.hpp>

namespace ferraris::panel {
namespace {

using nlohmann::json;

TEST(View, TellsEverythingAtFirstAndThenWhatIsNew) {
    View view;
    view.set(Section::time, R"({"speed":1})");
    view.set(Section::glass, R"({"light":false})");
    View::Seen seen;
    EXPECT_EQ(json::parse(view.newer_than(seen)), json::parse(R"({"time":{"speed":1},"glass":{"light":false}})"));
    EXPECT_EQ(view.newer_than(seen), "");
    view.set(Section::time, R"({"speed":1})");
    EXPECT_EQ(view.newer_than(seen), "") << "the same again is no news";
    view.set(Section::glass, R"({"light":true})");
    EXPECT_EQ(view.newer_than(seen), R"({"glass":{"light":true}})");
}

TEST(View, MergesWhatASlowClientDidNotSee) {
    View view;
    View::Seen slow;
    for (int i = 0; i < 1000; ++i) view.set(Section::measured, std::to_string(i));
    EXPECT_EQ(view.newer_than(slow), R"({"measured":999})");
}

TEST(View, KeepsTheNewestEntriesOfAListAndNumbersThem) {
    View view;
    View::Seen early;
    view.add(List::events, "\"a\"");
    EXPECT_EQ(view.newer_than(early), R"({"events":{"first":0,"entries":["a"]}})");
    for (std::size_t i = 0; i < 2 * View::kEntries; ++i) view.add(List::events, std::to_string(i));
    View::Seen late;
    const json message = json::parse(view.newer_than(late));
    EXPECT_EQ(message["events"]["entries"].size(), View::kEntries);
    EXPECT_EQ(message["events"]["first"], View::kEntries + 1);
    EXPECT_EQ(message["events"]["entries"].back(), 2 * View::kEntries - 1);
    view.add(List::events, "\"z\"");
    EXPECT_EQ(json::parse(view.newer_than(late))["events"]["entries"], json::parse(R"(["z"])"));
}

TEST(View, ClientsAreToldApart) {
    View view;
    View::Seen first;
    View::Seen second;
    view.set(Section::front, "1");
    EXPECT_EQ(view.newer_than(first), R"({"front":1})");
    EXPECT_EQ(view.newer_than(second), R"({"front":1})");
}

}  // namespace
}  // namespace ferraris::panel
