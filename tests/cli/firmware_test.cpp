/// `ferraris firmware` as a user runs it: images in files, and the way into a virtual meter.
#include <gtest/gtest.h>
#include <signal.h>
#include <sys/stat.h>

#include <fstream>
#include <nlohmann/json.hpp>
#include <sstream>

#include "child.hpp"
#include "cli/error.hpp"
#include "cli/firmware_image.hpp"
#include "cli/firmware_transfer.hpp"
#include "crypto/key_encoding.hpp"
#include "crypto/openssl.hpp"
#include "scratch_folder.hpp"

namespace ferraris::cli {
namespace {

Octets program_of(std::size_t size) {
    Octets program(size);
    for (std::size_t i = 0; i < size; ++i) program[i] = static_cast<std::uint8_t>(i * 31 + i / 251);
    return program;
}

class FirmwareVerb : public ::testing::Test {
protected:
    struct FirmwareOutcome {
        int status{-1};
        std::string output;
        std::string error;
    };

    static std::string text_in(const std::filesystem::path& path) {
        std::ifstream file(path);
        std::stringstream text;
        text << file.rdbuf();
        return text.str();
    }
    [[nodiscard]] std::string in_folder(const char* name) const { return (folder_ / name).string(); }
    FirmwareOutcome firmware(const std::string& arguments) {
        const std::string command = std::string("setsid ") + FERRARIS_PROGRAM + " firmware " + arguments + " >" +
                                    in_folder("output") + " 2>" + in_folder("error") + " </dev/null";
        const int status = std::system(command.c_str());
        return {WIFEXITED(status) ? WEXITSTATUS(status) : -1, text_in(folder_ / "output"), text_in(folder_ / "error")};
    }
    void expect_complaint(const std::string& arguments, const std::string& part) {
        const FirmwareOutcome outcome = firmware(arguments);
        EXPECT_EQ(outcome.status, 1) << arguments;
        EXPECT_NE(outcome.error.find(part), std::string::npos) << arguments << "\n" << outcome.error;
        EXPECT_EQ(std::count(outcome.error.begin(), outcome.error.end(), '\n'), 1) << outcome.error;
    }
    /// A signed image of `size` octets in the folder; the meter has to run already, for it made the key.
    std::string image(const std::string& version, std::size_t size, const std::string& more = {}) {
        write_image_file(folder_ / "program", program_of(size));
        const std::string path = in_folder(("image-" + version).c_str());
        EXPECT_EQ(firmware("pack " + in_folder("program") + " " + path + " --version " + version + " " + more).status,
                  0);
        EXPECT_EQ(firmware("sign " + path + " --key " + in_folder("firmware.key")).status, 0);
        return path;
    }
    void start_meter(const std::string& speed = "20") {
        meter_ = std::make_unique<testing::Child>(std::vector<std::string>{
            "meter", "--json", "--listen", "127.0.0.1:0", "--hdlc-listen", "127.0.0.1:0", "--optical", "pty", "--keys",
            in_folder("keys.toml"), "--state", in_folder("state"), "--speed", speed});
        const auto line = meter_->line();
        ASSERT_TRUE(line) << "the meter did not start";
        ready_ = nlohmann::json::parse(*line);
        tcp_ = ready_["tcp"].get<std::string>() + " ";
    }
    [[nodiscard]] std::string utility() const { return " --client 1 --keys " + in_folder("keys.toml"); }
    nlohmann::json status() {
        const FirmwareOutcome outcome = firmware("status " + tcp_ + utility() + " --json");
        EXPECT_EQ(outcome.status, 0) << outcome.error;
        return nlohmann::json::parse(outcome.output);
    }

    testing::ScratchFolder folder_;
    std::unique_ptr<testing::Child> meter_;
    nlohmann::json ready_;
    std::string tcp_;
};

TEST(FirmwareImage, VersionsAreWrittenAsPeopleDo) {
    EXPECT_EQ(firmware_version("1.2.3", "--version"), (meter::FirmwareVersion{1, 2, 3}));
    EXPECT_EQ(version_text(firmware_version("255.255.65535", "--version")), "255.255.65535");
    for (const char* const text :
         {"", "1", "1.2", "1.2.", "1.2.3.4", "256.0.0", "1.2.65536", "v1.2.3", "1.2.3 ", "-1.0.0"}) {
        EXPECT_THROW((void)firmware_version(text, "--version"), CliError) << text;
    }
}

TEST(FirmwareImage, AllThatCanBeWrongIsSaid) {
    const auto crypto = make_openssl_crypto();
    PackOptions options;
    options.version = "0.2.0";
    const Octets good = pack_image(*crypto, program_of(3000), options);
    EXPECT_EQ(examine_image(*crypto, good).fault, meter::ImageFault::none);
    EXPECT_FALSE(examine_image(*crypto, good).is_signed);
    Octets altered = good;
    altered.back() ^= 1U;
    EXPECT_EQ(examine_image(*crypto, altered).fault, meter::ImageFault::wrong_digest);
    Octets cut(good.begin(), good.end() - 1);
    EXPECT_EQ(examine_image(*crypto, cut).fault, meter::ImageFault::wrong_size);
    EXPECT_EQ(examine_image(*crypto, program_of(3000)).fault, meter::ImageFault::not_an_image);
    EXPECT_THROW((void)pack_image(*crypto, program_of(meter::kMaxImageSize), options), CliError);
    options.legal_size = 3001;
    EXPECT_THROW((void)pack_image(*crypto, program_of(3000), options), CliError);
    options = {.hardware = "has a space", .version = "0.2.0"};
    EXPECT_THROW((void)pack_image(*crypto, program_of(3000), options), CliError);
}

TEST_F(FirmwareVerb, PacksSignsAndVerifiesWithoutAMeter) {
    const auto crypto = make_openssl_crypto();
    Octets private_key(32);
    Octets public_key(64);
    ASSERT_TRUE(crypto->generate_key_pair(Curve::p256, private_key, public_key));
    {
        std::ofstream file(folder_ / "firmware.key");
        file << encode_private_key(Curve::p256, private_key, public_key);
    }
    write_image_file(folder_ / "program", program_of(2500));
    const std::string path = in_folder("image");
    ASSERT_EQ(firmware("pack " + in_folder("program") + " " + path +
                       " --version 1.0.7 --from 0.9.0 --hardware X1 --legal-size 100")
                  .status,
              0);
    const auto packed = nlohmann::json::parse(firmware("verify " + path + " --json").output);
    EXPECT_EQ(packed["version"], "1.0.7");
    EXPECT_EQ(packed["from"], "0.9.0");
    EXPECT_EQ(packed["hardware"], "X1");
    EXPECT_EQ(packed["payload"], 2500);
    EXPECT_EQ(packed["legal"], 100);
    EXPECT_EQ(packed["signed"], false);
    expect_complaint("sign " + path + " --key " + in_folder("firmware.key"), "others can read");
    ASSERT_EQ(::chmod(in_folder("firmware.key").c_str(), 0600), 0);
    EXPECT_EQ(firmware("sign " + path + " --key " + in_folder("firmware.key")).status, 0);
    EXPECT_TRUE(is_signed_by(*crypto, read_image_file(path), public_key));
    expect_complaint("sign " + in_folder("program") + " --key " + in_folder("firmware.key"), "is no firmware image");
    expect_complaint("verify " + in_folder("program"), "is no firmware image");
    expect_complaint("verify " + in_folder("nothing"), "cannot be read");
    expect_complaint("pack " + in_folder("program") + " " + path + " --version 1.0", "wants a version such as 1.2.3");
}

TEST_F(FirmwareVerb, AnUpgradeEndToEnd) {
    start_meter();
    const std::string path = image("0.2.0", 30'000, "--from 0.1.0");
    EXPECT_EQ(firmware("verify " + path + " --keys " + in_folder("keys.toml")).status, 0);
    EXPECT_EQ(status()["version"], "Ferraris 0.1.0");
    const FirmwareOutcome sent = firmware("send " + tcp_ + path + utility() + " --activate now --json");
    ASSERT_EQ(sent.status, 0) << sent.error;
    const auto report = nlohmann::json::parse(sent.output);
    EXPECT_EQ(report["state"], "activated");
    EXPECT_EQ(report["blocks"], 59);
    EXPECT_EQ(report["sent"], 59);
    EXPECT_EQ(report["resumed"], false);
    const auto now = status();
    EXPECT_EQ(now["version"], "Ferraris 0.2.0");
    EXPECT_EQ(now["status"], 6);
    EXPECT_EQ(now["check_sum"], nlohmann::json::parse(firmware("verify " + path + " --json").output)["check_sum"]);
    expect_complaint("send " + tcp_ + path + utility(), "not newer than the firmware that runs");
    EXPECT_EQ(meter_->stop(), 0);
    start_meter();
    EXPECT_EQ(status()["version"], "Ferraris 0.2.0") << "the state remembers";
}

TEST_F(FirmwareVerb, PausesAndGoesOn) {
    start_meter();
    const std::string path = image("0.2.0", 260'000);
    testing::Child sender({"firmware", "send", ready_["tcp"].get<std::string>(), path, "--client", "1", "--keys",
                           in_folder("keys.toml"), "--json"},
                          in_folder("log"));
    // As soon as something is there: by another client, which is quick enough to see it.
    ConnectOptions reader;
    reader.address = ready_["tcp"];
    reader.client_sap = 2;
    reader.key_file = in_folder("keys.toml");
    {
        FirmwareTransfer watch(reader);
        for (int i = 0; i < 2000 && watch.state().transferred() == 0; ++i) ::usleep(1000);
    }
    sender.interrupt();
    EXPECT_EQ(sender.wait(), 130) << text_in(folder_ / "log");
    const auto paused = status();
    const std::uint32_t transferred = paused["transferred"];
    ASSERT_GT(transferred, 0U);
    ASSERT_LT(transferred, 509U);
    EXPECT_EQ(paused["first_missing"], transferred);
    // The meter is switched off meanwhile.
    EXPECT_EQ(meter_->stop(), 0);
    start_meter();
    EXPECT_EQ(status()["transferred"], transferred);
    const auto report = nlohmann::json::parse(firmware("send " + tcp_ + path + utility() + " --json").output);
    EXPECT_EQ(report["resumed"], true);
    EXPECT_EQ(report["sent"], 509 - transferred);
    EXPECT_EQ(report["state"], "verified");
    EXPECT_EQ(status()["to_activate"][0]["identification"], "FRS-1P-5-80 0.2.0");
}

TEST_F(FirmwareVerb, AnotherImageDoesNotGoOnWithTheFirst) {
    start_meter();
    const std::string first = image("0.2.0", 3000);
    ConnectOptions options;
    options.address = ready_["tcp"];
    options.client_sap = 1;
    options.key_file = in_folder("keys.toml");
    const std::atomic<bool> never{false};
    std::atomic<bool> pause{false};
    {
        FirmwareTransfer transfer(options);
        const auto sent = transfer.send(read_image_file(first), "first", false, pause,
                                        [&](std::uint32_t done, std::uint32_t) { pause = done == 3; });
        EXPECT_TRUE(sent.paused);
        EXPECT_EQ(sent.sent, 3U);
    }
    const std::string second = image("0.3.0", 3000);
    FirmwareTransfer transfer(options);
    const auto sent =
        transfer.send(read_image_file(second), "second", false, never, [](std::uint32_t, std::uint32_t) {});
    EXPECT_FALSE(sent.resumed);
    EXPECT_EQ(sent.sent, sent.blocks);
    transfer.verify([] {});
}

TEST_F(FirmwareVerb, BadImagesGetAClearLineAndTheOldFirmwareStays) {
    start_meter();
    write_image_file(folder_ / "program", program_of(900));
    const std::string unsigned_image = in_folder("unsigned");
    ASSERT_EQ(firmware("pack " + in_folder("program") + " " + unsigned_image + " --version 0.2.0").status, 0);
    expect_complaint("verify " + unsigned_image + " --keys " + in_folder("keys.toml"), "it is not signed");
    expect_complaint("send " + tcp_ + unsigned_image + utility(), "not signed by whom the meter trusts");
    expect_complaint("send " + tcp_ + image("0.2.1", 900, "--hardware FRS-3P") + utility(), "for other hardware");
    expect_complaint("send " + tcp_ + image("0.2.2", 900, "--from 0.1.9") + utility(), "too old for this image");
    expect_complaint("send " + tcp_ + image("0.1.0", 900) + utility(), "not newer");
    Octets cut = read_image_file(image("0.2.3", 900));
    cut.resize(600);
    write_image_file(folder_ / "cut", cut);
    expect_complaint("send " + tcp_ + in_folder("cut") + utility(), "the image is cut");
    expect_complaint("send " + tcp_ + unsigned_image + utility() + " --activate tomorrow", "is no time");
    expect_complaint("send " + tcp_ + unsigned_image + utility() + " --activate 2027-01-01T00:00Z",
                     "without an offset");
    expect_complaint("send " + tcp_ + unsigned_image + " --client 2 --keys " + in_folder("keys.toml"),
                     "does not support this service for this client");
    const auto now = status();
    EXPECT_EQ(now["version"], "Ferraris 0.1.0");
    EXPECT_EQ(now["status"], 4);
    // A program that never comes up.
    Octets hanging(24);
    const std::string words = "ferraris twin: hangs";
    hanging.assign(words.begin(), words.end());
    write_image_file(folder_ / "program", hanging);
    const std::string path = in_folder("hanging");
    ASSERT_EQ(firmware("pack " + in_folder("program") + " " + path + " --version 0.9.0").status, 0);
    ASSERT_EQ(firmware("sign " + path + " --key " + in_folder("firmware.key")).status, 0);
    expect_complaint("send " + tcp_ + path + utility() + " --activate now", "the meter runs the old one again");
    EXPECT_EQ(status()["version"], "Ferraris 0.1.0");
}

TEST_F(FirmwareVerb, EveryPortTakesIt) {
    start_meter();
    int build = 0;
    for (const std::string& address : {ready_["udp"].get<std::string>(), ready_["hdlc"].get<std::string>(),
                                       ready_["hdlc_udp"].get<std::string>(), ready_["lines"][0].get<std::string>()}) {
        const std::string version = "0.2." + std::to_string(++build);
        const FirmwareOutcome outcome =
            firmware("send '" + address + "' " + image(version, 2000) + utility() + " --activate now");
        EXPECT_EQ(outcome.status, 0) << address << ": " << outcome.error;
        EXPECT_NE(outcome.output.find("the meter runs Ferraris " + version), std::string::npos) << outcome.output;
    }
}

TEST_F(FirmwareVerb, ActivatesAtATime) {
    start_meter();
    const FirmwareOutcome outcome =
        firmware("send " + tcp_ + image("0.2.0", 2000) + utility() + " --activate 2090-01-01T02:00");
    EXPECT_EQ(outcome.status, 0) << outcome.error;
    EXPECT_NE(outcome.output.find("scheduled for 2090-01-01T02:00"), std::string::npos) << outcome.output;
    EXPECT_EQ(status()["status"], 3);
    const auto again = nlohmann::json::parse(
        firmware("send " + tcp_ + in_folder("image-0.2.0") + utility() + " --activate now --json").output);
    EXPECT_EQ(again["sent"], 0) << "it is there, and verified";
    EXPECT_EQ(again["state"], "activated");
}

}  // namespace
}  // namespace ferraris::cli
