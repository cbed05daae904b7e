/// The front of a meter in characters: the glass with its digits and icons, and the LEDs.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

#include "cli/panel_view.hpp"

namespace ferraris::cli {

enum class PanelGlyphs : std::uint8_t { ascii, unicode };

struct PanelPicture {
    PanelGlyphs glyphs{PanelGlyphs::ascii};
    std::size_t columns{80};  ///< never more are used; where the glass does not fit, its values stand as text
    bool lit{true};           ///< of what flashes, the half in which it is lit
    bool pulse{false};        ///< the metrological LED is lit
};

/// Lines without their ends.
[[nodiscard]] std::vector<std::string> draw_panel(const PanelView& view, const PanelPicture& picture);

/// As many of the columns that people see as there is room for.
[[nodiscard]] std::string cut_to_columns(const std::string& text, std::size_t columns);

}  // namespace ferraris::cli
