#include "panel/sections.hpp"

#include <array>
#include <nlohmann/json.hpp>

#include "meter/tariff/switching.hpp"
#include "panel/row_values.hpp"
#include "twin/scenario/appliances.hpp"

namespace ferraris::panel {
namespace {

using metrology::Energy;
using nlohmann::json;

/// In the order of `DisplayMode`, `EventLog`, `SwitchTarget`.
constexpr std::array kModes{"off", "full", "normal", "service", "test"};
constexpr std::array kLogs{"standard", "tou", "fraud", "power_quality", "communication", "disconnector"};
constexpr std::array kTargets{"tariff", "relay"};
constexpr std::int64_t kDaySeconds = 86'400;
/// A clock of whole seconds needs no more of it, and each step is a message.
constexpr std::int64_t kTimeStep_ms = 200;
/// A year of switches; more than four a day would end the search early, and nothing worse.
constexpr int kMostSwitchesLookedAt = 4 * 366;

std::string text_of(ByteView characters) { return {characters.begin(), characters.end()}; }

template <class Number>
double per(Number number, double divisor) {
    return static_cast<double>(number) / divisor;
}

std::int64_t local_seconds(const meter::LocalTimeRule& rule, UtcTime time) {
    return utc_from_civil(rule.local(time)).seconds();
}

/// Since the meter was made, in impulses of the front's LEDs, with what is on the way to the next.
double impulses(const meter::Instrument& meter, meter::EnergyMask energies) {
    return per(meter.registers.milliwatthours(energies, 0) * meter.impulses_per_kilowatthour, 1e6);
}

constexpr meter::EnergyMask mask(std::initializer_list<Energy> energies) {
    unsigned all = 0;
    for (const Energy energy : energies) all |= meter::mask_of(energy);
    return static_cast<meter::EnergyMask>(all);
}
constexpr meter::EnergyMask kActive = mask({Energy::active_import, Energy::active_export});
constexpr meter::EnergyMask kReactive =
    mask({Energy::reactive_q1, Energy::reactive_q2, Energy::reactive_q3, Energy::reactive_q4});

}  // namespace

std::string identity_section(twin::VirtualMeter& meter) {
    const meter::Instrument& instrument = meter.device().instrument();
    json appliances = json::array();
    for (const auto& appliance : twin::scenario::kAppliances) {
        appliances.push_back({{"name", appliance.name},
                              {"watts", per(appliance.milliwatts, 1000)},
                              {"vars", per(appliance.millivars, 1000)}});
    }
    return json{{"name", text_of(instrument.identity.logical_device_name)},
                {"serial", text_of(instrument.identity.serial_number.view())},
                {"type", meter::kTypeDesignation},
                {"firmware", text_of(meter::text_of(instrument.identity.firmware_version).view())},
                {"impulses", instrument.impulses_per_kilowatthour},
                {"longPress", instrument.display.settings().long_press_s},
                {"appliances", appliances}}
        .dump();
}

std::string time_section(twin::VirtualMeter& meter, const twin::PaceState& pace, std::optional<double> reached) {
    const meter::MeterClock& clock = meter.device().instrument().clock;
    json section{{"utc", clock.utc().milliseconds / kTimeStep_ms * kTimeStep_ms},
                 {"offset", -clock.rule.deviation_minutes(clock.utc())},
                 {"valid", clock.valid()},
                 {"speed", pace.speed},
                 {"paused", pace.paused},
                 {"leaping", pace.leaping}};
    if (reached) section["reached"] = *reached;
    return section.dump();
}

std::string glass_section(twin::VirtualMeter& meter) {
    const board::Lcd lcd = meter.device().lcd();
    const meter::Display& display = meter.device().instrument().display;
    return json{{"digits", lcd.digits},      {"code", lcd.code},
                {"icons", lcd.icons.bits()}, {"blinking", lcd.blinking.bits()},
                {"light", lcd.back_light},   {"mode", kModes[static_cast<std::size_t>(display.mode())]},
                {"item", display.item() + 1}}
        .dump();
}

std::string front_section(twin::VirtualMeter& meter, bool module) {
    using board::Input;
    const meter::Instrument& instrument = meter.device().instrument();
    const bool power = meter.power().has_value();
    const board::InputLevels& levels = meter.stage().inputs().levels;
    const bool fraud =
        (instrument.alarms.registers[0].active & meter::Alarms::bit_of(meter::Alarm::fraud_attempt)) != 0;
    const auto led = [&](board::Led which) { return power ? static_cast<int>(instrument.led(which)) : 0; };
    return json{{"power", power},
                {"relay1", led(board::Led::relay_1)},
                {"relay2", led(board::Led::relay_2)},
                {"alarm", power && (fraud || instrument.errors.bits() != 0)},
                {"module", power && module},
                {"supply", meter.supply_relay().is_closed()},
                {"ripple", meter.ripple_relay().is_closed()},
                {"state", static_cast<int>(instrument.disconnector.state())},
                {"meterCover", levels.is_active(Input::meter_cover)},
                {"terminalCover", levels.is_active(Input::terminal_cover)},
                {"batteryCover", levels.is_active(Input::battery_cover)},
                {"relayCover", levels.is_active(Input::ripple_relay_cover)},
                {"magnet", levels.is_active(Input::magnet)},
                {"display", instrument.is_held(board::Button::display)},
                {"relay", instrument.is_held(board::Button::relay)}}
        .dump();
}

std::string measured_section(twin::VirtualMeter& meter) {
    const metrology::Measurement& now = meter.stage().last_second();
    const meter::Instrument& instrument = meter.device().instrument();
    return json{{"at", meter.now().seconds()},
                {"volts", per(now.voltage_millivolts, 1000)},
                {"amperes", per(now.current_microamperes, 1e6)},
                {"hertz", per(now.frequency_millihertz, 1000)},
                {"watts", per(now.active_power_milliwatts, 1000)},
                {"vars", per(now.reactive_power_millivars, 1000)},
                {"voltamperes", per(now.apparent_power_millivoltamperes, 1000)},
                {"factor", per(now.power_factor_millionths, 1e6)},
                {"voltageThd", per(now.thd_voltage_hundredths_percent, 100)},
                {"currentThd", per(now.thd_current_hundredths_percent, 100)},
                {"quadrant", static_cast<int>(now.quadrant)},
                {"activeImpulses", impulses(instrument, kActive)},
                {"reactiveImpulses", impulses(instrument, kReactive)}}
        .dump();
}

std::string world_section(twin::VirtualMeter& meter) {
    const twin::scenario::Stage& stage = meter.stage();
    const twin::scenario::World& world = stage.world();
    json on = json::array();
    for (std::size_t i = 0; i < twin::scenario::kAppliances.size(); ++i) {
        if (world.is_on(i)) on.push_back(twin::scenario::kAppliances[i].name);
    }
    return json{{"mains", stage.is_powered()},
                {"voltage", per(world.millivolts(), 1000)},
                {"frequency", per(world.millihertz(), 1000)},
                {"voltageHarmonics", per(world.voltage_distortion(), 100)},
                {"currentHarmonics", per(world.current_distortion(), 100)},
                {"power", per(world.milliwatts(), 1000)},
                {"household", world.has_household()},
                {"interchanged", world.is_interchanged()},
                {"on", on},
                {"celsius", stage.celsius()},
                {"batteryCharge", per(stage.battery().charge_permille(), 10)},
                {"batteryVolts", per(stage.inputs().battery_millivolts, 1000)}}
        .dump();
}

std::string energy_section(twin::VirtualMeter& meter) {
    const meter::Instrument& instrument = meter.device().instrument();
    // Milliwatt-hours: import, export, and reactive energy of the four quadrants; the total, then the tariffs.
    json rates = json::array();
    for (meter::Rate rate = 0; rate <= meter::kRateCount; ++rate) {
        json row = json::array();
        for (const Energy energy : {Energy::active_import, Energy::active_export, Energy::reactive_q1,
                                    Energy::reactive_q2, Energy::reactive_q3, Energy::reactive_q4}) {
            row.push_back(instrument.registers.milliwatthours(meter::mask_of(energy), rate));
        }
        rates.push_back(row);
    }
    return json{{"rates", rates}, {"rate", instrument.active_rate}}.dump();
}

std::optional<UtcTime> next_tariff_change(const meter::Instrument& instrument) {
    const meter::CalendarSet set = instrument.tariff.active();
    const meter::SpecialDays special = instrument.tariff.special_days();
    const meter::LocalTimeRule& rule = instrument.clock.rule;
    const meter::Switching calendar(set, special, rule);
    meter::LocalSeconds at = local_seconds(rule, instrument.clock.utc());
    for (int i = 0; i < kMostSwitchesLookedAt; ++i) {
        at = calendar.next(at);
        const auto last = calendar.last(meter::SwitchTarget::tariff, at);
        if (last && last->at == at && last->script != instrument.active_rate) {
            return rule.utc(civil_from_utc(UtcTime::from_seconds(at)));
        }
    }
    return std::nullopt;
}

std::string calendar_section(twin::VirtualMeter& meter) {
    const meter::Instrument& instrument = meter.device().instrument();
    const meter::CalendarSet set = instrument.tariff.active();
    const meter::SpecialDays special = instrument.tariff.special_days();
    const meter::LocalTimeRule& rule = instrument.clock.rule;
    const meter::Switching calendar(set, special, rule);
    const std::int64_t day = local_seconds(rule, instrument.clock.utc()) / kDaySeconds;
    json switches = json::array();
    const auto add = [&](std::int64_t second, meter::SwitchTarget target, std::uint8_t script) {
        switches.push_back(
            {{"at", second}, {"target", kTargets[static_cast<std::size_t>(target)]}, {"script", script}});
    };
    for (const meter::SwitchTarget target : {meter::SwitchTarget::tariff, meter::SwitchTarget::relay}) {
        if (const auto begin = calendar.last(target, day * kDaySeconds)) add(0, target, begin->script);
        for (meter::LocalSeconds at = day * kDaySeconds; at < (day + 1) * kDaySeconds;) {
            at = calendar.next(at);
            const auto last = calendar.last(target, at);
            if (last && last->at == at && at / kDaySeconds == day) add(at % kDaySeconds, target, last->script);
        }
    }
    json section{{"day", day * kDaySeconds},
                 {"name", text_of(set.name.view())},
                 {"switches", switches},
                 {"rate", instrument.tariff.rate()},
                 {"relay", instrument.tariff.relay_closed()}};
    const auto next = next_tariff_change(instrument);
    if (next) section["next"] = next->seconds();
    return section.dump();
}

std::string curve_section(twin::VirtualMeter& meter) {
    const meter::Instrument& instrument = meter.device().instrument();
    const meter::Profile& profile = instrument.profiles[meter::ProfileIndex::load];
    const meter::LocalTimeRule& rule = instrument.clock.rule;
    const std::int64_t day = local_seconds(rule, instrument.clock.utc()) / kDaySeconds;
    const std::int64_t midnight = rule.utc(civil_from_utc(UtcTime::from_seconds(day * kDaySeconds))).seconds();
    meter::ProfileSetup setup;
    json rows = json::array();
    if (profile.setup(setup)) {
        const RowValues values(setup);
        const meter::RowSpan span = profile.between(static_cast<std::uint32_t>(midnight), UINT32_MAX);
        for (std::uint32_t i = 0; i < span.span; ++i) {
            meter::ProfileRow row;
            if (!profile.read(span.first + i, row)) continue;
            rows.push_back({row.stamp, values.of(row, dlms::obis(1, 0, 1, 8, 0)).value_or(0),
                            values.of(row, dlms::obis(1, 0, 2, 8, 0)).value_or(0), row.status});
        }
    }
    return json{{"midnight", midnight}, {"period", profile.period_s()}, {"rows", rows}}.dump();
}

std::string event_entry(meter::EventLog log, std::uint32_t stamp, std::uint8_t code, std::int64_t value,
                        std::int64_t duration_cs) {
    const meter::EventRow* const row = meter::find_event(code);
    return json{{"at", stamp},
                {"log", kLogs[static_cast<std::size_t>(log)]},
                {"code", code},
                {"text", row != nullptr ? row->text : "Log cleared"},
                {"value", value},
                {"unit", row != nullptr ? row->value : ""},
                {"duration", per(duration_cs, 100)}}
        .dump();
}

}  // namespace ferraris::panel
