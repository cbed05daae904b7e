/// The contact of relay 1: drives it, and notices when it does not follow, by what the board senses and by a current
/// that flows where none can.
#pragma once

#include <cstdint>
#include <optional>

#include "board/relay.hpp"
#include "meter/event/input_monitor.hpp"
#include "metrology/measurement.hpp"

namespace ferraris::meter {

class SupplyContact {
public:
    /// The relay outlives this. Without one nothing is driven and nothing can fail.
    void attach(board::Relay& relay) { relay_ = &relay; }

    /// False: the driver does not answer.
    bool drive(bool closed);
    /// As sensed; nothing where nobody senses it.
    [[nodiscard]] std::optional<bool> sensed() const { return relay_ != nullptr ? relay_->sensed() : std::nullopt; }

    /// Once a second. `conditions` are those that hold now. While a failure stands, the contact is driven again each
    /// minute.
    void tick(const metrology::Measurement& measurement, std::uint32_t conditions, Occurrences& due);

private:
    [[nodiscard]] bool is_wrong(const metrology::Measurement& measurement) const;

    board::Relay* relay_{nullptr};
    bool closed_{true};
    bool answered_{true};
    std::uint8_t pending_s_{0};  ///< since what is seen differs from the condition
    std::uint8_t retry_s_{0};
    std::uint32_t failed_s_{0};
};

}  // namespace ferraris::meter
