/// When each setup pushes: triggers and time in, decisions out. No octets, no socket.
///
///     trigger ──▶ held ──(window open)──▶ waiting ──(random start over)──▶ sending ──▶ idle
///                   ▲                        ▲                                │
///                   └──(window closed)───────┴──────(repetition delay)────────┘ failed, retries left
///
/// Delays count in the board's time, which nobody sets; windows and schedule in the meter's local time.
#pragma once

#include <array>
#include <cstdint>
#include <optional>

#include "base/civil_time.hpp"
#include "meter/clock/meter_clock.hpp"
#include "meter/push/push_setup.hpp"
#include "meter/store/parameter_store.hpp"

namespace ferraris::meter {

/// What became of an attempt, as the shell that sent it knows it; each includes those before.
enum class PushOutcome : std::uint8_t {
    failed,        ///< it could not be sent
    sent,          ///< the layer below has taken it
    acknowledged,  ///< the layer below says that the other side has it
    confirmed,     ///< a good data-notification-confirm came
};

/// What follows from an outcome.
enum class PushStep : std::uint8_t { done, retry, given_up };

class PushQueue {
public:
    /// `seed` decides the random starts: another for each meter, so that a street does not push at once.
    explicit PushQueue(std::uint64_t seed) : seed_(seed) {}

    /// After power came, the clock was set or its rule changed, or settings were written: what is cached is read again.
    /// A scheduled time that the clock jumps over is not made up for.
    void refresh(const ParameterStore& store, const MeterClock& clock);
    /// Once a second.
    void tick(const ParameterStore& store, const MeterClock& clock) {
        if (clock.seconds() >= next_run_s_ || pending_) advance(store, clock);
    }

    /// False: the setup has no destination. A push that waits already covers a second trigger; one that is on its way
    /// is followed by another.
    bool trigger(PushCause cause);
    /// Forgets what waits. What is on its way is not repeated.
    void reset(PushCause cause);

    /// The setup whose push should go out now; it is then on its way until `finish`.
    [[nodiscard]] std::optional<PushCause> take_due();
    [[nodiscard]] bool due() const { return due_; }
    /// An attempt of `cause` has ended. `confirmed_wanted`: only a confirmation makes it a success.
    PushStep finish(const ParameterStore& store, const MeterClock& clock, PushCause cause, PushOutcome outcome,
                    bool confirmation_wanted);
    /// The push can never go out as it is (too long, no key): no retry.
    void abandon(PushCause cause);

    /// Whether a push of `cause` that goes out now asks the client to confirm it (push_operation_method and
    /// confirmation_parameters).
    [[nodiscard]] bool wants_confirmation(const PushSettings& settings, PushCause cause, std::int64_t now_s) const;
    /// Stays the same through the retries of one push.
    [[nodiscard]] std::uint32_t invoke_id(PushCause cause) const { return state(cause).invoke_id; }
    /// Of the attempt that is on its way, from 1.
    [[nodiscard]] unsigned attempt(PushCause cause) const { return state(cause).attempt; }
    /// UTC seconds of last_confirmation_date_time; 0: none since power came.
    [[nodiscard]] std::int64_t last_confirmation_s(PushCause cause) const { return state(cause).last_confirmation_s; }

private:
    enum class Phase : std::uint8_t { idle, held, waiting, due, sending };
    struct State {
        std::int64_t due_ms{0};
        std::int64_t last_confirmation_s{0};
        std::uint32_t invoke_id{0};
        std::uint8_t attempt{0};
        Phase phase{Phase::idle};
        bool enabled{false};  ///< has a destination
        bool again{false};    ///< triggered while on its way
    };

    [[nodiscard]] const State& state(PushCause cause) const { return states_[static_cast<std::size_t>(cause)]; }
    [[nodiscard]] State& state(PushCause cause) { return states_[static_cast<std::size_t>(cause)]; }
    void advance(const ParameterStore& store, const MeterClock& clock);
    void advance_one(const ParameterStore& store, const MeterClock& clock, PushCause cause);
    void end(State& state);
    [[nodiscard]] std::uint32_t random();
    void count();

    std::array<State, kPushSetupCount> states_{};
    std::uint64_t seed_;
    std::int64_t next_run_s_{INT64_MAX};
    std::uint32_t next_invoke_id_{1};
    bool pending_{false};  ///< something is held or waits
    bool due_{false};
};

}  // namespace ferraris::meter
