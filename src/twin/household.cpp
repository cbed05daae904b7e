#include "twin/household.hpp"

#include <algorithm>
#include <array>
#include <limits>

namespace ferraris::twin {
namespace {

constexpr std::int64_t kSecondsPerDay = 86'400;
/// The people live by Central European winter time.
constexpr std::int64_t kLocalOffset = 3600;
/// Saturday and Sunday of a week that counts from Monday.
constexpr std::uint8_t kSaturday = 6;

/// A well mixed number of two: the same on every machine (the finaliser of SplitMix64).
std::uint64_t mix(std::uint64_t seed, std::uint64_t index) {
    std::uint64_t z = seed + (index + 1) * 0x9E3779B97F4A7C15U;
    z = (z ^ (z >> 30U)) * 0xBF58476D1CE4E5B9U;
    z = (z ^ (z >> 27U)) * 0x94D049BB133111EBU;
    return z ^ (z >> 31U);
}

class Dice {
public:
    explicit Dice(std::uint64_t seed) : seed_(seed) {}
    std::uint32_t between(std::uint32_t least, std::uint32_t most) {
        return least + static_cast<std::uint32_t>(mix(seed_, index_++) % (most - least + 1));
    }
    bool one_in(std::uint32_t n) { return between(1, n) == 1; }

private:
    std::uint64_t seed_;
    std::uint64_t index_{0};
};

/// A number that wanders between -`span` and `span`, a new aim every `step` seconds.
std::int64_t wander(std::uint64_t seed, std::int64_t time, std::int64_t step, std::int64_t span) {
    const auto aim = [&](std::int64_t index) {
        return static_cast<std::int64_t>(mix(seed, static_cast<std::uint64_t>(index)) %
                                         static_cast<std::uint64_t>(2 * span + 1)) -
               span;
    };
    const std::int64_t index = time / step;
    const std::int64_t into = time % step;
    return (aim(index) * (step - into) + aim(index + 1) * into) / step;
}

/// An appliance of every home: when in the day it comes into use, how often, for how long.
struct Habit {
    std::uint32_t earliest_min{0}, latest_min{0};  ///< of the local day
    std::uint32_t shortest_s{0}, longest_s{0};
    std::uint32_t cycle_s{0}, on_s{0};
    std::int32_t watts{0}, vars{0};
    std::uint32_t one_day_in{1};  ///< 1: every day
    bool at_weekends_only{false};
    bool then_turns{false};
};

constexpr std::array kHabits{
    Habit{6 * 60 + 10, 7 * 60, 140, 210, 1, 1, 2000, 0},                       // kettle in the morning
    Habit{12 * 60, 14 * 60, 140, 210, 1, 1, 2000, 0, 2},                       // kettle at noon
    Habit{16 * 60, 18 * 60, 140, 210, 1, 1, 2000, 0},                          // kettle in the afternoon
    Habit{20 * 60, 21 * 60 + 30, 140, 210, 1, 1, 2000, 0},                     // kettle in the evening
    Habit{6 * 60 + 20, 7 * 60 + 10, 120, 200, 1, 1, 850, 0},                   // toaster
    Habit{6 * 60, 6 * 60 + 30, 4500, 6300, 1, 1, 160, -12},                    // lights in the morning
    Habit{17 * 60, 18 * 60, 15'000, 19'000, 1, 1, 190, -16},                   // lights in the evening
    Habit{18 * 60, 18 * 60 + 50, 1800, 3000, 60, 27, 1800, 25},                // hob
    Habit{11 * 60 + 30, 12 * 60 + 20, 2400, 3600, 60, 30, 1900, 25, 1, true},  // hob and oven at weekends
    Habit{17 * 60 + 30, 18 * 60 + 20, 2400, 3600, 180, 70, 2300, 30, 3},       // oven
    Habit{18 * 60 + 30, 19 * 60, 240, 420, 1, 1, 1250, 130, 2},                // microwave
    Habit{19 * 60, 19 * 60 + 40, 9000, 13'000, 1, 1, 115, -35},                // television
    Habit{8 * 60, 15 * 60, 9000, 18'000, 1, 1, 95, -30},                       // computer
    Habit{9 * 60, 15 * 60, 900, 1100, 1, 1, 2050, 20, 2, false, true},         // washing: heating
    Habit{20 * 60, 20 * 60 + 40, 1000, 1300, 1, 1, 2000, 10, 2},               // dishwasher: heating
    Habit{20 * 60 + 40, 21 * 60 + 10, 2400, 3000, 60, 40, 120, 90, 2},         // dishwasher: pump
    Habit{9 * 60, 16 * 60, 900, 1800, 1, 1, 1300, 240, 4},                     // vacuum cleaner
    Habit{22 * 60 + 5, 22 * 60 + 20, 3600, 5700, 1, 1, 2000, 0},               // water heater, by the low tariff
};

constexpr std::int32_t kStandbyWatts = 55;
constexpr std::int32_t kStandbyVars = -48;
constexpr std::int32_t kFridgeWatts = 82;
constexpr std::int32_t kFridgeVars = 74;
/// Resistance of the way to the transformer: the mains sags under the load.
constexpr std::int64_t kMainsMilliohms = 350;
constexpr std::int64_t kNominalMillivolts = 231'000;

}  // namespace

Household::Household(std::uint64_t seed, std::uint32_t photovoltaic_peak_watts)
    : seed_(mix(seed, 0)),
      photovoltaic_peak_watts_(photovoltaic_peak_watts),
      planned_day_(std::numeric_limits<std::int64_t>::min()) {}

void Household::plan_day(std::int64_t day) {
    planned_day_ = day;
    uses_.clear();
    Dice dice(mix(seed_, static_cast<std::uint64_t>(day)));
    const bool weekend = weekday_from_days(day) >= kSaturday;
    for (const Habit& habit : kHabits) {
        const bool today = dice.one_in(habit.one_day_in) && (weekend || !habit.at_weekends_only);
        Use use;
        use.begin_s = dice.between(habit.earliest_min * 60, habit.latest_min * 60);
        use.end_s = use.begin_s + dice.between(habit.shortest_s, habit.longest_s);
        use.cycle_s = habit.cycle_s;
        use.on_s = habit.on_s;
        // The same appliance draws a little more or less from home to home and from day to day.
        use.watts = habit.watts * static_cast<std::int32_t>(dice.between(93, 107)) / 100;
        use.vars = habit.vars;
        if (!today) continue;
        uses_.push_back(use);
        // A washing machine turns long after its water is warm.
        if (habit.then_turns) uses_.push_back({use.end_s, use.end_s + 4200, 20, 13, 230, 210});
    }
}

metrology::Measurement Household::second(UtcTime end) {
    const std::int64_t time = std::max<std::int64_t>(end.seconds() - 1 + kLocalOffset, 0);
    const std::int64_t day = time / kSecondsPerDay;
    const auto second_of_day = static_cast<std::uint32_t>(time % kSecondsPerDay);
    if (day != planned_day_) plan_day(day);

    std::int64_t watts = kStandbyWatts;
    std::int64_t vars = kStandbyVars;
    // The compressor runs a third of the time; its rhythm is the home's own.
    const auto rhythm = static_cast<std::int64_t>(2400 + seed_ % 900);
    if ((time + static_cast<std::int64_t>(seed_ % 2000)) % rhythm < rhythm * 36 / 100) {
        watts += kFridgeWatts;
        vars += kFridgeVars;
    }
    for (const Use& use : uses_) {
        if (second_of_day < use.begin_s || second_of_day >= use.end_s) continue;
        if ((second_of_day - use.begin_s) % use.cycle_s >= use.on_s) continue;
        watts += use.watts;
        vars += use.vars;
    }
    Mains mains;
    const std::int64_t flicker =
        static_cast<std::int64_t>(mix(seed_ ^ 0x55, static_cast<std::uint64_t>(time)) % 21) - 10;
    mains.active_power_milliwatts = watts * (1000 + flicker) - sunshine_milliwatts(day, second_of_day);
    mains.reactive_power_millivars = vars * (1000 + flicker);
    const std::int64_t open_millivolts = kNominalMillivolts + wander(seed_ ^ 0xAA, time, 240, 2600);
    const std::int64_t sag_millivolts = mains.active_power_milliwatts * kMainsMilliohms / kNominalMillivolts;
    mains.voltage_millivolts = static_cast<std::uint32_t>(open_millivolts - sag_millivolts);
    mains.frequency_millihertz = static_cast<std::uint32_t>(50'000 + wander(0x50, time, 30, 25));
    return measure_second(mains);
}

/// A parabola from sunrise to sunset, longer and higher in summer, under clouds that change by the five minutes.
std::int64_t Household::sunshine_milliwatts(std::int64_t day, std::uint32_t second_of_day) const {
    if (photovoltaic_peak_watts_ == 0) return 0;
    const CivilTime date = civil_from_utc(UtcTime::from_seconds(day * kSecondsPerDay));
    // 0 at the turn of the year to 6 in the middle of it.
    const std::int64_t summer = date.month <= 6 ? date.month : 12 - date.month;
    const std::int64_t half_day = (std::int64_t{240} + summer * 40) * 60;
    const std::int64_t from_noon = static_cast<std::int64_t>(second_of_day) - std::int64_t{43200};
    if (from_noon <= -half_day || from_noon >= half_day) return 0;
    const std::int64_t clear_permille = 1000 - 1000 * from_noon * from_noon / (half_day * half_day);
    const std::int64_t season_permille = 350 + summer * 105;
    const std::int64_t clouds_permille = 650 + wander(seed_ ^ 0xC0, day * kSecondsPerDay + second_of_day, 300, 350);
    return std::int64_t{photovoltaic_peak_watts_} * clear_permille / 1000 * season_permille / 1000 * clouds_permille;
}

}  // namespace ferraris::twin
