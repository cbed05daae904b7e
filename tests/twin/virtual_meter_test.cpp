#include "twin/virtual_meter.hpp"

#include <gtest/gtest.h>

#include "crypto/openssl.hpp"
#include "twin/test_factory.hpp"

namespace ferraris::twin {
namespace {

VirtualMeterSettings settings_in(const std::filesystem::path& state) {
    VirtualMeterSettings settings;
    settings.state = state;
    settings.default_start = UtcTime::from_seconds(1'780'000'000);
    settings.factory = test_factory_settings();
    return settings;
}

TEST(VirtualMeter, GoesOnWhereItsStateEnded) {
    const auto crypto = make_openssl_crypto();
    const auto state = std::filesystem::path(::testing::TempDir()) / "virtual_meter_state";
    std::filesystem::remove_all(state);
    UtcTime end;
    std::uint64_t energy = 0;
    constexpr auto kImport = meter::mask_of(metrology::Energy::active_import);
    {
        auto meter = VirtualMeter::open(settings_in(state), *crypto);
        ASSERT_TRUE(meter) << meter.error();
        EXPECT_EQ((*meter)->now(), UtcTime::from_seconds(1'780'000'000));
        (*meter)->advance(7200);
        ASSERT_TRUE((*meter)->power_fail());
        end = (*meter)->now();
        energy = (*meter)->device().instrument().registers.milliwatthours(kImport, 0);
        EXPECT_GT(energy, 0U);
    }
    auto again = VirtualMeter::open(settings_in(state), *crypto);
    ASSERT_TRUE(again) << again.error();
    EXPECT_EQ((*again)->now(), end) << "a clock does not go back because a process ended";
    EXPECT_EQ((*again)->device().instrument().registers.milliwatthours(kImport, 0), energy);
}

TEST(VirtualMeter, SaysWhyItCannotStart) {
    const auto crypto = make_openssl_crypto();
    VirtualMeterSettings settings;
    settings.load = "no/such/file.csv";
    const auto missing = VirtualMeter::open(settings, *crypto);
    ASSERT_FALSE(missing);
    EXPECT_NE(missing.error().find("no/such/file.csv"), std::string::npos) << missing.error();
    settings.load = "nonsense";
    const auto nonsense = VirtualMeter::open(settings, *crypto);
    ASSERT_FALSE(nonsense);
    EXPECT_NE(nonsense.error().find("household"), std::string::npos) << nonsense.error();
}

TEST(VirtualMeter, NothingFlowsBehindAnOpenRelay) {
    const auto crypto = make_openssl_crypto();
    VirtualMeterSettings settings;
    settings.default_start = UtcTime::from_seconds(1'780'000'000);
    settings.factory = test_factory_settings();
    auto opened = VirtualMeter::open(settings, *crypto);
    ASSERT_TRUE(opened) << opened.error();
    VirtualMeter& meter = **opened;
    int moves = 0;
    meter.supply_relay().on_move([&moves](bool) { ++moves; });
    const auto press = [&] {
        meter.device().press(board::Button::relay, true);
        meter.device().press(board::Button::relay, false);
    };
    constexpr auto kImport = meter::mask_of(metrology::Energy::active_import);
    const auto energy = [&] { return meter.device().instrument().registers.milliwatthours(kImport, 0); };
    meter.advance(600);
    press();
    EXPECT_FALSE(meter.supply_relay().is_closed());
    const std::uint64_t before = energy();
    EXPECT_GT(before, 0U);
    meter.advance(600);
    EXPECT_EQ(energy(), before);
    EXPECT_EQ(meter.device().instrument().measurement.current_microamperes, 0U);
    EXPECT_GT(meter.device().instrument().measurement.voltage_millivolts, 200'000U) << "the meter itself has power";
    press();
    meter.advance(600);
    EXPECT_GT(energy(), before);
    EXPECT_EQ(moves, 2);
    meter.supply_relay().stick(true);
    press();
    meter.advance(10);
    EXPECT_TRUE(meter.device().instrument().supply_is_on());
    EXPECT_EQ(meter.device().instrument().event_logs.last(meter::EventLog::disconnector).code, 68)
        << "and the meter notices that it still flows";
}

}  // namespace
}  // namespace ferraris::twin
