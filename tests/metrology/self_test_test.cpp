#include "metrology/self_test.hpp"

#include <gtest/gtest.h>

namespace ferraris::metrology {
namespace {

/// The same numbers come out of the Cortex-M image: integers all the way. When the measuring core is changed on
/// purpose, these change with it.
TEST(SelfTest, GivesTheSameBitsOnEveryMachine) {
    const SelfTestResult result = run_self_test(10);
    const Measurement& m = result.measurement;
    EXPECT_EQ(m.voltage_millivolts, 230'046U);
    EXPECT_EQ(m.current_microamperes, 5'024'949U);
    EXPECT_EQ(m.frequency_millihertz, 50'300U);
    EXPECT_EQ(m.active_power_milliwatts, 576'153);
    EXPECT_EQ(m.reactive_power_millivars, 995'931);
    EXPECT_EQ(m.reactive_classical_millivars, 997'934);
    EXPECT_EQ(m.apparent_power_millivoltamperes, 1'155'969);
    EXPECT_EQ(m.power_factor_millionths, 498'415);
    EXPECT_EQ(m.thd_voltage_hundredths_percent, 200U);
    EXPECT_EQ(m.thd_current_hundredths_percent, 1000U);
    EXPECT_EQ(m.quadrant, Quadrant::q1);
    EXPECT_EQ(m.energy[Energy::active_import], 5'727'147'577U);
    EXPECT_EQ(m.energy[Energy::reactive_q1], 9'899'931'214U);
    EXPECT_EQ(m.energy[Energy::apparent_import], 11'490'736'762U);
    EXPECT_EQ(result.active_pulses, 1U);
    EXPECT_EQ(result.reactive_pulses, 2U);
    EXPECT_EQ(result.check_sum, 0xB183621EU);
}

}  // namespace
}  // namespace ferraris::metrology
