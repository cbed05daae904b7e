/// Samples of a mains that is known exactly, for tests of the measuring core.
#pragma once

#include <cmath>
#include <cstdint>
#include <numbers>
#include <vector>

#include "metrology/processor.hpp"

namespace ferraris::metrology {

struct Line {
    int order;
    double rms;
    double phase;
};

/// Sines of voltage and current, quantised by a converter of `configuration`.
struct SyntheticMains {
    Configuration configuration;
    double frequency_hz{50};
    std::vector<Line> voltage{{1, 230, 0}};
    std::vector<Line> current{};
    double full_scale_volts{400};
    double full_scale_amperes{160};
    double voltage_offset_volts{0};
    double current_offset_amperes{0};

    SyntheticMains() = default;
    SyntheticMains(double rate_hz, int bits) {
        configuration.sample_rate_millihertz = static_cast<std::uint32_t>(std::lround(rate_hz * 1000));
        configuration.sample_bits = static_cast<std::uint8_t>(bits);
        const auto pico = [bits](double full_scale) {
            return static_cast<std::uint64_t>(std::llround(full_scale / std::ldexp(1, bits - 1) * 1e12));
        };
        configuration.calibration.picovolts_per_count = pico(full_scale_volts);
        configuration.calibration.picoamperes_per_count = pico(full_scale_amperes);
    }

    [[nodiscard]] Events step(Processor& processor) {
        const double angle = 2 * std::numbers::pi * frequency_hz * time_s() + 1.1;
        ++samples;
        const auto value = [angle](const std::vector<Line>& lines) {
            double sum = 0;
            for (const Line& l : lines) sum += l.rms * std::numbers::sqrt2 * std::sin(l.order * angle + l.phase);
            return sum;
        };
        const double scale = std::ldexp(1, configuration.sample_bits - 1);
        const auto count = [scale](double ratio) { return static_cast<std::int32_t>(std::lround(ratio * scale)); };
        return processor.add_sample(count((value(voltage) + voltage_offset_volts) / full_scale_volts),
                                    count((value(current) + current_offset_amperes) / full_scale_amperes));
    }
    /// Until the end of the second that ends after `seconds`; its measurement, with the energies of all of them.
    [[nodiscard]] Measurement run(Processor& processor, int seconds) {
        Measurement last;
        EnergyIncrements total;
        for (int done = 0; done < seconds;) {
            if (!step(processor).second_elapsed) continue;
            last = processor.take_measurement();
            for (std::size_t k = 0; k < kEnergyCount; ++k) total.microjoules[k] += last.energy.microjoules[k];
            ++done;
        }
        last.energy = total;
        return last;
    }
    [[nodiscard]] double time_s() const {
        return static_cast<double>(samples) * 1000.0 / configuration.sample_rate_millihertz;
    }

    std::uint64_t samples{0};
};

}  // namespace ferraris::metrology
