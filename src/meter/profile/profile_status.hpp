/// The AMR profile status, one octet a row (object 0.0.96.10.1).
#pragma once

#include <cstdint>

namespace ferraris::meter::profile_status {

inline constexpr std::uint8_t kCriticalError = 0x01;   ///< a serious fault of the meter
inline constexpr std::uint8_t kClockInvalid = 0x02;    ///< the clock has lost the time
inline constexpr std::uint8_t kDataNotValid = 0x04;    ///< the meter did not run through the whole interval
inline constexpr std::uint8_t kDaylightSaving = 0x08;  ///< daylight saving was on at the time stamp
inline constexpr std::uint8_t kClockAdjusted = 0x20;   ///< the clock was set in this interval, or just before it
inline constexpr std::uint8_t kPowerDown = 0x80;       ///< power was lost in this interval, or just before it

}  // namespace ferraris::meter::profile_status
