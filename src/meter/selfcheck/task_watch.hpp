/// Kicks the board's watchdog only when every task of the meter has run since the last time: a loop that hangs in one
/// of them does not keep itself alive by the other.
#pragma once

#include <cstdint>

#include "board/watchdog.hpp"

namespace ferraris::meter {

enum class Task : std::uint8_t { metering, ports, count };

class TaskWatch {
public:
    /// It outlives the watch.
    void attach(board::Watchdog& watchdog) { watchdog_ = &watchdog; }
    /// Whether the watchdog started the meter.
    [[nodiscard]] bool restarted() const { return watchdog_ != nullptr && watchdog_->restarted(); }
    void ran(Task task) {
        constexpr unsigned kAll = (1U << static_cast<unsigned>(Task::count)) - 1U;
        ran_ = static_cast<std::uint8_t>(ran_ | 1U << static_cast<unsigned>(task));
        if (ran_ != kAll || watchdog_ == nullptr) return;
        ran_ = 0;
        watchdog_->kick();
    }

private:
    board::Watchdog* watchdog_{nullptr};
    std::uint8_t ran_{0};  ///< by task, since the last kick
};

}  // namespace ferraris::meter
