/// Security suites 0, 1 and 2 end to end: `ferraris meter` as another process, our client over TCP, with keys and
/// certificates that the meter made at its first start.
#include <fmt/format.h>
#include <gtest/gtest.h>

#include <fstream>
#include <map>
#include <nlohmann/json.hpp>
#include <sstream>
#include <string>
#include <tuple>

#include "base/hex.hpp"
#include "child.hpp"
#include "cli/client.hpp"
#include "cli/error.hpp"
#include "cli/key_file.hpp"
#include "cli/object_list.hpp"
#include "cli/value.hpp"
#include "crypto/key_encoding.hpp"
#include "crypto/openssl.hpp"
#include "dlms/security/certificate.hpp"
#include "dlms/security/key_derivation.hpp"
#include "scratch_folder.hpp"

namespace ferraris::cli {
namespace {

constexpr dlms::AttributeDescriptor kEnergy{3, dlms::obis(1, 0, 1, 8, 0), 2};

std::string text_of(const std::filesystem::path& path) {
    std::ifstream file(path);
    std::stringstream text;
    text << file.rdbuf();
    return text.str();
}

void write_text(const std::filesystem::path& path, const std::string& text) {
    std::ofstream(path) << text;
    std::filesystem::permissions(path, std::filesystem::perms::owner_read | std::filesystem::perms::owner_write);
}

std::string replaced(std::string text, const std::string& from, const std::string& to) {
    for (std::size_t at = 0; (at = text.find(from, at)) != std::string::npos; at += to.size()) {
        text.replace(at, from.size(), to);
    }
    return text;
}

/// A meter of its own with its folder: key file, certificates, log.
class SecuredMeter {
public:
    explicit SecuredMeter(const std::vector<std::string>& options) : options_(options) { start(); }

    void start() {
        std::vector<std::string> words{
            "meter",       "--json", "--listen",      "127.0.0.1:0", "--hdlc-listen",
            "127.0.0.1:0", "--keys", keys().string(), "--state",     (folder_ / "state").string()};
        words.insert(words.end(), options_.begin(), options_.end());
        child_.emplace(words, log_path());
        const auto line = child_->line();
        ASSERT_TRUE(line) << log();
        address_ = nlohmann::json::parse(*line)["tcp"];
    }
    void stop() { EXPECT_EQ(child_->stop(), 0) << log(); }

    [[nodiscard]] ConnectOptions client(std::uint16_t sap = 1) const {
        ConnectOptions options;
        options.address = address_;
        options.client_sap = sap;
        options.key_file = keys().string();
        return options;
    }
    /// The key file with changes, beside the original, so that the paths in it hold.
    [[nodiscard]] std::string changed_keys(const std::string& from, const std::string& to) const {
        const std::string text = replaced(text_of(keys()), from, to);
        EXPECT_NE(text, text_of(keys())) << from << " is not in the key file";
        write_text(folder_ / "changed.toml", text);
        return (folder_ / "changed.toml").string();
    }
    [[nodiscard]] std::filesystem::path keys() const { return folder_ / "keys.toml"; }
    [[nodiscard]] std::filesystem::path file(const char* name) const { return folder_ / name; }
    [[nodiscard]] std::string log() const { return text_of(log_path()); }

private:
    [[nodiscard]] std::filesystem::path log_path() const { return folder_ / "log"; }

    testing::ScratchFolder folder_{};
    std::vector<std::string> options_;
    std::optional<testing::Child> child_{};
    std::string address_{};
};

std::string complaint_of(const ConnectOptions& options) {
    try {
        Client client(options);
        (void)client.get(kEnergy);
    } catch (const CliError& error) {
        return error.what();
    }
    return "";
}

/// What `ferraris meter` says when it does not start.
std::string refusal_of(const std::vector<std::string>& options, const std::filesystem::path& keys,
                       const testing::ScratchFolder& folder) {
    std::vector<std::string> words{"meter",       "--listen", "127.0.0.1:0", "--hdlc-listen",
                                   "127.0.0.1:0", "--keys",   keys.string()};
    words.insert(words.end(), options.begin(), options.end());
    std::filesystem::remove(folder / "refusal");
    testing::Child child(words, folder / "refusal");
    EXPECT_FALSE(child.line()) << "it started";
    const std::string text = text_of(folder / "refusal");
    EXPECT_EQ(std::count(text.begin(), text.end(), '\n'), 1) << text;
    return text;
}

std::int64_t number_at(Client& client, const dlms::AttributeDescriptor& attribute) {
    const GetAnswer answer = client.get(attribute);
    EXPECT_EQ(answer.result, dlms::DataAccessResult::success);
    const auto value = decode_value(answer.value);
    return value ? value->integer().value_or(-1) : -1;
}

/// The last element of the mechanism's name, as the association itself tells it.
std::int64_t mechanism_of_association(Client& client) {
    const auto value = decode_value(client.get({15, dlms::obis(0, 0, 40, 0, 0), 6}).value);
    EXPECT_TRUE(value && !value->items.empty());
    return value && !value->items.empty() ? value->items.back().integer().value_or(-1) : -1;
}

using SuiteAndMechanism = std::tuple<int, const char*, int>;
class SuitesEndToEnd : public ::testing::TestWithParam<SuiteAndMechanism> {};

INSTANTIATE_TEST_SUITE_P(All, SuitesEndToEnd,
                         ::testing::Values(SuiteAndMechanism{0, "gmac", 5}, SuiteAndMechanism{0, "sha256", 6},
                                           SuiteAndMechanism{1, "gmac", 5}, SuiteAndMechanism{1, "sha256", 6},
                                           SuiteAndMechanism{1, "ecdsa", 7}, SuiteAndMechanism{2, "gmac", 5},
                                           SuiteAndMechanism{2, "sha256", 6}, SuiteAndMechanism{2, "ecdsa", 7}),
                         [](const auto& param) {
                             return "suite_" + std::to_string(std::get<0>(param.param)) + "_" +
                                    std::get<1>(param.param);
                         });

TEST_P(SuitesEndToEnd, EveryEnvelopeBringsTheValue) {
    const auto& [suite, mechanism, number] = GetParam();
    const SecuredMeter meter({"--suite", std::to_string(suite), "--auth", mechanism});
    for (const std::uint16_t sap : {std::uint16_t{1}, std::uint16_t{3}}) {
        for (const char* const envelope :
             {"service", "general", "known", "identified", "wrapped", "one-pass", "static"}) {
            const bool agreed = std::string(envelope) == "one-pass" || std::string(envelope) == "static";
            if (agreed && suite == 0) continue;
            for (const bool sign : {false, true}) {
                if (sign && suite == 0) continue;
                ConnectOptions options = meter.client(sap);
                options.envelope = envelope;
                options.sign = sign;
                SCOPED_TRACE(std::string(envelope) + (sign ? ", signed" : ""));
                Client client(options);
                EXPECT_EQ(client.get(kEnergy).result, dlms::DataAccessResult::success);
                EXPECT_EQ(mechanism_of_association(client), number);
                const auto setup = dlms::obis(0, 0, 43, 0, static_cast<std::uint8_t>(sap));
                EXPECT_EQ(number_at(client, {64, setup, 3}), suite) << "attribute 3 is the suite";
                if (suite != 0) {
                    EXPECT_NE(client.description().find("suite " + std::to_string(suite)), std::string::npos);
                }
            }
        }
    }
    EXPECT_EQ(meter.log().find("refused"), std::string::npos) << meter.log();
}

/// The mechanism of the association is nothing to the data.
class DataProtection : public ::testing::TestWithParam<int> {};
INSTANTIATE_TEST_SUITE_P(Suites, DataProtection, ::testing::Values(0, 1, 2));

TEST_P(DataProtection, DataAreProtectedWithEveryKey) {
    const int suite = GetParam();
    const SecuredMeter meter({"--suite", std::to_string(suite), "--auth", "sha256"});
    constexpr dlms::AttributeDescriptor kShiftLimit{3, dlms::obis(1, 0, 0, 9, 11), 2};
    for (const char* const key : {"identified", "wrapped", "one-pass", "static"}) {
        const bool agreed = std::string(key) == "one-pass" || std::string(key) == "static";
        for (const bool sign : {false, true}) {
            SCOPED_TRACE(std::string(key) + (sign ? ", signed" : ""));
            ConnectOptions options = meter.client(1);
            options.sign = sign && suite != 0;
            const GetAnswer directly = Client(options).get(kShiftLimit);
            options.data_protection = key;
            if (suite == 0 && agreed) {
                Client client(options);
                EXPECT_THROW((void)client.get(kEnergy), CliError);
                continue;
            }
            Client client(options);
            EXPECT_EQ(client.get(kEnergy).result, dlms::DataAccessResult::success);
            EXPECT_EQ(client.get(kShiftLimit).value, directly.value);
            EXPECT_EQ(client.set(kShiftLimit, directly.value), dlms::DataAccessResult::success);
            EXPECT_EQ(client.set(kEnergy, directly.value), dlms::DataAccessResult::read_write_denied);
            // generate_certificate_request returns something, where there are key pairs.
            const CallAnswer answer = client.call({64, dlms::obis(0, 0, 43, 0, 1), 5}, Octets{0x16, 0x00});
            EXPECT_EQ(answer.result == dlms::ActionResult::success, suite != 0);
            EXPECT_EQ(answer.returned.empty(), suite == 0);
            // adjust_to_minute returns nothing.
            EXPECT_EQ(client.call({8, dlms::obis(0, 0, 1, 0, 0), 3}, Octets{0x0F, 0x00}).result,
                      dlms::ActionResult::success);
        }
    }
}

TEST(Suites, NeedsOfAnEnvelopeAreSaidBeforeAnythingIsSent) {
    const SecuredMeter meter({});
    ConnectOptions options = meter.client();
    options.sign = true;
    EXPECT_NE(complaint_of(options).find("--sign needs suite 1 or 2"), std::string::npos);
    options.sign = false;
    options.envelope = "one-pass";
    EXPECT_NE(complaint_of(options).find("--envelope one-pass needs suite 1 or 2"), std::string::npos);
    options.envelope = "wrapped";
    options.key_file = meter.changed_keys("master_key", "broadcast_key");
    EXPECT_NE(complaint_of(options).find("needs master_key of [client.1]"), std::string::npos);
    options.protection = "none";
    EXPECT_NE(complaint_of(options).find("needs a ciphered association"), std::string::npos);
}

TEST(Policy, IsWhatANewMeterAsksFor) {
    // enum, bits 2 and 5: requests and answers authenticated; 3 and 6: encrypted (IEC 62056-6-2, class 64 version 1).
    const std::vector<std::pair<std::string, std::uint8_t>> cases{
        {"none", 0x00}, {"authentication", 0x24}, {"encryption", 0x48}, {"both", 0x6C}};
    for (const auto& [policy, bits] : cases) {
        const SecuredMeter meter({"--policy", policy});
        Client client(meter.client());
        EXPECT_EQ(client.get({64, dlms::obis(0, 0, 43, 0, 1), 2}).value, (Octets{0x16, bits})) << policy;
    }
}

class Downgrade : public ::testing::TestWithParam<int> {};
INSTANTIATE_TEST_SUITE_P(Suites1And2, Downgrade, ::testing::Values(1, 2));

TEST_P(Downgrade, ToAWeakerMechanismIsRefusedAndLogged) {
    const SecuredMeter meter({"--suite", std::to_string(GetParam())});
    ConnectOptions weaker = meter.client();
    for (const char* const mechanism : {"gmac", "sha256", "low"}) {
        weaker.authentication = mechanism;
        EXPECT_NE(complaint_of(weaker).find("does not know this kind of authentication"), std::string::npos)
            << mechanism;
    }
    const std::string log = meter.log();
    EXPECT_NE(log.find("client 1: association refused: another mechanism of authentication than this client"),
              std::string::npos)
        << log;
    EXPECT_EQ(complaint_of(meter.client(3)), "") << "another client is not concerned";
}

TEST_P(Downgrade, ToALowerSuiteIsRefusedAndLogged) {
    const SecuredMeter meter({"--suite", std::to_string(GetParam()), "--auth", "gmac"});
    KeyFile keys = read_key_file(meter.keys());
    keys.path = meter.file("lower.toml");
    for (auto& [sap, client] : keys.clients) {
        ClientSecrets lower;
        // The right keys, as far as a lower suite has them.
        lower.unicast_key = client.unicast_key;
        lower.authentication_key = client.authentication_key;
        lower.secret = client.secret;
        for (Octets* key : {&lower.unicast_key, &lower.authentication_key}) {
            if (!key->empty()) key->resize(16);
        }
        client = lower;
    }
    write_key_file(keys);
    ConnectOptions options = meter.client();
    options.key_file = keys.path.string();
    for (const std::uint8_t suite : {std::uint8_t{0}, std::uint8_t{1}}) {
        if (suite == GetParam()) continue;
        keys.clients[1].suite = suite;
        write_key_file(keys);
        EXPECT_NE(complaint_of(options), "") << "suite " << int{suite};
    }
    EXPECT_NE(
        meter.log().find("client 1: request refused: it cannot be deciphered; it may be of other keys or of another "
                         "suite"),
        std::string::npos)
        << meter.log();
    EXPECT_EQ(complaint_of(meter.client()), "") << "the right suite goes on";
}

TEST(Suites, SignaturesThatThePolicyWantsAreAskedFor) {
    const SecuredMeter meter({"--suite", "1"});
    ConnectOptions options = meter.client();
    {
        Client client(options);
        // Requests and answers authenticated, encrypted and signed (class 64 version 1).
        EXPECT_EQ(client.call({64, dlms::obis(0, 0, 43, 0, 1), 1}, std::vector<std::uint8_t>{0x16, 0xFC}).result,
                  dlms::ActionResult::success);
    }
    EXPECT_NE(complaint_of(options), "") << "not signed";
    EXPECT_NE(meter.log().find("less protected than the policy asks"), std::string::npos) << meter.log();
    options.sign = true;
    EXPECT_EQ(complaint_of(options), "");
}

TEST(Suites, BrokenDigestsAreOffUnlessAllowed) {
    const testing::ScratchFolder folder;
    for (const char* const mechanism : {"md5", "sha1"}) {
        EXPECT_NE(refusal_of({"--auth", mechanism}, folder / "keys.toml", folder)
                      .find("allow it with --allow-legacy-digests"),
                  std::string::npos);
        EXPECT_FALSE(std::filesystem::exists(folder / "keys.toml")) << "nothing is made";
        const SecuredMeter meter({"--auth", mechanism, "--allow-legacy-digests"});
        EXPECT_EQ(complaint_of(meter.client()), "") << mechanism;
    }
}

TEST(Suites, WhatTheMeterCannotDoGetsOneLine) {
    const testing::ScratchFolder folder;
    const auto keys = folder / "keys.toml";
    EXPECT_NE(refusal_of({"--auth", "ecdsa"}, keys, folder).find("needs --suite 1 or 2"), std::string::npos);
    {
        SecuredMeter meter({"--suite", "1"});
        meter.stop();
        const std::string text = text_of(meter.keys());
        const auto refused = [&](const std::string& changed, const std::vector<std::string>& options) {
            write_text(meter.file("changed.toml"), changed);
            return refusal_of(options, meter.file("changed.toml"), folder);
        };
        EXPECT_NE(refused(text, {"--suite", "2"}).find("has suite 1, not 2"), std::string::npos);
        EXPECT_NE(refused(text, {"--auth", "gmac"}).find("has mechanism ecdsa, not gmac"), std::string::npos);
        EXPECT_NE(refused(text, {"--serial", "2"}).find("is of another meter"), std::string::npos);
        EXPECT_NE(refused(replaced(text, "suite = 1", "suite = 2"), {}).find("suite 2 has 32"), std::string::npos);
        EXPECT_NE(refused(replaced(text, "suite = 1", "suite = 0"), {}).find("needs suite 1 or 2"), std::string::npos);
        EXPECT_NE(refused(replaced(text, "\"ecdsa\"", "\"low\""), {}).find("too weak"), std::string::npos);
        EXPECT_NE(refused(replaced(text, "trust_anchor", "# trust_anchor"), {}).find("nobody vouches for it"),
                  std::string::npos);
        EXPECT_NE(refused(replaced(text, "client-signing.pem", "meter-signing.pem"), {}).find("another"),
                  std::string::npos);
        SecuredMeter larger({"--suite", "2"});
        larger.stop();
        EXPECT_NE(refusal_of({"--state", meter.file("state").string()}, larger.keys(), folder).find("of another suite"),
                  std::string::npos);
    }
}

TEST(Suites, AStateKeepsWhatItLearnt) {
    const testing::ScratchFolder folder;
    SecuredMeter meter({"--suite", "1"});
    {
        Client client(meter.client());
        // Stored with the policy: the suite.
        ASSERT_EQ(client.call({64, dlms::obis(0, 0, 43, 0, 1), 1}, std::vector<std::uint8_t>{0x16, 0xFC}).result,
                  dlms::ActionResult::success);
    }
    meter.stop();
    const std::string state = meter.file("state").string();
    const std::string suite0 =
        replaced(replaced(text_of(meter.keys()), "suite = 1", "suite = 0"), "\"ecdsa\"", "\"gmac\"");
    write_text(meter.file("changed.toml"), suite0);
    EXPECT_NE(refusal_of({"--state", state}, meter.file("changed.toml"), folder).find("has suite 1 for client 1"),
              std::string::npos);
    meter.start();
    ConnectOptions options = meter.client();
    options.sign = true;
    EXPECT_EQ(complaint_of(options), "") << "with its own key file it goes on";
}

TEST(Suites, PrivateKeysOfOthersAreNotTaken) {
    SecuredMeter meter({"--suite", "1"});
    meter.stop();
    const auto key = meter.file("certificates") / "client-signing.key";
    std::filesystem::permissions(key, std::filesystem::perms::others_read, std::filesystem::perm_options::add);
    try {
        (void)read_key_file(meter.keys());
        ADD_FAILURE() << "it was read";
    } catch (const CliError& error) {
        EXPECT_NE(std::string(error.what()).find("] signing_key_file: others can read"), std::string::npos)
            << error.what();
    }
}

class CertificateVerb : public ::testing::TestWithParam<int> {
protected:
    struct Outcome {
        int status{-1};
        std::string output;
    };
    Outcome certificate(const std::string& arguments, const std::string& more = "") {
        const auto first = arguments.find(' ');
        const std::string command = std::string("setsid ") + FERRARIS_PROGRAM + " certificate " +
                                    arguments.substr(0, first) + " " + meter_.client().address +
                                    (first == std::string::npos ? "" : arguments.substr(first)) +
                                    " --client 1 --keys " + meter_.keys().string() + " " + more + " > " +
                                    meter_.file("out").string() + " 2>&1 </dev/null";
        const int status = std::system(command.c_str());
        return {WIFEXITED(status) ? WEXITSTATUS(status) : -1, text_of(meter_.file("out"))};
    }
    /// What the authority that the meter made answers to a request.
    void issue(const std::filesystem::path& request_file, const std::filesystem::path& to, std::uint16_t usage) {
        const auto crypto = make_openssl_crypto();
        const auto read = [](const std::filesystem::path& path, std::string_view label) {
            const std::string text = text_of(path);
            return decode_pem_or_der(label, {reinterpret_cast<const std::uint8_t*>(text.data()), text.size()}).value();
        };
        const Octets request = read(request_file, kCertificateRequestLabel);
        const auto asked = dlms::parse_certificate_request(*crypto, request);
        ASSERT_TRUE(asked);
        const Octets authority = read(meter_.file("certificates") / "authority.pem", kCertificateLabel);
        const std::string key_text = text_of(meter_.file("certificates") / "authority.key");
        const auto key = decode_private_key({reinterpret_cast<const std::uint8_t*>(key_text.data()), key_text.size()});
        ASSERT_TRUE(key);
        constexpr std::array<std::uint8_t, 2> kSerial{0x12, 0x34};
        const auto name = dlms::common_name_of(*asked->system_title);
        dlms::CertificateContents contents;
        contents.serial_number = kSerial;
        const auto issuer = dlms::parse_certificate(authority);
        contents.issuer = issuer->subject;
        contents.common_name = name;
        contents.not_before = utc_from_civil({2020, 1, 1, 0, 0, 0, 0});
        contents.not_after = utc_from_civil({2049, 1, 1, 0, 0, 0, 0});
        contents.curve = asked->curve;
        contents.public_key = asked->public_key;
        contents.key_usage = usage;
        Octets memory(dlms::kMaxCertificateSize);
        const auto made = dlms::issue_certificate(*crypto, contents, key->curve, key->scalar, memory);
        ASSERT_TRUE(made);
        std::ofstream(to) << encode_pem(kCertificateLabel, *made);
    }

    SecuredMeter meter_{std::vector<std::string>{"--suite", std::to_string(GetParam())}};
};

INSTANTIATE_TEST_SUITE_P(Suites1And2, CertificateVerb, ::testing::Values(1, 2));

TEST_P(CertificateVerb, ListsWhatTheMeterHas) {
    const Outcome list = certificate("list");
    EXPECT_EQ(list.status, 0) << list.output;
    EXPECT_EQ(std::count(list.output.begin(), list.output.end(), '\n'), 5) << list.output;
    for (const char* const part : {"authority", "meter      signing    4652530000000001", "meter      agreement",
                                   "client     signing", "client     agreement", "issued by Ferraris test authority"}) {
        EXPECT_NE(list.output.find(part), std::string::npos) << part << "\n" << list.output;
    }
    const auto json = nlohmann::json::parse(certificate("list", "--json").output);
    ASSERT_EQ(json.size(), 5U);
    EXPECT_EQ(json[0]["entity"], "authority");
    EXPECT_EQ(json[1]["use"], "signing");
}

TEST_P(CertificateVerb, RenewsTheSigningKeyOfTheMeter) {
    const auto request = meter_.file("request.pem");
    const auto renewed = meter_.file("renewed.pem");
    EXPECT_EQ(certificate("generate signing").status, 0);
    const Outcome asked = certificate("request signing", "--output " + request.string());
    ASSERT_EQ(asked.status, 0) << asked.output;
    EXPECT_EQ(complaint_of(meter_.client()), "") << "the old pair serves until the new one is certified";
    issue(request, renewed, dlms::kDigitalSignature);
    const Outcome imported = certificate("import " + renewed.string());
    EXPECT_EQ(imported.status, 0) << imported.output;
    EXPECT_NE(complaint_of(meter_.client()).find("authentication failed"), std::string::npos)
        << "the client has the old certificate";
    // The new certificate in the place of the old one, for client and meter.
    std::filesystem::copy_file(renewed, meter_.file("certificates") / "renewed.pem");
    ConnectOptions options = meter_.client();
    options.key_file = meter_.changed_keys("meter_signing_certificate = \"certificates/meter-signing.pem\"",
                                           "meter_signing_certificate = \"certificates/renewed.pem\"");
    EXPECT_EQ(complaint_of(options), "");
}

TEST_P(CertificateVerb, ExportsAndRemovesByNumber) {
    const auto json = nlohmann::json::parse(certificate("list", "--json").output);
    std::string agreement;
    for (const auto& each : json) {
        if (each["entity"] == "client" && each["use"] == "agreement")
            agreement = std::to_string(each["number"].get<int>());
    }
    ASSERT_FALSE(agreement.empty());
    const Outcome exported = certificate("export " + agreement);
    EXPECT_EQ(exported.status, 0);
    EXPECT_EQ(exported.output, text_of(meter_.file("certificates") / "client-agreement.pem"));
    EXPECT_EQ(certificate("remove " + agreement).status, 0);
    EXPECT_EQ(nlohmann::json::parse(certificate("list", "--json").output).size(), 4U);
    ConnectOptions options = meter_.client();
    options.envelope = "static";
    EXPECT_NE(complaint_of(options), "") << "the meter no longer knows the client's key";
    EXPECT_EQ(certificate("import " + (meter_.file("certificates") / "client-agreement.pem").string()).status, 0);
    EXPECT_EQ(complaint_of(options), "");
}

TEST_P(CertificateVerb, SaysWhatIsWrong) {
    EXPECT_NE(certificate("generate everything").output.find("write signing or agreement"), std::string::npos);
    EXPECT_NE(certificate("export 9").output.find("has 5 certificates"), std::string::npos);
    EXPECT_NE(certificate("import").output.find("wants a file with a certificate"), std::string::npos);
    EXPECT_NE(certificate("remove 1").output.find("the last authority stays"), std::string::npos);
    EXPECT_NE(certificate("import /dev/null").output.find("holds no certificate"), std::string::npos);
    const Outcome own = certificate("import " + (meter_.file("certificates") / "authority.key").string());
    EXPECT_NE(own.output.find("holds no certificate"), std::string::npos) << own.output;
}

/// What the client makes of the object list, by class, name and attribute.
std::map<std::string, bool> readable_attributes(int association_version) {
    const SecuredMeter meter({"--association-version", std::to_string(association_version)});
    Client client(meter.client());
    std::map<std::string, bool> rights;
    for (const ListedObject& object : read_object_list(client)) {
        if (object.class_id == 15) {
            EXPECT_EQ(object.version, association_version);
        }
        for (const AttributeRight& right : object.attributes) {
            rights[fmt::format("{}/{}:{}", object.class_id, to_hex(object.name.view()), right.attribute)] =
                right.readable;
        }
    }
    EXPECT_EQ(client.get(kEnergy).result, dlms::DataAccessResult::success);
    return rights;
}

TEST(AssociationVersions, TheClientReadsTheSameOutOfEachOfThem) {
    const auto third = readable_attributes(3);
    const auto second = readable_attributes(2);
    EXPECT_EQ(second, third) << "numbers in place of bits";
    ASSERT_GT(third.size(), 200U);
    EXPECT_TRUE(third.at("3/0100010800FF:2"));
    EXPECT_FALSE(third.at("15/0000280001FF:7")) << "a secret";
    // Version 1 has no users, attributes 10 and 11.
    auto first = readable_attributes(1);
    std::erase_if(first,
                  [&](const auto& each) { return third.contains(each.first) && third.at(each.first) == each.second; });
    EXPECT_TRUE(first.empty());
}

}  // namespace
}  // namespace ferraris::cli
