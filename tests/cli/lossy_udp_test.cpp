/// The client over UDP through a relay that loses datagrams.
#include <gtest/gtest.h>

#include <boost/asio.hpp>
#include <functional>
#include <memory>
#include <thread>

#include "cli/client.hpp"
#include "cli/error.hpp"
#include "cli/key_file.hpp"
#include "cli/link.hpp"
#include "crypto/openssl.hpp"
#include "meter/meter.hpp"
#include "scratch_folder.hpp"
#include "twin/flash_memory.hpp"
#include "twin/ports.hpp"
#include "twin/test_factory.hpp"

namespace ferraris::cli {
namespace {

namespace asio = boost::asio;
using asio::ip::udp;

/// Carries datagrams between one client and the meter, but those that `loses` names by direction and number.
class Relay {
public:
    using Loses = std::function<bool(bool to_meter, int number)>;

    Relay(asio::io_context& io, std::uint16_t meter_port, Loses loses)
        : meter_(asio::ip::address_v4::loopback(), meter_port),
          loses_(std::move(loses)),
          front_(io, {asio::ip::address_v4::loopback(), 0}),
          back_(io, {asio::ip::address_v4::loopback(), 0}) {
        asio::co_spawn(io, carry(front_, back_, true), asio::detached);
        asio::co_spawn(io, carry(back_, front_, false), asio::detached);
    }
    [[nodiscard]] std::uint16_t port() const { return front_.local_endpoint().port(); }
    [[nodiscard]] int lost() const { return lost_; }
    void close() {
        front_.close();
        back_.close();
    }

private:
    asio::awaitable<void> carry(udp::socket& from, udp::socket& to, bool to_meter) {
        std::array<std::uint8_t, 4096> buffer{};
        for (int number = 0;; ++number) {
            udp::endpoint sender;
            boost::system::error_code error;
            const std::size_t count = co_await from.async_receive_from(
                asio::buffer(buffer), sender, asio::redirect_error(asio::use_awaitable, error));
            if (error) co_return;
            if (to_meter) client_ = sender;
            if (loses_(to_meter, number)) {
                ++lost_;
                continue;
            }
            (void)to.send_to(asio::buffer(buffer.data(), count), to_meter ? meter_ : client_, 0, error);
        }
    }

    udp::endpoint meter_;
    udp::endpoint client_{};
    Loses loses_;
    udp::socket front_;
    udp::socket back_;
    std::atomic<int> lost_{0};
};

class LossyUdp : public ::testing::Test {
protected:
    void SetUp() override { ASSERT_TRUE(meter_.start(UtcTime::from_seconds(1'780'000'000))); }
    void TearDown() override {
        asio::post(io_, [this] {
            if (relay_) relay_->close();
            ports_.close();
        });
        if (thread_.joinable()) thread_.join();
    }
    void start(bool hdlc, Relay::Loses loses) {
        const std::uint16_t port =
            hdlc ? ports_.listen_hdlc({"127.0.0.1", 0}) : ports_.listen_wrapper({"127.0.0.1", 0});
        relay_ = std::make_unique<Relay>(io_, port, std::move(loses));
        options_.address = hdlc ? "hdlc+udp://127.0.0.1:" + std::to_string(relay_->port()) + "?physical=17"
                                : "udp://127.0.0.1:" + std::to_string(relay_->port());
        options_.timeout_s = 0.6;
        thread_ = std::thread([this] { io_.run(); });
    }
    /// As the utility, authenticated and ciphered.
    void use_keys() {
        const meter::SecuritySettings& security = factory_.security[meter::kUtilityIndex];
        KeyFile keys;
        keys.path = folder_ / "keys.toml";
        keys.clients[1].unicast_key.assign(security.unicast_encryption.begin(),
                                           security.unicast_encryption.begin() + 16);
        keys.clients[1].authentication_key.assign(security.authentication.begin(),
                                                  security.authentication.begin() + 16);
        write_key_file(keys);
        options_.client_sap = 1;
        options_.key_file = keys.path.string();
    }

    meter::FactorySettings factory_ = twin::test_factory_settings();
    testing::ScratchFolder folder_{};
    std::unique_ptr<Crypto> crypto_ = make_openssl_crypto();
    twin::FlashMemory flash_{meter::kFlashSectors, meter::kSectorSize};
    meter::Meter meter_{flash_, *crypto_, meter::MeterIdentity::from_serial_number(1), factory_};
    asio::io_context io_{1};
    twin::Ports ports_{io_, meter_, *crypto_, {}, [](const std::string&) {}};
    std::unique_ptr<Relay> relay_{};
    std::thread thread_;
    ConnectOptions options_{};
};

constexpr dlms::AttributeDescriptor kName{1, dlms::obis(0, 0, 42, 0, 0), 2};
constexpr dlms::AttributeDescriptor kEnergy{3, dlms::obis(1, 0, 1, 8, 0), 2};
constexpr dlms::MethodDescriptor kShiftTime{8, dlms::obis(0, 0, 1, 0, 0), 6};

TEST_F(LossyUdp, RequestsAreRepeatedUntilOneArrives) {
    start(false, [](bool to_meter, int number) { return to_meter && number % 2 == 0; });
    {
        Client client(options_);
        EXPECT_EQ(client.get(kName).result, dlms::DataAccessResult::success);
    }
    EXPECT_GE(relay_->lost(), 2);
}

TEST_F(LossyUdp, ACipheredReadWhoseAnswerIsLostIsAskedAnew) {
    use_keys();
    // Of the utility's association: AARE, reply of HLS, then the answers to GET, of which the first is lost.
    start(false, [](bool to_meter, int number) { return !to_meter && (number == 5 || number == 8); });
    Client client(options_);
    for (int i = 0; i < 4; ++i) EXPECT_EQ(client.get(kEnergy).result, dlms::DataAccessResult::success) << i;
    EXPECT_EQ(relay_->lost(), 2);
}

/// A meter without general block transfer could carry out twice what comes twice.
TEST_F(LossyUdp, WritingIsNeverRepeatedAsABareMessage) {
    start(false, [](bool to_meter, int) { return to_meter; });
    const auto link = open_link(parse_address(options_.address), 1, std::chrono::milliseconds(600));
    // SET-request normal, invoke id 1, attribute 3 of the clock, long -60.
    const std::array<std::uint8_t, 16> set{0xC1, 1, 0xC1, 0, 8, 0, 0, 1, 0, 0, 255, 3, 0, 0x10, 0xFF, 0xC4};
    EXPECT_THROW((void)link->exchange(set), CliError);
    EXPECT_EQ(relay_->lost(), 1);
}

/// In general blocks a request may come again: the meter knows it, and carries it out once.
TEST_F(LossyUdp, AMethodWhoseAnswersAreLostIsCarriedOutOnce) {
    use_keys();
    std::atomic<int> to_lose{0};
    start(false, [&to_lose](bool to_meter, int) { return !to_meter && to_lose-- > 0; });
    Client client(options_);
    const std::int64_t before = meter_.instrument().clock.correction_milliseconds();
    to_lose = 2;
    const std::array<std::uint8_t, 3> seconds{0x10, 0x00, 0x64};
    EXPECT_EQ(client.call(kShiftTime, seconds).result, dlms::ActionResult::success);
    EXPECT_EQ(relay_->lost(), 2);
    EXPECT_EQ(meter_.instrument().clock.correction_milliseconds() - before, 100'000);
}

TEST_F(LossyUdp, HdlcRepeatsByItsOwnRules) {
    start(true, [](bool, int number) { return number % 3 == 1; });
    Client client(options_);
    for (int i = 0; i < 5; ++i) EXPECT_EQ(client.get(kName).result, dlms::DataAccessResult::success) << i;
    EXPECT_GE(relay_->lost(), 3);
}

}  // namespace
}  // namespace ferraris::cli
