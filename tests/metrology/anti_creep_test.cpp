#include "metrology/anti_creep.hpp"

#include <gtest/gtest.h>

#include "metrology/synthetic_mains.hpp"

namespace ferraris::metrology {
namespace {

TEST(AntiCreep, HasHysteresis) {
    AntiCreep creep(4'600'000);  // 20 mA at 230 V
    EXPECT_TRUE(creep.is_active());
    EXPECT_FALSE(creep.registers(3'449'999));
    EXPECT_TRUE(creep.registers(3'450'000));
    EXPECT_FALSE(creep.is_active());
    EXPECT_TRUE(creep.registers(2'300'000));
    EXPECT_FALSE(creep.registers(2'299'999));
    EXPECT_FALSE(creep.registers(3'000'000));
}

struct Registered {
    Measurement last;
    bool has_active{false};
    bool has_reactive{false};
    bool lit{false};
};

Registered run(double volts, double amperes, double lag, int seconds = 20) {
    SyntheticMains mains(4000, 24);
    mains.configuration.active_pulses_per_kilowatt_hour = 10'000;
    mains.configuration.reactive_pulses_per_kilovar_hour = 10'000;
    mains.voltage = {{1, volts, 0}};
    if (amperes > 0) mains.current = {{1, amperes, -lag}};
    Processor processor(mains.configuration);
    Registered result;
    for (int k = 0; k < seconds * 4000; ++k) {
        const Events events = mains.step(processor);
        result.lit |=
            events.active_pulse || events.reactive_pulse || processor.active_led() || processor.reactive_led();
    }
    result.last = processor.take_measurement();
    using E = Energy;
    const auto& energy = result.last.energy;
    result.has_active = energy[E::active_import] + energy[E::active_export] > 0;
    result.has_reactive =
        energy[E::reactive_q1] + energy[E::reactive_q2] + energy[E::reactive_q3] + energy[E::reactive_q4] > 0;
    return result;
}

TEST(AntiCreep, NothingIsRegisteredAtNoLoad) {
    for (const double ratio : {0.8, 1.0, 1.15}) {
        const Registered r = run(230 * ratio, 0, 0);
        EXPECT_FALSE(r.has_active || r.has_reactive || r.lit) << ratio;
        EXPECT_TRUE(r.last.active_anti_creep && r.last.reactive_anti_creep);
        EXPECT_EQ(r.last.quadrant, Quadrant::none);
        EXPECT_EQ(r.last.energy[Energy::apparent_import], 0U);
    }
}

TEST(AntiCreep, BelowTheThresholdNothingAtTheStartingCurrentAll) {
    EXPECT_FALSE(run(230, 0.0145, 0).has_active);
    const Registered starting = run(230, 0.020, 0);
    EXPECT_TRUE(starting.has_active);
    EXPECT_FALSE(starting.last.active_anti_creep);
    EXPECT_TRUE(starting.last.reactive_anti_creep);
    EXPECT_FALSE(starting.has_reactive);
    const Registered reactive = run(230, 0.025, std::numbers::pi / 2);
    EXPECT_TRUE(reactive.has_reactive);
    EXPECT_FALSE(reactive.has_active);
    EXPECT_FALSE(run(230, 0.018, std::numbers::pi / 2).has_reactive);
    EXPECT_TRUE(run(230, 0.020, std::numbers::pi).has_active);
}

}  // namespace
}  // namespace ferraris::metrology
