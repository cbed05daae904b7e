/// Tables of tariffs: what the file may say, what is found wrong and where, and the way to a meter and back.
#include <gtest/gtest.h>

#include <fstream>
#include <nlohmann/json.hpp>
#include <sstream>

#include "child.hpp"
#include "cli/error.hpp"
#include "cli/tou_chart.hpp"
#include "cli/tou_dates.hpp"
#include "cli/tou_meter.hpp"
#include "cli/tou_table.hpp"
#include "scratch_folder.hpp"

namespace ferraris::cli {
namespace {

const std::string kExample = FERRARIS_SOURCE "/examples/tou.toml";

std::string example_text() {
    std::ifstream file(kExample);
    std::ostringstream text;
    text << file.rdbuf();
    return text.str();
}

std::string with_instead(std::string text, const std::string& what, const std::string& with) {
    const std::size_t at = text.find(what);
    EXPECT_NE(at, std::string::npos) << what;
    return text.replace(at, what.size(), with);
}

std::size_t line_of_text(const std::string& text, const std::string& what) {
    const std::size_t at = text.find(what);
    EXPECT_NE(at, std::string::npos) << what;
    return static_cast<std::size_t>(std::count(text.begin(), text.begin() + static_cast<std::ptrdiff_t>(at), '\n')) + 1;
}

std::vector<TouIssue> issues_of(const std::string& text) {
    TouFile file = parse_tou_toml(text, "test.toml");
    check_tou(file);
    return file.issues;
}

TEST(TouDates, AreReadAndWrittenInWords) {
    for (const char* const text : {"12-25", "2026-12-25", "monday 12-25", "last sunday of march",
                                   "second last day of june", "last day of february 2028", "begin of daylight saving",
                                   "end of daylight saving", "always", "hex FFFFFF0D05"}) {
        const auto date = parse_tou_date(text);
        ASSERT_TRUE(date.has_value()) << text;
        EXPECT_EQ(tou_date_text(*date), text);
    }
    EXPECT_EQ(parse_tou_date("Last Sunday of March"), (dlms::Date{dlms::kYearNotSpecified, 3, dlms::kLastDay, 7}));
    EXPECT_EQ(parse_tou_date("begin of daylight saving")->month, 0xFE);
    for (const char* const text :
         {"", "12/25", "1-1", "last of march", "last sunday march", "moonday 12-25", "hex 12", "begin of winter"}) {
        EXPECT_FALSE(parse_tou_date(text).has_value()) << text;
    }
}

TEST(TouTable, TheExampleIsGoodInBothForms) {
    const TouTable table = good_tou_table(kExample);
    EXPECT_EQ(table.calendar.seasons.size(), 4U);
    EXPECT_EQ(table.calendar.days.size(), 4U);
    EXPECT_EQ(table.special_days.size(), 4U);
    // Through TOML and through XML nothing changes but names of days, which a meter does not know.
    TouFile again = parse_tou_toml(tou_toml(table), "again");
    check_tou(again);
    EXPECT_TRUE(again.issues.empty());
    EXPECT_TRUE(differences(table, again.table).empty());
    TouFile xml = parse_tou_xml(tou_xml(table));
    check_tou(xml);
    ASSERT_TRUE(xml.issues.empty()) << xml.issues.front().line << xml.issues.front().text;
    EXPECT_TRUE(differences(table, xml.table).empty());
    xml.table.calendar.switches[0].minute = 1;
    EXPECT_EQ(differences(table, xml.table), std::vector<std::string>{"the day profile table"});
}

TEST(TouTable, SaysWhatIsWrongInWhichLine) {
    struct Mistake {
        const char* good;
        const char* bad;
        const char* line_with;  ///< of the bad text
        const char* says;
    };
    const std::string example = example_text();
    for (const Mistake& mistake : {
             Mistake{"\"22:00 tariff 3\",\n]", "\"15:00 tariff 3\",\n]", "\"15:00 tariff 3\"",
                     "switches the tariff twice at 15:00:00"},
             Mistake{"\"02:00 relay closed\"", "\"02:00 relay on\"", "relay on",
                     "is no switch; write \"06:00 tariff 2\""},
             Mistake{"\"02:00 relay closed\"", "\"24:00 tariff 1\"", "24:00", "is no switch"},
             Mistake{"\"06:00 tariff 2\"", "\"06:00 tariff 7\"", "tariff 7", "is no switch"},
             Mistake{"start = \"03-01\"", "start = \"11-01\"", "name = \"spring\"", "overlap: both begin on"},
             Mistake{"start = \"03-01\"", "start = \"02-30\"", "02-30", "is no date; write 12-25"},
             Mistake{"start = \"03-01\"", "start = \"hex FFFFFF01FF\"", "hex FFFF", "no season can begin so"},
             Mistake{"start = \"03-01\"", "strat = \"03-01\"", "strat",
                     "\"strat\" is unknown here; known are name, start and week"},
             Mistake{"week = \"cold\"", "week = \"ice\"", "name = \"winter\"",
                     "week \"ice\", which there is not; add [week.ice]"},
             Mistake{"weekend = \"rest\"", "weekend = \"fun\"", "\"fun\"",
                     "there is no day \"fun\"; add a table [day.fun]"},
             Mistake{"weekend = \"rest\"", "saturday = \"rest\"", "[week.cold]", "leaves days open"},
             Mistake{"id = 2", "id = 1", "id = 1\nswitches = [\n    \"00:00 tariff 3\",\n    \"01:30",
                     "two days have the id 1"},
             Mistake{"date = \"12-25\"", "date = \"01-01\"",
                     "[[special]]\ndate = \"01-01\"\nday = \"rest\"\n\n[[special]]\ndate = \"2026",
                     "is a special day twice"},
             Mistake{"date = \"12-25\"\nday = \"rest\"", "date = \"hex FFFFFFFF04\"\nday = \"sunny\"", "date = \"hex",
                     "overlap: both are on 2026-01-01"},
             Mistake{"name = \"homes-2026\"", "name = \"homes-2026-with-a-tail\"", "tail",
                     "is too long; a meter has room for 16"},
             Mistake{"name = \"homes-2026\"", "name = homes", "name = homes", "this is no TOML"},
             Mistake{"name = \"homes-2026\"", "names = \"homes\"", "names", "\"names\" is unknown here"},
         }) {
        const std::string text = with_instead(example, mistake.good, mistake.bad);
        const auto issues = issues_of(text);
        ASSERT_FALSE(issues.empty()) << mistake.bad;
        EXPECT_NE(issues.front().text.find(mistake.says), std::string::npos)
            << mistake.bad << ": " << issues.front().text;
        if (std::string(mistake.line_with).starts_with("id = 1")) continue;
        const std::size_t expected = line_of_text(text, mistake.line_with);
        EXPECT_NEAR(static_cast<double>(issues.front().line), static_cast<double>(expected), 1) << mistake.bad;
    }
    EXPECT_EQ(issues_of("").front().text, "there is no season; add [[season]] with start = \"always\"");
    const std::string idle =
        "[[season]]\nname = \"s\"\nstart = \"always\"\nweek = \"w\"\n[week.w]\nevery = \"d\"\n[day.d]\n";
    EXPECT_NE(issues_of(idle).front().text.find("no day ever selects a tariff"), std::string::npos);
}

TEST(TouTable, SaysWhatIsWrongInXml) {
    const std::string good = tou_xml(good_tou_table(kExample));
    const auto first = [](const std::string& text) {
        TouFile file = parse_tou_xml(text);
        check_tou(file);
        return file.issues.empty() ? TouIssue{} : file.issues.front();
    };
    EXPECT_EQ(first(good).text, "");
    const TouIssue tariff = first(with_instead(good, "<UInt16 Value=\"0003\"", "<UInt16 Value=\"0009\""));
    EXPECT_NE(tariff.text.find("a script other than 1 to 6"), std::string::npos) << tariff.text;
    EXPECT_GT(tariff.line, 1U);
    EXPECT_NE(first(with_instead(good, "<UInt16", "<Int16")).text.find("cannot be read"), std::string::npos);
    EXPECT_NE(first(with_instead(good, "<ClassId Value=\"0014\"", "<ClassId Value=\"0008\""))
                  .text.find("not of a tariff table"),
              std::string::npos);
    EXPECT_NE(first("<a>").text.find("this is no XML"), std::string::npos);
    EXPECT_NE(first("<a/>").text.find("lacks attribute 7 of class 20"), std::string::npos);
}

TEST(TouChart, DrawsDaysYearAndWeek) {
    const TouTable table = good_tou_table(kExample);
    const std::string days = tou_day_chart(table, false);
    EXPECT_NE(days.find("A  day 1        333333333333222222222222223333222222222222223333\n"), std::string::npos)
        << days;
    EXPECT_NE(days.find("   relay 2      ....######--------------------------------------\n"), std::string::npos)
        << days;
    const std::string year = tou_year_chart(table, 2026);
    // 1 January is a special day and a Thursday; then a Friday of a cold week, and a weekend.
    EXPECT_NE(year.find("Jan   dBDDBBBBBDDBBBBBDDBBBBBDDBBBBBD\n"), std::string::npos) << year;
    EXPECT_NE(year.find("Feb   DBBBBBDDBBBBBDDBBBBBDDBBBBBD\n"), std::string::npos) << year;
    // The relay of the rest day is open since 6:00; its tariff goes on with 3 from midnight.
    const std::string week = tou_week_chart(table, days_from_civil(2026, 12, 25), false);
    EXPECT_NE(week.find("Mon 2026-12-21  333333333333224444222233223333222244444422223333"), std::string::npos) << week;
    EXPECT_NE(week.find("Fri 2026-12-25  " + std::string(48, '3')), std::string::npos) << week;
    EXPECT_NE(tou_week_chart(table, 0, true).find("\033[30;44m3"), std::string::npos);
}

class TouVerb : public ::testing::Test {
protected:
    struct Outcome {
        int status{-1};
        std::string output{};
    };
    static Outcome ferraris(const std::vector<std::string>& arguments, const std::filesystem::path& log = "/dev/null") {
        testing::Child child(arguments, log);
        Outcome outcome;
        while (const auto line = child.line()) outcome.output += *line + "\n";
        outcome.status = child.wait();
        return outcome;
    }
    testing::ScratchFolder folder;
};

TEST_F(TouVerb, SendsComparesAndReadsBack) {
    const std::string keys = (folder / "keys.toml").string();
    testing::Child meter({"meter", "--json", "--listen", "127.0.0.1:0", "--hdlc-listen", "127.0.0.1:0", "--keys", keys,
                          "--start", "2026-03-28T00:00:00Z", "--until", "2026-03-28T12:00:00Z", "--speed", "max"});
    const auto ready = meter.line();
    ASSERT_TRUE(ready.has_value());
    const std::string address = nlohmann::json::parse(*ready)["tcp"];
    const std::vector<std::string> as_utility{address, "--client", "1", "--keys", keys};
    const auto with = [&](std::vector<std::string> words, const std::vector<std::string>& more = {}) {
        words.insert(words.end(), as_utility.begin(), as_utility.end());
        words.insert(words.end(), more.begin(), more.end());
        return words;
    };
    EXPECT_EQ(ferraris(with({"tou", "get"}, {"--compare", kExample})).status, 1) << "the factory's table";
    const Outcome passive = ferraris(with({"tou", "send", kExample}, {"--passive", "--json"}));
    ASSERT_EQ(passive.status, 0);
    EXPECT_EQ(nlohmann::json::parse(passive.output)["state"], "passive");
    EXPECT_EQ(ferraris(with({"tou", "get"}, {"--compare", kExample})).status, 1);
    const Outcome later = ferraris(with({"tou", "send", kExample}, {"--at", "2027-01-01T00:00", "--json"}));
    ASSERT_EQ(later.status, 0);
    EXPECT_EQ(nlohmann::json::parse(later.output)["at"], "2027-01-01T00:00");
    EXPECT_EQ(ferraris(with({"tou", "get"}, {"--compare", kExample})).status, 1);
    const Outcome now = ferraris(with({"tou", "send", kExample}));
    ASSERT_EQ(now.status, 0);
    EXPECT_NE(now.output.find("read back and the same; active"), std::string::npos) << now.output;
    const Outcome none = ferraris(with({"read"}, {"20/0-0:13.0.0:10", "--json"}));
    ASSERT_EQ(none.status, 0);
    EXPECT_EQ(none.output.find("2027"), std::string::npos) << "the time of before is gone: " << none.output;
    EXPECT_EQ(ferraris(with({"tou", "get"}, {"--compare", kExample})).status, 0);
    const std::string copy = (folder / "copy.xml").string();
    EXPECT_EQ(ferraris(with({"tou", "get"}, {"--xml", "--output", copy})).status, 0);
    EXPECT_EQ(ferraris({"tou", "check", copy}).status, 0);
    EXPECT_EQ(ferraris(with({"tou", "send", copy})).status, 0);
    const Outcome shown = ferraris(with({"tou", "show"}, {"--week", "2026-12-25"}));
    EXPECT_NE(shown.output.find("Fri 2026-12-25"), std::string::npos) << shown.output;
    // A bad table is found before anything goes out.
    const std::string bad = (folder / "bad.toml").string();
    std::ofstream(bad) << with_instead(example_text(), "\"06:00 tariff 2\"", "\"06:00 tariff 7\"");
    const std::filesystem::path log = folder / "log";
    EXPECT_EQ(ferraris(with({"tou", "send", bad}), log).status, 1);
    std::ostringstream error;
    error << std::ifstream(log).rdbuf();
    EXPECT_NE(error.str().find(bad + ":" + std::to_string(line_of_text(example_text(), "\"06:00 tariff 2\"")) +
                               ": \"06:00 tariff 7\""),
              std::string::npos)
        << error.str();
    const Outcome report = ferraris({"tou", "check", bad, "--json"});
    EXPECT_EQ(report.status, 1);
    EXPECT_FALSE(nlohmann::json::parse(report.output)["good"]);
    EXPECT_EQ(nlohmann::json::parse(ferraris({"tou", "show", kExample, "--json"}).output)["days"].size(), 4U);
}

}  // namespace
}  // namespace ferraris::cli
