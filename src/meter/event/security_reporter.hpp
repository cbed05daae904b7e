/// Attempts on the meter's security as events. Whoever attacks can try often: a row a minute tells how many there were,
/// so that no log and no flash is filled.
#pragma once

#include <array>
#include <cstdint>

#include "base/civil_time.hpp"
#include "dlms/server/logical_device.hpp"
#include "meter/event/input_monitor.hpp"

namespace ferraris::meter {

class SecurityReporter {
public:
    /// An attempt of a kind that is not an attack is nothing. What is due now goes into `due`; the rest waits for
    /// `tick`.
    void happened(dlms::SecurityEvent event, UtcTime board, Occurrences& due);
    /// Once a second.
    void tick(UtcTime board, Occurrences& due);

    [[nodiscard]] static bool is_attack(dlms::SecurityEvent event);

private:
    static constexpr std::size_t kAttackCount = 3;
    struct State {
        std::uint32_t untold{0};
        UtcTime quiet_until{};
    };
    void tell(std::size_t attack, UtcTime board, Occurrences& due);

    std::array<State, kAttackCount> states_{};
};

}  // namespace ferraris::meter
