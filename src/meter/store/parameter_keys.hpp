/// Keys of the parameter store. A number once given keeps its meaning: flash outlives firmware.
#pragma once

#include <cstdint>

namespace ferraris::meter {

enum class ParameterKey : std::uint16_t {
    clock_correction = 1,
    local_time_rule = 2,
    clock_preset = 3,
    clock_shift_limit = 4,
    // 16 and 17 were period and order of the one profile that there was.
    secret = 32,                ///< + client index
    security_setup = 40,        ///< + client index
    received_counter = 48,      ///< + client index * 2 + key
    sent_counter = 64,          ///< + client index
    association_settings = 80,  ///< + client index
    login_state = 84,           ///< + client index
    login_rule = 88,            ///< + client index
    key_pair = 96,              ///< + use * 2 + stage
    hdlc_setup = 112,
    profile_order = 128,  ///< + profile index
    demand_periods = 120,
    demand_maxima = 121,
    billing_schedule = 122,
    billing_lockout = 123,
    buffer_encoding = 144,
    compact_data_setup = 146,   ///< + instance
    compact_data_buffer = 148,  ///< + instance
    calendar_activation_time = 160,
    fallback_tariff = 161,
    tariff_command = 162,  ///< + target
    limit = 192,           ///< + limit index
    event_log = 232,       ///< + log
    alarms = 240,
    error_register = 241,
    disturbance_limits = 242,
    wireless_setup = 380,
    wireless_counter = 381,
    push_schedule = 250,
    push_setup = 256,  ///< + setup * 16 + attribute
    disconnect_control = 304,
    limiter = 305,
    supply_schedule = 306,
    supply_script = 307,
    supply_script_done = 308,
    display_settings = 320,
    display_list = 321,      ///< + list
    port_hdlc_setup = 340,   ///< + port, but for the optical port
    local_port_setup = 344,  ///< + port
    sub_meters = 348,
    image_transfer = 360,
    image_enabled = 361,
    image_activation_schedule = 362,
    audit_head = 400,
    battery = 420,
    battery_threshold = 421,
    power_failures = 401,
    lost_time = 440,
    data_protection = 430,  ///< + attribute, 3 to 6
    protected_data_counters = 430,
};

[[nodiscard]] constexpr std::uint16_t key_number(ParameterKey key, std::size_t index = 0) {
    return static_cast<std::uint16_t>(static_cast<std::size_t>(key) + index);
}

}  // namespace ferraris::meter
