/// Keys as the meter's buttons: a tap is a press, a key that is held repeats itself and keeps the button down, and a
/// capital is a long press.
#pragma once

#include <array>
#include <chrono>
#include <cstdint>
#include <optional>

#include "board/buttons.hpp"

namespace ferraris::cli {

/// Bit n: button n is held.
using HeldButtons = std::uint8_t;

class PanelKeys {
public:
    using Milliseconds = std::chrono::milliseconds;

    /// `long_press`: as long as the meter wants it.
    explicit PanelKeys(Milliseconds long_press) : long_press_(long_press + kMargin) {}

    /// A key came at that time; what is no button's is passed over.
    void key(char key, Milliseconds now);
    /// Time has come there. The buttons that are held now, where that is another answer than before.
    [[nodiscard]] std::optional<HeldButtons> advance(Milliseconds now);
    [[nodiscard]] HeldButtons held() const { return held_; }

private:
    /// A tap lasts as long as a finger's.
    static constexpr Milliseconds kTap{150};
    /// Beyond the time of a long press, for a line that is slow at one end and quick at the other.
    static constexpr Milliseconds kMargin{500};

    Milliseconds long_press_;
    std::array<Milliseconds, board::kButtonCount> until_{};
    HeldButtons held_{0};
};

}  // namespace ferraris::cli
