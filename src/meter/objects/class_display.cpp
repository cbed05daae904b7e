// Class 1, Data, of the display: its content, its lists, its settings, test mode and the buttons (IEC 62056-6-2; names
// of manufacturer-specific objects, IEC 62056-6-1).
#include <array>

#include "meter/objects/classes.hpp"
#include "meter/objects/lcd_content.hpp"

namespace ferraris::meter {
namespace {

using dlms::DataAccessResult;

DataAccessResult stored(bool done) { return done ? DataAccessResult::success : DataAccessResult::hardware_fault; }

/// What the metrological LED has flashed, by the registers: its constant is impulses a kilowatt-hour.
std::uint32_t active_pulses(const Instrument& meter) {
    using metrology::Energy;
    constexpr std::uint64_t kMilliwatthoursPerKilowatthour = 1'000'000;
    constexpr auto kActive = static_cast<EnergyMask>(mask_of(Energy::active_import) | mask_of(Energy::active_export));
    const std::uint64_t energy = meter.registers.milliwatthours(kActive, 0);
    return static_cast<std::uint32_t>(energy * meter.impulses_per_kilowatthour / kMilliwatthoursPerKilowatthour);
}

void write_lcd(const Context& context, dlms::DataWriter& data) {
    const Display& display = context.meter.display;
    const board::Lcd lcd = lcd_content(context.meter);
    data.structure(11);
    data.octet_string(lcd.digits);
    data.octet_string(lcd.code);
    data.long64_unsigned(lcd.icons.bits());
    data.long64_unsigned(lcd.blinking.bits());
    data.boolean(lcd.back_light);
    data.enum_(static_cast<std::uint8_t>(display.mode()));
    data.boolean(display.is_manual());
    data.unsigned_(static_cast<std::uint8_t>(display.item() + 1));
    data.enum_(static_cast<std::uint8_t>(context.meter.led(board::Led::relay_1)));
    data.enum_(static_cast<std::uint8_t>(context.meter.led(board::Led::relay_2)));
    data.double_long_unsigned(active_pulses(context.meter));
}

constexpr std::size_t kItemElements = 6;

DisplayListIndex list_of(const Context& context) { return static_cast<DisplayListIndex>(context.row.address); }

void write_list(const Context& context, dlms::DataWriter& data) {
    const DisplayList list = read_display_list(context.meter.parameters, list_of(context));
    data.array(list.size());
    for (const DisplayItem& item : list) {
        data.structure(kItemElements);
        data.long_unsigned(item.object.attribute.class_id);
        data.octet_string(item.object.attribute.instance);
        data.integer(item.object.attribute.attribute);
        data.long_unsigned(item.object.data_index);
        data.unsigned_(item.decimals);
        data.visible_string(item.id.view());
    }
}

DataAccessResult take_item(const Context& context, dlms::DataReader& in, DisplayItem& item) {
    if (in.structure() != kItemElements) return DataAccessResult::type_unmatched;
    item.object.attribute.class_id = in.long_unsigned();
    item.object.attribute.instance = in.logical_name();
    item.object.attribute.attribute = in.integer();
    item.object.data_index = in.long_unsigned();
    item.decimals = in.unsigned_();
    const ByteView id = in.visible_string();
    if (!in.ok()) return DataAccessResult::type_unmatched;
    if (!item.id.assign(id)) return DataAccessResult::other_reason;
    return check_display_item(context.meter, item);
}

/// The normal list has one item at least; without a service list there is no service mode.
DataAccessResult take_list(const Context& context, ByteView value) {
    dlms::DataReader in(value);
    const std::size_t count = in.array();
    if (!in.ok()) return DataAccessResult::type_unmatched;
    const DisplayListIndex index = list_of(context);
    if (count > kMaxDisplayItems || (count == 0 && index == DisplayListIndex::normal)) {
        return DataAccessResult::other_reason;
    }
    DisplayList list;
    for (std::size_t i = 0; i < count; ++i) {
        DisplayItem item;
        const DataAccessResult result = take_item(context, in, item);
        if (result != DataAccessResult::success) return result;
        (void)list.push_back(item);
    }
    if (!in.finished()) return DataAccessResult::type_unmatched;
    Instrument& meter = context.meter;
    return stored(meter.display.store_list(meter.parameters, index, list, meter.clock.board()));
}

constexpr std::size_t kSettingsElements = 9;

void write_settings(const Context& context, dlms::DataWriter& data) {
    const DisplaySettings& settings = context.meter.display.settings();
    data.structure(kSettingsElements);
    data.unsigned_(settings.full_screen_s);
    data.unsigned_(settings.auto_scroll_s);
    data.unsigned_(settings.manual_scroll_s);
    data.unsigned_(settings.long_press_s);
    data.unsigned_(settings.back_light_s);
    data.long_unsigned(settings.service_mode_s);
    data.unsigned_(settings.battery_s);
    data.boolean(settings.service_at_power_up);
    data.boolean(settings.service_wants_open_cover);
}

DataAccessResult take_settings(const Context& context, ByteView value) {
    dlms::DataReader in(value);
    DisplaySettings settings;
    if (in.structure() != kSettingsElements) return DataAccessResult::type_unmatched;
    settings.full_screen_s = in.unsigned_();
    settings.auto_scroll_s = in.unsigned_();
    settings.manual_scroll_s = in.unsigned_();
    settings.long_press_s = in.unsigned_();
    settings.back_light_s = in.unsigned_();
    settings.service_mode_s = in.long_unsigned();
    settings.battery_s = in.unsigned_();
    settings.service_at_power_up = in.boolean();
    settings.service_wants_open_cover = in.boolean();
    if (!in.finished()) return DataAccessResult::type_unmatched;
    if (!settings.possible()) return DataAccessResult::other_reason;
    return stored(context.meter.display.store_settings(context.meter.parameters, settings));
}

void write_test_mode(const Context& context, dlms::DataWriter& data) {
    data.boolean(context.meter.display.mode() == DisplayMode::test);
}

DataAccessResult take_test_mode(const Context& context, ByteView value) {
    dlms::DataReader in(value);
    const bool on = in.boolean();
    if (!in.finished()) return DataAccessResult::type_unmatched;
    const bool set = context.meter.display.set_test_mode(on, context.meter.clock.board());
    return set ? DataAccessResult::success : DataAccessResult::temporary_failure;
}

/// Bit n: button n is held.
unsigned held_buttons(const Instrument& meter) {
    unsigned held = 0;
    for (unsigned button = 0; button < board::kButtonCount; ++button) {
        held |= (meter.is_held(static_cast<board::Button>(button)) ? 1U : 0U) << button;
    }
    return held;
}

void write_buttons(const Context& context, dlms::DataWriter& data) {
    data.unsigned_(static_cast<std::uint8_t>(held_buttons(context.meter)));
}

DataAccessResult take_buttons(const Context& context, ByteView value) {
    dlms::DataReader in(value);
    const std::uint8_t held = in.unsigned_();
    if (!in.finished()) return DataAccessResult::type_unmatched;
    if ((held >> board::kButtonCount) != 0) return DataAccessResult::other_reason;
    if (held == held_buttons(context.meter)) return DataAccessResult::success;
    if (!context.meter.remote_buttons) return DataAccessResult::read_write_denied;
    for (unsigned button = 0; button < board::kButtonCount; ++button) {
        context.meter.press(static_cast<board::Button>(button), (held >> button & 1U) != 0);
    }
    return DataAccessResult::success;
}

constexpr std::array<AttributeRow, 1> kLcdAttributes{{{write_lcd, nullptr, nullptr}}};
constexpr std::array<AttributeRow, 1> kListAttributes{{{write_list, nullptr, take_list}}};
constexpr std::array<AttributeRow, 1> kSettingsAttributes{{{write_settings, nullptr, take_settings}}};
constexpr std::array<AttributeRow, 1> kTestModeAttributes{{{write_test_mode, nullptr, take_test_mode}}};
constexpr std::array<AttributeRow, 1> kButtonsAttributes{{{write_buttons, nullptr, take_buttons}}};

}  // namespace

constexpr ClassTable kLcdClass{1, 0, kLcdAttributes, {}};
constexpr ClassTable kDisplayListClass{1, 0, kListAttributes, {}};
constexpr ClassTable kDisplaySettingsClass{1, 0, kSettingsAttributes, {}};
constexpr ClassTable kTestModeClass{1, 0, kTestModeAttributes, {}};
constexpr ClassTable kButtonsClass{1, 0, kButtonsAttributes, {}};

}  // namespace ferraris::meter
