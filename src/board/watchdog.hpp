/// A timer beside the processor that starts the meter anew when nobody kicks it for some seconds.
#pragma once

namespace ferraris::board {

class Watchdog {
public:
    virtual ~Watchdog() = default;

    virtual void kick() = 0;
    /// Whether the meter runs because of it, and not because power came.
    [[nodiscard]] virtual bool restarted() const = 0;
};

}  // namespace ferraris::board
