/// The serial and optical lines of a virtual meter, on pseudo-terminals.
#include "twin/serial_line.hpp"

#include <gtest/gtest.h>
#include <poll.h>
#include <termios.h>
#include <unistd.h>

#include <boost/asio.hpp>
#include <mutex>
#include <thread>

#include "base/hex.hpp"
#include "crypto/openssl.hpp"
#include "dlms/iec62056_21/characters.hpp"
#include "meter/meter.hpp"
#include "twin/flash_memory.hpp"
#include "twin/ports.hpp"
#include "twin/test_factory.hpp"

namespace ferraris::twin {
namespace {

namespace asio = boost::asio;

// vectors_hdlc.json, snrm-2b-addr: server 1/17, client 16; and DISC of the same link.
const std::string kConnect = "7EA00802232193BD647E";
const std::string kDisconnect = "7EA00802232153B1A27E";

class SerialLineTest : public ::testing::Test {
protected:
    void SetUp() override {
        ASSERT_TRUE(meter_.start(UtcTime::from_seconds(1'780'000'000)));
        // The meter has the device's end, the test what is plugged into it.
        cable_ = open_serial_device("pty", 9600);
    }
    void TearDown() override {
        asio::post(io_, [this] { ports_.close(); });
        if (thread_.joinable()) thread_.join();
        ::close(cable_.file);
        ::close(cable_.keeper);
    }
    void run() {
        thread_ = std::thread([this] { io_.run(); });
    }
    void send(const std::vector<std::uint8_t>& octets) const {
        ASSERT_EQ(::write(cable_.file, octets.data(), octets.size()), static_cast<ssize_t>(octets.size()));
    }
    void send_text(const std::string& text) const {
        std::vector<std::uint8_t> octets;
        for (const char c : text) {
            octets.push_back(dlms::iec62056_21::with_even_parity(static_cast<std::uint8_t>(c)));
        }
        send(octets);
    }
    /// `count` octets, or fewer when they do not come within two seconds.
    [[nodiscard]] std::vector<std::uint8_t> receive(std::size_t count) const {
        std::vector<std::uint8_t> octets;
        while (octets.size() < count) {
            pollfd file{cable_.file, POLLIN, 0};
            if (::poll(&file, 1, 2000) <= 0) break;
            std::vector<std::uint8_t> some(count - octets.size());
            const ssize_t got = ::read(cable_.file, some.data(), some.size());
            if (got <= 0) break;
            octets.insert(octets.end(), some.begin(), some.begin() + got);
        }
        return octets;
    }
    [[nodiscard]] std::string receive_text(std::size_t count) const {
        std::string text;
        for (const std::uint8_t octet : receive(count)) {
            text += static_cast<char>(dlms::iec62056_21::without_parity(octet).value_or('#'));
        }
        return text;
    }
    /// Waits until the meter has set the line to `speed`.
    [[nodiscard]] bool has_speed(speed_t speed) const {
        for (int i = 0; i < 200; ++i) {
            termios settings{};
            if (::tcgetattr(cable_.file, &settings) == 0 && ::cfgetospeed(&settings) == speed) return true;
            ::usleep(10'000);
        }
        return false;
    }
    bool logged(const std::string& part) {
        for (int i = 0; i < 200; ++i) {
            {
                const std::lock_guard lock(log_mutex_);
                for (const std::string& line : log_) {
                    if (line.find(part) != std::string::npos) return true;
                }
            }
            ::usleep(10'000);
        }
        return false;
    }

    std::mutex log_mutex_;
    std::vector<std::string> log_;
    std::unique_ptr<Crypto> crypto_ = make_openssl_crypto();
    FlashMemory flash_{meter::kFlashSectors, meter::kSectorSize};
    meter::Meter meter_{flash_, *crypto_, meter::MeterIdentity::from_serial_number(1), test_factory_settings()};
    asio::io_context io_{1};
    Ports ports_{io_, meter_, *crypto_, {}, [this](const std::string& line) {
                     const std::lock_guard lock(log_mutex_);
                     log_.push_back(line);
                 }};
    SerialDevice cable_{};
    std::thread thread_;
};

TEST_F(SerialLineTest, AnswersOnADevice) {
    EXPECT_EQ(ports_.open_serial(cable_.path, {.baud = 2400}), cable_.path);
    run();
    EXPECT_TRUE(has_speed(B2400));
    send(*from_hex(kConnect));
    EXPECT_EQ(to_hex(receive(7)).substr(6), "21022373") << "UA";
}

TEST_F(SerialLineTest, AFrameThatStopsIsDroppedAfterTheInterOctetTimeout) {
    (void)ports_.open_serial(cable_.path, {.inter_octet_timeout_ms = 25});
    run();
    send(*from_hex(kConnect.substr(0, 10)));
    std::this_thread::sleep_for(std::chrono::milliseconds(100));
    send(*from_hex(kConnect));
    EXPECT_EQ(to_hex(receive(7)).substr(6), "21022373") << "the next frame is accepted";
    EXPECT_TRUE(logged("the line fell silent within it"));
}

TEST_F(SerialLineTest, ASilentLinkIsGone) {
    (void)ports_.open_serial(cable_.path, {.inactivity_timeout_s = 1});
    run();
    send(*from_hex(kConnect));
    EXPECT_EQ(to_hex(receive(7)).substr(6), "21022373");
    EXPECT_TRUE(logged("ended the HDLC link: it was silent for too long"));
    (void)receive(26);  // the rest of UA
    send(*from_hex(kDisconnect));
    EXPECT_EQ(to_hex(receive(7)).substr(6), "2102231F") << "DM (HDLC_FRAME_P3)";
}

TEST_F(SerialLineTest, ALineThatIsNoneIsSaid) {
    EXPECT_THROW((void)ports_.open_serial("/dev/null", {}), std::runtime_error);
    EXPECT_THROW((void)ports_.open_serial("/dev/nowhere/ttyUSB0", {}), std::runtime_error);
    run();
}

TEST_F(SerialLineTest, TheOpticalPortChangesItsSpeedAndComesBack) {
    (void)ports_.open_local(cable_.path, {}, "0000000000001");
    run();
    EXPECT_TRUE(has_speed(B300));
    const auto asked = std::chrono::steady_clock::now();
    send_text("/?!\r\n");
    EXPECT_EQ(receive_text(19), "/FRS6\\2FERRARIS1P\r\n");
    EXPECT_GE(std::chrono::steady_clock::now() - asked, std::chrono::milliseconds(200)) << "reaction time";
    send_text(
        "\x06"
        "252\r\n");
    EXPECT_EQ(receive_text(6),
              "\x06"
              "252\r\n");
    EXPECT_TRUE(has_speed(B9600));
    std::this_thread::sleep_for(std::chrono::milliseconds(900));  // until the sign-on would be out at 300 Bd
    send(*from_hex(kConnect));
    const auto connected = receive(33);
    ASSERT_GT(connected.size(), 7U);
    EXPECT_EQ(to_hex(connected).substr(6, 8), "21022373");
    send(*from_hex(kDisconnect));
    EXPECT_EQ(to_hex(receive(7)).substr(6), "21022373");
    EXPECT_TRUE(has_speed(B300)) << "ready for the next reader";
    send_text("/?!\r\n");
}

TEST_F(SerialLineTest, ReadsWithAPassword) {
    (void)ports_.open_local(cable_.path, {}, "0000000000001");
    run();
    send_text("/?0000000000001!\r\n");
    EXPECT_EQ(receive_text(19), "/FRS6\\2FERRARIS1P\r\n");
    send_text(
        "\x06"
        "051\r\n");
    EXPECT_EQ(receive_text(8).substr(0, 5), "\x01P0\x02(");
    send_text(std::string("\x01P1\x02(00000000)\x03") + "\x61");  // iec62056_21.json, p1
    EXPECT_EQ(receive_text(9).substr(0, 7), "\x02(ER07)");
    EXPECT_TRUE(logged("refused a password"));
}

}  // namespace
}  // namespace ferraris::twin
