/// A picture of the display in one line: `1.8.0 [00001.234] k W h, L1, tariff 1, battery*`; a star blinks.
#pragma once

#include <span>
#include <string>

#include "board/lcd.hpp"
#include "meter/display/seven_segments.hpp"

namespace ferraris::meter::testing {

inline std::string characters_of(std::span<const board::Segments> field) {
    std::string text;
    for (const board::Segments segments : field) {
        text += character_of(segments);
        if ((segments & board::kPoint) != 0) text += '.';
    }
    return text;
}

inline std::string text_of(const board::Lcd& lcd) {
    std::string code = characters_of(lcd.code);
    code.erase(code.find_last_not_of(' ') + 1);
    std::string text = (code.empty() ? "[" : code + " [") + characters_of(lcd.digits) + "]";
    for (std::size_t i = 0; i < board::kIconCount; ++i) {
        const auto icon = static_cast<board::Icon>(i);
        if (!lcd.icons.has(icon)) continue;
        const bool is_unit = icon >= board::Icon::unit_kilo && icon <= board::Icon::unit_gigajoule;
        text += is_unit ? " " : ", ";
        text += std::string(board::name_of(icon));
        if (lcd.blinking.has(icon)) text += '*';
    }
    if (lcd.back_light) text += ", back-light";
    return text;
}

}  // namespace ferraris::meter::testing
