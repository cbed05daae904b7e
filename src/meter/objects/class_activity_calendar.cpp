// Class 20, Activity calendar, version 0 (IEC 62056-6-2).
#include <array>

#include "meter/objects/calendar_results.hpp"
#include "meter/objects/classes.hpp"
#include "meter/tariff/calendar_data.hpp"

namespace ferraris::meter {
namespace {

using dlms::ActionResult;
using dlms::DataAccessResult;

template <CalendarPart part>
void write_active(const Context& context, dlms::DataWriter& data) {
    write_part(context.meter.tariff.active(), part, data);
}

template <CalendarPart part>
void write_passive(const Context& context, dlms::DataWriter& data) {
    write_part(context.meter.tariff.passive(), part, data);
}

template <CalendarPart part>
DataAccessResult take_passive(const Context& context, ByteView value) {
    CalendarSet set = context.meter.tariff.passive();
    const CalendarFault fault = take_part(set, part, value);
    if (fault != CalendarFault::none) return access_result_of(fault);
    const bool stored = context.meter.tariff.store_passive(set);
    return stored ? DataAccessResult::success : DataAccessResult::hardware_fault;
}

void write_activation_time(const Context& context, dlms::DataWriter& data) {
    data.octet_string(dlms::encode(context.meter.tariff.activation_time()));
}

/// All of it or nothing: a time with some wild cards is none (IEC 62056-6-2, attribute 10).
bool is_activation_time(const dlms::DateTime& time, const LocalTimeRule& rule) {
    const bool never = time.date == dlms::Date{} && time.time == dlms::Time{};
    return never || rule.utc(time).has_value();
}

DataAccessResult take_activation_time(const Context& context, ByteView value) {
    dlms::DataReader in(value);
    const auto element = in.any();
    const bool is_time = element && in.finished() &&
                         (element->tag == dlms::DataTag::octet_string || element->tag == dlms::DataTag::date_time);
    if (!is_time) return DataAccessResult::type_unmatched;
    const auto time = dlms::decode_date_time(element->content);
    Instrument& meter = context.meter;
    if (!time || !is_activation_time(*time, meter.clock.rule)) return DataAccessResult::other_reason;
    if (!meter.tariff.set_activation_time(meter.parameters, *time)) return DataAccessResult::hardware_fault;
    meter.apply_tariff();
    return DataAccessResult::success;
}

ActionResult activate_passive_calendar(const Context& context, ByteView parameters, ByteWriter&) {
    dlms::DataReader in(parameters);
    (void)in.integer();
    if (!in.finished()) return ActionResult::type_unmatched;
    switch (context.meter.tariff.activate()) {
        case Activation::inconsistent:
            return ActionResult::other_reason;
        case Activation::not_stored:
            return ActionResult::hardware_fault;
        case Activation::done:
            break;
    }
    context.meter.apply_tariff();
    return ActionResult::success;
}

constexpr std::array<AttributeRow, 9> kAttributes{{
    {write_active<CalendarPart::name>, nullptr, nullptr},
    {write_active<CalendarPart::seasons>, nullptr, nullptr},
    {write_active<CalendarPart::weeks>, nullptr, nullptr},
    {write_active<CalendarPart::days>, nullptr, nullptr},
    {write_passive<CalendarPart::name>, nullptr, take_passive<CalendarPart::name>},
    {write_passive<CalendarPart::seasons>, nullptr, take_passive<CalendarPart::seasons>},
    {write_passive<CalendarPart::weeks>, nullptr, take_passive<CalendarPart::weeks>},
    {write_passive<CalendarPart::days>, nullptr, take_passive<CalendarPart::days>},
    {write_activation_time, nullptr, take_activation_time},
}};
constexpr std::array<Invoke, 1> kMethods{activate_passive_calendar};

}  // namespace

constexpr ClassTable kActivityCalendarClass{20, 0, kAttributes, kMethods};

}  // namespace ferraris::meter
