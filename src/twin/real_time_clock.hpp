/// The board's clock as hardware has it: a crystal that is slower the further it is from its turnover temperature, a
/// compensation that knows crystal and temperature only so well, and a battery for the time without mains.
///
/// Within 0.5 s a day at 23 °C, and 0.05 s a day more for each degree elsewhere (IEC 62054-21, 7.5).
#pragma once

#include <cstdint>

#include "base/civil_time.hpp"

namespace ferraris::twin {

struct CrystalSettings {
    double turnover_celsius{25.0};        ///< where it is fastest
    double parabola_ppm_per_k2{-0.034};   ///< of a 32,768 Hz tuning fork; specimens lie within 0.006 of it
    double offset_ppm{12.0};              ///< of this specimen, at the turnover temperature
    double calibration_error_ppm{1.0};    ///< what the factory measured wrongly of it
    double sensor_error_celsius{1.0};     ///< of the thermometer that the compensation goes by
    double compensation_step_ppm{0.954};  ///< of a digital trim: 1 of 2^20
    bool compensated{true};
    std::int64_t battery_seconds{10LL * 365 * 86400};  ///< how long the battery lasts without mains
};

class RealTimeClock {
public:
    RealTimeClock(const CrystalSettings& settings, UtcTime now)
        : settings_(settings), battery_left_(settings.battery_seconds), now_(now) {}

    /// One true second passes, at `celsius`. Without mains the battery keeps the clock, until it is empty: then the
    /// clock stands still, and has lost the time.
    void second(double celsius, bool mains);
    [[nodiscard]] UtcTime now() const { return now_; }
    /// False since the clock stood still. What the meter makes of it: invalid until it is set.
    [[nodiscard]] bool kept() const { return kept_; }
    /// A warning a tenth before the end.
    [[nodiscard]] bool battery_low() const { return battery_left_ * 10 < settings_.battery_seconds; }
    void change_battery() { battery_left_ = settings_.battery_seconds; }
    /// Power is back and somebody asked: what was lost is lost, the clock goes on from where it stood.
    [[nodiscard]] bool take_kept();

    /// How much faster than it should be it runs at `celsius`, parts in a million.
    [[nodiscard]] double deviation_ppm(double celsius) const;

private:
    CrystalSettings settings_;
    std::int64_t battery_left_;
    UtcTime now_;
    std::int64_t picoseconds_{0};  ///< behind `now_`, less than a millisecond
    bool kept_{true};
};

}  // namespace ferraris::twin
