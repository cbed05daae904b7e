#include "meter/display/display_settings.hpp"

#include <array>

#include "meter/store/parameter_keys.hpp"

namespace ferraris::meter {
namespace {

constexpr std::size_t kSettingsOctets = 9;
constexpr std::uint8_t kAtPowerUp = 1;
constexpr std::uint8_t kWantsOpenCover = 2;

constexpr bool lies_within(unsigned value, unsigned least, unsigned most) { return value >= least && value <= most; }

}  // namespace

bool DisplaySettings::possible() const {
    return lies_within(full_screen_s, 1, 30) && lies_within(auto_scroll_s, 1, 100) &&
           lies_within(manual_scroll_s, 1, 100) && lies_within(long_press_s, 2, 30) && back_light_s <= 100 &&
           lies_within(service_mode_s, 10, 3600) && lies_within(battery_s, 1, 60);
}

void DisplaySettings::recover(const ParameterStore& store) {
    std::array<std::uint8_t, kSettingsOctets> octets{};
    if (store.read(key_number(ParameterKey::display_settings), octets) != octets.size()) return;
    ByteReader in(octets);
    DisplaySettings taken;
    for (std::uint8_t* value : {&taken.full_screen_s, &taken.auto_scroll_s, &taken.manual_scroll_s, &taken.long_press_s,
                                &taken.back_light_s, &taken.battery_s}) {
        *value = in.u8();
    }
    taken.service_mode_s = in.u16();
    const std::uint8_t flags = in.u8();
    taken.service_at_power_up = (flags & kAtPowerUp) != 0;
    taken.service_wants_open_cover = (flags & kWantsOpenCover) != 0;
    if (taken.possible()) *this = taken;
}

bool DisplaySettings::write(ParameterStore& store) const {
    std::array<std::uint8_t, kSettingsOctets> octets{};
    ByteWriter out(octets);
    for (const std::uint8_t value :
         {full_screen_s, auto_scroll_s, manual_scroll_s, long_press_s, back_light_s, battery_s}) {
        out.u8(value);
    }
    out.u16(service_mode_s);
    out.u8(static_cast<std::uint8_t>((service_at_power_up ? kAtPowerUp : 0U) |
                                     (service_wants_open_cover ? kWantsOpenCover : 0U)));
    return store.write(key_number(ParameterKey::display_settings), octets);
}

}  // namespace ferraris::meter
