/// The display's modes as the manual tells them, step by step of 100 ms with counters that run down: slow, plain, and
/// nothing like the product's.
#pragma once

#include <cstddef>

#include "meter/display/display.hpp"

namespace ferraris::meter::testing {

class ReferenceDisplay {
public:
    static constexpr int kStep_ms = 100;

    ReferenceDisplay(const DisplaySettings& settings, std::size_t normal_items, std::size_t service_items)
        : settings_(settings), normal_items_(normal_items), service_items_(service_items) {}

    void power_up() {
        mains = true;
        held_ = false;
        light_left_ = hold_left_ = 0;
        enter(DisplayMode::full_screen);
    }
    void power_down() {
        mains = false;
        held_ = false;
        light_left_ = hold_left_ = 0;
        enter(DisplayMode::off);
    }
    void test_mode(bool on) {
        if (!mains) return;
        if (on && mode != DisplayMode::test) enter(DisplayMode::test);
        if (!on && mode == DisplayMode::test) enter(DisplayMode::normal);
    }
    void button(bool down) {
        if (down && !held_) pressed();
        if (!down && held_) released();
        held_ = down;
    }
    void step() {
        if (light_left_ > 0) light_left_ -= kStep_ms;
        const bool long_press = runs_down(hold_left_);
        const bool service_over = runs_down(service_left_);
        const bool screen_over = runs_down(screen_left_);
        if (long_press && long_press_enters_service()) return;
        if (service_over) return enter(DisplayMode::normal);
        if (screen_over && screen_left_ == 0) next_screen();
    }
    [[nodiscard]] bool back_light() const { return light_left_ > 0; }

    DisplayMode mode{DisplayMode::off};
    std::size_t item{0};
    bool manual{false};
    bool mains{false};
    bool cover_off{false};

private:
    static bool runs_down(int& left) {
        if (left == 0) return false;
        left -= kStep_ms;
        return left == 0;
    }
    [[nodiscard]] bool shows_list() const { return mode == DisplayMode::normal || mode == DisplayMode::service; }
    [[nodiscard]] std::size_t items() const { return mode == DisplayMode::service ? service_items_ : normal_items_; }
    [[nodiscard]] bool service_allowed() const {
        if (service_items_ == 0) return false;
        return !settings_.service_wants_open_cover || cover_off;
    }
    void enter(DisplayMode to) {
        mode = to;
        item = 0;
        manual = false;
        screen_left_ = service_left_ = 0;
        if (to == DisplayMode::full_screen) screen_left_ = settings_.full_screen_s * 1000;
        if (shows_list()) screen_left_ = settings_.auto_scroll_s * 1000;
        if (to == DisplayMode::service) service_left_ = settings_.service_mode_s * 1000;
    }
    void pressed() {
        if (!mains) {
            if (mode == DisplayMode::off) {
                enter(DisplayMode::normal);
            } else {
                item = item + 1 == normal_items_ ? 0 : item + 1;
            }
            manual = true;
            screen_left_ = settings_.battery_s * 1000;
            return;
        }
        light_left_ = settings_.back_light_s * 1000;
        hold_left_ = settings_.long_press_s * 1000;
        if (!shows_list()) return;
        if (item + 1 == items()) {
            enter(DisplayMode::normal);
        } else {
            ++item;
        }
        manual = true;
        screen_left_ = 0;
    }
    void released() {
        const bool short_press = hold_left_ != 0;
        hold_left_ = 0;
        if (mains && short_press && shows_list() && manual) screen_left_ = settings_.manual_scroll_s * 1000;
    }
    bool long_press_enters_service() {
        if (mode == DisplayMode::normal && service_allowed()) {
            enter(DisplayMode::service);
            return true;
        }
        if (shows_list() && manual) screen_left_ = settings_.manual_scroll_s * 1000;
        return false;
    }
    void next_screen() {
        if (!mains) return enter(DisplayMode::off);
        if (mode == DisplayMode::full_screen) {
            return enter(settings_.service_at_power_up && service_allowed() ? DisplayMode::service
                                                                            : DisplayMode::normal);
        }
        if (manual) {
            manual = false;
        } else if (item + 1 < items()) {
            ++item;
        } else if (mode == DisplayMode::service) {
            return enter(DisplayMode::normal);
        } else {
            item = 0;
        }
        screen_left_ = settings_.auto_scroll_s * 1000;
    }

    DisplaySettings settings_;
    std::size_t normal_items_;
    std::size_t service_items_;
    bool held_{false};
    int screen_left_{0};  ///< 0: not running, as all of them
    int service_left_{0};
    int hold_left_{0};
    int light_left_{0};
};

}  // namespace ferraris::meter::testing
