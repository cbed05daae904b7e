#include "cli/panel_view.hpp"

#include <algorithm>
#include <array>
#include <nlohmann/json.hpp>

#include "cli/error.hpp"
#include "dlms/data.hpp"
#include "meter/display/seven_segments.hpp"

namespace ferraris::cli {
namespace {

using board::Icon;
using board::IconSet;
using board::LedState;

constexpr std::size_t kViewElements = 11;
constexpr std::array<const char*, 5> kModeNames{"off", "full screen", "normal", "service", "test"};
constexpr std::array<const char*, 3> kLedNames{"off", "on", "flashing"};

bool is_unit(std::size_t icon) {
    return icon >= static_cast<std::size_t>(Icon::unit_kilo) && icon <= static_cast<std::size_t>(Icon::unit_gigajoule);
}

/// A number of an enumeration that has `count` of them.
template <class Enumeration>
Enumeration take_enum(dlms::DataReader& in, std::size_t count, bool& known) {
    const std::uint8_t number = in.enum_();
    known = known && number < count;
    return static_cast<Enumeration>(number);
}

nlohmann::ordered_json icon_names(IconSet icons) {
    auto names = nlohmann::ordered_json::array();
    for (std::size_t i = 0; i < board::kIconCount; ++i) {
        if (!is_unit(i) && icons.has(static_cast<Icon>(i))) names.push_back(board::kIconNames[i]);
    }
    return names;
}

}  // namespace

PanelView take_panel_view(ByteView value) {
    dlms::DataReader in(value);
    PanelView view;
    bool known = in.structure() == kViewElements;
    const ByteView digits = in.octet_string();
    const ByteView code = in.octet_string();
    view.lcd.icons = IconSet(in.long64_unsigned());
    view.lcd.blinking = IconSet(in.long64_unsigned());
    view.lcd.back_light = in.boolean();
    view.mode = take_enum<meter::DisplayMode>(in, kModeNames.size(), known);
    view.manual = in.boolean();
    view.item = in.unsigned_();
    view.relay_1 = take_enum<LedState>(in, kLedNames.size(), known);
    view.relay_2 = take_enum<LedState>(in, kLedNames.size(), known);
    view.pulses = in.double_long_unsigned();
    if (!known || !in.finished() || digits.size() != view.lcd.digits.size() || code.size() != view.lcd.code.size()) {
        throw CliError("the meter's object 0-0:128.30.0 is no display that this program knows; is it another model?");
    }
    std::ranges::copy(digits, view.lcd.digits.begin());
    std::ranges::copy(code, view.lcd.code.begin());
    return view;
}

std::string digits_text(std::span<const board::Segments> field) {
    std::string text;
    for (const board::Segments segments : field) {
        const auto without_point = static_cast<board::Segments>(segments & ~board::kPoint);
        text += meter::character_of(without_point);
        if ((segments & board::kPoint) != 0) text += '.';
    }
    const std::size_t first = text.find_first_not_of(' ');
    if (first == std::string::npos) return {};
    return text.substr(first, text.find_last_not_of(' ') - first + 1);
}

std::string unit_text(const board::Lcd& lcd) {
    std::string text;
    for (std::size_t i = 0; i < board::kIconCount; ++i) {
        if (is_unit(i) && lcd.icons.has(static_cast<Icon>(i))) text += board::kIconNames[i];
    }
    return text;
}

std::string flashing_text(const PanelView& view) {
    std::string text;
    const auto add = [&text](std::string_view name) {
        text += text.empty() ? "" : ", ";
        text += name;
    };
    for (std::size_t i = 0; i < board::kIconCount; ++i) {
        if (view.lcd.blinking.has(static_cast<Icon>(i))) add(board::kIconNames[i]);
    }
    if (view.relay_1 == LedState::flashing) add("LED of relay 1");
    if (view.relay_2 == LedState::flashing) add("LED of relay 2");
    return text;
}

std::string mode_text(meter::DisplayMode mode) { return kModeNames[static_cast<std::size_t>(mode)]; }

nlohmann::ordered_json panel_json(const PanelView& view) {
    const auto led = [](LedState state) { return kLedNames[static_cast<std::size_t>(state)]; };
    return {{"code", digits_text(view.lcd.code)},
            {"digits", digits_text(view.lcd.digits)},
            {"unit", unit_text(view.lcd)},
            {"icons", icon_names(view.lcd.icons)},
            {"flashing", icon_names(view.lcd.blinking)},
            {"back_light", view.lcd.back_light},
            {"mode", mode_text(view.mode)},
            {"item", view.item},
            {"by_button", view.manual},
            {"led_relay_1", led(view.relay_1)},
            {"led_relay_2", led(view.relay_2)},
            {"pulses", view.pulses}};
}

}  // namespace ferraris::cli
