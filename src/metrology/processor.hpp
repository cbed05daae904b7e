/// The measuring core: pairs of samples in; volts, amperes, watts, vars, hertz, energy and pulses out.
///
/// Everything is measured over whole cycles, from one rising zero crossing of the voltage to the next, and the sample
/// at the border is divided between them; so nothing leaks at any mains frequency. Integer arithmetic throughout: the
/// same samples give the same bits on every machine.
///
///     Processor processor(Configuration{.sample_rate_millihertz = 4'000'000});
///     for (;;) {
///         const Events events = processor.add_sample(voltage_count, current_count);
///         if (events.second_elapsed) meter.tick(processor.take_measurement());
///     }
#pragma once

#include <array>
#include <cstdint>
#include <optional>

#include "metrology/anti_creep.hpp"
#include "metrology/calibration.hpp"
#include "metrology/cycle_detector.hpp"
#include "metrology/cycle_sums.hpp"
#include "metrology/energy_accumulator.hpp"
#include "metrology/fractional_delay.hpp"
#include "metrology/magnitude.hpp"
#include "metrology/measurement.hpp"
#include "metrology/pulse_generator.hpp"
#include "metrology/quadrature.hpp"

namespace ferraris::metrology {

struct Configuration {
    std::uint32_t sample_rate_millihertz{4'000'000};     ///< 3 kHz to 16 kHz
    std::uint8_t sample_bits{24};                        ///< of a signed count, 16 to 24
    std::uint32_t nominal_frequency_millihertz{50'000};  ///< taken for the first cycle only
    std::uint32_t nominal_voltage_millivolts{230'000};
    std::uint32_t starting_current_microamperes{20'000};           ///< active: EN 50470-3
    std::uint32_t reactive_starting_current_microamperes{25'000};  ///< IEC 62053-23
    std::uint32_t active_pulses_per_kilowatt_hour{1'000};          ///< 1,000 or 10,000 (at most 10,000)
    std::uint32_t reactive_pulses_per_kilovar_hour{1'000};
    std::uint32_t pulse_width_microseconds{4'000};  ///< below 8 ms, for 10,000 imp/kWh at full load
    Calibration calibration{};
};

enum class ConfigurationError : std::uint8_t {
    none,
    sample_rate,
    sample_bits,
    pulse_constant,
    scale,        ///< volts or amperes per count that no meter has
    current_lag,  ///< more than kLargestCurrentLagSamples sample intervals
};
[[nodiscard]] ConfigurationError check(const Configuration& configuration);

/// What happened in the sample interval that add_sample() has ended.
struct Events {
    bool window_closed{false};   ///< energy has been registered (about five times a second)
    bool second_elapsed{false};  ///< time to call take_measurement(): once a second, when a window closes
    bool active_pulse{false};
    bool reactive_pulse{false};
    std::uint16_t active_pulse_instant{0};  ///< of the edge within the interval, in units of 2^-16
    std::uint16_t reactive_pulse_instant{0};
};

/// Means over whole cycles, finer than a Measurement.
struct Averages {
    std::uint64_t voltage_microvolts{0};
    std::uint64_t current_nanoamperes{0};
    std::uint64_t frequency_microhertz{0};
    std::int64_t active_power_microwatts{0};
    std::int64_t reactive_power_microvars{0};
    std::int64_t reactive_classical_microvars{0};
    std::uint64_t apparent_power_microvoltamperes{0};
    std::int32_t power_factor_millionths{0};
    std::uint32_t thd_voltage_hundredths_percent{0};
    std::uint32_t thd_current_hundredths_percent{0};
    std::uint32_t cycles{0};  ///< that were found in the voltage; 0 while there is none
    std::uint64_t duration_nanoseconds{0};
};

class Processor {
public:
    /// `configuration` must pass check().
    explicit Processor(const Configuration& configuration);

    /// One sample of each channel; counts outside sample_bits are cut off there.
    Events add_sample(std::int32_t voltage_count, std::int32_t current_count);

    /// Means over the cycles since the last call and what was registered since the last call. With no whole cycle
    /// since then, the means are those of before. May be called at any time; each energy is handed out once.
    [[nodiscard]] Measurement take_measurement();

    /// The means over the cycles since the last take_measurement(), not yet taken.
    [[nodiscard]] Averages averages() const;

    /// Ends the measuring window now, with the whole cycles that it has: at the end of a recording.
    void close_window();

    /// For the temperature coefficients of the calibration; until the first call, the reference temperature.
    void set_temperature(std::int32_t millicelsius);

    /// What counts as a sag, a swell, an interruption; takes the defaults until the first call.
    void set_disturbance_limits(const DisturbanceLimits& limits);

    /// Light of the metrological LEDs in the present sample interval.
    [[nodiscard]] bool active_led() const { return active_pulses_.is_lit(); }
    [[nodiscard]] bool reactive_led() const { return reactive_pulses_.is_lit(); }

private:
    /// `fraction` of the present sample, in units of 2^-12, still belongs to the cycle.
    void end_cycle(const SamplePair& s, std::uint32_t fraction, bool is_crossing);
    void add_cycle(bool is_whole);
    void follow_voltage(std::int64_t voltage_squared);
    [[nodiscard]] std::uint32_t millivolts_of(std::uint64_t mean_square) const;
    void follow_frequency(std::uint32_t period);
    void follow_offset();
    void apply_scales();

    // Units: a sample has 26 bits whatever the converter has (1 is 2^-25 of full scale); time is in 2^-12 sample
    // intervals; sums of products of samples run over sample intervals.
    Configuration configuration_;
    std::int32_t temperature_millicelsius_;
    std::uint32_t sample_shift_;
    std::int32_t largest_count_;
    std::uint32_t window_length_;
    std::uint32_t longest_cycle_;
    std::uint32_t second_length_;

    // How much a unit is, at this temperature.
    Magnitude volts_;    ///< microvolts
    Magnitude amperes_;  ///< nanoamperes
    Magnitude watts_;    ///< microwatts
    std::uint32_t energy_mantissa_{0};

    Alignment alignment_{};
    QuadratureShifter shifter_{};
    CycleDetector detector_;
    std::int64_t voltage_offset_{0};  ///< in units of 2^-16 of a sample's
    std::int64_t current_offset_{0};
    std::uint32_t offset_cycles_{0};  ///< that the offsets stand on, up to 64

    Rotor rotor_{};
    std::uint32_t period_{1};  ///< of the mains, smoothed; in units of 2^-20 sample intervals
    CycleSums cycle_{};
    std::uint32_t cycle_length_{0};
    bool has_begun_{false};  ///< the first crossing, or that there is none, has been seen
    bool began_with_crossing_{false};

    struct Window {
        std::int64_t active{0};
        std::int64_t reactive{0};
        std::int64_t voltage_squared{0};
        std::int64_t current_squared{0};
        std::uint32_t length{0};
    };
    Window window_{};
    std::int32_t since_second_{0};

    struct Sums {
        Int128 voltage_squared{};
        Int128 current_squared{};
        Int128 active{};
        Int128 reactive{};
        Int128 classical{};
        Int128 voltage_fundamental{};
        Int128 current_fundamental{};
        std::uint64_t length{0};
        std::uint64_t whole_cycles_length{0};
        std::uint32_t cycles{0};  ///< from one crossing to the next
    };
    Sums sums_{};

    // Mean squares of the voltage over single cycles, in squares of a unit.
    DisturbanceLimits disturbance_limits_{};
    DisturbanceTracker disturbance_tracker_{};
    Disturbances disturbances_{};
    std::uint64_t least_square_{UINT64_MAX};
    std::uint64_t greatest_square_{0};

    Measurement latest_{};

    AntiCreep active_creep_;
    AntiCreep reactive_creep_;
    Quadrant quadrant_{Quadrant::none};
    unsigned energy_shift_{0};
    std::array<EnergyAccumulator, kEnergyCount> energies_{};
    EnergyAccumulator active_pulse_energy_{};
    EnergyAccumulator reactive_pulse_energy_{};
    PulseGenerator active_pulses_;
    PulseGenerator reactive_pulses_;
};

}  // namespace ferraris::metrology
