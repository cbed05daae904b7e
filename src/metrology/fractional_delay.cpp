#include "metrology/fractional_delay.hpp"

namespace ferraris::metrology {

void Alignment::set_current_lag(std::int32_t lag) {
    // The current is read at `delay` samples ago, between the second and the third tap; the voltage a whole number
    // of samples ago, which is the same instant: delay = voltage_delay - lag.
    constexpr std::int32_t kOne = 1 << 16;
    constexpr std::int64_t kTwo = 2 * std::int64_t{kOne};
    const std::int32_t whole_lag = (lag + kOne - 1) >> 16U;  // rounded up
    const std::int32_t voltage_delay = whole_lag < -1 ? 0 : whole_lag + 1;
    const std::int32_t delay = voltage_delay * kOne - lag;
    voltage_delay_ = static_cast<std::size_t>(voltage_delay);
    current_delay_ = static_cast<std::size_t>((delay >> 16U) - 1);

    // Lagrange's cubic through taps at -1, 0, 1, 2 sample intervals ago, read at `x` in units of 2^-16.
    const std::int64_t x = delay & (kOne - 1);
    const auto product = [](std::int64_t a, std::int64_t b, std::int64_t c, std::int64_t divisor) {
        return static_cast<std::int32_t>((((a * b) >> 2U) * c) / (divisor << 16U));  // 2^48 / 2^18 = 2^30
    };
    taps_[3] = product(-x, x - kOne, x - kTwo, 6);
    taps_[1] = product(-x, x + kOne, x - kTwo, 2);
    taps_[0] = product(x, x + kOne, x - kOne, 6);
    taps_[2] = (1 << 30) - taps_[0] - taps_[1] - taps_[3];  // so that the gain at rest is exactly 1
}

}  // namespace ferraris::metrology
