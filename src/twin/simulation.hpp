/// A meter with its load, run through simulated time as fast as the machine can.
#pragma once

#include <functional>
#include <optional>
#include <utility>

#include "meter/image/boot_loader.hpp"
#include "meter/meter.hpp"
#include "twin/load.hpp"
#include "twin/real_time_clock.hpp"
#include "twin/relay_model.hpp"

namespace ferraris::twin {

class Simulation {
public:
    /// The meter must have been started at `now`.
    Simulation(meter::Meter& meter, Load& load, UtcTime now) : meter_(meter), load_(load), now_(now) {}

    /// The true time, of mains and load.
    [[nodiscard]] UtcTime now() const { return now_; }
    /// The board's clock is one of hardware from now on; without one it is as exact as the simulation.
    void use_clock(const RealTimeClock& clock) { clock_ = clock; }
    [[nodiscard]] std::optional<RealTimeClock>& clock() { return clock_; }
    /// Of this meter; `restart` starts it anew when the boot loader is asked to.
    void use_boot(meter::BootLoader& boot, std::function<void()> restart) {
        boot_ = &boot;
        restart_ = std::move(restart);
    }
    /// The load is behind this relay from now on.
    void use_supply_relay(const RelayModel& relay) { supply_ = &relay; }
    void set_temperature(double celsius) { celsius_ = celsius; }
    /// What the board's clock shows.
    [[nodiscard]] UtcTime board() const { return clock_ ? clock_->now() : now_; }
    void run_second() {
        pass_second(true);
        const metrology::DisturbanceLimits& limits = meter_.instrument().voltage_quality.limits();
        if (limits != limits_) load_.set_disturbance_limits(limits_ = limits);
        const metrology::Measurement second = load_.second(now_);
        meter_.tick(is_supplied() ? second : without_load(second), board());
        if (boot_ != nullptr && boot_->take_restart()) restart_();
    }
    void run(std::int64_t seconds) {
        for (std::int64_t i = 0; i < seconds; ++i) run_second();
    }
    /// The same, but not beyond the second in which a push or a telegram comes due. How many seconds passed.
    std::int64_t run_to_push(std::int64_t seconds) {
        for (std::int64_t i = 0; i < seconds; ++i) {
            run_second();
            if (meter_.push_due() || meter_.telegram_due()) return i + 1;
        }
        return seconds;
    }
    /// The mains are off: time goes on without the meter.
    void skip(std::int64_t seconds) {
        for (std::int64_t i = 0; i < seconds; ++i) pass_second(false);
    }

private:
    [[nodiscard]] bool is_supplied() const { return supply_ == nullptr || supply_->is_closed(); }
    void pass_second(bool mains) {
        now_.milliseconds += 1000;
        if (clock_) clock_->second(celsius_, mains);
    }

    meter::Meter& meter_;
    Load& load_;
    UtcTime now_;
    const RelayModel* supply_{nullptr};
    std::optional<RealTimeClock> clock_{};
    meter::BootLoader* boot_{nullptr};
    std::function<void()> restart_{};
    double celsius_{23};
    metrology::DisturbanceLimits limits_{};  ///< that the load knows
};

}  // namespace ferraris::twin
