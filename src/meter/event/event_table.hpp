/// What a meter can have to tell: one constant table of events with the log that keeps each and the alarm that it
/// raises. Codes below 200 are those of the companion standards of IDIS and DSMR, which head-ends know; those from 200
/// on are this meter's.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <span>
#include <string_view>

#include "meter/alarm/alarms.hpp"

namespace ferraris::meter {

/// In the order of value group E of logs (0-0:99.98.e) and event codes (0-0:96.11.e), which begin with 1.
enum class EventLog : std::uint8_t { standard, tou, fraud, power_quality, communication, disconnector };
inline constexpr std::size_t kEventLogCount = 6;

enum class Event : std::uint8_t {
    power_down = 1,
    power_up = 2,
    daylight_saving_switched = 3,
    clock_adjusted_from = 4,
    clock_adjusted_to = 5,
    clock_invalid = 6,
    replace_battery = 7,
    battery_low = 8,
    tou_activated = 9,
    error_register_cleared = 10,
    alarm_register_cleared = 11,
    program_memory_error = 12,
    ram_error = 13,
    memory_error = 14,
    watchdog_error = 15,
    measurement_error = 16,
    firmware_ready = 17,
    firmware_activated = 18,
    tou_programmed = 19,
    terminal_cover_removed = 40,
    terminal_cover_closed = 41,
    magnetic_field_began = 42,
    magnetic_field_ended = 43,
    meter_cover_removed = 44,
    meter_cover_closed = 45,
    authentication_failed = 46,
    parameters_changed = 47,
    keys_changed = 48,
    deciphering_failed = 49,
    replay_attack = 50,
    firmware_verification_failed = 51,
    ready_for_reconnection = 59,
    manual_disconnection = 60,
    manual_connection = 61,
    remote_disconnection = 62,
    remote_connection = 63,
    local_disconnection = 64,
    limiter_exceeded = 65,
    limiter_ok = 66,
    limiter_changed = 67,
    disconnector_failed = 68,
    local_connection = 69,
    undervoltage = 76,
    overvoltage = 79,
    missing_voltage = 82,
    voltage_normal = 85,
    current_reversal = 91,
    local_login = 158,
    battery_normal = 200,
    battery_replaced = 201,
    battery_cover_removed = 202,
    battery_cover_closed = 203,
    ripple_relay_cover_removed = 204,
    ripple_relay_cover_closed = 205,
    current_direction_normal = 206,
    deep_undervoltage_began = 210,
    deep_undervoltage_ended = 211,
    high_overvoltage_began = 212,
    high_overvoltage_ended = 213,
    missing_voltage_ended = 214,
    voltage_sag = 215,
    voltage_swell = 216,
    voltage_interruption = 217,
    voltage_distorted = 218,
    voltage_distortion_ended = 219,
    current_distorted = 220,
    current_distortion_ended = 221,
    frequency_low = 222,
    frequency_low_ended = 223,
    frequency_high = 224,
    frequency_high_ended = 225,
    overcurrent = 226,
    overcurrent_ended = 227,
    power_factor_low = 228,
    power_factor_low_ended = 229,
    disconnector_well = 230,
    login = 240,
    client_locked_out = 241,
    image_transfer_initiated = 242,
    firmware_activation_failed = 243,
    special_days_changed = 250,
    tariff_by_hand = 251,
    relay_by_hand = 252,
    measurement_restored = 253,
    profile_cleared = 254,
    log_cleared = 255,  ///< in each log
};

struct EventRow {
    Event event;
    EventLog log;
    Alarm alarm{Alarm::none};
    std::string_view text;
    std::string_view value{};  ///< what the value of a log's row is, with its unit
};

[[nodiscard]] std::span<const EventRow> event_table();
inline constexpr std::size_t kEventCount = 85;
/// Nothing for a code that this meter does not have, and for `log_cleared`, which has no log of its own.
[[nodiscard]] const EventRow* find_event(std::uint8_t code);

/// The alarms that the events of this meter raise in one of the alarm registers: what its filter can hold.
[[nodiscard]] std::uint32_t known_alarms(std::size_t alarm_register);

/// A state that begins with one event and ends with another. What holds is remembered by the logs themselves, through
/// losses of power: it has begun since it last ended.
struct Condition {
    Event began{};
    Event ended{};
};
/// A bit each in what flash remembers: rows are only added at the end.
inline constexpr std::array kConditions{
    Condition{Event::terminal_cover_removed, Event::terminal_cover_closed},
    Condition{Event::magnetic_field_began, Event::magnetic_field_ended},
    Condition{Event::meter_cover_removed, Event::meter_cover_closed},
    Condition{Event::battery_cover_removed, Event::battery_cover_closed},
    Condition{Event::ripple_relay_cover_removed, Event::ripple_relay_cover_closed},
    Condition{Event::battery_low, Event::battery_normal},
    Condition{Event::replace_battery, Event::battery_replaced},
    Condition{Event::current_reversal, Event::current_direction_normal},
    Condition{Event::limiter_exceeded, Event::limiter_ok},
    Condition{Event::undervoltage, Event::voltage_normal},
    Condition{Event::overvoltage, Event::voltage_normal},
    Condition{Event::deep_undervoltage_began, Event::deep_undervoltage_ended},
    Condition{Event::high_overvoltage_began, Event::high_overvoltage_ended},
    Condition{Event::missing_voltage, Event::missing_voltage_ended},
    Condition{Event::voltage_distorted, Event::voltage_distortion_ended},
    Condition{Event::current_distorted, Event::current_distortion_ended},
    Condition{Event::frequency_low, Event::frequency_low_ended},
    Condition{Event::frequency_high, Event::frequency_high_ended},
    Condition{Event::overcurrent, Event::overcurrent_ended},
    Condition{Event::power_factor_low, Event::power_factor_low_ended},
    Condition{Event::disconnector_failed, Event::disconnector_well},
    Condition{Event::measurement_error, Event::measurement_restored},
};
static_assert(kConditions.size() <= 32);
/// As a bit of `EventLogs::conditions`; the event is one that begins a condition.
[[nodiscard]] constexpr std::uint32_t condition_bit(Event began) {
    for (std::size_t i = 0; i < kConditions.size(); ++i) {
        if (kConditions[i].began == began) return 1U << i;
    }
    return 0;
}

/// Something that happened.
struct Occurrence {
    Event event{};
    std::int32_t value{0};         ///< as the table says
    std::uint32_t duration_cs{0};  ///< of what has ended, hundredths of a second
    std::uint32_t stamp{0};        ///< seconds since 1970 by the meter's clock; 0: now
};

}  // namespace ferraris::meter
