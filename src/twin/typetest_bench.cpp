#include "twin/typetest_bench.hpp"

#include <cmath>
#include <numbers>

namespace ferraris::twin {

namespace {

constexpr double kSettle_s = 1;
constexpr double kMicro = 1e6;

std::uint64_t pico_per_count(double full_scale, int bits) {
    return static_cast<std::uint64_t>(std::llround(full_scale / std::ldexp(1, bits - 1) * 1e12));
}

std::int64_t milli(double value) { return std::llround(value * 1e3); }

/// A source, a front end and a processor, sample by sample.
class Run {
public:
    Run(const TestSignal& signal, FrontEndModel model, std::uint64_t seed,
        const metrology::Configuration& configuration, double celsius)
        : signal_(signal),
          front_end_((model.seed += seed, model)),
          processor_(configuration),
          interval_s_(1e3 / configuration.sample_rate_millihertz),
          celsius_(celsius) {
        processor_.set_temperature(static_cast<std::int32_t>(milli(celsius)));
    }

    metrology::Events step() {
        const double time = static_cast<double>(++samples_) * interval_s_ + kStart_s;
        const Counts counts = front_end_.convert(signal_.voltage_at(time),
                                                 signal_.current_at(time - front_end_.model().current_lag_s), celsius_);
        return processor_.add_sample(counts.voltage, counts.current);
    }
    void step_until_window_after(double seconds) {
        const auto samples = static_cast<std::uint64_t>(seconds / interval_s_) + samples_;
        while (samples_ < samples) step();
        while (!step().window_closed) continue;
    }
    [[nodiscard]] double time_s() const { return static_cast<double>(samples_) * interval_s_; }
    [[nodiscard]] double interval_s() const { return interval_s_; }
    metrology::Processor& processor() { return processor_; }

private:
    static constexpr double kStart_s = 0.0037;  // not at a zero crossing, as no meter is switched on there

    const TestSignal& signal_;
    FrontEnd front_end_;
    metrology::Processor processor_;
    double interval_s_;
    double celsius_;
    std::uint64_t samples_{0};
};

/// Instants of the edges of one LED.
struct Edges {
    std::uint32_t count{0};
    double first_s{0};
    double last_s{0};

    void add(double time_s) {
        if (count++ == 0) first_s = time_s;
        last_s = time_s;
    }
    [[nodiscard]] double interval_s() const { return count < 2 ? 0 : (last_s - first_s) / (count - 1); }
};

}  // namespace

TypeTestBench::TypeTestBench(const FrontEndModel& model, const Rating& rating, bool is_calibrated)
    : model_(model), rating_(rating) {
    configuration_.sample_bits = static_cast<std::uint8_t>(model.bits);
    configuration_.nominal_frequency_millihertz = static_cast<std::uint32_t>(milli(rating.frequency_hz));
    configuration_.nominal_voltage_millivolts = static_cast<std::uint32_t>(milli(rating.nominal_volts));
    configuration_.active_pulses_per_kilowatt_hour = 10'000;
    configuration_.reactive_pulses_per_kilovar_hour = 10'000;
    configuration_.calibration.picovolts_per_count = pico_per_count(model.full_scale_volts, model.bits);
    configuration_.calibration.picoamperes_per_count = pico_per_count(model.full_scale_amperes, model.bits);
    if (is_calibrated) calibrate();
}

double TypeTestBench::sample_rate_hz() const { return configuration_.sample_rate_millihertz / 1e3; }

metrology::Measurement TypeTestBench::measured(const TestSignal& signal, int seconds) {
    Run run(signal, model_, ++run_, configuration_, model_.reference_celsius);
    run.step_until_window_after(kSettle_s);
    (void)run.processor().take_measurement();
    run.step_until_window_after(seconds);
    return run.processor().take_measurement();
}

void TypeTestBench::calibrate() {
    constexpr int kSeconds = 10;
    // The drift of the parts is known from their type test, not from this specimen: here it is a quarter off.
    const auto ppb = [](double drift) { return static_cast<std::int32_t>(std::lrint(drift * 0.75 * 1e9)); };
    configuration_.calibration.voltage_ppb_per_kelvin = ppb(model_.voltage_drift_per_kelvin);
    configuration_.calibration.current_ppb_per_kelvin = ppb(model_.current_drift_per_kelvin);

    const auto reference = [](const TestSignal& signal) {
        metrology::ReferencePoint point;
        point.voltage_millivolts = static_cast<std::uint32_t>(milli(signal.voltage.front().rms));
        point.active_power_milliwatts = milli(signal.active_power_w());
        point.reactive_power_millivars = milli(signal.reactive_power_var());
        point.frequency_millihertz = static_cast<std::uint32_t>(milli(signal.frequency_hz));
        return point;
    };
    metrology::Calibration& calibration = configuration_.calibration;
    const TestSignal unity = sine(rating_.nominal_volts, rating_.basic_amperes, 0, rating_.frequency_hz);
    calibration = calibrate_gain(calibration, measured(unity, kSeconds), reference(unity));
    const TestSignal half =
        sine(rating_.nominal_volts, rating_.basic_amperes, std::numbers::pi / 3, rating_.frequency_hz);
    calibration = calibrate_phase(calibration, measured(half, kSeconds), reference(half));
}

TypeTestBench::Errors TypeTestBench::errors(const TestSignal& signal, double seconds, double celsius) {
    Run run(signal, model_, ++run_, configuration_, celsius);
    run.step_until_window_after(kSettle_s);
    (void)run.processor().take_measurement();
    run.step_until_window_after(seconds);
    // Windows end with a cycle: so many cycles of the source, by its own frequency.
    const double time_s = run.processor().averages().cycles / signal.frequency_hz;
    const metrology::Measurement m = run.processor().take_measurement();

    using metrology::Energy;
    const auto joules = [&m](Energy energy) { return static_cast<double>(m.energy[energy]) / kMicro; };
    const double active = joules(Energy::active_import) - joules(Energy::active_export);
    const double reactive = joules(Energy::reactive_q1) + joules(Energy::reactive_q2) - joules(Energy::reactive_q3) -
                            joules(Energy::reactive_q4);
    const auto percent = [](double value, double truth) { return truth == 0 ? 0 : (value - truth) / truth * 100; };
    Errors result;
    result.active = percent(active, signal.active_power_w() * time_s);
    result.reactive = percent(reactive, signal.reactive_power_var() * time_s);
    result.has_active = active != 0 && signal.active_power_w() != 0;
    result.has_reactive = reactive != 0 && signal.reactive_power_var() != 0;
    return result;
}

TypeTestBench::Pulses TypeTestBench::pulses(const TestSignal& signal, double seconds) {
    Run run(signal, model_, ++run_, configuration_, model_.reference_celsius);
    Edges active;
    Edges reactive;
    while (run.time_s() < seconds) {
        const double begin = run.time_s();
        const metrology::Events events = run.step();
        const auto instant = [&](std::uint16_t fraction) { return begin + fraction / 65536.0 * run.interval_s(); };
        if (events.active_pulse) active.add(instant(events.active_pulse_instant));
        if (events.reactive_pulse) reactive.add(instant(events.reactive_pulse_instant));
    }
    return {active.count, reactive.count, active.interval_s(), reactive.interval_s()};
}

}  // namespace ferraris::twin
