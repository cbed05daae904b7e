/// The alarm register, its filter and its descriptor (objects 0.b.97.98.0, .10 and .20; IEC 62056-6-1). A bit of the
/// register says what is or has been wrong until it is cleared; a bit that rises and passes the filter also sets the
/// descriptor, which the alarm push carries.
#pragma once

#include <cstdint>

namespace ferraris::meter {

enum class Alarm : std::uint8_t {
    clock_invalid = 0,          ///< the clock has lost the time; falls by itself when it is set
    power_up = 2,               ///< power came back
    authentication_failed = 13  ///< somebody without the right secret tried to associate
};

struct Alarms {
    std::uint32_t active{0};
    std::uint32_t filter{0};
    std::uint32_t descriptor{0};

    friend constexpr bool operator==(const Alarms&, const Alarms&) = default;
    /// True when this is news that the filter lets through: an alarm push is due.
    bool raise(Alarm alarm) {
        const std::uint32_t bit = 1U << static_cast<unsigned>(alarm);
        const bool news = (active & bit) == 0 && (filter & bit) != 0;
        active |= bit;
        if (news) descriptor |= bit;
        return news;
    }
    void clear(Alarm alarm) { active &= ~(1U << static_cast<unsigned>(alarm)); }
};

/// The alarms that this meter can raise: what filter and register can hold.
inline constexpr std::uint32_t kKnownAlarms = 1U << 0U | 1U << 2U | 1U << 13U;

}  // namespace ferraris::meter
