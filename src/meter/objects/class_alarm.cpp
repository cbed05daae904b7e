// Class 1, Data, of the alarm registers, their filters and descriptors, and of the error register (IEC 62056-6-2; names
// of IEC 62056-6-1).
#include <array>

#include "meter/objects/classes.hpp"

namespace ferraris::meter {
namespace {

using dlms::DataAccessResult;

AlarmData datum_of(std::uint16_t address) { return static_cast<AlarmData>(address & 0xFFU); }

template <class AnyAlarms>
auto& bits_of(AnyAlarms& alarms, std::uint16_t address) {
    constexpr std::array kMembers{&AlarmRegister::active, &AlarmRegister::filter, &AlarmRegister::descriptor};
    return alarms.registers[address >> 8U].*kMembers[address & 0xFFU];
}

void write_bits(const Context& context, dlms::DataWriter& data) {
    data.double_long_unsigned(bits_of(context.meter.alarms, context.row.address));
}

/// The filter takes the alarms that there are. In register and descriptor bits can be cleared, never set.
DataAccessResult take_bits(const Context& context, ByteView value) {
    dlms::DataReader in(value);
    const std::uint32_t bits = in.double_long_unsigned();
    if (!in.finished()) return DataAccessResult::type_unmatched;
    const std::uint16_t address = context.row.address;
    const AlarmData datum = datum_of(address);
    if (datum == AlarmData::filter && (bits & ~known_alarms(address >> 8U)) != 0) return DataAccessResult::other_reason;
    Alarms changed = context.meter.alarms;
    std::uint32_t& target = bits_of(changed, address);
    const std::uint32_t cleared = target & ~bits;
    target = datum == AlarmData::filter ? bits : target & bits;
    if (!context.meter.store_alarms(changed)) return DataAccessResult::hardware_fault;
    if (datum == AlarmData::active && cleared != 0) {
        context.meter.report({Event::alarm_register_cleared, static_cast<std::int32_t>(cleared), 0, 0});
    }
    return DataAccessResult::success;
}

void write_errors(const Context& context, dlms::DataWriter& data) {
    data.double_long_unsigned(context.meter.errors.bits());
}

/// Bits can be cleared, but for those of faults that stand.
DataAccessResult take_errors(const Context& context, ByteView value) {
    dlms::DataReader in(value);
    const std::uint32_t bits = in.double_long_unsigned();
    if (!in.finished()) return DataAccessResult::type_unmatched;
    return context.meter.clear_errors(~bits) ? DataAccessResult::success : DataAccessResult::hardware_fault;
}

constexpr std::array<AttributeRow, 1> kAlarmAttributes{{{write_bits, nullptr, take_bits}}};
constexpr std::array<AttributeRow, 1> kErrorAttributes{{{write_errors, nullptr, take_errors}}};

}  // namespace

constexpr ClassTable kAlarmDataClass{1, 0, kAlarmAttributes, {}};
constexpr ClassTable kErrorDataClass{1, 0, kErrorAttributes, {}};

}  // namespace ferraris::meter
