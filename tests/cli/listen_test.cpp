/// `ferraris listen` as a user runs it: recorded pushes of foreign meters over real sockets, and our own meter from
/// schedule to shown value.
#include <fmt/format.h>
#include <gtest/gtest.h>

#include <boost/asio.hpp>
#include <fstream>
#include <nlohmann/json.hpp>
#include <set>
#include <sstream>
#include <thread>

#include "base/hex.hpp"
#include "child.hpp"
#include "cli/key_file.hpp"
#include "dlms/wrapper.hpp"
#include "scratch_folder.hpp"
#include "shared.hpp"

namespace ferraris::cli {
namespace {

namespace asio = boost::asio;
using asio::ip::tcp;
using asio::ip::udp;
using nlohmann::json;
using testing::Child;

constexpr const char* kPushes = "facts/vectors_push_and_profile.json";
constexpr const char* kFrames = "facts/vectors_hdlc.json";

std::uint16_t free_port() {
    asio::io_context io;
    return tcp::acceptor(io, {asio::ip::address_v4::loopback(), 0}).local_endpoint().port();
}

json sample(const std::string& id) {
    const json pushes = ferraris::testing::shared_json(kPushes);
    for (const auto& each : pushes.at("samples")) {
        if (each.at("id") == id) return each;
    }
    ADD_FAILURE() << "no sample " << id;
    return {};
}

Octets octets(const std::string& hex) { return from_hex(hex).value(); }

Octets wrapped(const Octets& apdu) {
    Octets frame(apdu.size() + dlms::kWrapperHeaderOctets);
    ByteWriter out(frame);
    EXPECT_TRUE(dlms::write_wrapper({1, 1, apdu}, out));
    return frame;
}

class Listen : public ::testing::Test {
protected:
    void listen(const std::string& scheme, std::vector<std::string> more = {}) {
        port_ = free_port();
        listen_again(scheme, std::move(more));
    }
    /// On the port that is known already.
    void listen_again(const std::string& scheme, std::vector<std::string> more) {
        std::filesystem::remove(listener_log());
        more.insert(more.begin(), {"listen", address(scheme), "--json"});
        listener_ = std::make_unique<Child>(more, listener_log());
        wait_for_log("listening on");
    }
    [[nodiscard]] std::string address(const std::string& scheme) const {
        return scheme + "://127.0.0.1:" + std::to_string(port_);
    }
    [[nodiscard]] std::filesystem::path log() const { return folder_ / "log"; }
    [[nodiscard]] std::filesystem::path listener_log() const { return folder_ / "listener-log"; }
    [[nodiscard]] std::string log_text() const {
        std::stringstream text;
        for (const auto& path : {log(), listener_log()}) {
            std::ifstream file(path);
            text << std::string(std::istreambuf_iterator<char>(file), {});
        }
        return text.str();
    }
    void wait_for_log(const std::string& what) const {
        for (int i = 0; i < 1000 && log_text().find(what) == std::string::npos; ++i) {
            std::this_thread::sleep_for(std::chrono::milliseconds(10));
        }
        EXPECT_NE(log_text().find(what), std::string::npos) << log_text();
    }
    /// Sends each on a connection or as a datagram of its own.
    void send(const std::string& scheme, const Octets& frame) {
        if (scheme.ends_with("udp")) {
            udp::socket socket(io_, udp::v4());
            socket.send_to(asio::buffer(frame), {asio::ip::address_v4::loopback(), port_});
        } else {
            tcp::socket socket(io_);
            socket.connect({asio::ip::address_v4::loopback(), port_});
            asio::write(socket, asio::buffer(frame));
        }
    }
    json push() {
        const auto line = listener_->line();
        if (!line) {
            ADD_FAILURE() << "no push came; " << log_text();
            return json::object({{"values", json::array()}});
        }
        return json::parse(*line);
    }
    /// The value of that name, null when there is none.
    static json value_of(const json& push, const std::string& obis, const char* what = "value") {
        for (const auto& value : push.at("values")) {
            if (value.value("obis", "") == obis) return value.value(what, json());
        }
        return {};
    }
    std::string keys(const std::string& text) {
        const std::filesystem::path path = folder_ / "push-keys.toml";
        std::ofstream(path) << text;
        std::filesystem::permissions(path, std::filesystem::perms::owner_read | std::filesystem::perms::owner_write);
        return path.string();
    }

    testing::ScratchFolder folder_;
    asio::io_context io_;
    std::uint16_t port_{0};
    std::unique_ptr<Child> listener_;
};

TEST_F(Listen, CipheredPushesByTheirSystemTitle) {
    FERRARIS_NEEDS_SHARED(kPushes);
    const json evn = sample("push-evn");
    const json kamstrup = sample("push-kamstrup");
    const json italian = sample("push-udp-wrapper-italian");
    const auto table = [](const std::string& title, const std::string& key, const std::string& authentication) {
        return "[meter." + title + "]\nunicast_key = \"" + key + "\"\n" +
               (authentication.empty() ? "" : "authentication_key = \"" + authentication + "\"\n");
    };
    const std::string file = keys(table(evn["system_title"], evn["key"], "") +
                                  table(kamstrup["system_title"], kamstrup["EK"], kamstrup["AK"]) +
                                  table("2F19229199164103", italian["EK"], italian["AK"]));

    listen("tcp", {"--keys", file});
    send("tcp", wrapped(octets(evn["dlms"])));
    json push = this->push();
    EXPECT_EQ(push["system_title"], "4B464D6750000009");
    EXPECT_EQ(push["protection"], "encrypted");
    EXPECT_EQ(push["invocation_counter"], 0x23);
    EXPECT_EQ(push["date_time"], "2021-09-27T09:47:15+02:00");
    EXPECT_EQ(value_of(push, "1-0:1.8.0"), 12937);
    EXPECT_EQ(value_of(push, "1-0:1.8.0", "unit"), "Wh");
    EXPECT_EQ(value_of(push, "1-0:32.7.0"), 233.7);
    EXPECT_EQ(value_of(push, "1-0:13.7.0"), 1.0);
    EXPECT_EQ(push["values"].back()["value"], "181220000009");

    listen("hdlc+tcp", {"--keys", file});
    send("hdlc+tcp", octets(kamstrup["hdlc"]));
    push = this->push();
    EXPECT_EQ(push["protection"], "authenticated and encrypted");
    EXPECT_EQ(push["values"][0]["value"], "Kamstrup_V0001");
    EXPECT_EQ(value_of(push, "1-1:1.8.0"), 0x00603EAA);
    EXPECT_EQ(value_of(push, "1-1:61.8.0"), 0x0029029C);

    listen("udp", {"--keys", file});
    send("udp", octets(italian["wrapper"]));
    push = this->push();
    EXPECT_EQ(push["kind"], "data-notification");
    EXPECT_EQ(push["invoke_id"], 0x1DB);
    EXPECT_EQ(push["values"].size(), 1U);
}

TEST_F(Listen, WithoutItsKeyAPushIsALineNotAnEnd) {
    FERRARIS_NEEDS_SHARED(kPushes);
    const json kamstrup = sample("push-kamstrup");
    listen("hdlc+tcp", {"--keys", keys("[client.1]\nunicast_key = \"000102030405060708090A0B0C0D0E0F\"\n"
                                       "authentication_key = \"000102030405060708090A0B0C0D0E0F\"\n")});
    send("hdlc+tcp", octets(kamstrup["hdlc"]));
    const json push = this->push();
    EXPECT_EQ(push["error"], "no key of the key file fits");
    EXPECT_EQ(push["system_title"], "4B414D4501349083") << "what can be read is";
    send("hdlc+tcp", octets(sample("plain-hdlc_norway_han_1phase")["bytes"]));
    EXPECT_EQ(this->push()["kind"], "data-notification");
}

TEST_F(Listen, PlainPushesLegalAndNot) {
    FERRARIS_NEEDS_SHARED(kPushes);
    listen("udp");
    send("udp", wrapped(octets(sample("plain-raw_energomera")["bytes"])));
    json push = this->push();
    // The push brings the list of its objects along, which names its values.
    EXPECT_EQ(value_of(push, "0-0:42.0.0"), "EMR0222173608710");
    EXPECT_EQ(value_of(push, "0-0:97.98.10"), 0xFFFF);
    EXPECT_EQ(push["confirmation_wanted"], true);

    send("udp", wrapped(octets(sample("plain-raw_egd_example")["bytes"])));
    push = this->push();
    EXPECT_EQ(push["kind"], "data-notification");
    EXPECT_TRUE(push["error"].get<std::string>().starts_with("its body is no legal A-XDR: 02021601")) << push["error"];

    listen("hdlc+udp");
    send("hdlc+udp", octets(sample("plain-hdlc_norway_han_1phase")["bytes"]));
    push = this->push();
    EXPECT_EQ(value_of(push, "1-1:0.2.129", "text"), "AIDON_V0001");
    EXPECT_EQ(value_of(push, "1-0:1.7.0", "text"), "1362 W");
    EXPECT_EQ(value_of(push, "1-0:32.7.0"), 250.0);
    EXPECT_EQ(value_of(push, "1-0:31.7.0"), 9.3);
}

TEST_F(Listen, SegmentedAndBlockwisePushesInFrames) {
    FERRARIS_NEEDS_SHARED(kFrames);
    const auto line_of = [](const std::string& name) {
        Octets line;
        const json vectors = ferraris::testing::shared_json(kFrames);
        for (const auto& vector : vectors.at("frames")) {
            if (!vector.at("id").get<std::string>().starts_with(name)) continue;
            const Octets frame = octets(vector.at("frame"));
            line.insert(line.end(), frame.begin(), frame.end());
        }
        return line;
    };
    listen("hdlc+tcp");
    send("hdlc+tcp", line_of("hdlc_iskra550"));
    json push = this->push();
    EXPECT_EQ(push["invoke_id"], 0x26EB);
    EXPECT_EQ(push["kind"], "data-notification");
    send("hdlc+tcp", line_of("hdlc_kaifa"));
    EXPECT_EQ(this->push()["kind"], "data-notification");
    // Three blocks become one APDU, whose key is not known.
    send("hdlc+tcp", line_of("hdlc_landis"));
    push = this->push();
    EXPECT_EQ(push["apdu"].get<std::string>().substr(0, 4), "DB08");
    EXPECT_EQ(push["error"], "it is ciphered; give the keys with --keys FILE");
}

TEST_F(Listen, EventNotifications) {
    listen("tcp");
    // C2, time of 12 octets, class 1, 0-0:97.98.20, attribute 2, double-long-unsigned 8192
    const std::string event =
        "C2010C07EA010F040C1E0000FFC400"
        "0001"
        "0000616214FF"
        "02"
        "0600002000";
    send("tcp", wrapped(octets(event)));
    json push = this->push();
    EXPECT_EQ(push["kind"], "event-notification");
    EXPECT_EQ(push["date_time"], "2026-01-15T12:30:00+01:00");
    EXPECT_EQ(value_of(push, "0-0:97.98.20"), 8192);
    EXPECT_EQ(value_of(push, "0-0:97.98.20", "class_id"), 1);
    EXPECT_EQ(push["confirmation_wanted"], json()) << "nobody confirms an event-notification";
    // Without its time; then damaged.
    send("tcp", wrapped(octets("C20000010000616214FF020600002000")));
    push = this->push();
    EXPECT_FALSE(push.contains("date_time"));
    EXPECT_EQ(value_of(push, "0-0:97.98.20"), 8192);
    send("tcp", wrapped(octets("C20000010000616214FF0206000020")));
    EXPECT_EQ(this->push()["error"], "damaged: it is an event-notification that makes no sense");
}

TEST_F(Listen, DamagedInputAndManySendersAtOnce) {
    listen("tcp", {"--count", "40"});
    const Octets good = wrapped(octets("0F000000010009020101"));
    std::vector<tcp::socket> sockets;
    for (int i = 0; i < 40; ++i) {
        sockets.emplace_back(io_);
        sockets.back().connect({asio::ip::address_v4::loopback(), port_});
        asio::write(sockets.back(), asio::buffer(good.data(), 5));
    }
    send("tcp", octets("474554202F20485454502F312E310D0A"));  // GET / HTTP/1.1
    EXPECT_EQ(push()["error"], "this is no wrapper PDU");
    send("tcp", Octets(good.begin(), good.end() - 2));
    EXPECT_EQ(push()["error"], "the connection ended inside a wrapper PDU");
    std::set<std::string> senders;
    for (tcp::socket& socket : sockets) asio::write(socket, asio::buffer(good.data() + 5, good.size() - 5));
    for (int i = 0; i < 40; ++i) {
        const json push = this->push();
        EXPECT_EQ(push["values"][0]["type"], "octet-string") << push;
        senders.insert(push["from"]);
    }
    EXPECT_EQ(senders.size(), 40U);
    EXPECT_EQ(listener_->wait(), 0) << "the count is reached";
}

TEST_F(Listen, TheTimeoutIsAFailureWhenPushesAreMissing) {
    listen("udp", {"--count", "1", "--timeout", "0.2"});
    EXPECT_EQ(listener_->wait(), 1);
    EXPECT_NE(log_text().find("0 of 1 pushes came"), std::string::npos);
    EXPECT_EQ(Child({"listen", "udp://meter.example:4059"}, log()).wait(), 1);
}

/// Our own meter and our own listener.
class EndToEnd : public Listen {
protected:
    void start_meter(std::vector<std::string> more) {
        more.insert(more.begin(), {"meter", "--json", "--listen", "127.0.0.1:0", "--hdlc-listen", "127.0.0.1:0",
                                   "--state", (folder_ / "state").string()});
        meter_ = std::make_unique<Child>(more, log());
        const auto ready = meter_->line();
        ASSERT_TRUE(ready) << log_text();
        tcp_ = json::parse(*ready)["tcp"];
    }
    [[nodiscard]] std::string key_path() const { return (folder_ / "state" / "keys.toml").string(); }
    void write(const std::string& object, const std::string& value) {
        EXPECT_EQ(Child({"write", tcp_, object, value, "--client", "1", "--keys", key_path()}, log()).wait(), 0)
            << object << " " << value << "\n"
            << log_text();
    }
    void call(const std::string& method, const std::string& parameters, std::vector<std::string> more = {}) {
        more.insert(more.begin(), {"call", tcp_, method, parameters, "--client", "1", "--keys", key_path()});
        EXPECT_EQ(Child(more, log()).wait(), 0) << method << "\n" << log_text();
    }
    /// structure{enum transport, octet-string destination, enum message}, encoded
    [[nodiscard]] std::string encoded_destination(std::uint8_t transport) const {
        const std::string text = "127.0.0.1:" + std::to_string(port_);
        Octets value{0x02, 0x03, 0x16, transport, 0x09, static_cast<std::uint8_t>(text.size())};
        value.insert(value.end(), text.begin(), text.end());
        value.insert(value.end(), {0x16, 0x00});
        return to_hex(value);
    }

    std::string tcp_;
    std::unique_ptr<Child> meter_;
};

constexpr const char* kScheduled = "40/0-1:25.9.0";

TEST_F(EndToEnd, EveryHourOfASimulatedDayOnceAndInOrder) {
    port_ = free_port();
    // The settings first, at a time that stands still, so that all of the day is pushed.
    start_meter({"--start", "2026-01-14T22:59:00Z", "--until", "2026-01-14T22:59:05Z"});
    write(std::string(kScheduled) + ":3", "axdr:" + encoded_destination(0));
    meter_->stop();
    listen_again("tcp", {"--keys", key_path()});
    start_meter({"--speed", "max", "--start", "2026-01-14T23:00:00Z", "--until", "2026-01-15T23:30:00Z"});
    double before = -1;
    for (int hour = 1; hour <= 24; ++hour) {
        const json push = this->push();
        EXPECT_EQ(push["date_time"], fmt::format("2026-01-{}T{:02}:00:00+01:00", hour == 24 ? 16 : 15, hour % 24));
        EXPECT_EQ(push["protection"], "authenticated and encrypted");
        EXPECT_EQ(push["client"], 1);
        EXPECT_EQ(value_of(push, "0-0:42.0.0"), "FRS0000000000001");
        EXPECT_EQ(value_of(push, "1-0:1.8.0", "unit"), "Wh");
        const double import = value_of(push, "1-0:1.8.0");
        EXPECT_GT(import, before) << "the household has used something";
        before = import;
        const double volts = value_of(push, "1-0:32.7.0");
        EXPECT_GT(volts, 200);
        EXPECT_LT(volts, 260);
    }
    EXPECT_EQ(listener_->line(std::chrono::milliseconds(500)), std::nullopt) << "and no more";
    wait_for_log("stands still");
}

TEST_F(EndToEnd, PowerUpAfterARestartAndARetryWhenNobodyListens) {
    port_ = free_port();
    start_meter({});
    write("40/0-0:25.9.0:3", "axdr:" + encoded_destination(1));
    write("40/0-1:25.9.0:3", "axdr:" + encoded_destination(0));
    write("40/0-1:25.9.0:7", "axdr:0203120001120064120001");  // one second between attempts
    write("40/0-1:25.9.0:6", "axdr:1114");                    // twenty retries
    write("22/0-0:15.0.4:4", "axdr:0100");                    // no schedule
    meter_->stop();
    listen_again("udp", {"--keys", key_path()});
    start_meter({"--speed", "10"});
    json push = this->push();
    EXPECT_EQ(push["kind"], "data-notification");
    EXPECT_EQ(value_of(push, "0-0:42.0.0"), "FRS0000000000001");
    listener_.reset();
    EXPECT_EQ(Child({"call", tcp_, "40/0-1:25.9.0:1", "i8:0", "--client", "1", "--keys", key_path()}, log()).wait(), 0)
        << log_text();
    wait_for_log("it will be tried again");
    listen_again("tcp", {"--keys", key_path()});
    push = this->push();
    EXPECT_EQ(value_of(push, "1-0:1.8.0", "unit"), "Wh");
    wait_for_log(", attempt ");
    EXPECT_EQ(listener_->line(std::chrono::milliseconds(300)), std::nullopt) << "once";
}

TEST_F(EndToEnd, AnAlarmInFramesAndAConfirmedPush) {
    port_ = free_port();
    start_meter({"--speed", "10"});
    listen_again("hdlc+tcp", {"--keys", key_path()});
    write("40/0-4:25.9.0:3", "axdr:" + encoded_destination(5));
    write("1/0-0:97.98.10:2", "u32:8192");
    // Somebody tries with another secret.
    Child({"read", tcp_, "8/0-0:1.0.0:2", "--client", "2", "--keys", keys("[client.2]\nsecret = \"wrong\"\n")}, log())
        .wait();
    json push = this->push();
    EXPECT_EQ(value_of(push, "0-0:97.98.20"), 8192) << push;

    listener_.reset();
    listen_again("tcp", {"--keys", key_path(), "--confirm"});
    write(std::string(kScheduled) + ":11", "enum:2");
    write(std::string(kScheduled) + ":3", "axdr:" + encoded_destination(0));
    EXPECT_EQ(
        Child({"call", tcp_, std::string(kScheduled) + ":1", "i8:0", "--client", "1", "--keys", key_path()}, log())
            .wait(),
        0);
    EXPECT_EQ(this->push()["confirmation_wanted"], true);
    wait_for_log("sent and confirmed");
}

TEST_F(EndToEnd, InGeneralCiphering) {
    port_ = free_port();
    start_meter({"--speed", "10"});
    listen_again("tcp", {"--keys", key_path()});
    // authenticated and encrypted, general-ciphering with the global unicast key by its name
    write(std::string(kScheduled) + ":10", "axdr:010102021602020509000900090009000202160002011600");
    write(std::string(kScheduled) + ":3", "axdr:" + encoded_destination(0));
    EXPECT_EQ(
        Child({"call", tcp_, std::string(kScheduled) + ":1", "i8:0", "--client", "1", "--keys", key_path()}, log())
            .wait(),
        0);
    const json push = this->push();
    EXPECT_EQ(push["apdu"].get<std::string>().substr(0, 2), "DD");
    EXPECT_EQ(push["protection"], "authenticated and encrypted");
    EXPECT_EQ(push["client"], 1);
    EXPECT_EQ(value_of(push, "1-0:1.8.0", "unit"), "Wh");
}

/// push_protection_parameters of one element: its protection_type, to this recipient, with this key_info.
std::string protected_by(const char* type, const std::string& recipient, const std::string& key_info) {
    return "020216" + std::string(type) + "020509000900" + recipient + "0900" + key_info;
}

TEST_F(EndToEnd, SignedAndWithAgreedKeys) {
    for (const char* const suite : {"1", "2"}) {
        port_ = free_port();
        std::filesystem::remove_all(folder_ / "state");
        start_meter({"--speed", "10", "--suite", suite});
        listen_again("tcp", {"--keys", key_path()});
        write(std::string(kScheduled) + ":3", "axdr:" + encoded_destination(0));
        const std::string us = "0908" + to_hex(*read_key_file(key_path()).system_title);
        const std::string identified = "0202160002011600";
        const std::string signature = protected_by("03", us, identified);
        struct Way {
            std::string what;
            std::string elements;  ///< in the order in which they are applied
            const char* tag;
            const char* protection;
        };
        for (const Way& way : std::vector<Way>{
                 {"C(1e,1s)",
                  "01" + protected_by("02", us,
                                      "020216020202"
                                      "0901010900"),
                  "DD", "authenticated and encrypted"},
                 {"C(0e,2s)",
                  "01" + protected_by("02", us,
                                      "020216020202"
                                      "0901020900"),
                  "DD", "authenticated and encrypted"},
                 {"signed inside a wrapped key", "02" + signature + protected_by("02", us, "02021601020216000900"),
                  "DD", "signed, authenticated and encrypted"},
                 {"signed outside an agreed key",
                  "02" +
                      protected_by("02", us,
                                   "020216020202"
                                   "0901010900") +
                      signature,
                  "DF", "signed, authenticated and encrypted"},
             }) {
            SCOPED_TRACE(std::string("suite ") + suite + ", " + way.what);
            write(std::string(kScheduled) + ":10", "axdr:01" + way.elements);
            call("40/0-1:25.9.0:1", "i8:0");
            const json push = this->push();
            EXPECT_EQ(push.value("apdu", "").substr(0, 2), way.tag);
            EXPECT_EQ(push.value("protection", ""), way.protection) << push;
            EXPECT_EQ(push["client"], 1);
            EXPECT_EQ(value_of(push, "1-0:1.8.0", "unit"), "Wh");
        }
        meter_->stop();
    }
}

TEST_F(EndToEnd, SignedByThePolicyOfThePushClient) {
    port_ = free_port();
    start_meter({"--speed", "10", "--suite", "1"});
    listen_again("tcp", {"--keys", key_path()});
    write(std::string(kScheduled) + ":3", "axdr:" + encoded_destination(0));
    // Requests and answers authenticated, encrypted and signed.
    call("64/0-0:43.0.1:1", "enum:252");
    call("40/0-1:25.9.0:1", "i8:0", {"--sign"});
    const json push = this->push();
    EXPECT_EQ(push.value("apdu", "").substr(0, 2), "DB") << "a signature inside an envelope";
    EXPECT_EQ(push.value("protection", ""), "signed, authenticated and encrypted") << push;
    EXPECT_EQ(value_of(push, "1-0:1.8.0", "unit"), "Wh");
}

TEST_F(EndToEnd, ADayOfTheLoadProfileInBlocksAndConfirmed) {
    port_ = free_port();
    start_meter({"--speed", "max", "--start", "2026-01-14T23:00:00Z", "--until", "2026-01-15T23:00:00Z"});
    wait_for_log("stands still");
    meter_->stop();
    start_meter({"--speed", "10"});
    listen_again("tcp", {"--keys", key_path(), "--confirm"});
    // class 7, 1-0:99.1.0, attribute 2, whole, no restriction, all columns
    write(std::string(kScheduled) + ":2", "axdr:0101020612000709060100630100FF0F0212000002021600000100");
    write(std::string(kScheduled) + ":11", "enum:2");
    write(std::string(kScheduled) + ":3", "axdr:" + encoded_destination(0));
    EXPECT_EQ(
        Child({"call", tcp_, std::string(kScheduled) + ":1", "i8:0", "--client", "1", "--keys", key_path()}, log())
            .wait(),
        0);
    const json push = this->push();
    EXPECT_EQ(push["protection"], "authenticated and encrypted");
    EXPECT_GT(push["apdu"].get<std::string>().size(), 2 * 4096U) << "more than one APDU of the meter";
    EXPECT_GT(push["values"].size(), 96U * 4);
    wait_for_log("sent and confirmed");
}

}  // namespace
}  // namespace ferraris::cli
