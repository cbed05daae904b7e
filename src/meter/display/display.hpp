/// What the display is doing: which list it shows, which item of it, and how the button, the terminal cover and time
/// lead on. It knows no values; `objects/lcd_content.hpp` puts those on the glass.
///
///                     3 s                    long press, or at power-up
///     power-up ─▶ full screen ─▶ normal ─────────────────────────────────▶ service
///                     │            ▲ │ ▲                                      │
///                     └────────────┼─┼─┼──────────── at power-up ─────────────▶
///                                  │ │ └──── all items were shown, or time is up
///                        command   │ ▼   command
///                                  test mode
///
/// A press shows the next item and stops the scrolling; some seconds after the last one it goes on. Without mains the
/// display is dark, and a press lights it for a while.
///
/// Time is the board's, in milliseconds. Between two calls nothing but time passes, so calls may be far apart.
#pragma once

#include <array>
#include <cstdint>

#include "base/civil_time.hpp"
#include "meter/display/display_list.hpp"
#include "meter/display/display_settings.hpp"

namespace ferraris::meter {

enum class DisplayMode : std::uint8_t { off, full_screen, normal, service, test };

/// Devices behind the meter that are shown by an icon each.
enum class SubMeter : std::uint8_t { water, heat, gas, electricity };

class Display {
public:
    /// Settings and the lengths of the lists.
    void recover(const ParameterStore& store);

    /// The mains have come: full screen, whatever was before.
    void power_up(UtcTime now);
    /// They are gone: dark, until the button is pressed.
    void power_down();
    [[nodiscard]] bool has_mains() const { return mains_; }

    /// The display button went down or up. The terminal cover counts for entering the service mode.
    void press(bool down, UtcTime now, bool cover_off);
    /// Time has passed. Cheap where nothing is due.
    void advance(UtcTime now, bool cover_off) {
        if (now.milliseconds < now_ || now.milliseconds >= next_) pass(now.milliseconds, cover_off);
        now_ = now.milliseconds;
    }

    /// Test mode: the energy of the present tariff with three decimals, until the command that ends it or a loss of
    /// power. False: there are no mains.
    [[nodiscard]] bool set_test_mode(bool on, UtcTime now);

    [[nodiscard]] DisplayMode mode() const { return mode_; }
    /// The list that is shown, in normal and service mode.
    [[nodiscard]] DisplayListIndex list() const {
        return mode_ == DisplayMode::service ? DisplayListIndex::service : DisplayListIndex::normal;
    }
    [[nodiscard]] std::size_t item() const { return item_; }
    /// Since when the item stands there.
    [[nodiscard]] std::int64_t shown_milliseconds() const { return now_ - shown_since_; }
    /// The button leads, not time.
    [[nodiscard]] bool is_manual() const { return manual_; }
    [[nodiscard]] bool back_light() const { return now_ < back_light_until_; }

    [[nodiscard]] const DisplaySettings& settings() const { return settings_; }
    // Durable when true; nothing changes when not.
    [[nodiscard]] bool store_settings(ParameterStore& store, const DisplaySettings& settings);
    /// The normal list has one item at least. Where it is shown, it begins anew.
    [[nodiscard]] bool store_list(ParameterStore& store, DisplayListIndex index, const DisplayList& list, UtcTime now);

    // What the board or the ports tell, and the glass shows as it is.
    void show_optical(bool active) { optical_ = active; }
    [[nodiscard]] bool is_optical() const { return optical_; }
    void show_sub_meter(SubMeter kind, bool present) {
        const unsigned bit = 1U << static_cast<unsigned>(kind);
        sub_meters_ = static_cast<std::uint8_t>(present ? sub_meters_ | bit : sub_meters_ & ~bit);
    }
    [[nodiscard]] bool has_sub_meter(SubMeter kind) const {
        return (sub_meters_ >> static_cast<unsigned>(kind) & 1U) != 0;
    }

private:
    static constexpr std::int64_t kNever = INT64_MAX;

    void pass(std::int64_t now, bool cover_off);
    void screen_is_over(std::int64_t now, bool cover_off);
    void long_press_is_reached(std::int64_t now, bool cover_off);
    void skip_whole_rounds(std::int64_t now);
    void show(DisplayMode mode, std::int64_t now);
    void show_item(std::size_t item, std::int64_t since, std::int64_t until);
    void next_by_button(std::int64_t now);
    void clock_went_back(std::int64_t by);
    void find_next();
    [[nodiscard]] bool may_enter_service(bool cover_off) const;
    [[nodiscard]] std::size_t items() const { return counts_[static_cast<std::size_t>(list())]; }
    [[nodiscard]] bool scrolls() const { return mode_ == DisplayMode::normal || mode_ == DisplayMode::service; }

    DisplaySettings settings_{};
    std::array<std::uint8_t, kDisplayListCount> counts_{};
    DisplayMode mode_{DisplayMode::off};
    std::uint8_t item_{0};
    std::uint8_t sub_meters_{0};
    bool mains_{false};
    bool manual_{false};
    bool held_{false};
    bool optical_{false};
    std::int64_t now_{0};
    std::int64_t shown_since_{0};
    std::int64_t screen_until_{kNever};   ///< then something else is shown, or the scrolling begins again
    std::int64_t service_until_{kNever};  ///< the end of the service mode
    std::int64_t long_press_at_{kNever};  ///< while the button is held and has not done its work
    std::int64_t back_light_until_{0};
    std::int64_t next_{kNever};  ///< the first of these but the last
};

}  // namespace ferraris::meter
