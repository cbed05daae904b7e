#include "twin/front_end.hpp"

#include <algorithm>
#include <cmath>

namespace ferraris::twin {

FrontEndModel residential_front_end() {
    FrontEndModel model;
    model.signal_to_noise_db = 90;
    model.voltage_gain_error = 0.013;
    model.current_gain_error = -0.021;
    model.voltage_offset_volts = 0.35;
    model.current_offset_amperes = -0.12;
    model.current_lag_s = 0.1 / 360 / 50;
    model.voltage_drift_per_kelvin = 18e-6;
    model.current_drift_per_kelvin = -42e-6;
    return model;
}

FrontEnd::FrontEnd(const FrontEndModel& model)
    : model_(model),
      noise_fraction_(model.signal_to_noise_db > 0 ? std::pow(10, -model.signal_to_noise_db / 20) / std::sqrt(2.0) : 0),
      random_(model.seed) {}

double FrontEnd::noise() {
    // Marsaglia's polar method: the distributions of the standard library differ from one library to the next.
    if (has_spare_) {
        has_spare_ = false;
        return spare_noise_;
    }
    const auto uniform = [this] { return static_cast<double>(random_() >> 11U) * 0x1p-52 - 1; };
    double x = 0;
    double y = 0;
    double square = 0;
    do {
        x = uniform();
        y = uniform();
        square = x * x + y * y;
    } while (square >= 1 || square <= 0);
    const double factor = std::sqrt(-2 * std::log(square) / square);
    spare_noise_ = y * factor;
    has_spare_ = true;
    return x * factor;
}

Counts FrontEnd::convert(double volts, double amperes, double celsius) {
    const double kelvin = celsius - model_.reference_celsius;
    double voltage = (volts * (1 + model_.voltage_gain_error) * (1 + model_.voltage_drift_per_kelvin * kelvin) +
                      model_.voltage_offset_volts) /
                     model_.full_scale_volts;
    double current = (amperes * (1 + model_.current_gain_error) * (1 + model_.current_drift_per_kelvin * kelvin) +
                      model_.current_offset_amperes) /
                     model_.full_scale_amperes;
    if (noise_fraction_ > 0) {
        voltage += noise() * noise_fraction_;
        current += noise() * noise_fraction_;
    }
    const double scale = std::ldexp(1, model_.bits - 1);
    const auto quantised = [scale](double value) {
        return static_cast<std::int32_t>(std::lrint(std::clamp(value * scale, -scale, scale - 1)));
    };
    return {quantised(voltage), quantised(current)};
}

}  // namespace ferraris::twin
