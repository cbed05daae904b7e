// Class 11, Special days table, version 0 (IEC 62056-6-2).
#include <array>

#include "meter/objects/calendar_results.hpp"
#include "meter/objects/classes.hpp"
#include "meter/tariff/calendar_data.hpp"

namespace ferraris::meter {
namespace {

using dlms::ActionResult;
using dlms::DataAccessResult;

void write_entries(const Context& context, dlms::DataWriter& data) {
    write_special_days(context.meter.tariff.special_days(), data);
}

bool store(const Context& context, const SpecialDays& table) {
    if (!context.meter.tariff.store_special_days(table)) return false;
    context.meter.apply_tariff();
    return true;
}

DataAccessResult take_entries(const Context& context, ByteView value) {
    SpecialDays table;
    const CalendarFault fault = take_special_days(table, value);
    if (fault != CalendarFault::none) return access_result_of(fault);
    return store(context, table) ? DataAccessResult::success : DataAccessResult::hardware_fault;
}

ActionResult insert_entry(const Context& context, ByteView parameters, ByteWriter&) {
    dlms::DataReader in(parameters);
    SpecialDay entry;
    CalendarFault fault = take_special_day(entry, in);
    if (fault == CalendarFault::none && !in.finished()) fault = CalendarFault::wrong_type;
    SpecialDays table = context.meter.tariff.special_days();
    if (fault == CalendarFault::none) fault = insert(table, entry);
    if (fault != CalendarFault::none) return action_result_of(fault);
    return store(context, table) ? ActionResult::success : ActionResult::hardware_fault;
}

ActionResult delete_entry(const Context& context, ByteView parameters, ByteWriter&) {
    dlms::DataReader in(parameters);
    const std::uint16_t index = in.long_unsigned();
    if (!in.finished()) return ActionResult::type_unmatched;
    SpecialDays table = context.meter.tariff.special_days();
    if (!remove(table, index)) return ActionResult::object_undefined;
    return store(context, table) ? ActionResult::success : ActionResult::hardware_fault;
}

constexpr std::array<AttributeRow, 1> kAttributes{{{write_entries, nullptr, take_entries}}};
constexpr std::array<Invoke, 2> kMethods{insert_entry, delete_entry};

}  // namespace

constexpr ClassTable kSpecialDaysClass{11, 0, kAttributes, kMethods};

}  // namespace ferraris::meter
