// Class 1, Data: the setup of wireless M-Bus and its message counter, objects of this meter's own (IEC 62056-6-1
// leaves value group C from 128 on to the manufacturer; class 77 and 74 are for the masters of other meters).
#include <array>

#include "meter/objects/classes.hpp"

namespace ferraris::meter {
namespace {

using dlms::DataAccessResult;

void write_setup(const Context& context, dlms::DataWriter& data) {
    const WirelessSetup& setup = context.meter.wireless.setup();
    data.structure(3);
    data.enum_(static_cast<std::uint8_t>(setup.format));
    data.enum_(static_cast<std::uint8_t>(setup.security));
    data.long_unsigned(setup.interval_s);
}

DataAccessResult take_setup(const Context& context, ByteView value) {
    dlms::DataReader in(value);
    WirelessSetup setup;
    const std::size_t count = in.structure();
    setup.format = static_cast<RadioFormat>(in.enum_());
    setup.security = static_cast<mbus::Security>(in.enum_());
    setup.interval_s = in.long_unsigned();
    if (!in.finished() || count != 3) return DataAccessResult::type_unmatched;
    if (!setup.possible()) return DataAccessResult::other_reason;
    return context.meter.wireless.store_setup(context.meter.parameters, setup) ? DataAccessResult::success
                                                                               : DataAccessResult::hardware_fault;
}

void write_counter(const Context& context, dlms::DataWriter& data) {
    data.double_long_unsigned(static_cast<std::uint32_t>(context.meter.wireless.next_counter()));
}

constexpr std::array<AttributeRow, 1> kSetup{{{write_setup, nullptr, take_setup}}};
constexpr std::array<AttributeRow, 1> kCounter{{{write_counter, nullptr, nullptr}}};

}  // namespace

constexpr ClassTable kWirelessSetupClass{1, 0, kSetup, {}};
constexpr ClassTable kWirelessCounterClass{1, 0, kCounter, {}};

}  // namespace ferraris::meter
