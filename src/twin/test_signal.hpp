/// Voltages and currents of a type test, whose power is known from their definition.
#pragma once

#include <vector>

namespace ferraris::twin {

/// One line of a spectrum: rms * sqrt(2) * sin(order * 2 pi f t + phase).
struct Harmonic {
    int order;
    double rms;
    double phase;  ///< radians
};

/// A voltage and a current as Fourier series, so that no sample carries what its rate cannot show.
struct TestSignal {
    double frequency_hz{50};
    std::vector<Harmonic> voltage;
    std::vector<Harmonic> current;
    double current_dc{0};
    bool is_burst{false};  ///< the current flows for two cycles and rests for two

    [[nodiscard]] double voltage_at(double time_s) const;
    [[nodiscard]] double current_at(double time_s) const;
    /// Mean over the cycles (over four of them when it comes in bursts).
    [[nodiscard]] double active_power_w() const;
    /// Of the fundamental; positive when the current lags.
    [[nodiscard]] double reactive_power_var() const;
};

/// Sines; `phase` by which the current lags, in radians.
[[nodiscard]] TestSignal sine(double volts, double amperes, double phase, double frequency_hz);

/// EN 50470-3: a fifth harmonic of 10 % in the voltage and 40 % in the current, all in phase.
[[nodiscard]] TestSignal fifth_harmonic(double volts, double amperes, double frequency_hz);

/// Half-wave rectified: only the positive halves of a sine of `amperes` r.m.s. flow.
[[nodiscard]] TestSignal half_wave(double volts, double amperes, double frequency_hz, double band_hz);

/// Phase-fired at 90 degrees: of each half of a sine of `amperes` r.m.s. only the second half flows.
[[nodiscard]] TestSignal phase_fired(double volts, double amperes, double frequency_hz, double band_hz);

/// Two cycles of a sine of `amperes` r.m.s., then two without.
[[nodiscard]] TestSignal burst(double volts, double amperes, double frequency_hz);

}  // namespace ferraris::twin
