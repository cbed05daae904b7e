// Class 70, Disconnect control, version 1 (IEC 62056-6-2), of the supply (relay 1); and class 1, Data, which says
// whether the button at the meter counts.
#include <array>

#include "meter/objects/classes.hpp"

namespace ferraris::meter {
namespace {

using dlms::ActionResult;
using dlms::DataAccessResult;

void write_output(const Context& context, dlms::DataWriter& data) { data.boolean(context.meter.supply_is_on()); }

void write_state(const Context& context, dlms::DataWriter& data) {
    data.enum_(static_cast<std::uint8_t>(context.meter.disconnector.state()));
}

void write_mode(const Context& context, dlms::DataWriter& data) { data.enum_(context.meter.disconnector.mode()); }

DataAccessResult take_mode(const Context& context, ByteView value) {
    dlms::DataReader in(value);
    const std::uint8_t mode = in.enum_();
    if (!in.finished()) return DataAccessResult::type_unmatched;
    if (mode > kMostControlMode) return DataAccessResult::other_reason;
    return context.meter.store_control_mode(mode) ? DataAccessResult::success : DataAccessResult::hardware_fault;
}

/// Where the supply stands already as the command would have it, the command has succeeded.
bool is_as_commanded(ControlState state, ControlCommand command) {
    return (state == ControlState::disconnected) == (command == ControlCommand::remote_disconnect);
}

template <ControlCommand command>
ActionResult operate(const Context& context, ByteView parameters, ByteWriter&) {
    dlms::DataReader in(parameters);
    (void)in.integer();
    if (!in.finished()) return ActionResult::type_unmatched;
    switch (context.meter.operate(command)) {
        case Operation::done:
            return ActionResult::success;
        case Operation::nothing:
            return is_as_commanded(context.meter.disconnector.state(), command) ? ActionResult::success
                                                                                : ActionResult::other_reason;
        case Operation::not_stored:
        case Operation::not_driven:
            break;
    }
    return ActionResult::hardware_fault;
}

void write_button(const Context& context, dlms::DataWriter& data) {
    data.boolean(context.meter.disconnector.button_enabled());
}

DataAccessResult take_button(const Context& context, ByteView value) {
    dlms::DataReader in(value);
    const bool enabled = in.boolean();
    if (!in.finished()) return DataAccessResult::type_unmatched;
    Instrument& meter = context.meter;
    const bool stored = meter.disconnector.enable_button(meter.parameters, enabled);
    return stored ? DataAccessResult::success : DataAccessResult::hardware_fault;
}

constexpr std::array<AttributeRow, 3> kControlAttributes{{
    {write_output, nullptr, nullptr},
    {write_state, nullptr, nullptr},
    {write_mode, nullptr, take_mode},
}};
constexpr std::array<Invoke, 2> kControlMethods{operate<ControlCommand::remote_disconnect>,
                                                operate<ControlCommand::remote_reconnect>};
constexpr std::array<AttributeRow, 1> kButtonAttributes{{{write_button, nullptr, take_button}}};

}  // namespace

constexpr ClassTable kDisconnectControlClass{70, 1, kControlAttributes, kControlMethods};
constexpr ClassTable kRelayButtonClass{1, 0, kButtonAttributes, {}};

}  // namespace ferraris::meter
