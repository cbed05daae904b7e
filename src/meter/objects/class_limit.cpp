// Class 3, Register, of limits: what the utility sets, and what came of it (IEC 62056-6-2; names of IEC 62056-6-1).
#include <array>
#include <limits>

#include "meter/objects/classes.hpp"
#include "meter/objects/quantities.hpp"

namespace ferraris::meter {
namespace {

using dlms::DataAccessResult;

LimitDatum datum_of(std::uint16_t address) { return static_cast<LimitDatum>(address >> 8U); }
std::size_t limit_of(std::uint16_t address) { return address & 0xFFU; }

std::int64_t number(const Instrument& meter, std::uint16_t address) {
    const std::size_t index = limit_of(address);
    const Limit& limit = meter.limits.limit(index);
    switch (datum_of(address)) {
        case LimitDatum::threshold:
            return limit.threshold;
        case LimitDatum::hysteresis:
            return limit.hysteresis;
        case LimitDatum::delay:
            return limit.delay_s;
        case LimitDatum::count:
            return meter.event_logs.count(kLimits[index].condition.began);
        case LimitDatum::duration:
            return meter.limits.last_duration_s(index);
        case LimitDatum::extreme:
            return meter.limits.last_extreme(index);
    }
    return 0;
}

void write_number(const Context& context, dlms::DataWriter& data) {
    data.double_long_unsigned(static_cast<std::uint32_t>(number(context.meter, context.row.address)));
}

void write_scaler_unit(const Context& context, dlms::DataWriter& data) {
    const LimitQuantity& quantity = *kLimits[limit_of(context.row.address)].quantity;
    switch (datum_of(context.row.address)) {
        case LimitDatum::delay:
        case LimitDatum::duration:
            return data.scaler_unit(0, dlms::Unit::second);
        case LimitDatum::count:
            return data.scaler_unit(0, dlms::Unit::count);
        default:
            return data.scaler_unit(quantity.scaler, quantity.unit);
    }
}

DataAccessResult take_number(const Context& context, ByteView value) {
    dlms::DataReader in(value);
    const std::uint32_t number = in.double_long_unsigned();
    if (!in.finished()) return DataAccessResult::type_unmatched;
    const std::size_t index = limit_of(context.row.address);
    Limit limit = context.meter.limits.limit(index);
    switch (datum_of(context.row.address)) {
        case LimitDatum::threshold:
            limit.threshold = number;
            break;
        case LimitDatum::hysteresis:
            limit.hysteresis = number;
            break;
        case LimitDatum::delay:
            if (number > kMostLimitDelay) return DataAccessResult::other_reason;
            limit.delay_s = static_cast<std::uint16_t>(number);
            break;
        default:
            return DataAccessResult::read_write_denied;
    }
    return context.meter.store_limit(index, limit) ? DataAccessResult::success : DataAccessResult::hardware_fault;
}

constexpr std::array<AttributeRow, 2> kAttributes{{
    {write_number, nullptr, take_number},
    {write_scaler_unit, nullptr, nullptr},
}};

}  // namespace

constexpr ClassTable kLimitClass{3, 0, kAttributes, {}};

}  // namespace ferraris::meter
