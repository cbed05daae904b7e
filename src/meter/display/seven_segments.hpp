/// Characters as seven segments show them, and texts in a field of digits.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string_view>

#include "board/lcd.hpp"

namespace ferraris::meter {

/// Nothing for what seven segments cannot show. Of letters, one form serves capital and small.
[[nodiscard]] std::optional<board::Segments> segments_of(char character);
/// The reverse, without the point: digits before letters that look the same; '?' for what is no character.
[[nodiscard]] char character_of(board::Segments segments);

/// How many digits `text` takes: a point goes behind the character before it. Nothing: it has a character that cannot
/// be shown.
[[nodiscard]] std::optional<std::size_t> digits_of(std::string_view text);

enum class Alignment : std::uint8_t { left, right };
/// Writes `text` over `field`, the rest dark. What does not fit is left out at the end; what cannot be shown is dark.
void show_text(std::string_view text, Alignment alignment, std::span<board::Segments> field);
/// The same for a text that may be longer: in pages as long as the field, of which `page` is shown, from 0 on and
/// around. One that fits is at the right.
void show_page(std::string_view text, std::uint64_t page, std::span<board::Segments> field);

}  // namespace ferraris::meter
