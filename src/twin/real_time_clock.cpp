#include "twin/real_time_clock.hpp"

#include <cmath>
#include <utility>

namespace ferraris::twin {
namespace {

constexpr std::int64_t kPicosecondsASecond = 1'000'000'000'000;
constexpr std::int64_t kPicosecondsAMillisecond = 1'000'000'000;
constexpr double kPicosecondsAPpm = 1e6;

}  // namespace

double RealTimeClock::deviation_ppm(double celsius) const {
    const auto crystal = [this](double offset, double at) {
        const double from_turnover = at - settings_.turnover_celsius;
        return offset + settings_.parabola_ppm_per_k2 * from_turnover * from_turnover;
    };
    const double true_ppm = crystal(settings_.offset_ppm, celsius);
    if (!settings_.compensated) return true_ppm;
    const double believed_ppm =
        crystal(settings_.offset_ppm + settings_.calibration_error_ppm, celsius + settings_.sensor_error_celsius);
    const double step = settings_.compensation_step_ppm;
    return true_ppm - std::round(believed_ppm / step) * step;
}

void RealTimeClock::second(double celsius, bool mains) {
    if (!mains && battery_left_ == 0) {
        kept_ = false;
        return;
    }
    if (!mains) --battery_left_;
    picoseconds_ += kPicosecondsASecond + std::llround(deviation_ppm(celsius) * kPicosecondsAPpm);
    now_.milliseconds += picoseconds_ / kPicosecondsAMillisecond;
    picoseconds_ %= kPicosecondsAMillisecond;
}

bool RealTimeClock::take_kept() { return std::exchange(kept_, true); }

}  // namespace ferraris::twin
