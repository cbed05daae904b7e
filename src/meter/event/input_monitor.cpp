#include "meter/event/input_monitor.hpp"

#include <span>

namespace ferraris::meter {
namespace {

/// A condition, and for how many seconds its input must say otherwise.
struct SwitchRow {
    Condition condition{};
    std::uint8_t delay_s{0};
    std::uint32_t bit{condition_bit(condition.began)};
};

// In the order of `board::Input`. A magnet that passes by is no attempt.
constexpr std::array<SwitchRow, board::kInputCount> kSwitches{{
    {{Event::meter_cover_removed, Event::meter_cover_closed}, 1},
    {{Event::terminal_cover_removed, Event::terminal_cover_closed}, 1},
    {{Event::battery_cover_removed, Event::battery_cover_closed}, 1},
    {{Event::ripple_relay_cover_removed, Event::ripple_relay_cover_closed}, 1},
    {{Event::magnetic_field_began, Event::magnetic_field_ended}, 3},
}};

/// A lithium cell of 3.6 V is all but used up below the first, which can be set, and no longer carries the clock below
/// the second.
struct BatteryRow {
    Condition condition{};
    std::uint16_t begins_below_mv{0};
    std::uint16_t ends_from_mv{0};
    std::uint32_t bit{condition_bit(condition.began)};
};
constexpr std::array<BatteryRow, 2> kBatteryRows{{
    {{Event::battery_low, Event::battery_normal}, 0, 0},
    {{Event::replace_battery, Event::battery_replaced}, 2700, 3200},
}};
constexpr std::uint8_t kBatteryDelay = 10;
constexpr std::uint16_t kBatteryHysteresis = 100;

Occurrence switched(const Condition& condition, bool active, std::int64_t stamp = 0) {
    return {active ? condition.began : condition.ended, 0, 0, static_cast<std::uint32_t>(stamp)};
}

}  // namespace

void InputMonitor::power_up(std::uint32_t conditions, std::int64_t correction_ms, Occurrences& due) {
    for (const board::LatchedChange& change : latched_) {
        const SwitchRow& row = kSwitches[static_cast<std::size_t>(change.input)];
        if (((conditions & row.bit) != 0) == change.active) continue;
        const UtcTime at{change.at.milliseconds + correction_ms};
        (void)due.push_back(switched(row.condition, change.active, at.seconds()));
        conditions ^= row.bit;
    }
    for (std::size_t i = 0; i < kSwitches.size(); ++i) {
        const SwitchRow& row = kSwitches[i];
        const bool active = inputs_.levels.is_active(static_cast<board::Input>(i));
        if (((conditions & row.bit) != 0) != active) (void)due.push_back(switched(row.condition, active));
    }
    latched_.clear();
    pending_s_ = {};
}

void InputMonitor::tick(std::uint32_t conditions, Occurrences& due) {
    const auto lasted = [](std::uint8_t& pending, bool differs, std::uint8_t delay) {
        if (!differs) {
            pending = 0;
            return false;
        }
        return ++pending >= delay;
    };
    for (std::size_t i = 0; i < kSwitches.size(); ++i) {
        const SwitchRow& row = kSwitches[i];
        const bool active = inputs_.levels.is_active(static_cast<board::Input>(i));
        if (!lasted(pending_s_[i], ((conditions & row.bit) != 0) != active, row.delay_s)) continue;
        pending_s_[i] = 0;
        (void)due.push_back(switched(row.condition, active));
    }
    for (std::size_t i = 0; i < kBatteryRows.size(); ++i) {
        const BatteryRow& row = kBatteryRows[i];
        const bool held = (conditions & row.bit) != 0;
        const int begins = row.begins_below_mv != 0 ? row.begins_below_mv : low_battery_mv_;
        const int ends = row.ends_from_mv != 0 ? row.ends_from_mv : low_battery_mv_ + kBatteryHysteresis;
        const int limit = held ? ends : begins;
        const bool below = inputs_.battery_millivolts < limit;
        std::uint8_t& pending = pending_s_[board::kInputCount + i];
        if (!lasted(pending, held != below, kBatteryDelay)) continue;
        pending = 0;
        (void)due.push_back({below ? row.condition.began : row.condition.ended, inputs_.battery_millivolts, 0, 0});
    }
}

}  // namespace ferraris::meter
