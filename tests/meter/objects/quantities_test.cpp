#include "meter/objects/quantities.hpp"

#include "meter/fixture.hpp"

namespace ferraris::meter {
namespace {

using dlms::obis;
using testing::Bench;

/// Objects with fewer digits than the measurement round it.
TEST(Quantities, AreRounded) {
    struct Case {
        std::int32_t millionths;
        std::int16_t thousandths;
    };
    for (const Case& one : {Case{999'499, 999}, Case{999'500, 1000}, Case{-999'500, -1000}, Case{-499, 0}, Case{500, 1},
                            Case{-500, -1}, Case{1'000'000, 1000}, Case{0, 0}}) {
        Bench bench;
        metrology::Measurement measurement = testing::at_watts(1000);
        measurement.power_factor_millionths = one.millionths;
        measurement.voltage_millivolts = 229'995;
        measurement.current_microamperes = 4'347'500;
        bench.now = testing::plus_seconds(bench.now, 1);
        bench.meter->tick(measurement, bench.now);
        const auto factor = bench.read(kReaderSap, {3, obis(1, 0, 13, 7, 0), 2});
        EXPECT_EQ(dlms::DataReader(factor).long_(), one.thousandths) << one.millionths;
        const auto volts = bench.read(kReaderSap, {3, obis(1, 0, 32, 7, 0), 2});
        EXPECT_EQ(dlms::DataReader(volts).long_unsigned(), 23'000);
        const auto amperes = bench.read(kReaderSap, {3, obis(1, 0, 31, 7, 0), 2});
        EXPECT_EQ(dlms::DataReader(amperes).double_long_unsigned(), 4348U);
    }
}

}  // namespace
}  // namespace ferraris::meter
