#include "cli/panel_keys.hpp"

#include <algorithm>

namespace ferraris::cli {
namespace {

struct Key {
    char letter;
    board::Button button;
    bool is_long;
    /// A key that is held pauses before it repeats. The relay's button must not count that as a second press; of the
    /// display's two taps in short order are more likely.
    std::chrono::milliseconds repeat;
};
constexpr std::array<Key, 4> kKeys{{
    {'d', board::Button::display, false, std::chrono::milliseconds(0)},
    {'D', board::Button::display, true, std::chrono::milliseconds(0)},
    {'r', board::Button::relay, false, std::chrono::milliseconds(600)},
    {'R', board::Button::relay, true, std::chrono::milliseconds(600)},
}};

}  // namespace

void PanelKeys::key(char letter, Milliseconds now) {
    const auto* const key = std::ranges::find(kKeys, letter, &Key::letter);
    if (key == kKeys.end()) return;
    Milliseconds& until = until_[static_cast<std::size_t>(key->button)];
    until = std::max(until, now + (key->is_long ? long_press_ : kTap + key->repeat));
}

std::optional<HeldButtons> PanelKeys::advance(Milliseconds now) {
    HeldButtons held = 0;
    for (std::size_t button = 0; button < until_.size(); ++button) {
        if (now < until_[button]) held = static_cast<HeldButtons>(held | 1U << button);
    }
    if (held == held_) return std::nullopt;
    held_ = held;
    return held;
}

}  // namespace ferraris::cli
