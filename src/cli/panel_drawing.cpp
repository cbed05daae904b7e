#include "cli/panel_drawing.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <span>

namespace ferraris::cli {
namespace {

using board::Icon;
using board::LedState;
using board::Segments;

/// Of the glass, without its frame.
constexpr std::size_t kGlassWidth = 68;
constexpr std::size_t kFrameWidth = 4;
constexpr std::size_t kCodeWidth = 15;

constexpr int kSegmentCount = 7;

/// Where a segment is in the picture of a digit, and what it looks like.
struct Stroke {
    std::size_t line;
    std::size_t column;
    const char* look;
};

struct GlyphSet {
    std::size_t digit_lines;
    std::array<Stroke, kSegmentCount> strokes;  // in the order of the bits: a to g
    const char* point;
    const char* lit_led;
    const char* dark_led;
    const char* triangle;
    const char* side;
    // Corners above, edge, corners below; without and with the back-light.
    std::array<std::array<const char*, 5>, 2> frame;
};

constexpr GlyphSet kAsciiGlyphs{
    3,     {{{0, 1, "_"}, {1, 2, "|"}, {2, 2, "|"}, {2, 1, "_"}, {2, 0, "|"}, {1, 0, "|"}, {1, 1, "_"}}},
    ".",   "(*)",
    "( )", "v",
    "|",   {{{"+", "+", "-", "+", "+"}, {"+", "+", "=", "+", "+"}}},
};
constexpr GlyphSet kUnicodeGlyphs{
    5,   {{{0, 1, "━"}, {1, 2, "┃"}, {3, 2, "┃"}, {4, 1, "━"}, {3, 0, "┃"}, {1, 0, "┃"}, {2, 1, "━"}}},
    "▪", "●",
    "○", "▼",
    "│", {{{"┌", "┐", "─", "└", "┘"}, {"┏", "┓", "━", "┗", "┛"}}},
};

const GlyphSet& glyph_set(PanelGlyphs glyphs) { return glyphs == PanelGlyphs::unicode ? kUnicodeGlyphs : kAsciiGlyphs; }

bool begins_character(char octet) { return (static_cast<unsigned char>(octet) & 0xC0U) != 0x80U; }

std::size_t columns_of(const std::string& text) {
    return static_cast<std::size_t>(std::ranges::count_if(text, begins_character));
}

std::string filled_to(std::string text, std::size_t columns) {
    const std::size_t used = columns_of(text);
    if (used < columns) text.append(columns - used, ' ');
    return text;
}

std::string digit_line(std::span<const Segments> field, std::size_t line, const GlyphSet& glyphs) {
    std::string text;
    for (const Segments segments : field) {
        std::array<const char*, 4> cells{" ", " ", " ", " "};
        for (int i = 0; i < kSegmentCount; ++i) {
            const Stroke& stroke = glyphs.strokes[static_cast<std::size_t>(i)];
            if (stroke.line == line && (segments >> i & 1) != 0) cells[stroke.column] = stroke.look;
        }
        if (line + 1 == glyphs.digit_lines && (segments & board::kPoint) != 0) cells[3] = glyphs.point;
        for (const char* const cell : cells) text += cell;
    }
    return text;
}

bool is_shown(const PanelView& view, const PanelPicture& picture, Icon icon) {
    return view.lcd.icons.has(icon) && (picture.lit || !view.lcd.blinking.has(icon));
}

/// The names of those of `icons` that are lit; each has its place, whether it is or not.
std::string icon_line(const PanelView& view, const PanelPicture& picture, std::span<const Icon> icons) {
    std::string text;
    for (const Icon icon : icons) {
        const std::string name(board::name_of(icon));
        text += (text.empty() ? "" : "  ") + (is_shown(view, picture, icon) ? name : std::string(name.size(), ' '));
    }
    return text;
}

constexpr std::array kTopIcons{Icon::quadrant_1, Icon::quadrant_2, Icon::quadrant_3, Icon::quadrant_4,
                               Icon::phase_1,    Icon::phase_2,    Icon::phase_3,    Icon::alarm,
                               Icon::disconnect, Icon::optical,    Icon::battery};
constexpr std::array kSubMeterIcons{Icon::water_meter, Icon::heat_meter, Icon::gas_meter, Icon::electricity_meter};
constexpr std::array kFlowIcons{Icon::load, Icon::active_anti_creep, Icon::reactive_anti_creep};
constexpr std::array kTariffIcons{Icon::tariff_1, Icon::tariff_2, Icon::tariff_3,
                                  Icon::tariff_4, Icon::tariff_5, Icon::tariff_6};

std::string tariff_line(const PanelView& view, const PanelPicture& picture) {
    std::string text = "tariff";
    for (std::size_t i = 0; i < kTariffIcons.size(); ++i) {
        const bool shown = is_shown(view, picture, kTariffIcons[i]);
        text += fmt::format("  {}{}", shown ? glyph_set(picture.glyphs).triangle : " ", i + 1);
    }
    return text;
}

std::string led(LedState state, const PanelPicture& picture) {
    const bool on = state == LedState::on || (state == LedState::flashing && picture.lit);
    return on ? glyph_set(picture.glyphs).lit_led : glyph_set(picture.glyphs).dark_led;
}

std::string front_line(const PanelView& view, const PanelPicture& picture) {
    const std::string by_button = view.manual ? ", by the button" : "";
    return fmt::format("{} impulses   {} relay 1   {} relay 2   {}{}",
                       led(picture.pulse ? LedState::on : LedState::off, picture), led(view.relay_1, picture),
                       led(view.relay_2, picture), mode_text(view.mode), by_button);
}

std::vector<std::string> draw_glass(const PanelView& view, const PanelPicture& picture) {
    const GlyphSet& glyphs = glyph_set(picture.glyphs);
    const auto& frame = glyphs.frame[view.lcd.back_light ? 1 : 0];
    std::string edge;
    for (std::size_t i = 0; i < kGlassWidth + 2; ++i) edge += frame[2];

    std::vector<std::string> rows{icon_line(view, picture, kTopIcons), ""};
    for (std::size_t line = 0; line < glyphs.digit_lines; ++line) {
        const bool last = line + 1 == glyphs.digit_lines;
        rows.push_back(filled_to(last ? digits_text(view.lcd.code) : "", kCodeWidth) +
                       digit_line(view.lcd.digits, line, glyphs) + (last ? "  " + unit_text(view.lcd) : ""));
    }
    rows.emplace_back();
    rows.push_back(filled_to(tariff_line(view, picture), 35) + icon_line(view, picture, kSubMeterIcons));
    rows.push_back(icon_line(view, picture, kFlowIcons));

    std::vector<std::string> lines{frame[0] + edge + frame[1]};
    for (const std::string& row : rows) {
        lines.push_back(fmt::format("{0} {1} {0}", glyphs.side, filled_to(row, kGlassWidth)));
    }
    lines.push_back(frame[3] + edge + frame[4]);
    lines.push_back("  " + front_line(view, picture));
    return lines;
}

/// Words one behind the other, in as many lines as they need.
void put_words(std::vector<std::string>& lines, const std::vector<std::string>& words, std::size_t columns) {
    std::string line;
    for (const std::string& word : words) {
        if (!line.empty() && columns_of(line) + 2 + columns_of(word) > columns) {
            lines.push_back(line);
            line.clear();
        }
        line += (line.empty() ? "" : "  ") + word;
    }
    lines.push_back(line);
}

/// The same as text, for terminals that are narrower than the glass.
std::vector<std::string> draw_narrow(const PanelView& view, const PanelPicture& picture) {
    std::vector<std::string> lines{
        fmt::format("{}  {} {}", digits_text(view.lcd.code), digits_text(view.lcd.digits), unit_text(view.lcd))};
    std::vector<std::string> words;
    for (const std::span<const Icon> icons :
         {std::span<const Icon>(kTopIcons), std::span<const Icon>(kTariffIcons), std::span<const Icon>(kSubMeterIcons),
          std::span<const Icon>(kFlowIcons)}) {
        for (const Icon icon : icons) {
            if (is_shown(view, picture, icon)) words.emplace_back(board::name_of(icon));
        }
    }
    put_words(lines, words, picture.columns);
    put_words(lines,
              {fmt::format("{} impulses", led(picture.pulse ? LedState::on : LedState::off, picture)),
               fmt::format("{} relay 1", led(view.relay_1, picture)),
               fmt::format("{} relay 2", led(view.relay_2, picture)), mode_text(view.mode)},
              picture.columns);
    for (std::string& line : lines) line = cut_to_columns(line, picture.columns);
    return lines;
}

}  // namespace

std::string cut_to_columns(const std::string& text, std::size_t columns) {
    std::size_t used = 0;
    for (std::size_t i = 0; i < text.size(); ++i) {
        if (begins_character(text[i]) && ++used > columns) return text.substr(0, i);
    }
    return text;
}

std::vector<std::string> draw_panel(const PanelView& view, const PanelPicture& picture) {
    return picture.columns < kGlassWidth + kFrameWidth ? draw_narrow(view, picture) : draw_glass(view, picture);
}

}  // namespace ferraris::cli
