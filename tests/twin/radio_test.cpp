#include "twin/radio.hpp"

#include <gtest/gtest.h>

#include <array>
#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/udp.hpp>
#include <string>
#include <vector>

#include "base/hex.hpp"
#include "mbus/telegram.hpp"
#include "meter/fixture.hpp"

namespace ferraris::twin {
namespace {

using boost::asio::ip::udp;
using Octets = std::vector<std::uint8_t>;

class RadioOfATwin : public ::testing::Test {
protected:
    void SetUp() override {
        meter::WirelessSetup setup;
        setup.format = meter::RadioFormat::t1;
        ASSERT_TRUE(bench.meter->set_up_wireless(setup));
    }
    /// The telegram in a frame of format A, opened with the meter's key.
    static bool opens(const Octets& frame) {
        Octets telegram(mbus::kMaxTelegram);
        const auto size = mbus::remove_check_octets(mbus::FrameFormat::a, frame, telegram);
        if (!size) return false;
        const auto found = mbus::read_telegram(ByteView(telegram).first(*size));
        Octets plain(mbus::kMaxTelegram);
        const auto crypto = make_openssl_crypto();
        return found && mbus::open_records(*found, Octets(16), *crypto, plain);
    }

    boost::asio::io_context io{1};
    meter::testing::Bench bench{};
    std::vector<std::string> lines{};
    std::vector<std::string> log{};
    std::function<void(const std::string&)> print = [this](const std::string& line) { lines.push_back(line); };
    std::function<void(const std::string&)> tell = [this](const std::string& line) { log.push_back(line); };
};

TEST_F(RadioOfATwin, PrintsALineOfHexATelegram) {
    Radio radio(io, *bench.meter, {}, print, tell);
    radio.run();
    EXPECT_TRUE(lines.empty()) << "nothing is due yet";
    bench.run(451, 100);
    radio.run();
    ASSERT_EQ(lines.size(), 1U);
    EXPECT_TRUE(opens(*from_hex(lines[0])));
    EXPECT_TRUE(log.empty());
}

TEST_F(RadioOfATwin, ShowsWhatGoesOverTheAir) {
    RadioDestination destination;
    destination.chips = true;
    Radio radio(io, *bench.meter, destination, print, tell);
    bench.run(1, 100);
    radio.run();
    ASSERT_EQ(lines.size(), 1U);
    const Octets chips = *from_hex(lines[0]);
    ASSERT_EQ(to_hex(ByteView(chips).first(6)), "55555555543D");
    Octets frame((chips.size() - 6) * 8 / 12);
    ASSERT_TRUE(mbus::decode_three_of_six(ByteView(chips).subspan(6), frame.size(), frame));
    EXPECT_TRUE(opens(frame));
}

TEST_F(RadioOfATwin, SendsDatagrams) {
    udp::socket receiver(io, udp::endpoint(boost::asio::ip::make_address("127.0.0.1"), 0));
    RadioDestination destination{RadioDestination::Kind::udp, "127.0.0.1", receiver.local_endpoint().port()};
    Radio radio(io, *bench.meter, destination, print, tell);
    bench.run(1, 100);
    radio.run();
    Octets frame(mbus::kMaxFrame);
    frame.resize(receiver.receive(boost::asio::buffer(frame)));
    EXPECT_TRUE(opens(frame));
}

TEST_F(RadioOfATwin, SaysWhatItCannotReach) {
    EXPECT_ANY_THROW(Radio(io, *bench.meter, {RadioDestination::Kind::file, "/nowhere/air.txt"}, print, tell));
}

}  // namespace
}  // namespace ferraris::twin
