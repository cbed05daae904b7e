#include "meter/objects/lcd_content.hpp"

#include <algorithm>
#include <array>
#include <string_view>

#include "base/result.hpp"
#include "dlms/date_time.hpp"
#include "meter/display/quantity_digits.hpp"
#include "meter/display/seven_segments.hpp"
#include "meter/objects/capture.hpp"
#include "meter/objects/classes.hpp"

namespace ferraris::meter {
namespace {

using board::Icon;
using board::Lcd;
using dlms::CaptureObject;
using dlms::DataAccessResult;
using dlms::DataElement;
using dlms::DataTag;

/// A text that does not fit is shown in pages, this long each.
constexpr std::int64_t kPageMilliseconds = 2000;
/// Longer texts are cut off.
constexpr std::size_t kMaxTextOctets = 32;
using ValueOctets = std::array<std::uint8_t, kMaxPresentValue>;

/// A text as it is put together.
class DisplayText {
public:
    void put(char character) {
        if (size_ < characters_.size()) characters_[size_++] = character;
    }
    void number(unsigned value, unsigned least_digits) {
        std::array<char, 10> digits{};
        std::size_t count = 0;
        do {
            digits[count++] = static_cast<char>('0' + value % 10);
            value /= 10;
        } while (value != 0 || count < least_digits);
        while (count > 0) put(digits[--count]);
    }
    void hexadecimal(ByteView octets) {
        constexpr std::string_view kDigits = "0123456789ABCDEF";
        for (const std::uint8_t octet : octets) {
            put(kDigits[octet >> 4U]);
            put(kDigits[octet & 0x0FU]);
        }
    }
    /// A part of a date or time, or dashes where it is not specified.
    void part(unsigned value, unsigned none, unsigned digits) {
        if (value != none) return number(value, digits);
        for (unsigned i = 0; i < digits; ++i) put('-');
    }
    [[nodiscard]] std::string_view view() const { return {characters_.data(), size_}; }

private:
    std::array<char, 2 * kMaxTextOctets> characters_{};
    std::size_t size_{0};
};

bool is_composed(DataTag tag) { return tag == DataTag::array || tag == DataTag::structure; }

bool is_octets(DataTag tag) {
    return tag == DataTag::octet_string || tag == DataTag::visible_string || tag == DataTag::utf8_string;
}

/// Scaler and unit of a register's value; ones and no unit where there are none.
DisplayQuantity quantity_of(Instrument& meter, const CaptureObject& object, std::int64_t number) {
    struct Place {
        std::uint16_t class_id;
        std::int8_t last_value;
        std::int8_t scaler_unit;
    };
    // Register, extended register, demand register.
    constexpr std::array<Place, 3> kPlaces{{{3, 2, 3}, {4, 2, 3}, {5, 3, 4}}};
    DisplayQuantity quantity{number};
    const auto* const place = std::ranges::find(kPlaces, object.attribute.class_id, &Place::class_id);
    if (place == kPlaces.end() || object.attribute.attribute > place->last_value) return quantity;
    CaptureObject scaler_unit = object;
    scaler_unit.attribute.attribute = place->scaler_unit;
    scaler_unit.data_index = 0;
    std::array<std::uint8_t, 16> octets{};
    const auto element = present_value(meter, scaler_unit, octets);
    if (!element) return quantity;
    dlms::DataReader in(element->encoded);
    if (in.structure() != 2) return quantity;
    quantity.scaler = in.integer();
    quantity.unit = static_cast<dlms::Unit>(in.enum_());
    return quantity;
}

bool show_clock(DisplayView view, ByteView octets, Lcd& lcd) {
    const auto time = dlms::decode_date_time(octets);
    if (!time) return false;
    DisplayText text;
    if (view == DisplayView::date) {
        text.part(time->date.year, dlms::kYearNotSpecified, 4);
        text.put('.');
        text.part(time->date.month, dlms::kNotSpecified, 2);
        text.put('.');
        text.part(time->date.day_of_month, dlms::kNotSpecified, 2);
    } else {
        text.part(time->time.hour, dlms::kNotSpecified, 2);
        text.put('.');
        text.part(time->time.minute, dlms::kNotSpecified, 2);
        text.put('.');
        text.part(time->time.second, dlms::kNotSpecified, 2);
    }
    show_text(text.view(), Alignment::right, lcd.digits);
    return true;
}

/// Whether `element` can be shown so. `page` says which of a long text.
bool show_element(Instrument& meter, const DisplayItem& item, DisplayView view, const DataElement& element,
                  std::uint64_t page, Lcd& lcd) {
    const bool octets = is_octets(element.tag);
    if (view == DisplayView::time_of_day || view == DisplayView::date) {
        return octets && show_clock(view, element.content, lcd);
    }
    const auto number = dlms::integer_of(element);
    if (!octets && !number) return false;
    if (number && view == DisplayView::plain) {
        show_quantity(quantity_of(meter, item.object, *number), item.decimals, lcd);
        return true;
    }
    DisplayText text;
    const ByteView content = element.content.first(std::min(element.content.size(), kMaxTextOctets));
    if (view == DisplayView::hexadecimal) {
        text.hexadecimal(content);
    } else {
        for (const std::uint8_t octet : content) text.put(static_cast<char>(octet));
    }
    show_page(text.view(), page, lcd.digits);
    return true;
}

DataAccessResult show_value(Instrument& meter, const DisplayItem& item, std::uint64_t page, Lcd& lcd) {
    ValueOctets octets{};
    CaptureObject whole = item.object;
    whole.data_index = 0;
    auto element = present_value(meter, whole, octets);
    auto view = DisplayView::plain;
    if (element && is_composed(element->tag)) {
        if (item.object.data_index == 0) return DataAccessResult::type_unmatched;
        element = present_value(meter, item.object, octets);
    } else if (item.object.data_index < kDisplayViewCount) {
        view = static_cast<DisplayView>(item.object.data_index);
    } else {
        return DataAccessResult::other_reason;
    }
    if (!element) return element.error();
    return show_element(meter, item, view, *element, page, lcd) ? DataAccessResult::success
                                                                : DataAccessResult::type_unmatched;
}

/// The letters that stand for value group C of abstract objects (IEC 62056-6-1).
void put_group_c(const dlms::LogicalName& name, DisplayText& text) {
    constexpr std::string_view kLetters = "CFLP";
    constexpr std::uint8_t kFirst = 96;
    const std::uint8_t c = name.groups[2];
    if (name.groups[0] == 0 && c >= kFirst && c < kFirst + kLetters.size()) return text.put(kLetters[c - kFirst]);
    text.number(c, 1);
}

void show_code(const DisplayItem& item, Lcd& lcd) {
    DisplayText text;
    for (const std::uint8_t character : item.id) text.put(static_cast<char>(character));
    if (item.id.empty()) {
        put_group_c(item.object.attribute.instance, text);
        for (const std::size_t group : {std::size_t{3}, std::size_t{4}}) {
            text.put('.');
            text.number(item.object.attribute.instance.groups[group], 1);
        }
    }
    show_text(text.view(), Alignment::left, lcd.code);
}

/// The present tariff of the first energy of the normal list.
DisplayItem test_mode_item(const Instrument& meter) {
    constexpr std::uint16_t kRegister = 3;
    constexpr std::uint8_t kTimeIntegral = 8;
    constexpr std::uint8_t kActiveImport = 1;
    std::uint8_t channel = kActiveImport;
    for (const DisplayItem& item : read_display_list(meter.parameters, DisplayListIndex::normal)) {
        const auto& groups = item.object.attribute.instance.groups;
        if (item.object.attribute.class_id != kRegister || groups[0] != 1 || groups[3] != kTimeIntegral) continue;
        channel = groups[2];
        break;
    }
    DisplayItem item;
    item.object.attribute = {kRegister, dlms::obis(1, 0, channel, kTimeIntegral, meter.active_rate), 2};
    item.decimals = kMaxDisplayDecimals;
    return item;
}

void show_item(Instrument& meter, const DisplayItem& item, Lcd& lcd) {
    show_code(item, lcd);
    const auto page = static_cast<std::uint64_t>(meter.display.shown_milliseconds() / kPageMilliseconds);
    // What is in a list could be shown when it was written; another firmware may have no such object any more.
    if (show_value(meter, item, page, lcd) != DataAccessResult::success) {
        show_text("--------", Alignment::right, lcd.digits);
    }
}

bool holds(std::uint32_t conditions, Event began) { return (conditions & condition_bit(began)) != 0; }

/// What the icons say of the mains and the load.
void show_supply_icons(const Instrument& meter, std::uint32_t conditions, Lcd& lcd) {
    const metrology::Measurement& now = meter.measurement;
    constexpr std::array kQuadrants{Icon::quadrant_1, Icon::quadrant_2, Icon::quadrant_3, Icon::quadrant_4};
    if (now.quadrant != metrology::Quadrant::none) {
        lcd.icons.set(kQuadrants[static_cast<std::size_t>(now.quadrant) - 1]);
    }
    lcd.icons.set(Icon::phase_1, now.frequency_millihertz != 0 && !holds(conditions, Event::missing_voltage));
    if (holds(conditions, Event::current_reversal)) {
        lcd.icons.set(Icon::phase_1);
        lcd.blinking.set(Icon::phase_1);
    }
    lcd.icons.set(Icon::active_anti_creep, now.active_anti_creep);
    lcd.icons.set(Icon::reactive_anti_creep, now.reactive_anti_creep);
    lcd.icons.set(Icon::load, !now.active_anti_creep || !now.reactive_anti_creep);
    constexpr std::array kTariffs{Icon::tariff_1, Icon::tariff_2, Icon::tariff_3,
                                  Icon::tariff_4, Icon::tariff_5, Icon::tariff_6};
    lcd.icons.set(kTariffs[meter.active_rate - 1U]);
}

void show_icons(const Instrument& meter, Lcd& lcd) {
    const std::uint32_t conditions = meter.event_logs.conditions();
    if (meter.display.has_mains()) show_supply_icons(meter, conditions, lcd);
    const bool fraud = (meter.alarms.registers[0].active & Alarms::bit_of(Alarm::fraud_attempt)) != 0;
    lcd.icons.set(Icon::alarm, fraud || meter.errors.bits() != 0);
    lcd.icons.set(Icon::disconnect, !meter.disconnector.is_connected());
    lcd.blinking.set(Icon::disconnect, meter.disconnector.state() == ControlState::ready_for_reconnection);
    lcd.icons.set(Icon::optical, meter.display.is_optical());
    lcd.icons.set(Icon::battery);
    lcd.blinking.set(Icon::battery, holds(conditions, Event::battery_low) || holds(conditions, Event::replace_battery));
    lcd.icons.set(Icon::water_meter, meter.display.has_sub_meter(SubMeter::water));
    lcd.icons.set(Icon::heat_meter, meter.display.has_sub_meter(SubMeter::heat));
    lcd.icons.set(Icon::gas_meter, meter.display.has_sub_meter(SubMeter::gas));
    lcd.icons.set(Icon::electricity_meter, meter.display.has_sub_meter(SubMeter::electricity));
}

}  // namespace

board::Lcd lcd_content(Instrument& meter) {
    Lcd lcd;
    switch (meter.display.mode()) {
        case DisplayMode::off:
            return lcd;
        case DisplayMode::full_screen:
            lcd = board::full_screen();
            break;
        case DisplayMode::test:
            show_icons(meter, lcd);
            show_item(meter, test_mode_item(meter), lcd);
            break;
        case DisplayMode::normal:
        case DisplayMode::service: {
            show_icons(meter, lcd);
            const DisplayList list = read_display_list(meter.parameters, meter.display.list());
            if (meter.display.item() < list.size()) show_item(meter, list[meter.display.item()], lcd);
            break;
        }
    }
    lcd.back_light = meter.display.back_light();
    return lcd;
}

DataAccessResult check_display_item(Instrument& meter, const DisplayItem& item) {
    if (item.decimals > kMaxDisplayDecimals) return DataAccessResult::other_reason;
    const std::string_view id(reinterpret_cast<const char*>(item.id.view().data()), item.id.size());
    const auto digits = digits_of(id);
    if (!digits || *digits > board::kCodeDigitCount) return DataAccessResult::other_reason;
    const ObjectRow* const row = find_object(item.object.attribute.instance);
    // The display would show itself, or a buffer that it is captured in, without an end.
    const bool shows_itself =
        row != nullptr && (row->object_class == &kLcdClass || row->object_class == &kCompactDataClass);
    if (shows_itself && row->object_class->class_id == item.object.attribute.class_id) {
        return DataAccessResult::other_reason;
    }
    Lcd ignored;
    return show_value(meter, item, 0, ignored);
}

}  // namespace ferraris::meter
