/// A meter with its load, run through simulated time as fast as the machine can.
#pragma once

#include "meter/meter.hpp"
#include "twin/load.hpp"

namespace ferraris::twin {

class Simulation {
public:
    /// The meter must have been started at `now`.
    Simulation(meter::Meter& meter, Load& load, UtcTime now) : meter_(meter), load_(load), now_(now) {}

    [[nodiscard]] UtcTime now() const { return now_; }
    void run_second() {
        now_.milliseconds += 1000;
        const metrology::DisturbanceLimits& limits = meter_.instrument().voltage_quality.limits();
        if (limits != limits_) load_.set_disturbance_limits(limits_ = limits);
        meter_.tick(load_.second(now_), now_);
    }
    void run(std::int64_t seconds) {
        for (std::int64_t i = 0; i < seconds; ++i) run_second();
    }
    /// The same, but not beyond the second in which a push comes due. How many seconds passed.
    std::int64_t run_to_push(std::int64_t seconds) {
        for (std::int64_t i = 0; i < seconds; ++i) {
            run_second();
            if (meter_.push_due()) return i + 1;
        }
        return seconds;
    }
    /// The mains are off: time goes on without the meter.
    void skip(std::int64_t seconds) { now_.milliseconds += seconds * 1000; }

private:
    meter::Meter& meter_;
    Load& load_;
    UtcTime now_;
    metrology::DisturbanceLimits limits_{};  ///< that the load knows
};

}  // namespace ferraris::twin
