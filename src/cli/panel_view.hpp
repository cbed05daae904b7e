/// What a meter shows on its front, as object 0-0:128.30.0 says it: the glass, its mode, and the LEDs beside it.
#pragma once

#include <cstdint>
#include <nlohmann/json_fwd.hpp>
#include <span>
#include <string>

#include "board/lcd.hpp"
#include "board/leds.hpp"
#include "dlms/logical_name.hpp"
#include "meter/display/display.hpp"

namespace ferraris::cli {

inline constexpr dlms::AttributeDescriptor kPanelContent{1, dlms::obis(0, 0, 128, 30, 0), 2};
inline constexpr dlms::AttributeDescriptor kPanelSettings{1, dlms::obis(0, 0, 128, 30, 3), 2};
inline constexpr dlms::AttributeDescriptor kPanelButtons{1, dlms::obis(0, 0, 128, 30, 5), 2};

struct PanelView {
    board::Lcd lcd{};
    meter::DisplayMode mode{meter::DisplayMode::off};
    bool manual{false};    ///< the button leads, not time
    std::uint8_t item{0};  ///< of the list, from 1 on
    board::LedState relay_1{board::LedState::off};
    board::LedState relay_2{board::LedState::off};
    std::uint32_t pulses{0};  ///< flashes of the metrological LED, ever

    friend bool operator==(const PanelView&, const PanelView&) = default;
};

/// Throws CliError for what is no such value.
[[nodiscard]] PanelView take_panel_view(ByteView value);

/// Digits or code as characters: "00001.234", "1.8.0"; '?' for what is no character, no blanks around.
[[nodiscard]] std::string digits_text(std::span<const board::Segments> field);
/// The unit icons in one word: "kWh", "V"; empty when none is lit.
[[nodiscard]] std::string unit_text(const board::Lcd& lcd);
/// What flashes, of icons and LEDs: "L1, relay 1"; empty: nothing.
[[nodiscard]] std::string flashing_text(const PanelView& view);
/// "full screen"
[[nodiscard]] std::string mode_text(meter::DisplayMode mode);

[[nodiscard]] nlohmann::ordered_json panel_json(const PanelView& view);

}  // namespace ferraris::cli
