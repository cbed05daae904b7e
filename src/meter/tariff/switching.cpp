#include "meter/tariff/switching.hpp"

#include <algorithm>

namespace ferraris::meter {
namespace {

constexpr std::int64_t kSecondsADay = 86400;

constexpr std::int64_t local_day(LocalSeconds time) {
    return time >= 0 ? time / kSecondsADay : -((-time + kSecondsADay - 1) / kSecondsADay);
}

}  // namespace

const DayProfile* Switching::profile_of(std::int64_t day) const {
    if (const auto special = special_day(special_days_, day, rule_)) {
        if (const DayProfile* const profile = set_.day(*special)) return profile;
    }
    // Of seasons that begin on one day by different rules the last one counts.
    const Season* running = nullptr;
    std::int64_t since = 0;
    for (const Season& season : set_.seasons) {
        const auto start = season_start(season.start, day, rule_);
        if (!start || (running != nullptr && *start < since)) continue;
        running = &season;
        since = *start;
    }
    const WeekProfile* const week = running != nullptr ? set_.week(running->week) : nullptr;
    return week != nullptr ? set_.day(week->days[weekday_from_days(day) - 1U]) : nullptr;
}

std::optional<PastSwitch> Switching::last(SwitchTarget target, LocalSeconds now) const {
    const bool any = std::ranges::any_of(set_.switches, [&](const Switch& each) { return each.target == target; });
    if (!any) return std::nullopt;
    const std::int64_t today = local_day(now);
    for (std::int64_t day = today; day > today - kHorizonDays; --day) {
        const DayProfile* const profile = profile_of(day);
        if (profile == nullptr) continue;
        const LocalSeconds midnight = day * kSecondsADay;
        const Switch* latest = nullptr;
        for (const Switch& each : set_.switches_of(*profile)) {
            if (each.target != target || midnight + each.second_of_day() > now) continue;
            if (latest == nullptr || each.second_of_day() > latest->second_of_day()) latest = &each;
        }
        if (latest != nullptr) return PastSwitch{latest->script, midnight + latest->second_of_day()};
    }
    return std::nullopt;
}

LocalSeconds Switching::next(LocalSeconds now) const {
    const std::int64_t today = local_day(now);
    const LocalSeconds midnight = today * kSecondsADay;
    LocalSeconds soonest = midnight + kSecondsADay;
    const DayProfile* const profile = profile_of(today);
    if (profile == nullptr) return soonest;
    for (const Switch& each : set_.switches_of(*profile)) {
        const LocalSeconds at = midnight + each.second_of_day();
        if (at > now) soonest = std::min(soonest, at);
    }
    return soonest;
}

}  // namespace ferraris::meter
