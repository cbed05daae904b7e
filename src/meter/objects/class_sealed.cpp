// Class 3, Register, of the sealed pulse constant, and class 1, Data, of the audit trail (IEC 62056-6-2).
#include <algorithm>
#include <array>

#include "meter/objects/classes.hpp"

namespace ferraris::meter {
namespace {

using dlms::DataAccessResult;

constexpr std::array<std::uint32_t, 2> kPulseConstants{1000, 10'000};

void write_pulse_constant(const Context& context, dlms::DataWriter& data) {
    data.double_long_unsigned(context.meter.impulses_per_kilowatthour);
}

void write_pulse_unit(const Context&, dlms::DataWriter& data) {
    data.scaler_unit(-3, dlms::Unit::impulses_per_watt_hour);
}

DataAccessResult take_pulse_constant(const Context& context, ByteView value) {
    dlms::DataReader in(value);
    const std::uint32_t constant = in.double_long_unsigned();
    if (!in.finished()) return DataAccessResult::type_unmatched;
    if (std::ranges::find(kPulseConstants, constant) == kPulseConstants.end()) return DataAccessResult::other_reason;
    const auto client = static_cast<std::uint8_t>(context.caller.association.client_sap);
    return context.meter.seal_pulse_constant(static_cast<std::uint16_t>(constant), client)
               ? DataAccessResult::success
               : DataAccessResult::read_write_denied;
}

/// An array of sequence, time, client, logical name, attribute, old value, new value, chain.
dlms::ReadOutcome stream_trail(const Context& context, const dlms::Selection* selection, dlms::ReadCursor& cursor,
                               ByteWriter& out) {
    if (selection != nullptr) return dlms::ReadOutcome::failed(DataAccessResult::type_unmatched);
    const AuditTrail& trail = context.meter.audit_trail;
    if (cursor.at_start()) {
        cursor.first = trail.count();
        cursor.count = trail.places();
    }
    return write_elements(cursor, cursor.count + 1, out, [&](std::uint32_t index, dlms::DataWriter& data) {
        if (index == 0) return data.array(cursor.first);
        const auto entry = trail.read(index - 1);
        if (!entry) return;
        const LocalTimeRule& rule = context.meter.clock.rule;
        const UtcTime time = UtcTime::from_seconds(entry->change.time);
        const bool summer = rule.daylight_saving_active(time);
        data.structure(8);
        data.double_long_unsigned(entry->sequence);
        data.octet_string(
            dlms::encode(rule.date_time(time, summer ? dlms::clock_status::kDaylightSavingActive : std::uint8_t{0})));
        data.unsigned_(entry->change.client_sap);
        data.octet_string(entry->change.parameter.instance);
        data.integer(entry->change.parameter.attribute);
        data.long64_unsigned(entry->change.before);
        data.long64_unsigned(entry->change.after);
        data.octet_string(entry->chain);
    });
}

std::int64_t free_places(const Instrument& meter, std::uint16_t) {
    return meter.audit_trail.is_intact() ? meter.audit_trail.free() : 0;
}

void write_free_places(const Context& context, dlms::DataWriter& data) {
    data.double_long_unsigned(static_cast<std::uint32_t>(free_places(context.meter, 0)));
}

constexpr std::array<AttributeRow, 2> kPulseAttributes{{
    {write_pulse_constant, nullptr, take_pulse_constant},
    {write_pulse_unit, nullptr, nullptr},
}};
constexpr std::array<AttributeRow, 1> kTrailAttributes{{{nullptr, stream_trail, nullptr}}};
constexpr std::array<AttributeRow, 1> kFreeAttributes{{{write_free_places, nullptr, nullptr}}};

}  // namespace

constexpr ClassTable kPulseConstantClass{3, 0, kPulseAttributes, {}};
constexpr ClassTable kAuditTrailClass{1, 0, kTrailAttributes, {}};
constexpr ClassTable kAuditPlacesClass{1, 0, kFreeAttributes, {}};

}  // namespace ferraris::meter
