#include "twin/typetest_limits.hpp"

namespace ferraris::twin {

namespace {

constexpr std::nullopt_t kNone = std::nullopt;

constexpr Limits active(double a, double b, std::optional<double> c) { return {a, b, c, kNone}; }
constexpr Limits reactive(double class_2) { return {kNone, kNone, kNone, class_2}; }

Limits scaled(Limits limits, double factor) {
    for (std::optional<double>& limit : limits) {
        if (limit) *limit *= factor;
    }
    return limits;
}

constexpr double kFarFactor = 3;
constexpr double kSlack = 1e-9;  // a current that is a limit of a range belongs to it

}  // namespace

Limits load_limits(const Rating& rating, double amperes, double power_factor) {
    if (amperes > rating.maximum_amperes + kSlack) return {};
    if (amperes >= rating.transitional_amperes - kSlack) return active(2.0, 1.0, 0.5);
    if (amperes >= rating.minimum_amperes - kSlack && power_factor > 0.99) return active(2.5, 1.5, 1.0);
    return {};
}

Limits reactive_load_limits(const Rating& rating, double amperes, double sine) {
    struct Range {
        double least_sine;
        double from;  // in units of the basic current
        double limit;
    };
    // The first row that fits holds; a row without a limit ends the range of its angle.
    constexpr Range kRanges[] = {
        {0.99, 0.1, 2.0}, {0.99, 0.05, 2.5}, {0.99, 0, 0},     {0.49, 0.2, 2.0},
        {0.49, 0.1, 2.5}, {0.49, 0, 0},      {0.24, 0.2, 2.5},
    };
    for (const Range& range : kRanges) {
        if (sine < range.least_sine || amperes < range.from * rating.basic_amperes - kSlack) continue;
        return range.limit > 0 ? reactive(range.limit) : Limits{};
    }
    return {};
}

Limits voltage_limits(bool is_unity, bool is_far) {
    return scaled(is_unity ? active(1.0, 0.7, 0.2) : active(1.5, 1.0, 0.4), is_far ? kFarFactor : 1);
}
Limits frequency_limits(bool is_unity) { return is_unity ? active(0.8, 0.5, 0.2) : active(1.0, 0.7, 0.2); }
Limits temperature_limits(bool is_unity) { return is_unity ? active(0.10, 0.05, 0.03) : active(0.15, 0.07, 0.05); }
Limits fifth_harmonic_limits() { return active(1.0, 0.8, 0.5); }
Limits half_wave_limits() { return active(6.0, 3.0, kNone); }
Limits odd_harmonics_limits() { return active(6.0, 3.0, 1.5); }
Limits sub_harmonics_limits() { return active(6.0, 3.0, 1.5); }
Limits reactive_voltage_limits(bool is_unity, bool is_far) {
    return scaled(reactive(is_unity ? 1.0 : 1.5), is_far ? kFarFactor : 1);
}
Limits reactive_frequency_limits() { return reactive(2.5); }
Limits reactive_temperature_limits(bool is_unity) { return reactive(is_unity ? 0.10 : 0.15); }

}  // namespace ferraris::twin
