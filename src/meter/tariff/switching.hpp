/// What a calendar says of an instant: which switch came last, and when the next one comes. No state, no memory: the
/// same instant always has the same answer, whatever way a clock took to it.
#pragma once

#include "meter/tariff/special_days.hpp"

namespace ferraris::meter {

/// Wall-clock time as seconds since 1970 of a clock without time zone.
using LocalSeconds = std::int64_t;

struct PastSwitch {
    std::uint8_t script{0};
    LocalSeconds at{0};
};

class Switching {
public:
    /// Looks back no further than this for a switch.
    static constexpr int kHorizonDays = 366;

    Switching(const CalendarSet& set, const SpecialDays& special_days, const LocalTimeRule& rule)
        : set_(set), special_days_(special_days), rule_(rule) {}

    /// The profile that `day` (days since 1970) goes by; null: the calendar has none for it. A special day whose
    /// profile the calendar does not know is a day of its week.
    [[nodiscard]] const DayProfile* profile_of(std::int64_t day) const;
    /// The last switch of `target` at or before `now`; nothing within the horizon.
    [[nodiscard]] std::optional<PastSwitch> last(SwitchTarget target, LocalSeconds now) const;
    /// When to look again: the first switch after `now`, or the end of the day if that is before.
    [[nodiscard]] LocalSeconds next(LocalSeconds now) const;

private:
    const CalendarSet& set_;
    const SpecialDays& special_days_;
    const LocalTimeRule& rule_;
};

}  // namespace ferraris::meter
