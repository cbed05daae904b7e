/// What is plugged in behind the meter, second by second.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>

#include "base/civil_time.hpp"
#include "base/result.hpp"
#include "metrology/measurement.hpp"
#include "twin/waveform_measurement.hpp"

namespace ferraris::twin {

class Load {
public:
    virtual ~Load() = default;

    /// The second that ends at `end`. Called for one second after the other; where time leaps, so does the load.
    [[nodiscard]] virtual metrology::Measurement second(UtcTime end) = 0;
    /// What counts as a sag or a swell, as the meter has it; for loads that have single cycles.
    virtual void set_disturbance_limits(const metrology::DisturbanceLimits&) {}
    /// When the load begins, if it comes with a time of its own.
    [[nodiscard]] virtual std::optional<UtcTime> begin() const { return std::nullopt; }
    /// When it has been through, if it ever is; after that it begins again.
    [[nodiscard]] virtual std::optional<UtcTime> end() const { return std::nullopt; }
};

/// The state of mains and load through one second.
struct Mains {
    std::uint32_t voltage_millivolts{230'000};
    std::uint32_t current_microamperes{0};  ///< 0: follows from power and voltage
    std::uint32_t frequency_millihertz{50'000};
    std::int64_t active_power_milliwatts{0};   ///< positive: import
    std::int64_t reactive_power_millivars{0};  ///< positive: import
};

/// What an ideal metrology measures in that second: energies of one second, in the right quadrant.
[[nodiscard]] metrology::Measurement measure_second(const Mains& mains);

/// What the metrology measures of the same second with the supply open behind it: the voltage, and nothing that flows.
[[nodiscard]] metrology::Measurement without_load(const metrology::Measurement& measurement);

struct LoadOptions {
    std::uint64_t seed{1};
    std::uint32_t photovoltaic_peak_watts{0};  ///< of the household; 0: no panels
    /// Of a recording. As it stands: the scale of the published recordings of household appliances.
    WaveformScale scale{6400, 0.024111607810232003, 0.06016847172081829};
};

/// `name`: "household", a file of minutes (.csv) or a recording (.i16). The error is one line that says what to do.
[[nodiscard]] Result<std::unique_ptr<Load>, std::string> open_load(const std::string& name, const LoadOptions& options);

}  // namespace ferraris::twin
