/// `ferraris conform` as a user runs it: against a virtual meter in another process, and against a server that takes
/// everything and answers nothing.
#include <arpa/inet.h>
#include <gtest/gtest.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <fstream>
#include <nlohmann/json.hpp>
#include <sstream>
#include <string>
#include <vector>

#include "child.hpp"
#include "cli/key_file.hpp"
#include "scratch_folder.hpp"

namespace ferraris::cli {
namespace {

struct ConformOutcome {
    int status{-1};
    std::vector<std::string> lines{};
    std::string error{};

    [[nodiscard]] std::size_t beginning_with(const std::string& word) const {
        return static_cast<std::size_t>(
            std::ranges::count_if(lines, [&](const std::string& line) { return line.starts_with(word); }));
    }
    [[nodiscard]] bool has(const std::string& part) const {
        return std::ranges::any_of(lines, [&](const std::string& line) { return line.find(part) != line.npos; });
    }
    [[nodiscard]] std::string output() const {
        std::string all;
        for (const std::string& line : lines) all += line + "\n";
        return all;
    }
    [[nodiscard]] std::string text() const { return output() + error; }
};

std::string contents(const std::filesystem::path& path) {
    std::ifstream file(path);
    std::stringstream text;
    text << file.rdbuf();
    return text.str();
}

class ConformVerb : public ::testing::Test {
protected:
    void start_meter(const std::vector<std::string>& more = {}) {
        std::vector<std::string> words{"meter",         "--json",      "--listen", "127.0.0.1:0",
                                       "--hdlc-listen", "127.0.0.1:0", "--keys",   keys()};
        words.insert(words.end(), more.begin(), more.end());
        meter_.emplace(words);
        const auto line = meter_->line();
        ASSERT_TRUE(line.has_value()) << "the meter did not start";
        const auto ready = nlohmann::json::parse(*line);
        tcp_ = ready["tcp"];
        udp_ = ready["udp"];
        hdlc_ = ready["hdlc"];
        hdlc_udp_ = ready["hdlc_udp"];
        lines_ = ready["lines"];
    }
    [[nodiscard]] std::string keys() const { return (folder_ / "keys.toml").string(); }
    [[nodiscard]] std::string file(const std::string& name) const { return (folder_ / name.c_str()).string(); }
    /// Not waited for.
    [[nodiscard]] std::unique_ptr<testing::Child> begin(std::vector<std::string> words) const {
        words.insert(words.begin(), "conform");
        return std::make_unique<testing::Child>(words, folder_ / "error");
    }
    [[nodiscard]] ConformOutcome end(testing::Child& child) const {
        ConformOutcome outcome;
        while (auto line = child.line(std::chrono::seconds(60))) outcome.lines.push_back(*line);
        outcome.status = child.wait();
        outcome.error = contents(folder_ / "error");
        return outcome;
    }
    [[nodiscard]] ConformOutcome conform(const std::vector<std::string>& words) const {
        std::filesystem::remove(folder_ / "error");
        return end(*begin(words));
    }

    testing::ScratchFolder folder_{};
    std::optional<testing::Child> meter_{};
    std::string tcp_{};
    std::string udp_{};
    std::string hdlc_{};
    std::string hdlc_udp_{};
    std::vector<std::string> lines_{};
};

TEST_F(ConformVerb, OurMeterPassesOverTheWrapper) {
    start_meter();
    for (const std::string& address : {tcp_, udp_}) {
        const ConformOutcome outcome = conform({address, "--keys", keys(), "--timeout", "0.5"});
        EXPECT_EQ(outcome.status, 0) << outcome.text();
        EXPECT_EQ(outcome.beginning_with("passed  "), 61U) << outcome.text();
        EXPECT_EQ(outcome.beginning_with("not applicable"), 39U) << outcome.text();
        EXPECT_EQ(outcome.lines.back(), "61 passed, 0 failed, 0 inconclusive, 39 not applicable");
        EXPECT_EQ(outcome.error, "");
    }
}

TEST_F(ConformVerb, OurMeterPassesOverHdlc) {
    start_meter();
    // The cases that have to wait until the meter gives up a frame run beside the others, which have not.
    const auto slow = begin({hdlc_, "--timeout", "0.1", "--frame-timeout", "2.1", "--case", "HDLC_FRAME_N1"});
    const auto long_frame = begin({hdlc_, "--timeout", "0.1", "--frame-timeout", "2.1", "--case", "HDLC_FRAME_N4"});
    std::vector<std::string> words{hdlc_, "--keys", keys(), "--timeout", "0.1", "--frame-timeout", "0.02"};
    std::istringstream list(conform({"--list"}).text());
    for (std::string line; std::getline(list, line) && !line.empty();) {
        const std::string id = line.substr(0, line.find(' '));
        if (id == "HDLC_FRAME_N1" || id == "HDLC_FRAME_N4") continue;
        words.insert(words.end(), {"--case", id});
    }
    const ConformOutcome outcome = conform(words);
    EXPECT_EQ(outcome.status, 0) << outcome.text();
    EXPECT_EQ(outcome.lines.back(), "72 passed, 0 failed, 0 inconclusive, 26 not applicable") << outcome.text();
    for (testing::Child* const child : {slow.get(), long_frame.get()}) {
        const ConformOutcome other = end(*child);
        EXPECT_EQ(other.status, 0) << other.text();
        EXPECT_EQ(other.lines.back(), "1 passed, 0 failed, 0 inconclusive, 0 not applicable") << other.text();
    }
}

TEST_F(ConformVerb, OurMeterPassesOverDatagramsAndSerialLines) {
    start_meter({"--serial-line", "pty", "--optical", "pty"});
    ASSERT_EQ(lines_.size(), 2U);
    // Over UDP the meter waits as long for the rest of a frame as over TCP, on a line 25 ms, and a quarter of a second
    // more on a pseudo-terminal, whose other end is another process. Behind a sign-on the cases
    // of HDLC do not apply, since a DISC ends what it began, and each other case signs on: some do.
    const auto datagrams = begin({hdlc_udp_, "--timeout", "0.3", "--frame-timeout", "2.1"});
    // At 9,600 Bd each octet takes a millisecond: the cases of the line itself, and two of what it carries.
    std::vector<std::string> words{lines_[0], "--timeout",   "0.3",    "--frame-timeout", "0.5",
                                   "--case",  "APPL_OPEN_1", "--case", "BasicCap_1"};
    std::istringstream list(conform({"--list"}).text());
    for (std::string line; std::getline(list, line) && !line.empty();) {
        if (line.starts_with("HDLC_")) words.insert(words.end(), {"--case", line.substr(0, line.find(' '))});
    }
    const auto serial = begin(words);
    const auto optical = begin({lines_[1], "--keys", keys(), "--timeout", "1", "--case", "APPL_OPEN_1", "--case",
                                "BasicCap_1", "--case", "HDLC_FRAME_N1"});
    for (testing::Child* const child : {datagrams.get(), serial.get()}) {
        const ConformOutcome outcome = end(*child);
        EXPECT_EQ(outcome.status, 0) << outcome.text();
        EXPECT_GE(outcome.beginning_with("passed  "), 21U) << outcome.text();
        EXPECT_EQ(outcome.beginning_with("passed          HDLC_"), 20U) << outcome.text();
        EXPECT_EQ(outcome.beginning_with("FAILED") + outcome.beginning_with("inconclusive"), 0U) << outcome.text();
    }
    const ConformOutcome outcome = end(*optical);
    EXPECT_EQ(outcome.status, 0) << outcome.text();
    EXPECT_EQ(outcome.lines.back(), "2 passed, 0 failed, 0 inconclusive, 1 not applicable") << outcome.text();
}

TEST_F(ConformVerb, KeysChangeOnlyWhenAskedTo) {
    start_meter();
    meter_.reset();
    KeyFile with_master = read_key_file(keys());
    with_master.clients.at(1).master_key = Octets(16, 0x5A);
    write_key_file(with_master);
    start_meter();
    const std::vector<std::string> words{tcp_,     "--keys",    keys(),   "--timeout", "0.5",
                                         "--case", "Key_Tx_P3", "--case", "Key_Tx_N2"};
    const ConformOutcome spared = conform(words);
    EXPECT_EQ(spared.status, 1) << spared.text();
    EXPECT_EQ(spared.beginning_with("not applicable"), 2U) << spared.text();
    EXPECT_TRUE(spared.has("--destructive")) << spared.text();
    std::vector<std::string> destructive = words;
    destructive.push_back("--destructive");
    const ConformOutcome changed = conform(destructive);
    EXPECT_EQ(changed.status, 0) << changed.text();
    EXPECT_EQ(changed.beginning_with("passed"), 2U) << changed.text();
}

TEST_F(ConformVerb, WithoutKeysTheCasesOfSecurityDoNotApply) {
    start_meter();
    const ConformOutcome outcome = conform({tcp_, "--timeout", "0.5"});
    EXPECT_EQ(outcome.status, 0) << outcome.text();
    EXPECT_TRUE(outcome.has("BasicCap_1")) << outcome.text();
    EXPECT_TRUE(outcome.has("no keys of a ciphering client are given")) << outcome.text();
}

/// Accepts connections (the system does) and answers nothing.
class DeafServer {
public:
    DeafServer() : socket_(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0)) {
        sockaddr_in here{};
        here.sin_family = AF_INET;
        here.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
        EXPECT_EQ(::bind(socket_, reinterpret_cast<const sockaddr*>(&here), sizeof here), 0);
        EXPECT_EQ(::listen(socket_, 100), 0);
        socklen_t size = sizeof here;
        EXPECT_EQ(::getsockname(socket_, reinterpret_cast<sockaddr*>(&here), &size), 0);
        port_ = std::to_string(ntohs(here.sin_port));
    }
    ~DeafServer() { ::close(socket_); }
    DeafServer(const DeafServer&) = delete;
    DeafServer& operator=(const DeafServer&) = delete;
    [[nodiscard]] const std::string& port() const { return port_; }

private:
    int socket_;
    std::string port_{};
};

TEST_F(ConformVerb, ADeafServerFailsWithTheOctetsThatItDidNotAnswer) {
    const DeafServer server;
    const ConformOutcome wrapper =
        conform({"tcp://127.0.0.1:" + server.port(), "--timeout", "0.05", "--case", "APPL_OPEN_1"});
    EXPECT_EQ(wrapper.status, 1) << wrapper.text();
    EXPECT_EQ(wrapper.beginning_with("FAILED          APPL_OPEN_1 "), 1U) << wrapper.text();
    EXPECT_EQ(wrapper.beginning_with("    expected: "), 1U) << wrapper.text();
    // Wrapper from client 16 to server 1, AARQ.
    EXPECT_EQ(wrapper.beginning_with("    -> 000100100001001F60"), 1U) << wrapper.text();
    EXPECT_EQ(wrapper.error, "ferraris conform: the meter does not conform; see the cases marked FAILED\n");
    const ConformOutcome hdlc = conform(
        {"hdlc+tcp://127.0.0.1:" + server.port() + "?physical=17", "--timeout", "0.05", "--case", "HDLC_ADDRESS_P1"});
    EXPECT_EQ(hdlc.status, 1) << hdlc.text();
    // SNRM from client 16 to 1/17.
    EXPECT_EQ(hdlc.beginning_with("    -> 7EA0080223219"), 1U) << hdlc.text();
    EXPECT_EQ(hdlc.lines.back(), "0 passed, 1 failed, 0 inconclusive, 0 not applicable") << hdlc.text();
}

TEST_F(ConformVerb, ReportsAsJsonAndAsAPage) {
    start_meter();
    const ConformOutcome good =
        conform({tcp_, "--keys", keys(), "--timeout", "0.5", "--json", "--html", file("good.html")});
    EXPECT_EQ(good.status, 0) << good.text();
    const auto json = nlohmann::json::parse(good.output());
    EXPECT_EQ(json["address"], tcp_);
    EXPECT_EQ(json["passed"], true);
    EXPECT_EQ(json["summary"]["passed"], 61);
    EXPECT_EQ(json["summary"]["not applicable"], 39);
    ASSERT_EQ(json["cases"].size(), 100U);
    const auto found = std::ranges::find_if(json["cases"], [](const auto& each) { return each["id"] == "BasicCap_1"; });
    ASSERT_NE(found, json["cases"].end());
    EXPECT_EQ((*found)["verdict"], "passed");
    // AARQ with client 1, AARE to it.
    ASSERT_GE((*found)["record"].size(), 4U);
    EXPECT_EQ((*found)["record"][0]["direction"], "sent");
    EXPECT_EQ(std::string((*found)["record"][0]["hex"]).substr(0, 12), "000100010001");
    EXPECT_EQ((*found)["record"][1]["direction"], "received");
    const std::string page = contents(file("good.html"));
    EXPECT_TRUE(page.starts_with("<!doctype html>"));
    EXPECT_NE(page.find("Result: <b class=\"pass\">passed</b>"), std::string::npos);
    EXPECT_EQ(page.find("<pre>"), std::string::npos) << "nothing failed, so nothing is explained";
}

/// The keys of the client are not those of the meter: the cases fail with a refusal, and the page explains both sides.
TEST_F(ConformVerb, ThePageExplainsBothDirectionsAndShowsNoKey) {
    start_meter();
    KeyFile wrong = read_key_file(keys());
    wrong.path = file("wrong.toml");
    wrong.clients.at(1).unicast_key = Octets(16, 0x3C);
    wrong.clients.at(1).master_key = Octets(16, 0x4D);
    write_key_file(wrong);
    const ConformOutcome bad = conform({tcp_, "--keys", file("wrong.toml"), "--timeout", "0.5", "--case", "BasicCap_1",
                                        "--html", file("bad.html"), "--json"});
    EXPECT_EQ(bad.status, 1) << bad.text();
    const auto json = nlohmann::json::parse(bad.output());
    EXPECT_EQ(json["passed"], false);
    EXPECT_EQ(json["summary"]["failed"], 1);
    const std::string page = contents(file("bad.html"));
    for (const char* const part :
         {"<h2 id=\"BasicCap_1\">", "<h3>To the meter</h3>", "<h3>From the meter</h3>", "AARQ", "IEC 62056-5-3"}) {
        EXPECT_NE(page.find(part), std::string::npos) << part << "\n" << page;
    }
    EXPECT_EQ(page.find("http"), std::string::npos) << "the page needs nothing from elsewhere";
    for (const char* const key : {"3C 3C 3C 3C", "3C3C3C3C", "4D 4D 4D 4D", "4D4D4D4D"}) {
        EXPECT_EQ(page.find(key), std::string::npos) << key;
    }
}

TEST_F(ConformVerb, ComplainsInOneLine) {
    const auto complaint = [&](const std::vector<std::string>& words, int status, const std::string& part) {
        const ConformOutcome outcome = conform(words);
        EXPECT_EQ(outcome.status, status) << outcome.text();
        EXPECT_TRUE(outcome.lines.empty()) << outcome.text();
        EXPECT_TRUE(outcome.error.starts_with("ferraris conform: ")) << outcome.error;
        EXPECT_NE(outcome.error.find(part), std::string::npos) << outcome.error;
        EXPECT_EQ(std::ranges::count(outcome.error, '\n'), 1) << outcome.error;
    };
    complaint({}, 2, "address is required");
    complaint({"tcp://127.0.0.1:1", "--case", "APPL_OPEN_99"}, 2, "no case \"APPL_OPEN_99\"");
    complaint({"tcp://127.0.0.1:1", "--timeout", "0"}, 2, "--timeout");
    complaint({"tcp://127.0.0.1:1"}, 1, "nothing listens");
    complaint({"hdlc+serial:///dev/null"}, 1, "is no serial line");
    complaint({"iec+serial:///dev/null"}, 1, "write optical://");
    complaint({"tcp://127.0.0.1:1", "--html", file("no/such/folder.html")}, 1, "cannot be written");
    complaint({"smoke://signals"}, 1, "smoke");
    const DeafServer server;
    complaint({"tcp://127.0.0.1:" + server.port(), "--keys", file("nowhere.toml")}, 1, "nowhere.toml");
    KeyFile other_suite;
    other_suite.path = file("suite1.toml");
    other_suite.clients[1].unicast_key = other_suite.clients[1].authentication_key = Octets(16, 0x11);
    other_suite.clients[1].suite = 1;
    write_key_file(other_suite);
    complaint({"tcp://127.0.0.1:" + server.port(), "--keys", file("suite1.toml")}, 1, "is of suite 1");
    complaint({"tcp://127.0.0.1:" + server.port(), "--image", file("no.img")}, 1, "no.img");
}

}  // namespace
}  // namespace ferraris::cli
