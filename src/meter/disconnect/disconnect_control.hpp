/// Disconnect control of the supply (relay 1; class 70, version 1, IEC 62056-6-2): states, modes and the one table of
/// what leads from state to state. Who may command is somebody else's business; a command that the table has nothing
/// for is forgotten.
///
///                  remote_reconnect a              manual_disconnect f, local_disconnect g
///         disconnected ──────────▶ connected ──────────▶ ready for reconnection
///            ▲ ▲   remote_disconnect b │ ▲  manual_reconnect e, local_reconnect h, i  │ │
///            │ └───────────────────────┘ └────────────────────────────────────────────┘ │
///            └──────────────────────── remote_disconnect c ─────────────────────────────┘
///            remote_reconnect d: from disconnected to ready for reconnection
#pragma once

#include <cstdint>
#include <optional>
#include <span>

#include "meter/event/event_table.hpp"
#include "meter/store/parameter_store.hpp"

namespace ferraris::meter {

/// control_state, attribute 3. Only `connected` has the contact closed.
enum class ControlState : std::uint8_t { disconnected, connected, ready_for_reconnection };

/// Remote: methods of class 70. Manual: the button. Local: the meter itself, by limiter, schedule or script.
enum class ControlCommand : std::uint8_t {
    remote_disconnect,
    remote_reconnect,
    manual_disconnect,
    manual_reconnect,
    local_disconnect,
    local_reconnect,
};

/// control_mode, attribute 4: 0 to 7.
using ControlMode = std::uint8_t;
inline constexpr ControlMode kMostControlMode = 7;

struct ControlTransition {
    char letter;  ///< as the standard names it
    ControlCommand command;
    ControlState from;
    ControlState to;
    std::uint8_t modes;  ///< bit n: there is one in mode n
    Event event;         ///< that the log has of it
};

[[nodiscard]] std::span<const ControlTransition> control_transitions();

class DisconnectControl {
public:
    static constexpr ControlMode kFactoryMode = 5;

    void recover(const ParameterStore& store);

    [[nodiscard]] ControlState state() const { return now_.state; }
    [[nodiscard]] ControlMode mode() const { return now_.mode; }
    [[nodiscard]] bool is_connected() const { return now_.state == ControlState::connected; }
    /// Whether the limiter opened it, and nobody else has wanted it open since: only that the limiter may take back.
    [[nodiscard]] bool opened_by_limiter() const { return now_.by_limiter; }
    /// Whether the button counts at all, whatever the mode says.
    [[nodiscard]] bool button_enabled() const { return now_.button_enabled; }

    /// What `command` would do now; null: nothing.
    [[nodiscard]] const ControlTransition* transition(ControlCommand command) const;

    // Durable when true; nothing changes when not.
    /// `transition` is one from the present state; `stamp` is the meter's time. Its event is untold until `told`.
    [[nodiscard]] bool carry_out(ParameterStore& store, const ControlTransition& transition, std::uint32_t stamp,
                                 bool by_limiter = false);
    /// In mode 0 the supply is connected, and stays so: what that changes is a remote reconnection.
    [[nodiscard]] bool store_mode(ParameterStore& store, ControlMode mode, std::uint32_t stamp);
    /// Somebody besides the limiter wants it open.
    [[nodiscard]] bool keep_open(ParameterStore& store);
    [[nodiscard]] bool enable_button(ParameterStore& store, bool enabled);

    /// The event of the last transition, as long as it may not be in the log: power can go in between.
    [[nodiscard]] std::optional<Occurrence> untold() const;
    [[nodiscard]] bool told(ParameterStore& store);

private:
    struct Record {
        ControlState state{ControlState::connected};
        ControlMode mode{kFactoryMode};
        bool button_enabled{true};
        bool by_limiter{false};
        std::uint8_t untold{0};  ///< code of an event
        std::uint32_t stamp{0};
    };
    [[nodiscard]] bool take_over(ParameterStore& store, const Record& record);

    Record now_{};
};

}  // namespace ferraris::meter
