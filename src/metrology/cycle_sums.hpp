/// What is summed up sample by sample over one cycle of the mains, and what a finished cycle comes to.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>

#include "metrology/trigonometry.hpp"
#include "metrology/wide_integer.hpp"

namespace ferraris::metrology {

/// The two channels of one instant, free of offset, and the same with the voltage a quarter turn behind the current.
/// Magnitudes up to 2^25.
struct SamplePair {
    std::int32_t voltage;
    std::int32_t current;
    std::int32_t shifted_voltage;
    std::int32_t shifted_current;
};

/// A unit vector that turns by the same angle each sample, once round in a cycle.
class Rotor {
public:
    /// `step` in units of 2^-32 turns.
    void set_step(std::uint32_t step) { step_ = sine_cosine(step); }
    void restart() { now_ = {}; }
    void advance() {
        constexpr std::int64_t kHalf = std::int64_t{1} << 29U;
        const std::int64_t cosine =
            std::int64_t{now_.cosine} * step_.cosine - std::int64_t{now_.sine} * step_.sine + kHalf;
        const std::int64_t sine =
            std::int64_t{now_.sine} * step_.cosine + std::int64_t{now_.cosine} * step_.sine + kHalf;
        now_ = {static_cast<std::int32_t>(sine >> 30U), static_cast<std::int32_t>(cosine >> 30U)};
    }
    /// In units of 2^-24.
    [[nodiscard]] std::int32_t sine() const { return now_.sine >> 6U; }
    [[nodiscard]] std::int32_t cosine() const { return now_.cosine >> 6U; }

private:
    SineCosine step_{};
    SineCosine now_{};
};

/// 25 bits each way and at most 2^9 samples: products stay below 2^60.
struct CycleSums {
    std::int64_t voltage{0};
    std::int64_t current{0};
    std::int64_t voltage_squared{0};
    std::int64_t current_squared{0};
    std::int64_t active{0};
    std::int64_t shifted{0};
    /// Sums of each channel times the rotor, in units of 2^-24.
    struct Phasor {
        std::int64_t cosine{0};
        std::int64_t sine{0};

        void add(std::int32_t sample, const Rotor& rotor) {
            cosine += std::int64_t{sample} * rotor.cosine();
            sine += std::int64_t{sample} * rotor.sine();
        }
        void add(std::int32_t sample, const Rotor& rotor, std::uint32_t fraction) {
            cosine += (std::int64_t{sample} * rotor.cosine() * fraction) >> 12U;
            sine += (std::int64_t{sample} * rotor.sine() * fraction) >> 12U;
        }
    };
    Phasor voltage_phasor{};
    Phasor current_phasor{};
    Phasor shifted_voltage_phasor{};
    Phasor shifted_current_phasor{};

    void add(const SamplePair& s, const Rotor& rotor) {
        voltage += s.voltage;
        current += s.current;
        voltage_squared += std::int64_t{s.voltage} * s.voltage;
        current_squared += std::int64_t{s.current} * s.current;
        active += std::int64_t{s.voltage} * s.current;
        shifted += std::int64_t{s.shifted_voltage} * s.shifted_current;
        voltage_phasor.add(s.voltage, rotor);
        current_phasor.add(s.current, rotor);
        shifted_voltage_phasor.add(s.shifted_voltage, rotor);
        shifted_current_phasor.add(s.shifted_current, rotor);
    }

    /// Puts `fraction` (units of 2^-12) of the sample into these sums and what is left of it into the sums that are
    /// returned, whose rotor starts anew. Both together are the whole sample.
    [[nodiscard]] CycleSums divide(const SamplePair& s, Rotor& rotor, std::uint32_t fraction);
};

/// What one cycle adds to the sums over time; products of samples, summed over sample intervals.
struct CyclePowers {
    std::int64_t active{0};
    std::int64_t voltage_squared{0};
    std::int64_t current_squared{0};
    std::int64_t reactive{0};             ///< of the fundamental
    std::int64_t classical{0};            ///< of all harmonics, each turned by 90 degrees
    std::int64_t voltage_fundamental{0};  ///< square of the fundamental's r.m.s. value
    std::int64_t current_fundamental{0};
};

/// Of a whole cycle of `length`, in units of 2^-12 sample intervals.
[[nodiscard]] CyclePowers powers(const CycleSums& sums, std::uint32_t length);
/// Of a stretch of time that is no whole cycle, while the voltage comes or goes: it has no fundamental to tell apart.
[[nodiscard]] CyclePowers powers_without_cycle(const CycleSums& sums);

}  // namespace ferraris::metrology
