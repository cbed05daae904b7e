/// The LEDs of the relays at the front of the meter. The board makes them flash, about once a second.
#pragma once

#include <cstdint>

namespace ferraris::board {

enum class Led : std::uint8_t {
    relay_1,  ///< the supply: on connected, flashing ready for reconnection, off disconnected
    relay_2,  ///< ripple control: on closed, off open
};

enum class LedState : std::uint8_t { off, on, flashing };

}  // namespace ferraris::board
