// Class 3, Register, of energies (IEC 62056-6-2): whole watt-hours, rolling over at 99,999,999.999 kWh.
#include <array>

#include "meter/objects/billing_period.hpp"
#include "meter/objects/classes.hpp"

namespace ferraris::meter {
namespace {

std::uint64_t watthours_of(const EnergyRegisters& registers, std::uint16_t address) {
    const auto energies = static_cast<EnergyMask>(address >> 8U);
    const auto rate = static_cast<Rate>(address & 0xFFU);
    return registers.milliwatthours(energies, rate) / 1000;
}

dlms::Unit unit_of(std::uint16_t address) {
    using metrology::Energy;
    constexpr unsigned kActive = mask_of(Energy::active_import) | mask_of(Energy::active_export);
    constexpr unsigned kApparent = mask_of(Energy::apparent_import) | mask_of(Energy::apparent_export);
    const unsigned energies = address >> 8U;
    if ((energies & kActive) != 0) return dlms::Unit::watt_hour;
    return (energies & kApparent) != 0 ? dlms::Unit::volt_ampere_hour : dlms::Unit::var_hour;
}

void write_value(const Context& context, dlms::DataWriter& data) {
    const auto record = ended_period(context);
    data.long64_unsigned(watthours_of(record ? record->registers : context.meter.registers, context.row.address));
}

void write_scaler_unit(const Context& context, dlms::DataWriter& data) {
    data.scaler_unit(0, unit_of(context.row.address));
}

constexpr std::array<AttributeRow, 2> kAttributes{{
    {write_value, nullptr, nullptr},
    {write_scaler_unit, nullptr, nullptr},
}};

}  // namespace

constexpr ClassTable kEnergyRegisterClass{3, 0, kAttributes, {}, true};

}  // namespace ferraris::meter
