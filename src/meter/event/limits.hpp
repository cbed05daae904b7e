/// Limits on what is measured: each with a threshold, a hysteresis and a delay that the utility sets, and each with the
/// events that tell when it was passed and when no longer.
///
/// Value group D of their objects follows IEC 62056-6-1 for what has a time integral: 31, 35 and 39 are the thresholds
/// of what is too little, too much and missing; 43, 44 and 45 the time that it has to last; 32, 36 and 40 count; 33, 37
/// and 41 are the last duration, 34, 38 and 42 the last extreme. The hysteresis is this meter's: 131, 135 and 139.
#pragma once

#include <array>
#include <cstdint>
#include <limits>
#include <span>

#include "dlms/data.hpp"
#include "meter/event/input_monitor.hpp"
#include "meter/store/parameter_store.hpp"
#include "metrology/measurement.hpp"

namespace ferraris::meter {

enum class LimitKind : std::uint8_t { under, over, missing };

struct Limit {
    std::uint32_t threshold{0};  ///< in the unit of its quantity; 0: off
    std::uint32_t hysteresis{0};
    std::uint16_t delay_s{0};  ///< of its beginning and of its end
    friend constexpr bool operator==(const Limit&, const Limit&) = default;
};

/// Longest delay: an hour.
inline constexpr std::uint32_t kMostLimitDelay = 3600;

struct LimitQuantity {
    std::uint8_t c;        ///< value group C of what is set
    std::uint8_t c_phase;  ///< and of what is counted, which is by phase
    /// Of the second that has passed; negative: not known.
    std::int64_t (*value)(const metrology::Measurement&);
    std::int8_t scaler;
    dlms::Unit unit;
};

struct LimitRow {
    const LimitQuantity* quantity{nullptr};
    std::uint8_t e{0};  ///< value group E: 1 and 2 for tiers
    LimitKind kind{};
    Condition condition{};
    Limit usual{};
};

inline constexpr std::size_t kLimitCount = 13;
/// Of the contracted power, whose change is an event of its own.
inline constexpr std::size_t kContractedPowerLimit = 6;

namespace limited {
[[nodiscard]] std::int64_t voltage(const metrology::Measurement& measurement);
[[nodiscard]] std::int64_t current(const metrology::Measurement& measurement);
[[nodiscard]] std::int64_t imported_power(const metrology::Measurement& measurement);
[[nodiscard]] std::int64_t exported_power(const metrology::Measurement& measurement);
[[nodiscard]] std::int64_t frequency(const metrology::Measurement& measurement);
[[nodiscard]] std::int64_t power_factor(const metrology::Measurement& measurement);
[[nodiscard]] std::int64_t distortion_of_voltage(const metrology::Measurement& measurement);
[[nodiscard]] std::int64_t distortion_of_current(const metrology::Measurement& measurement);
}  // namespace limited

inline constexpr LimitQuantity kLimitedVoltage{12, 32, limited::voltage, -2, dlms::Unit::volt};
inline constexpr LimitQuantity kLimitedCurrent{11, 31, limited::current, -3, dlms::Unit::ampere};
inline constexpr LimitQuantity kLimitedImport{1, 1, limited::imported_power, -3, dlms::Unit::watt};
inline constexpr LimitQuantity kLimitedExport{2, 2, limited::exported_power, -3, dlms::Unit::watt};
inline constexpr LimitQuantity kLimitedFrequency{14, 14, limited::frequency, -3, dlms::Unit::hertz};
inline constexpr LimitQuantity kLimitedPowerFactor{13, 13, limited::power_factor, -3, dlms::Unit::count};
inline constexpr LimitQuantity kLimitedVoltageThd{12, 32, limited::distortion_of_voltage, -2, dlms::Unit::percent};
inline constexpr LimitQuantity kLimitedCurrentThd{11, 31, limited::distortion_of_current, -2, dlms::Unit::percent};

/// In the order in which they are kept in flash: rows are only added at the end. Voltages and frequency by EN 50160:
/// tiers at 10 % and 15 % of 230 V, missing below 45 %.
inline constexpr auto kLimits = [] {
    using enum Event;
    using enum LimitKind;
    return std::array<LimitRow, kLimitCount>{{
        {&kLimitedVoltage, 1, under, {undervoltage, voltage_normal}, {20'700, 230, 60}},
        {&kLimitedVoltage, 2, under, {deep_undervoltage_began, deep_undervoltage_ended}, {19'550, 230, 10}},
        {&kLimitedVoltage, 1, over, {overvoltage, voltage_normal}, {25'300, 230, 60}},
        {&kLimitedVoltage, 2, over, {high_overvoltage_began, high_overvoltage_ended}, {26'450, 230, 3}},
        {&kLimitedVoltage, 0, missing, {missing_voltage, missing_voltage_ended}, {10'350, 1'150, 5}},
        {&kLimitedVoltageThd, 124, over, {voltage_distorted, voltage_distortion_ended}, {800, 50, 600}},
        {&kLimitedImport, 0, over, {limiter_exceeded, limiter_ok}, {0, 0, 60}},
        {&kLimitedExport, 0, over, {current_reversal, current_direction_normal}, {25'000, 10'000, 30}},
        {&kLimitedCurrent, 0, over, {overcurrent, overcurrent_ended}, {80'000, 2'000, 10}},
        {&kLimitedCurrentThd, 124, over, {current_distorted, current_distortion_ended}, {0, 100, 600}},
        {&kLimitedFrequency, 0, under, {frequency_low, frequency_low_ended}, {49'500, 50, 10}},
        {&kLimitedFrequency, 0, over, {frequency_high, frequency_high_ended}, {50'500, 50, 10}},
        {&kLimitedPowerFactor, 0, under, {power_factor_low, power_factor_low_ended}, {0, 20, 600}},
    }};
}();
static_assert(kLimits[kContractedPowerLimit].condition.began == Event::limiter_exceeded);

/// What the limiter has the contracted power be just now: milliwatts, 0 for no limit, and how long it must be over and
/// under.
struct WatchedPower {
    std::int64_t value{0};
    std::uint32_t threshold{0};
    std::uint32_t over_s{0};
    std::uint32_t under_s{0};
};

class LimitMonitor {
public:
    LimitMonitor();

    void recover(const ParameterStore& store);
    [[nodiscard]] const Limit& limit(std::size_t index) const { return limits_[index]; }
    /// Durable when true; nothing changes when not.
    [[nodiscard]] bool store(ParameterStore& parameters, std::size_t index, const Limit& limit);

    /// Once a second. `conditions` are those that hold now. Without `contracted` the contracted power is a limit like
    /// any other.
    void tick(const metrology::Measurement& measurement, std::uint32_t conditions, Occurrences& due,
              const WatchedPower* contracted = nullptr);

    /// Of the last time that the limit was passed and no longer is, since power came.
    [[nodiscard]] std::uint32_t last_duration_s(std::size_t index) const { return states_[index].last_duration_s; }
    [[nodiscard]] std::uint32_t last_extreme(std::size_t index) const { return states_[index].last_extreme; }

private:
    struct State {
        std::uint32_t pending_s{0};  ///< since the value says other than the condition
        std::uint32_t active_s{0};
        std::uint32_t extreme{0};
        std::uint32_t last_duration_s{0};
        std::uint32_t last_extreme{0};
        bool follows{false};  ///< `extreme` stands for what is going on
    };

    std::array<Limit, kLimitCount> limits_;
    std::array<State, kLimitCount> states_{};
};

}  // namespace ferraris::meter
