#include "twin/pacer.hpp"

#include <gtest/gtest.h>

#include <boost/asio.hpp>
#include <chrono>

#include "crypto/openssl.hpp"
#include "twin/test_factory.hpp"

namespace ferraris::twin {
namespace {

using namespace std::chrono_literals;
using Clock = std::chrono::steady_clock;

constexpr UtcTime kStart = UtcTime::from_seconds(1'780'000'000);

class PacerTest : public ::testing::Test {
protected:
    PacerTest() {
        VirtualMeterSettings settings;
        settings.start = kStart;
        settings.factory = test_factory_settings();
        auto opened = VirtualMeter::open(settings, *crypto_);
        EXPECT_TRUE(opened) << opened.error();
        if (opened) meter_ = std::move(*opened);
    }
    [[nodiscard]] std::int64_t metered_milliseconds() const {
        return meter_->device().clock().milliseconds - kStart.milliseconds;
    }

    std::unique_ptr<Crypto> crypto_ = make_openssl_crypto();
    std::unique_ptr<VirtualMeter> meter_;
    boost::asio::io_context io_{1};
};

TEST_F(PacerTest, TheClockAnswersBetweenTwoSeconds) {
    const auto begin = Clock::now();
    PushSender pushes(io_, meter_->device(), {}, [](const std::string&) {});
    Pacer pacer(io_, *meter_, pushes, Pace{5, {}}, [](const std::string&) {});
    io_.run_for(30ms);
    pacer.observe();
    const std::chrono::duration<double, std::milli> elapsed = Clock::now() - begin;
    EXPECT_GE(metered_milliseconds(), 150);
    EXPECT_LE(static_cast<double>(metered_milliseconds()), elapsed.count() * 5);
    // However late the machine is, time that was not measured yet has not come.
    EXPECT_LT(metered_milliseconds(), meter_->now().milliseconds - kStart.milliseconds + 1000);
}

TEST_F(PacerTest, WhereTimeStandsStillSoDoesTheClock) {
    PushSender pushes(io_, meter_->device(), {}, [](const std::string&) {});
    Pacer pacer(io_, *meter_, pushes, Pace{0, UtcTime::from_seconds(kStart.seconds() + 400)},
                [](const std::string&) {});
    io_.run_for(2s);
    pacer.observe();
    EXPECT_EQ(metered_milliseconds(), 400'000);
}

TEST_F(PacerTest, PausedTimeStandsStillAndGoesOnFromThere) {
    PushSender pushes(io_, meter_->device(), {}, [](const std::string&) {});
    Pacer pacer(io_, *meter_, pushes, Pace{100, {}}, [](const std::string&) {});
    io_.run_for(30ms);
    pacer.pause();
    EXPECT_TRUE(pacer.state().paused);
    pacer.observe();
    const std::int64_t paused_at = metered_milliseconds();
    io_.run_for(30ms);
    pacer.observe();
    EXPECT_EQ(metered_milliseconds(), paused_at);
    pacer.set_speed(1);
    EXPECT_FALSE(pacer.state().paused);
    pacer.observe();
    EXPECT_GE(metered_milliseconds(), paused_at);
    EXPECT_LT(metered_milliseconds(), paused_at + 1000);
}

TEST_F(PacerTest, LeapsToATimeAndGoesOnWithTheWallClock) {
    PushSender pushes(io_, meter_->device(), {}, [](const std::string&) {});
    Pacer pacer(io_, *meter_, pushes, Pace{1, {}}, [](const std::string&) {});
    pacer.leap_to(UtcTime::from_seconds(kStart.seconds() + 5000));
    EXPECT_TRUE(pacer.state().leaping);
    while (pacer.state().leaping) io_.run_one();
    EXPECT_EQ(meter_->now().seconds(), kStart.seconds() + 5000);
    EXPECT_EQ(pacer.state().speed, 1);
}

}  // namespace
}  // namespace ferraris::twin
