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

TEST(CountedLog, TheFirstAtOnceTheSameAgainTogether) {
    Log it;
    it.log.add("bad frame", "a:1", 1, "detail");
    it.log.add("bad frame", "a:1", 5, "detail");
    it.log.add("bad frame", "a:1", 1, "another");
    it.log.add("bad frame", "a:2");
    it.log.add("other", "a:1", 3);
    it.log.add("none", "a:1", 0);
    EXPECT_EQ(it.lines, (std::vector<std::string>{"a:1: bad frame (detail)", "a:1: bad frame (another)",
                                                  "a:2: bad frame", "a:1: other"}));
    it.lines.clear();
    it.now_ms = CountedLog::kQuiet_ms - 1;
    it.log.sweep();
    EXPECT_TRUE(it.lines.empty());
    it.now_ms = CountedLog::kQuiet_ms;
    it.log.sweep();
    EXPECT_EQ(it.lines, (std::vector<std::string>{"a:1: bad frame (detail): 5 more", "a:1: other: 2 more"}));
    it.lines.clear();
    it.log.add("bad frame", "a:2");
    it.log.add("bad frame", "a:1", 1, "detail");
    EXPECT_EQ(it.lines, std::vector<std::string>{"a:2: bad frame"}) << "the other has just been told of";
    it.now_ms = 2 * CountedLog::kQuiet_ms;
    it.log.sweep();
    EXPECT_EQ(it.lines.back(), "a:1: bad frame (detail): 1 more");
}

/// One who asks for ever new things, from ever new ports, fills neither a disk nor the memory.
TEST(CountedLog, ManyDifferentOnesOfAKindAreCountedTogether) {
    Log it;
    for (int i = 0; i < 1000; ++i) it.log.add("bad frame", "a:" + std::to_string(i));
    EXPECT_EQ(it.lines.size(), CountedLog::kSubjects);
    it.log.add("other", "a:1");
    EXPECT_EQ(it.lines.back(), "a:1: other") << "other kinds are told all the same";
    it.now_ms = CountedLog::kQuiet_ms;
    it.log.sweep();
    EXPECT_EQ(it.lines.size(), CountedLog::kSubjects + 2);
    EXPECT_EQ(it.lines.back(), "a:999: bad frame: the last of 968 more");
    it.log.add("bad frame", "a:5");
    EXPECT_EQ(it.lines.back(), "a:5: bad frame") << "there is room again";
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
