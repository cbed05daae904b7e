// Class 8, Clock (IEC 62056-6-2).
#include <array>

#include "meter/objects/classes.hpp"

namespace ferraris::meter {
namespace {

using dlms::ActionResult;
using dlms::DataAccessResult;

constexpr std::uint8_t kCrystal = 1;
constexpr std::int64_t kMillisecondsPerMinute = 60'000;
constexpr std::int16_t kMostShiftSeconds = 900;
constexpr std::int16_t kMostTimeZoneMinutes = 840;
constexpr std::int8_t kMostDaylightSavingMinutes = 120;

void write_time(const Context& context, dlms::DataWriter& data) {
    const MeterClock& clock = context.meter.clock;
    const UtcTime now = clock.utc();
    data.octet_string(dlms::encode(clock.rule.date_time(now, clock.status(now))));
}

void write_time_zone(const Context& context, dlms::DataWriter& data) {
    data.long_(context.meter.clock.rule.time_zone_minutes);
}

void write_status(const Context& context, dlms::DataWriter& data) {
    data.unsigned_(context.meter.clock.status(context.meter.clock.utc()));
}

void write_begin(const Context& context, dlms::DataWriter& data) {
    data.octet_string(dlms::encode(context.meter.clock.rule.begin));
}

void write_end(const Context& context, dlms::DataWriter& data) {
    data.octet_string(dlms::encode(context.meter.clock.rule.end));
}

void write_deviation(const Context& context, dlms::DataWriter& data) {
    data.integer(context.meter.clock.rule.daylight_saving_minutes);
}

void write_enabled(const Context& context, dlms::DataWriter& data) {
    data.boolean(context.meter.clock.rule.daylight_saving_enabled);
}

void write_base(const Context&, dlms::DataWriter& data) { data.enum_(kCrystal); }

/// Twelve octets, as octet-string or as date-time.
std::optional<dlms::DateTime> take_date_time(dlms::DataReader& in) {
    const auto element = in.any();
    if (!element) return std::nullopt;
    if (element->tag != dlms::DataTag::octet_string && element->tag != dlms::DataTag::date_time) return std::nullopt;
    return dlms::decode_date_time(element->content);
}

/// A value of the wrong type, or of the right type and impossible.
DataAccessResult why_not(const dlms::DataReader& in) {
    return in.ok() ? DataAccessResult::other_reason : DataAccessResult::type_unmatched;
}

DataAccessResult result_of(bool stored) {
    return stored ? DataAccessResult::success : DataAccessResult::hardware_fault;
}

ActionResult action_of(bool stored) { return stored ? ActionResult::success : ActionResult::hardware_fault; }

DataAccessResult take_time(const Context& context, ByteView value) {
    dlms::DataReader in(value);
    const auto tag = in.peek();
    const auto date_time = take_date_time(in);
    if (tag != dlms::DataTag::octet_string && tag != dlms::DataTag::date_time) return DataAccessResult::type_unmatched;
    const auto utc = date_time ? context.meter.clock.rule.utc(*date_time) : std::nullopt;
    if (!utc || utc->seconds() <= 0 || utc->seconds() > UINT32_MAX) return DataAccessResult::other_reason;
    return result_of(context.meter.set_clock(*utc));
}

/// Changes a copy of the rule, then stores it. `change(rule, in)` says whether the value is possible.
template <class Change>
DataAccessResult take_rule(const Context& context, ByteView value, Change&& change) {
    dlms::DataReader in(value);
    LocalTimeRule rule = context.meter.clock.rule;
    const bool possible = change(rule, in);
    if (!possible || !in.finished()) return why_not(in);
    return result_of(context.meter.store_local_time_rule(rule));
}

DataAccessResult take_time_zone(const Context& context, ByteView value) {
    return take_rule(context, value, [](LocalTimeRule& rule, dlms::DataReader& in) {
        rule.time_zone_minutes = in.long_();
        return rule.time_zone_minutes >= -kMostTimeZoneMinutes && rule.time_zone_minutes <= kMostTimeZoneMinutes;
    });
}

template <dlms::DateTime LocalTimeRule::*change>
DataAccessResult take_change(const Context& context, ByteView value) {
    return take_rule(context, value, [](LocalTimeRule& rule, dlms::DataReader& in) {
        const auto pattern = take_date_time(in);
        if (!pattern || !is_yearly_pattern(*pattern)) return false;
        rule.*change = *pattern;
        return true;
    });
}

DataAccessResult take_deviation(const Context& context, ByteView value) {
    return take_rule(context, value, [](LocalTimeRule& rule, dlms::DataReader& in) {
        rule.daylight_saving_minutes = in.integer();
        return rule.daylight_saving_minutes >= -kMostDaylightSavingMinutes &&
               rule.daylight_saving_minutes <= kMostDaylightSavingMinutes;
    });
}

DataAccessResult take_enabled(const Context& context, ByteView value) {
    return take_rule(context, value, [](LocalTimeRule& rule, dlms::DataReader& in) {
        rule.daylight_saving_enabled = in.boolean();
        return true;
    });
}

/// To the nearest multiple of `period_ms` since 1970 UTC, halves forward. The parameter is integer (0).
ActionResult adjust_to(const Context& context, ByteView parameters, std::int64_t period_ms) {
    dlms::DataReader in(parameters);
    (void)in.integer();
    if (!in.finished()) return ActionResult::type_unmatched;
    const std::int64_t now = context.meter.clock.utc().milliseconds;
    return action_of(context.meter.set_clock({(now + period_ms / 2) / period_ms * period_ms}));
}

ActionResult adjust_to_quarter(const Context& context, ByteView parameters, ByteWriter&) {
    return adjust_to(context, parameters, 15 * kMillisecondsPerMinute);
}

ActionResult adjust_to_measuring_period(const Context& context, ByteView parameters, ByteWriter&) {
    return adjust_to(context, parameters, std::int64_t{context.meter.profiles[ProfileIndex::load].period_s()} * 1000);
}

ActionResult adjust_to_minute(const Context& context, ByteView parameters, ByteWriter&) {
    return adjust_to(context, parameters, kMillisecondsPerMinute);
}

ActionResult adjust_to_preset_time(const Context& context, ByteView parameters, ByteWriter&) {
    dlms::DataReader in(parameters);
    (void)in.integer();
    if (!in.finished()) return ActionResult::type_unmatched;
    const PresetTime& preset = context.meter.clock.preset;
    const UtcTime now = context.meter.clock.utc();
    if (now < preset.valid_from || now > preset.valid_until) return ActionResult::temporary_failure;
    return action_of(context.meter.set_clock(preset.time));
}

ActionResult preset_adjusting_time(const Context& context, ByteView parameters, ByteWriter&) {
    dlms::DataReader in(parameters);
    if (in.structure() != 3) return ActionResult::type_unmatched;
    PresetTime preset;
    for (UtcTime* time : {&preset.time, &preset.valid_from, &preset.valid_until}) {
        const auto date_time = take_date_time(in);
        if (!date_time) return in.ok() ? ActionResult::other_reason : ActionResult::type_unmatched;
        const auto utc = context.meter.clock.rule.utc(*date_time);
        if (!utc || utc->seconds() <= 0 || utc->seconds() > UINT32_MAX) return ActionResult::other_reason;
        *time = *utc;
    }
    if (!in.finished()) return ActionResult::type_unmatched;
    if (preset.valid_until < preset.valid_from) return ActionResult::other_reason;
    return action_of(context.meter.set_preset(preset));
}

ActionResult shift_time(const Context& context, ByteView parameters, ByteWriter&) {
    dlms::DataReader in(parameters);
    const std::int16_t seconds = in.long_();
    if (!in.finished()) return ActionResult::type_unmatched;
    if (seconds < -kMostShiftSeconds || seconds > kMostShiftSeconds) return ActionResult::other_reason;
    return action_of(context.meter.set_clock({context.meter.clock.utc().milliseconds + std::int64_t{seconds} * 1000}));
}

constexpr std::array<AttributeRow, 8> kAttributes{{
    {write_time, nullptr, take_time},
    {write_time_zone, nullptr, take_time_zone},
    {write_status, nullptr, nullptr},
    {write_begin, nullptr, take_change<&LocalTimeRule::begin>},
    {write_end, nullptr, take_change<&LocalTimeRule::end>},
    {write_deviation, nullptr, take_deviation},
    {write_enabled, nullptr, take_enabled},
    {write_base, nullptr, nullptr},
}};

constexpr std::array<Invoke, 6> kMethods{adjust_to_quarter,     adjust_to_measuring_period, adjust_to_minute,
                                         adjust_to_preset_time, preset_adjusting_time,      shift_time};

}  // namespace

constexpr ClassTable kClockClass{8, 0, kAttributes, kMethods};

}  // namespace ferraris::meter
