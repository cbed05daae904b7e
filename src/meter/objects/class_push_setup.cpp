// Class 40, Push setup, version 2, and what starts a scheduled push: class 22, Single action schedule, and class 9,
// Script table (IEC 62056-6-2).
#include <array>

#include "meter/objects/classes.hpp"
#include "meter/push/push_setup.hpp"

namespace ferraris::meter {
namespace {

using dlms::ActionResult;
using dlms::DataAccessResult;

/// Entries whose times and dates may differ and may have wild cards.
constexpr std::uint8_t kScheduleOfAnyTimes = 5;
constexpr std::uint8_t kExecute = 2;

PushCause cause_of(const Context& context) { return static_cast<PushCause>(context.row.address); }

template <int attribute>
void write_setting(const Context& context, dlms::DataWriter& data) {
    PushAttribute buffer;
    data.out().put(read_push_attribute(context.meter.parameters, cause_of(context), attribute, buffer));
}

void write_last_confirmation(const Context& context, dlms::DataWriter& data) {
    const std::int64_t last = context.meter.push.last_confirmation_s(cause_of(context));
    const UtcTime utc = UtcTime::from_seconds(last);
    const LocalTimeRule& rule = context.meter.clock.rule;
    const auto status = rule.daylight_saving_active(utc) ? dlms::clock_status::kDaylightSavingActive : std::uint8_t{0};
    data.out().u8(static_cast<std::uint8_t>(dlms::DataTag::date_time));
    data.out().put(dlms::encode(last == 0 ? dlms::DateTime{} : rule.date_time(utc, status)));
}

DataAccessResult result_of(PushValue value) {
    switch (value) {
        case PushValue::good:
            return DataAccessResult::success;
        case PushValue::wrong_type:
            return DataAccessResult::type_unmatched;
        case PushValue::impossible:
            break;
    }
    return DataAccessResult::other_reason;
}

template <int attribute>
DataAccessResult take_setting(const Context& context, ByteView value) {
    const PushValue verdict = check_push_attribute(attribute, value);
    if (verdict != PushValue::good) return result_of(verdict);
    if (attribute == kFirstPushAttribute && !attributes_exist(value, Columns::listed))
        return DataAccessResult::object_undefined;
    Instrument& meter = context.meter;
    if (!write_push_attribute(meter.parameters, cause_of(context), attribute, value)) {
        return DataAccessResult::hardware_fault;
    }
    meter.push.refresh(meter.parameters, meter.clock);
    return DataAccessResult::success;
}

bool is_integer(ByteView parameters) {
    dlms::DataReader in(parameters);
    (void)in.integer();
    return in.finished();
}

ActionResult push(const Context& context, ByteView parameters, ByteWriter&) {
    if (!is_integer(parameters)) return ActionResult::type_unmatched;
    return context.meter.push.trigger(cause_of(context)) ? ActionResult::success : ActionResult::other_reason;
}

ActionResult reset(const Context& context, ByteView parameters, ByteWriter&) {
    if (!is_integer(parameters)) return ActionResult::type_unmatched;
    context.meter.push.reset(cause_of(context));
    return ActionResult::success;
}

constexpr std::array<AttributeRow, 12> kSetupAttributes{{
    {write_setting<2>, nullptr, take_setting<2>},
    {write_setting<3>, nullptr, take_setting<3>},
    {write_setting<4>, nullptr, take_setting<4>},
    {write_setting<5>, nullptr, take_setting<5>},
    {write_setting<6>, nullptr, take_setting<6>},
    {write_setting<7>, nullptr, take_setting<7>},
    {write_setting<8>, nullptr, take_setting<8>},
    {write_setting<9>, nullptr, take_setting<9>},
    {write_setting<10>, nullptr, take_setting<10>},
    {write_setting<11>, nullptr, take_setting<11>},
    {write_setting<12>, nullptr, take_setting<12>},
    {write_last_confirmation, nullptr, nullptr},
}};
constexpr std::array<Invoke, 2> kSetupMethods{push, reset};

void write_executed_script(const Context&, dlms::DataWriter& data) {
    data.structure(2);
    data.octet_string(kPushScriptTable);
    data.long_unsigned(kPushSetups[static_cast<std::size_t>(PushCause::schedule)].script);
}

void write_schedule_type(const Context&, dlms::DataWriter& data) { data.enum_(kScheduleOfAnyTimes); }

void write_execution_time(const Context& context, dlms::DataWriter& data) {
    PushAttribute buffer;
    data.out().put(read_push_schedule(context.meter.parameters, buffer));
}

DataAccessResult take_execution_time(const Context& context, ByteView value) {
    const PushValue verdict = check_push_schedule(value);
    if (verdict != PushValue::good) return result_of(verdict);
    Instrument& meter = context.meter;
    if (!write_push_schedule(meter.parameters, value)) return DataAccessResult::hardware_fault;
    meter.push.refresh(meter.parameters, meter.clock);
    return DataAccessResult::success;
}

constexpr std::array<AttributeRow, 3> kScheduleAttributes{{
    {write_executed_script, nullptr, nullptr},
    {write_schedule_type, nullptr, nullptr},
    {write_execution_time, nullptr, take_execution_time},
}};

void write_scripts(const Context&, dlms::DataWriter& data) {
    data.array(kPushSetups.size());
    for (const PushSetupRow& setup : kPushSetups) {
        data.structure(2);
        data.long_unsigned(setup.script);
        data.array(1);
        data.structure(5);
        data.enum_(kExecute);
        data.long_unsigned(kPushSetupClass.class_id);
        data.octet_string(setup.name);
        data.integer(1);
        data.integer(0);
    }
}

ActionResult execute(const Context& context, ByteView parameters, ByteWriter&) {
    dlms::DataReader in(parameters);
    const std::uint16_t script = in.long_unsigned();
    if (!in.finished()) return ActionResult::type_unmatched;
    for (std::size_t i = 0; i < kPushSetups.size(); ++i) {
        if (kPushSetups[i].script != script) continue;
        const bool triggered = context.meter.push.trigger(static_cast<PushCause>(i));
        return triggered ? ActionResult::success : ActionResult::other_reason;
    }
    return ActionResult::object_undefined;
}

constexpr std::array<AttributeRow, 1> kScriptAttributes{{{write_scripts, nullptr, nullptr}}};
constexpr std::array<Invoke, 1> kScriptMethods{execute};

}  // namespace

constexpr ClassTable kPushSetupClass{40, 2, kSetupAttributes, kSetupMethods};
constexpr ClassTable kPushScheduleClass{22, 0, kScheduleAttributes, {}};
constexpr ClassTable kPushScriptClass{9, 0, kScriptAttributes, kScriptMethods};

}  // namespace ferraris::meter
