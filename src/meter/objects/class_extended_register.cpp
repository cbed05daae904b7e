// Class 4, Extended register (IEC 62056-6-2): a value with the time at which it was taken.
#include <array>

#include "meter/objects/billing_period.hpp"
#include "meter/objects/classes.hpp"
#include "meter/objects/local_date_time.hpp"
#include "meter/objects/quantities.hpp"

namespace ferraris::meter {
namespace {

constexpr std::int8_t kMilli = -3;

struct Extended {
    std::uint32_t value;
    std::uint32_t stamp;
    std::uint8_t status;
};

Extended maximum_of(const Maxima& maxima, std::uint16_t address) {
    const Maximum& found = maxima[address & 0xFFU][address >> 8U];
    return {found.milliwatts, found.stamp, found.status};
}

Extended maximum(const Context& context) {
    const auto record = ended_period(context);
    return maximum_of(record ? record->maxima : context.meter.demand.maxima(), context.row.address);
}

dlms::Unit maximum_unit(std::uint16_t address) { return power_unit(kDemandChannels[address >> 8U].energies); }

Extended voltage_of(const Instrument& meter, std::uint16_t address) {
    const bool least = static_cast<ExtremeVoltage>(address) == ExtremeVoltage::least;
    const VoltageExtreme& found = least ? meter.voltage_today.least : meter.voltage_today.greatest;
    return {found.millivolts, found.stamp, found.status};
}

Extended voltage(const Context& context) { return voltage_of(context.meter, context.row.address); }

dlms::Unit voltage_unit(std::uint16_t) { return dlms::Unit::volt; }

using Value = Extended (*)(const Context&);
using UnitOf = dlms::Unit (*)(std::uint16_t);

template <Value value>
void write_value(const Context& context, dlms::DataWriter& data) {
    data.double_long_unsigned(value(context).value);
}

template <UnitOf unit>
void write_scaler_unit(const Context& context, dlms::DataWriter& data) {
    data.scaler_unit(kMilli, unit(context.row.address));
}

template <Value value>
void write_status(const Context& context, dlms::DataWriter& data) {
    data.unsigned_(value(context).status);
}

template <Value value>
void write_capture_time(const Context& context, dlms::DataWriter& data) {
    const Extended found = value(context);
    write_stamp(data, context.meter.clock, found.stamp, found.status);
}

template <Value value, UnitOf unit>
constexpr std::array<AttributeRow, 4> kAttributes{{
    {write_value<value>, nullptr, nullptr},
    {write_scaler_unit<unit>, nullptr, nullptr},
    {write_status<value>, nullptr, nullptr},
    {write_capture_time<value>, nullptr, nullptr},
}};

}  // namespace

constexpr ClassTable kMaximumDemandClass{4, 0, kAttributes<maximum, maximum_unit>, {}, true};
constexpr ClassTable kVoltageExtremeClass{4, 0, kAttributes<voltage, voltage_unit>, {}};

}  // namespace ferraris::meter
