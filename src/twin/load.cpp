#include "twin/load.hpp"

#include <fmt/format.h>

#include "metrology/magnitude.hpp"
#include "twin/household.hpp"
#include "twin/load_minutes.hpp"
#include "twin/load_waveform.hpp"

namespace ferraris::twin {
namespace {

constexpr std::uint64_t kMicrojoulesPerMilliwattsecond = 1000;

metrology::Quadrant quadrant_of(std::int64_t active, std::int64_t reactive) {
    using metrology::Quadrant;
    if (active == 0 && reactive == 0) return Quadrant::none;
    if (active >= 0) return reactive >= 0 ? Quadrant::q1 : Quadrant::q4;
    return reactive >= 0 ? Quadrant::q2 : Quadrant::q3;
}

std::uint64_t magnitude(std::int64_t value) {
    return value < 0 ? 0 - static_cast<std::uint64_t>(value) : static_cast<std::uint64_t>(value);
}

template <class Made>
Result<std::unique_ptr<Load>, std::string> as_load(Result<Made, std::string>&& made) {
    if (!made) return Error(made.error());
    return std::make_unique<Made>(std::move(*made));
}

}  // namespace

metrology::Measurement measure_second(const Mains& mains) {
    using metrology::Energy;
    const std::int64_t active = mains.active_power_milliwatts;
    const std::int64_t reactive = mains.reactive_power_millivars;
    const std::uint64_t active_size = magnitude(active);
    const std::uint64_t reactive_size = magnitude(reactive);
    const std::uint64_t apparent = metrology::square_root(active_size * active_size + reactive_size * reactive_size);

    metrology::Measurement second;
    second.voltage_millivolts = mains.voltage_millivolts;
    second.least_cycle_millivolts = second.greatest_cycle_millivolts = mains.voltage_millivolts;
    second.frequency_millihertz = mains.frequency_millihertz;
    second.active_power_milliwatts = active;
    second.reactive_power_millivars = reactive;
    second.reactive_classical_millivars = reactive;
    second.apparent_power_millivoltamperes = static_cast<std::int64_t>(apparent);
    second.current_microamperes = mains.current_microamperes;
    if (mains.current_microamperes == 0 && mains.voltage_millivolts != 0) {
        second.current_microamperes = static_cast<std::uint32_t>(apparent * 1'000'000 / mains.voltage_millivolts);
    }
    if (apparent != 0) {
        const auto factor = static_cast<std::int32_t>((active_size * 1'000'000 + apparent / 2) / apparent);
        second.power_factor_millionths = active < 0 ? -factor : factor;
    }
    second.quadrant = quadrant_of(active, reactive);
    second.active_anti_creep = active == 0;
    second.reactive_anti_creep = reactive == 0;

    const bool imports = active >= 0;
    const Energy reactive_energy = imports ? (reactive >= 0 ? Energy::reactive_q1 : Energy::reactive_q4)
                                           : (reactive >= 0 ? Energy::reactive_q2 : Energy::reactive_q3);
    second.energy[imports ? Energy::active_import : Energy::active_export] =
        active_size * kMicrojoulesPerMilliwattsecond;
    second.energy[reactive_energy] = reactive_size * kMicrojoulesPerMilliwattsecond;
    second.energy[imports ? Energy::apparent_import : Energy::apparent_export] =
        apparent * kMicrojoulesPerMilliwattsecond;
    return second;
}

metrology::Measurement without_load(const metrology::Measurement& measurement) {
    metrology::Measurement open;
    open.voltage_millivolts = measurement.voltage_millivolts;
    open.least_cycle_millivolts = measurement.least_cycle_millivolts;
    open.greatest_cycle_millivolts = measurement.greatest_cycle_millivolts;
    open.disturbances = measurement.disturbances;
    open.frequency_millihertz = measurement.frequency_millihertz;
    open.thd_voltage_hundredths_percent = measurement.thd_voltage_hundredths_percent;
    return open;
}

Result<std::unique_ptr<Load>, std::string> open_load(const std::string& name, const LoadOptions& options) {
    if (name == "household") return std::make_unique<Household>(options.seed, options.photovoltaic_peak_watts);
    if (name.ends_with(".csv")) return as_load(MinutesLoad::open(name));
    if (name.ends_with(".i16")) return as_load(WaveformLoad::open(name, options.scale));
    return Error(
        fmt::format("{}: unknown load; give \"household\", a file of minutes (.csv) or a recording (.i16)", name));
}

}  // namespace ferraris::twin
