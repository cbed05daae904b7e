#include "metrology/self_test.hpp"

#include <array>
#include <cstddef>

#include "base/crc.hpp"
#include "metrology/trigonometry.hpp"

namespace ferraris::metrology {

namespace {

constexpr std::uint32_t kPhaseStep = 54'009'214;       // 50.3 / 4000 turns, in units of 2^-32
constexpr std::uint32_t kSixtyDegrees = 715'827'883;   // a sixth of a turn
constexpr std::int64_t kVoltageAmplitude = 6'821'388;  // counts: 230 V * sqrt(2), 400 V full scale
constexpr std::int64_t kCurrentAmplitude = 370'728;    // counts: 5 A * sqrt(2), 160 A full scale

std::int32_t scaled(std::int64_t amplitude, std::int32_t sine) {
    return static_cast<std::int32_t>((amplitude * sine + (std::int64_t{1} << 29U)) >> 30U);
}

class CheckSum {
public:
    void add(std::uint64_t value) {
        std::array<std::uint8_t, 8> octets{};
        for (std::size_t k = 0; k < octets.size(); ++k) octets[k] = static_cast<std::uint8_t>(value >> (8 * k));
        value_ = crc32({octets.data(), octets.size()}, value_);
    }
    void add(const Measurement& m) {
        add(m.voltage_millivolts);
        add(m.current_microamperes);
        add(m.frequency_millihertz);
        add(static_cast<std::uint64_t>(m.active_power_milliwatts));
        add(static_cast<std::uint64_t>(m.reactive_power_millivars));
        add(static_cast<std::uint64_t>(m.reactive_classical_millivars));
        add(static_cast<std::uint64_t>(m.apparent_power_millivoltamperes));
        add(static_cast<std::uint64_t>(std::int64_t{m.power_factor_millionths}));
        add(m.thd_voltage_hundredths_percent);
        add(m.thd_current_hundredths_percent);
        add(static_cast<std::uint64_t>(m.quadrant));
        for (const std::uint64_t energy : m.energy.microjoules) add(energy);
    }
    [[nodiscard]] std::uint32_t value() const { return value_; }

private:
    std::uint32_t value_{0};
};

}  // namespace

SyntheticSource::Counts SyntheticSource::next() {
    const std::uint32_t third = phase_ * 3U;
    const std::uint32_t lagging = phase_ - kSixtyDegrees;
    const Counts counts{
        scaled(kVoltageAmplitude, sine_cosine(phase_).sine) + scaled(kVoltageAmplitude / 50, sine_cosine(third).sine),
        scaled(kCurrentAmplitude, sine_cosine(lagging).sine) +
            scaled(kCurrentAmplitude / 10, sine_cosine(third - kSixtyDegrees).sine)};
    phase_ += kPhaseStep;
    return counts;
}

SelfTestResult run_self_test(std::uint32_t seconds) {
    SyntheticSource source;
    Processor processor(SyntheticSource::configuration());
    SelfTestResult result;
    CheckSum check_sum;
    EnergyIncrements total;
    const std::uint32_t samples = seconds * (SyntheticSource::configuration().sample_rate_millihertz / 1000U);
    for (std::uint32_t k = 0; k < samples; ++k) {
        const SyntheticSource::Counts counts = source.next();
        const Events events = processor.add_sample(counts.voltage, counts.current);
        if (events.active_pulse) ++result.active_pulses;
        if (events.reactive_pulse) ++result.reactive_pulses;
        if (!events.second_elapsed) continue;
        result.measurement = processor.take_measurement();
        check_sum.add(result.measurement);
        for (std::size_t e = 0; e < kEnergyCount; ++e) {
            total.microjoules[e] += result.measurement.energy.microjoules[e];
        }
    }
    result.measurement.energy = total;
    result.check_sum = check_sum.value();
    return result;
}

Measurement measure_synthetic_sine() { return run_self_test(10).measurement; }

}  // namespace ferraris::metrology
