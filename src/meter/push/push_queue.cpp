#include "meter/push/push_queue.hpp"

#include <algorithm>

#include "meter/schedule/execution_times.hpp"

namespace ferraris::meter {
namespace {

constexpr std::uint32_t kInvokeIdMask = 0x00FFFFFF;

std::int64_t board_ms(const MeterClock& clock) { return clock.utc().milliseconds - clock.correction_milliseconds(); }

std::int64_t next_scheduled_s(const ParameterStore& store, const MeterClock& clock) {
    PushAttribute buffer;
    return next_execution_s(read_push_schedule(store, buffer), clock.rule, clock.seconds());
}

}  // namespace

void PushQueue::refresh(const ParameterStore& store, const MeterClock& clock) {
    for (std::size_t i = 0; i < kPushSetupCount; ++i) {
        const auto cause = static_cast<PushCause>(i);
        states_[i].enabled = !read_push_settings(store, cause).destination.empty();
        if (!states_[i].enabled) reset(cause);
    }
    next_run_s_ = state(PushCause::schedule).enabled ? next_scheduled_s(store, clock) : INT64_MAX;
    count();
}

bool PushQueue::trigger(PushCause cause) {
    State& now = state(cause);
    if (!now.enabled) return false;
    if (now.phase == Phase::sending) {
        now.again = true;
    } else if (now.phase == Phase::idle) {
        now.phase = Phase::held;
        now.attempt = 0;
        now.invoke_id = next_invoke_id_;
        next_invoke_id_ = next_invoke_id_ == kInvokeIdMask ? 1 : next_invoke_id_ + 1;
        count();
    }
    return true;
}

void PushQueue::reset(PushCause cause) {
    State& now = state(cause);
    now.again = false;
    if (now.phase == Phase::sending) {
        // Its end finds no attempt left.
        now.attempt = UINT8_MAX;
    } else {
        now.phase = Phase::idle;
    }
    count();
}

std::optional<PushCause> PushQueue::take_due() {
    for (std::size_t i = 0; i < kPushSetupCount; ++i) {
        State& now = states_[i];
        if (now.phase != Phase::due) continue;
        now.phase = Phase::sending;
        ++now.attempt;
        count();
        return static_cast<PushCause>(i);
    }
    return std::nullopt;
}

PushStep PushQueue::finish(const ParameterStore& store, const MeterClock& clock, PushCause cause, PushOutcome outcome,
                           bool confirmation_wanted) {
    State& now = state(cause);
    if (now.phase != Phase::sending) return PushStep::done;
    const PushSettings settings = read_push_settings(store, cause);
    PushOutcome wanted = PushOutcome::sent;
    if (settings.operation == PushOperation::unconfirmed_missing) wanted = PushOutcome::acknowledged;
    if (confirmation_wanted) wanted = PushOutcome::confirmed;
    if (outcome == PushOutcome::confirmed) now.last_confirmation_s = clock.seconds();
    if (outcome >= wanted) {
        end(now);
        return PushStep::done;
    }
    if (now.attempt > settings.number_of_retries || !now.enabled) {
        end(now);
        return PushStep::given_up;
    }
    now.phase = Phase::waiting;
    now.again = false;
    now.due_ms = board_ms(clock) + std::int64_t{settings.repetition_delay.seconds_after(now.attempt)} * 1000;
    count();
    return PushStep::retry;
}

void PushQueue::abandon(PushCause cause) { end(state(cause)); }

bool PushQueue::wants_confirmation(const PushSettings& settings, PushCause cause, std::int64_t now_s) const {
    if (settings.operation != PushOperation::confirmed || now_s < settings.confirmation_start_s) return false;
    const std::int64_t last = state(cause).last_confirmation_s;
    return last == 0 || now_s < last || now_s - last >= settings.confirmation_interval_s;
}

void PushQueue::advance(const ParameterStore& store, const MeterClock& clock) {
    if (clock.seconds() >= next_run_s_) {
        trigger(PushCause::schedule);
        refresh(store, clock);
    }
    for (std::size_t i = 0; i < kPushSetupCount; ++i) advance_one(store, clock, static_cast<PushCause>(i));
    count();
}

void PushQueue::advance_one(const ParameterStore& store, const MeterClock& clock, PushCause cause) {
    State& now = state(cause);
    const std::int64_t board = board_ms(clock);
    if (now.phase == Phase::waiting && board < now.due_ms) return;
    if (now.phase != Phase::held && now.phase != Phase::waiting) return;
    const bool open = in_communication_window(store, cause, clock.rule.local(clock.utc()));
    if (!open) {
        now.phase = Phase::held;
        return;
    }
    if (now.phase == Phase::held) {
        const std::uint32_t interval = read_push_settings(store, cause).randomisation_start_interval_s;
        const std::uint32_t delay = interval == 0 ? 0 : random() % (interval + 1);
        now.due_ms = board + std::int64_t{delay} * 1000;
        now.phase = Phase::waiting;
        if (delay != 0) return;
    }
    now.phase = Phase::due;
}

void PushQueue::end(State& state) {
    state.phase = state.again && state.enabled ? Phase::held : Phase::idle;
    if (state.phase == Phase::held) {
        state.invoke_id = next_invoke_id_;
        next_invoke_id_ = next_invoke_id_ == kInvokeIdMask ? 1 : next_invoke_id_ + 1;
    }
    state.again = false;
    state.attempt = 0;
    count();
}

/// A counter through a mixer: good enough to spread, and the same from the same seed.
std::uint32_t PushQueue::random() {
    seed_ += 0x9E3779B97F4A7C15U;
    std::uint64_t mixed = seed_;
    mixed = (mixed ^ (mixed >> 30U)) * 0xBF58476D1CE4E5B9U;
    mixed = (mixed ^ (mixed >> 27U)) * 0x94D049BB133111EBU;
    return static_cast<std::uint32_t>((mixed ^ (mixed >> 31U)) >> 32U);
}

void PushQueue::count() {
    pending_ = std::ranges::any_of(
        states_, [](const State& each) { return each.phase == Phase::held || each.phase == Phase::waiting; });
    due_ = std::ranges::any_of(states_, [](const State& each) { return each.phase == Phase::due; });
}

}  // namespace ferraris::meter
