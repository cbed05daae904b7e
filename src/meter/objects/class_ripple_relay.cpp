// Class 70, Disconnect control, version 0 (IEC 62056-6-2), for relay 2 (ripple control). It follows the calendar; what
// a client does holds until the calendar switches it the next time.
#include <array>

#include "meter/objects/classes.hpp"
#include "meter/tariff/calendar.hpp"

namespace ferraris::meter {
namespace {

using dlms::ActionResult;

constexpr std::uint8_t kDisconnected = 0;
constexpr std::uint8_t kConnected = 1;
/// Remote commands open and close at once; nothing waits for a hand at the meter.
constexpr std::uint8_t kControlMode = 4;

void write_output(const Context& context, dlms::DataWriter& data) { data.boolean(context.meter.tariff.relay_closed()); }

void write_state(const Context& context, dlms::DataWriter& data) {
    data.enum_(context.meter.tariff.relay_closed() ? kConnected : kDisconnected);
}

void write_mode(const Context&, dlms::DataWriter& data) { data.enum_(kControlMode); }

template <std::uint8_t script>
ActionResult command(const Context& context, ByteView parameters, ByteWriter&) {
    dlms::DataReader in(parameters);
    (void)in.integer();
    if (!in.finished()) return ActionResult::type_unmatched;
    const bool done = context.meter.select_script(SwitchTarget::relay, script);
    return done ? ActionResult::success : ActionResult::hardware_fault;
}

constexpr std::array<AttributeRow, 3> kAttributes{{
    {write_output, nullptr, nullptr},
    {write_state, nullptr, nullptr},
    {write_mode, nullptr, nullptr},
}};
constexpr std::array<Invoke, 2> kMethods{command<kOpenRelay>, command<kCloseRelay>};

}  // namespace

constexpr ClassTable kRippleRelayClass{70, 0, kAttributes, kMethods};

}  // namespace ferraris::meter
