#include "metrology/calibration.hpp"

#include "metrology/magnitude.hpp"

namespace ferraris::metrology {

namespace {

std::uint64_t magnitude_of(std::int64_t value) {
    return value < 0 ? ~static_cast<std::uint64_t>(value) + 1U : static_cast<std::uint64_t>(value);
}

}  // namespace

Calibration calibrate_gain(const Calibration& calibration, const Measurement& measured,
                           const ReferencePoint& reference) {
    const Magnitude voltage_ratio = Magnitude::of(std::uint64_t{reference.voltage_millivolts}) /
                                    Magnitude::of(std::uint64_t{measured.voltage_millivolts});
    const Magnitude power_ratio = Magnitude::of(magnitude_of(reference.active_power_milliwatts)) /
                                  Magnitude::of(magnitude_of(measured.active_power_milliwatts));
    if (voltage_ratio.is_zero() || power_ratio.is_zero()) return calibration;
    Calibration result = calibration;
    result.picovolts_per_count = (Magnitude::of(calibration.picovolts_per_count) * voltage_ratio).rounded();
    result.picoamperes_per_count =
        (Magnitude::of(calibration.picoamperes_per_count) * power_ratio / voltage_ratio).rounded();
    return result;
}

Calibration calibrate_phase(const Calibration& calibration, const Measurement& measured,
                            const ReferencePoint& reference) {
    // The angle from the true to the measured power, both as vectors P + jQ: its sine is their cross product over the
    // product of their lengths. A calibration corrects degrees at most, where the sine is the angle times
    // 1 - angle^2/6; a second pass takes the rest.
    const Int128 cross = Int128::product(reference.active_power_milliwatts, measured.reactive_power_millivars) -
                         Int128::product(reference.reactive_power_millivars, measured.active_power_milliwatts);
    const auto squared_length = [](std::int64_t p, std::int64_t q) {
        return Magnitude::of(Int128::product(p, p) + Int128::product(q, q));
    };
    const Magnitude lengths = (squared_length(reference.active_power_milliwatts, reference.reactive_power_millivars) *
                               squared_length(measured.active_power_milliwatts, measured.reactive_power_millivars))
                                  .root();
    const Magnitude sine = Magnitude::of(cross.absolute()) / lengths;
    // lag = angle / (2 pi f); 10^12 / (2 pi) nanoseconds times millihertz.
    const Magnitude lag = sine * Magnitude::of(std::uint64_t{159'154'943'092}) /
                          Magnitude::of(std::uint64_t{reference.frequency_millihertz});
    const auto nanoseconds = static_cast<std::int32_t>(lag.rounded());
    Calibration result = calibration;
    result.current_lag_nanoseconds += cross.is_negative() ? -nanoseconds : nanoseconds;
    return result;
}

}  // namespace ferraris::metrology
