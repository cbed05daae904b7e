/// The client over serial lines: pseudo-terminals, with and without an optical head's echo.
#include <gtest/gtest.h>
#include <poll.h>
#include <unistd.h>

#include <array>
#include <atomic>
#include <boost/asio.hpp>
#include <chrono>
#include <memory>
#include <thread>

#include "cli/client.hpp"
#include "cli/error.hpp"
#include "cli/sign_on.hpp"
#include "crypto/openssl.hpp"
#include "meter/meter.hpp"
#include "twin/flash_memory.hpp"
#include "twin/ports.hpp"
#include "twin/serial_device.hpp"
#include "twin/test_factory.hpp"

namespace ferraris::cli {
namespace {

namespace asio = boost::asio;

constexpr dlms::AttributeDescriptor kSerialLineName{1, dlms::obis(0, 0, 42, 0, 0), 2};

/// Joins two lines, and hands back to the reader's what the reader sends.
class EchoingHead {
public:
    explicit EchoingHead(const std::string& meter_line)
        : reader_(twin::open_serial_device("pty", 300)), meter_(twin::open_serial_device(meter_line, 300)) {
        thread_ = std::thread([this] { run(); });
    }
    ~EchoingHead() {
        stop_ = true;
        thread_.join();
        for (const int file : {reader_.file, reader_.keeper, meter_.file}) ::close(file);
    }
    EchoingHead(const EchoingHead&) = delete;
    EchoingHead& operator=(const EchoingHead&) = delete;

    [[nodiscard]] const std::string& path() const { return reader_.path; }
    [[nodiscard]] std::size_t echoed() const { return echoed_; }

private:
    void run() {
        std::array<std::uint8_t, 1024> octets{};
        while (!stop_) {
            std::array<pollfd, 2> files{{{reader_.file, POLLIN, 0}, {meter_.file, POLLIN, 0}}};
            if (::poll(files.data(), files.size(), 20) <= 0) continue;
            if ((files[0].revents & POLLIN) != 0) {
                const ssize_t count = ::read(reader_.file, octets.data(), octets.size());
                if (count <= 0) continue;
                const auto size = static_cast<std::size_t>(count);
                EXPECT_EQ(::write(reader_.file, octets.data(), size), count);
                EXPECT_EQ(::write(meter_.file, octets.data(), size), count);
                echoed_ += size;
            }
            if ((files[1].revents & POLLIN) != 0) {
                const ssize_t count = ::read(meter_.file, octets.data(), octets.size());
                if (count <= 0) continue;
                EXPECT_EQ(::write(reader_.file, octets.data(), static_cast<std::size_t>(count)), count);
            }
        }
    }

    twin::SerialDevice reader_;
    twin::SerialDevice meter_;
    std::atomic<bool> stop_{false};
    std::atomic<std::size_t> echoed_{0};
    std::thread thread_;
};

class Serial : public ::testing::Test {
protected:
    void SetUp() override {
        ASSERT_TRUE(meter_.start(UtcTime::from_seconds(1'780'000'000)));
        serial_ = ports_.open_serial("pty", {.fast = true});
        optical_ = ports_.open_local("pty", {.fast = true}, "0000000000001");
        thread_ = std::thread([this] { io_.run(); });
    }
    void TearDown() override {
        asio::post(io_, [this] { ports_.close(); });
        thread_.join();
    }
    static void expect_name(const std::string& address) {
        ConnectOptions options;
        options.address = address;
        options.timeout_s = 5;
        Client client(options);
        EXPECT_EQ(client.get(kSerialLineName).result, dlms::DataAccessResult::success) << address;
    }

    std::unique_ptr<Crypto> crypto_ = make_openssl_crypto();
    twin::FlashMemory flash_{meter::kFlashSectors, meter::kSectorSize};
    meter::Meter meter_{flash_, *crypto_, meter::MeterIdentity::from_serial_number(1), twin::test_factory_settings()};
    asio::io_context io_{1};
    twin::Ports ports_{io_, meter_, *crypto_, {}, [](const std::string&) {}};
    std::string serial_;
    std::string optical_;
    std::thread thread_;
};

TEST_F(Serial, HdlcOnALine) { expect_name("hdlc+serial://" + serial_ + "?physical=17"); }

TEST_F(Serial, TheClientDropsTheEchoOfItsOwnFrames) {
    EchoingHead head(serial_);
    expect_name("hdlc+serial://" + head.path() + "?physical=17");
    EXPECT_GT(head.echoed(), 60U);
}

TEST_F(Serial, SignsOnInModeEAndGoesOnWithHdlc) {
    expect_name("optical://" + optical_ + "?physical=17");
    expect_name("optical://" + optical_ + "?physical=17&device=1");
}

TEST_F(Serial, SignsOnThroughAHeadThatEchoes) {
    EchoingHead head(optical_);
    expect_name("optical://" + head.path() + "?physical=17");
}

TEST_F(Serial, AnotherMetersAddressGetsNoAnswer) {
    const Address address = parse_address("iec+serial://" + optical_ + "?device=77");
    const auto channel = open_channel(address, std::chrono::seconds(1));
    EXPECT_THROW((void)read_out(*channel, address, std::chrono::milliseconds(50)), CliError);
}

TEST_F(Serial, TakesTheDataReadout) {
    const Address address = parse_address("iec+serial://" + optical_);
    const auto channel = open_channel(address, std::chrono::seconds(1));
    const Readout readout = read_out(*channel, address, std::chrono::seconds(5));
    EXPECT_EQ(readout.manufacturer, "FRS");
    EXPECT_EQ(readout.baud, 19200U);
    ASSERT_GT(readout.values.size(), 30U);
    EXPECT_EQ(readout.values[0].address, "C.1.0");
    EXPECT_EQ(readout.values[0].value, "0000000000001");
    EXPECT_EQ(readout.values[6].address, "1.8.0");
    EXPECT_EQ(readout.values[6].value, "00000000.000");
    EXPECT_EQ(readout.values[6].unit, "kWh");
}

}  // namespace
}  // namespace ferraris::cli
