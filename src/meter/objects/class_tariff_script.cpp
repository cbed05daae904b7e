// Class 9, Script table, version 0 (IEC 62056-6-2): what the calendar executes, and what a client may execute by hand
// until the calendar switches the next time. The scripts are fixed: one for each tariff, and two for relay 2.
#include <array>

#include "meter/objects/classes.hpp"
#include "meter/tariff/calendar_data.hpp"

namespace ferraris::meter {
namespace {

using dlms::ActionResult;

constexpr std::uint8_t kWriteAttribute = 1;
constexpr std::uint8_t kExecuteMethod = 2;
constexpr std::int8_t kActiveMask = 4;

SwitchTarget target_of(const Context& context) { return static_cast<SwitchTarget>(context.row.address); }

std::uint8_t script_count(SwitchTarget target) { return target == SwitchTarget::tariff ? kRateCount : kCloseRelay; }

/// Script n of the tariffs writes the name of mask n; those of the relay call its method n.
void write_action(SwitchTarget target, std::uint8_t script, dlms::DataWriter& data) {
    data.structure(5);
    if (target == SwitchTarget::tariff) {
        data.enum_(kWriteAttribute);
        data.long_unsigned(kRegisterActivationClass.class_id);
        data.octet_string(kRegisterActivation);
        data.integer(kActiveMask);
        data.octet_string(mask_name(script));
    } else {
        data.enum_(kExecuteMethod);
        data.long_unsigned(kRippleRelayClass.class_id);
        data.octet_string(kRippleRelay);
        data.integer(static_cast<std::int8_t>(script));
        data.integer(0);
    }
}

void write_scripts(const Context& context, dlms::DataWriter& data) {
    const SwitchTarget target = target_of(context);
    const std::uint8_t count = script_count(target);
    data.array(count);
    for (std::uint8_t script = 1; script <= count; ++script) {
        data.structure(2);
        data.long_unsigned(script);
        data.array(1);
        write_action(target, script, data);
    }
}

ActionResult execute(const Context& context, ByteView parameters, ByteWriter&) {
    dlms::DataReader in(parameters);
    const std::uint16_t script = in.long_unsigned();
    if (!in.finished()) return ActionResult::type_unmatched;
    const SwitchTarget target = target_of(context);
    if (script < 1 || script > script_count(target)) return ActionResult::object_undefined;
    const bool done = context.meter.select_script(target, static_cast<std::uint8_t>(script));
    return done ? ActionResult::success : ActionResult::hardware_fault;
}

constexpr std::array<AttributeRow, 1> kAttributes{{{write_scripts, nullptr, nullptr}}};
constexpr std::array<Invoke, 1> kMethods{execute};

}  // namespace

constexpr ClassTable kTariffScriptClass{9, 0, kAttributes, kMethods};

}  // namespace ferraris::meter
