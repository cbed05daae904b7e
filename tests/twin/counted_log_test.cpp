#include "twin/counted_log.hpp"

#include <gtest/gtest.h>

#include <string>
#include <vector>

namespace ferraris::twin {
namespace {

struct Log {
    std::vector<std::string> lines;
    std::int64_t now_ms{0};
    CountedLog log{[this](const std::string& line) { lines.push_back(line); }, [this] { return now_ms; }};
};

TEST(CountedLog, TheFirstOfAKindAtOnceTheRestTogether) {
    Log it;
    it.log.add("bad frame", "a:1", 1, "detail");
    it.log.add("bad frame", "a:2");
    it.log.add("bad frame", "a:3", 5);
    it.log.add("other", "a:1", 3);
    it.log.add("none", "a:1", 0);
    EXPECT_EQ(it.lines, (std::vector<std::string>{"a:1: bad frame (detail)", "a:1: other"}));
    it.now_ms = CountedLog::kQuiet_ms - 1;
    it.log.sweep();
    EXPECT_EQ(it.lines.size(), 2U);
    it.now_ms = CountedLog::kQuiet_ms;
    it.log.sweep();
    ASSERT_EQ(it.lines.size(), 4U);
    EXPECT_EQ(it.lines[2], "a:3: bad frame: 6 more");
    EXPECT_EQ(it.lines[3], "a:1: other: 2 more");
    it.now_ms = 2 * CountedLog::kQuiet_ms;
    it.log.add("bad frame", "a:4");
    EXPECT_EQ(it.lines.back(), "a:4: bad frame");
}

TEST(CountedLog, FlushKeepsNothingBack) {
    Log it;
    it.log.add("bad frame", "a:1", 2);
    it.log.flush();
    EXPECT_EQ(it.lines.back(), "a:1: bad frame: 1 more");
    it.log.flush();
    EXPECT_EQ(it.lines.size(), 2U);
}

}  // namespace
}  // namespace ferraris::twin
