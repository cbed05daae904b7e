// What the instrument does with its two relays, and who may: the button, the network, the meter itself.
#include <algorithm>

#include "meter/instrument.hpp"
#include "meter/tariff/calendar.hpp"

namespace ferraris::meter {

void Instrument::attach_supply_relay(board::Relay& relay) { supply_contact_.attach(relay); }

void Instrument::attach_ripple_relay(board::Relay& relay) { ripple_relay_ = &relay; }

void Instrument::drive_ripple_relay() {
    ripple_driven_ = tariff.relay_closed();
    if (ripple_relay_ != nullptr) (void)ripple_relay_->drive(ripple_driven_);
}

Operation Instrument::operate(ControlCommand command, bool by_limiter) {
    const ControlTransition* const transition = disconnector.transition(command);
    if (transition == nullptr) return Operation::nothing;
    if (!disconnector.carry_out(parameters, *transition, clock_seconds(), by_limiter)) {
        flash_well_ = false;
        return Operation::not_stored;
    }
    return follow_disconnector() ? Operation::done : Operation::not_driven;
}

bool Instrument::store_control_mode(ControlMode mode) {
    if (!disconnector.store_mode(parameters, mode, clock_seconds())) return false;
    (void)follow_disconnector();
    return true;
}

// The state is in flash already: whatever happens from here on, power that comes back finds it.
bool Instrument::follow_disconnector() {
    const bool driven = supply_contact_.drive(disconnector.is_connected());
    tell_of_disconnector();
    return driven;
}

void Instrument::tell_of_disconnector() {
    const auto untold = disconnector.untold();
    if (!untold) return;
    const EventRecord& last = event_logs.last(EventLog::disconnector);
    const bool logged = last.code == static_cast<std::uint8_t>(untold->event) && last.stamp == untold->stamp;
    if (!logged) report(*untold);
    flash_well_ = disconnector.told(parameters) && flash_well_;
}

Operation Instrument::execute_supply_script(std::uint8_t script) {
    if (script == kCloseScript) return operate(ControlCommand::local_reconnect);
    if (disconnector.opened_by_limiter() && !disconnector.keep_open(parameters)) return Operation::not_stored;
    return operate(ControlCommand::local_disconnect);
}

void Instrument::follow_supply_schedule() {
    if (!supply_schedule.is_due(clock)) return;
    (void)execute_supply_script(supply_schedule.script());
    flash_well_ = supply_schedule.done(parameters, clock) && flash_well_;
}

WatchedPower Instrument::watched_power() const {
    const Limit& normal = limits.limit(kContractedPowerLimit);
    WatchedPower watched;
    watched.threshold = limiter.threshold(normal.threshold, clock, clock.seconds());
    watched.over_s = normal.delay_s;
    watched.under_s = limiter.setup().min_under_s;
    switch (limiter.setup().monitored) {
        case LimitedPower::present:
            watched.value = limited::imported_power(measurement);
            break;
        case LimitedPower::average_so_far:
            watched.value = demand.current_average(0, registers);
            break;
        case LimitedPower::last_average:
            watched.value = demand.last_average(0);
            break;
    }
    return watched;
}

void Instrument::tell_of_threshold(std::uint32_t active) {
    if (active == threshold_told_) return;
    threshold_told_ = active;
    report({Event::limiter_changed, static_cast<std::int32_t>(std::min<std::uint32_t>(active, INT32_MAX)), 0, 0});
}

void Instrument::act(const LimiterAction& action) {
    if (action.script == kNoScript) return;
    const bool closes = action.script == kCloseScript;
    if (action.target == LimiterTarget::ripple_relay) {
        if (tariff.relay_closed() == closes) return;
        if (tariff.select(parameters, clock, SwitchTarget::relay, action.script)) apply_tariff();
    } else if (!closes) {
        (void)operate(ControlCommand::local_disconnect, true);
    } else if (disconnector.opened_by_limiter()) {
        (void)operate(ControlCommand::local_reconnect);
    }
}

// Closing comes before its row: where power goes in between, the limit is still exceeded, and ends once more. Opening
// comes after it, and is done anew as long as the limit is exceeded.
void Instrument::report_limited(const Occurrences& due, const WatchedPower& watched) {
    const auto has = [&due](Event event) {
        return std::ranges::any_of(due, [event](const Occurrence& each) { return each.event == event; });
    };
    const bool held = (event_logs.conditions() & condition_bit(Event::limiter_exceeded)) != 0;
    if (has(Event::limiter_ok)) act(limiter.setup().under);
    report(due);
    if (has(Event::limiter_exceeded)) {
        limiter.acted();
        act(limiter.setup().over);
    } else if (held && limiter.acts_again(watched)) {
        act(limiter.setup().over);
    }
}

bool Instrument::supply_is_on() const { return supply_contact_.sensed().value_or(disconnector.is_connected()); }

void Instrument::press(board::Button button, bool down) {
    bool& held = buttons_held_[static_cast<std::size_t>(button)];
    const bool pressed = down && !held;
    held = down;
    if (button == board::Button::display) display.press(down, clock.board(), is_terminal_cover_off());
    // On battery the meter shows its display and does nothing else.
    if (!pressed || button != board::Button::relay || !display.has_mains() || !disconnector.button_enabled()) return;
    (void)operate(disconnector.is_connected() ? ControlCommand::manual_disconnect : ControlCommand::manual_reconnect);
}

board::LedState Instrument::led(board::Led led) const {
    if (led == board::Led::relay_2) return tariff.relay_closed() ? board::LedState::on : board::LedState::off;
    switch (disconnector.state()) {
        case ControlState::connected:
            return board::LedState::on;
        case ControlState::ready_for_reconnection:
            return board::LedState::flashing;
        case ControlState::disconnected:
            break;
    }
    return board::LedState::off;
}

}  // namespace ferraris::meter
