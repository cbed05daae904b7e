/// The configuration of a meter as one file: what stands in it, its values, and the verb against virtual meters.
#include <gtest/gtest.h>

#include <algorithm>
#include <fstream>
#include <memory>
#include <nlohmann/json.hpp>
#include <sstream>

#include "base/hex.hpp"
#include "child.hpp"
#include "cli/error.hpp"
#include "cli/parameter_file.hpp"
#include "cli/parameter_value.hpp"
#include "meter/identity.hpp"
#include "scratch_folder.hpp"

namespace ferraris::cli {
namespace {

std::string text_in(const std::filesystem::path& path) {
    std::ifstream file(path);
    std::stringstream text;
    text << file.rdbuf();
    return text.str();
}

Value value_of(std::string_view hex) { return decode_value(*from_hex(hex)).value(); }

toml::value toml_of(const std::string& text) {
    std::istringstream stream("value = " + text);
    return toml::parse(stream, "test").at("value");
}

TEST(ParameterTable, EveryWritableAttributeStandsInTheFileOrHasAReason) {
    std::size_t written = 0;
    std::size_t left_out = 0;
    for (const meter::ObjectRow& row : meter::object_table()) {
        for (std::int8_t number = 2; number < 16; ++number) {
            if (meter::parameter_class(row, number) == meter::ParameterClass::type) continue;
            const dlms::AttributeDescriptor attribute{row.object_class->class_id, row.name, number};
            const bool stands = std::ranges::find(parameters(), attribute, &Parameter::attribute) != parameters().end();
            EXPECT_NE(stands, !why_no_parameter(attribute).empty()) << parameter_key(attribute);
            ++(stands ? written : left_out);
        }
    }
    EXPECT_EQ(written, parameters().size());
    EXPECT_GT(written, 150U);
    EXPECT_GT(left_out, 20U);
    for (const Parameter& each : parameters()) {
        EXPECT_NE(std::ranges::find(parameter_sections(), each.section), parameter_sections().end());
        EXPECT_NE(each.section, "other") << parameter_key(each.attribute) << " needs a section";
    }
}

TEST(ParameterTable, SaysWhoChangesWhat) {
    const auto who = [](const dlms::AttributeDescriptor& attribute) {
        const auto found = std::ranges::find(parameters(), attribute, &Parameter::attribute);
        return found == parameters().end() ? std::string() : who_changes(*found);
    };
    EXPECT_EQ(who({3, dlms::obis(1, 0, 0, 3, 0), 2}), "sealed, changed by utility");
    EXPECT_EQ(who({18, dlms::obis(0, 0, 44, 0, 0), 5}), "operator, changed by utility and technician");
    EXPECT_EQ(why_no_parameter({3, dlms::obis(1, 0, 1, 8, 0), 2}), "of the type: nobody can change it");
}

TEST(ParameterValue, GoesToTomlAndBack) {
    const std::pair<const char*, const char*> cases[] = {
        {"1203E8", "1000"},
        {"0F80", "-128"},
        {"0301", "true"},
        {"150000000000000001", "1"},
        {"0906000001 0000FF", "\"0-0:1.0.0\""},
        {"090568656C6C6F", "\"hello\""},
        {"0900", "\"\""},
        {"090400FFFF00", "\"hex 00FFFF00\""},
        {"0904686578 20", "\"hex 68657820\""},
        {"090CFFFF03FE07020000FF800000", "\"date-time *-03-254/7 02:00:00.* 800000\""},
        {"0405A8", "\"bits 10101\""},
        {"00", "\"null\""},
        {"15FFFFFFFFFFFFFFFF", "\"axdr 15FFFFFFFFFFFFFFFF\""},
        {"0103110111021103", "[1, 2, 3]"},
    };
    for (const auto& [hex, text] : cases) {
        const Value value = value_of(hex);
        EXPECT_EQ(value_toml(value, {}), text);
        EXPECT_EQ(value_from_toml(toml_of(text), value, {}, nullptr), value) << text;
        EXPECT_EQ(to_hex(encode_value(value)), to_hex(*from_hex(hex)));
    }
    const Value times = value_of("0101 0202 090400000000 0905FFFFFF01FF");
    const Shape shape("[{time:time, date:date}]");
    EXPECT_EQ(value_toml(times, shape), "[\n    {time = \"time 00:00:00\", date = \"date *-*-01\"},\n]");
    const Value empty = value_of("0100");
    const Value element = value_of("020209000900");
    EXPECT_EQ(value_from_toml(toml_of(value_toml(times, shape)), empty, shape, &element), times);
}

TEST(ParameterValue, WhatDoesNotFitIsRefused) {
    const auto refused = [](const std::string& text, const Value& pattern, Shape shape = {}) {
        EXPECT_THROW((void)value_from_toml(toml_of(text), pattern, shape, nullptr), CliError) << text;
    };
    refused("65536", value_of("120000"));
    refused("-1", value_of("120000"));
    refused("-129", value_of("0F00"));
    refused("1", value_of("0300"));
    refused("\"1\"", value_of("1100"));
    refused("1.5", value_of("1100"));
    refused("\"hex 1\"", value_of("0900"));
    refused("\"time 25\"", value_of("0900"));
    refused("\"date-time x\"", value_of("0900"));
    refused("\"axdr 1203\"", value_of("120000"));
    refused("{a = 1}", value_of("020211001100"), Shape("{a, b}"));
    refused("{a = 1, b = 2, c = 3}", value_of("020211001100"), Shape("{a, b}"));
    refused("[1, 2, 3]", value_of("020211001100"));
    refused("[1]", value_of("0100"));
}

TEST(ParameterFile, SaysWhatIsWrongAndWhere) {
    const ParameterFile file = parse_parameter_file(
        "[meter]\nmodel = \"x\"\n[nonsense]\n[clock]\n\"8/0-0:1.0.0:2\" = 1\n\"3/1-0:1.8.0:2\" = 1\nfoo = 1\n"
        "[display]\n\"8/0-0:1.0.0:3\" = 60\n",
        "p.toml", "");
    ASSERT_EQ(file.issues.size(), 5U);
    const std::pair<std::size_t, const char*> expected[] = {{3, "no section [nonsense]"},
                                                            {5, "is no parameter: what the meter does now"},
                                                            {6, "nobody can change it"},
                                                            {7, "names no attribute"},
                                                            {9, "belongs to the section [clock]"}};
    for (std::size_t i = 0; i < file.issues.size(); ++i) {
        EXPECT_EQ(file.issues[i].line, expected[i].first);
        EXPECT_NE(file.issues[i].text.find(expected[i].second), std::string::npos) << file.issues[i].text;
    }
    EXPECT_THROW((void)parse_parameter_file("[clock\n", "p.toml", ""), CliError);
    EXPECT_THROW((void)read_parameter_file("/nowhere/p.toml", ""), CliError);
}

class Parameters : public ::testing::Test {
protected:
    static std::unique_ptr<testing::Child> start_meter(const std::string& keys, std::string& address) {
        auto meter = std::make_unique<testing::Child>(std::vector<std::string>{
            "meter", "--json", "--listen", "127.0.0.1:0", "--hdlc-listen", "127.0.0.1:0", "--keys", keys});
        const auto ready = meter->line();
        if (ready) address = nlohmann::json::parse(*ready)["tcp"];
        return meter;
    }
    void SetUp() override {
        meter_ = start_meter(keys_, address_);
        ASSERT_FALSE(address_.empty());
    }

    struct Outcome {
        int status;
        std::string output;
        std::string error;
    };
    [[nodiscard]] Outcome parameters(std::vector<std::string> arguments, const std::string& client = "1") const {
        const auto log = folder_ / "error";
        std::filesystem::remove(log);
        arguments.insert(arguments.begin(), "parameters");
        arguments.insert(arguments.end(), {"--keys", keys_, "--client", client});
        testing::Child child(arguments, log);
        std::string output;
        while (const auto line = child.line()) output += *line + "\n";
        const int status = child.wait();
        return {status, output, text_in(log)};
    }
    /// The file with one line replaced.
    std::string changed(const std::string& key, const std::string& value) const {
        std::istringstream lines(text_in(folder_ / "a.toml"));
        std::ofstream out(folder_ / "b.toml");
        bool found = false;
        for (std::string line; std::getline(lines, line);) {
            const bool here = line.starts_with('"' + key + "\" =") || line.starts_with(key + " =");
            found = found || here;
            out << (here ? line.substr(0, line.find('=')) + "= " + value : line) << "\n";
        }
        EXPECT_TRUE(found) << key;
        return (folder_ / "b.toml").string();
    }
    void export_a() const {
        const Outcome outcome = parameters({"export", address_, (folder_ / "a.toml").string()});
        ASSERT_EQ(outcome.status, 0) << outcome.error;
    }
    void expect_unchanged() const { EXPECT_EQ(parameters({"export", address_}).output, text_in(folder_ / "a.toml")); }
    void expect_refused(const std::string& file, const std::string& why, const std::string& client = "1") const {
        const Outcome outcome = parameters({"import", address_, file}, client);
        EXPECT_EQ(outcome.status, 1);
        EXPECT_NE(outcome.error.find(why), std::string::npos) << outcome.error;
        expect_unchanged();
    }

    testing::ScratchFolder folder_;
    std::string keys_ = (folder_ / "keys.toml").string();
    std::unique_ptr<testing::Child> meter_;
    std::string address_;
};

TEST_F(Parameters, ComeBackAsTheyWentOut) {
    export_a();
    EXPECT_EQ(parameters({"import", address_, (folder_ / "a.toml").string()}).output, "the meter has it all already\n");
    const std::string file = changed("8/0-0:1.0.0:3", "-120");
    EXPECT_EQ(parameters({"diff", address_, file}).output, "8/0-0:1.0.0:3: -60 in the first, -120 in the second\n");
    EXPECT_EQ(parameters({"import", address_, file}).output, "changed 8/0-0:1.0.0:3\n");
    EXPECT_EQ(parameters({"diff", address_, file}).output, "the same\n");
    EXPECT_EQ(parameters({"export", address_}).output, text_in(file));
    EXPECT_EQ(parameters({"import", address_, (folder_ / "a.toml").string(), "--section", "clock"}).status, 0);
    expect_unchanged();
}

TEST_F(Parameters, ConfigureAnotherMeterLikeTheFirst) {
    export_a();
    std::string other;
    const auto second = start_meter((folder_ / "other.toml").string(), other);
    ASSERT_FALSE(other.empty());
    std::ofstream(folder_ / "b.toml") << [&] {
        std::string text = text_in(folder_ / "a.toml");
        const std::string_view from = "\"00:00 tariff 3\"";
        text.replace(text.find(from), from.size(), "\"00:00 tariff 1\"");
        const std::string_view groups = "\"71/0-0:17.0.0:9\" = []";
        text.replace(text.find(groups), groups.size(), "\"71/0-0:17.0.0:9\" = [7, 8]");
        return text;
    }();
    const std::string b = (folder_ / "b.toml").string();
    ASSERT_EQ(parameters({"import", address_, b}).output, "changed 71/0-0:17.0.0:9\nchanged the table of tariffs\n");
    address_ = other;
    keys_ = (folder_ / "other.toml").string();
    EXPECT_EQ(parameters({"import", address_, b}).status, 0);
    EXPECT_EQ(parameters({"export", address_}).output, text_in(b));
}

TEST_F(Parameters, WhatIsWrongIsFoundBeforeAnythingIsWritten) {
    export_a();
    expect_refused(changed("8/0-0:1.0.0:3", "99999"), "b.toml:16: 8/0-0:1.0.0:3: 99999 is out of range");
    expect_refused(changed("8/0-0:1.0.0:3", "\"x\""), "a number without a point is expected");
    expect_refused(changed("model", "\"Another 3P\""), "is for a \"Another 3P\", the meter is a \"Ferraris");
    expect_refused(changed("3/1-0:0.3.0:2", "10000"), "it is sealed");
    expect_refused(changed("8/0-0:1.0.0:3", "60"), "this client may not change it", "2");
}

TEST_F(Parameters, ARefusalPartWayPutsBackWhatWasWritten) {
    export_a();
    // The clock is written first; there is no control mode 77.
    (void)changed("8/0-0:1.0.0:3", "60");
    std::filesystem::rename(folder_ / "b.toml", folder_ / "c.toml");
    std::filesystem::copy_file(folder_ / "a.toml", folder_ / "kept.toml");
    std::filesystem::copy_file(folder_ / "c.toml", folder_ / "a.toml",
                               std::filesystem::copy_options::overwrite_existing);
    const std::string file = changed("70/0-0:96.3.10:4", "77");
    std::filesystem::copy_file(folder_ / "kept.toml", folder_ / "a.toml",
                               std::filesystem::copy_options::overwrite_existing);
    expect_refused(file, "everything is as it was before");
}

TEST_F(Parameters, ASealedOneChangesWhenSomebodySaysSo) {
    export_a();
    const std::string file = changed("3/1-0:0.3.0:2", "10000");
    EXPECT_EQ(parameters({"import", address_, file, "--sealed"}).output, "changed 3/1-0:0.3.0:2\n");
    EXPECT_EQ(parameters({"export", address_}).output, text_in(file));
}

TEST_F(Parameters, FilesAreComparedWithoutAMeter) {
    export_a();
    const std::string a = (folder_ / "a.toml").string();
    const std::string b = changed("3/1-0:12.31.0:2", "21000");
    const Outcome outcome = parameters({"diff", a, b, "--json"});
    EXPECT_EQ(outcome.status, 1);
    const auto report = nlohmann::json::parse(outcome.output);
    ASSERT_EQ(report.size(), 1U);
    EXPECT_EQ(report[0]["parameter"], "3/1-0:12.31.0:2");
    EXPECT_EQ(report[0]["second"], "21000");
    EXPECT_EQ(parameters({"diff", a, a}).status, 0);
}

}  // namespace
}  // namespace ferraris::cli
