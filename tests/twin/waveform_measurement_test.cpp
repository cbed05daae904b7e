#include "twin/waveform_measurement.hpp"

#include <gtest/gtest.h>

#include <cmath>
#include <complex>
#include <numbers>
#include <string>
#include <vector>

#include "shared.hpp"

namespace ferraris::twin {
namespace {

constexpr double kTolerance = 0.0005;
/// The starting power of reactive energy is 230 V times 25 mA; it registers from three quarters of that on, down to a
/// half.
constexpr double kReactiveStartVar = 230 * 0.025 * 3 / 4;
constexpr double kReactiveStopVar = 230 * 0.025 / 2;

/// The same figures in double precision: whole cycles between rising zero crossings, each sample standing for the
/// interval around it, the fundamental by Fourier integrals over windows of ten cycles (IEC 61000-4-30).
struct Reference {
    double cycles{0};
    double duration_s{0};
    double frequency_hz{0};
    double voltage_v{0};
    double current_a{0};
    double active_power_w{0};
    double reactive_power_var{0};
    double reactive_energy_j{0};  ///< of the windows in which anti-creep lets reactive energy register
    double apparent_power_va{0};
    double apparent_energy_j{0};  ///< by windows of ten cycles, as the meter registers it
};

std::vector<double> without_mean(const std::vector<double>& values) {
    double sum = 0;
    for (const double value : values) sum += value;
    std::vector<double> result = values;
    for (double& value : result) value -= sum / static_cast<double>(values.size());
    return result;
}

Reference reference(const std::vector<WaveformSample>& samples, const WaveformScale& scale) {
    std::vector<double> v;
    std::vector<double> i;
    for (const WaveformSample& s : samples) {
        v.push_back(s.voltage * scale.volts_per_count);
        i.push_back(s.current * scale.amps_per_count);
    }
    v = without_mean(v);
    i = without_mean(i);

    std::vector<double> crossings;
    bool is_armed = false;
    for (std::size_t k = 1; k < v.size(); ++k) {
        is_armed |= v[k - 1] < -23;
        if (!is_armed || v[k - 1] >= 0 || v[k] < 0) continue;
        crossings.push_back(static_cast<double>(k - 1) + v[k - 1] / (v[k - 1] - v[k]));
        is_armed = false;
    }

    const auto integral = [&v](double from, double to, auto function) {
        decltype(function(std::size_t{0})) sum{};
        for (auto k = static_cast<std::size_t>(from); k < v.size() && static_cast<double>(k) < to + 1; ++k) {
            const double begin = std::max(from, static_cast<double>(k) - 0.5);
            const double end = std::min(to, static_cast<double>(k) + 0.5);
            if (end > begin) sum += function(k) * (end - begin);
        }
        return sum;
    };
    const double from = crossings.front();
    const double to = crossings.back();
    const auto mean = [&](auto function) { return integral(from, to, function) / (to - from); };

    Reference r;
    r.cycles = static_cast<double>(crossings.size() - 1);
    r.duration_s = (to - from) / scale.sample_rate_hz;
    r.frequency_hz = r.cycles / r.duration_s;
    r.voltage_v = std::sqrt(mean([&v](std::size_t k) { return v[k] * v[k]; }));
    r.current_a = std::sqrt(mean([&i](std::size_t k) { return i[k] * i[k]; }));
    r.active_power_w = mean([&](std::size_t k) { return v[k] * i[k]; });
    r.apparent_power_va = r.voltage_v * r.current_a;
    double reactive = 0;
    bool is_registering = false;
    const std::size_t last = crossings.size() - 1;
    for (std::size_t c = 0; c < last; c += 10) {
        const double begin = crossings[c];
        const double end = crossings[std::min(c + 10, last)];
        const double period = (end - begin) / static_cast<double>(std::min(c + 10, last) - c);
        const auto phasor = [&](const std::vector<double>& x) {
            return integral(begin, end, [&](std::size_t k) {
                return std::polar(1.0, -2 * std::numbers::pi * (static_cast<double>(k) - begin) / period) * x[k];
            });
        };
        const double window_reactive = 2 * std::imag(phasor(v) * std::conj(phasor(i))) / (end - begin);
        reactive += window_reactive;
        const double window_var = std::abs(window_reactive) / (end - begin);
        const double threshold = is_registering ? kReactiveStopVar : kReactiveStartVar;
        // Nearer than the tolerance to the threshold, either answer would be right.
        EXPECT_GT(std::abs(window_var - threshold), kTolerance * threshold);
        is_registering = window_var >= threshold;
        if (is_registering) r.reactive_energy_j += window_reactive / scale.sample_rate_hz;
        const double vv = integral(begin, end, [&v](std::size_t k) { return v[k] * v[k]; });
        const double ii = integral(begin, end, [&i](std::size_t k) { return i[k] * i[k]; });
        r.apparent_energy_j += std::sqrt(vv * ii) / scale.sample_rate_hz;
    }
    r.reactive_power_var = reactive / (to - from);
    return r;
}

/// Within 0.05 % of the truth, or of `least` where the truth is smaller.
void expect_agreement(const char* what, double value, double truth, double least) {
    EXPECT_NEAR(value, truth, kTolerance * std::max(std::abs(truth), least)) << what;
}

TEST(WaveformMeasurement, AgreesWithDoublePrecisionOverEveryRecording) {
    FERRARIS_NEEDS_SHARED("data/waveforms/manifest.json");
    const nlohmann::json manifest = testing::shared_json("data/waveforms/manifest.json");
    const WaveformScale scale{manifest["sample_rate_hz"], manifest["amps_per_count"], manifest["volts_per_count"]};
    ASSERT_EQ(manifest["recordings"].size(), 24U);
    for (const nlohmann::json& recording : manifest["recordings"]) {
        const std::string file = recording["file"];
        SCOPED_TRACE(file);
        const auto samples = read_waveform(testing::shared("data/waveforms/" + file));
        ASSERT_TRUE(samples.has_value()) << samples.error();
        const auto result = measure_waveform(*samples, scale);
        ASSERT_TRUE(result.has_value()) << result.error();
        const metrology::Averages& a = result->averages;
        const Reference r = reference(*samples, scale);
        EXPECT_EQ(a.cycles, r.cycles);
        const auto micro = [](auto value) { return static_cast<double>(value) * 1e-6; };
        expect_agreement("V", micro(a.voltage_microvolts), r.voltage_v, 1);
        expect_agreement("A", micro(a.current_nanoamperes) * 1e-3, r.current_a, 0.1);
        expect_agreement("W", micro(a.active_power_microwatts), r.active_power_w, 1);
        expect_agreement("var", micro(a.reactive_power_microvars), r.reactive_power_var, 1);
        expect_agreement("VA", micro(a.apparent_power_microvoltamperes), r.apparent_power_va, 1);
        EXPECT_NEAR(micro(a.frequency_microhertz), r.frequency_hz, 0.001);
        EXPECT_NEAR(micro(a.power_factor_millionths), r.active_power_w / r.apparent_power_va, 1e-5);

        using metrology::Energy;
        const auto joules = [&](Energy energy) { return micro(result->measurement.energy[energy]); };
        const double active = joules(Energy::active_import) - joules(Energy::active_export);
        expect_agreement("J", active, r.active_power_w * r.duration_s, 1);
        expect_agreement("apparent J", joules(Energy::apparent_import), r.apparent_energy_j, 1);
        const double reactive = joules(Energy::reactive_q1) - joules(Energy::reactive_q4);
        expect_agreement("reactive J", reactive, r.reactive_energy_j, 1);
        if (r.reactive_energy_j == 0) {
            EXPECT_EQ(reactive, 0);
        }

        // The figures of the manifest are of windows of whole samples: comparable to some hundredths of a percent.
        const auto expect_manifest = [&](const char* key, double value, double least) {
            EXPECT_NEAR(value, recording[key].get<double>(), 0.002 * std::max(std::abs(value), least)) << key;
        };
        expect_manifest("voltage_v", micro(a.voltage_microvolts), 1);
        expect_manifest("current_a", micro(a.current_nanoamperes) * 1e-3, 0.1);
        expect_manifest("active_power_w", micro(a.active_power_microwatts), 1);
        expect_manifest("fundamental_reactive_power_var", micro(a.reactive_power_microvars), 1);
        expect_manifest("apparent_power_va", micro(a.apparent_power_microvoltamperes), 1);
    }
}

/// 16-bit samples of a mains whose harmonics are known: 230 V and 10 A of the fundamental, the current 40 degrees late.
constexpr WaveformScale kSyntheticScale{6400, 0.005, 0.02};
constexpr double kLag = 40 * std::numbers::pi / 180;

struct Distortion {
    double voltage_fifth{0};  ///< of the fundamental
    double current_third{0};
};

std::vector<WaveformSample> synthetic(double frequency_hz, double seconds, const Distortion& distortion) {
    std::vector<WaveformSample> samples;
    const auto count = [](double value, double scale) { return static_cast<std::int16_t>(std::lround(value / scale)); };
    for (int k = 0; k < static_cast<int>(seconds * kSyntheticScale.sample_rate_hz); ++k) {
        const double angle = 2 * std::numbers::pi * frequency_hz * k / kSyntheticScale.sample_rate_hz + 0.7;
        const double voltage = std::sin(angle) + distortion.voltage_fifth * std::sin(5 * angle);
        const double current = std::sin(angle - kLag) + distortion.current_third * std::sin(3 * angle);
        samples.push_back({count(10 * std::numbers::sqrt2 * current, kSyntheticScale.amps_per_count),
                           count(230 * std::numbers::sqrt2 * voltage, kSyntheticScale.volts_per_count)});
    }
    return samples;
}

/// The first cycle is analysed with its own frequency like all others, however short the recording.
TEST(WaveformMeasurement, MeasuresFromTheFirstCycleAtEveryMainsFrequency) {
    for (const double frequency : {49.0, 50.0, 51.0, 58.8, 60.0, 61.2}) {
        for (const double seconds : {0.1, 0.5, 3.0}) {
            for (const Distortion& distortion : {Distortion{}, Distortion{0.05, 0.3}}) {
                SCOPED_TRACE(::testing::Message() << frequency << " Hz, " << seconds
                                                  << " s, third harmonic of the current " << distortion.current_third);
                const auto result = measure_waveform(synthetic(frequency, seconds, distortion), kSyntheticScale);
                ASSERT_TRUE(result.has_value()) << result.error();
                const metrology::Averages& a = result->averages;
                const auto micro = [](auto value) { return static_cast<double>(value) * 1e-6; };
                const double voltage = 230 * std::hypot(1, distortion.voltage_fifth);
                const double current = 10 * std::hypot(1, distortion.current_third);
                expect_agreement("V", micro(a.voltage_microvolts), voltage, 1);
                expect_agreement("A", micro(a.current_nanoamperes) * 1e-3, current, 0.1);
                expect_agreement("W", micro(a.active_power_microwatts), 2300 * std::cos(kLag), 1);
                expect_agreement("var", micro(a.reactive_power_microvars), 2300 * std::sin(kLag), 1);
                expect_agreement("VA", micro(a.apparent_power_microvoltamperes), voltage * current, 1);
                EXPECT_NEAR(micro(a.frequency_microhertz), frequency, seconds < 0.5 ? 0.005 : 0.001);
                // In hundredths of a percent: what is left of cycles that end between two samples. It averages out.
                const double thd = seconds < 0.5 ? 50 : seconds < 3 ? 20 : 10;
                EXPECT_NEAR(a.thd_voltage_hundredths_percent, 1e4 * distortion.voltage_fifth, thd);
                EXPECT_NEAR(a.thd_current_hundredths_percent, 1e4 * distortion.current_third, thd);
            }
        }
    }
}

TEST(WaveformMeasurement, SaysWhatIsWrongWithTheScaleOrTheRecording) {
    const std::vector<WaveformSample> silence(6400, {0, 0});
    const auto error = [](const auto& result) { return result ? std::string() : result.error(); };
    EXPECT_NE(error(measure_waveform(silence, {6400, 0.02, 0.06})).find("no whole cycle"), std::string::npos);
    EXPECT_NE(error(measure_waveform(silence, {100, 0.02, 0.06})).find("sample rate"), std::string::npos);
    EXPECT_NE(error(measure_waveform(silence, {6400, 0, 0.06})).find("count"), std::string::npos);
    EXPECT_NE(error(measure_waveform(silence, {6400, 0.02, -1})).find("count"), std::string::npos);
    EXPECT_NE(error(measure_waveform(silence, {6400, 0.02, NAN})).find("count"), std::string::npos);
}

}  // namespace
}  // namespace ferraris::twin
