/// Both ends against each other, at true speed.
#include <gtest/gtest.h>
#include <rapidcheck.h>

#include "dlms/iec62056_21/support.hpp"

namespace ferraris::dlms::iec62056_21 {
namespace {

using testing::Bench;
using testing::Faults;

using Strings = std::vector<std::string>;
const Strings kReadout{"0.0.0=12345678", "1.8.0=000123.456 kWh", "1.8.1=000100.000 kWh"};
const Strings kProfile{"P.01=2101010000", "=1 kW", "=2 kW", "=3 kW", "=4 kW"};

ServerConfig with_software_parity() {
    ServerConfig config = Bench::defaults();
    config.software_parity = true;
    return config;
}
ClientConfig client_with_software_parity() {
    ClientConfig config;
    config.software_parity = true;
    return config;
}

TEST(Iec62056Session, ReadsOutInModeC) {
    Bench bench;
    bench.client.start(Purpose::readout, 0);
    ASSERT_TRUE(bench.until(ClientEventKind::readout_complete));
    bench.pass(100);
    EXPECT_EQ(bench.data_sets, kReadout);
    EXPECT_EQ(bench.to_server,
              "2F3F210D0A"    // /?! CR LF
              "063035300D0A"  // ACK, normal, 9600 Bd, readout
              "06");          // the block is good
    // / FER 5 \2 FERRARIS1 CR LF, then STX ... ! CR LF ETX BCC
    EXPECT_TRUE(
        bench.to_client.starts_with("2F464552355C324645525241524953310D0A02302E302E30283132333435363738290D0A"));
    EXPECT_EQ(bench.to_client.substr(bench.to_client.size() - 10, 8), "210D0A03");
    EXPECT_EQ(bench.server_events.back(), ServerEventKind::readout_complete);
    EXPECT_EQ(bench.server.line(), LineFormat{});
    EXPECT_EQ(bench.client.line(), LineFormat{});
    EXPECT_EQ(testing::text(bench.client.identification().text), "FERRARIS1");
}

TEST(Iec62056Session, KeepsTheReactionTime) {
    Bench bench;
    bench.client.start(Purpose::readout, 0);
    bench.pass(166 + 195);  // five characters at 300 Bd last 167 ms
    EXPECT_EQ(bench.to_client, "");
    bench.pass(20);
    EXPECT_EQ(bench.to_client, "2F");

    ServerConfig config = Bench::defaults();
    config.identification.manufacturer[2] = 'r';  // lower case: 20 ms
    Bench fast(config);
    fast.client.start(Purpose::readout, 0);
    fast.pass(166 + 30);
    EXPECT_EQ(fast.to_client, "2F");
}

TEST(Iec62056Session, AFasterMeterThanTheClientStaysAt300Bd) {
    ClientConfig config;
    config.fastest_baud_character = '4';
    Bench bench(Bench::defaults(), config);
    bench.client.start(Purpose::readout, 0);
    ASSERT_TRUE(bench.until(ClientEventKind::readout_complete));
    EXPECT_NE(bench.to_server.find("063030300D0A"), std::string::npos);
    EXPECT_EQ(bench.data_sets, kReadout);
}

TEST(Iec62056Session, EveryBaudRate) {
    for (std::uint8_t character = '0'; character <= '6'; ++character) {
        ServerConfig config = Bench::defaults();
        config.identification.baud_character = character;
        Bench bench(config);
        bench.client.start(Purpose::programming, 0);
        ASSERT_TRUE(bench.until(ClientEventKind::programming)) << character;
        EXPECT_EQ(bench.client.line().baud, baud_of_mode_c(character));
        EXPECT_EQ(bench.server.line(), bench.client.line());
        EXPECT_EQ(bench.client.repeats(), 0U);
    }
}

TEST(Iec62056Session, AnswersToItsAddressOnly) {
    ClientConfig own;
    own.address = text_of("12345");  // leading zeros do not count
    Bench bench(Bench::defaults(), own);
    bench.client.start(Purpose::readout, 0);
    EXPECT_TRUE(bench.until(ClientEventKind::readout_complete));

    ClientConfig other;
    other.address = text_of("12346");
    Bench silent(Bench::defaults(), other);
    silent.client.start(Purpose::readout, 0);
    EXPECT_FALSE(silent.until(ClientEventKind::readout_complete));
    EXPECT_EQ(silent.failure, ClientFailure::no_answer);
    EXPECT_EQ(silent.client.repeats(), 3U);
    EXPECT_EQ(silent.to_client, "");
}

TEST(Iec62056Session, ProgramsWithAPassword) {
    Bench bench;
    ASSERT_TRUE(bench.program());
    EXPECT_EQ(bench.server.level(), 3);
    EXPECT_NE(bench.to_client.find("015030022831323334353637290350"), std::string::npos);  // the P0 of the facts
    EXPECT_NE(bench.to_server.find("01503102283030303030303030290361"), std::string::npos);
    EXPECT_TRUE(bench.exchange('R', '1', "1.8.0()", ClientEventKind::answered));
    EXPECT_EQ(bench.data_sets, Strings{"1.8.0=000123.456 kWh"});
    EXPECT_TRUE(bench.exchange('R', '1', "P.01()", ClientEventKind::answered));  // three pieces, one block
    EXPECT_EQ(bench.data_sets, kProfile);
    EXPECT_TRUE(bench.exchange('R', '3', "P.01()", ClientEventKind::answered));  // three blocks
    EXPECT_EQ(bench.data_sets, kProfile);
    EXPECT_TRUE(bench.exchange('W', '1', "C003(1)", ClientEventKind::acknowledged));
    EXPECT_TRUE(bench.exchange('W', '3', "C004(1", ClientEventKind::acknowledged, true));
    EXPECT_TRUE(bench.exchange('W', '3', "2)", ClientEventKind::acknowledged));
    EXPECT_EQ(bench.device.written, (Strings{"C003(1)", "C004(1+", "2)"}));
    EXPECT_TRUE(bench.exchange('E', '2', "M()", ClientEventKind::acknowledged));
    EXPECT_EQ(bench.device.executed, 1);
    bench.client.sign_off(bench.now_ms());
    EXPECT_TRUE(bench.until(ClientEventKind::signed_off));
    bench.pass(10);
    EXPECT_TRUE(bench.to_server.ends_with("0142300371"));
    EXPECT_EQ(bench.server_events.back(), ServerEventKind::signed_off);
    EXPECT_EQ(bench.server.level(), 0);
    EXPECT_EQ(bench.server.line(), LineFormat{});
}

TEST(Iec62056Session, RefusesByName) {
    Bench bench;
    bench.client.start(Purpose::programming, 0);
    ASSERT_TRUE(bench.until(ClientEventKind::programming));
    EXPECT_EQ(bench.last_text, "(1234567)");
    const auto refused = [&](char type, char digit, const std::string& operand, bool partial = false) {
        EXPECT_TRUE(bench.exchange(type, digit, operand, ClientEventKind::error, partial));
        return bench.refused;
    };
    EXPECT_EQ(refused('R', '1', "1.8.0()"), DeviceError::access_denied);  // before the password
    EXPECT_EQ(bench.last_text, "ER07");
    EXPECT_EQ(refused('E', '2', "M()"), DeviceError::access_denied);
    EXPECT_EQ(refused('P', '3', "(1)"), DeviceError::invalid_command);
    ASSERT_TRUE(bench.exchange('P', '1', "(00000000)", ClientEventKind::acknowledged));
    EXPECT_EQ(refused('R', '1', "7.7.7()"), DeviceError::unknown_address);
    EXPECT_EQ(bench.last_text, "ER17");
    EXPECT_EQ(refused('R', '3', "7.7.7()"), DeviceError::unknown_address);
    EXPECT_EQ(refused('W', '1', "9.9(1)"), DeviceError::read_only);
    EXPECT_EQ(refused('X', '1', "()"), DeviceError::unknown_command);
    EXPECT_EQ(refused('W', '1', "1(1)", true), DeviceError::invalid_command);
    bench.device.values["long()"] = {std::string(80, '1')};
    EXPECT_EQ(refused('R', '1', "long()"), DeviceError::not_executed);
    EXPECT_EQ(bench.device.executed, 0);
}

TEST(Iec62056Session, WrongPasswordsEndInABreak) {
    Bench bench;
    bench.client.start(Purpose::programming, 0);
    ASSERT_TRUE(bench.until(ClientEventKind::programming));
    EXPECT_TRUE(bench.exchange('P', '1', "(11111111)", ClientEventKind::error));
    EXPECT_TRUE(bench.exchange('P', '1', "(22222222)", ClientEventKind::error));
    EXPECT_FALSE(bench.exchange('P', '1', "(33333333)", ClientEventKind::acknowledged));
    EXPECT_EQ(bench.failure, ClientFailure::signed_off_by_device);
    EXPECT_EQ(std::ranges::count(bench.server_events, ServerEventKind::password_rejected), 3);
    bench.pass(10);
    EXPECT_EQ(bench.server_events.back(), ServerEventKind::given_up);
    EXPECT_TRUE(bench.program());  // and a new session begins anew
}

TEST(Iec62056Session, SilenceEndsASession) {
    Bench bench;
    ASSERT_TRUE(bench.program());
    bench.pass(89'000);
    EXPECT_EQ(bench.server.level(), 3);
    bench.pass(2'000);
    EXPECT_EQ(bench.server_events.back(), ServerEventKind::timed_out);
    EXPECT_EQ(bench.server.level(), 0);
    EXPECT_FALSE(bench.exchange('R', '1', "1.8.0()", ClientEventKind::answered));
    EXPECT_EQ(bench.failure, ClientFailure::no_answer);
}

TEST(Iec62056Session, SwitchesToHdlc) {
    for (const bool echo : {false, true}) {
        Bench bench(Bench::defaults(), {}, {0, 0, echo, 1});
        bench.client.start(Purpose::hdlc, 0);
        ASSERT_TRUE(bench.until(ClientEventKind::hdlc)) << echo;
        bench.pass(10);
        EXPECT_TRUE(bench.to_client.ends_with("063235320D0A"));  // the confirmation
        EXPECT_TRUE(bench.server_saw(ServerEventKind::hdlc));
        EXPECT_EQ(bench.client.line(), (LineFormat{9600, true}));
        EXPECT_EQ(bench.server.line(), (LineFormat{9600, true}));
        EXPECT_EQ(bench.client.line_echoes(), echo);
        EXPECT_LT(bench.now_ms(), 2000);
    }
}

/// The client alone, against octets: what a meter says and how the client takes it.
class ClientAlone : public ::testing::Test {
protected:
    ClientEvent feed(const std::string& hex) {
        const auto octets = from_hex(hex).value();
        ByteView in = octets;
        ClientEvent event;
        while (!in.empty() && event.kind == ClientEventKind::none) event = client.receive(in, now_ms);
        return event;
    }
    std::string sent() {
        now_ms += 1000;
        std::array<std::uint8_t, 64> room{};
        ByteWriter out(room);
        EXPECT_TRUE(client.pull(out, now_ms));
        now_ms += 500;
        return to_hex(out.written());
    }
    void select(Purpose purpose, const std::string& identification) {
        client.start(purpose, now_ms);
        EXPECT_EQ(sent(), "2F3F210D0A");
        EXPECT_EQ(feed(identification).kind, ClientEventKind::identified);
    }

    std::array<std::uint8_t, 64> in_{};
    std::array<std::uint8_t, 64> out_{};
    Client client{{}, in_, out_};
    std::int64_t now_ms{0};
};

TEST_F(ClientAlone, ModeEWithAnyKindOfConfirmation) {
    for (const std::string confirmation : {"063235320D0A", "", "FF00A1"}) {  // at new speed, none, noise of 300 Bd
        select(Purpose::hdlc, "2F564D51355C320D0A");                         // the identification of the facts
        EXPECT_EQ(sent(), "063235320D0A");
        EXPECT_EQ(client.line(), (LineFormat{9600, false}));
        EXPECT_EQ(feed(confirmation).kind, ClientEventKind::none);
        EXPECT_EQ(client.poll(now_ms + 2000).kind, ClientEventKind::hdlc);
        EXPECT_EQ(client.line(), (LineFormat{9600, true}));
    }
}

TEST_F(ClientAlone, ModesAAndB) {
    select(Purpose::readout, "2F564D5143410D0A");  // /VMQ C A: 2400 Bd
    EXPECT_EQ(client.line(), (LineFormat{2400, false}));
    // the readout of the facts: 1.8.0(000123.456*kWh) CR LF 1.8.1(000100.000*kWh) CR LF ! CR LF
    const ClientEvent first = feed("02312E382E30283030303132332E3435362A6B576829");
    EXPECT_EQ(first.kind, ClientEventKind::data_set);
    EXPECT_EQ(testing::text(first.data_set.unit), "kWh");
    EXPECT_EQ(feed("0D0A312E382E31283030303130302E3030302A6B576829").kind, ClientEventKind::data_set);
    EXPECT_EQ(feed("0D0A210D0A0322").kind, ClientEventKind::none);
    EXPECT_EQ(sent(), "06");
    EXPECT_EQ(client.poll(now_ms).kind, ClientEventKind::readout_complete);
}

TEST_F(ClientAlone, FailsByName) {
    client.start(Purpose::hdlc, now_ms);
    (void)sent();
    EXPECT_EQ(feed("2F564D51350D0A").failure, ClientFailure::mode_not_offered);  // no \2
    client.start(Purpose::programming, now_ms);
    (void)sent();
    EXPECT_EQ(feed("2F564D51410D0A").failure, ClientFailure::mode_not_offered);  // mode B
    client.start(Purpose::readout, now_ms);
    (void)sent();
    EXPECT_EQ(feed("2F310D0A").failure, ClientFailure::not_identified);
    select(Purpose::readout, "2F564D51350D0A");
    (void)sent();
    EXPECT_EQ(feed("0231290328"
                   "00")
                  .failure,
              ClientFailure::none);  // 1) ETX BCC wrong
    for (int i = 0; i < 3; ++i) {
        EXPECT_EQ(sent(), "15");
        EXPECT_EQ(feed("02310300").failure, i == 2 ? ClientFailure::broken_answers : ClientFailure::none);
    }
    EXPECT_EQ(client.parser().last_error(), MessageError::bad_block_check);
    select(Purpose::readout, "2F564D51350D0A");
    (void)sent();
    std::vector<std::uint8_t> block(200);
    ByteWriter out(block);
    write_data_block(text_of("1.8.0(" + std::string(80, '1') + ")"), false, out);  // longer than the buffer
    EXPECT_EQ(feed(to_hex(out.written())).failure, ClientFailure::bad_data_set);
    select(Purpose::readout, "2F564D51350D0A");
    (void)sent();
    EXPECT_EQ(feed("0231290"
                   "31B")
                  .failure,
              ClientFailure::bad_data_set);  // 1) without (, BCC good
    select(Purpose::programming, "2F564D51350D0A");
    (void)sent();
    EXPECT_EQ(feed("0142300371").failure, ClientFailure::signed_off_by_device);
    select(Purpose::programming, "2F564D51350D0A");
    (void)sent();
    EXPECT_EQ(feed("015030022831323334353637290350").kind, ClientEventKind::programming);
    ASSERT_TRUE(client.send({'R', '1', text_of("1.8.0(1)"), false}, now_ms));
    for (int i = 0; i < 3; ++i) {
        EXPECT_EQ(sent(), "01523102312E382E30283129036B");  // the read command of the facts
        EXPECT_EQ(feed("15").kind, ClientEventKind::none);
    }
    (void)sent();
    EXPECT_EQ(feed("15").failure, ClientFailure::command_not_understood);
    EXPECT_EQ(name_of(ClientFailure::command_not_understood), "command not understood");
}

/// The device's end alone, against octets.
class ServerAlone : public ::testing::Test {
protected:
    ServerEventKind feed(const std::string& hex) {
        const auto octets = from_hex(hex).value();
        ByteView in = octets;
        ServerEvent event;
        while (!in.empty() && event.kind == ServerEventKind::none) event = server.receive(in, now_ms);
        return event.kind;
    }
    std::string sent() {
        now_ms += 200;
        std::vector<std::uint8_t> room(1000);
        ByteWriter out(room);
        EXPECT_TRUE(server.pull(out, now_ms));
        now_ms += 500;
        return to_hex(out.written());
    }
    /// Identification, then P0 and P1 of the facts.
    void program() {
        EXPECT_EQ(feed("2F3F210D0A"), ServerEventKind::signed_on);
        EXPECT_EQ(sent(), "2F464552355C324645525241524953310D0A");
        EXPECT_EQ(feed("063035310D0A"), ServerEventKind::programming);
        EXPECT_EQ(server.line(), (LineFormat{9600, false}));
        EXPECT_EQ(sent(), "015030022831323334353637290350");
        EXPECT_EQ(feed("01503102283030303030303030290361"), ServerEventKind::password_accepted);
        EXPECT_EQ(sent(), "06");
    }

    testing::TestDevice device{};
    std::array<std::uint8_t, 64> in_{};
    std::array<std::uint8_t, 64> out_{};
    Server server{Bench::defaults(), device, in_, out_};
    std::int64_t now_ms{0};
};

TEST_F(ServerAlone, RepeatsOnRequestAndAsksForRepeats) {
    program();
    EXPECT_EQ(feed("15"), ServerEventKind::none);
    EXPECT_EQ(sent(), "06");                                     // the last answer again
    EXPECT_EQ(device.password_checks, 1);                        // without doing it again
    EXPECT_EQ(feed("0145320228290300"), ServerEventKind::none);  // E2 () with a bad BCC
    EXPECT_EQ(sent(), "15");
    EXPECT_EQ(device.executed, 0);
    EXPECT_EQ(feed("0142300371"), ServerEventKind::signed_off);
}

TEST_F(ServerAlone, GivesUpAfterTooManyRepeats) {
    program();
    for (int i = 0; i < 3; ++i) {
        EXPECT_EQ(feed("0145320228290300"), ServerEventKind::none);
        EXPECT_EQ(sent(), "15");
    }
    EXPECT_EQ(feed("0145320228290300"), ServerEventKind::given_up);
    EXPECT_EQ(server.line(), LineFormat{});

    program();
    for (int i = 0; i < 3; ++i) {
        EXPECT_EQ(feed("15"), ServerEventKind::none);
        EXPECT_EQ(sent(), "06");
    }
    EXPECT_EQ(feed("15"), ServerEventKind::given_up);
}

TEST_F(ServerAlone, ACommandThatStopsIsAskedForAgain) {
    program();
    EXPECT_EQ(feed("014532"), ServerEventKind::none);
    now_ms += 1499;
    EXPECT_EQ(server.poll(now_ms).kind, ServerEventKind::none);
    EXPECT_EQ(sent(), "");
    EXPECT_EQ(server.poll(now_ms).kind, ServerEventKind::none);
    EXPECT_EQ(server.parser().last_error(), MessageError::interrupted);
    EXPECT_EQ(sent(), "15");
}

TEST_F(ServerAlone, SelectsOnlyWhatIsOffered) {
    for (const char* selection : {"063036300D0A",     // 19200 Bd where 9600 was proposed
                                  "063037300D0A",     // no baud rate
                                  "063035330D0A",     // no mode
                                  "063135300D0A",     // secondary protocol
                                  "063035320D0A"}) {  // binary mode without its protocol
        EXPECT_EQ(feed("2F3F210D0A"), ServerEventKind::signed_on);
        (void)sent();
        EXPECT_EQ(feed(selection), ServerEventKind::none) << selection;
        EXPECT_EQ(sent(), "") << selection;
        EXPECT_EQ(server.poll(now_ms + 3000).kind, ServerEventKind::timed_out);
        EXPECT_TRUE(server.idle());
    }
}

TEST_F(ServerAlone, ABreakStopsAReadout) {
    EXPECT_EQ(feed("2F3F210D0A"), ServerEventKind::signed_on);
    (void)sent();
    EXPECT_EQ(feed("063035300D0A"), ServerEventKind::readout);
    now_ms += 200;
    std::array<std::uint8_t, 10> room{};
    ByteWriter out(room);
    EXPECT_FALSE(server.pull(out, now_ms));
    EXPECT_EQ(feed("0142300371"), ServerEventKind::signed_off);
    EXPECT_EQ(sent(), "");
    EXPECT_EQ(server.line(), LineFormat{});
}

TEST_F(ServerAlone, DoesNotListenToItself) {
    ServerConfig config = Bench::defaults();
    config.line_echoes = true;
    Server echoing(config, device, in_, out_);
    ByteView request = text_of("/?!\r\n");
    EXPECT_EQ(echoing.receive(request, 0).kind, ServerEventKind::signed_on);
    std::array<std::uint8_t, 64> room{};
    ByteWriter out(room);
    EXPECT_TRUE(echoing.pull(out, 200));
    const std::int64_t end_ms = 200 + airtime_ms(out.size(), 300);
    ByteView echo = text_of("/?!\r\n");  // even this
    EXPECT_EQ(echoing.receive(echo, end_ms).kind, ServerEventKind::none);
    EXPECT_TRUE(echo.empty());
    const auto selection = from_hex("063035300D0A").value();
    ByteView in = selection;
    EXPECT_EQ(echoing.receive(in, end_ms + 200).kind, ServerEventKind::readout);
}

TEST(Iec62056Session, SilenceAfterTheIdentificationCanMeanReadout) {
    ServerConfig config = Bench::defaults();
    config.readout_without_selection = true;
    testing::TestDevice device;
    std::array<std::uint8_t, 64> in{};
    std::array<std::uint8_t, 64> out{};
    Server server(config, device, in, out);
    ByteView request = text_of("/?!\r\n");
    EXPECT_EQ(server.receive(request, 0).kind, ServerEventKind::signed_on);
    std::array<std::uint8_t, 64> room{};
    ByteWriter identification(room);
    EXPECT_TRUE(server.pull(identification, 200));
    EXPECT_EQ(server.poll(*server.next_timeout()).kind, ServerEventKind::readout);
    EXPECT_EQ(server.line(), LineFormat{});
}

TEST(Iec62056Session, SurvivesFaultsOfTheLine) {
    const bool holds = rc::check("what is read is right, or it is said that it is not", [] {
        Faults faults;
        faults.seed = *rc::gen::arbitrary<unsigned>();
        faults.corruption = *rc::gen::element(0.0, 0.003, 0.02);
        faults.loss = *rc::gen::element(0.0, 0.003);
        faults.echo = *rc::gen::arbitrary<bool>();
        Bench bench(with_software_parity(), client_with_software_parity(), faults);
        int complete = 0;
        for (int attempt = 0; attempt < 4; ++attempt) {
            bench.losses_left = 1;
            bench.client.start(Purpose::readout, bench.now_ms());
            if (bench.until(ClientEventKind::readout_complete)) {
                RC_ASSERT(bench.data_sets == kReadout);
                ++complete;
            }
            bench.pass(4000);  // the meter is back at 300 Bd
            RC_ASSERT(bench.server.idle());
        }
        if (faults.corruption == 0 && faults.loss == 0) RC_ASSERT(complete == 4);
        bench.losses_left = 1;
        if (!bench.program()) return;
        bench.losses_left = 1;
        if (bench.exchange('E', '2', "M()", ClientEventKind::acknowledged)) RC_ASSERT(bench.device.executed == 1);
        RC_ASSERT(bench.device.executed <= 1);
        if (bench.client.ready() && bench.exchange('R', '3', "P.01()", ClientEventKind::answered)) {
            RC_ASSERT(bench.data_sets == kProfile);
        }
    });
    EXPECT_TRUE(holds);
}

}  // namespace
}  // namespace ferraris::dlms::iec62056_21
