#include "meter/display/display.hpp"

#include <algorithm>

namespace ferraris::meter {
namespace {

constexpr std::int64_t milliseconds_of(std::uint16_t seconds) { return std::int64_t{seconds} * 1000; }

}  // namespace

void Display::recover(const ParameterStore& store) {
    settings_.recover(store);
    for (const DisplayListIndex index : {DisplayListIndex::normal, DisplayListIndex::service}) {
        counts_[static_cast<std::size_t>(index)] = static_cast<std::uint8_t>(read_display_list(store, index).size());
    }
}

void Display::power_up(UtcTime now) {
    mains_ = true;
    held_ = false;
    back_light_until_ = 0;
    long_press_at_ = kNever;
    now_ = now.milliseconds;
    show(DisplayMode::full_screen, now_);
    find_next();
}

void Display::power_down() {
    mains_ = false;
    held_ = false;
    back_light_until_ = 0;
    long_press_at_ = kNever;
    show(DisplayMode::off, now_);
    find_next();
}

void Display::press(bool down, UtcTime now, bool cover_off) {
    advance(now, cover_off);
    if (down == held_) return;
    held_ = down;
    if (down) {
        if (mains_) {
            back_light_until_ = now_ + milliseconds_of(settings_.back_light_s);
            long_press_at_ = now_ + milliseconds_of(settings_.long_press_s);
        }
        next_by_button(now_);
    } else {
        // After a long press the pause has begun already: a button that is stuck does not stop the display.
        if (mains_ && scrolls() && manual_ && long_press_at_ != kNever) {
            screen_until_ = now_ + milliseconds_of(settings_.manual_scroll_s);
        }
        long_press_at_ = kNever;
    }
    find_next();
}

bool Display::set_test_mode(bool on, UtcTime now) {
    advance(now, false);
    if (!mains_) return false;
    if (on != (mode_ == DisplayMode::test)) show(on ? DisplayMode::test : DisplayMode::normal, now_);
    find_next();
    return true;
}

bool Display::store_settings(ParameterStore& store, const DisplaySettings& settings) {
    if (!settings.write(store)) return false;
    settings_ = settings;
    return true;
}

bool Display::store_list(ParameterStore& store, DisplayListIndex index, const DisplayList& list, UtcTime now) {
    if (!write_display_list(store, index, list)) return false;
    advance(now, false);
    counts_[static_cast<std::size_t>(index)] = static_cast<std::uint8_t>(list.size());
    if (!scrolls() || this->list() != index) return true;
    if (list.empty()) {
        show(DisplayMode::normal, now_);
    } else {
        manual_ = false;
        show_item(0, now_, now_ + milliseconds_of(mains_ ? settings_.auto_scroll_s : settings_.battery_s));
    }
    find_next();
    return true;
}

void Display::pass(std::int64_t now, bool cover_off) {
    if (now < now_) clock_went_back(now_ - now);
    while (next_ <= now) {
        // What the button does counts before what time does in the same instant.
        if (long_press_at_ == next_) {
            long_press_is_reached(next_, cover_off);
        } else if (service_until_ == next_) {
            show(DisplayMode::normal, next_);
        } else {
            screen_is_over(next_, cover_off);
            skip_whole_rounds(now);
        }
        find_next();
    }
}

void Display::screen_is_over(std::int64_t now, bool cover_off) {
    if (!mains_) return show(DisplayMode::off, now);
    if (mode_ == DisplayMode::full_screen) {
        const bool service = settings_.service_at_power_up && may_enter_service(cover_off);
        return show(service ? DisplayMode::service : DisplayMode::normal, now);
    }
    std::size_t next = item_;
    if (manual_) {
        manual_ = false;
    } else {
        ++next;
    }
    if (next == items()) {
        if (mode_ == DisplayMode::service) return show(DisplayMode::normal, now);
        next = 0;
    }
    // Where a person has brought it to, it stays on, but its pages are not begun anew.
    const std::int64_t since = next == item_ && items() > 1 ? shown_since_ : now;
    show_item(next, since, now + milliseconds_of(settings_.auto_scroll_s));
}

void Display::long_press_is_reached(std::int64_t now, bool cover_off) {
    long_press_at_ = kNever;
    if (mode_ == DisplayMode::normal && may_enter_service(cover_off)) return show(DisplayMode::service, now);
    if (scrolls() && manual_) screen_until_ = now + milliseconds_of(settings_.manual_scroll_s);
}

/// A day that passed in one step is not scrolled through item by item.
void Display::skip_whole_rounds(std::int64_t now) {
    if (mode_ != DisplayMode::normal || !mains_ || manual_ || long_press_at_ != kNever || now < screen_until_) return;
    const std::int64_t round = milliseconds_of(settings_.auto_scroll_s) * static_cast<std::int64_t>(items());
    const std::int64_t skipped = (now - screen_until_) / round * round;
    shown_since_ += skipped;
    screen_until_ += skipped;
}

void Display::show(DisplayMode mode, std::int64_t now) {
    mode_ = mode;
    manual_ = false;
    service_until_ = kNever;
    std::int64_t until = kNever;
    if (mode == DisplayMode::full_screen) until = now + milliseconds_of(settings_.full_screen_s);
    if (scrolls()) until = now + milliseconds_of(settings_.auto_scroll_s);
    if (mode == DisplayMode::service) service_until_ = now + milliseconds_of(settings_.service_mode_s);
    show_item(0, now, until);
}

void Display::show_item(std::size_t item, std::int64_t since, std::int64_t until) {
    item_ = static_cast<std::uint8_t>(item);
    shown_since_ = since;
    screen_until_ = until;
}

void Display::next_by_button(std::int64_t now) {
    if (!mains_) {
        if (mode_ == DisplayMode::off) {
            show(DisplayMode::normal, now);
        } else {
            show_item((item_ + 1U) % items(), now, kNever);
        }
        manual_ = true;
        screen_until_ = now + milliseconds_of(settings_.battery_s);
        return;
    }
    if (!scrolls()) return;
    const std::size_t next = item_ + 1U;
    if (next == items()) {
        // Behind the last item of the service list is the normal one.
        show(DisplayMode::normal, now);
    } else {
        show_item(next, now, kNever);
    }
    manual_ = true;
    screen_until_ = kNever;
}

void Display::clock_went_back(std::int64_t by) {
    for (std::int64_t* time : {&shown_since_, &screen_until_, &service_until_, &long_press_at_, &back_light_until_}) {
        if (*time != kNever) *time -= by;
    }
    find_next();
}

void Display::find_next() { next_ = std::min({screen_until_, service_until_, long_press_at_}); }

bool Display::may_enter_service(bool cover_off) const {
    return counts_[static_cast<std::size_t>(DisplayListIndex::service)] != 0 &&
           (cover_off || !settings_.service_wants_open_cover);
}

}  // namespace ferraris::meter
