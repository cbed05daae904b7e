/// The verbs as a user runs them: the program itself, against a virtual meter that is another process.
#include <gtest/gtest.h>
#include <signal.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <cmath>
#include <cstdint>
#include <cstdio>
#include <fstream>
#include <nlohmann/json.hpp>
#include <numbers>
#include <sstream>
#include <string>
#include <vector>

#include "child.hpp"
#include "cli/client.hpp"
#include "cli/error.hpp"
#include "cli/key_file.hpp"
#include "meter/store/layout.hpp"
#include "scratch_folder.hpp"

namespace ferraris::cli {
namespace {

struct Outcome {
    int status{-1};
    std::string output;
    std::string error;
};

std::string contents(const std::filesystem::path& path) {
    std::ifstream file(path);
    std::stringstream text;
    text << file.rdbuf();
    return text.str();
}

class Verbs : public ::testing::Test {
protected:
    /// Two and a half simulated days around the beginning of summer time, then the meter's time stands still.
    static void SetUpTestSuite() {
        folder_ = new testing::ScratchFolder;
        std::array<int, 2> pipe{};
        ASSERT_EQ(::pipe(pipe.data()), 0);
        const std::string keys = keys_path();
        meter_ = ::fork();
        if (meter_ == 0) {
            ::dup2(pipe[1], STDOUT_FILENO);
            ::close(pipe[0]);
            std::freopen("/dev/null", "w", stderr);
            ::execl(FERRARIS_PROGRAM, FERRARIS_PROGRAM, "meter", "--json", "--listen", "127.0.0.1:0", "--hdlc-listen",
                    "127.0.0.1:0", "--keys", keys.c_str(), "--start", "2026-03-28T00:00:00Z", "--until",
                    "2026-03-30T12:00:00Z", "--speed", "max", nullptr);
            ::_exit(127);
        }
        ::close(pipe[1]);
        FILE* const lines = ::fdopen(pipe[0], "r");
        std::array<char, 4096> line{};
        ASSERT_NE(std::fgets(line.data(), line.size(), lines), nullptr) << "the meter did not start";
        std::fclose(lines);
        const auto ready = nlohmann::json::parse(line.data());
        tcp_ = ready["tcp"];
        udp_ = ready["udp"];
        hdlc_ = ready["hdlc"];
        hdlc_udp_ = ready["hdlc_udp"];
        // Until its time stands still.
        for (int i = 0; i < 100 && ferraris("read " + tcp_ + " 8/0-0:1.0.0:2").output.find("2026-03-30T14:00:00") ==
                                       std::string::npos;
             ++i) {
            ::usleep(50'000);
        }
    }
    static void TearDownTestSuite() {
        ::kill(meter_, SIGTERM);
        int status = 0;
        ::waitpid(meter_, &status, 0);
        EXPECT_TRUE(WIFEXITED(status) && WEXITSTATUS(status) == 0) << "the meter did not end in good order";
        delete folder_;
    }

    static std::string keys_path() { return (*folder_ / "keys.toml").string(); }
    /// The options of the utility's client.
    static std::string utility() { return " --client 1 --keys " + keys_path() + " "; }

    static Outcome ferraris(const std::string& arguments) {
        const std::string output = (*folder_ / "output").string();
        const std::string error = (*folder_ / "error").string();
        const std::string command =
            std::string("setsid ") + FERRARIS_PROGRAM + " " + arguments + " >" + output + " 2>" + error + " </dev/null";
        const int status = std::system(command.c_str());
        return {WIFEXITED(status) ? WEXITSTATUS(status) : -1, contents(output), contents(error)};
    }
    static void expect_complaint(const std::string& arguments, const std::string& part) {
        const Outcome outcome = ferraris(arguments);
        EXPECT_NE(outcome.status, 0) << arguments;
        EXPECT_NE(outcome.error.find(part), std::string::npos) << arguments << "\n" << outcome.error;
        EXPECT_TRUE(outcome.error.starts_with("ferraris")) << outcome.error;
        EXPECT_EQ(std::count(outcome.error.begin(), outcome.error.end(), '\n'), 1) << outcome.error;
    }

    static inline testing::ScratchFolder* folder_{nullptr};
    static inline pid_t meter_{-1};
    static inline std::string tcp_;
    static inline std::string udp_;
    static inline std::string hdlc_;
    static inline std::string hdlc_udp_;
};

TEST_F(Verbs, HelpEndsInAnExample) {
    // A verb is a word at the beginning of a line of the help, behind two blanks.
    std::vector<std::string> verbs;
    std::istringstream lines(ferraris("--help").output);
    for (std::string line; std::getline(lines, line);) {
        if (line.size() > 3 && line.starts_with("  ") && line[2] >= 'a' && line[2] <= 'z') {
            verbs.push_back(line.substr(2, line.find(' ', 2) - 2));
        }
    }
    EXPECT_GE(verbs.size(), 20U);
    for (const std::string& verb : verbs) {
        const Outcome help = ferraris(verb + " --help");
        EXPECT_EQ(help.status, 0) << verb;
        EXPECT_NE(help.output.find("Example"), std::string::npos) << verb;
        EXPECT_NE(help.output.rfind("  ferraris " + verb), std::string::npos) << verb;
    }
    EXPECT_EQ(ferraris("--version").output, "ferraris 0.1.0\n");
    EXPECT_EQ(ferraris("").status, 2);
}

TEST_F(Verbs, WrongCommandLinesGetOneLine) {
    expect_complaint("raed tcp://x", "did you mean \"read\"?");
    expect_complaint("tou write x", "there is no action \"write\"; give one of check, send, get, show");
    expect_complaint("tou", "it lacks an action; give one of check, send, get, show");
    expect_complaint("firmware", "it lacks an action; give one of pack, ");
    expect_complaint("read", "required");
    expect_complaint("read nowhere", "is no address");
    expect_complaint("read tcp://127.0.0.1:1", "nothing listens");
    expect_complaint("read " + tcp_ + " 1.8.0", "names no object");
    expect_complaint("read " + tcp_ + " --client 1", "needs a secret");
    expect_complaint("read " + tcp_ + " --client 1 --auth gmac", "no terminal to ask on");
    expect_complaint("profile " + tcp_ + " load --from yesterday", "is no time");
    expect_complaint("profile " + tcp_ + " load --last 3 --from 2026-03-28", "excludes");
    expect_complaint("write " + tcp_ + " 8/0-0:1.0.0:2 u8:900", "is no value for u8");
    expect_complaint("profile " + tcp_ + " load --from 2026-03-30 --to 2026-03-29", "is before --from");
    expect_complaint("profile " + tcp_ + " load --from 1960-01-01", "give a time from 1970 to 2199");
    expect_complaint("completion fish", "write `ferraris completion bash`");
    // Nothing goes to a meter before that is found.
    for (const char* const command :
         {"read tcp://127.0.0.1:1 banana", "write tcp://127.0.0.1:1 banana u8:1", "call tcp://127.0.0.1:1 banana"}) {
        expect_complaint(command, "\"banana\" names no object");
    }
    expect_complaint("write tcp://127.0.0.1:1 0-0:1.0.0 u8:1", "lacks the attribute");
}

/// Each says what may be given.
TEST_F(Verbs, WrongNumbersAreToldTheRange) {
    expect_complaint("demo --port 99999", "--port: 99999 is no whole number from 0 to 65535");
    expect_complaint("demo --seed x", "--seed: x is no whole number from 0 to 18446744073709551615");
    expect_complaint("demo --seed -1", "--seed: -1 is no whole number");
    expect_complaint("demo --seed 18446744073709551616", "is no whole number");
    expect_complaint("read " + tcp_ + " --user 256", "--user: 256 is no whole number from 0 to 255");
    expect_complaint("read " + tcp_ + " --client 0", "--client: 0 is no whole number from 1 to 65535");
    expect_complaint("read " + tcp_ + " --timeout 1s", "--timeout: 1s is no number from 0.1 to 3600");
    expect_complaint("listen udp://127.0.0.1:1 --count some", "--count: some is no whole number from 1 to 1000000000");
    expect_complaint("measure x.i16 --rate fast --amps-per-count 1 --volts-per-count 1",
                     "--rate: fast is no number from 3000 to 16000");
    expect_complaint("meter --serial -1", "--serial: -1 is no whole number from 0 to 1099511627775");
    expect_complaint("meter --association-version 4", "--association-version: 4 is no whole number from 1 to 3");
    expect_complaint("typetest --frequency 55", "--frequency: 55 is neither 50 nor 60");
    EXPECT_NE(ferraris("meter --help").output.find("(default: 3)"), std::string::npos);
}

TEST_F(Verbs, MeterSaysWhichOptionIsWrong) {
    const std::string meter = "meter --listen 127.0.0.1:0 --hdlc-listen 127.0.0.1:0 ";
    expect_complaint(meter + "--state /proc/nowhere", "name another one with --state");
    expect_complaint(meter + "--start 1960-01-01", "give a time from 1970 to 2199");
    expect_complaint(meter + "--start soon", "is no time");
    // Of a network that is kept for documentation (RFC 5737), so that no machine has it.
    expect_complaint("meter --listen 192.0.2.1:0", "no address of this machine");
    expect_complaint(meter + "--rate 6400", "give one with --load FILE.i16");
    expect_complaint(meter + "--load household --amps-per-count 0.1", "give one with --load FILE.i16");
}

TEST_F(Verbs, MeterTakesTheScaleOfARecording) {
    // A sine of 50 Hz, 40 samples a cycle, a second long.
    const std::string path = (*folder_ / "sine.i16").string();
    std::ofstream file(path, std::ios::binary);
    for (int i = 0; i < 2000; ++i) {
        const auto count = static_cast<std::int16_t>(10'000 * std::sin(2 * std::numbers::pi * i / 40));
        for (int channel = 0; channel < 2; ++channel) {
            file.put(static_cast<char>(count & 0xFF));
            file.put(static_cast<char>(count >> 8 & 0xFF));
        }
    }
    file.close();
    const std::string meter = "meter --listen 127.0.0.1:0 --hdlc-listen 127.0.0.1:0 --load " + path;
    expect_complaint(meter + " --rate 100", "--rate: 100 is no number from 3000 to 16000");
    expect_complaint("meter --crystal-ppm nan", "--crystal-ppm: nan is no number from -500 to 500");
    expect_complaint("meter --temperature inf", "--temperature: inf is no number from -40 to 85");
    expect_complaint(meter + " --volts-per-count 0", "--volts-per-count: 0 is no number from 1e-12 to 3000");
    // 2 kHz are too few, and 40 samples a cycle at 3.2 kHz are 80 Hz: this is 4 kHz, 100 cycles in two seconds of it.
    expect_complaint(meter + " --rate 2000 --volts-per-count 0.03", "--rate: 2000 is no number from 3000 to 16000");
}

TEST_F(Verbs, AFullDiskIsAFailure) {
    for (const char* const arguments : {"--help", "read --help", "--version", "completion bash"}) {
        const std::string command =
            std::string(FERRARIS_PROGRAM) + " " + arguments + " >/dev/full 2>" + (*folder_ / "full").string();
        const int status = std::system(command.c_str());
        EXPECT_TRUE(WIFEXITED(status) && WEXITSTATUS(status) != 0) << arguments;
        EXPECT_NE(contents(*folder_ / "full").find("is the disk full?"), std::string::npos) << arguments;
    }
}

TEST_F(Verbs, HelpShowsNoMarksOfProgrammers) {
    for (const char* const verb : {"demo", "meter", "panel", "read", "profile", "write", "call", "disconnect",
                                   "reconnect", "tou", "measure", "typetest", "conform", "completion"}) {
        const std::string help = ferraris(std::string(verb) + " --help").output;
        for (const char* const mark : {" TEXT", "UINT", "FLOAT", " in [", "]...\n  VALUE", "VALUE]..."}) {
            EXPECT_EQ(help.find(mark), std::string::npos) << verb << " shows " << mark;
        }
    }
    EXPECT_NE(ferraris("call --help").output.find("OBIS:METHOD [VALUE] [OPTIONS]"), std::string::npos);
    EXPECT_NE(ferraris("read --help").output.find("[OBIS[:ATTRIBUTE]]..."), std::string::npos);
}

TEST_F(Verbs, LessProtectionThanThePolicyWantsIsSaidSo) {
    expect_complaint("read " + tcp_ + utility() + "--protect authenticate 1-0:1.8.0", "try --protect both");
    expect_complaint("read " + tcp_ + utility() + "--protect none 1-0:1.8.0", "try --protect both");
}

TEST_F(Verbs, ReadNamesAttributesAndWhatTheyAreMadeOf) {
    const Outcome read = ferraris("read " + tcp_ + utility() + "15/0-0:40.0.0:3 7/1-0:99.1.0:3");
    EXPECT_EQ(read.status, 0) << read.error;
    EXPECT_NE(read.output.find("{client_SAP: 1, server_SAP: 1}"), std::string::npos) << read.output;
    EXPECT_NE(read.output.find("{class_id: 8 (Clock), logical_name: 0-0:1.0.0, attribute_index: 2, data_index: 0}"),
              std::string::npos)
        << read.output;
}

TEST_F(Verbs, ReadShowsTheAssociationViewOverEveryTransport) {
    for (const std::string& address : {tcp_, udp_, "'" + hdlc_ + "'", "'" + hdlc_udp_ + "'"}) {
        const Outcome read = ferraris("read " + address);
        EXPECT_EQ(read.status, 0) << read.error;
        EXPECT_NE(read.output.find("Logical device name"), std::string::npos) << address;
        EXPECT_NE(read.output.find("2026-03-30T14:0"), std::string::npos) << address;
        EXPECT_NE(read.output.find("every year, March, last Sunday, 02:00:00"), std::string::npos) << address;
    }
}

TEST_F(Verbs, ReadAppliesScalerAndUnit) {
    const Outcome read = ferraris("read " + tcp_ + utility() + "1-0:1.8.0 1.0.32.7.0.255:2 3/1-0:14.7.0:2 --json");
    ASSERT_EQ(read.status, 0) << read.error;
    const auto report = nlohmann::json::parse(read.output);
    ASSERT_EQ(report["objects"].size(), 3U);
    const auto& energy = report["objects"][0];
    EXPECT_EQ(energy["name"], "Active energy import (+A)");
    EXPECT_EQ(energy["attributes"][0]["unit"], "Wh");
    EXPECT_GT(energy["attributes"][0]["value"].get<double>(), 5000);
    const auto& voltage = report["objects"][1]["attributes"];
    ASSERT_EQ(voltage.size(), 1U) << "the scaler is read, not reported";
    EXPECT_EQ(voltage[0]["unit"], "V");
    EXPECT_NEAR(voltage[0]["value"].get<double>(), 230, 25);
    EXPECT_NEAR(report["objects"][2]["attributes"][0]["value"].get<double>(), 50, 1);
}

TEST_F(Verbs, EveryLevelAssociates) {
    EXPECT_EQ(ferraris("read " + tcp_ + " --client 2 --keys " + keys_path() + " 1-0:1.8.0").status, 0);
    EXPECT_EQ(ferraris("read " + tcp_ + " --client 3 --keys " + keys_path() + " 1-0:1.8.0").status, 0);
    EXPECT_EQ(ferraris("read '" + hdlc_ + "'" + utility() + "1-0:1.8.0").status, 0);
    expect_complaint("read " + tcp_ + " --client 9 --auth none", "refuses the association");
    expect_complaint("read " + tcp_ + " 3/1-0:1.8.0:2", "this client may not do that");
}

TEST_F(Verbs, WrongKeysAreRefusedAndNeverShown) {
    const std::string path = (*folder_ / "wrong.toml").string();
    const std::string key = "DEADBEEFDEADBEEFDEADBEEFDEADBEEF";
    std::ofstream(path) << "[client.1]\nunicast_key = \"" << key << "\"\nauthentication_key = \"" << key << "\"\n";
    ::chmod(path.c_str(), 0600);
    const Outcome read = ferraris("read " + tcp_ + " --client 1 --keys " + path + " 1-0:1.8.0");
    EXPECT_EQ(read.status, 1);
    EXPECT_EQ(read.error.find(key), std::string::npos);
    EXPECT_EQ(std::count(read.error.begin(), read.error.end(), '\n'), 1) << read.error;
    ::chmod(path.c_str(), 0644);
    expect_complaint("read " + tcp_ + " --client 1 --keys " + path, "chmod 600");
}

TEST_F(Verbs, ALostCountersFileIsMadeAnewFromTheMetersCounter) {
    ASSERT_EQ(ferraris("read " + tcp_ + utility() + "1-0:1.8.0").status, 0);
    const std::string counters = keys_path() + ".counters";
    EXPECT_NE(contents(counters).find("client 1 next "), std::string::npos);
    std::filesystem::remove(counters);
    EXPECT_EQ(ferraris("read " + tcp_ + utility() + "1-0:1.8.0").status, 0);
    std::filesystem::remove(counters);
    expect_complaint("read " + tcp_ + utility() + "--counter-object 0.0.43.1.9.255 1-0:1.8.0",
                     "check --counter-object");
}

TEST_F(Verbs, ACounterThatFellBehindIsCaughtUpWith) {
    // Global keys for the services too, so that two associations of one client count together.
    KeyFile keys = read_key_file(keys_path());
    keys.path = *folder_ / "global.toml";
    keys.clients[1].dedicated = false;
    write_key_file(keys);
    std::vector<std::string> notes;
    ConnectOptions options;
    options.address = tcp_;
    options.client_sap = 1;
    options.key_file = keys.path.string();
    options.note = [&notes](const std::string& note) { notes.push_back(note); };
    const dlms::AttributeDescriptor energy{3, dlms::obis(1, 0, 1, 8, 0), 2};
    Client slow(options);
    Client fast(options);
    EXPECT_EQ(fast.get(energy).result, dlms::DataAccessResult::success);
    EXPECT_TRUE(notes.empty());
    EXPECT_EQ(slow.get(energy).result, dlms::DataAccessResult::success);
    ASSERT_EQ(notes.size(), 1U);
    EXPECT_TRUE(notes[0].starts_with("the meter's invocation counter is at ")) << notes[0];
    EXPECT_EQ(slow.get(energy).result, dlms::DataAccessResult::success);
    EXPECT_EQ(notes.size(), 1U);
    // So do lists, and so does the other one.
    const std::vector<dlms::AttributeDescriptor> several(3, energy);
    for (const GetAnswer& answer : fast.get_all(several, nullptr))
        EXPECT_EQ(answer.result, dlms::DataAccessResult::success);
    EXPECT_EQ(slow.get(energy).result, dlms::DataAccessResult::success);
    EXPECT_EQ(notes.size(), 3U);
}

TEST_F(Verbs, ManyProcessesShareOneKeyFile) {
    const std::string script = (*folder_ / "parallel.sh").string();
    std::ofstream(script) << "for process in 1 2 3 4 5 6 7 8; do (\n"
                             "  for reading in $(seq 20); do\n"
                             "    "
                          << FERRARIS_PROGRAM << " read " << tcp_ << utility()
                          << "3/1-0:1.8.0:2 >/dev/null || echo failed\n"
                             "  done ) & done; wait\n";
    const std::string output = (*folder_ / "parallel.out").string();
    const std::string errors = (*folder_ / "parallel.err").string();
    ASSERT_EQ(std::system(("sh " + script + " >" + output + " 2>" + errors).c_str()), 0);
    EXPECT_EQ(contents(output), "") << contents(errors);
}

TEST_F(Verbs, AnOldAnswerOfTheMeterIsNotTrusted) {
    ASSERT_EQ(ferraris("read " + tcp_ + utility() + "1-0:1.8.0").status, 0);
    const std::string path = keys_path() + ".counters";
    const std::string before = contents(path);
    const std::size_t heard = before.find(" heard ");
    ASSERT_NE(heard, std::string::npos) << before;
    const std::string line = before.substr(before.rfind('\n', heard) + 1, heard - before.rfind('\n', heard) - 1);
    // As if the meter had been further: what it sends now was sent before.
    std::ofstream(path, std::ios::app) << line << " heard 4294967000\n";
    expect_complaint("read " + tcp_ + utility() + "1-0:1.8.0", "delete its \"heard\" line from " + path);
    std::ofstream(path) << before;
    EXPECT_EQ(ferraris("read " + tcp_ + utility() + "1-0:1.8.0").status, 0);
}

TEST_F(Verbs, AMeterWithoutAMemoryGoesOnCounting) {
    // What its clients have heard so far makes the successor begin behind it.
    const std::string keys = (*folder_ / "restarted.toml").string();
    for (int life = 0; life < 2; ++life) {
        const std::string script = (*folder_ / "restart.sh").string();
        std::ofstream(script) << FERRARIS_PROGRAM
                              << " meter --json --listen 127.0.0.1:0 --hdlc-listen 127.0.0.1:0 --keys " << keys << " > "
                              << keys << ".ready 2>/dev/null & meter=$!\n"
                              << "until address=$(grep -o 'tcp://[0-9.:]*' " << keys
                              << ".ready | tail -1) && [ -n \"$address\" ]; do sleep 0.05; done\n"
                              << FERRARIS_PROGRAM << " read $address --client 1 --keys " << keys
                              << " 3/1-0:1.8.0:2; status=$?; kill $meter; wait $meter; exit $status\n";
        EXPECT_EQ(std::system(("sh " + script + " >/dev/null").c_str()), 0) << "life " << life;
        std::filesystem::remove(keys + ".ready");
    }
    EXPECT_NE(contents(keys + ".counters").find(" heard "), std::string::npos);
}

TEST_F(Verbs, TheMeterTellsInWhatStateItFoundItsFlash) {
    const std::filesystem::path state = *folder_ / "state";
    const std::filesystem::path log = *folder_ / "state.log";
    const auto told_by_a_life = [&] {
        std::filesystem::remove(log);
        testing::Child meter(
            {"meter", "--json", "--listen", "127.0.0.1:0", "--hdlc-listen", "127.0.0.1:0", "--state", state.string(),
             "--speed", "max", "--start", "2026-03-28T00:00:00Z", "--until", "2026-03-28T01:00:00Z"},
            log);
        EXPECT_TRUE(meter.line().has_value());
        EXPECT_EQ(meter.stop(), 0);
        return contents(log);
    };
    const std::string where = "state in " + state.string() + ": ";
    EXPECT_NE(told_by_a_life().find(where + "fresh: the registers begin at zero\n"), std::string::npos);
    EXPECT_NE(told_by_a_life().find(where + "recovered\n"), std::string::npos);
    std::fstream flash(state / "flash", std::ios::in | std::ios::out | std::ios::binary);
    flash.seekp(std::streamoff{meter::kRegisterJournalRegion.first_sector} * meter::kSectorSize);
    flash << std::string(std::size_t{meter::kRegisterJournalRegion.sector_count} * meter::kSectorSize, 'U');
    flash.close();
    EXPECT_NE(told_by_a_life().find("in registers; THE REGISTERS BEGIN AT ZERO"), std::string::npos) << contents(log);
}

TEST_F(Verbs, ProfileByRangeByEntryAndByCountAgree) {
    const std::string base = "profile " + tcp_ + " load" + utility();
    const Outcome last = ferraris(base + "--last 2 --csv");
    ASSERT_EQ(last.status, 0) << last.error;
    std::istringstream lines(last.output);
    std::string header;
    std::string row1;
    std::string row2;
    std::getline(lines, header);
    std::getline(lines, row1);
    std::getline(lines, row2);
    EXPECT_TRUE(header.starts_with("time,status,1-0:1.8.0 [Wh],1-0:2.8.0 [Wh],1-0:5.8.0 [varh]")) << header;
    EXPECT_TRUE(row1.starts_with("2026-03-30T13:45:00+02:00,")) << row1;
    EXPECT_TRUE(row2.starts_with("2026-03-30T14:00:00+02:00,")) << row2;
    EXPECT_EQ(ferraris(base + "--from 2026-03-30T13:45 --to 2026-03-30T14:00 --csv").output, last.output);
    EXPECT_EQ(ferraris(base + "--from 2026-03-30T11:45Z --csv").output, last.output);
    const auto all = nlohmann::json::parse(ferraris(base + "--json").output);
    const std::size_t count = all["rows"].size();
    EXPECT_EQ(all["capture_period_s"], 900);
    EXPECT_EQ(count, 240U);
    EXPECT_EQ(ferraris(base + "--entries " + std::to_string(count - 1) + "- --csv").output, last.output);
    EXPECT_NE(ferraris(base + "--last 2").output.find("2 rows"), std::string::npos);
}

TEST_F(Verbs, TheHourThatSummerTimeTakesHasNoRows) {
    const Outcome rows =
        ferraris("profile " + tcp_ + " load" + utility() + "--from 2026-03-29T01:45 --to 2026-03-29T03:00 --csv");
    ASSERT_EQ(rows.status, 0) << rows.error;
    EXPECT_NE(rows.output.find("\n2026-03-29T01:45:00+01:00,"), std::string::npos);
    EXPECT_NE(rows.output.find("\n2026-03-29T03:00:00+02:00,"), std::string::npos);
    EXPECT_EQ(std::count(rows.output.begin(), rows.output.end(), '\n'), 3);
}

TEST_F(Verbs, WriteTakesTheTypeOfTheObject) {
    const std::string base = "write " + tcp_ + utility() + "0-0:1.0.0:3 ";
    EXPECT_EQ(ferraris(base + "-- -120").output, "0-0:1.0.0:3 (time_zone) is now -120\n");
    EXPECT_NE(ferraris("read " + tcp_ + " 8/0-0:1.0.0:3").output.find("-120"), std::string::npos);
    EXPECT_EQ(ferraris(base + "i16:-60").status, 0);
    expect_complaint(base + "u8:9", "type-unmatched");
    expect_complaint("write " + tcp_ + utility() + "1-0:1.8.0:2 u8:9", "read-write-denied");
    expect_complaint("write " + tcp_ + utility() + "1-0:1.8.0 u8:9", "lacks the attribute");
}

TEST_F(Verbs, CallInvokesMethods) {
    expect_complaint("call " + tcp_ + utility() + "0-0:1.0.0:77", "was not done");
    const Outcome call = ferraris("call " + tcp_ + utility() + "0-0:1.0.0:3 --json");
    EXPECT_EQ(call.status, 0) << call.error;
    EXPECT_EQ(nlohmann::json::parse(call.output)["name"], "adjust_to_minute");
}

TEST_F(Verbs, TheSupplyIsDisconnectedAndMadeReady) {
    const Outcome off = ferraris("disconnect " + tcp_ + utility());
    EXPECT_EQ(off.status, 0) << off.error;
    EXPECT_EQ(off.output, "0-0:96.3.10 is disconnected\n");
    const Outcome other = ferraris("read " + tcp_ + utility() + "70/0-0:24.4.0:3");
    EXPECT_NE(other.output.find("disconnected"), std::string::npos) << "the same by its other name: " << other.output;
    const Outcome on = ferraris("reconnect " + tcp_ + utility() + "--json");
    EXPECT_EQ(on.status, 0) << on.error;
    const auto report = nlohmann::json::parse(on.output);
    EXPECT_EQ(report["state"], "ready for reconnection");
    EXPECT_EQ(report["output_closed"], false);
    // Mode 0 connects; that is how the other tests find it.
    EXPECT_EQ(ferraris("write " + tcp_ + utility() + "0-0:96.3.10:4 enum:0").status, 0);
    expect_complaint("disconnect " + tcp_ + utility(), "did not disconnect");
    EXPECT_EQ(ferraris("write " + tcp_ + utility() + "0-0:96.3.10:4 enum:5").status, 0);
    expect_complaint("disconnect " + tcp_ + utility() + "--object 0-0:1.0.0", "object-class-inconsistent");
    expect_complaint("disconnect " + tcp_, "does not support this service");
}

TEST_F(Verbs, CompletionIsValidBash) {
    const Outcome script = ferraris("completion bash");
    ASSERT_EQ(script.status, 0);
    const std::string path = (*folder_ / "completion.bash").string();
    std::ofstream(path) << script.output
                        << "COMP_WORDS=(ferraris reado); COMP_CWORD=1; _ferraris; echo \"${COMPREPLY[*]}\"\n"
                           "COMP_WORDS=(ferraris read --jso); COMP_CWORD=2; _ferraris; echo \"${COMPREPLY[*]}\"\n"
                           "COMP_WORDS=(ferraris tou s); COMP_CWORD=2; _ferraris; echo \"${COMPREPLY[*]}\"\n"
                           "COMP_WORDS=(ferraris tou send --pas); COMP_CWORD=3; _ferraris; echo \"${COMPREPLY[*]}\"\n";
    const std::string output = (*folder_ / "completed").string();
    ASSERT_EQ(std::system(("bash " + path + " >" + output).c_str()), 0);
    EXPECT_EQ(contents(output), "readout\n--json\nsend show\n--passive\n");
}

/// Everywhere a flag, and the report goes to standard output.
TEST_F(Verbs, WhatReportsReportsAsJsonToo) {
    for (const char* const verb : {"demo", "meter", "panel", "read", "profile", "write", "call", "disconnect",
                                   "reconnect", "measure", "typetest", "conform", "decode", "listen"}) {
        const std::string help = ferraris(std::string(verb) + " --help").output;
        EXPECT_NE(help.find("\n  --json  "), std::string::npos) << verb << "\n" << help;
    }
}

TEST_F(Verbs, DemoReportsAsJson) {
    const Outcome demo = ferraris("demo --json --seed 7 --port 0 --keys " + (*folder_ / "demo.toml").string());
    ASSERT_EQ(demo.status, 0) << demo.error;
    const auto report = nlohmann::json::parse(demo.output);
    EXPECT_GE(report["metered_s"].get<int>(), 86'400);
    EXPECT_EQ(report["identification"][0]["obis"], "0-0:42.0.0");
    EXPECT_EQ(report["identification"][0]["value"], "FRS0000000000001");
    EXPECT_EQ(report["energies"][0]["obis"], "1-0:1.8.0");
    EXPECT_EQ(report["energies"][0]["unit"], "Wh");
    EXPECT_GT(report["energies"][0]["value"].get<double>(), 0);
    const auto& voltage = report["instantaneous_values"][0];
    EXPECT_EQ(voltage["unit"], "V");
    EXPECT_NEAR(voltage["value"].get<double>(), 230, 30);
    const auto& day = report["load_profile"];
    ASSERT_EQ(day["mean_power_w"].size(), 96U);
    double watt_hours = 0;
    for (const double watts : day["mean_power_w"]) watt_hours += watts / 4;
    EXPECT_NEAR(watt_hours, day["active_import_wh"].get<double>(), 0.01);
}

TEST_F(Verbs, DemoReportsAndEndsWithoutATerminal) {
    const Outcome demo = ferraris("demo --port 0 --keys " + (*folder_ / "demo.toml").string());
    EXPECT_EQ(demo.status, 0) << demo.error;
    for (const char* const part : {"Logical device name", "kWh", "Voltage L1", "Hz", "Load on 20", "24 h"}) {
        EXPECT_NE(demo.output.find(part), std::string::npos) << part << "\n" << demo.output;
    }
    EXPECT_EQ(demo.output.find("Ctrl-C"), std::string::npos);
}

}  // namespace
}  // namespace ferraris::cli
