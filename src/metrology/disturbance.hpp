/// Sags, swells and interruptions of the voltage, from its r.m.s. value over each cycle (IEC 61000-4-30, 5.4 and 5.5):
/// one begins with the first cycle beyond its threshold and ends before the first that is within it by the hysteresis.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>

namespace ferraris::metrology {

/// A sag that goes below the threshold of an interruption is one.
enum class DisturbanceKind : std::uint8_t { sag, swell, interruption };

struct Disturbance {
    DisturbanceKind kind{DisturbanceKind::sag};
    std::uint32_t extreme_millivolts{0};  ///< of the worst cycle
    std::uint32_t duration_milliseconds{0};
    friend constexpr bool operator==(const Disturbance&, const Disturbance&) = default;
};

/// Those that ended within one second. A second has room for twelve at most; what flickers like that is told in part.
struct Disturbances {
    std::array<Disturbance, 4> items{};
    std::uint8_t count{0};

    void add(const Disturbance& disturbance) {
        if (count < items.size()) items[count++] = disturbance;
    }
    [[nodiscard]] const Disturbance* begin() const { return items.data(); }
    [[nodiscard]] const Disturbance* end() const { return items.data() + count; }
};

struct DisturbanceLimits {
    std::uint32_t sag_millivolts{207'000};  ///< 0: off
    std::uint32_t swell_millivolts{253'000};
    std::uint32_t interruption_millivolts{11'500};
    std::uint32_t hysteresis_millivolts{4'600};  ///< 2 % of 230 V, as usual
    friend constexpr bool operator==(const DisturbanceLimits&, const DisturbanceLimits&) = default;
};

/// Follows one voltage, cycle by cycle. Levels and thresholds are in any one unit that grows with the voltage.
class DisturbanceTracker {
public:
    struct Thresholds {
        std::uint64_t sag{0};  ///< begins below; 0: off
        std::uint64_t sag_end{0};
        std::uint64_t swell{UINT64_MAX};  ///< begins above
        std::uint64_t swell_end{UINT64_MAX};
        std::uint64_t interruption{0};
    };
    /// What has ended, in the same units.
    struct Ended {
        bool any{false};
        DisturbanceKind kind{};
        std::uint64_t extreme{0};
        std::uint64_t duration{0};
    };

    void set(const Thresholds& thresholds) { thresholds_ = thresholds; }
    /// A cycle of `duration` at `level`.
    [[nodiscard]] Ended add(std::uint64_t level, std::uint32_t duration) {
        switch (state_) {
            case State::low:
                if (level < thresholds_.sag_end) return go_on(level < extreme_ ? level : extreme_, duration);
                break;
            case State::high:
                if (level > thresholds_.swell_end) return go_on(level > extreme_ ? level : extreme_, duration);
                break;
            case State::normal:
                break;
        }
        Ended ended;
        if (state_ != State::normal) {
            const bool interruption = extreme_ < thresholds_.interruption;
            ended = {true,
                     state_ == State::high ? DisturbanceKind::swell
                     : interruption        ? DisturbanceKind::interruption
                                           : DisturbanceKind::sag,
                     extreme_, duration_};
        }
        state_ = level < thresholds_.sag ? State::low : level > thresholds_.swell ? State::high : State::normal;
        extreme_ = level;
        duration_ = duration;
        return ended;
    }
    [[nodiscard]] bool is_disturbed() const { return state_ != State::normal; }

private:
    enum class State : std::uint8_t { normal, low, high };

    Ended go_on(std::uint64_t extreme, std::uint32_t duration) {
        extreme_ = extreme;
        duration_ += duration;
        return {};
    }

    Thresholds thresholds_{};
    std::uint64_t extreme_{0};
    std::uint64_t duration_{0};
    State state_{State::normal};
};

}  // namespace ferraris::metrology
