/// Notices covers that come off, magnets and a failing battery, from the levels that the board gives. A level counts
/// once it has lasted; what changed while the mains were away counts at power-up, at the time that the board latched.
#pragma once

#include <array>
#include <cstdint>

#include "base/fixed_vector.hpp"
#include "board/inputs.hpp"
#include "meter/event/event_table.hpp"

namespace ferraris::meter {

using Occurrences = FixedVector<Occurrence, 24>;

class InputMonitor {
public:
    /// What the board senses now, as often as the host likes; `tick` judges it.
    void sense(const board::Inputs& inputs) { inputs_ = inputs; }
    [[nodiscard]] const board::Inputs& inputs() const { return inputs_; }

    /// Below this many millivolts the battery is low, and no longer from 100 mV above on.
    void set_low_battery(std::uint16_t millivolts) { low_battery_mv_ = millivolts; }

    /// What the board saw while the mains were away; before `power_up`.
    void latch(const board::LatchedChanges& changes) { latched_ = changes; }

    /// Power has come: `conditions` are those that held before. What was latched since, and what else is different, is
    /// due. The meter's clock is `correction_ms` ahead of the board's.
    void power_up(std::uint32_t conditions, std::int64_t correction_ms, Occurrences& due);
    /// Once a second.
    void tick(std::uint32_t conditions, Occurrences& due);

private:
    board::Inputs inputs_{};
    board::LatchedChanges latched_{};
    std::uint16_t low_battery_mv_{3'100};
    std::array<std::uint8_t, board::kInputCount + 2> pending_s_{};  ///< since the level differs from the condition
};

}  // namespace ferraris::meter
