/// A model of the analog front end: what stands between the mains and the samples, with its imperfections.
#pragma once

#include <cstdint>
#include <random>

namespace ferraris::twin {

/// All zero but the scale: an ideal converter, which only quantises.
struct FrontEndModel {
    int bits{24};
    double full_scale_volts{400};    ///< peak
    double full_scale_amperes{160};  ///< peak
    double signal_to_noise_db{0};    ///< full-scale sine over white noise, of each channel; 0: no noise
    double voltage_gain_error{0};    ///< as a ratio: 0.01 counts 1 % too much
    double current_gain_error{0};
    double voltage_offset_volts{0};
    double current_offset_amperes{0};
    double current_lag_s{0};             ///< by how much the current channel is later than the voltage channel
    double voltage_drift_per_kelvin{0};  ///< of the gain, as a ratio
    double current_drift_per_kelvin{0};
    double reference_celsius{23};
    std::uint64_t seed{1};
};

/// Parts as a residential meter has them, before calibration: 24 bits, 90 dB, a current transformer a tenth of a
/// degree late, gains and offsets some percent and per mille off, tens of ppm per kelvin.
[[nodiscard]] FrontEndModel residential_front_end();

struct Counts {
    std::int32_t voltage;
    std::int32_t current;
};

class FrontEnd {
public:
    explicit FrontEnd(const FrontEndModel& model);

    /// Counts of the voltage now and of the current as it was `model().current_lag_s` ago.
    [[nodiscard]] Counts convert(double volts, double amperes, double celsius);
    [[nodiscard]] const FrontEndModel& model() const { return model_; }

private:
    [[nodiscard]] double noise();

    FrontEndModel model_;
    double noise_fraction_;  ///< of full scale
    std::mt19937_64 random_;
    double spare_noise_{0};
    bool has_spare_{false};
};

}  // namespace ferraris::twin
