// Class 124, Communication port protection, version 0 (IEC 62056-6-2): one for each client that has a secret. The port
// that it protects is the client's association.
#include <array>

#include "meter/objects/classes.hpp"

namespace ferraris::meter {
namespace {

using dlms::ActionResult;
using dlms::DataAccessResult;

const LoginRule& rule_of(const Context& context) { return context.meter.logins.rule(context.row.address); }

void write_mode(const Context& context, dlms::DataWriter& data) {
    data.enum_(static_cast<std::uint8_t>(rule_of(context).mode));
}

void write_allowed(const Context& context, dlms::DataWriter& data) {
    data.long_unsigned(rule_of(context).allowed_failed_attempts);
}

void write_initial(const Context& context, dlms::DataWriter& data) {
    data.double_long_unsigned(rule_of(context).initial_lockout_s);
}

void write_steepness(const Context& context, dlms::DataWriter& data) {
    data.unsigned_(rule_of(context).steepness_factor);
}

void write_longest(const Context& context, dlms::DataWriter& data) {
    data.double_long_unsigned(rule_of(context).max_lockout_s);
}

void write_port(const Context& context, dlms::DataWriter& data) {
    data.octet_string(dlms::obis(0, 0, 40, 0, static_cast<std::uint8_t>(context.row.address + 1)));
}

void write_status(const Context& context, dlms::DataWriter& data) {
    const LoginStatus status = context.meter.logins.status(context.row.address, context.meter.clock.board());
    data.enum_(static_cast<std::uint8_t>(status));
}

void write_failed(const Context& context, dlms::DataWriter& data) {
    data.double_long_unsigned(context.meter.logins.failed_attempts(context.row.address));
}

void write_cumulative(const Context& context, dlms::DataWriter& data) {
    data.double_long_unsigned(context.meter.logins.cumulative_failed_attempts(context.row.address));
}

/// Changes a copy of the rule, then stores it. `change(rule, in)` says whether the value is possible.
template <class Change>
DataAccessResult take_rule(const Context& context, ByteView value, Change&& change) {
    dlms::DataReader in(value);
    LoginRule rule = rule_of(context);
    const bool possible = change(rule, in);
    if (!in.finished()) return DataAccessResult::type_unmatched;
    if (!possible) return DataAccessResult::other_reason;
    const bool stored = context.meter.logins.store_rule(context.meter.parameters, context.row.address, rule);
    return stored ? DataAccessResult::success : DataAccessResult::hardware_fault;
}

/// The utility cannot lock itself out for good: nobody could open again.
DataAccessResult take_mode(const Context& context, ByteView value) {
    return take_rule(context, value, [&](LoginRule& rule, dlms::DataReader& in) {
        const std::uint8_t mode = in.enum_();
        rule.mode = static_cast<LoginMode>(mode);
        const bool forever = rule.mode == LoginMode::locked && context.row.address == kUtilityIndex;
        return mode <= static_cast<std::uint8_t>(LoginMode::unlocked) && !forever;
    });
}

DataAccessResult take_allowed(const Context& context, ByteView value) {
    return take_rule(context, value, [](LoginRule& rule, dlms::DataReader& in) {
        rule.allowed_failed_attempts = in.long_unsigned();
        return true;
    });
}

DataAccessResult take_initial(const Context& context, ByteView value) {
    return take_rule(context, value, [](LoginRule& rule, dlms::DataReader& in) {
        rule.initial_lockout_s = in.double_long_unsigned();
        return true;
    });
}

DataAccessResult take_steepness(const Context& context, ByteView value) {
    return take_rule(context, value, [](LoginRule& rule, dlms::DataReader& in) {
        rule.steepness_factor = in.unsigned_();
        return rule.steepness_factor != 0;
    });
}

DataAccessResult take_longest(const Context& context, ByteView value) {
    return take_rule(context, value, [](LoginRule& rule, dlms::DataReader& in) {
        rule.max_lockout_s = in.double_long_unsigned();
        return true;
    });
}

ActionResult reset(const Context& context, ByteView parameters, ByteWriter&) {
    dlms::DataReader in(parameters);
    (void)in.integer();
    if (!in.finished()) return ActionResult::type_unmatched;
    const bool stored = context.meter.logins.reset(context.meter.parameters, context.row.address);
    return stored ? ActionResult::success : ActionResult::hardware_fault;
}

constexpr std::array<AttributeRow, 9> kAttributes{{
    {write_mode, nullptr, take_mode},
    {write_allowed, nullptr, take_allowed},
    {write_initial, nullptr, take_initial},
    {write_steepness, nullptr, take_steepness},
    {write_longest, nullptr, take_longest},
    {write_port, nullptr, nullptr},
    {write_status, nullptr, nullptr},
    {write_failed, nullptr, nullptr},
    {write_cumulative, nullptr, nullptr},
}};

constexpr std::array<Invoke, 1> kMethods{reset};

}  // namespace

constexpr ClassTable kPortProtectionClass{124, 0, kAttributes, kMethods};

}  // namespace ferraris::meter
