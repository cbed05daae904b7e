/// When the meter by itself opens or closes relay 1 (class 22 at 0-0:15.0.1, Single action schedule, IEC 62056-6-2). A
/// time that came while power was off, or that the clock was set over, is made up for, once however many there were.
#pragma once

#include <array>
#include <cstdint>

#include "meter/clock/meter_clock.hpp"
#include "meter/store/parameter_store.hpp"

namespace ferraris::meter {

class SupplySchedule {
public:
    static constexpr std::size_t kMostEntries = 13;
    /// Encoded execution times: an array.
    using Times = std::array<std::uint8_t, 256>;

    void recover(const ParameterStore& store);

    /// Script 1 opens, 2 closes.
    [[nodiscard]] std::uint8_t script() const { return script_; }
    /// As stored, or none.
    [[nodiscard]] static ByteView times(const ParameterStore& store, Times& buffer);

    // Durable when true; nothing changes when not.
    [[nodiscard]] bool store_script(ParameterStore& store, std::uint8_t script);
    [[nodiscard]] bool store_times(ParameterStore& store, ByteView times, const MeterClock& clock);

    /// Looks for the next time after `after_s`, seconds since 1970, and after the last one that was executed, unless
    /// that lies more than a day ahead: the clock was set back then.
    void refresh(const ParameterStore& store, const MeterClock& clock, std::int64_t after_s);
    /// Never while the clock is not valid.
    [[nodiscard]] bool is_due(const MeterClock& clock) const { return clock.valid() && clock.seconds() >= next_s_; }
    /// What was due is done, durably.
    [[nodiscard]] bool done(ParameterStore& store, const MeterClock& clock);

private:
    std::uint8_t script_{1};
    std::int64_t done_s_{0};
    std::int64_t next_s_{INT64_MAX};
};

}  // namespace ferraris::meter
