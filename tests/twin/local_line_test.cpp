/// Optical port and RS485 as their readers meet them, in simulated time: bad input gets the standard's answer, and a
/// line in the log.
#include "twin/local_line.hpp"

#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "base/hex.hpp"
#include "crypto/openssl.hpp"
#include "meter/meter.hpp"
#include "twin/flash_memory.hpp"
#include "twin/test_factory.hpp"

namespace ferraris::twin {
namespace {

using dlms::iec62056_21::BlockCheck;
using dlms::iec62056_21::text_of;
using dlms::iec62056_21::with_even_parity;
using dlms::iec62056_21::without_parity;

/// A command with its block check.
std::string framed(const std::string& content) {
    BlockCheck check;
    check.add(text_of(content + "\x03"));
    return "\x01" + content + "\x03" + static_cast<char>(check.value());
}

const std::string kSignOn = "/?!\r\n";
const std::string kIdentification = "/FRS6\\2FERRARIS1P\r\n";
const std::string kProgram =
    "\x06"
    "061\r\n";
const std::string kReadout =
    "\x06"
    "060\r\n";
const std::string kModeE =
    "\x06"
    "262\r\n";
// vectors_hdlc.json, snrm-2b-addr: server 1/17, client 16.
const std::string kSnrm = "7EA00802232193BD647E";

class LocalLineTest : public ::testing::Test {
protected:
    void SetUp() override {
        ASSERT_TRUE(meter_.start(UtcTime::from_seconds(1'780'000'000)));
        open({});
    }
    void open(HdlcLineSettings settings) {
        line_ = std::make_unique<LocalLine>(service_, settings, "0000000000001", "test");
    }
    /// Sends octets as they are, and takes what is answered until nothing more is due within `patience_ms`.
    std::vector<std::uint8_t> turn_octets(ByteView octets, std::int64_t patience_ms = 1400) {
        std::vector<std::uint8_t> answer;
        ByteView in = octets;
        while (!in.empty()) {
            line_->receive(in, now_ms_);
            gather(answer);
        }
        const std::int64_t until = now_ms_ + patience_ms;
        for (auto due = line_->next_timeout(); due && *due <= until; due = line_->next_timeout()) {
            now_ms_ = std::max(now_ms_ + 1, *due);
            line_->poll(now_ms_);
            gather(answer);
        }
        now_ms_ = std::max(now_ms_, until);
        return answer;
    }
    std::string turn(const std::string& text) {
        std::vector<std::uint8_t> octets;
        for (const char c : text) octets.push_back(with_even_parity(static_cast<std::uint8_t>(c)));
        return characters(turn_octets(octets));
    }
    static std::string characters(const std::vector<std::uint8_t>& octets) {
        std::string text;
        for (const std::uint8_t octet : octets) text += static_cast<char>(without_parity(octet).value_or('#'));
        return text;
    }
    void gather(std::vector<std::uint8_t>& answer) {
        for (ByteView out = line_->pull(now_ms_); !out.empty(); out = line_->pull(now_ms_)) {
            answer.insert(answer.end(), out.begin(), out.end());
        }
    }
    void wait(std::int64_t duration_ms) {
        (void)turn_octets({}, duration_ms);
        line_->poll(now_ms_);
    }
    /// Until P0 has come.
    void program() {
        ASSERT_EQ(turn(kSignOn), kIdentification);
        ASSERT_EQ(turn(kProgram), framed(std::string("P0\x02()")));
    }
    [[nodiscard]] bool logged(const std::string& part) const {
        return std::ranges::any_of(lines_, [&](const auto& line) { return line.find(part) != std::string::npos; });
    }
    std::uint32_t events(dlms::SecurityEvent event) { return meter_.security_event_count(event); }

    std::int64_t now_ms_{10'000};
    std::vector<std::string> lines_;
    std::unique_ptr<Crypto> crypto_ = make_openssl_crypto();
    FlashMemory flash_{meter::kFlashSectors, meter::kSectorSize};
    meter::Meter meter_{flash_, *crypto_, meter::MeterIdentity::from_serial_number(1), test_factory_settings()};
    CountedLog log_{[this](const std::string& line) { lines_.push_back(line); }, [this] { return now_ms_; }};
    bool shown_{false};  ///< on the display
    MeterService service_{
        meter_, *crypto_, log_, {}, nullptr, &meter_.instrument().ports, {}, nullptr, nullptr, {}, [this](bool active) {
            shown_ = active;
        }};
    std::unique_ptr<LocalLine> line_;
};

TEST_F(LocalLineTest, WrongPasswordsAreAnsweredLoggedAndLocked) {
    program();
    const std::string wrong = framed(std::string("P1\x02(00000000)"));
    EXPECT_EQ(turn(wrong).substr(0, 7), "\x02(ER07)");
    EXPECT_EQ(turn(wrong).substr(0, 7), "\x02(ER07)");
    EXPECT_EQ(turn(wrong), framed("B0")) << "the third is answered with a break";
    EXPECT_EQ(line_->baud(), 300U) << "and the line is where it began";
    EXPECT_TRUE(logged("refused a password"));
    EXPECT_TRUE(logged("too many repeats or passwords"));
    EXPECT_GE(events(dlms::SecurityEvent::local_login_tried), 3U);
    EXPECT_GE(events(dlms::SecurityEvent::authentication_failed), 3U);
    program();
    EXPECT_EQ(turn(wrong).substr(0, 7), "\x02(ER07)");
    const std::string right = framed("P1\x02(" + std::string(kTestReaderPassword) + ")");
    EXPECT_EQ(turn(right).substr(0, 7), "\x02(ER07)") << "locked: the right one is not even compared";
    meter_.observe(UtcTime::from_seconds(1'780'000'000 + 3600));
    EXPECT_EQ(turn(right), "\x06") << "the lock has ended";
    EXPECT_EQ(turn(framed(std::string("R1\x02"
                                      "1.8.0()")))
                  .substr(0, 7),
              "\x02"
              "1.8.0(");
}

TEST_F(LocalLineTest, TheDisplayShowsThatSomebodyIsThere) {
    EXPECT_FALSE(shown_);
    program();
    EXPECT_TRUE(shown_);
    EXPECT_EQ(turn(framed("B0")), "");
    EXPECT_FALSE(shown_);
    ASSERT_EQ(turn(kSignOn), kIdentification);
    EXPECT_TRUE(shown_);
    wait(5'000);
    EXPECT_FALSE(shown_) << "the reader fell silent";
    open({.port = meter::Port::rs485});
    (void)turn(kSignOn);
    EXPECT_FALSE(shown_) << "that is another port";
}

TEST_F(LocalLineTest, ABrokenBlockCheckIsAnsweredWithNak) {
    program();
    std::string command =
        framed(std::string("R1\x02"
                           "C.1.0()"));
    command.back() ^= 0x01;
    EXPECT_EQ(turn(command), "\x15");
    EXPECT_TRUE(logged("broken"));
    EXPECT_EQ(turn(framed(std::string("R1\x02"
                                      "C.1.0()")))
                  .substr(0, 21),
              "\x02"
              "C.1.0(0000000000001)");
}

TEST_F(LocalLineTest, AParityErrorIsAnsweredWithNak) {
    program();
    std::vector<std::uint8_t> octets;
    for (const char c : framed(std::string("R1\x02"
                                           "C.1.0()"))) {
        octets.push_back(with_even_parity(static_cast<std::uint8_t>(c)));
    }
    octets[5] ^= 0x80;  // of the character '.'
    EXPECT_EQ(characters(turn_octets(octets)), "\x15");
    EXPECT_TRUE(logged("dropped a message: it is broken"));
}

TEST_F(LocalLineTest, TooManyBrokenMessagesEndTheSession) {
    program();
    for (int i = 0; i < 3; ++i) EXPECT_EQ(turn("\x01R1\x03\x01"), "\x15");
    EXPECT_EQ(turn("\x01R1\x03\x01"), "") << "given up";
    EXPECT_EQ(line_->baud(), 300U);
    EXPECT_TRUE(logged("too many repeats"));
}

TEST_F(LocalLineTest, ABreakInMidMessageEndsTheReadout) {
    ASSERT_EQ(turn(kSignOn), kIdentification);
    std::vector<std::uint8_t> octets;
    for (const char c : kReadout) octets.push_back(with_even_parity(static_cast<std::uint8_t>(c)));
    ByteView in = octets;
    line_->receive(in, now_ms_);
    EXPECT_EQ(line_->baud(), 19'200U);
    now_ms_ += 200;
    line_->poll(now_ms_);
    const ByteView begun = line_->pull(now_ms_);
    EXPECT_EQ(begun.size(), 32U) << "no more than that is on its way";
    std::vector<std::uint8_t> sign_off;
    for (const char c : framed("B0")) sign_off.push_back(with_even_parity(static_cast<std::uint8_t>(c)));
    in = sign_off;
    while (!in.empty()) line_->receive(in, now_ms_);
    EXPECT_TRUE(line_->pull(now_ms_).empty());
    EXPECT_EQ(line_->baud(), 300U);
}

TEST_F(LocalLineTest, AHalfWrittenCommandIsAskedForAgain) {
    program();
    EXPECT_EQ(turn("\x01R1\x02"
                   "1.8"),
              "")
        << "no answer within the inter-character time";
    std::vector<std::uint8_t> answer = turn_octets({}, 400);
    EXPECT_EQ(characters(answer), "\x15") << "1.5 s of silence";
    EXPECT_TRUE(line_->baud() == 19'200U) << "the session goes on";
}

TEST_F(LocalLineTest, ABaudSwitchThatIsNeverFollowedEndsBySilence) {
    program();
    // The reader stays at 300 Bd: at 19,200 Bd its octets are noise, if they are anything.
    wait(87'000);
    EXPECT_EQ(line_->baud(), 19'200U);
    wait(4'000);
    EXPECT_EQ(line_->baud(), 300U) << "the inactivity time is over";
    EXPECT_TRUE(logged("the reader fell silent"));
    EXPECT_EQ(turn(kSignOn), kIdentification);
}

TEST_F(LocalLineTest, AReadoutThatIsNeverConfirmedEndsBySilence) {
    ASSERT_EQ(turn(kSignOn), kIdentification);
    const std::string data = turn(kReadout);
    EXPECT_EQ(data.substr(0, 7),
              "\x02"
              "C.1.0(");
    wait(5'000);
    EXPECT_EQ(line_->baud(), 300U);
}

TEST_F(LocalLineTest, ModeEThatSetsNoLinkUpIsGivenUp) {
    ASSERT_EQ(turn(kSignOn), kIdentification);
    ASSERT_EQ(turn(kModeE), kModeE);
    EXPECT_EQ(line_->baud(), 19'200U);
    wait(31'000);
    EXPECT_EQ(line_->baud(), 300U);
}

TEST_F(LocalLineTest, ModeEAt300BdTakesFramesWhoseOctetsComeOneByOne) {
    ASSERT_EQ(turn(kSignOn), kIdentification);
    ASSERT_EQ(turn("\x06"
                   "202\r\n"),
              "\x06"
              "202\r\n");
    std::vector<std::uint8_t> answer;
    const auto frame = *from_hex(kSnrm);
    for (const std::uint8_t octet : frame) {
        now_ms_ += 34;  // ten bits at 300 Bd
        const std::array<std::uint8_t, 1> one{octet};
        ByteView in = one;
        line_->receive(in, now_ms_);
        gather(answer);
    }
    ASSERT_GT(answer.size(), 7U);
    EXPECT_EQ(to_hex(answer).substr(6, 8), "21022373") << "UA, though the inter-octet time-out is 25 ms";
}

TEST_F(LocalLineTest, TheIdentificationSaysWhatTheSetupSays) {
    dlms::Association utility;
    utility.client_sap = meter::kUtilitySap;
    utility.status = dlms::AssociationStatus::associated;
    const auto set = [&](std::int8_t attribute, const char* value) {
        return meter_.write({utility, {true, true}}, {19, dlms::obis(0, 0, 20, 0, 0), attribute}, nullptr,
                            *from_hex(value));
    };
    ASSERT_EQ(set(4, "1603"), dlms::DataAccessResult::success);  // prop_baud 2,400 Bd
    ASSERT_EQ(set(5, "1600"), dlms::DataAccessResult::success);  // response_time 20 ms
    ASSERT_EQ(set(6, "09023737"), dlms::DataAccessResult::success);
    EXPECT_EQ(turn(kSignOn), "/FRs3\\2FERRARIS1P\r\n");
    wait(5'000);
    EXPECT_EQ(turn("/?0000000000001!\r\n"), "") << "that was its address before";
    EXPECT_EQ(turn("/?77!\r\n"), "/FRs3\\2FERRARIS1P\r\n");
    wait(5'000);
    ASSERT_EQ(set(2, "1601"), dlms::DataAccessResult::success);  // default_mode: HDLC at once
    ASSERT_EQ(set(3, "1605"), dlms::DataAccessResult::success);  // default_baud 9,600 Bd
    wait(2'000);
    EXPECT_EQ(line_->baud(), 9600U);
    EXPECT_EQ(to_hex(turn_octets(*from_hex(kSnrm), 0)).substr(6, 8), "21022373");
}

TEST_F(LocalLineTest, Rs485SpeaksAsItsReaderBegins) {
    open({.port = meter::Port::rs485});
    EXPECT_EQ(line_->baud(), 9600U);
    EXPECT_EQ(to_hex(turn_octets(*from_hex(kSnrm), 0)).substr(6, 8), "21022373") << "HDLC";
    EXPECT_EQ(turn(kSignOn), "") << "while a link stands nothing else is listened to";
    now_ms_ += 125'000;
    line_->poll(now_ms_);
    EXPECT_EQ(turn(kSignOn), "/FRS5\\2FERRARIS1P\r\n") << "mode C, which stays at the speed of the bus";
    EXPECT_EQ(turn("\x06"
                   "050\r\n")
                  .substr(0, 7),
              "\x02"
              "C.1.0(");
    EXPECT_EQ(line_->baud(), 9600U);
    wait(5'000);
    EXPECT_EQ(to_hex(turn_octets(*from_hex(kSnrm), 0)).substr(6, 8), "21022373") << "and HDLC again";
}

TEST_F(LocalLineTest, OnRs485ASlashWithinAFrameForSomebodyElseBeginsNothing) {
    open({.port = meter::Port::rs485});
    // SNRM for another physical device, in two pieces, the second of which begins with 2F.
    EXPECT_TRUE(turn_octets(*from_hex("7EA0080225"), 0).empty());
    now_ms_ += 3;
    EXPECT_TRUE(turn_octets(*from_hex("2F3F210D0A"), 0).empty()) << "/?! CR LF, but no pause before it";
    now_ms_ += 3;
    EXPECT_EQ(to_hex(turn_octets(*from_hex(kSnrm), 0)).substr(6, 8), "21022373");
}

TEST_F(LocalLineTest, AReaderWhosePortMakesTheParityIsUnderstoodOnAPseudoTerminal) {
    open({.pseudo_terminal = true});
    const auto bare = [this](const std::string& text) {
        const auto answer = turn_octets(text_of(text));
        return std::string(answer.begin(), answer.end());
    };
    EXPECT_EQ(bare(kSignOn), kIdentification);
    EXPECT_EQ(bare(kProgram), framed(std::string("P0\x02()")));
    EXPECT_EQ(bare(framed("B0")), "");
    EXPECT_EQ(turn(kSignOn), kIdentification) << "the next reader makes it itself";
}

TEST_F(LocalLineTest, GarbageAndAHeldBreakAreNoReader) {
    std::vector<std::uint8_t> noise;
    std::uint32_t random = 1;
    for (int i = 0; i < 100'000; ++i) {
        random = random * 1'664'525 + 1'013'904'223;
        noise.push_back(static_cast<std::uint8_t>(random >> 24U));
    }
    noise.insert(noise.end(), 1000, 0x00);
    EXPECT_TRUE(turn_octets(noise).empty());
    EXPECT_EQ(line_->baud(), 300U);
    now_ms_ += 2'000;
    line_->poll(now_ms_);
    EXPECT_EQ(turn(kSignOn), kIdentification);
}

}  // namespace
}  // namespace ferraris::twin
