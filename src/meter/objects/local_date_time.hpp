/// Time stamps as COSEM date-times, in local time.
#pragma once

#include "dlms/data.hpp"
#include "meter/clock/meter_clock.hpp"
#include "meter/profile/profile_status.hpp"

namespace ferraris::meter {

/// An octet-string. `stamp` 0 is a time not specified; `status` is a profile status, of which a clock that had lost the
/// time shows.
inline void write_stamp(dlms::DataWriter& data, const MeterClock& clock, std::uint32_t stamp, std::uint8_t status) {
    if (stamp == 0) return data.octet_string(dlms::encode(dlms::DateTime{}));
    const UtcTime time = UtcTime::from_seconds(stamp);
    const bool invalid = (status & profile_status::kClockInvalid) != 0;
    data.octet_string(dlms::encode(clock.rule.date_time(
        time, static_cast<std::uint8_t>(
                  (invalid ? dlms::clock_status::kInvalidClockStatus : 0) |
                  (clock.rule.daylight_saving_active(time) ? dlms::clock_status::kDaylightSavingActive : 0)))));
}

}  // namespace ferraris::meter
