/// Slows down who guesses secrets: failed logins of a client are counted, and after some of them the client is locked
/// out for a time that grows with each further one. Other clients are not concerned. One communication port protection
/// a client (class 124) shows it and sets it up.
///
/// While a client is locked out nothing is compared and nothing written: however fast somebody tries, flash wears by
/// one record a lock-out.
#pragma once

#include <array>
#include <cstdint>

#include "base/civil_time.hpp"
#include "meter/identity.hpp"
#include "meter/store/parameter_store.hpp"

namespace ferraris::meter {

/// Class 124, protection_mode.
enum class LoginMode : std::uint8_t { locked = 0, locked_on_failed_attempts = 1, unlocked = 2 };
/// Class 124, protection_status.
enum class LoginStatus : std::uint8_t { unlocked = 0, temporarily_locked = 1, locked = 2 };

struct LoginRule {
    LoginMode mode{LoginMode::locked_on_failed_attempts};
    std::uint16_t allowed_failed_attempts{3};  ///< so many are free
    std::uint32_t initial_lockout_s{10};       ///< after the first that is not
    std::uint8_t steepness_factor{2};          ///< by which each further one makes it longer
    std::uint32_t max_lockout_s{600};

    /// The lock-out that follows failure number `failures`, in seconds.
    [[nodiscard]] std::uint32_t lockout_s(std::uint32_t failures) const;
};

/// All times are the board's, which nobody can set.
class LoginGuard {
public:
    void recover(const ParameterStore& store, UtcTime board);

    [[nodiscard]] bool is_locked(std::size_t client, UtcTime board) const;
    [[nodiscard]] LoginStatus status(std::size_t client, UtcTime board) const;
    /// Failed attempts since the last login or reset, and since the meter was made.
    [[nodiscard]] std::uint32_t failed_attempts(std::size_t client) const { return states_[client].failed; }
    [[nodiscard]] std::uint32_t cumulative_failed_attempts(std::size_t client) const {
        return states_[client].cumulative;
    }
    [[nodiscard]] const LoginRule& rule(std::size_t client) const { return rules_[client]; }

    /// A login failed. Counts in memory also where the flash does not take it.
    void failed(ParameterStore& store, std::size_t client, UtcTime board);
    void succeeded(ParameterStore& store, std::size_t client);
    /// Durable when true; nothing changes when not.
    [[nodiscard]] bool reset(ParameterStore& store, std::size_t client);
    [[nodiscard]] bool store_rule(ParameterStore& store, std::size_t client, const LoginRule& rule);

private:
    struct State {
        std::uint32_t failed{0};
        std::uint32_t cumulative{0};
        UtcTime locked_until{};
    };

    [[nodiscard]] static bool write(ParameterStore& store, std::size_t client, const State& state);

    std::array<LoginRule, kSecretClientCount> rules_{};
    std::array<State, kSecretClientCount> states_{};
};

}  // namespace ferraris::meter
