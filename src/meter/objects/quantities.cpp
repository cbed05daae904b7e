#include "meter/objects/quantities.hpp"

#include <algorithm>
#include <array>

namespace ferraris::meter {
namespace {

using dlms::DataTag;
using dlms::Unit;

std::int64_t positive(std::int64_t value) { return std::max<std::int64_t>(value, 0); }

// In the order of `Quantity`.
constexpr std::array<QuantityRow, static_cast<std::size_t>(Quantity::count)> kQuantities{{
    {[](const Instrument& m) -> std::int64_t { return (m.measurement.voltage_millivolts + 5) / 10; },
     DataTag::long_unsigned, -2, Unit::volt},
    {[](const Instrument& m) -> std::int64_t { return (m.measurement.current_microamperes + 500) / 1000; },
     DataTag::double_long_unsigned, -3, Unit::ampere},
    {[](const Instrument& m) -> std::int64_t { return m.measurement.frequency_millihertz; }, DataTag::long_unsigned, -3,
     Unit::hertz},
    {[](const Instrument& m) -> std::int64_t { return m.measurement.power_factor_thousandths(); }, DataTag::long_, -3,
     Unit::count},
    {[](const Instrument& m) { return positive(m.measurement.active_power_milliwatts); }, DataTag::double_long_unsigned,
     -3, Unit::watt},
    {[](const Instrument& m) { return positive(-m.measurement.active_power_milliwatts); },
     DataTag::double_long_unsigned, -3, Unit::watt},
    {[](const Instrument& m) { return m.measurement.active_power_milliwatts; }, DataTag::double_long, -3, Unit::watt},
    {[](const Instrument& m) { return positive(m.measurement.reactive_power_millivars); },
     DataTag::double_long_unsigned, -3, Unit::var},
    {[](const Instrument& m) { return positive(-m.measurement.reactive_power_millivars); },
     DataTag::double_long_unsigned, -3, Unit::var},
    {[](const Instrument& m) { return m.measurement.apparent_power_millivoltamperes; }, DataTag::double_long_unsigned,
     -3, Unit::volt_ampere},
    {[](const Instrument& m) -> std::int64_t { return m.measurement.thd_voltage_hundredths_percent; },
     DataTag::double_long_unsigned, -2, Unit::percent},
    {[](const Instrument& m) -> std::int64_t { return m.measurement.thd_current_hundredths_percent; },
     DataTag::double_long_unsigned, -2, Unit::percent},
    {[](const Instrument& m) -> std::int64_t { return m.impulses_per_kilowatthour; }, DataTag::double_long_unsigned, -3,
     Unit::impulses_per_var_hour},
    {[](const Instrument& m) -> std::int64_t { return m.active_rate; }, DataTag::unsigned_, 0, Unit::other},
    {[](const Instrument& m) -> std::int64_t { return m.measurement.active_anti_creep ? 1 : 0; }, DataTag::boolean, 0,
     Unit::count},
    {[](const Instrument& m) -> std::int64_t { return m.measurement.reactive_anti_creep ? 1 : 0; }, DataTag::boolean, 0,
     Unit::count},
    {[](const Instrument& m) -> std::int64_t {
         const auto now = static_cast<std::uint32_t>(m.clock.seconds());
         return m.profile_status(now) | m.profiles[ProfileIndex::load].marks();
     },
     DataTag::unsigned_, 0, Unit::other},
    {[](const Instrument& m) -> std::int64_t { return m.counters.last(kUtilityIndex, dlms::KeySet::global_unicast); },
     DataTag::double_long_unsigned, 0, Unit::count},
    {[](const Instrument& m) -> std::int64_t {
         return m.counters.last(kTechnicianIndex, dlms::KeySet::global_unicast);
     },
     DataTag::double_long_unsigned, 0, Unit::count},
    {[](const Instrument& m) -> std::int64_t { return m.averages.current().millivolts; }, DataTag::double_long_unsigned,
     -3, Unit::volt},
    {[](const Instrument& m) -> std::int64_t { return m.averages.last().millivolts; }, DataTag::double_long_unsigned,
     -3, Unit::volt},
    {[](const Instrument& m) -> std::int64_t { return m.averages.current().milliamperes; },
     DataTag::double_long_unsigned, -3, Unit::ampere},
    {[](const Instrument& m) -> std::int64_t { return m.averages.last().milliamperes; }, DataTag::double_long_unsigned,
     -3, Unit::ampere},
    {[](const Instrument& m) -> std::int64_t { return m.billing.period(); }, DataTag::double_long_unsigned, 0,
     Unit::count},
}};

}  // namespace

const QuantityRow& quantity_row(Quantity quantity) { return kQuantities[static_cast<std::size_t>(quantity)]; }

Unit power_unit(EnergyMask energies) {
    using metrology::Energy;
    constexpr unsigned kActive = mask_of(Energy::active_import) | mask_of(Energy::active_export);
    constexpr unsigned kApparent = mask_of(Energy::apparent_import) | mask_of(Energy::apparent_export);
    if ((energies & kActive) != 0) return Unit::watt;
    return (energies & kApparent) != 0 ? Unit::volt_ampere : Unit::var;
}

void write_scalar(dlms::DataWriter& data, DataTag tag, std::int64_t value) {
    switch (tag) {
        case DataTag::boolean:
            return data.boolean(value != 0);
        case DataTag::unsigned_:
            return data.unsigned_(static_cast<std::uint8_t>(value));
        case DataTag::long_:
            return data.long_(static_cast<std::int16_t>(value));
        case DataTag::long_unsigned:
            return data.long_unsigned(static_cast<std::uint16_t>(value));
        case DataTag::double_long:
            return data.double_long(static_cast<std::int32_t>(value));
        case DataTag::double_long_unsigned:
            return data.double_long_unsigned(static_cast<std::uint32_t>(value));
        default:
            return data.long64_unsigned(static_cast<std::uint64_t>(value));
    }
}

}  // namespace ferraris::meter
