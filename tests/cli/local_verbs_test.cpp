/// `ferraris readout` and `ferraris program` over pseudo-terminals, against the virtual meter as another process.
#include <gtest/gtest.h>
#include <sys/stat.h>

#include <fstream>
#include <memory>
#include <nlohmann/json.hpp>
#include <sstream>

#include "child.hpp"
#include "cli/key_file.hpp"
#include "scratch_folder.hpp"

namespace ferraris::cli {
namespace {

class LocalVerbs : public ::testing::Test {
protected:
    void SetUp() override {
        meter_ = std::make_unique<testing::Child>(std::vector<std::string>{
            "meter", "--json", "--listen", "127.0.0.1:0", "--hdlc-listen", "127.0.0.1:0", "--keys", keys_, "--optical",
            path("optical") + "?fast", "--rs485", path("bus") + "?fast"});
        const auto ready = meter_->line();
        ASSERT_TRUE(ready);
        tcp_ = nlohmann::json::parse(*ready)["tcp"];
    }

    struct Outcome {
        int status;
        std::string output;
        std::string error;
        [[nodiscard]] nlohmann::json json() const { return nlohmann::json::parse(output); }
    };
    [[nodiscard]] Outcome run(const std::vector<std::string>& arguments) const {
        const auto log = folder_ / "error";
        std::filesystem::remove(log);
        testing::Child child(arguments, log);
        std::string output;
        while (const auto line = child.line()) output += *line + "\n";
        const int status = child.wait();
        std::ifstream errors(log);
        std::stringstream text;
        text << errors.rdbuf();
        return {status, output, text.str()};
    }
    [[nodiscard]] Outcome program(std::uint16_t client, std::vector<std::string> commands) const {
        std::vector<std::string> arguments{"program", optical(), "--password-file", password_file(client)};
        arguments.insert(arguments.end(), commands.begin(), commands.end());
        return run(arguments);
    }
    [[nodiscard]] std::string path(const char* name) const { return (folder_ / name).string(); }
    [[nodiscard]] std::string optical() const { return "optical://" + path("optical"); }
    [[nodiscard]] std::string file_with(const std::string& text, mode_t mode) const {
        const std::string file = path("password");
        std::ofstream(file) << text;
        ::chmod(file.c_str(), mode);
        return file;
    }
    [[nodiscard]] std::string password_file(std::uint16_t client) const {
        const KeyFile keys = read_key_file(keys_);
        const auto& secret = keys.client(client).secret;
        return file_with(std::string(secret.begin(), secret.end()), 0600);
    }

    testing::ScratchFolder folder_;
    std::string keys_ = (folder_ / "keys.toml").string();
    std::string tcp_;
    std::unique_ptr<testing::Child> meter_;
};

TEST_F(LocalVerbs, ReadoutTakesAllOrWhatIsNamed) {
    const Outcome all = run({"readout", optical(), "--json"});
    ASSERT_EQ(all.status, 0) << all.error;
    EXPECT_EQ(all.json()["manufacturer"], "FRS");
    EXPECT_EQ(all.json()["baud"], 19200);
    EXPECT_GT(all.json()["data"].size(), 30U);

    const Outcome two = run({"readout", optical(), "1.8.0", "C.1.0", "--json"});
    ASSERT_EQ(two.json()["data"].size(), 2U);
    EXPECT_EQ(two.json()["data"][0]["value"], "0000000000001");
    EXPECT_EQ(two.json()["data"][1]["unit"], "kWh");

    const Outcome table = run({"readout", optical(), "C.1.0", "--csv"});
    EXPECT_EQ(table.status, 0);
    EXPECT_NE(table.output.find("C.1.0,Serial number,0000000000001,"), std::string::npos) << table.output;
}

TEST_F(LocalVerbs, ReadoutAlsoOnTheBus) {
    const Outcome bus = run({"readout", "iec+serial://" + path("bus") + "?baud=9600", "C.1.0", "--json"});
    ASSERT_EQ(bus.status, 0) << bus.error;
    EXPECT_EQ(bus.json()["baud"], 9600) << "a bus stays at its speed";
}

TEST_F(LocalVerbs, AnotherAddressGetsNoAnswer) {
    const Outcome nobody = run({"readout", optical() + "?device=77", "--timeout", "0.5"});
    EXPECT_EQ(nobody.status, 1);
    EXPECT_TRUE(nobody.error.starts_with("ferraris readout: ")) << nobody.error;
}

TEST_F(LocalVerbs, ProgramReadsWithThePasswordOfALevel) {
    const Outcome reader = program(2, {"1.8.0", "32.7.0", "--json"});
    ASSERT_EQ(reader.status, 0) << reader.error;
    const auto commands = reader.json()["commands"];
    ASSERT_EQ(commands.size(), 2U);
    EXPECT_EQ(commands[0]["data"][0]["unit"], "kWh");
    EXPECT_EQ(commands[1]["data"][0]["unit"], "V");

    const Outcome nobody = run({"program", optical(), "1.8.0"});
    EXPECT_EQ(nobody.status, 1);
    EXPECT_NE(nobody.error.find("ER07"), std::string::npos) << nobody.error;
    EXPECT_EQ(run({"program", optical(), "C.1.0"}).status, 0) << "identification is for everybody";
}

TEST_F(LocalVerbs, ProgramWritesWhatTheLevelMay) {
    EXPECT_NE(program(2, {"0.9.1=120000"}).error.find("ER06"), std::string::npos);
    ASSERT_EQ(program(3, {"0.9.2=310704", "0.9.1=120000"}).status, 0);
    const Outcome date = program(2, {"0.9.2", "--json"});
    EXPECT_EQ(date.json()["commands"][0]["data"][0]["value"], "310704");
    EXPECT_NE(program(3, {"0.9.1=250000"}).error.find("ER18"), std::string::npos);
    EXPECT_NE(program(3, {"1.8.0=1"}).error.find("ER04"), std::string::npos);
}

TEST_F(LocalVerbs, TheTestModeBeginsAndEndsAtTheOpticalPort) {
    const auto mode = [this] {
        return run({"panel", tcp_, "--keys", keys_, "--json"}).json()["mode"].get<std::string>();
    };
    ASSERT_EQ(program(3, {"0-0:128.30.4=1"}).status, 0);
    EXPECT_EQ(mode(), "test");
    EXPECT_EQ(run({"readout", optical(), "1.8.0"}).status, 0) << "communication goes on";
    ASSERT_EQ(program(3, {"0-0:128.30.4=0"}).status, 0);
    EXPECT_EQ(mode(), "normal");
}

TEST_F(LocalVerbs, APasswordIsWrongOrOpenToOthers) {
    const Outcome wrong = run({"program", optical(), "--password-file", file_with("00000000", 0600), "1.8.0"});
    EXPECT_EQ(wrong.status, 1);
    EXPECT_NE(wrong.error.find("password"), std::string::npos) << wrong.error;
    EXPECT_EQ(wrong.error.find("00000000"), std::string::npos) << "never in an error";
    const Outcome open = run({"program", optical(), "--password-file", file_with("00000000", 0644), "1.8.0"});
    EXPECT_EQ(open.status, 1);
    EXPECT_NE(open.error.find("chmod"), std::string::npos) << open.error;
}

}  // namespace
}  // namespace ferraris::cli
