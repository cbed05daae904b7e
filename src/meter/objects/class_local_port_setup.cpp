// Class 19, IEC local port setup, version 1 (IEC 62056-6-2): one for each port that speaks IEC 62056-21. Passwords are
// written and never read.
#include <array>

#include "meter/objects/classes.hpp"

namespace ferraris::meter {
namespace {

using dlms::DataAccessResult;

Port port_of(const Context& context) { return static_cast<Port>(context.row.address); }

const LocalPortSetup& setup_of(const Context& context) { return context.meter.ports.local_of(port_of(context)); }

/// Changes a copy, then stores it. `change(setup, in)` takes the value off `in`, and says whether there is room for it.
template <class Change>
DataAccessResult take(const Context& context, ByteView value, Change&& change) {
    dlms::DataReader in(value);
    LocalPortSetup setup = setup_of(context);
    const bool fits = change(setup, in);
    if (!in.finished()) return DataAccessResult::type_unmatched;
    if (!fits || !setup.possible()) return DataAccessResult::other_reason;
    const bool stored = context.meter.ports.store_local(context.meter.parameters, port_of(context), setup);
    return stored ? DataAccessResult::success : DataAccessResult::hardware_fault;
}

void write_mode(const Context& context, dlms::DataWriter& data) {
    data.enum_(static_cast<std::uint8_t>(setup_of(context).default_mode));
}

DataAccessResult take_mode(const Context& context, ByteView value) {
    return take(context, value, [](LocalPortSetup& setup, dlms::DataReader& in) {
        setup.default_mode = static_cast<LocalPortMode>(in.enum_());
        return true;
    });
}

template <std::uint8_t LocalPortSetup::*Speed>
constexpr AttributeRow kSpeed{
    [](const Context& context, dlms::DataWriter& data) { data.enum_(setup_of(context).*Speed); }, nullptr,
    [](const Context& context, ByteView value) {
        return take(context, value, [](LocalPortSetup& setup, dlms::DataReader& in) {
            setup.*Speed = in.enum_();
            return true;
        });
    }};

/// 0 for 20 ms, 1 for 200 ms.
void write_response_time(const Context& context, dlms::DataWriter& data) {
    data.enum_(setup_of(context).fast_response ? 0 : 1);
}

DataAccessResult take_response_time(const Context& context, ByteView value) {
    return take(context, value, [](LocalPortSetup& setup, dlms::DataReader& in) {
        const std::uint8_t time = in.enum_();
        setup.fast_response = time == 0;
        return time <= 1;
    });
}

void write_device_address(const Context& context, dlms::DataWriter& data) {
    data.octet_string(setup_of(context).device_address.view());
}

DataAccessResult take_device_address(const Context& context, ByteView value) {
    return take(context, value, [](LocalPortSetup& setup, dlms::DataReader& in) {
        return setup.device_address.assign(in.octet_string());
    });
}

template <LocalPassword Password>
DataAccessResult take_password(const Context& context, ByteView value) {
    return take(context, value, [](LocalPortSetup& setup, dlms::DataReader& in) {
        return setup.passwords[static_cast<std::size_t>(Password)].emplace().assign(in.octet_string());
    });
}

constexpr std::array<AttributeRow, 8> kAttributes{{
    {write_mode, nullptr, take_mode},
    kSpeed<&LocalPortSetup::default_baud>,
    kSpeed<&LocalPortSetup::proposed_baud>,
    {write_response_time, nullptr, take_response_time},
    {write_device_address, nullptr, take_device_address},
    {nullptr, nullptr, take_password<LocalPassword::p1>},
    {nullptr, nullptr, take_password<LocalPassword::p2>},
    {nullptr, nullptr, take_password<LocalPassword::w5>},
}};

}  // namespace

constexpr ClassTable kLocalPortSetupClass{19, 1, kAttributes, {}};

}  // namespace ferraris::meter
