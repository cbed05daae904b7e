// Class 1, Data, of the alarm register, its filter and its descriptor (IEC 62056-6-2; names of IEC 62056-6-1).
#include <array>

#include "meter/objects/classes.hpp"

namespace ferraris::meter {
namespace {

using dlms::DataAccessResult;

std::uint32_t Alarms::*member_of(std::uint16_t address) {
    constexpr std::array<std::uint32_t Alarms::*, 3> kMembers{&Alarms::active, &Alarms::filter, &Alarms::descriptor};
    return kMembers[address];
}

std::int64_t number(const Instrument& meter, std::uint16_t address) { return meter.alarms.*member_of(address); }

dlms::DataTag number_type(std::uint16_t) { return dlms::DataTag::double_long_unsigned; }

void write_bits(const Context& context, dlms::DataWriter& data) {
    data.double_long_unsigned(context.meter.alarms.*member_of(context.row.address));
}

/// The filter takes the alarms that there are. In register and descriptor bits can be cleared, never set.
DataAccessResult take_bits(const Context& context, ByteView value) {
    dlms::DataReader in(value);
    const std::uint32_t bits = in.double_long_unsigned();
    if (!in.finished()) return DataAccessResult::type_unmatched;
    Alarms changed = context.meter.alarms;
    std::uint32_t& target = changed.*member_of(context.row.address);
    const bool is_filter = context.row.address == static_cast<std::uint16_t>(AlarmData::filter);
    if (is_filter && (bits & ~kKnownAlarms) != 0) return DataAccessResult::other_reason;
    target = is_filter ? bits : target & bits;
    return context.meter.store_alarms(changed) ? DataAccessResult::success : DataAccessResult::hardware_fault;
}

constexpr std::array<AttributeRow, 1> kAttributes{{{write_bits, nullptr, take_bits}}};

}  // namespace

constexpr ClassTable kAlarmDataClass{1, 0, kAttributes, {}, number, number_type};

}  // namespace ferraris::meter
