#include "meter/disconnect/disconnect_control.hpp"

#include <algorithm>
#include <array>

#include "meter/store/parameter_keys.hpp"

namespace ferraris::meter {
namespace {

constexpr std::size_t kStoredControl = 9;

template <class... Modes>
constexpr std::uint8_t modes(Modes... numbers) {
    return static_cast<std::uint8_t>((0U | ... | (1U << static_cast<unsigned>(numbers))));
}

/// IEC 62056-6-2, Disconnect control, transitions and modes; i and mode 7 are of version 1.
constexpr auto kTransitions = [] {
    using enum ControlCommand;
    using enum ControlState;
    return std::array{
        ControlTransition{'a', remote_reconnect, disconnected, connected, modes(2, 4, 7), Event::remote_connection},
        ControlTransition{'b', remote_disconnect, connected, disconnected, modes(1, 2, 3, 4, 5, 6, 7),
                          Event::remote_disconnection},
        ControlTransition{'c', remote_disconnect, ready_for_reconnection, disconnected, modes(1, 2, 3, 4, 5, 6, 7),
                          Event::remote_disconnection},
        ControlTransition{'d', remote_reconnect, disconnected, ready_for_reconnection, modes(1, 3, 5, 6),
                          Event::ready_for_reconnection},
        ControlTransition{'e', manual_reconnect, ready_for_reconnection, connected, modes(1, 2, 3, 4, 5, 6, 7),
                          Event::manual_connection},
        ControlTransition{'f', manual_disconnect, connected, ready_for_reconnection, modes(1, 2, 5),
                          Event::manual_disconnection},
        ControlTransition{'g', local_disconnect, connected, ready_for_reconnection, modes(1, 2, 3, 4, 5, 6, 7),
                          Event::local_disconnection},
        ControlTransition{'h', local_reconnect, ready_for_reconnection, connected, modes(5, 6, 7),
                          Event::local_connection},
        ControlTransition{'i', remote_reconnect, ready_for_reconnection, connected, modes(7), Event::remote_connection},
    };
}();

}  // namespace

std::span<const ControlTransition> control_transitions() { return kTransitions; }

void DisconnectControl::recover(const ParameterStore& store) {
    std::array<std::uint8_t, kStoredControl> octets{};
    if (store.read(key_number(ParameterKey::disconnect_control), octets) != octets.size()) return;
    ByteReader in(octets);
    const std::uint8_t state = in.u8();
    const std::uint8_t mode = in.u8();
    const bool enabled = in.u8() != 0;
    const bool by_limiter = in.u8() != 0;
    const std::uint8_t untold = in.u8();
    const std::uint32_t stamp = in.u32();
    if (state > static_cast<std::uint8_t>(ControlState::ready_for_reconnection) || mode > kMostControlMode) {
        return;
    }
    now_ = {static_cast<ControlState>(state), mode, enabled, by_limiter, untold, stamp};
}

const ControlTransition* DisconnectControl::transition(ControlCommand command) const {
    const auto found = std::ranges::find_if(kTransitions, [&](const ControlTransition& each) {
        return each.command == command && each.from == now_.state && (each.modes >> now_.mode & 1U) != 0;
    });
    return found == kTransitions.end() ? nullptr : &*found;
}

bool DisconnectControl::carry_out(ParameterStore& store, const ControlTransition& transition, std::uint32_t stamp,
                                  bool by_limiter) {
    Record next = now_;
    next.state = transition.to;
    next.by_limiter = by_limiter;
    next.untold = static_cast<std::uint8_t>(transition.event);
    next.stamp = stamp;
    return take_over(store, next);
}

bool DisconnectControl::store_mode(ParameterStore& store, ControlMode mode, std::uint32_t stamp) {
    Record next = now_;
    next.mode = mode;
    if (mode == 0 && !is_connected()) {
        next.state = ControlState::connected;
        next.by_limiter = false;
        next.untold = static_cast<std::uint8_t>(Event::remote_connection);
        next.stamp = stamp;
    }
    return take_over(store, next);
}

bool DisconnectControl::keep_open(ParameterStore& store) {
    Record next = now_;
    next.by_limiter = false;
    return take_over(store, next);
}

bool DisconnectControl::enable_button(ParameterStore& store, bool enabled) {
    Record next = now_;
    next.button_enabled = enabled;
    return take_over(store, next);
}

std::optional<Occurrence> DisconnectControl::untold() const {
    if (now_.untold == 0) return std::nullopt;
    return Occurrence{static_cast<Event>(now_.untold), 0, 0, now_.stamp};
}

bool DisconnectControl::told(ParameterStore& store) {
    Record next = now_;
    next.untold = 0;
    return take_over(store, next);
}

bool DisconnectControl::take_over(ParameterStore& store, const Record& record) {
    std::array<std::uint8_t, kStoredControl> octets{};
    ByteWriter out(octets);
    out.u8(static_cast<std::uint8_t>(record.state));
    out.u8(record.mode);
    out.u8(record.button_enabled ? 1 : 0);
    out.u8(record.by_limiter ? 1 : 0);
    out.u8(record.untold);
    out.u32(record.stamp);
    if (!store.write(key_number(ParameterKey::disconnect_control), octets)) return false;
    now_ = record;
    return true;
}

}  // namespace ferraris::meter
