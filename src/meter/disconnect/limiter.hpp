/// The limiter (class 71, IEC 62056-6-2): which power may not be exceeded just now, and what happens when it is.
///
/// Its normal threshold is the contracted power (1-0:1.35.0), and what is over or under for how long is judged where
/// all limits are (`LimitMonitor`). Here is what only a limiter has: emergencies, which are a function of the time, and
/// the actions.
#pragma once

#include <cstdint>

#include "base/fixed_vector.hpp"
#include "dlms/apdu/apdu.hpp"
#include "dlms/date_time.hpp"
#include "meter/clock/meter_clock.hpp"
#include "meter/event/limits.hpp"
#include "meter/store/parameter_store.hpp"

namespace ferraris::meter {

/// What is limited, in milliwatts: attribute 2 names the object.
enum class LimitedPower : std::uint8_t {
    present,         ///< 1-0:1.7.0
    average_so_far,  ///< 1-0:1.4.0, of the demand period that runs
    last_average,    ///< 1-0:1.5.0, of the one that is over
};
inline constexpr std::size_t kLimitedPowerCount = 3;

/// Both relays have scripts 1, open, and 2, close.
enum class LimiterTarget : std::uint8_t { supply, ripple_relay };
inline constexpr std::uint8_t kNoScript = 0;
inline constexpr std::uint8_t kOpenScript = 1;
inline constexpr std::uint8_t kCloseScript = 2;

struct LimiterAction {
    LimiterTarget target{LimiterTarget::supply};
    std::uint8_t script{kNoScript};
    friend constexpr bool operator==(const LimiterAction&, const LimiterAction&) = default;
};

struct EmergencyProfile {
    std::uint16_t id{0};
    dlms::DateTime activation{};  ///< all wild cards: never
    std::uint32_t duration_s{0};
    friend constexpr bool operator==(const EmergencyProfile&, const EmergencyProfile&) = default;
};

using EmergencyGroups = FixedVector<std::uint16_t, 16>;

/// A day.
inline constexpr std::uint32_t kMostUnderDuration_s = 86'400;

struct LimiterSetup {
    LimitedPower monitored{LimitedPower::present};
    std::uint32_t emergency_threshold{0};  ///< mW; 0: no limit
    std::uint32_t min_under_s{60};
    EmergencyProfile emergency{};
    EmergencyGroups groups{};
    LimiterAction over{};
    LimiterAction under{};
};

class Limiter {
public:
    void recover(const ParameterStore& store);
    [[nodiscard]] const LimiterSetup& setup() const { return setup_; }
    /// Durable when true; nothing changes when not.
    [[nodiscard]] bool store(ParameterStore& store, const LimiterSetup& setup);

    /// Whether the emergency profile is of a group that this meter is in, and `at` (by `clock`) lies in its time. Never
    /// while the clock is not valid.
    [[nodiscard]] bool is_emergency(const MeterClock& clock, std::int64_t at_s) const;
    /// `normal` is the contracted power, mW; 0: no limit.
    [[nodiscard]] std::uint32_t threshold(std::uint32_t normal, const MeterClock& clock, std::int64_t at_s) const {
        return is_emergency(clock, at_s) ? setup_.emergency_threshold : normal;
    }

    /// Once a second while the limit is exceeded, behind the moment at which it came to be: whether it is time to act
    /// anew, since somebody connected again and goes on.
    [[nodiscard]] bool acts_again(const WatchedPower& watched);
    /// The limit came to be exceeded.
    void acted() { over_s_ = 0; }

private:
    LimiterSetup setup_{};
    std::uint32_t over_s_{0};
};

}  // namespace ferraris::meter
