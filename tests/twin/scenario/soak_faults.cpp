#include "twin/scenario/soak_faults.hpp"

#include "board/buttons.hpp"

namespace ferraris::twin::scenario::testing {
namespace {

using meter::Event;

constexpr auto kOff = static_cast<std::int64_t>(MainsState::off);
constexpr auto kOn = static_cast<std::int64_t>(MainsState::on);
constexpr auto kCut = static_cast<std::int64_t>(MainsState::cut);
constexpr auto kRelayButton = static_cast<std::int64_t>(board::Button::relay);
constexpr std::int64_t kWholeDay = 86'400;

Change set(Subject subject, std::int64_t value = 0) { return {subject, value, 0, {}}; }
Change dip(std::int64_t volts, std::uint32_t milliseconds) {
    return {Subject::disturbance, volts * 1000, milliseconds, {}};
}
Change push_button() { return {Subject::press, kRelayButton, 1000, {}}; }
Change remote(std::int8_t method) {
    return {Subject::execute, 0, 0, {70, dlms::obis(0, 0, 96, 3, 10), method, {0x0F, 0x00}}};
}
/// 4.6 kW, or none.
Change contract(bool any) {
    const std::vector<std::uint8_t> watts =
        any ? std::vector<std::uint8_t>{0x06, 0x00, 0x46, 0x30, 0xC0} : std::vector<std::uint8_t>{0x06, 0, 0, 0, 0};
    return {Subject::write, 0, 0, {3, dlms::obis(1, 0, 1, 35, 0), 2, watts}};
}
const std::vector<Event> kPowerLost{Event::power_down, Event::power_up};

}  // namespace

const std::vector<FaultRow>& exclusive_faults() {
    using enum Subject;
    using enum meter::Event;
    static const std::vector<FaultRow> kRows{
        {"nothing", {set(temperature, 2300)}, {}, 60, 6 * 3600, 5, {}},
        {"cold", {set(temperature, -2500)}, {set(temperature, 2300)}, 60, kWholeDay / 4, 90, {}},
        {"heat", {set(temperature, 6500)}, {set(temperature, 2300)}, 60, kWholeDay / 4, 90, {}},
        {"outage", {set(mains, kOff)}, {set(mains, kOn)}, 1, 6 * 3600, 5, kPowerLost, true},
        {"short outage", {set(mains, kOff)}, {set(mains, kOn)}, 1, 90, 5, kPowerLost, true},
        {"power cut without last words", {set(mains, kCut)}, {set(mains, kOn)}, 1, 3600, 5, kPowerLost, true},
        {"outage of days", {set(mains, kOff)}, {set(mains, kOn)}, kWholeDay, 3 * kWholeDay, 5, kPowerLost, true, 8},
        {"restart by the watchdog", {set(restart)}, {}, 1, 1, 5, kPowerLost, true},
        {"dip", {dip(160, 240)}, {}, 2, 2, 5, {voltage_sag}},
        {"swell", {dip(262, 500)}, {}, 2, 2, 5, {voltage_swell}},
        {"interruption", {dip(4, 180)}, {}, 2, 2, 5, {voltage_interruption}},
        {"dips after each other",
         {dip(160, 100), dip(230, 60), dip(170, 100)},
         {},
         2,
         2,
         5,
         {voltage_sag, voltage_sag}},
        {"sag", {set(voltage, 200'000)}, {set(voltage)}, 2, 50, 75, {voltage_sag}},
        {"undervoltage",
         {set(voltage, 200'000)},
         {set(voltage)},
         65,
         3600,
         75,
         {voltage_sag, undervoltage, voltage_normal}},
        {"deep undervoltage",
         {set(voltage, 190'000)},
         {set(voltage)},
         65,
         3600,
         75,
         {voltage_sag, undervoltage, voltage_normal, deep_undervoltage_began, deep_undervoltage_ended}},
        {"missing voltage",
         {set(household, 0), set(voltage, 90'000)},
         {set(voltage), set(household, 1)},
         65,
         3600,
         75,
         {voltage_sag, undervoltage, voltage_normal, deep_undervoltage_began, deep_undervoltage_ended, missing_voltage,
          missing_voltage_ended}},
        {"overvoltage",
         {set(voltage, 257'000)},
         {set(voltage)},
         65,
         3600,
         75,
         {voltage_swell, overvoltage, voltage_normal}},
        {"high overvoltage",
         {set(voltage, 270'000)},
         {set(voltage)},
         65,
         3600,
         75,
         {voltage_swell, overvoltage, voltage_normal, high_overvoltage_began, high_overvoltage_ended}},
        {"frequency low",
         {set(frequency, 49'300)},
         {set(frequency)},
         12,
         600,
         15,
         {frequency_low, frequency_low_ended}},
        {"frequency high",
         {set(frequency, 50'700)},
         {set(frequency)},
         12,
         600,
         15,
         {frequency_high, frequency_high_ended}},
        {"distortion",
         {set(voltage_distortion, 1200)},
         {set(voltage_distortion)},
         605,
         3600,
         605,
         {voltage_distorted, voltage_distortion_ended}},
        {"overcurrent",
         {set(household, 0), set(power, 20'000'000)},
         {set(power, 0), set(household, 1)},
         12,
         1200,
         15,
         {overcurrent, overcurrent_ended}},
        {"wires interchanged",
         {set(interchanged, 1)},
         {set(interchanged, 0)},
         35,
         7200,
         35,
         {current_reversal, current_direction_normal}},
        {"beyond the contract",
         {contract(true), set(household, 0), set(power, 9'000'000)},
         {set(power, 0), set(household, 1), contract(false)},
         65,
         1200,
         65,
         {limiter_changed, parameters_changed, limiter_exceeded, limiter_ok, limiter_changed, parameters_changed}},
        {"clock forward", {set(shift_clock, 3000)}, {}, 1, 60, 5, {clock_adjusted_from, clock_adjusted_to}, true},
        {"clock back", {set(shift_clock, -2500)}, {}, 1, 60, 5, {clock_adjusted_from, clock_adjusted_to}, true},
        {"clock back a little", {set(shift_clock, -7)}, {}, 1, 60, 5, {clock_adjusted_from, clock_adjusted_to}, true},
        {"clock forward a little", {set(shift_clock, 7)}, {}, 1, 60, 5, {clock_adjusted_from, clock_adjusted_to}, true},
        {"tariff by hand", {set(tariff, 5)}, {}, 1, 7200, 5, {tariff_by_hand}},
        {"battery low",
         {set(battery_voltage, 3000)},
         {set(battery_voltage, 0)},
         12,
         7200,
         15,
         {battery_low, battery_normal}},
        {"battery worn out",
         {set(battery_voltage, 2500)},
         {set(battery)},
         12,
         7200,
         15,
         {battery_low, replace_battery, battery_normal, battery_replaced}},
        {"person at the relay button",
         {push_button()},
         {push_button()},
         2,
         3600,
         5,
         {manual_disconnection, manual_connection}},
        {"utility disconnects",
         {remote(1)},
         {remote(2), push_button()},
         2,
         3600,
         5,
         {remote_disconnection, ready_for_reconnection, manual_connection}},
        {"magnet passes by", {set(magnet, 1)}, {set(magnet, 0)}, 1, 2, 5, {}},
    };
    return kRows;
}

const std::vector<FaultRow>& cover_faults() {
    using enum Subject;
    using enum meter::Event;
    static const std::vector<FaultRow> kRows{
        {"meter cover",
         {set(meter_cover, 1)},
         {set(meter_cover, 0)},
         5,
         7200,
         10,
         {meter_cover_removed, meter_cover_closed}},
        {"terminal cover",
         {set(terminal_cover, 1)},
         {set(terminal_cover, 0)},
         5,
         7200,
         10,
         {terminal_cover_removed, terminal_cover_closed}},
        {"battery cover",
         {set(battery_cover, 1)},
         {set(battery_cover, 0)},
         5,
         7200,
         10,
         {battery_cover_removed, battery_cover_closed}},
        {"ripple relay cover",
         {set(ripple_relay_cover, 1)},
         {set(ripple_relay_cover, 0)},
         5,
         7200,
         10,
         {ripple_relay_cover_removed, ripple_relay_cover_closed}},
        {"magnet", {set(magnet, 1)}, {set(magnet, 0)}, 5, 7200, 10, {magnetic_field_began, magnetic_field_ended}},
    };
    return kRows;
}

}  // namespace ferraris::twin::scenario::testing
