#include "meter/event/event_table.hpp"

#include <algorithm>
#include <array>

namespace ferraris::meter {
namespace {

constexpr std::string_view kSeconds = "s";
constexpr std::string_view kVolts = "0.01 V";
constexpr std::string_view kBattery = "mV";
constexpr std::string_view kWatts = "mW";
constexpr std::string_view kPercent = "0.01 %";
constexpr std::string_view kHertz = "mHz";
constexpr std::string_view kClient = "client SAP";
constexpr std::string_view kVersion = "version, an octet, an octet, two octets";
constexpr std::string_view kWanted = "1 should be closed, 0 open";
constexpr std::string_view kAttempts = "how many since the last row";

// Sorted by code.
constexpr auto kEvents = [] {
    using enum EventLog;
    return std::array{
        EventRow{Event::power_down, standard, Alarm::power_down, "Power down"},
        EventRow{Event::power_up, standard, Alarm::power_up, "Power up"},
        EventRow{Event::daylight_saving_switched, standard, Alarm::none, "Daylight saving switched", "1 on, 0 off"},
        EventRow{Event::clock_adjusted_from, standard, Alarm::none, "Clock adjusted (old time)", kSeconds},
        EventRow{Event::clock_adjusted_to, standard, Alarm::none, "Clock adjusted (new time)", kSeconds},
        EventRow{Event::clock_invalid, standard, Alarm::clock_invalid, "Clock invalid"},
        EventRow{Event::replace_battery, standard, Alarm::replace_battery, "Replace battery", kBattery},
        EventRow{Event::battery_low, standard, Alarm::replace_battery, "Battery voltage low", kBattery},
        EventRow{Event::tou_activated, tou, Alarm::configuration_changed, "TOU table activated", "how many ever"},
        EventRow{Event::error_register_cleared, standard, Alarm::none, "Error register cleared", "bits"},
        EventRow{Event::alarm_register_cleared, standard, Alarm::none, "Alarm register cleared", "bits"},
        EventRow{Event::program_memory_error, standard, Alarm::program_memory_error, "Program memory error"},
        EventRow{Event::ram_error, standard, Alarm::ram_error, "RAM error", "1 mended, 2 lost"},
        EventRow{Event::memory_error, standard, Alarm::memory_error, "Non-volatile memory error", "damaged records"},
        EventRow{Event::watchdog_error, standard, Alarm::watchdog_error, "Watchdog error"},
        EventRow{Event::measurement_error, standard, Alarm::measurement_error, "Measurement system error"},
        EventRow{Event::firmware_ready, standard, Alarm::none, "Firmware ready for activation", kVersion},
        EventRow{Event::firmware_activated, standard, Alarm::none, "Firmware activated", kVersion},
        EventRow{Event::tou_programmed, tou, Alarm::configuration_changed, "Passive TOU table programmed",
                 "attribute of 0-0:13.0.0"},
        EventRow{Event::terminal_cover_removed, fraud, Alarm::fraud_attempt, "Terminal cover removed"},
        EventRow{Event::terminal_cover_closed, fraud, Alarm::none, "Terminal cover closed"},
        EventRow{Event::magnetic_field_began, fraud, Alarm::fraud_attempt, "Strong magnetic field detected"},
        EventRow{Event::magnetic_field_ended, fraud, Alarm::none, "No strong magnetic field any more"},
        EventRow{Event::meter_cover_removed, fraud, Alarm::fraud_attempt, "Meter cover removed"},
        EventRow{Event::meter_cover_closed, fraud, Alarm::none, "Meter cover closed"},
        EventRow{Event::authentication_failed, fraud, Alarm::fraud_attempt, "Association authentication failure",
                 kClient},
        EventRow{Event::parameters_changed, standard, Alarm::configuration_changed, "Parameters changed",
                 "groups C, D, E and attribute, an octet each"},
        EventRow{Event::keys_changed, standard, Alarm::key_changed, "Keys changed", kClient},
        EventRow{Event::deciphering_failed, fraud, Alarm::fraud_attempt, "Decryption or authentication failure",
                 kAttempts},
        EventRow{Event::replay_attack, fraud, Alarm::fraud_attempt, "Replay attack", kAttempts},
        EventRow{Event::firmware_verification_failed, standard, Alarm::none, "Firmware verification failed",
                 "why, docs/firmware.md"},
        EventRow{Event::ready_for_reconnection, disconnector, Alarm::none, "Ready for manual reconnection"},
        EventRow{Event::manual_disconnection, disconnector, Alarm::none, "Manual disconnection"},
        EventRow{Event::manual_connection, disconnector, Alarm::none, "Manual connection"},
        EventRow{Event::remote_disconnection, disconnector, Alarm::none, "Remote disconnection"},
        EventRow{Event::remote_connection, disconnector, Alarm::none, "Remote connection"},
        EventRow{Event::local_disconnection, disconnector, Alarm::none, "Local disconnection"},
        EventRow{Event::limiter_exceeded, disconnector, Alarm::over_power, "Contracted power exceeded", kWatts},
        EventRow{Event::limiter_ok, disconnector, Alarm::none, "Contracted power observed again", kWatts},
        EventRow{Event::limiter_changed, disconnector, Alarm::none, "Contracted power changed", kWatts},
        EventRow{Event::disconnector_failed, disconnector, Alarm::disconnector_failure, "Disconnector does not follow",
                 kWanted},
        EventRow{Event::local_connection, disconnector, Alarm::none, "Local connection"},
        EventRow{Event::undervoltage, power_quality, Alarm::none, "Undervoltage L1", kVolts},
        EventRow{Event::overvoltage, power_quality, Alarm::none, "Overvoltage L1", kVolts},
        EventRow{Event::missing_voltage, power_quality, Alarm::missing_voltage, "Missing voltage L1", kVolts},
        EventRow{Event::voltage_normal, power_quality, Alarm::voltage_normal, "Voltage normal L1", kVolts},
        EventRow{Event::current_reversal, fraud, Alarm::current_reversal, "Current reversal", kWatts},
        EventRow{Event::local_login, communication, Alarm::local_login, "Local communication attempt", kClient},
        EventRow{Event::battery_normal, standard, Alarm::none, "Battery voltage normal", kBattery},
        EventRow{Event::battery_replaced, standard, Alarm::none, "Battery replaced", kBattery},
        EventRow{Event::battery_cover_removed, fraud, Alarm::fraud_attempt, "Battery cover removed"},
        EventRow{Event::battery_cover_closed, fraud, Alarm::none, "Battery cover closed"},
        EventRow{Event::ripple_relay_cover_removed, fraud, Alarm::fraud_attempt, "Ripple relay cover removed"},
        EventRow{Event::ripple_relay_cover_closed, fraud, Alarm::none, "Ripple relay cover closed"},
        EventRow{Event::current_direction_normal, fraud, Alarm::none, "Current direction normal", kWatts},
        EventRow{Event::deep_undervoltage_began, power_quality, Alarm::none, "Deep undervoltage L1", kVolts},
        EventRow{Event::deep_undervoltage_ended, power_quality, Alarm::none, "Deep undervoltage L1 ended", kVolts},
        EventRow{Event::high_overvoltage_began, power_quality, Alarm::none, "High overvoltage L1", kVolts},
        EventRow{Event::high_overvoltage_ended, power_quality, Alarm::none, "High overvoltage L1 ended", kVolts},
        EventRow{Event::missing_voltage_ended, power_quality, Alarm::none, "Missing voltage L1 ended", kVolts},
        EventRow{Event::voltage_sag, power_quality, Alarm::bad_voltage_quality, "Voltage sag L1", kVolts},
        EventRow{Event::voltage_swell, power_quality, Alarm::bad_voltage_quality, "Voltage swell L1", kVolts},
        EventRow{Event::voltage_interruption, power_quality, Alarm::bad_voltage_quality, "Voltage interruption L1",
                 kVolts},
        EventRow{Event::voltage_distorted, power_quality, Alarm::bad_voltage_quality, "THD of the voltage high",
                 kPercent},
        EventRow{Event::voltage_distortion_ended, power_quality, Alarm::none, "THD of the voltage normal", kPercent},
        EventRow{Event::current_distorted, power_quality, Alarm::none, "THD of the current high", kPercent},
        EventRow{Event::current_distortion_ended, power_quality, Alarm::none, "THD of the current normal", kPercent},
        EventRow{Event::frequency_low, power_quality, Alarm::bad_voltage_quality, "Frequency low", kHertz},
        EventRow{Event::frequency_low_ended, power_quality, Alarm::none, "Frequency low ended", kHertz},
        EventRow{Event::frequency_high, power_quality, Alarm::bad_voltage_quality, "Frequency high", kHertz},
        EventRow{Event::frequency_high_ended, power_quality, Alarm::none, "Frequency high ended", kHertz},
        EventRow{Event::overcurrent, power_quality, Alarm::none, "Overcurrent L1", "mA"},
        EventRow{Event::overcurrent_ended, power_quality, Alarm::none, "Overcurrent L1 ended", "mA"},
        EventRow{Event::power_factor_low, power_quality, Alarm::none, "Power factor low", "0.001"},
        EventRow{Event::power_factor_low_ended, power_quality, Alarm::none, "Power factor normal", "0.001"},
        EventRow{Event::disconnector_well, disconnector, Alarm::none, "Disconnector follows again", kWanted},
        EventRow{Event::login, communication, Alarm::none, "Login", kClient},
        EventRow{Event::client_locked_out, communication, Alarm::none, "Client locked out", kClient},
        EventRow{Event::image_transfer_initiated, standard, Alarm::none, "Firmware transfer initiated", "octets"},
        EventRow{Event::firmware_activation_failed, standard, Alarm::none, "Firmware activation failed", kVersion},
        EventRow{Event::special_days_changed, tou, Alarm::configuration_changed, "Special days changed"},
        EventRow{Event::tariff_by_hand, tou, Alarm::none, "Tariff selected by script", "script"},
        EventRow{Event::relay_by_hand, tou, Alarm::none, "Relay 2 switched by script", "script"},
        EventRow{Event::measurement_restored, standard, Alarm::none, "Measurement system restored"},
        EventRow{Event::profile_cleared, standard, Alarm::none, "Profile cleared", "groups C, D and E, an octet each"},
    };
}();
static_assert(kEvents.size() == kEventCount);
static_assert(std::ranges::is_sorted(kEvents, {}, &EventRow::event));

}  // namespace

std::span<const EventRow> event_table() { return kEvents; }

const EventRow* find_event(std::uint8_t code) {
    const auto found = std::ranges::lower_bound(kEvents, static_cast<Event>(code), {}, &EventRow::event);
    return found != kEvents.end() && found->event == static_cast<Event>(code) ? &*found : nullptr;
}

std::uint32_t known_alarms(std::size_t alarm_register) {
    std::uint32_t bits = 0;
    for (const EventRow& row : kEvents) {
        if (row.alarm != Alarm::none && Alarms::register_of(row.alarm) == alarm_register) {
            bits |= Alarms::bit_of(row.alarm);
        }
    }
    return bits;
}

}  // namespace ferraris::meter
