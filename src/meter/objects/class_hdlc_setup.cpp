// Class 23, IEC HDLC setup, version 1 (IEC 62056-6-2): one for each port of the meter.
#include <array>

#include "meter/objects/classes.hpp"

namespace ferraris::meter {
namespace {

using dlms::DataAccessResult;

Port port_of(const Context& context) { return static_cast<Port>(context.row.address); }

const HdlcSetup& setup_of(const Context& context) { return context.meter.ports.hdlc_of(port_of(context)); }

/// Changes a copy, then stores it. `change(setup, in)` takes the value off `in`.
template <class Change>
DataAccessResult take(const Context& context, ByteView value, Change&& change) {
    dlms::DataReader in(value);
    HdlcSetup setup = setup_of(context);
    change(setup, in);
    if (!in.finished()) return DataAccessResult::type_unmatched;
    if (!setup.possible()) return DataAccessResult::other_reason;
    const bool stored = context.meter.ports.store_hdlc(context.meter.parameters, port_of(context), setup);
    return stored ? DataAccessResult::success : DataAccessResult::hardware_fault;
}

using Unsigned8 = std::uint8_t& (*)(HdlcSetup&);
using Unsigned16 = std::uint16_t& (*)(HdlcSetup&);

template <Unsigned8 Field>
constexpr AttributeRow kUnsigned{
    [](const Context& context, dlms::DataWriter& data) {
        HdlcSetup setup = setup_of(context);
        data.unsigned_(Field(setup));
    },
    nullptr,
    [](const Context& context, ByteView value) {
        return take(context, value, [](HdlcSetup& setup, dlms::DataReader& in) { Field(setup) = in.unsigned_(); });
    }};

template <Unsigned16 Field>
constexpr AttributeRow kLongUnsigned{
    [](const Context& context, dlms::DataWriter& data) {
        HdlcSetup setup = setup_of(context);
        data.long_unsigned(Field(setup));
    },
    nullptr,
    [](const Context& context, ByteView value) {
        return take(context, value, [](HdlcSetup& setup, dlms::DataReader& in) { Field(setup) = in.long_unsigned(); });
    }};

std::uint8_t& window_transmit(HdlcSetup& setup) { return setup.link.window_transmit; }
std::uint8_t& window_receive(HdlcSetup& setup) { return setup.link.window_receive; }
std::uint16_t& max_information_transmit(HdlcSetup& setup) { return setup.link.max_information_transmit; }
std::uint16_t& max_information_receive(HdlcSetup& setup) { return setup.link.max_information_receive; }
std::uint16_t& inter_octet_timeout(HdlcSetup& setup) { return setup.inter_octet_timeout_ms; }
std::uint16_t& inactivity_timeout(HdlcSetup& setup) { return setup.inactivity_timeout_s; }
std::uint16_t& device_address(HdlcSetup& setup) { return setup.device_address; }

void write_speed(const Context& context, dlms::DataWriter& data) { data.enum_(setup_of(context).comm_speed); }

DataAccessResult take_speed(const Context& context, ByteView value) {
    return take(context, value, [](HdlcSetup& setup, dlms::DataReader& in) { setup.comm_speed = in.enum_(); });
}

constexpr std::array<AttributeRow, 8> kAttributes{{
    {write_speed, nullptr, take_speed},
    kUnsigned<window_transmit>,
    kUnsigned<window_receive>,
    kLongUnsigned<max_information_transmit>,
    kLongUnsigned<max_information_receive>,
    kLongUnsigned<inter_octet_timeout>,
    kLongUnsigned<inactivity_timeout>,
    kLongUnsigned<device_address>,
}};

}  // namespace

constexpr ClassTable kHdlcSetupClass{23, 1, kAttributes, {}};

}  // namespace ferraris::meter
