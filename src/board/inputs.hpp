/// What a board senses besides the mains: its covers, a magnet, its backup battery.
///
/// Covers and magnet are watched on the backup supply too. A board with a latch notes each change while the mains are
/// away, with its time; one without shows at power-up only what is so then.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>

#include "base/civil_time.hpp"
#include "base/fixed_vector.hpp"

namespace ferraris::board {

enum class Input : std::uint8_t { meter_cover, terminal_cover, battery_cover, ripple_relay_cover, magnet };
inline constexpr std::size_t kInputCount = 5;

/// The levels of the inputs; bit n: cover n is off, or the field is strong.
class InputLevels {
public:
    [[nodiscard]] constexpr bool is_active(Input input) const {
        return (bits_ >> static_cast<unsigned>(input) & 1U) != 0;
    }
    constexpr void set(Input input, bool active) {
        const unsigned bit = 1U << static_cast<unsigned>(input);
        bits_ = static_cast<std::uint8_t>(active ? bits_ | bit : bits_ & ~bit);
    }
    friend constexpr bool operator==(const InputLevels&, const InputLevels&) = default;

private:
    std::uint8_t bits_{0};
};

struct Inputs {
    InputLevels levels{};
    std::uint16_t battery_millivolts{3600};  ///< of the backup supply, unloaded
};

/// A change that the board saw on the backup supply.
struct LatchedChange {
    Input input{};
    bool active{false};
    UtcTime at{};  ///< by the board's clock
};
/// In the order in which they happened. What no longer fits is not noted, but the level at power-up still tells.
using LatchedChanges = FixedVector<LatchedChange, 16>;

}  // namespace ferraris::board
