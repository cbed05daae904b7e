/// The board's watchdog: it bites when nobody has kicked it for some seconds.
#pragma once

#include <cstdint>

#include "board/watchdog.hpp"

namespace ferraris::twin {

class Watchdog final : public board::Watchdog {
public:
    static constexpr std::uint32_t kPatienceSeconds = 8;

    void kick() override { waited_s_ = 0; }
    [[nodiscard]] bool restarted() const override { return restarted_; }
    /// A second passes. True: it bites, and the meter has to be started anew.
    [[nodiscard]] bool second() {
        if (++waited_s_ < kPatienceSeconds) return false;
        waited_s_ = 0;
        restarted_ = true;
        return true;
    }
    /// Power goes, and what happened before is forgotten.
    void power_down() {
        waited_s_ = 0;
        restarted_ = false;
    }

private:
    std::uint32_t waited_s_{0};
    bool restarted_{false};
};

}  // namespace ferraris::twin
