#include "meter/security/login_guard.hpp"

#include <algorithm>

#include "meter/store/parameter_keys.hpp"

namespace ferraris::meter {
namespace {

constexpr std::size_t kStateSize = 16;
constexpr std::size_t kRuleSize = 12;

std::int64_t milliseconds(std::uint32_t seconds) { return std::int64_t{seconds} * 1000; }

}  // namespace

std::uint32_t LoginRule::lockout_s(std::uint32_t failures) const {
    if (failures <= allowed_failed_attempts) return 0;
    std::uint64_t seconds = std::min(initial_lockout_s, max_lockout_s);
    // A factor of 1 never gets anywhere, and one of 2 reaches any 32-bit bound in 32 steps.
    for (std::uint32_t i = allowed_failed_attempts + 1U; i < failures && seconds < max_lockout_s; ++i) {
        if (steepness_factor <= 1 || seconds == 0) break;
        seconds *= steepness_factor;
    }
    return static_cast<std::uint32_t>(std::min<std::uint64_t>(seconds, max_lockout_s));
}

void LoginGuard::recover(const ParameterStore& store, UtcTime board) {
    for (std::size_t client = 0; client < states_.size(); ++client) {
        std::array<std::uint8_t, kRuleSize> rule{};
        if (store.read(key_number(ParameterKey::login_rule, client), rule) == rule.size()) {
            ByteReader in(rule);
            LoginRule& taken = rules_[client];
            taken.mode = static_cast<LoginMode>(in.u8());
            taken.allowed_failed_attempts = in.u16();
            taken.initial_lockout_s = in.u32();
            taken.steepness_factor = in.u8();
            taken.max_lockout_s = in.u32();
        }
        std::array<std::uint8_t, kStateSize> state{};
        if (store.read(key_number(ParameterKey::login_state, client), state) == state.size()) {
            ByteReader in(state);
            State& taken = states_[client];
            taken.failed = in.u32();
            taken.cumulative = in.u32();
            taken.locked_until = {static_cast<std::int64_t>(in.u64())};
            // A board's clock that begins anew must not lock anybody out for years.
            const std::int64_t latest = board.milliseconds + milliseconds(rules_[client].lockout_s(taken.failed));
            taken.locked_until.milliseconds = std::min(taken.locked_until.milliseconds, latest);
        }
    }
}

bool LoginGuard::is_locked(std::size_t client, UtcTime board) const {
    return status(client, board) != LoginStatus::unlocked;
}

LoginStatus LoginGuard::status(std::size_t client, UtcTime board) const {
    switch (rules_[client].mode) {
        case LoginMode::locked:
            return LoginStatus::locked;
        case LoginMode::unlocked:
            return LoginStatus::unlocked;
        case LoginMode::locked_on_failed_attempts:
            break;
    }
    return board < states_[client].locked_until ? LoginStatus::temporarily_locked : LoginStatus::unlocked;
}

void LoginGuard::failed(ParameterStore& store, std::size_t client, UtcTime board) {
    State& state = states_[client];
    if (state.failed != UINT32_MAX) ++state.failed;
    if (state.cumulative != UINT32_MAX) ++state.cumulative;
    state.locked_until = {board.milliseconds + milliseconds(rules_[client].lockout_s(state.failed))};
    (void)write(store, client, state);
}

void LoginGuard::succeeded(ParameterStore& store, std::size_t client) {
    if (states_[client].failed != 0) (void)reset(store, client);
}

bool LoginGuard::reset(ParameterStore& store, std::size_t client) {
    const State state{0, states_[client].cumulative, {}};
    if (!write(store, client, state)) return false;
    states_[client] = state;
    return true;
}

bool LoginGuard::store_rule(ParameterStore& store, std::size_t client, const LoginRule& rule) {
    std::array<std::uint8_t, kRuleSize> octets{};
    ByteWriter out(octets);
    out.u8(static_cast<std::uint8_t>(rule.mode));
    out.u16(rule.allowed_failed_attempts);
    out.u32(rule.initial_lockout_s);
    out.u8(rule.steepness_factor);
    out.u32(rule.max_lockout_s);
    if (!store.write(key_number(ParameterKey::login_rule, client), octets)) return false;
    rules_[client] = rule;
    return true;
}

bool LoginGuard::write(ParameterStore& store, std::size_t client, const State& state) {
    std::array<std::uint8_t, kStateSize> octets{};
    ByteWriter out(octets);
    out.u32(state.failed);
    out.u32(state.cumulative);
    out.u64(static_cast<std::uint64_t>(state.locked_until.milliseconds));
    return store.write(key_number(ParameterKey::login_state, client), octets);
}

}  // namespace ferraris::meter
