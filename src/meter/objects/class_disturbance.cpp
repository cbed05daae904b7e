// Class 3, Register, of sags, swells and interruptions (IEC 62056-6-2; names of IEC 62056-6-1).
#include <array>

#include "meter/objects/classes.hpp"

namespace ferraris::meter {
namespace {

using dlms::DataAccessResult;
using metrology::DisturbanceKind;
using metrology::DisturbanceLimits;

/// Above it nothing is measured; in 0.01 V.
constexpr std::uint32_t kMostVoltage = 100'000;

DisturbanceDatum datum_of(std::uint16_t address) { return static_cast<DisturbanceDatum>(address >> 8U); }
DisturbanceKind kind_of(std::uint16_t address) { return static_cast<DisturbanceKind>(address & 0xFFU); }

/// In the order of `DisturbanceKind`.
constexpr std::array kThresholds{&DisturbanceLimits::sag_millivolts, &DisturbanceLimits::swell_millivolts,
                                 &DisturbanceLimits::interruption_millivolts};

template <class Limits>
auto& limit_of(Limits& limits, std::uint16_t address) {
    return datum_of(address) == DisturbanceDatum::hysteresis ? limits.hysteresis_millivolts
                                                             : limits.*kThresholds[address & 0xFFU];
}

std::int64_t number(const Instrument& meter, std::uint16_t address) {
    const metrology::Disturbance& last = meter.voltage_quality.last(kind_of(address));
    switch (datum_of(address)) {
        case DisturbanceDatum::threshold:
        case DisturbanceDatum::hysteresis:
            return limit_of(meter.voltage_quality.limits(), address) / 10;
        case DisturbanceDatum::count:
            return meter.event_logs.count(VoltageQuality::event_of(kind_of(address)));
        case DisturbanceDatum::duration:
            return last.duration_milliseconds;
        case DisturbanceDatum::extreme:
            return last.extreme_millivolts / 10;
    }
    return 0;
}

void write_number(const Context& context, dlms::DataWriter& data) {
    data.double_long_unsigned(static_cast<std::uint32_t>(number(context.meter, context.row.address)));
}

void write_scaler_unit(const Context& context, dlms::DataWriter& data) {
    switch (datum_of(context.row.address)) {
        case DisturbanceDatum::count:
            return data.scaler_unit(0, dlms::Unit::count);
        case DisturbanceDatum::duration:
            return data.scaler_unit(-3, dlms::Unit::second);
        default:
            return data.scaler_unit(-2, dlms::Unit::volt);
    }
}

DataAccessResult take_limit(const Context& context, ByteView value) {
    dlms::DataReader in(value);
    const std::uint32_t hundredths = in.double_long_unsigned();
    if (!in.finished()) return DataAccessResult::type_unmatched;
    const DisturbanceDatum datum = datum_of(context.row.address);
    if (datum != DisturbanceDatum::threshold && datum != DisturbanceDatum::hysteresis) {
        return DataAccessResult::read_write_denied;
    }
    if (hundredths > kMostVoltage) return DataAccessResult::other_reason;
    DisturbanceLimits limits = context.meter.voltage_quality.limits();
    limit_of(limits, context.row.address) = hundredths * 10;
    if (!are_possible(limits)) return DataAccessResult::other_reason;
    return context.meter.voltage_quality.store(context.meter.parameters, limits) ? DataAccessResult::success
                                                                                 : DataAccessResult::hardware_fault;
}

constexpr std::array<AttributeRow, 2> kAttributes{{
    {write_number, nullptr, take_limit},
    {write_scaler_unit, nullptr, nullptr},
}};

}  // namespace

constexpr ClassTable kDisturbanceClass{3, 0, kAttributes, {}};

}  // namespace ferraris::meter
