#include "metrology/processor.hpp"

#include <cstdlib>

namespace ferraris::metrology {

namespace {

constexpr std::uint32_t kSampleBits = 26;
constexpr std::int32_t kLargestSample = (1 << 25) - 1;
constexpr unsigned kTimeBits = 12;
constexpr std::uint32_t kOneSample = 1U << kTimeBits;
constexpr unsigned kPeriodBits = 8;  // of the smoothed period, besides those of time
constexpr unsigned kOffsetBits = 16;
constexpr std::uint32_t kOffsetCycles = 64;

/// Ten cycles of 50 Hz or twelve of 60 Hz, whichever way the frequency strays: IEC 61000-4-30, 4.4.
constexpr std::uint32_t kWindowMilliseconds = 195;
constexpr std::uint32_t kSlowestMainsHertz = 40;
constexpr std::uint32_t kFastestMainsHertz = 80;

constexpr std::uint32_t kLargestThd = 100'000;  // 1,000 %: beyond it, there is no fundamental to speak of

constexpr std::int32_t clamped(std::int64_t value, std::int32_t limit) {
    return static_cast<std::int32_t>(value > limit ? limit : value < -limit ? -limit : value);
}

constexpr std::uint64_t absolute(std::int64_t value) {
    return value < 0 ? ~static_cast<std::uint64_t>(value) + 1U : static_cast<std::uint64_t>(value);
}

constexpr std::int64_t with_sign_of(bool negative, std::uint64_t magnitude) {
    const auto value = static_cast<std::int64_t>(magnitude);
    return negative ? -value : value;
}

/// `per_second` intervals of 1/rate seconds each, as time.
constexpr std::uint32_t interval(std::uint32_t rate_millihertz, std::uint32_t numerator, std::uint32_t denominator) {
    return static_cast<std::uint32_t>(std::uint64_t{rate_millihertz} * kOneSample * numerator /
                                      (std::uint64_t{1000} * denominator));
}

/// What 1 V (1 A) counts at `temperature`, over what it counts at the reference temperature.
Magnitude growth(std::int32_t ppb_per_kelvin, std::int32_t temperature, std::int32_t reference) {
    constexpr std::int64_t kOne = 1'000'000'000'000;
    const std::int64_t value = kOne + std::int64_t{ppb_per_kelvin} * (std::int64_t{temperature} - reference);
    return Magnitude::of(static_cast<std::uint64_t>(value > kOne / 2 ? value : kOne / 2)) /
           Magnitude::of(static_cast<std::uint64_t>(kOne));
}

Magnitude volts_per_unit(const Configuration& configuration, std::int32_t temperature) {
    const Calibration& c = configuration.calibration;
    return Magnitude::of(c.picovolts_per_count, configuration.sample_bits - static_cast<int>(kSampleBits)) /
           Magnitude::of(std::uint64_t{1'000'000}) /
           growth(c.voltage_ppb_per_kelvin, temperature, c.reference_millicelsius);
}

Magnitude amperes_per_unit(const Configuration& configuration, std::int32_t temperature) {
    const Calibration& c = configuration.calibration;
    return Magnitude::of(c.picoamperes_per_count, configuration.sample_bits - static_cast<int>(kSampleBits)) /
           Magnitude::of(std::uint64_t{1'000}) /
           growth(c.current_ppb_per_kelvin, temperature, c.reference_millicelsius);
}

Magnitude watts_per_unit(const Magnitude& microvolts, const Magnitude& nanoamperes) {
    return microvolts * nanoamperes / Magnitude::of(std::uint64_t{1'000'000'000});
}

/// Microjoules of one unit of power over one sample interval.
Magnitude joules_per_unit(const Magnitude& microwatts, std::uint32_t rate_millihertz) {
    return microwatts * Magnitude::of(std::uint64_t{1'000}) / Magnitude::of(std::uint64_t{rate_millihertz});
}

std::int32_t detector_threshold(const Configuration& configuration) {
    const Magnitude tenth = Magnitude::of(std::uint64_t{configuration.nominal_voltage_millivolts} * 100) /
                            volts_per_unit(configuration, configuration.calibration.reference_millicelsius);
    const std::uint64_t units = tenth.rounded();
    return units > kLargestSample ? kLargestSample : static_cast<std::int32_t>(units);
}

std::uint64_t energy_per_pulse(std::uint32_t pulses_per_kilowatt_hour) {
    return ((std::uint64_t{3'600'000'000'000} << 16U) / pulses_per_kilowatt_hour)
           << (PulseGenerator::kEnergyFractionBits - 16U);
}

std::uint32_t pulse_width(const Configuration& configuration) {
    const auto samples = static_cast<std::uint32_t>(std::uint64_t{configuration.pulse_width_microseconds} *
                                                    configuration.sample_rate_millihertz / 1'000'000'000U);
    return samples == 0 ? 1 : samples;
}

std::uint64_t starting_power(const Configuration& configuration, std::uint32_t microamperes) {
    return std::uint64_t{configuration.nominal_voltage_millivolts} * microamperes / 1'000;  // microwatts
}

std::int64_t lag_samples_q16(const Configuration& configuration) {
    // nanoseconds * millihertz * 10^-12 * 2^16
    return std::int64_t{configuration.calibration.current_lag_nanoseconds} *
           std::int64_t{configuration.sample_rate_millihertz} / 1'000'000 * 65'536 / 1'000'000;
}

int energy_exponent(const Configuration& configuration) {
    const std::int32_t reference = configuration.calibration.reference_millicelsius;
    return joules_per_unit(
               watts_per_unit(volts_per_unit(configuration, reference), amperes_per_unit(configuration, reference)),
               configuration.sample_rate_millihertz)
        .exponent();
}

}  // namespace

ConfigurationError check(const Configuration& configuration) {
    if (configuration.sample_rate_millihertz < 3'000'000 || configuration.sample_rate_millihertz > 16'000'000) {
        return ConfigurationError::sample_rate;
    }
    if (configuration.sample_bits < 16 || configuration.sample_bits > 24) return ConfigurationError::sample_bits;
    const auto is_pulse_constant = [](std::uint32_t value) { return value >= 1 && value <= 10'000; };
    if (!is_pulse_constant(configuration.active_pulses_per_kilowatt_hour) ||
        !is_pulse_constant(configuration.reactive_pulses_per_kilovar_hour)) {
        return ConfigurationError::pulse_constant;
    }
    // From a full scale of some volts (milliamperes) to one of a hundred kilovolts (kiloamperes).
    const Calibration& calibration = configuration.calibration;
    const std::uint64_t full_scale = std::uint64_t{1} << (configuration.sample_bits - 1U);
    const std::uint64_t largest = std::uint64_t{100'000'000'000'000'000} / full_scale;
    if (calibration.picovolts_per_count < 100'000 || calibration.picovolts_per_count > largest ||
        calibration.picoamperes_per_count < 1'000 || calibration.picoamperes_per_count > largest) {
        return ConfigurationError::scale;
    }
    if (std::abs(lag_samples_q16(configuration)) > std::int64_t{kLargestCurrentLagSamples} << 16U) {
        return ConfigurationError::current_lag;
    }
    return ConfigurationError::none;
}

Processor::Processor(const Configuration& configuration)
    : configuration_(configuration),
      temperature_millicelsius_(configuration.calibration.reference_millicelsius),
      sample_shift_(kSampleBits - configuration.sample_bits),
      largest_count_((1 << (configuration.sample_bits - 1U)) - 1),
      window_length_(interval(configuration.sample_rate_millihertz, kWindowMilliseconds, 1000)),
      longest_cycle_(interval(configuration.sample_rate_millihertz, 1, kSlowestMainsHertz)),
      second_length_(interval(configuration.sample_rate_millihertz, 1, 1)),
      detector_(detector_threshold(configuration),
                interval(configuration.sample_rate_millihertz, 1, kFastestMainsHertz) >> kTimeBits),
      active_creep_(starting_power(configuration, configuration.starting_current_microamperes)),
      reactive_creep_(starting_power(configuration, configuration.reactive_starting_current_microamperes)),
      energy_shift_(static_cast<unsigned>(-energy_exponent(configuration) - 1)),
      active_pulses_(energy_per_pulse(configuration.active_pulses_per_kilowatt_hour), pulse_width(configuration)),
      reactive_pulses_(energy_per_pulse(configuration.reactive_pulses_per_kilovar_hour), pulse_width(configuration)) {
    const auto offset = [this](std::int64_t millicounts) {
        return millicounts * (std::int64_t{1} << (sample_shift_ + kOffsetBits)) / 1000;
    };
    voltage_offset_ = offset(configuration.calibration.voltage_offset_millicounts);
    current_offset_ = offset(configuration.calibration.current_offset_millicounts);
    alignment_.set_current_lag(static_cast<std::int32_t>(lag_samples_q16(configuration)));
    follow_frequency(static_cast<std::uint32_t>(std::uint64_t{configuration.sample_rate_millihertz} * kOneSample /
                                                configuration.nominal_frequency_millihertz));
    apply_scales();
}

Events Processor::add_sample(std::int32_t voltage_count, std::int32_t current_count) {
    Events events;
    if (const auto instant = active_pulses_.tick()) {
        events.active_pulse = true;
        events.active_pulse_instant = *instant;
    }
    if (const auto instant = reactive_pulses_.tick()) {
        events.reactive_pulse = true;
        events.reactive_pulse_instant = *instant;
    }

    const auto scale = std::int32_t{1} << sample_shift_;
    const Alignment::Pair aligned = alignment_.align(clamped(voltage_count, largest_count_) * scale,
                                                     clamped(current_count, largest_count_) * scale);
    SamplePair s{};
    s.voltage = clamped(aligned.voltage - (voltage_offset_ >> kOffsetBits), kLargestSample);
    s.current = clamped(aligned.current - (current_offset_ >> kOffsetBits), kLargestSample);
    const QuadratureShifter::Pair shifted = shifter_.shift(s.voltage, s.current);
    s.shifted_voltage = shifted.voltage;
    s.shifted_current = shifted.current;

    const std::optional<std::uint32_t> crossing = detector_.crossing(s.voltage);
    if (crossing || cycle_length_ + kOneSample > longest_cycle_) {
        end_cycle(s, crossing.value_or(kOneSample), crossing.has_value());
        if (window_.length >= window_length_) {
            events.window_closed = true;
            since_second_ += static_cast<std::int32_t>(window_.length);
            const auto second = static_cast<std::int32_t>(second_length_);
            if (since_second_ >= second - static_cast<std::int32_t>(window_length_ / 2)) {
                events.second_elapsed = true;
                since_second_ -= second;
            }
            close_window();
        }
    } else {
        cycle_.add(s, rotor_);
        cycle_length_ += kOneSample;
    }
    rotor_.advance();
    return events;
}

void Processor::end_cycle(const SamplePair& s, std::uint32_t fraction, bool is_crossing) {
    const CycleSums rest = cycle_.divide(s, rotor_, fraction);
    cycle_length_ += fraction;
    // What comes before the first crossing is no whole cycle; less than one cycle after power-up.
    if (has_begun_) {
        add_cycle(is_crossing && began_with_crossing_);
        if (is_crossing && began_with_crossing_) {
            follow_frequency(cycle_length_);
            if (configuration_.calibration.removes_offset) follow_offset();
        }
    }
    has_begun_ = true;
    began_with_crossing_ = is_crossing;
    cycle_ = rest;
    cycle_length_ = kOneSample - fraction;
}

void Processor::add_cycle(bool is_whole) {
    const CyclePowers cycle = is_whole ? powers(cycle_, cycle_length_) : powers_without_cycle(cycle_);
    sums_.voltage_squared += cycle.voltage_squared;
    sums_.current_squared += cycle.current_squared;
    sums_.active += cycle.active;
    sums_.reactive += cycle.reactive;
    sums_.classical += cycle.classical;
    sums_.voltage_fundamental += cycle.voltage_fundamental;
    sums_.current_fundamental += cycle.current_fundamental;
    sums_.length += cycle_length_;
    if (is_whole) {
        ++sums_.cycles;
        sums_.whole_cycles_length += cycle_length_;
    }
    window_.active += cycle.active;
    window_.reactive += cycle.reactive;
    window_.voltage_squared += cycle.voltage_squared;
    window_.current_squared += cycle.current_squared;
    window_.length += cycle_length_;
    follow_voltage(cycle.voltage_squared);
}

void Processor::follow_voltage(std::int64_t voltage_squared) {
    if (cycle_length_ == 0) return;
    const std::uint64_t mean_square = (static_cast<std::uint64_t>(voltage_squared) / cycle_length_) << kTimeBits;
    if (mean_square < least_square_) least_square_ = mean_square;
    if (mean_square > greatest_square_) greatest_square_ = mean_square;
    const auto ended = disturbance_tracker_.add(mean_square, cycle_length_);
    if (!ended.any) return;
    const Magnitude milliseconds = Magnitude::of(ended.duration, -static_cast<int>(kTimeBits)) *
                                   Magnitude::of(std::uint64_t{1'000'000}) /
                                   Magnitude::of(std::uint64_t{configuration_.sample_rate_millihertz});
    const std::uint64_t whole = milliseconds.rounded();
    disturbances_.add({ended.kind, millivolts_of(ended.extreme),
                       whole > UINT32_MAX ? UINT32_MAX : static_cast<std::uint32_t>(whole)});
}

std::uint32_t Processor::millivolts_of(std::uint64_t mean_square) const {
    const Magnitude microvolts = Magnitude::of(mean_square).root() * volts_;
    return static_cast<std::uint32_t>((microvolts / Magnitude::of(std::uint64_t{1000})).rounded());
}

void Processor::follow_frequency(std::uint32_t period) {
    // Single periods tremble with the noise at the crossings; a jump of the mains is followed at once.
    const auto now = static_cast<std::int32_t>(period << kPeriodBits);
    const auto before = static_cast<std::int32_t>(period_);
    const std::int32_t change = now - before;
    period_ = static_cast<std::uint32_t>(std::abs(change) > before / 64 ? now : before + change / 8);
    rotor_.set_step(static_cast<std::uint32_t>((std::uint64_t{1} << (32U + kTimeBits + kPeriodBits)) / period_));
}

void Processor::follow_offset() {
    if (offset_cycles_ < kOffsetCycles) ++offset_cycles_;
    const auto mean = [this](std::int64_t sum) {
        return sum * (std::int64_t{1} << (kTimeBits + kOffsetBits)) / std::int64_t{cycle_length_};
    };
    voltage_offset_ += mean(cycle_.voltage) / std::int64_t{offset_cycles_};
    current_offset_ += mean(cycle_.current) / std::int64_t{offset_cycles_};
}

void Processor::close_window() {
    if (window_.length == 0) return;
    const Magnitude length = Magnitude::of(std::uint64_t{window_.length}, -static_cast<int>(kTimeBits));
    const auto microwatts = [&](std::int64_t sum) {
        return (Magnitude::of(absolute(sum)) / length * watts_).rounded();
    };
    const bool has_active = active_creep_.registers(microwatts(window_.active));
    const bool has_reactive = reactive_creep_.registers(microwatts(window_.reactive));

    // What is below its threshold has no direction: it counts as import, as inductive.
    const bool is_export = has_active && window_.active < 0;
    const bool is_capacitive = has_reactive && window_.reactive < 0;
    constexpr Quadrant kQuadrants[2][2] = {{Quadrant::q1, Quadrant::q4}, {Quadrant::q2, Quadrant::q3}};
    const Quadrant quadrant = kQuadrants[is_export ? 1 : 0][is_capacitive ? 1 : 0];
    quadrant_ = has_active || has_reactive ? quadrant : Quadrant::none;

    const auto add = [this](Energy energy, std::int64_t sum) {
        energies_[static_cast<std::size_t>(energy)].add(sum, energy_mantissa_);
    };
    if (has_active) {
        const auto sum = static_cast<std::int64_t>(absolute(window_.active));
        add(is_export ? Energy::active_export : Energy::active_import, sum);
        active_pulse_energy_.add(sum, energy_mantissa_);
    }
    if (has_reactive) {
        constexpr Energy kReactive[] = {Energy::reactive_q1, Energy::reactive_q2, Energy::reactive_q3,
                                        Energy::reactive_q4};
        const auto sum = static_cast<std::int64_t>(absolute(window_.reactive));
        add(kReactive[static_cast<std::size_t>(quadrant) - 1], sum);
        reactive_pulse_energy_.add(sum, energy_mantissa_);
    }
    if (has_active || has_reactive) {
        const Magnitude apparent = Magnitude::of(absolute(window_.voltage_squared)).root() *
                                   Magnitude::of(absolute(window_.current_squared)).root();
        add(is_export ? Energy::apparent_export : Energy::apparent_import,
            static_cast<std::int64_t>(apparent.rounded()));
    }
    const unsigned pulse_bits = energy_shift_ - PulseGenerator::kEnergyFractionBits;
    active_pulses_.book(active_pulse_energy_.take(pulse_bits), window_.length, cycle_length_);
    reactive_pulses_.book(reactive_pulse_energy_.take(pulse_bits), window_.length, cycle_length_);
    window_ = {};
}

Averages Processor::averages() const {
    const Magnitude length = Magnitude::of(sums_.length, -static_cast<int>(kTimeBits));
    const auto mean = [&length](const Int128& sum) { return Magnitude::of(sum.absolute()) / length; };
    const auto power = [&](const Int128& sum) {
        return with_sign_of(sum.is_negative(), (mean(sum) * watts_).rounded());
    };
    const Magnitude voltage = mean(sums_.voltage_squared).root();
    const Magnitude current = mean(sums_.current_squared).root();
    const Magnitude apparent = voltage * current;
    const Magnitude rate = Magnitude::of(std::uint64_t{configuration_.sample_rate_millihertz});

    Averages result;
    result.voltage_microvolts = (voltage * volts_).rounded();
    result.current_nanoamperes = (current * amperes_).rounded();
    result.active_power_microwatts = power(sums_.active);
    result.reactive_power_microvars = power(sums_.reactive);
    result.reactive_classical_microvars = power(sums_.classical);
    result.apparent_power_microvoltamperes = (apparent * watts_).rounded();

    constexpr std::uint64_t kMillion = 1'000'000;
    const std::uint64_t factor = (mean(sums_.active) / apparent * Magnitude::of(kMillion)).rounded();
    result.power_factor_millionths =
        static_cast<std::int32_t>(with_sign_of(sums_.active.is_negative(), factor > kMillion ? kMillion : factor));

    const auto thd = [](const Int128& total, const Int128& of_fundamental) -> std::uint32_t {
        const Int128 rest = total - of_fundamental;
        if (rest.is_negative()) return 0;  // by rounding: there is nothing but the fundamental
        const std::uint64_t ratio =
            ((Magnitude::of(rest) / Magnitude::of(of_fundamental)).root() * Magnitude::of(std::uint64_t{10'000}))
                .rounded();
        return ratio > kLargestThd ? kLargestThd : static_cast<std::uint32_t>(ratio);
    };
    result.thd_voltage_hundredths_percent = thd(sums_.voltage_squared, sums_.voltage_fundamental);
    result.thd_current_hundredths_percent = thd(sums_.current_squared, sums_.current_fundamental);

    result.cycles = sums_.cycles;
    result.frequency_microhertz = (Magnitude::of(std::uint64_t{sums_.cycles} * 1000) * rate /
                                   Magnitude::of(sums_.whole_cycles_length, -static_cast<int>(kTimeBits)))
                                      .rounded();
    result.duration_nanoseconds = (length * Magnitude::of(std::uint64_t{1'000'000'000'000}) / rate).rounded();
    return result;
}

Measurement Processor::take_measurement() {
    if (sums_.length != 0) {
        const Averages a = averages();
        const auto thousandth = [](auto value) {
            const auto half = static_cast<decltype(value)>(value < 0 ? -500 : 500);
            return (value + half) / 1000;
        };
        latest_.voltage_millivolts = static_cast<std::uint32_t>(thousandth(a.voltage_microvolts));
        latest_.current_microamperes = static_cast<std::uint32_t>(thousandth(a.current_nanoamperes));
        latest_.frequency_millihertz = static_cast<std::uint32_t>(thousandth(a.frequency_microhertz));
        latest_.active_power_milliwatts = thousandth(a.active_power_microwatts);
        latest_.reactive_power_millivars = thousandth(a.reactive_power_microvars);
        latest_.reactive_classical_millivars = thousandth(a.reactive_classical_microvars);
        latest_.apparent_power_millivoltamperes =
            static_cast<std::int64_t>(thousandth(a.apparent_power_microvoltamperes));
        latest_.power_factor_millionths = a.power_factor_millionths;
        latest_.thd_voltage_hundredths_percent = a.thd_voltage_hundredths_percent;
        latest_.thd_current_hundredths_percent = a.thd_current_hundredths_percent;
        latest_.least_cycle_millivolts = millivolts_of(least_square_);
        latest_.greatest_cycle_millivolts = millivolts_of(greatest_square_);
        least_square_ = UINT64_MAX;
        greatest_square_ = 0;
        sums_ = {};
    }
    latest_.disturbances = disturbances_;
    disturbances_ = {};
    latest_.quadrant = quadrant_;
    latest_.active_anti_creep = active_creep_.is_active();
    latest_.reactive_anti_creep = reactive_creep_.is_active();
    for (std::size_t k = 0; k < kEnergyCount; ++k) {
        latest_.energy.microjoules[k] = energies_[k].take(energy_shift_);
    }
    return latest_;
}

void Processor::set_temperature(std::int32_t millicelsius) {
    if (millicelsius == temperature_millicelsius_) return;
    temperature_millicelsius_ = millicelsius;
    apply_scales();
}

void Processor::set_disturbance_limits(const DisturbanceLimits& limits) {
    disturbance_limits_ = limits;
    const auto square = [this](std::uint64_t millivolts) {
        const Magnitude units = Magnitude::of(millivolts * 1000) / volts_;
        return (units * units).rounded();
    };
    const auto less = [&limits](std::uint32_t millivolts) {
        return millivolts - (millivolts < limits.hysteresis_millivolts ? millivolts : limits.hysteresis_millivolts);
    };
    DisturbanceTracker::Thresholds thresholds;
    if (limits.sag_millivolts != 0) {
        thresholds.sag = square(limits.sag_millivolts);
        thresholds.sag_end = square(std::uint64_t{limits.sag_millivolts} + limits.hysteresis_millivolts);
        thresholds.interruption = square(limits.interruption_millivolts);
    }
    if (limits.swell_millivolts != 0) {
        thresholds.swell = square(limits.swell_millivolts);
        thresholds.swell_end = square(less(limits.swell_millivolts));
    }
    disturbance_tracker_.set(thresholds);
}

void Processor::apply_scales() {
    volts_ = volts_per_unit(configuration_, temperature_millicelsius_);
    amperes_ = amperes_per_unit(configuration_, temperature_millicelsius_);
    watts_ = watts_per_unit(volts_, amperes_);
    const Magnitude joules = joules_per_unit(watts_, configuration_.sample_rate_millihertz);
    energy_mantissa_ = static_cast<std::uint32_t>(
        Magnitude::of(std::uint64_t{joules.mantissa()}, joules.exponent() + static_cast<int>(energy_shift_)).rounded());
    set_disturbance_limits(disturbance_limits_);
}

}  // namespace ferraris::metrology
