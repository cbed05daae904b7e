// Whatever people do to button, cover and mains, and whenever somebody looks: the display does as the reference model.
#include <gtest/gtest.h>
#include <rapidcheck.h>

#include "meter/display/display.hpp"
#include "meter/display/reference_display.hpp"
#include "meter/memory_flash.hpp"
#include "meter/store/layout.hpp"

namespace ferraris::meter {
namespace {

constexpr std::int64_t kStart_ms = 1'700'000'000'000;

DisplayList list_of(std::size_t items) {
    DisplayList list;
    (void)list.resize(items);
    return list;
}

DisplaySettings any_settings() {
    const auto within = [](std::uint8_t least, std::uint8_t most) {
        return *rc::gen::inRange<std::uint8_t>(least, static_cast<std::uint8_t>(most + 1));
    };
    DisplaySettings settings;
    settings.full_screen_s = within(1, 4);
    settings.auto_scroll_s = within(1, 12);
    settings.manual_scroll_s = within(1, 5);
    settings.long_press_s = within(2, 8);
    settings.back_light_s = within(0, 6);
    settings.service_mode_s = within(10, 40);
    settings.battery_s = within(1, 10);
    settings.service_at_power_up = *rc::gen::arbitrary<bool>();
    settings.service_wants_open_cover = *rc::gen::arbitrary<bool>();
    return settings;
}

class Pair {
public:
    Pair(const DisplaySettings& settings, std::size_t normal_items, std::size_t service_items)
        : store_(flash_, kParameterRegion), reference_(settings, normal_items, service_items) {
        RC_ASSERT(store_.recover());
        RC_ASSERT(display_.store_settings(store_, settings));
        RC_ASSERT(display_.store_list(store_, DisplayListIndex::normal, list_of(normal_items), now()));
        RC_ASSERT(display_.store_list(store_, DisplayListIndex::service, list_of(service_items), now()));
    }

    void act(int what) {
        switch (what) {
            case 0:
            case 1:
            case 2:
                return press(true);
            case 3:
            case 4:
            case 5:
                return press(false);
            case 6:
                reference_.cover_off = !reference_.cover_off;
                return;
            case 7:
                display_.power_down();
                return reference_.power_down();
            case 8:
                display_.power_up(now());
                return reference_.power_up();
            case 9:
            case 10: {
                const bool on = what == 9;
                RC_ASSERT(display_.set_test_mode(on, now()) == reference_.mains);
                return reference_.test_mode(on);
            }
            default:
                return;
        }
    }
    void pass(int steps, bool looks_often) {
        for (int i = 0; i < steps; ++i) {
            now_ms_ += testing::ReferenceDisplay::kStep_ms;
            reference_.step();
            if (looks_often) look();
        }
        look();
    }
    void look() {
        display_.advance(now(), reference_.cover_off);
        RC_ASSERT(display_.mode() == reference_.mode);
        RC_ASSERT(display_.item() == reference_.item);
        RC_ASSERT(display_.is_manual() == reference_.manual);
        RC_ASSERT(display_.back_light() == reference_.back_light());
        RC_ASSERT(display_.has_mains() == reference_.mains);
    }

private:
    [[nodiscard]] UtcTime now() const { return {now_ms_}; }
    void press(bool down) {
        display_.press(down, now(), reference_.cover_off);
        reference_.button(down);
    }

    testing::MemoryFlash flash_;
    ParameterStore store_;
    Display display_{};
    testing::ReferenceDisplay reference_;
    std::int64_t now_ms_{kStart_ms};
};

TEST(DisplayModel, DoesAsTheReferenceWhateverHappens) {
    rc::check("random presses, covers, power cycles and times", [] {
        Pair pair(any_settings(), *rc::gen::inRange<std::size_t>(1, 5), *rc::gen::inRange<std::size_t>(0, 5));
        pair.act(8);
        const auto count = *rc::gen::inRange(1, 60);
        for (int i = 0; i < count; ++i) {
            pair.act(*rc::gen::inRange(0, 12));
            pair.look();
            const bool long_wait = *rc::gen::inRange(0, 6) == 0;
            pair.pass(*rc::gen::inRange(0, long_wait ? 900 : 40), *rc::gen::arbitrary<bool>());
        }
    });
}

}  // namespace
}  // namespace ferraris::meter
