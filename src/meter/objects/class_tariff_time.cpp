// Class 3, Register, of the seconds for which a tariff was active, 0-0:96.8.e (IEC 62056-6-2, IEC 62056-6-1).
#include <array>

#include "meter/objects/billing_period.hpp"
#include "meter/objects/classes.hpp"

namespace ferraris::meter {
namespace {

void write_value(const Context& context, dlms::DataWriter& data) {
    const auto record = ended_period(context);
    const EnergyRegisters& registers = record ? record->registers : context.meter.registers;
    data.double_long_unsigned(registers.seconds(static_cast<Rate>(context.row.address)));
}

void write_scaler_unit(const Context&, dlms::DataWriter& data) { data.scaler_unit(0, dlms::Unit::second); }

constexpr std::array<AttributeRow, 2> kAttributes{{
    {write_value, nullptr, nullptr},
    {write_scaler_unit, nullptr, nullptr},
}};

}  // namespace

constexpr ClassTable kTariffTimeClass{3, 0, kAttributes, {}, true};

}  // namespace ferraris::meter
