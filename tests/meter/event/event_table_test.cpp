// The table of events, and the one that people read.
#include "meter/event/event_table.hpp"

#include <gtest/gtest.h>

#include <fstream>
#include <set>
#include <string>

namespace ferraris::meter {
namespace {

TEST(EventTable, EveryCodeOnceAndFound) {
    std::set<std::uint8_t> codes;
    for (const EventRow& row : event_table()) {
        const auto code = static_cast<std::uint8_t>(row.event);
        EXPECT_TRUE(codes.insert(code).second) << int{code};
        ASSERT_NE(find_event(code), nullptr);
        EXPECT_EQ(find_event(code)->text, row.text);
    }
    EXPECT_EQ(find_event(0), nullptr);
    EXPECT_EQ(find_event(255), nullptr) << "cleared: each log has its own";
}

TEST(EventTable, AConditionBeginsAndEndsInOneLog) {
    for (const Condition& condition : kConditions) {
        const EventRow* const began = find_event(static_cast<std::uint8_t>(condition.began));
        const EventRow* const ended = find_event(static_cast<std::uint8_t>(condition.ended));
        ASSERT_NE(began, nullptr);
        ASSERT_NE(ended, nullptr);
        EXPECT_EQ(began->log, ended->log) << began->text;
    }
}

TEST(EventTable, TheFraudsOfTheCompanionAreFraudAttempts) {
    // IDIS: bit 13 of alarm register 1.
    for (const int number : {40, 42, 44, 46, 49, 50}) {
        const auto code = static_cast<std::uint8_t>(number);
        EXPECT_EQ(find_event(code)->log, EventLog::fraud);
        EXPECT_EQ(find_event(code)->alarm, Alarm::fraud_attempt);
    }
    EXPECT_EQ(known_alarms(0) & 0x2000U, 0x2000U);
}

/// | code | log | event | value | alarm |
std::string documented(const EventRow& row) {
    constexpr std::array kLogs{"standard", "TOU", "fraud", "power quality", "communication", "disconnector"};
    std::string line = "| " + std::to_string(static_cast<unsigned>(row.event)) + " | " +
                       kLogs[static_cast<std::size_t>(row.log)] + " | " + std::string(row.text) + " | " +
                       std::string(row.value) + " | ";
    if (row.alarm != Alarm::none) {
        line += std::to_string(Alarms::register_of(row.alarm) + 1) + "." +
                std::to_string(static_cast<unsigned>(row.alarm) % 32U);
    }
    return line + " |";
}

TEST(EventTable, TheDocumentSaysTheSame) {
    std::ifstream file(FERRARIS_SOURCE "/docs/objects.md");
    std::set<std::string> lines;
    for (std::string line; std::getline(file, line);) lines.insert(line);
    for (const EventRow& row : event_table()) EXPECT_TRUE(lines.contains(documented(row))) << documented(row);
}

}  // namespace
}  // namespace ferraris::meter
