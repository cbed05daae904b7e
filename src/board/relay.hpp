/// A relay of the board: a contact that the meter opens and closes.
#pragma once

namespace ferraris::board {

class Relay {
public:
    virtual ~Relay() = default;

    /// Drives the contact, also into the state that it should have already: after a loss of power nobody knows where a
    /// bistable one stands. False: the driver does not answer.
    [[nodiscard]] virtual bool drive(bool closed) = 0;
};

}  // namespace ferraris::board
