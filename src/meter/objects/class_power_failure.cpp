// Class 1, Data, and class 3, Register, of long losses of power (IEC 62056-6-2).
#include <array>

#include "meter/objects/classes.hpp"

namespace ferraris::meter {
namespace {

using dlms::DataAccessResult;

std::int64_t duration(const Instrument& meter, std::uint16_t address) {
    const PowerFailures& failures = meter.power_failures;
    return static_cast<PowerFailureTime>(address) == PowerFailureTime::last ? failures.last_s()
                                                                            : failures.threshold_s();
}

void write_count(const Context& context, dlms::DataWriter& data) {
    data.double_long_unsigned(context.meter.power_failures.count());
}

void write_duration(const Context& context, dlms::DataWriter& data) {
    data.double_long_unsigned(static_cast<std::uint32_t>(duration(context.meter, context.row.address)));
}

void write_unit(const Context&, dlms::DataWriter& data) { data.scaler_unit(0, dlms::Unit::second); }

DataAccessResult take_threshold(const Context& context, ByteView value) {
    if (static_cast<PowerFailureTime>(context.row.address) != PowerFailureTime::threshold) {
        return DataAccessResult::read_write_denied;
    }
    dlms::DataReader in(value);
    const std::uint32_t seconds = in.double_long_unsigned();
    if (!in.finished()) return DataAccessResult::type_unmatched;
    if (seconds == 0 || seconds > PowerFailures::kMostThreshold_s) return DataAccessResult::other_reason;
    Instrument& meter = context.meter;
    return meter.power_failures.store_threshold(meter.parameters, seconds) ? DataAccessResult::success
                                                                           : DataAccessResult::hardware_fault;
}

constexpr std::array<AttributeRow, 1> kCountAttributes{{{write_count, nullptr, nullptr}}};
constexpr std::array<AttributeRow, 2> kTimeAttributes{{
    {write_duration, nullptr, take_threshold},
    {write_unit, nullptr, nullptr},
}};

}  // namespace

constexpr ClassTable kPowerFailureCountClass{1, 0, kCountAttributes, {}};
constexpr ClassTable kPowerFailureTimeClass{3, 0, kTimeAttributes, {}};

}  // namespace ferraris::meter
