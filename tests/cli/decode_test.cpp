/// `ferraris decode` as a user runs it.
#include <gtest/gtest.h>
#include <sys/stat.h>
#include <sys/wait.h>

#include <algorithm>
#include <cstdlib>
#include <fstream>
#include <nlohmann/json.hpp>
#include <sstream>
#include <string>

#include "base/hex.hpp"
#include "cli/key_file.hpp"
#include "crypto/openssl.hpp"
#include "scratch_folder.hpp"

namespace ferraris::cli {
namespace {

constexpr const char* kGetRequest = "C001C1000100002B0100FF0200";

struct DecodeOutcome {
    int status{-1};
    std::string output;
    std::string error;
};

class DecodeVerb : public ::testing::Test {
protected:
    DecodeOutcome decode(const std::string& arguments, const std::string& input = "/dev/null") {
        const std::string command = std::string("setsid ") + FERRARIS_PROGRAM + " decode " + arguments + " >" +
                                    path("output") + " 2>" + path("error") + " <" + input;
        const int status = std::system(command.c_str());
        return {WIFEXITED(status) ? WEXITSTATUS(status) : -1, contents("output"), contents("error")};
    }
    [[nodiscard]] std::string path(const char* name) const { return (folder_ / name).string(); }
    [[nodiscard]] std::string contents(const char* name) const {
        std::ifstream file(path(name), std::ios::binary);
        std::stringstream text;
        text << file.rdbuf();
        return text.str();
    }
    std::string write(const char* name, const std::string& text, mode_t mode = 0644) const {
        std::ofstream(path(name), std::ios::binary) << text;
        ::chmod(path(name).c_str(), mode);
        return path(name);
    }
    static std::string binary(std::string_view hex) {
        const Octets octets = from_hex(hex).value();
        return {octets.begin(), octets.end()};
    }
    static bool has(const std::string& text, std::string_view part) { return text.find(part) != std::string::npos; }

    testing::ScratchFolder folder_;
};

TEST_F(DecodeVerb, ExplainsOctetsOfTheCommandLine) {
    const DecodeOutcome whole = decode(kGetRequest);
    EXPECT_EQ(whole.status, 0) << whole.error;
    EXPECT_EQ(whole.error, "");
    EXPECT_TRUE(whole.output.starts_with("input, 13 octets\n")) << whole.output;
    EXPECT_TRUE(has(whole.output, "get-request-normal: Data 0-0:43.1.0 Invocation counter, value")) << whole.output;
    EXPECT_EQ(decode("C0 01 C1 00 01 00 00 2B 01 00 FF 02 00").output, whole.output);
    EXPECT_EQ(decode("'0xC0,0x01,0xC1,00 01 00 00 2b 01 00 ff 02 00'").output, whole.output);
}

TEST_F(DecodeVerb, ExplainsFilesAndStandardInput) {
    const std::string expected = decode(kGetRequest).output;
    const std::string text = write("text", std::string(kGetRequest) + "\n");
    const std::string octets = write("octets", binary(kGetRequest));
    for (const DecodeOutcome& outcome : {decode(text), decode(octets), decode("-", text), decode("-", octets)}) {
        EXPECT_EQ(outcome.status, 0) << outcome.error;
        EXPECT_EQ(outcome.output, expected);
    }
    const DecodeOutcome log = decode(write("log", "-> 7EA00A00020023219318717E\n<- 7EA00A00020023219318717E\n"));
    EXPECT_EQ(log.status, 0) << log.error;
    EXPECT_TRUE(has(log.output, "message 1, 12 octets")) << log.output;
    EXPECT_TRUE(has(log.output, "message 2, 12 octets")) << log.output;
}

/// Ethernet, IPv4, UDP to port 4059 and the wrapper around the GET request; 55 octets behind the packet's own header.
std::string capture() {
    constexpr std::string_view kPacket =
        "0000000000010000000000020800"
        "450000310000000040110000"
        "0A0000010A000002"
        "C3500FDB001D0000"
        "000100100001000D"
        "C001C1000100002B0100FF0200";
    const auto octets = from_hex(std::string("D4C3B2A1020004000000000000000000FFFF000001000000"
                                             "00F1536505000000"
                                             "3F0000003F000000") +
                                 std::string(kPacket))
                            .value();
    return {octets.begin(), octets.end()};
}

TEST_F(DecodeVerb, ExplainsCaptures) {
    const DecodeOutcome whole = decode(write("a.pcap", capture()) + " --json");
    EXPECT_EQ(whole.status, 0) << whole.error;
    const auto json = nlohmann::json::parse(whole.output);
    ASSERT_EQ(json.size(), 1U) << whole.output;
    EXPECT_EQ(json[0]["source"], "UDP 10.0.0.1:50000 to 10.0.0.2:4059");
    EXPECT_EQ(json[0]["time"], "2023-11-14T22:13:20.000005Z");
    EXPECT_EQ(json[0]["tree"]["name"], "wrapper");
    // What was captured before the end of a file that breaks off is explained.
    const DecodeOutcome cut = decode(write("cut.pcap", capture() + capture().substr(24, 30)));
    EXPECT_EQ(cut.status, 1);
    EXPECT_TRUE(has(cut.output, "get-request-normal")) << cut.output;
    EXPECT_TRUE(has(cut.error, "breaks off in the packet at octet 103; what is before that is explained")) << cut.error;
}

TEST_F(DecodeVerb, ReportsAsJsonAndXml) {
    const DecodeOutcome outcome = decode(std::string("--json ") + kGetRequest);
    EXPECT_EQ(outcome.status, 0) << outcome.error;
    const auto json = nlohmann::json::parse(outcome.output);
    ASSERT_EQ(json.size(), 1U);
    EXPECT_EQ(json[0]["buffers"][0]["hex"], kGetRequest);
    EXPECT_EQ(json[0]["tree"]["fields"][3]["value"], "Data 0-0:43.1.0 Invocation counter, value");
    const DecodeOutcome xml = decode(std::string("--xml ") + kGetRequest);
    EXPECT_EQ(xml.status, 0) << xml.error;
    EXPECT_TRUE(xml.output.starts_with("<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<decoded>\n")) << xml.output;
    EXPECT_TRUE(xml.output.ends_with("</decoded>\n")) << xml.output;
    EXPECT_TRUE(has(xml.output, "<field name=\"get-request-normal\" offset=\"0\" length=\"13\"")) << xml.output;
    EXPECT_NE(decode(std::string("--xml --json ") + kGetRequest).status, 0);
}

/// A general-glo-ciphering of the GET request from `title`, authenticated and encrypted.
std::string ciphered(const std::string& title, std::uint8_t key) {
    const auto crypto = make_openssl_crypto();
    const Octets unicast(16, key);
    const Octets additional = from_hex("30D0D1D2D3D4D5D6D7D8D9DADBDCDDDEDF").value();
    const Octets plain = from_hex(kGetRequest).value();
    GcmIv iv{};
    std::ranges::copy(from_hex(title + "00000007").value(), iv.begin());
    Octets cipher(plain.size());
    GcmTag tag{};
    const ByteView pieces[] = {additional};
    EXPECT_TRUE(crypto->gcm_seal(unicast, iv, pieces, plain, cipher, tag));
    return "DB08" + title + "1E3000000007" + to_hex(cipher) + to_hex(tag);
}

TEST_F(DecodeVerb, DeciphersMessagesOfSeveralMetersWithTheirKeys) {
    const std::string first = "4D45540000000001";
    const std::string second = "4D45540000000002";
    const auto table = [](const std::string& title, std::string_view pair) {
        std::string key;
        for (int i = 0; i < 16; ++i) key += pair;
        return "[meter." + title + "]\nunicast_key = \"" + key +
               "\"\nauthentication_key = \"D0D1D2D3D4D5D6D7D8D9DADBDCDDDEDF\"\n";
    };
    const std::string keys = write("keys", table(first, "11") + table(second, "22"), 0600);
    const std::string log = write("log", "<- " + ciphered(first, 0x11) + "\n<- " + ciphered(second, 0x22) + "\n");
    const DecodeOutcome outcome = decode(log + " --keys " + keys + " --json");
    EXPECT_EQ(outcome.status, 0) << outcome.error;
    const auto json = nlohmann::json::parse(outcome.output);
    ASSERT_EQ(json.size(), 2U);
    for (const auto& item : json) EXPECT_EQ(item["buffers"][1]["hex"], kGetRequest) << item.dump(1);
    // Without its key a message is shown closed, which is no failure.
    const DecodeOutcome closed = decode(log + " --keys " + write("one", table(first, "11"), 0600));
    EXPECT_EQ(closed.status, 0) << closed.error;
    EXPECT_TRUE(has(closed.output, "deciphered below")) << closed.output;
    EXPECT_TRUE(has(closed.output, "not deciphered: no key fits")) << closed.output;
    // No key is ever shown.
    EXPECT_FALSE(has(outcome.output + closed.output + closed.error, "22222222222222222222222222222222"));
}

TEST_F(DecodeVerb, TakesTheTitleOfASilentSender) {
    // Green Book, table 40: service-specific ciphering, which names no sender.
    const std::string message = "C81E3001234567411312FF935A47566827C467BC7D825C3BE4A77C3FCC056B6B";
    const std::string keys = write("keys",
                                   "[client.1]\nunicast_key = \"000102030405060708090A0B0C0D0E0F\"\n"
                                   "authentication_key = \"D0D1D2D3D4D5D6D7D8D9DADBDCDDDEDF\"\n",
                                   0600);
    EXPECT_TRUE(has(decode(message + " --keys " + keys).output, "the sender's system title is not known"));
    const DecodeOutcome outcome = decode(message + " --title 4D4D4D0000BC614E --keys " + keys);
    EXPECT_EQ(outcome.status, 0) << outcome.error;
    EXPECT_TRUE(has(outcome.output, "authentication tag: right")) << outcome.output;
    // A title that is the meter's own table's does as well.
    const std::string table =
        write("table", "[meter.4D4D4D0000BC614E]\nunicast_key = \"000102030405060708090A0B0C0D0E0F\"\n", 0600);
    EXPECT_TRUE(has(decode(message + " --keys " + table).output, "-- deciphered, 13 octets:"));
}

TEST_F(DecodeVerb, ShowsDamageAndExitsWithOneWhereOctetsStayUnexplained) {
    const DecodeOutcome cut = decode("C001C1000100002B01");
    EXPECT_EQ(cut.status, 1);
    EXPECT_TRUE(has(cut.output, "class-id: 1  (Data)")) << cut.output;
    EXPECT_TRUE(has(cut.output, "[unexplained]")) << cut.output;
    EXPECT_EQ(cut.error,
              "ferraris decode: 1 of the messages could not be explained to the end; look for [unexplained]\n");
    // A wrong check sum is explained: it is wrong.
    const DecodeOutcome wrong = decode("7EA00A00020023219318707E");
    EXPECT_EQ(wrong.status, 0) << wrong.error;
    EXPECT_TRUE(has(wrong.output, "[wrong]")) << wrong.output;
    const DecodeOutcome json = decode("--json C001C1000100002B01");
    EXPECT_EQ(json.status, 1);
    EXPECT_EQ(nlohmann::json::parse(json.output).size(), 1U);
}

TEST_F(DecodeVerb, ComplainsInOneLineThatSaysWhatToDo) {
    const auto expect = [&](const std::string& arguments, std::string_view part) {
        const DecodeOutcome outcome = decode(arguments);
        EXPECT_NE(outcome.status, 0) << arguments;
        EXPECT_TRUE(has(outcome.error, part)) << outcome.error;
        EXPECT_EQ(std::count(outcome.error.begin(), outcome.error.end(), '\n'), 1) << outcome.error;
        EXPECT_EQ(outcome.output, "") << arguments;
    };
    expect("hello", "\"hello\" is no file, and no pairs of hexadecimal digits; give a file, or octets as in");
    expect("C00", "no pairs of hexadecimal digits");
    expect("-", "the input is empty");
    expect(path(".").substr(0, path(".").size() - 1), "is a folder; give a file");
    expect(std::string(kGetRequest) + " --title 0102", "write its 8 octets in hex");
    expect(std::string(kGetRequest) + " --keys " + write("open", "", 0644), "chmod 600");
    expect(
        std::string(kGetRequest) + " --keys " + write("bad", "[meter.4D45540000000001]\nmaster_key = \"00\"\n", 0600),
        "[meter.4D45540000000001] master_key: it has 1 octets, needed are 16 or 32");
    expect(std::string(kGetRequest) + " --keys " + write("line", "[client.1]\nunicast_key = 0011FF\n", 0600),
           ", line ");
}

}  // namespace
}  // namespace ferraris::cli
