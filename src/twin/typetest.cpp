#include "twin/typetest.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <numbers>

#include "twin/typetest_limits.hpp"

namespace ferraris::twin {

namespace {

constexpr double kPi = std::numbers::pi;

/// Angles of the test: how much the current lags.
struct LoadAngle {
    const char* name;
    double angle;
};
constexpr LoadAngle kUnity{"PF 1", 0};
constexpr LoadAngle kHalfInductive{"PF 0.5 inductive", kPi / 3};
const LoadAngle kPointEightCapacitive{"PF 0.8 capacitive", -std::acos(0.8)};
constexpr LoadAngle kSineOne{"sin φ 1", kPi / 2};
constexpr LoadAngle kSineHalf{"sin φ 0.5 inductive", kPi / 6};
constexpr LoadAngle kSineHalfCapacitive{"sin φ 0.5 capacitive", -kPi / 6};
const LoadAngle kSineQuarter{"sin φ 0.25", std::asin(0.25)};

/// Targets of the design, for the ideal front end.
constexpr double kUnityTarget = 0.02;
constexpr double kActiveTarget = 0.05;
constexpr double kReactiveTarget = 0.05;
constexpr double kInfluenceTarget = 0.1;  ///< of the class B limit

enum class Quantity : std::uint8_t { active, reactive };

/// One meter on the bench, going through the tables.
class TypeTest {
public:
    TypeTest(const FrontEndModel& model, const Rating& rating, bool is_ideal)
        : rating_(rating), is_ideal_(is_ideal), bench_(model, rating, !is_ideal) {}

    [[nodiscard]] const metrology::Calibration& calibration() const { return bench_.configuration().calibration; }

    TestTable load_curve(Quantity quantity, const LoadAngle& angle);
    TestTable starting();
    TestTable no_load();
    TestTable voltage(Quantity quantity);
    TestTable frequency(Quantity quantity);
    TestTable waveform();
    TestTable reverse();
    TestTable temperature(Quantity quantity);

private:
    [[nodiscard]] TestSignal source(double amperes, double angle, double volts_ratio = 1,
                                    double frequency_ratio = 1) const {
        return sine(rating_.nominal_volts * volts_ratio, amperes, angle, rating_.frequency_hz * frequency_ratio);
    }
    [[nodiscard]] double error(Quantity quantity, const TestSignal& signal, double amperes, double celsius = 23) {
        // Noise averages out; the less current, the more slowly.
        const double seconds = is_ideal_ ? 2 : amperes < 1 ? 30 : 4;
        const TypeTestBench::Errors e = bench_.errors(signal, seconds, celsius);
        return quantity == Quantity::active ? e.active : e.reactive;
    }
    [[nodiscard]] std::optional<double> target(std::optional<double> value) const {
        return is_ideal_ ? value : std::nullopt;
    }
    /// An influence: the error with it less the error without it.
    void add_influence(TestTable& table, std::string name, double amperes, double additional, const Limits& limits) {
        const std::optional<double>& class_b = limits[static_cast<std::size_t>(AccuracyClass::b)];
        const std::optional<double>& base =
            class_b ? class_b : limits[static_cast<std::size_t>(AccuracyClass::reactive_2)];
        table.points.push_back(
            {std::move(name), amperes, additional, limits, base ? target(*base * kInfluenceTarget) : std::nullopt});
    }

    Rating rating_;
    bool is_ideal_;
    TypeTestBench bench_;
};

TestTable TypeTest::load_curve(Quantity quantity, const LoadAngle& angle) {
    const bool is_active = quantity == Quantity::active;
    TestTable table{fmt::format("Load curve, {}, {}", is_active ? "active" : "reactive", angle.name),
                    is_active ? "EN 50470-3" : "IEC 62053-23", "%", true};
    // From where the power is that of a 5000th of the largest current (a 2000th for reactive) at unity: about the
    // starting current of this angle.
    const double factor = std::abs(is_active ? std::cos(angle.angle) : std::sin(angle.angle));
    const double first = rating_.maximum_amperes / (is_active ? 5000 : 2000) / factor;
    for (const double amperes :
         {first, 0.02, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.0, 5.0, 10.0, 20.0, 40.0, 60.0, 80.0}) {
        const bool is_first = table.points.empty();
        if ((!is_first && amperes < first * 1.001) || amperes > rating_.maximum_amperes) continue;
        const Limits limits =
            is_active ? load_limits(rating_, amperes, factor) : reactive_load_limits(rating_, amperes, factor);
        const std::optional<double> goal = !is_active ? kReactiveTarget : factor > 0.99 ? kUnityTarget : kActiveTarget;
        table.points.push_back(
            {angle.name, amperes, error(quantity, source(amperes, angle.angle), amperes), limits, target(goal)});
    }
    return table;
}

TestTable TypeTest::starting() {
    TestTable table{"Starting: seconds from pulse to pulse (at most 1.5 times the rated interval)",
                    "EN 50470-3; IEC 62053-23", "s"};
    constexpr double kPulsesPerKilowattHour = 10'000;
    const auto interval = [this](double amperes) {
        return 3.6e6 / kPulsesPerKilowattHour / (rating_.nominal_volts * amperes);
    };
    const auto measured = [](double interval_s) { return interval_s > 0 ? interval_s : HUGE_VAL; };
    const double active = interval(rating_.starting_amperes);
    const auto pulses = bench_.pulses(source(rating_.starting_amperes, 0), 2.5 * active);
    const double limit = 1.5 * active;
    table.points.push_back({"active, PF 1",
                            rating_.starting_amperes,
                            measured(pulses.active_interval_s),
                            {limit, limit, limit, std::nullopt},
                            std::nullopt});
    const double reactive_amperes = rating_.basic_amperes * 0.005;
    const double reactive = interval(reactive_amperes);
    const auto reactive_pulses = bench_.pulses(source(reactive_amperes, kPi / 2), 2.5 * reactive);
    table.points.push_back({"reactive, sin φ 1",
                            reactive_amperes,
                            measured(reactive_pulses.reactive_interval_s),
                            {std::nullopt, std::nullopt, std::nullopt, 1.5 * reactive},
                            std::nullopt});
    return table;
}

TestTable TypeTest::no_load() {
    TestTable table{"No load: pulses (at most one)", "EN 50470-3; IEC 62053-23", "pulses"};
    // 240,000 / (k m U I_st) minutes.
    const double minutes = 240e3 / (10'000 * 1.15 * rating_.nominal_volts * rating_.starting_amperes);
    for (const double ratio : {0.8, 1.15}) {
        const auto pulses = bench_.pulses(source(0, 0, ratio), minutes * 60);
        const Limits active{1, 1, 1, std::nullopt};
        const Limits reactive{std::nullopt, std::nullopt, std::nullopt, 1};
        table.points.push_back({fmt::format("active, {:.2f} U_n, {:.2f} min", ratio, minutes), 0, double(pulses.active),
                                active, target(0.0)});
        table.points.push_back({fmt::format("reactive, {:.2f} U_n, {:.2f} min", ratio, minutes), 0,
                                double(pulses.reactive), reactive, target(0.0)});
    }
    return table;
}

TestTable TypeTest::voltage(Quantity quantity) {
    const bool is_active = quantity == Quantity::active;
    TestTable table{fmt::format("Voltage, additional error, {}", is_active ? "active" : "reactive"),
                    is_active ? "EN 50470-3" : "IEC 62053-23", "%"};
    const LoadAngle angles[] = {is_active ? kUnity : kSineOne, is_active ? kHalfInductive : kSineHalf};
    for (const LoadAngle& angle : angles) {
        for (const double amperes : {rating_.transitional_amperes, rating_.basic_amperes, rating_.maximum_amperes}) {
            const double reference = error(quantity, source(amperes, angle.angle), amperes);
            for (const double ratio : {0.8, 0.9, 1.1, 1.15}) {
                const bool is_far = ratio < 0.89 || ratio > 1.11;
                const Limits limits = is_active ? voltage_limits(&angle == angles, is_far)
                                                : reactive_voltage_limits(&angle == angles, is_far);
                const double additional = error(quantity, source(amperes, angle.angle, ratio), amperes) - reference;
                add_influence(table, fmt::format("{}, {:+.0f} %", angle.name, (ratio - 1) * 100), amperes, additional,
                              limits);
            }
        }
    }
    return table;
}

TestTable TypeTest::frequency(Quantity quantity) {
    const bool is_active = quantity == Quantity::active;
    TestTable table{fmt::format("Frequency, additional error, {}", is_active ? "active" : "reactive"),
                    is_active ? "EN 50470-3" : "IEC 62053-23", "%"};
    const LoadAngle angles[] = {is_active ? kUnity : kSineOne, is_active ? kHalfInductive : kSineHalf};
    for (const LoadAngle& angle : angles) {
        for (const double amperes : {rating_.transitional_amperes, rating_.basic_amperes, rating_.maximum_amperes}) {
            const double reference = error(quantity, source(amperes, angle.angle), amperes);
            for (const double ratio : {0.98, 1.02}) {
                const Limits limits = is_active ? frequency_limits(&angle == angles) : reactive_frequency_limits();
                const double additional = error(quantity, source(amperes, angle.angle, 1, ratio), amperes) - reference;
                add_influence(table, fmt::format("{}, {:+.0f} %", angle.name, (ratio - 1) * 100), amperes, additional,
                              limits);
            }
        }
    }
    return table;
}

TestTable TypeTest::waveform() {
    TestTable table{"Waveform, additional error, active", "EN 50470-3", "%"};
    const double volts = rating_.nominal_volts;
    const double hertz = rating_.frequency_hz;
    const double band_hz = bench_.sample_rate_hz() / 2 * 0.9;
    const double half = rating_.maximum_amperes / 2;
    const auto additional = [this](const TestSignal& signal, double amperes) {
        return error(Quantity::active, signal, amperes) - error(Quantity::active, source(amperes, 0), amperes);
    };
    add_influence(table, "5th harmonic, 10 % in U, 40 % in I", half,
                  additional(fifth_harmonic(volts, half, hertz), half), fifth_harmonic_limits());
    const double rectified = rating_.maximum_amperes / std::numbers::sqrt2;
    add_influence(table, "half-wave rectified (DC and even harmonics)", rectified,
                  additional(half_wave(volts, rectified * std::numbers::sqrt2, hertz, band_hz), rectified),
                  half_wave_limits());
    for (const double amperes : {rating_.basic_amperes, half}) {
        add_influence(table, "phase-fired at 90° (odd harmonics)", amperes,
                      additional(phase_fired(volts, amperes, hertz, band_hz), amperes), odd_harmonics_limits());
        add_influence(table, "2 cycles on, 2 off (sub-harmonics)", amperes,
                      additional(burst(volts, amperes, hertz), amperes), sub_harmonics_limits());
    }
    return table;
}

TestTable TypeTest::reverse() {
    TestTable table{"Reverse energy: limits as in the direct direction", "EN 50470-3", "%"};
    for (const double amperes :
         {rating_.minimum_amperes, rating_.transitional_amperes, rating_.basic_amperes, rating_.maximum_amperes}) {
        const TestSignal signal = source(amperes, kPi);
        table.points.push_back({"PF -1", amperes, error(Quantity::active, signal, amperes),
                                load_limits(rating_, amperes, 1), target(kUnityTarget)});
    }
    return table;
}

TestTable TypeTest::temperature(Quantity quantity) {
    const bool is_active = quantity == Quantity::active;
    TestTable table{fmt::format("Temperature coefficient, {}", is_active ? "active" : "reactive"),
                    is_active ? "EN 50470-3" : "IEC 62053-23", "%/K"};
    const LoadAngle angles[] = {is_active ? kUnity : kSineOne, is_active ? kHalfInductive : kSineHalf};
    constexpr double kSteps[] = {-40, -25, -10, 5, 23, 40, 55, 70};
    const double amperes = rating_.basic_amperes;
    for (const LoadAngle& angle : angles) {
        double previous = 0;
        for (std::size_t k = 0; k < std::size(kSteps); ++k) {
            const double now = error(quantity, source(amperes, angle.angle), amperes, kSteps[k]);
            if (k > 0) {
                const double coefficient = (now - previous) / (kSteps[k] - kSteps[k - 1]);
                add_influence(
                    table, fmt::format("{}, {:.0f} to {:.0f} °C", angle.name, kSteps[k - 1], kSteps[k]), amperes,
                    coefficient,
                    is_active ? temperature_limits(&angle == angles) : reactive_temperature_limits(&angle == angles));
            }
            previous = now;
        }
    }
    return table;
}

using Step = TestTable (*)(TypeTest&);
const Step kSteps[] = {
    [](TypeTest& test) { return test.load_curve(Quantity::active, kUnity); },
    [](TypeTest& test) { return test.load_curve(Quantity::active, kHalfInductive); },
    [](TypeTest& test) { return test.load_curve(Quantity::active, kPointEightCapacitive); },
    [](TypeTest& test) { return test.load_curve(Quantity::reactive, kSineOne); },
    [](TypeTest& test) { return test.load_curve(Quantity::reactive, kSineHalf); },
    [](TypeTest& test) { return test.load_curve(Quantity::reactive, kSineHalfCapacitive); },
    [](TypeTest& test) { return test.load_curve(Quantity::reactive, kSineQuarter); },
    [](TypeTest& test) { return test.starting(); },
    [](TypeTest& test) { return test.no_load(); },
    [](TypeTest& test) { return test.voltage(Quantity::active); },
    [](TypeTest& test) { return test.voltage(Quantity::reactive); },
    [](TypeTest& test) { return test.frequency(Quantity::active); },
    [](TypeTest& test) { return test.frequency(Quantity::reactive); },
    [](TypeTest& test) { return test.waveform(); },
    [](TypeTest& test) { return test.reverse(); },
    [](TypeTest& test) { return test.temperature(Quantity::active); },
    [](TypeTest& test) { return test.temperature(Quantity::reactive); },
};

}  // namespace

std::optional<bool> TestPoint::passes(AccuracyClass accuracy_class) const {
    const std::optional<double>& limit = limits[static_cast<std::size_t>(accuracy_class)];
    if (!limit) return std::nullopt;
    return std::abs(measured) <= *limit;
}

std::optional<bool> TestPoint::meets_target() const {
    if (!target) return std::nullopt;
    return std::abs(measured) <= *target;
}

bool SpecimenReport::passes(AccuracyClass accuracy_class) const {
    return std::ranges::all_of(tables, [accuracy_class](const TestTable& table) {
        return std::ranges::all_of(table.points, [accuracy_class](const TestPoint& point) {
            return point.passes(accuracy_class).value_or(true);
        });
    });
}

std::optional<bool> SpecimenReport::meets_targets() const {
    std::optional<bool> result;
    for (const TestTable& table : tables) {
        for (const TestPoint& point : table.points) {
            if (const auto meets = point.meets_target()) result = result.value_or(true) && *meets;
        }
    }
    return result;
}

bool TypeTestReport::is_passed() const {
    return std::ranges::all_of(specimens, [](const SpecimenReport& specimen) {
        return specimen.passes(AccuracyClass::b) && specimen.passes(AccuracyClass::c) &&
               specimen.passes(AccuracyClass::reactive_2) && specimen.meets_targets().value_or(true);
    });
}

TypeTestReport run_type_test(const Rating& rating, const std::function<void(std::size_t, std::size_t)>& progress) {
    struct Specimen {
        const char* name{nullptr};
        FrontEndModel model{};
        bool is_ideal{false};
    };
    const Specimen specimens[] = {{"ideal (24 bits, no noise)", FrontEndModel{}, true},
                                  {"modelled (24 bits, 90 dB, calibrated)", residential_front_end(), false}};
    TypeTestReport report{rating};
    const std::size_t total = std::size(specimens) * std::size(kSteps);
    std::size_t done = 0;
    for (const Specimen& specimen : specimens) {
        TypeTest test(specimen.model, rating, specimen.is_ideal);
        SpecimenReport result{specimen.name, specimen.model, test.calibration()};
        for (const Step step : kSteps) {
            result.tables.push_back(step(test));
            progress(++done, total);
        }
        report.specimens.push_back(std::move(result));
    }
    return report;
}

}  // namespace ferraris::twin
