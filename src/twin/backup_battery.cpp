#include "twin/backup_battery.hpp"

#include <algorithm>
#include <array>
#include <cmath>

namespace ferraris::twin {
namespace {

constexpr double kReferenceCelsius = 20;
constexpr double kHoursAYear = 8766;
constexpr std::uint32_t kFull_permille = 1000;

/// How much of the way from empty to full the voltage has come at a charge: flat, then a knee.
struct CurvePoint {
    std::uint32_t charge_permille;
    std::uint32_t height_permille;
};
constexpr std::array kCurve{
    CurvePoint{0, 0},     CurvePoint{10, 300},  CurvePoint{30, 600},    CurvePoint{60, 800},
    CurvePoint{100, 900}, CurvePoint{200, 965}, CurvePoint{1000, 1000},
};

std::uint32_t height_at(std::uint32_t charge_permille) {
    for (std::size_t i = 1; i < kCurve.size(); ++i) {
        const CurvePoint& low = kCurve[i - 1];
        const CurvePoint& high = kCurve[i];
        if (charge_permille > high.charge_permille) continue;
        return low.height_permille + (high.height_permille - low.height_permille) *
                                         (charge_permille - low.charge_permille) /
                                         (high.charge_permille - low.charge_permille);
    }
    return kFull_permille;
}

}  // namespace

void BackupBattery::second(double celsius, bool carries) {
    if (celsius != leak_celsius_) {
        leak_celsius_ = celsius;
        const double at_reference = static_cast<double>(settings_.capacity_milliamperehours) * 1e6 *
                                    settings_.self_discharge_permille_a_year / 1000 / kHoursAYear;
        leak_na_ = std::llround(at_reference * std::exp2((celsius - kReferenceCelsius) / 10));
    }
    charge_nas_ =
        std::max<std::int64_t>(charge_nas_ - leak_na_ - (carries ? std::int64_t{settings_.load_nanoamperes} : 0), 0);
}

void BackupBattery::set_charge(std::uint32_t permille) {
    charge_nas_ = capacity_nas() / kFull_permille * std::min(permille, kFull_permille);
}

std::uint32_t BackupBattery::charge_permille() const {
    return static_cast<std::uint32_t>((charge_nas_ * kFull_permille + capacity_nas() - 1) / capacity_nas());
}

std::uint32_t BackupBattery::millivolts(double celsius, std::uint32_t nanoamperes) const {
    if (is_empty()) return 0;
    const std::uint32_t charge = charge_permille();
    const double open = settings_.empty_millivolts +
                        (settings_.full_millivolts - settings_.empty_millivolts) * height_at(charge) / 1000.0;
    const double cold = std::max(kReferenceCelsius - celsius, 0.0) * settings_.microvolts_per_kelvin / 1000;
    const double ohms = settings_.inner_ohms * (1 + 9.0 * (kFull_permille - charge) / kFull_permille);
    const double drop = ohms * nanoamperes / 1e6;
    return static_cast<std::uint32_t>(std::max(std::lround(open - cold - drop), 0L));
}

}  // namespace ferraris::twin
