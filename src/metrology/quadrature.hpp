/// Two chains of all-pass filters whose outputs stand a quarter turn apart at every frequency between 0.003 and 0.497
/// of the sample rate (within 0.6 degrees), with all amplitudes kept: for the classical reactive power, which shifts
/// every harmonic by 90 degrees.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>

namespace ferraris::metrology {

/// One chain: three sections y[n] = a (x[n] + y[n-2]) - x[n-2].
class AllPassChain {
public:
    /// Coefficients in units of 2^-31.
    constexpr explicit AllPassChain(const std::array<std::int32_t, 3>& coefficients) : coefficients_(coefficients) {}

    /// `x` up to 2^25 in magnitude; so is the result, cut off there in what no mains ever does.
    [[nodiscard]] std::int32_t filter(std::int32_t x) {
        // What came in and what each section gave, two samples ago: even and odd samples never meet.
        std::array<std::int32_t, 4>& before = before_[is_odd_ ? 1 : 0];
        is_odd_ = !is_odd_;
        // Three bits more, against the rounding noise. No input makes any section give more than 4.4 times its
        // largest: the sum of the magnitudes of the impulse response. 2^28 * 4.4 is below 2^31.
        std::int32_t signal = x * 8;
        std::int32_t earlier = before[0];
        before[0] = signal;
        for (std::size_t k = 0; k < coefficients_.size(); ++k) {
            const std::int64_t a = coefficients_[k];
            const std::int32_t output = before[k + 1];
            signal = static_cast<std::int32_t>((a * signal + a * output) >> 31U) - earlier;
            before[k + 1] = signal;
            earlier = output;
        }
        constexpr std::int32_t kLimit = (1 << 25) - 1;
        const std::int32_t result = signal >> 3U;
        return result > kLimit ? kLimit : result < -kLimit ? -kLimit : result;
    }

private:
    std::array<std::int32_t, 3> coefficients_;
    std::array<std::array<std::int32_t, 4>, 2> before_{};
    bool is_odd_{false};
};

/// The poles of an elliptic half-band filter of order 13 with its transition between 0.247 and 0.253 of the sample
/// rate (0.003 either side), turned by a quarter of the sample rate; they go to the two chains in turn.
inline constexpr std::array<std::int32_t, 3> kLeadingChain = {0x13801AE3, 0x5B5D6DE4, 0x789D4D09};
inline constexpr std::array<std::int32_t, 3> kLaggingChain = {0x3AC215A2, 0x6EA6B225, 0x7DF882B8};

/// A pair of samples in; the voltage, a quarter turn behind the current, out.
class QuadratureShifter {
public:
    struct Pair {
        std::int32_t voltage;
        std::int32_t current;
    };
    [[nodiscard]] Pair shift(std::int32_t voltage, std::int32_t current) {
        const Pair result{lagging_.filter(delayed_voltage_), leading_.filter(current)};
        delayed_voltage_ = voltage;  // the chain that lags has one sample of delay besides
        return result;
    }

private:
    AllPassChain leading_{kLeadingChain};
    AllPassChain lagging_{kLaggingChain};
    std::int32_t delayed_voltage_{0};
};

}  // namespace ferraris::metrology
