/// What the meter looks after in itself. What it finds is an event, an alarm and a bit of the error register.
#pragma once

#include <cstdint>

#include "base/civil_time.hpp"
#include "meter/event/input_monitor.hpp"
#include "meter/selfcheck/program_check.hpp"
#include "meter/selfcheck/register_mirror.hpp"
#include "meter/selfcheck/task_watch.hpp"
#include "meter/selfcheck/watched_flash.hpp"
#include "metrology/measurement.hpp"

namespace ferraris::meter {

class SelfCheck {
public:
    /// When power has come, over registers that flash brought back.
    void begin(const EnergyRegisters& registers, Occurrences& due);
    /// Before the energy of a second is added in `rate`.
    void before_second(EnergyRegisters& registers, Rate rate, Occurrences& due);
    /// After it.
    void after_second(const EnergyRegisters& registers, Rate rate) { mirror.keep(registers, rate); }
    /// Whether the front end gives samples. `conditions` are those that hold.
    void judge(const metrology::Measurement& measurement, std::uint32_t conditions, Occurrences& due);
    /// Once a minute: all registers, and the next piece of flash and program.
    void enter_minute(EnergyRegisters& registers, WatchedFlash& flash, Occurrences& due);

    /// A program that is not what it was does not heal.
    [[nodiscard]] bool program_well() const { return program_well_; }

    ProgramCheck program{};
    TaskWatch tasks{};
    RegisterMirror mirror{};

private:
    void judge_program(bool well, Occurrences& due);

    bool program_well_{true};
    std::uint8_t differs_s_{0};  ///< since the front end is otherwise than its condition says
};

/// Of a board's clock that nobody sets: it lies in this century, and not before `last`, when flash was last written
/// (0: never). Otherwise the time is lost, whatever the board says.
[[nodiscard]] bool is_plausible(UtcTime now, std::uint32_t last);

}  // namespace ferraris::meter
