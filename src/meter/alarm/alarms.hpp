/// The two alarm registers with their filters and descriptors (objects 0-0:97.98.0 and .1, .10 and .11, .20 and .21;
/// IEC 62056-6-1). A bit of a register says what is or has been wrong until it is cleared; a bit that rises and passes
/// the filter also sets the descriptor, which the alarm push carries.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>

#include "meter/store/parameter_store.hpp"

namespace ferraris::meter {

/// Bits of register 1 from 0 on, of register 2 from 32 on; the numbers are those of IDIS, but for power up, which is
/// where DSMR has it.
enum class Alarm : std::uint8_t {
    clock_invalid = 0,    ///< the clock has lost the time; falls by itself when it is set
    replace_battery = 1,  ///< the backup battery is low or used up
    power_up = 2,         ///< power came back
    configuration_changed = 4,
    program_memory_error = 8,
    ram_error = 9,
    memory_error = 10,  ///< flash refused something, or holds what nobody wrote
    measurement_error = 11,
    watchdog_error = 12,
    fraud_attempt = 13,
    power_down = 32,
    missing_voltage = 34,
    voltage_normal = 37,
    current_reversal = 42,
    over_power = 44,
    key_changed = 45,
    bad_voltage_quality = 46,
    local_login = 50,
    disconnector_failure = 63,
    none = 0xFF,
};

inline constexpr std::size_t kAlarmRegisterCount = 2;

struct AlarmRegister {
    std::uint32_t active{0};
    std::uint32_t filter{0};
    std::uint32_t descriptor{0};
    friend constexpr bool operator==(const AlarmRegister&, const AlarmRegister&) = default;
};

struct Alarms {
    std::array<AlarmRegister, kAlarmRegisterCount> registers{};
    friend constexpr bool operator==(const Alarms&, const Alarms&) = default;

    [[nodiscard]] static constexpr std::size_t register_of(Alarm alarm) { return static_cast<std::size_t>(alarm) / 32; }
    [[nodiscard]] static constexpr std::uint32_t bit_of(Alarm alarm) {
        return 1U << (static_cast<unsigned>(alarm) % 32U);
    }

    /// True when this is news that the filter lets through: an alarm push is due.
    bool raise(Alarm alarm);
    void clear(Alarm alarm);

    void recover(const ParameterStore& store);
    [[nodiscard]] bool write(ParameterStore& store) const;
};

}  // namespace ferraris::meter
