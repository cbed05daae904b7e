// Class 71, Limiter, version 0 (IEC 62056-6-2). Attribute 4 is the contracted power, 1-0:1.35.0, under another name,
// and attribute 6 its delay, 1-0:1.44.0.
#include <array>

#include "meter/objects/classes.hpp"
#include "meter/tariff/calendar_data.hpp"

namespace ferraris::meter {
namespace {

using dlms::DataAccessResult;

/// What can be monitored, in the order of `LimitedPower`.
struct MonitoredRow {
    std::uint16_t class_id{0};
    dlms::LogicalName name{};
    std::int8_t attribute{0};
};
constexpr std::array<MonitoredRow, kLimitedPowerCount> kMonitored{{
    {3, dlms::obis(1, 0, 1, 7, 0), 2},
    {5, dlms::obis(1, 0, 1, 4, 0), 2},
    {3, dlms::obis(1, 0, 1, 5, 0), 2},
}};

/// In the order of `LimiterTarget`.
constexpr std::array kScriptTables{kSupplyScriptTable, kRelayScriptTable};

const Limit& contracted(const Context& context) { return context.meter.limits.limit(kContractedPowerLimit); }

DataAccessResult stored(bool durable) { return durable ? DataAccessResult::success : DataAccessResult::hardware_fault; }

/// Takes over what `change` makes of the setup.
template <class Change>
DataAccessResult store_changed(const Context& context, Change&& change) {
    LimiterSetup setup = context.meter.limiter.setup();
    change(setup);
    return stored(context.meter.limiter.store(context.meter.parameters, setup));
}

void write_monitored(const Context& context, dlms::DataWriter& data) {
    const MonitoredRow& row = kMonitored[static_cast<std::size_t>(context.meter.limiter.setup().monitored)];
    data.structure(3);
    data.long_unsigned(row.class_id);
    data.octet_string(row.name);
    data.integer(row.attribute);
}

DataAccessResult take_monitored(const Context& context, ByteView value) {
    dlms::DataReader in(value);
    if (in.structure() != 3) return DataAccessResult::type_unmatched;
    const std::uint16_t class_id = in.long_unsigned();
    const dlms::LogicalName name = in.logical_name();
    const std::int8_t attribute = in.integer();
    if (!in.finished()) return DataAccessResult::type_unmatched;
    for (std::size_t i = 0; i < kMonitored.size(); ++i) {
        const MonitoredRow& row = kMonitored[i];
        if (row.class_id != class_id || row.name != name || row.attribute != attribute) continue;
        return store_changed(context, [i](LimiterSetup& setup) { setup.monitored = static_cast<LimitedPower>(i); });
    }
    return DataAccessResult::other_reason;
}

void write_active_threshold(const Context& context, dlms::DataWriter& data) {
    data.double_long_unsigned(context.meter.watched_power().threshold);
}

void write_normal_threshold(const Context& context, dlms::DataWriter& data) {
    data.double_long_unsigned(contracted(context).threshold);
}

DataAccessResult take_normal_threshold(const Context& context, ByteView value) {
    dlms::DataReader in(value);
    Limit limit = contracted(context);
    limit.threshold = in.double_long_unsigned();
    if (!in.finished()) return DataAccessResult::type_unmatched;
    return stored(context.meter.store_limit(kContractedPowerLimit, limit));
}

void write_emergency_threshold(const Context& context, dlms::DataWriter& data) {
    data.double_long_unsigned(context.meter.limiter.setup().emergency_threshold);
}

DataAccessResult take_emergency_threshold(const Context& context, ByteView value) {
    dlms::DataReader in(value);
    const std::uint32_t threshold = in.double_long_unsigned();
    if (!in.finished()) return DataAccessResult::type_unmatched;
    return store_changed(context, [threshold](LimiterSetup& setup) { setup.emergency_threshold = threshold; });
}

void write_over_duration(const Context& context, dlms::DataWriter& data) {
    data.double_long_unsigned(contracted(context).delay_s);
}

DataAccessResult take_over_duration(const Context& context, ByteView value) {
    dlms::DataReader in(value);
    const std::uint32_t seconds = in.double_long_unsigned();
    if (!in.finished()) return DataAccessResult::type_unmatched;
    if (seconds > kMostLimitDelay) return DataAccessResult::other_reason;
    Limit limit = contracted(context);
    limit.delay_s = static_cast<std::uint16_t>(seconds);
    return stored(context.meter.store_limit(kContractedPowerLimit, limit));
}

void write_under_duration(const Context& context, dlms::DataWriter& data) {
    data.double_long_unsigned(context.meter.limiter.setup().min_under_s);
}

DataAccessResult take_under_duration(const Context& context, ByteView value) {
    dlms::DataReader in(value);
    const std::uint32_t seconds = in.double_long_unsigned();
    if (!in.finished()) return DataAccessResult::type_unmatched;
    if (seconds > kMostUnderDuration_s) return DataAccessResult::other_reason;
    return store_changed(context, [seconds](LimiterSetup& setup) { setup.min_under_s = seconds; });
}

void write_profile(const Context& context, dlms::DataWriter& data) {
    const EmergencyProfile& profile = context.meter.limiter.setup().emergency;
    data.structure(3);
    data.long_unsigned(profile.id);
    data.octet_string(dlms::encode(profile.activation));
    data.double_long_unsigned(profile.duration_s);
}

bool is_moment(const dlms::DateTime& time) {
    if (!possible(time)) return false;
    return (time.date == dlms::Date{} && time.time == dlms::Time{}) ||
           (time.date.fully_specified() && time.time.fully_specified());
}

DataAccessResult take_profile(const Context& context, ByteView value) {
    dlms::DataReader in(value);
    if (in.structure() != 3) return DataAccessResult::type_unmatched;
    EmergencyProfile profile;
    profile.id = in.long_unsigned();
    const auto activation = dlms::decode_date_time(in.octet_string());
    profile.duration_s = in.double_long_unsigned();
    if (!in.finished()) return DataAccessResult::type_unmatched;
    if (!activation || !is_moment(*activation)) return DataAccessResult::other_reason;
    profile.activation = *activation;
    return store_changed(context, [&profile](LimiterSetup& setup) { setup.emergency = profile; });
}

void write_groups(const Context& context, dlms::DataWriter& data) {
    const EmergencyGroups& groups = context.meter.limiter.setup().groups;
    data.array(groups.size());
    for (const std::uint16_t group : groups) data.long_unsigned(group);
}

DataAccessResult take_groups(const Context& context, ByteView value) {
    dlms::DataReader in(value);
    const std::size_t count = in.array();
    EmergencyGroups groups;
    bool fits = true;
    for (std::size_t i = 0; i < count && in.ok(); ++i) fits = groups.push_back(in.long_unsigned()) && fits;
    if (!in.finished()) return DataAccessResult::type_unmatched;
    if (!fits) return DataAccessResult::other_reason;
    return store_changed(context, [&groups](LimiterSetup& setup) { setup.groups = groups; });
}

void write_emergency(const Context& context, dlms::DataWriter& data) {
    const Instrument& meter = context.meter;
    data.boolean(meter.limiter.is_emergency(meter.clock, meter.clock.seconds()));
}

void write_action(const LimiterAction& action, dlms::DataWriter& data) {
    data.structure(2);
    data.octet_string(kScriptTables[static_cast<std::size_t>(action.target)]);
    data.long_unsigned(action.script);
}

void write_actions(const Context& context, dlms::DataWriter& data) {
    const LimiterSetup& setup = context.meter.limiter.setup();
    data.structure(2);
    write_action(setup.over, data);
    write_action(setup.under, data);
}

/// False: none that this limiter can have. What is not of this form leaves `in` failed.
bool take_action(dlms::DataReader& in, LimiterAction& action) {
    const bool whole = in.structure() == 2;
    const dlms::LogicalName table = in.logical_name();
    const std::uint16_t script = in.long_unsigned();
    if (!whole || script > kCloseScript) return false;
    for (std::size_t i = 0; i < kScriptTables.size(); ++i) {
        if (kScriptTables[i] != table) continue;
        action = {static_cast<LimiterTarget>(i), static_cast<std::uint8_t>(script)};
        return true;
    }
    return false;
}

DataAccessResult take_actions(const Context& context, ByteView value) {
    dlms::DataReader in(value);
    if (in.structure() != 2) return DataAccessResult::type_unmatched;
    LimiterAction over;
    LimiterAction under;
    const bool over_known = take_action(in, over);
    const bool under_known = take_action(in, under);
    if (!in.finished()) return DataAccessResult::type_unmatched;
    if (!over_known || !under_known) return DataAccessResult::other_reason;
    return store_changed(context, [&](LimiterSetup& setup) {
        setup.over = over;
        setup.under = under;
    });
}

constexpr std::array<AttributeRow, 10> kAttributes{{
    {write_monitored, nullptr, take_monitored},
    {write_active_threshold, nullptr, nullptr},
    {write_normal_threshold, nullptr, take_normal_threshold},
    {write_emergency_threshold, nullptr, take_emergency_threshold},
    {write_over_duration, nullptr, take_over_duration},
    {write_under_duration, nullptr, take_under_duration},
    {write_profile, nullptr, take_profile},
    {write_groups, nullptr, take_groups},
    {write_emergency, nullptr, nullptr},
    {write_actions, nullptr, take_actions},
}};

}  // namespace

constexpr ClassTable kLimiterClass{71, 0, kAttributes, {}};

}  // namespace ferraris::meter
