/// What a pair of samples costs, and how evenly the metrological LED flashes.
#include <benchmark/benchmark.h>

#include <algorithm>
#include <cmath>
#include <numbers>
#include <vector>

#include "metrology/processor.hpp"
#include "metrology/self_test.hpp"

namespace {

using namespace ferraris::metrology;

std::vector<SyntheticSource::Counts> one_second() {
    SyntheticSource source;
    std::vector<SyntheticSource::Counts> samples(4000);
    for (SyntheticSource::Counts& sample : samples) sample = source.next();
    return samples;
}

/// A second of samples at a time, with its measurement.
void sample_pair(benchmark::State& state) {
    const std::vector<SyntheticSource::Counts> samples = one_second();
    Processor processor(SyntheticSource::configuration());
    for (auto _ : state) {
        for (const SyntheticSource::Counts& sample : samples) {
            if (processor.add_sample(sample.voltage, sample.current).second_elapsed) {
                benchmark::DoNotOptimize(processor.take_measurement());
            }
        }
    }
    const auto pairs = static_cast<double>(state.iterations()) * static_cast<double>(samples.size());
    state.counters["per_pair"] = benchmark::Counter(pairs, benchmark::Counter::kIsRate | benchmark::Counter::kInvert);
    state.counters["processor_octets"] = sizeof(Processor);
}
BENCHMARK(sample_pair);

void take_measurement(benchmark::State& state) {
    const std::vector<SyntheticSource::Counts> samples = one_second();
    Processor processor(SyntheticSource::configuration());
    for (const SyntheticSource::Counts& sample : samples) (void)processor.add_sample(sample.voltage, sample.current);
    for (auto _ : state) benchmark::DoNotOptimize(processor.averages());
}
BENCHMARK(take_measurement);

/// Distance from pulse to pulse, against its truth, at 1.15 U_n and `range(0)` A with `range(1)` imp/kWh.
void pulse_jitter(benchmark::State& state) {
    constexpr double kVolts = 264.5;
    const auto amperes = static_cast<double>(state.range(0));
    const auto constant = static_cast<std::uint32_t>(state.range(1));
    const double truth_s = 3.6e6 / constant / (kVolts * amperes);
    double worst = 0;
    double sum_of_squares = 0;
    std::uint64_t pulses = 0;
    for (auto _ : state) {
        Configuration configuration;
        configuration.active_pulses_per_kilowatt_hour = constant;
        Processor processor(configuration);
        double last_s = 0;
        const int samples = static_cast<int>(4000 * std::max(10.0, 20 * truth_s));
        for (int k = 0; k < samples; ++k) {
            const double sine = std::sin(2 * std::numbers::pi * 50.37 * k / 4000) * std::numbers::sqrt2;
            const Events events = processor.add_sample(static_cast<int>(std::lround(sine * kVolts / 400 * (1 << 23))),
                                                       static_cast<int>(std::lround(sine * amperes / 160 * (1 << 23))));
            if (!events.active_pulse) continue;
            const double now_s = (k + events.active_pulse_instant / 65536.0) / 4000;
            if (last_s > 2) {
                const double error = (now_s - last_s) / truth_s - 1;
                worst = std::max(worst, std::abs(error));
                sum_of_squares += error * error;
                ++pulses;
            }
            last_s = now_s;
        }
    }
    state.counters["worst_ppm"] = worst * 1e6;
    state.counters["rms_ppm"] = pulses == 0 ? 0 : std::sqrt(sum_of_squares / static_cast<double>(pulses)) * 1e6;
}
BENCHMARK(pulse_jitter)->Args({80, 10'000})->Args({80, 1'000})->Args({5, 10'000})->Iterations(1);

}  // namespace

BENCHMARK_MAIN();
