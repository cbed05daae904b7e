/// A relay of the board: a contact that the meter opens and closes.
#pragma once

#include <optional>

namespace ferraris::board {

class Relay {
public:
    virtual ~Relay() = default;

    /// Drives the contact, also into the state that it should have already: after a loss of power nobody knows where a
    /// bistable one stands. False: the driver does not answer.
    [[nodiscard]] virtual bool drive(bool closed) = 0;

    /// Whether the contact is closed, as an auxiliary contact or the voltage behind it tells; nothing where the board
    /// senses neither. It may be late by as much as a second.
    [[nodiscard]] virtual std::optional<bool> sensed() const { return std::nullopt; }
};

}  // namespace ferraris::board
