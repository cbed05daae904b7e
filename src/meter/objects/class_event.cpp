// Class 1, Data, of the event logs: the newest event of each, and counters (IEC 62056-6-2; names of IEC 62056-6-1).
#include <array>

#include "meter/objects/classes.hpp"
#include "meter/objects/quantities.hpp"

namespace ferraris::meter {
namespace {

using dlms::DataTag;

struct EventDatumRow {
    std::int64_t (*value)(const Instrument&, std::uint8_t index);
    DataTag tag;
};

const EventRecord& last_of(const Instrument& meter, std::uint8_t log) {
    return meter.event_logs.last(static_cast<EventLog>(log));
}

// In the order of `EventDatum`.
constexpr std::array<EventDatumRow, 5> kRows{{
    {[](const Instrument& m, std::uint8_t log) -> std::int64_t { return last_of(m, log).code; }, DataTag::unsigned_},
    {[](const Instrument& m, std::uint8_t log) -> std::int64_t { return last_of(m, log).value; }, DataTag::double_long},
    {[](const Instrument& m, std::uint8_t log) -> std::int64_t { return last_of(m, log).duration_cs; },
     DataTag::double_long_unsigned},
    {[](const Instrument& m, std::uint8_t log) -> std::int64_t {
         return m.event_logs.count(static_cast<EventLog>(log));
     },
     DataTag::double_long_unsigned},
    {[](const Instrument& m, std::uint8_t code) -> std::int64_t {
         return m.event_logs.count(static_cast<Event>(code));
     },
     DataTag::double_long_unsigned},
}};

std::int64_t number(const Instrument& meter, std::uint16_t address) {
    return kRows[address >> 8U].value(meter, static_cast<std::uint8_t>(address));
}

DataTag number_type(std::uint16_t address) { return kRows[address >> 8U].tag; }

void write_number(const Context& context, dlms::DataWriter& data) {
    write_scalar(data, number_type(context.row.address), number(context.meter, context.row.address));
}

constexpr std::array<AttributeRow, 1> kAttributes{{{write_number, nullptr, nullptr}}};

}  // namespace

constexpr ClassTable kEventDataClass{1, 0, kAttributes, {}};

}  // namespace ferraris::meter
