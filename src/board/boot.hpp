/// What a board's boot loader does for a program that replaces itself: which image runs at the next start, once on
/// trial, and for good when it has confirmed itself. A new program that does not come up is never the end of a meter.
#pragma once

#include <cstdint>

namespace ferraris::board {

/// Where a program lies: the one that the factory put in, which stays, and the two image areas of the flash.
enum class Slot : std::uint8_t { factory, first, second };

struct BootState {
    Slot running{Slot::factory};
    bool trial{false};  ///< not confirmed yet: after a few starts without it the program before runs again
};

class Boot {
public:
    virtual ~Boot() = default;

    [[nodiscard]] virtual BootState state() const = 0;
    /// From the next start on `slot` runs, on trial. Durable when true; when false, what runs goes on.
    [[nodiscard]] virtual bool try_slot(Slot slot) = 0;
    /// What runs is good, and stays. Durable when true.
    [[nodiscard]] virtual bool confirm() = 0;
    /// The board starts anew as soon as the call into the meter has returned: as after a loss of power.
    virtual void restart() = 0;
};

}  // namespace ferraris::board
