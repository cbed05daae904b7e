// Class 1, Data (IEC 62056-6-2): the devices on RS485 behind the meter, as an array of device type (EN 13757-3) and
// HDLC address; and which of them answered when they were asked last, a bit each.
#include <array>

#include "meter/objects/classes.hpp"

namespace ferraris::meter {
namespace {

using dlms::DataAccessResult;

void write_list(const Context& context, dlms::DataWriter& data) {
    const SubMeterList& list = context.meter.sub_meters.list();
    data.array(list.size());
    for (const DeviceBehind& one : list) {
        data.structure(2);
        data.enum_(static_cast<std::uint8_t>(one.kind));
        data.long_unsigned(one.address);
    }
}

DataAccessResult take_list(const Context& context, ByteView value) {
    dlms::DataReader in(value);
    SubMeterList list;
    const std::size_t count = in.array();
    if (in.ok() && count > list.capacity()) return DataAccessResult::other_reason;
    for (std::size_t i = 0; i < count && in.ok(); ++i) {
        if (in.structure() != 2) return DataAccessResult::type_unmatched;
        const auto kind = static_cast<SubMeterKind>(in.enum_());
        (void)list.push_back({kind, in.long_unsigned()});
    }
    if (!in.finished()) return DataAccessResult::type_unmatched;
    if (!SubMeters::possible(list)) return DataAccessResult::other_reason;
    Instrument& meter = context.meter;
    return meter.sub_meters.store(meter.parameters, list) ? DataAccessResult::success
                                                          : DataAccessResult::hardware_fault;
}

void write_answering(const Context& context, dlms::DataWriter& data) {
    data.unsigned_(context.meter.sub_meters.answering());
}

constexpr std::array<AttributeRow, 1> kListAttributes{{{write_list, nullptr, take_list}}};
constexpr std::array<AttributeRow, 1> kAnsweringAttributes{{{write_answering, nullptr, nullptr}}};

}  // namespace

constexpr ClassTable kSubMetersClass{1, 0, kListAttributes, {}};
constexpr ClassTable kSubMetersHeardClass{1, 0, kAnsweringAttributes, {}};

}  // namespace ferraris::meter
