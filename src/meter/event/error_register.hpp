/// The error register (object 0-0:97.97.0): faults of the meter itself, until somebody clears them. Its bits are those
/// of alarm register 1.
#pragma once

#include <cstdint>

#include "meter/alarm/alarms.hpp"

namespace ferraris::meter {

/// The bits that are faults.
inline constexpr std::uint32_t kErrorBits =
    Alarms::bit_of(Alarm::clock_invalid) | Alarms::bit_of(Alarm::replace_battery) |
    Alarms::bit_of(Alarm::program_memory_error) | Alarms::bit_of(Alarm::ram_error) |
    Alarms::bit_of(Alarm::memory_error) | Alarms::bit_of(Alarm::measurement_error) |
    Alarms::bit_of(Alarm::watchdog_error);

class ErrorRegister {
public:
    void recover(const ParameterStore& store);
    [[nodiscard]] std::uint32_t bits() const { return bits_; }
    /// Durable when true; what flash does not take is an error all the same.
    bool set(ParameterStore& store, std::uint32_t bits);
    /// Durable when true; nothing changes when not. Only what is set can be cleared.
    [[nodiscard]] bool clear(ParameterStore& store, std::uint32_t bits);

private:
    std::uint32_t bits_{0};
};

}  // namespace ferraris::meter
