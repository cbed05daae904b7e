// Class 5, Demand register, and class 3, Register, of its last average (IEC 62056-6-2). All demand registers share
// their periods: what is written to one counts for all.
#include <array>

#include "meter/objects/classes.hpp"
#include "meter/objects/local_date_time.hpp"
#include "meter/objects/quantities.hpp"

namespace ferraris::meter {
namespace {

using dlms::ActionResult;
using dlms::DataAccessResult;

constexpr std::int8_t kMilli = -3;

std::size_t channel_of(const Context& context) { return context.row.address; }

void write_current_average(const Context& context, dlms::DataWriter& data) {
    const Instrument& meter = context.meter;
    data.double_long_unsigned(meter.demand.current_average(channel_of(context), meter.registers));
}

void write_last_average(const Context& context, dlms::DataWriter& data) {
    data.double_long_unsigned(context.meter.demand.last_average(channel_of(context)));
}

void write_scaler_unit(const Context& context, dlms::DataWriter& data) {
    data.scaler_unit(kMilli, power_unit(kDemandChannels[channel_of(context)].energies));
}

void write_status(const Context& context, dlms::DataWriter& data) {
    data.unsigned_(context.meter.demand.last_status());
}

void write_capture_time(const Context& context, dlms::DataWriter& data) {
    write_stamp(data, context.meter.clock, context.meter.demand.last_stamp(), context.meter.demand.last_status());
}

void write_start_time(const Context& context, dlms::DataWriter& data) {
    const Instrument& meter = context.meter;
    const std::uint32_t start = meter.demand.start_of_current();
    write_stamp(data, meter.clock, start, meter.profile_status(start));
}

void write_period(const Context& context, dlms::DataWriter& data) {
    data.double_long_unsigned(context.meter.demand.periods().period_s);
}

void write_number_of_periods(const Context& context, dlms::DataWriter& data) {
    data.long_unsigned(context.meter.demand.periods().count);
}

DataAccessResult take_periods(Instrument& meter, const DemandPeriods& periods) {
    if (!periods.possible()) return DataAccessResult::other_reason;
    if (periods == meter.demand.periods()) return DataAccessResult::success;
    return meter.store_demand_periods(periods) ? DataAccessResult::success : DataAccessResult::hardware_fault;
}

DataAccessResult take_period(const Context& context, ByteView value) {
    dlms::DataReader in(value);
    DemandPeriods periods = context.meter.demand.periods();
    periods.period_s = in.double_long_unsigned();
    return in.finished() ? take_periods(context.meter, periods) : DataAccessResult::type_unmatched;
}

DataAccessResult take_number_of_periods(const Context& context, ByteView value) {
    dlms::DataReader in(value);
    DemandPeriods periods = context.meter.demand.periods();
    periods.count = in.long_unsigned();
    return in.finished() ? take_periods(context.meter, periods) : DataAccessResult::type_unmatched;
}

template <bool forget>
ActionResult cut(const Context& context, ByteView parameters, ByteWriter&) {
    dlms::DataReader in(parameters);
    (void)in.integer();
    if (!in.finished()) return ActionResult::type_unmatched;
    context.meter.cut_demand_period(forget);
    return ActionResult::success;
}

constexpr std::array<AttributeRow, 8> kDemandAttributes{{
    {write_current_average, nullptr, nullptr},
    {write_last_average, nullptr, nullptr},
    {write_scaler_unit, nullptr, nullptr},
    {write_status, nullptr, nullptr},
    {write_capture_time, nullptr, nullptr},
    {write_start_time, nullptr, nullptr},
    {write_period, nullptr, take_period},
    {write_number_of_periods, nullptr, take_number_of_periods},
}};
constexpr std::array<Invoke, 2> kDemandMethods{cut<true>, cut<false>};

constexpr std::array<AttributeRow, 2> kAverageAttributes{{
    {write_last_average, nullptr, nullptr},
    {write_scaler_unit, nullptr, nullptr},
}};

}  // namespace

constexpr ClassTable kDemandRegisterClass{5, 0, kDemandAttributes, kDemandMethods};
constexpr ClassTable kLastAverageClass{3, 0, kAverageAttributes, {}};

}  // namespace ferraris::meter
