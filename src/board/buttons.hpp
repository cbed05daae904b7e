/// The buttons at the front of the meter.
#pragma once

#include <cstddef>
#include <cstdint>

namespace ferraris::board {

enum class Button : std::uint8_t {
    display,  ///< scrolls the display
    relay,    ///< connects and disconnects the supply, as far as disconnect control lets it
};
inline constexpr std::size_t kButtonCount = 2;

}  // namespace ferraris::board
