#include "meter/display/seven_segments.hpp"

#include <algorithm>
#include <array>

namespace ferraris::meter {
namespace {

struct Glyph {
    char character;
    board::Segments segments;  ///< gfedcba
};

// Digits come first: what a digit shows is read as one.
constexpr std::array kGlyphs{
    Glyph{' ', 0b0000000}, Glyph{'0', 0b0111111}, Glyph{'1', 0b0000110}, Glyph{'2', 0b1011011}, Glyph{'3', 0b1001111},
    Glyph{'4', 0b1100110}, Glyph{'5', 0b1101101}, Glyph{'6', 0b1111101}, Glyph{'7', 0b0000111}, Glyph{'8', 0b1111111},
    Glyph{'9', 0b1101111}, Glyph{'-', 0b1000000}, Glyph{'_', 0b0001000}, Glyph{'A', 0b1110111}, Glyph{'b', 0b1111100},
    Glyph{'C', 0b0111001}, Glyph{'d', 0b1011110}, Glyph{'E', 0b1111001}, Glyph{'F', 0b1110001}, Glyph{'G', 0b0111101},
    Glyph{'H', 0b1110110}, Glyph{'i', 0b0000100}, Glyph{'J', 0b0011110}, Glyph{'L', 0b0111000}, Glyph{'n', 0b1010100},
    Glyph{'o', 0b1011100}, Glyph{'P', 0b1110011}, Glyph{'q', 0b1100111}, Glyph{'r', 0b1010000}, Glyph{'S', 0b1101101},
    Glyph{'t', 0b1111000}, Glyph{'U', 0b0111110}, Glyph{'y', 0b1101110}, Glyph{'Z', 0b1011011}, Glyph{'=', 0b1001000},
};

constexpr char kPointCharacter = '.';

constexpr char lower(char character) {
    return character >= 'A' && character <= 'Z' ? static_cast<char>(character - 'A' + 'a') : character;
}

/// Calls `put(segments)` for each digit, points already in.
template <class Put>
void for_each_digit(std::string_view text, Put&& put) {
    for (std::size_t i = 0; i < text.size(); ++i) {
        board::Segments segments = 0;
        if (text[i] != kPointCharacter) {
            segments = segments_of(text[i]).value_or(0);
            if (i + 1 == text.size() || text[i + 1] != kPointCharacter) {
                put(segments);
                continue;
            }
            ++i;
        }
        put(static_cast<board::Segments>(segments | board::kPoint));
    }
}

/// The digits of `text` from `first` on, into `field` from `start` on. Its last digit has no point.
void fill(std::string_view text, std::size_t first, std::size_t start, std::span<board::Segments> field) {
    std::ranges::fill(field, board::Segments{0});
    std::size_t digit = 0;
    for_each_digit(text, [&](board::Segments segments) {
        const std::size_t at = start + digit - first;
        if (digit++ >= first && at < field.size()) field[at] = segments;
    });
    if (!field.empty()) field.back() = static_cast<board::Segments>(field.back() & ~unsigned{board::kPoint});
}

}  // namespace

std::optional<board::Segments> segments_of(char character) {
    const auto* const found =
        std::ranges::find_if(kGlyphs, [&](const Glyph& glyph) { return lower(glyph.character) == lower(character); });
    if (found == kGlyphs.end()) return std::nullopt;
    return found->segments;
}

char character_of(board::Segments segments) {
    const auto* const found =
        std::ranges::find(kGlyphs, static_cast<board::Segments>(segments & ~unsigned{board::kPoint}), &Glyph::segments);
    return found == kGlyphs.end() ? '?' : found->character;
}

std::optional<std::size_t> digits_of(std::string_view text) {
    const bool shown = std::ranges::all_of(
        text, [](char character) { return character == kPointCharacter || segments_of(character).has_value(); });
    if (!shown) return std::nullopt;
    std::size_t digits = 0;
    for_each_digit(text, [&](board::Segments) { ++digits; });
    return digits;
}

void show_text(std::string_view text, Alignment alignment, std::span<board::Segments> field) {
    std::size_t count = 0;
    for_each_digit(text, [&](board::Segments) { ++count; });
    const std::size_t start = alignment == Alignment::right && count < field.size() ? field.size() - count : 0;
    fill(text, 0, start, field);
}

void show_page(std::string_view text, std::uint64_t page, std::span<board::Segments> field) {
    std::size_t count = 0;
    for_each_digit(text, [&](board::Segments) { ++count; });
    if (count <= field.size()) return show_text(text, Alignment::right, field);
    const std::size_t pages = (count + field.size() - 1) / field.size();
    fill(text, static_cast<std::size_t>(page % pages) * field.size(), 0, field);
}

}  // namespace ferraris::meter
