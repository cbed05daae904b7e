// What commands relay 1 besides class 70: class 9, Script table, and class 22, Single action schedule (IEC 62056-6-2).
// Both are local commands, as those of the limiter are.
#include <array>

#include "meter/objects/classes.hpp"
#include "meter/schedule/execution_times.hpp"

namespace ferraris::meter {
namespace {

using dlms::ActionResult;
using dlms::DataAccessResult;

constexpr std::uint8_t kExecuteMethod = 2;
/// Entries whose times and dates may differ and may have wild cards.
constexpr std::uint8_t kScheduleOfAnyTimes = 5;

/// Script n calls method n of disconnect control.
void write_scripts(const Context&, dlms::DataWriter& data) {
    data.array(kCloseScript);
    for (std::uint8_t script = kOpenScript; script <= kCloseScript; ++script) {
        data.structure(2);
        data.long_unsigned(script);
        data.array(1);
        data.structure(5);
        data.enum_(kExecuteMethod);
        data.long_unsigned(kDisconnectControlClass.class_id);
        data.octet_string(kDisconnectControl);
        data.integer(static_cast<std::int8_t>(script));
        data.integer(0);
    }
}

ActionResult execute(const Context& context, ByteView parameters, ByteWriter&) {
    dlms::DataReader in(parameters);
    const std::uint16_t script = in.long_unsigned();
    if (!in.finished()) return ActionResult::type_unmatched;
    if (script != kOpenScript && script != kCloseScript) return ActionResult::object_undefined;
    Instrument& meter = context.meter;
    switch (meter.execute_supply_script(static_cast<std::uint8_t>(script))) {
        case Operation::done:
            return ActionResult::success;
        case Operation::nothing:
            return meter.disconnector.is_connected() == (script == kCloseScript) ? ActionResult::success
                                                                                 : ActionResult::other_reason;
        case Operation::not_stored:
        case Operation::not_driven:
            break;
    }
    return ActionResult::hardware_fault;
}

void write_executed_script(const Context& context, dlms::DataWriter& data) {
    data.structure(2);
    data.octet_string(kSupplyScriptTable);
    data.long_unsigned(context.meter.supply_schedule.script());
}

DataAccessResult take_executed_script(const Context& context, ByteView value) {
    dlms::DataReader in(value);
    if (in.structure() != 2) return DataAccessResult::type_unmatched;
    const dlms::LogicalName table = in.logical_name();
    const std::uint16_t script = in.long_unsigned();
    if (!in.finished()) return DataAccessResult::type_unmatched;
    if (table != kSupplyScriptTable || script < kOpenScript || script > kCloseScript) {
        return DataAccessResult::other_reason;
    }
    Instrument& meter = context.meter;
    const bool stored = meter.supply_schedule.store_script(meter.parameters, static_cast<std::uint8_t>(script));
    return stored ? DataAccessResult::success : DataAccessResult::hardware_fault;
}

void write_type(const Context&, dlms::DataWriter& data) { data.enum_(kScheduleOfAnyTimes); }

void write_times(const Context& context, dlms::DataWriter& data) {
    SupplySchedule::Times buffer;
    data.out().put(SupplySchedule::times(context.meter.parameters, buffer));
}

DataAccessResult take_times(const Context& context, ByteView value) {
    const DataAccessResult checked =
        check_execution_times(value, SupplySchedule::kMostEntries, std::tuple_size_v<SupplySchedule::Times>);
    if (checked != DataAccessResult::success) return checked;
    Instrument& meter = context.meter;
    const bool stored = meter.supply_schedule.store_times(meter.parameters, value, meter.clock);
    return stored ? DataAccessResult::success : DataAccessResult::hardware_fault;
}

constexpr std::array<AttributeRow, 1> kScriptAttributes{{{write_scripts, nullptr, nullptr}}};
constexpr std::array<Invoke, 1> kScriptMethods{execute};
constexpr std::array<AttributeRow, 3> kScheduleAttributes{{
    {write_executed_script, nullptr, take_executed_script},
    {write_type, nullptr, nullptr},
    {write_times, nullptr, take_times},
}};

}  // namespace

constexpr ClassTable kSupplyScriptClass{9, 0, kScriptAttributes, kScriptMethods};
constexpr ClassTable kSupplyScheduleClass{22, 0, kScheduleAttributes, {}};

}  // namespace ferraris::meter
