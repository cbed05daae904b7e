// What ends a billing period: class 9, Script table, class 22, Single action schedule; and when it last did: class 1,
// Data, and class 3, Register (IEC 62056-6-2).
#include <array>

#include "meter/objects/billing_period.hpp"
#include "meter/objects/classes.hpp"
#include "meter/objects/local_date_time.hpp"
#include "meter/schedule/execution_times.hpp"

namespace ferraris::meter {
namespace {

using dlms::ActionResult;
using dlms::DataAccessResult;

constexpr dlms::LogicalName kScriptTable = dlms::obis(0, 0, 10, 0, 1);
/// The one script: end of the billing period.
constexpr std::uint16_t kScript = 1;
/// Entries whose times and dates may differ and may have wild cards.
constexpr std::uint8_t kScheduleOfAnyTimes = 5;
constexpr std::uint8_t kExecute = 2;

void write_scripts(const Context&, dlms::DataWriter& data) {
    data.array(1);
    data.structure(2);
    data.long_unsigned(kScript);
    data.array(1);
    data.structure(5);
    data.enum_(kExecute);
    data.long_unsigned(kBillingScriptClass.class_id);
    data.octet_string(kScriptTable);
    data.integer(1);
    data.long_unsigned(kScript);
}

ActionResult execute(const Context& context, ByteView parameters, ByteWriter&) {
    dlms::DataReader in(parameters);
    const std::uint16_t script = in.long_unsigned();
    if (!in.finished()) return ActionResult::type_unmatched;
    if (script != kScript) return ActionResult::object_undefined;
    if (context.meter.billing.is_locked(context.meter.clock.board())) return ActionResult::temporary_failure;
    const bool ended = context.meter.end_billing_period();
    return ended ? ActionResult::success : ActionResult::hardware_fault;
}

void write_executed_script(const Context&, dlms::DataWriter& data) {
    data.structure(2);
    data.octet_string(kScriptTable);
    data.long_unsigned(kScript);
}

void write_schedule_type(const Context&, dlms::DataWriter& data) { data.enum_(kScheduleOfAnyTimes); }

void write_execution_time(const Context& context, dlms::DataWriter& data) {
    Billing::Schedule buffer;
    data.out().put(Billing::schedule(context.meter.parameters, buffer));
}

DataAccessResult take_execution_times(const Context& context, ByteView value) {
    const DataAccessResult checked =
        check_execution_times(value, Billing::kMaxScheduleEntries, std::tuple_size_v<Billing::Schedule>);
    if (checked != DataAccessResult::success) return checked;
    Instrument& meter = context.meter;
    const bool stored = meter.billing.store_schedule(meter.parameters, value, meter.clock);
    return stored ? DataAccessResult::success : DataAccessResult::hardware_fault;
}

void write_last_time(const Context& context, dlms::DataWriter& data) {
    if (const auto record = ended_period(context)) {
        return write_stamp(data, context.meter.clock, record->stamp, record->status);
    }
    write_stamp(data, context.meter.clock, context.meter.billing.last_stamp(), 0);
}

void write_lockout(const Context& context, dlms::DataWriter& data) {
    data.double_long_unsigned(context.meter.billing.lockout_s());
}

void write_seconds_unit(const Context&, dlms::DataWriter& data) { data.scaler_unit(0, dlms::Unit::second); }

DataAccessResult take_lockout(const Context& context, ByteView value) {
    dlms::DataReader in(value);
    const std::uint32_t seconds = in.double_long_unsigned();
    if (!in.finished()) return DataAccessResult::type_unmatched;
    if (seconds > Billing::kMostLockout_s) return DataAccessResult::other_reason;
    Instrument& meter = context.meter;
    const bool stored = meter.billing.store_lockout(meter.parameters, seconds);
    return stored ? DataAccessResult::success : DataAccessResult::hardware_fault;
}

constexpr std::array<AttributeRow, 1> kScriptAttributes{{{write_scripts, nullptr, nullptr}}};
constexpr std::array<Invoke, 1> kScriptMethods{execute};
constexpr std::array<AttributeRow, 3> kScheduleAttributes{{
    {write_executed_script, nullptr, nullptr},
    {write_schedule_type, nullptr, nullptr},
    {write_execution_time, nullptr, take_execution_times},
}};
constexpr std::array<AttributeRow, 1> kTimeAttributes{{{write_last_time, nullptr, nullptr}}};
constexpr std::array<AttributeRow, 2> kLockoutAttributes{{
    {write_lockout, nullptr, take_lockout},
    {write_seconds_unit, nullptr, nullptr},
}};

}  // namespace

constexpr ClassTable kBillingScriptClass{9, 0, kScriptAttributes, kScriptMethods};
constexpr ClassTable kBillingScheduleClass{22, 0, kScheduleAttributes, {}};
constexpr ClassTable kBillingTimeClass{1, 0, kTimeAttributes, {}, true};
constexpr ClassTable kBillingLockoutClass{3, 0, kLockoutAttributes, {}};

}  // namespace ferraris::meter
