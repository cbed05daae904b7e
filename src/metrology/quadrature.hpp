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
        std::int64_t signal = std::int64_t{x} * 16;  // four bits more, against the rounding noise
        // Stored signals hold 2^25 * 16 * 4.4 (the chain's largest gain of any input) < 2^32; 64 bits leave room.
        for (std::size_t k = 0; k < coefficients_.size(); ++k) {
            Section& s = sections_[k];
            const std::int64_t y = ((std::int64_t{coefficients_[k]} * clamp(signal + s.output[1])) >> 31U) - s.input[1];
            s.input[1] = s.input[0];
            s.input[0] = static_cast<std::int32_t>(clamp(signal));
            s.output[1] = s.output[0];
            s.output[0] = static_cast<std::int32_t>(clamp(y));
            signal = y;
        }
        const std::int64_t result = signal >> 4U;
        constexpr std::int64_t kLimit = (std::int64_t{1} << 25U) - 1;
        return static_cast<std::int32_t>(result > kLimit ? kLimit : result < -kLimit ? -kLimit : result);
    }

private:
    struct Section {
        std::array<std::int32_t, 2> input{};
        std::array<std::int32_t, 2> output{};
    };
    [[nodiscard]] static constexpr std::int64_t clamp(std::int64_t value) {
        constexpr std::int64_t kLimit = (std::int64_t{1} << 31U) - 1;
        return value > kLimit ? kLimit : value < -kLimit ? -kLimit : value;
    }

    std::array<std::int32_t, 3> coefficients_;
    std::array<Section, 3> sections_{};
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
