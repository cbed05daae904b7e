/// Ports are nothing to each other: whatever happens on one of them, a reader at another gets all of his readout.
#include <gtest/gtest.h>
#include <poll.h>
#include <unistd.h>

#include <atomic>
#include <boost/asio.hpp>
#include <chrono>
#include <string_view>
#include <thread>
#include <vector>

#include "base/hex.hpp"
#include "crypto/openssl.hpp"
#include "dlms/iec62056_21/client.hpp"
#include "meter/meter.hpp"
#include "twin/flash_memory.hpp"
#include "twin/ports.hpp"
#include "twin/serial_device.hpp"
#include "twin/test_factory.hpp"

namespace ferraris::twin {
namespace {

namespace asio = boost::asio;
using dlms::iec62056_21::Client;
using dlms::iec62056_21::ClientConfig;
using dlms::iec62056_21::ClientEvent;
using dlms::iec62056_21::ClientEventKind;
using dlms::iec62056_21::Purpose;

enum class Trouble : std::uint8_t { garbage, held_break, half_frames, half_sign_ons };

constexpr std::size_t kLines = 3;

class PortsIndependence : public ::testing::TestWithParam<Trouble> {
protected:
    void SetUp() override {
        ASSERT_TRUE(meter_.start(UtcTime::from_seconds(1'780'000'000)));
        // The tests have the lines' ends; the meter opens what is plugged into it as devices.
        for (SerialDevice& cable : cables_) cable = open_serial_device("pty", 9600);
        (void)ports_.open_local(cables_[0].path, {.port = meter::Port::optical}, "0000000000001");
        (void)ports_.open_rs485(cables_[1].path, {.port = meter::Port::rs485}, "0000000000001");
        (void)ports_.open_serial(cables_[2].path, {.port = meter::Port::module});
        thread_ = std::thread([this] { io_.run(); });
    }
    void TearDown() override {
        asio::post(io_, [this] { ports_.close(); });
        if (thread_.joinable()) thread_.join();
        for (const SerialDevice& cable : cables_) close_serial_device(cable);
    }

    static std::vector<std::uint8_t> octets_of(Trouble trouble) {
        switch (trouble) {
            case Trouble::held_break:
                return std::vector<std::uint8_t>(512, 0x00);
            case Trouble::half_frames:
                return {0x7E, 0xA0, 0x7E, 0xA8, 0x08, 0x02, 0x23, 0x7E, 0xA7, 0xFF, 0x02};
            case Trouble::half_sign_ons:
                return {0xAF, 0x3F, 0xAF, 0x3F, 0x81, 0xD2, 0xB1, 0x82};
            case Trouble::garbage:
                break;
        }
        std::vector<std::uint8_t> noise(512);
        std::uint32_t random = 7;
        for (std::uint8_t& octet : noise) {
            random = random * 1'664'525 + 1'013'904'223;
            octet = static_cast<std::uint8_t>(random >> 24U);
        }
        return noise;
    }
    /// Writes without a pause, as fast as the meter takes it, until told to stop. What the meter answers is not read.
    void disturb(int file, Trouble trouble) {
        const std::vector<std::uint8_t> octets = octets_of(trouble);
        while (!stop_) {
            pollfd ready{file, POLLOUT, 0};
            if (::poll(&ready, 1, 10) <= 0) continue;
            const ssize_t count = ::write(file, octets.data(), octets.size());
            if (count > 0) disturbing_ += static_cast<std::size_t>(count);
        }
    }
    /// The values of a readout, and what ended it.
    static std::pair<std::size_t, ClientEventKind> read_out(int file, std::uint32_t initial_baud) {
        const auto now_ms = [] {
            return std::chrono::duration_cast<std::chrono::milliseconds>(
                       std::chrono::steady_clock::now().time_since_epoch())
                .count();
        };
        std::array<std::uint8_t, 256> received{};
        std::array<std::uint8_t, 256> transmit{};
        std::array<std::uint8_t, 1024> octets{};
        std::array<std::uint8_t, 256> out{};
        ClientConfig config;
        config.initial_baud = initial_baud;
        config.software_parity = true;
        config.retries = 0;  // what is lost is a failure here
        Client client(config, received, transmit);
        client.start(Purpose::readout, now_ms());
        std::size_t values = 0;
        ByteView unread;
        while (true) {
            ByteWriter writer(out);
            (void)client.pull(writer, now_ms());
            if (writer.size() != 0) {
                EXPECT_GT(::write(file, out.data(), writer.size()), 0);
            }
            if (unread.empty()) {
                pollfd ready{file, POLLIN, 0};
                const auto patience = client.next_timeout().value_or(now_ms()) - now_ms();
                if (::poll(&ready, 1, static_cast<int>(std::max<std::int64_t>(patience, 0))) > 0) {
                    const ssize_t count = ::read(file, octets.data(), octets.size());
                    if (count > 0) unread = ByteView(octets).first(static_cast<std::size_t>(count));
                }
            }
            const ClientEvent event = unread.empty() ? client.poll(now_ms()) : client.receive(unread, now_ms());
            if (event.kind == ClientEventKind::data_set) ++values;
            if (event.kind == ClientEventKind::readout_complete || event.kind == ClientEventKind::failed) {
                return {values, event.kind};
            }
        }
    }

    /// Whether `frame` is answered by UA (control field 0x73, behind addresses of one and two octets).
    static bool is_acknowledged(int file, std::string_view frame) {
        const auto octets = *from_hex(frame);
        if (::write(file, octets.data(), octets.size()) != static_cast<ssize_t>(octets.size())) return false;
        std::vector<std::uint8_t> answer;
        constexpr std::size_t kControl = 6;
        constexpr std::size_t kShortest = 10;
        while (answer.size() < kShortest || answer.back() != 0x7E) {
            pollfd ready{file, POLLIN, 0};
            if (::poll(&ready, 1, 2000) <= 0) return false;
            std::array<std::uint8_t, 256> piece{};
            const ssize_t count = ::read(file, piece.data(), piece.size());
            if (count <= 0) return false;
            answer.insert(answer.end(), piece.begin(), piece.begin() + count);
        }
        return answer[kControl] == 0x73;
    }

    std::unique_ptr<Crypto> crypto_ = make_openssl_crypto();
    FlashMemory flash_{meter::kFlashSectors, meter::kSectorSize};
    meter::Meter meter_{flash_, *crypto_, meter::MeterIdentity::from_serial_number(1), test_factory_settings()};
    asio::io_context io_{1};
    Ports ports_{io_, meter_, *crypto_, {}, [](const std::string&) {}};
    std::array<SerialDevice, kLines> cables_{};
    std::thread thread_;
    std::atomic<bool> stop_{false};
    std::atomic<std::size_t> disturbing_{0};
};

TEST_P(PortsIndependence, AReadoutCompletesWhileTheOthersAreFlooded) {
    for (const std::size_t reader : {0U, 1U}) {
        std::vector<std::thread> crooks;
        stop_ = false;
        disturbing_ = 0;
        for (std::size_t line = 0; line < kLines; ++line) {
            if (line != reader) crooks.emplace_back([this, line] { disturb(cables_[line].file, GetParam()); });
        }
        const auto [values, end] = read_out(cables_[reader].file, reader == 0 ? 300 : 9600);
        stop_ = true;
        for (std::thread& crook : crooks) crook.join();
        EXPECT_EQ(end, ClientEventKind::readout_complete) << "line " << reader;
        EXPECT_GT(values, 30U);
        EXPECT_GT(disturbing_, 1000U) << "there was something to disturb it";
        if (reader == 1) break;
        // What has begun on the flooded lines is over when they have been silent for so long.
        std::this_thread::sleep_for(std::chrono::milliseconds(1600));
        for (const SerialDevice& cable : cables_) {
            std::array<std::uint8_t, 4096> rest{};
            pollfd ready{cable.file, POLLIN, 0};
            while (::poll(&ready, 1, 0) > 0 && ::read(cable.file, rest.data(), rest.size()) > 0) {
            }
        }
    }
}

TEST_P(PortsIndependence, LinksOnTheModulePortComeAndGoWhileTheOthersAreFlooded) {
    std::vector<std::thread> crooks;
    for (const std::size_t line : {0U, 1U}) {
        crooks.emplace_back([this, line] { disturb(cables_[line].file, GetParam()); });
    }
    for (int i = 0; i < 20; ++i) {
        EXPECT_TRUE(is_acknowledged(cables_[2].file, "7EA00802232193BD647E")) << "SNRM " << i;
        EXPECT_TRUE(is_acknowledged(cables_[2].file, "7EA00802232153B1A27E")) << "DISC " << i;
    }
    stop_ = true;
    for (std::thread& crook : crooks) crook.join();
    EXPECT_GT(disturbing_, 1000U) << "there was something to disturb it";
}

INSTANTIATE_TEST_SUITE_P(EveryTrouble, PortsIndependence,
                         ::testing::Values(Trouble::garbage, Trouble::held_break, Trouble::half_frames,
                                           Trouble::half_sign_ons));

}  // namespace
}  // namespace ferraris::twin
