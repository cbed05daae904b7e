#include "twin/test_signal.hpp"

#include <cmath>
#include <numbers>

namespace ferraris::twin {

namespace {

using std::numbers::pi;

double value(const std::vector<Harmonic>& spectrum, double angle) {
    double sum = 0;
    for (const Harmonic& h : spectrum) sum += h.rms * std::numbers::sqrt2 * std::sin(h.order * angle + h.phase);
    return sum;
}

/// A line of cosine and sine amplitudes.
Harmonic line(int order, double cosine, double sine) {
    return {order, std::hypot(cosine, sine) / std::numbers::sqrt2, std::atan2(cosine, sine)};
}

}  // namespace

double TestSignal::voltage_at(double time_s) const { return value(voltage, 2 * pi * frequency_hz * time_s); }

double TestSignal::current_at(double time_s) const {
    if (is_burst && std::fmod(std::floor(frequency_hz * time_s), 4) >= 2) return 0;
    return current_dc + value(current, 2 * pi * frequency_hz * time_s);
}

double TestSignal::active_power_w() const {
    double power = 0;
    for (const Harmonic& v : voltage) {
        for (const Harmonic& i : current) {
            if (v.order == i.order) power += v.rms * i.rms * std::cos(v.phase - i.phase);
        }
    }
    return is_burst ? power / 2 : power;
}

double TestSignal::reactive_power_var() const {
    double power = 0;
    for (const Harmonic& v : voltage) {
        for (const Harmonic& i : current) {
            if (v.order == 1 && i.order == 1) power += v.rms * i.rms * std::sin(v.phase - i.phase);
        }
    }
    return is_burst ? power / 2 : power;
}

TestSignal sine(double volts, double amperes, double phase, double frequency_hz) {
    TestSignal signal;
    signal.frequency_hz = frequency_hz;
    signal.voltage = {{1, volts, 0}};
    if (amperes != 0) signal.current = {{1, amperes, -phase}};
    return signal;
}

TestSignal fifth_harmonic(double volts, double amperes, double frequency_hz) {
    TestSignal signal;
    signal.frequency_hz = frequency_hz;
    signal.voltage = {{1, volts, 0}, {5, 0.1 * volts, 0}};
    signal.current = {{1, amperes, 0}, {5, 0.4 * amperes, 0}};
    return signal;
}

TestSignal half_wave(double volts, double amperes, double frequency_hz, double band_hz) {
    const double peak = amperes * std::numbers::sqrt2;
    TestSignal signal = sine(volts, amperes / 2, 0, frequency_hz);
    signal.current_dc = peak / pi;
    for (int order = 2; order * frequency_hz < band_hz; order += 2) {
        signal.current.push_back(line(order, -2 * peak / pi / (order * order - 1), 0));
    }
    return signal;
}

TestSignal phase_fired(double volts, double amperes, double frequency_hz, double band_hz) {
    const double peak = amperes * std::numbers::sqrt2;
    TestSignal signal = sine(volts, 0, 0, frequency_hz);
    // Both halves alike but for the sign: odd harmonics, twice the integral from 90 to 180 degrees.
    signal.current = {line(1, -peak / pi, peak / 2)};
    for (int h = 3; h * frequency_hz < band_hz; h += 2) {
        const auto with_cosine = [h](double x) {
            return (-std::cos((h + 1) * x) / (h + 1) + std::cos((h - 1) * x) / (h - 1)) / 2;
        };
        const auto with_sine = [h](double x) {
            return (std::sin((h - 1) * x) / (h - 1) - std::sin((h + 1) * x) / (h + 1)) / 2;
        };
        const double cosine = 2 / pi * peak * (with_cosine(pi) - with_cosine(pi / 2));
        const double sine_part = 2 / pi * peak * (with_sine(pi) - with_sine(pi / 2));
        signal.current.push_back(line(h, cosine, sine_part));
    }
    return signal;
}

TestSignal burst(double volts, double amperes, double frequency_hz) {
    TestSignal signal = sine(volts, amperes, 0, frequency_hz);
    signal.is_burst = true;
    return signal;
}

}  // namespace ferraris::twin
