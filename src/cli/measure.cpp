#include "cli/measure.hpp"
#include "cli/number_option.hpp"

#include <fmt/format.h>

#include <CLI/CLI.hpp>
#include <array>
#include <cstdio>
#include <memory>
#include <nlohmann/json.hpp>
#include <string>

#include "twin/waveform_measurement.hpp"

namespace ferraris::cli {

namespace {

struct MeasureOptions {
    std::string file;
    twin::WaveformScale scale;
    bool json{false};
};

struct EnergyName {
    metrology::Energy energy;
    const char* key;
    const char* label;
    const char* unit;
};
constexpr std::array<EnergyName, metrology::kEnergyCount> kEnergies{{
    {metrology::Energy::active_import, "active_import_energy_wh", "active import", "Wh"},
    {metrology::Energy::active_export, "active_export_energy_wh", "active export", "Wh"},
    {metrology::Energy::reactive_q1, "reactive_energy_q1_varh", "reactive Q1", "varh"},
    {metrology::Energy::reactive_q2, "reactive_energy_q2_varh", "reactive Q2", "varh"},
    {metrology::Energy::reactive_q3, "reactive_energy_q3_varh", "reactive Q3", "varh"},
    {metrology::Energy::reactive_q4, "reactive_energy_q4_varh", "reactive Q4", "varh"},
    {metrology::Energy::apparent_import, "apparent_import_energy_vah", "apparent import", "VAh"},
    {metrology::Energy::apparent_export, "apparent_export_energy_vah", "apparent export", "VAh"},
}};

constexpr double kMicrojoulesPerWattHour = 3.6e9;

double watt_hours(const metrology::Measurement& measurement, metrology::Energy energy) {
    return static_cast<double>(measurement.energy[energy]) / kMicrojoulesPerWattHour;
}

double absolute_watt_hours(const metrology::Measurement& measurement) {
    return watt_hours(measurement, metrology::Energy::active_import) +
           watt_hours(measurement, metrology::Energy::active_export);
}

double micro(auto value) { return static_cast<double>(value) / 1e6; }

nlohmann::ordered_json to_json(const MeasureOptions& options, std::size_t samples,
                               const twin::WaveformMeasurement& result) {
    const metrology::Averages& a = result.averages;
    nlohmann::ordered_json json{
        {"file", options.file},
        {"sample_rate_hz", options.scale.sample_rate_hz},
        {"samples", samples},
        {"cycles", a.cycles},
        {"duration_s", static_cast<double>(a.duration_nanoseconds) / 1e9},
        {"frequency_hz", micro(a.frequency_microhertz)},
        {"voltage_v", micro(a.voltage_microvolts)},
        {"current_a", static_cast<double>(a.current_nanoamperes) / 1e9},
        {"active_power_w", micro(a.active_power_microwatts)},
        {"fundamental_reactive_power_var", micro(a.reactive_power_microvars)},
        {"classical_reactive_power_var", micro(a.reactive_classical_microvars)},
        {"apparent_power_va", micro(a.apparent_power_microvoltamperes)},
        {"power_factor", micro(a.power_factor_millionths)},
        {"thd_voltage_percent", a.thd_voltage_hundredths_percent / 100.0},
        {"thd_current_percent", a.thd_current_hundredths_percent / 100.0},
        {"quadrant", static_cast<int>(result.measurement.quadrant)},
        {"active_anti_creep", result.measurement.active_anti_creep},
        {"reactive_anti_creep", result.measurement.reactive_anti_creep},
        {"active_absolute_energy_wh", absolute_watt_hours(result.measurement)},
    };
    for (const EnergyName& name : kEnergies) json[name.key] = watt_hours(result.measurement, name.energy);
    return json;
}

void print_text(const MeasureOptions& options, std::size_t samples, const twin::WaveformMeasurement& result) {
    const metrology::Averages& a = result.averages;
    fmt::print("{}: {} samples, {} whole cycles, {:.6f} s\n\n", options.file, samples, a.cycles,
               static_cast<double>(a.duration_nanoseconds) / 1e9);
    const auto line = [](const char* label, double value, const char* unit) {
        fmt::print("  {:<26}{:>14.4f} {}\n", label, value, unit);
    };
    line("voltage", micro(a.voltage_microvolts), "V");
    line("current", static_cast<double>(a.current_nanoamperes) / 1e9, "A");
    line("frequency", micro(a.frequency_microhertz), "Hz");
    line("active power", micro(a.active_power_microwatts), "W");
    line("reactive, fundamental", micro(a.reactive_power_microvars), "var");
    line("reactive, classical", micro(a.reactive_classical_microvars), "var");
    line("apparent power", micro(a.apparent_power_microvoltamperes), "VA");
    line("power factor", micro(a.power_factor_millionths), "");
    line("THD of the voltage", a.thd_voltage_hundredths_percent / 100.0, "%");
    line("THD of the current", a.thd_current_hundredths_percent / 100.0, "%");
    const auto indication = [](const char* label, bool anti_creep) {
        fmt::print("  {:<26}{}\n", label, anti_creep ? "yes, nothing is registered" : "no");
    };
    indication("active anti-creep", result.measurement.active_anti_creep);
    indication("reactive anti-creep", result.measurement.reactive_anti_creep);
    fmt::print("\n  registered energy\n");
    for (const EnergyName& name : kEnergies) line(name.label, watt_hours(result.measurement, name.energy), name.unit);
}

int run(const MeasureOptions& options) {
    const auto fail = [](const std::string& reason) {
        fmt::print(stderr, "ferraris measure: {}\n", reason);
        return 1;
    };
    const auto samples = twin::read_waveform(options.file);
    if (!samples) return fail(samples.error());
    const auto result = twin::measure_waveform(*samples, options.scale);
    if (!result) return fail(options.file + ": " + result.error());
    if (options.json) {
        fmt::print("{}\n", to_json(options, samples->size(), *result).dump(1));
    } else {
        print_text(options, samples->size(), *result);
    }
    return 0;
}

}  // namespace

void add_measure(CLI::App& app, int& exit_status) {
    CLI::App* verb = app.add_subcommand("measure", "Measure a recording of voltage and current");
    const auto options = std::make_shared<MeasureOptions>();
    verb->add_option("file", options->file, "Recording: interleaved 16-bit counts, current first, then voltage")
        ->required()
        ->type_name("FILE.i16");
    verb->add_option("--rate", options->scale.sample_rate_hz, "Sample rate, 3000 to 16000")
        ->check(number(3000, 16000))
        ->required()
        ->type_name("HZ");
    verb->add_option("--amps-per-count", options->scale.amps_per_count, "Scale of the current")
        ->check(number(1e-12, 3000))
        ->required()
        ->type_name("A");
    verb->add_option("--volts-per-count", options->scale.volts_per_count, "Scale of the voltage")
        ->check(number(1e-12, 3000))
        ->required()
        ->type_name("V");
    verb->add_flag("--json", options->json, "Report as JSON");
    verb->footer(
        "Reports the means over the whole cycles of the recording, whose own mean is taken off first, and the energy\n"
        "that the meter registers.\n\n"
        "Example:\n"
        "  ferraris measure kettle.i16 --rate 6400 --amps-per-count 0.0241 --volts-per-count 0.0602 --json");
    verb->callback([options, &exit_status] { exit_status = run(*options); });
}

}  // namespace ferraris::cli
