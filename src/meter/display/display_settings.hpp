/// How long the display shows what, and who may see the service mode.
#pragma once

#include <cstdint>

#include "meter/store/parameter_store.hpp"

namespace ferraris::meter {

struct DisplaySettings {
    std::uint8_t full_screen_s{3};      ///< 1 to 30: all segments, at power-up
    std::uint8_t auto_scroll_s{10};     ///< 1 to 100: each item
    std::uint8_t manual_scroll_s{3};    ///< 1 to 100: after the last press, until the display scrolls by itself again
    std::uint8_t long_press_s{8};       ///< 2 to 30: enters the service mode
    std::uint8_t back_light_s{5};       ///< 0 to 100: after a press; 0: there is no back-light
    std::uint16_t service_mode_s{600};  ///< 10 to 3600: then the service mode ends at the latest
    std::uint8_t battery_s{10};         ///< 1 to 60: after a press while the mains are off
    bool service_at_power_up{false};    ///< the service list comes first at power-up
    bool service_wants_open_cover{false};  ///< the service mode is entered with the terminal cover off only

    /// Whether every value lies within its range.
    [[nodiscard]] bool possible() const;
    void recover(const ParameterStore& store);
    /// Durable when true.
    [[nodiscard]] bool write(ParameterStore& store) const;

    friend bool operator==(const DisplaySettings&, const DisplaySettings&) = default;
};

}  // namespace ferraris::meter
