// Class 1, Data, and class 3, Register, of the backup battery (0-0:96.6.e, IEC 62056-6-1). Writing the time of
// installation says that it was replaced: its use begins anew.
#include <algorithm>
#include <array>

#include "meter/objects/classes.hpp"
#include "meter/objects/local_date_time.hpp"
#include "meter/objects/quantities.hpp"

namespace ferraris::meter {
namespace {

using dlms::DataAccessResult;
using dlms::DataTag;

/// By the board's clock nobody knows when the one from the factory was put in; the meter ran since.
std::int64_t seconds_in_service(const Instrument& meter) {
    const std::int64_t in_use = std::int64_t{meter.registers.seconds(0)} + meter.battery.use_seconds();
    return meter.battery.installed() == 0
               ? in_use
               : std::max<std::int64_t>(meter.clock.seconds() - meter.battery.installed(), 0);
}

std::int64_t number(const Instrument& meter, std::uint16_t address) {
    constexpr std::uint32_t kSecondsAnHour = 3600;
    switch (static_cast<BatteryDatum>(address)) {
        case BatteryDatum::use_time:
            return meter.battery.use_seconds() / kSecondsAnHour;
        case BatteryDatum::charge:
            return meter.battery.charge_permille(seconds_in_service(meter)) / 10;
        case BatteryDatum::voltage:
            return meter.inputs.inputs().battery_millivolts;
        case BatteryDatum::initial_capacity:
            return kBatteryCapacity_mAh;
        case BatteryDatum::remaining_time:
            return meter.battery.remaining_hours(seconds_in_service(meter));
        case BatteryDatum::threshold:
            return meter.battery.threshold_millivolts();
    }
    return 0;
}

void write_number(const Context& context, dlms::DataWriter& data) {
    data.double_long_unsigned(static_cast<std::uint32_t>(number(context.meter, context.row.address)));
}

void write_scaler_unit(const Context& context, dlms::DataWriter& data) {
    constexpr std::int8_t kMilli = -3;
    switch (static_cast<BatteryDatum>(context.row.address)) {
        case BatteryDatum::use_time:
        case BatteryDatum::remaining_time:
            return data.scaler_unit(0, dlms::Unit::hour);
        case BatteryDatum::charge:
            return data.scaler_unit(0, dlms::Unit::percent);
        case BatteryDatum::initial_capacity:
            return data.scaler_unit(kMilli, dlms::Unit::ampere_hour);
        case BatteryDatum::voltage:
        case BatteryDatum::threshold:
            return data.scaler_unit(kMilli, dlms::Unit::volt);
    }
}

/// Only the threshold is set; the table gives nobody the right to write the others.
DataAccessResult take_number(const Context& context, ByteView value) {
    dlms::DataReader in(value);
    const std::uint32_t millivolts = in.double_long_unsigned();
    if (!in.finished()) return DataAccessResult::type_unmatched;
    if (millivolts < Battery::kLeastThreshold || millivolts > Battery::kMostThreshold) {
        return DataAccessResult::other_reason;
    }
    return context.meter.store_battery_threshold(static_cast<std::uint16_t>(millivolts))
               ? DataAccessResult::success
               : DataAccessResult::hardware_fault;
}

dlms::DateTime shown_installed(const Instrument& meter) {
    const std::uint32_t installed = meter.battery.installed();
    if (installed == 0) return {};
    const UtcTime at = UtcTime::from_seconds(installed);
    return meter.clock.rule.date_time(at, meter.clock.status(at));
}

void write_installed(const Context& context, dlms::DataWriter& data) {
    data.octet_string(dlms::encode(shown_installed(context.meter)));
}

DataAccessResult take_installed(const Context& context, ByteView value) {
    dlms::DataReader in(value);
    const auto element = in.any();
    if (!element || !in.finished() || (element->tag != DataTag::octet_string && element->tag != DataTag::date_time)) {
        return DataAccessResult::type_unmatched;
    }
    // What stands there already is news of no replacement.
    if (equal(element->content, dlms::encode(shown_installed(context.meter)))) return DataAccessResult::success;
    const auto date_time = dlms::decode_date_time(element->content);
    const auto at = date_time ? context.meter.clock.rule.utc(*date_time) : std::nullopt;
    if (!at || at->seconds() <= 0 || at->seconds() > context.meter.clock.seconds()) {
        return DataAccessResult::other_reason;
    }
    return context.meter.replace_battery(static_cast<std::uint32_t>(at->seconds())) ? DataAccessResult::success
                                                                                    : DataAccessResult::hardware_fault;
}

constexpr std::array<AttributeRow, 2> kAttributes{{
    {write_number, nullptr, take_number},
    {write_scaler_unit, nullptr, nullptr},
}};
constexpr std::array<AttributeRow, 1> kInstalledAttributes{{{write_installed, nullptr, take_installed}}};

}  // namespace

constexpr ClassTable kBatteryClass{3, 0, kAttributes, {}};
constexpr ClassTable kBatteryInstalledClass{1, 0, kInstalledAttributes, {}};

}  // namespace ferraris::meter
