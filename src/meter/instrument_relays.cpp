// What the instrument does with its two relays, and who may: the button, the network, the meter itself.
#include "meter/instrument.hpp"

namespace ferraris::meter {

void Instrument::attach_supply_relay(board::Relay& relay) { supply_contact_.attach(relay); }

void Instrument::attach_ripple_relay(board::Relay& relay) { ripple_relay_ = &relay; }

void Instrument::drive_ripple_relay() {
    ripple_driven_ = tariff.relay_closed();
    if (ripple_relay_ != nullptr) (void)ripple_relay_->drive(ripple_driven_);
}

Operation Instrument::operate(ControlCommand command) {
    const ControlTransition* const transition = disconnector.transition(command);
    if (transition == nullptr) return Operation::nothing;
    if (!disconnector.carry_out(parameters, *transition, clock_seconds())) {
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

bool Instrument::supply_is_on() const { return supply_contact_.sensed().value_or(disconnector.is_connected()); }

void Instrument::press(board::Button button, bool down) {
    bool& held = buttons_held_[static_cast<std::size_t>(button)];
    const bool pressed = down && !held;
    held = down;
    if (!pressed) return;
    if (button == board::Button::relay && disconnector.button_enabled()) {
        (void)operate(disconnector.is_connected() ? ControlCommand::manual_disconnect
                                                  : ControlCommand::manual_reconnect);
    }
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
