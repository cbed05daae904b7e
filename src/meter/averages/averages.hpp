/// Averages of voltage and current over ten minutes of the clock (objects 1-0:32.24.0 and .25.0, 31.24.0 and .25.0),
/// as EN 50160 wants the voltage.
#pragma once

#include <cstdint>

#include "metrology/measurement.hpp"

namespace ferraris::meter {

class Averages {
public:
    static constexpr std::uint32_t kPeriod_s = 600;

    struct Values {
        std::uint32_t millivolts{0};
        std::uint32_t milliamperes{0};
    };

    /// The second that ends at `time`. Periods end at multiples of ten minutes since 1970 UTC, or where the clock
    /// leaves them; one that was cut short has the average of its seconds.
    void add(const metrology::Measurement& measurement, std::uint32_t time) {
        millivolts_ += measurement.voltage_millivolts;
        microamperes_ += measurement.current_microamperes;
        ++seconds_;
        const std::uint32_t period = time / kPeriod_s;
        if (period == period_) return;
        if (period_ != 0) last_ = current();
        period_ = period;
        millivolts_ = microamperes_ = seconds_ = 0;
    }

    [[nodiscard]] Values current() const {
        if (seconds_ == 0) return {};
        return {static_cast<std::uint32_t>((millivolts_ + seconds_ / 2) / seconds_),
                static_cast<std::uint32_t>((microamperes_ / seconds_ + 500) / 1000)};
    }
    /// Nothing but zeros until a period has ended since power came.
    [[nodiscard]] const Values& last() const { return last_; }

private:
    std::uint64_t millivolts_{0};
    std::uint64_t microamperes_{0};
    std::uint64_t seconds_{0};
    std::uint32_t period_{0};
    Values last_{};
};

}  // namespace ferraris::meter
