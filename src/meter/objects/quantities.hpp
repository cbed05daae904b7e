/// Scalar values of the instrument that an object shows: how to get each, its type, scaler and unit.
#pragma once

#include <cstdint>

#include "dlms/data.hpp"
#include "meter/instrument.hpp"

namespace ferraris::meter {

enum class Quantity : std::uint8_t {
    voltage,
    current,
    frequency,
    power_factor,
    active_power_import,
    active_power_export,
    active_power_sum,
    reactive_power_import,
    reactive_power_export,
    apparent_power,
    thd_voltage,
    thd_current,
    reactive_constant,
    active_tariff,
    active_anti_creep,
    reactive_anti_creep,
    profile_status,
    utility_counter,
    technician_counter,
    voltage_average,
    voltage_last_average,
    current_average,
    current_last_average,
    billing_period_counter,
    count,
};

struct QuantityRow {
    std::int64_t (*value)(const Instrument&);
    dlms::DataTag tag;
    std::int8_t scaler;
    dlms::Unit unit;
};

[[nodiscard]] const QuantityRow& quantity_row(Quantity quantity);

/// Of the power whose time integral `energies` are: W, var or VA.
[[nodiscard]] dlms::Unit power_unit(EnergyMask energies);

/// A number in the type that `tag` says; of the integer types.
void write_scalar(dlms::DataWriter& data, dlms::DataTag tag, std::int64_t value);

}  // namespace ferraris::meter
