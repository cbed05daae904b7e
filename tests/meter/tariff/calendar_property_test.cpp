#include <gtest/gtest.h>
#include <rapidcheck.h>

#include <algorithm>
#include <random>

#include "meter/tariff/reference_calendar.hpp"
#include "meter/tariff/support.hpp"
#include "meter/tariff/tariff_control.hpp"

namespace ferraris::meter {
namespace {

using testing::ReferenceCalendar;
using testing::utc;

class Random {
public:
    explicit Random(std::uint32_t seed) : engine_(seed) {}
    int below(int bound) { return static_cast<int>(engine_() % static_cast<std::uint32_t>(bound)); }
    std::uint8_t octet(int from, int until) { return static_cast<std::uint8_t>(from + below(until - from + 1)); }

private:
    std::mt19937 engine_;
};

CalendarName numbered(char letter, std::size_t number) {
    CalendarName name;
    (void)name.push_back(static_cast<std::uint8_t>(letter));
    (void)name.push_back(static_cast<std::uint8_t>('A' + number));
    return name;
}

/// Dates of all kinds of the Blue Book: fixed, in one year, last and second last days, the last Sunday, changes of
/// daylight saving, leap days.
dlms::Date random_start(Random& random) {
    dlms::Date date;
    date.month = random.octet(1, 12);
    switch (random.below(7)) {
        case 0:
            date.day_of_month = dlms::kLastDay;
            date.day_of_week = random.octet(1, 7);
            break;
        case 1:
            date.day_of_month = random.below(2) == 0 ? dlms::kLastDay : dlms::kSecondLastDay;
            break;
        case 2:
            date.month = random.below(2) == 0 ? dlms::kMonthDaylightSavingsBegin : dlms::kMonthDaylightSavingsEnd;
            break;
        case 3:
            date.month = 2;
            date.day_of_month = 29;
            break;
        case 4:
            date.year = static_cast<std::uint16_t>(2023 + random.below(4));
            date.day_of_month = random.octet(1, 28);
            break;
        default:
            date.day_of_month = random.octet(1, 28);
    }
    return date;
}

dlms::Date random_special(Random& random) {
    dlms::Date date = random_start(random);
    if (date.month > 12) date.month = 12;
    if (random.below(4) == 0) date.day_of_month = date.day_of_week = dlms::kNotSpecified;
    if (random.below(6) == 0) date.month = dlms::kNotSpecified;
    if (random.below(3) == 0) date.day_of_week = random.octet(1, 7);
    return date;
}

CalendarSet random_calendar(Random& random) {
    CalendarSet set;
    const int days = 1 + random.below(6);
    for (int d = 0; d < days; ++d) {
        DayProfile day{static_cast<std::uint8_t>(d), 0, static_cast<std::uint16_t>(set.switches.size())};
        // Some days switch nothing: what holds goes on.
        const int count = random.below(5) == 0 ? 0 : random.below(17);
        for (int i = 0; i < count; ++i) {
            Switch change{random.octet(0, 23), random.octet(0, 59),
                          random.below(2) == 0 ? std::uint8_t{0} : random.octet(0, 59)};
            change.target = random.below(4) == 0 ? SwitchTarget::relay : SwitchTarget::tariff;
            change.script = change.target == SwitchTarget::relay ? random.octet(1, 2) : random.octet(1, 6);
            const auto taken = set.switches_of(day);
            const bool twice = std::ranges::any_of(taken, [&](const Switch& other) {
                return other.target == change.target && other.second_of_day() == change.second_of_day();
            });
            if (twice) continue;
            (void)set.switches.push_back(change);
            ++day.count;
        }
        (void)set.days.push_back(day);
    }
    // One day at least has a switch before 6:00, so that the reference has something to begin with.
    (void)set.switches.push_back({5, 59, 58, SwitchTarget::tariff, 4});
    (void)set.days.push_back({static_cast<std::uint8_t>(days), 1, static_cast<std::uint16_t>(set.switches.size() - 1)});
    const int weeks = 1 + random.below(4);
    for (int w = 0; w < weeks; ++w) {
        WeekProfile week{numbered('W', static_cast<std::size_t>(w)), {}};
        for (std::uint8_t& day : week.days) day = random.octet(0, days);
        week.days[static_cast<std::size_t>(random.below(7))] = static_cast<std::uint8_t>(days);
        (void)set.weeks.push_back(week);
    }
    const int seasons = 1 + random.below(6);
    for (int s = 0; s < seasons; ++s) {
        Season season{numbered('S', static_cast<std::size_t>(s)),
                      {},
                      set.weeks[static_cast<std::size_t>(random.below(weeks))].name};
        season.start.date = s == 0 && random.below(2) == 0 ? dlms::Date{} : random_start(random);
        const bool twice = std::ranges::any_of(
            set.seasons, [&](const Season& other) { return other.start.date == season.start.date; });
        if (!twice) (void)set.seasons.push_back(season);
    }
    return set;
}

SpecialDays random_special_days(Random& random) {
    SpecialDays table;
    const int count = random.below(8);
    for (int i = 0; i < count; ++i) {
        (void)insert(table, {static_cast<std::uint16_t>(random.below(12)), random_special(random), random.octet(0, 8)});
    }
    return table;
}

TEST(CalendarProperty, AgreesWithAReferenceThatGoesDayByDay) {
    testing::MemoryFlash flash;
    EXPECT_TRUE(rc::check([&](std::uint32_t seed) {
        Random random(seed);
        const CalendarSet set = random_calendar(random);
        const SpecialDays special = random_special_days(random);
        const ReferenceCalendar reference(set, special, 2015, 2028);

        flash = testing::MemoryFlash();
        ParameterStore store(flash, kParameterRegion);
        TariffControl control(flash, kTariffRegion);
        RC_ASSERT(store.recover() && control.recover(store));
        RC_ASSERT(control.store_passive(set) && control.activate() == Activation::done);
        RC_ASSERT(control.store_special_days(special));

        MeterClock clock;
        std::int64_t now = utc(2022, 12, 30).seconds() + random.below(4 * 365) * 86400LL;
        for (int step = 0; step < 120; ++step) {
            // Seconds, minutes, hours, days; sometimes back; sometimes to a night on which clocks change.
            constexpr std::array kStrides{1, 60, 3600, 86400, 40 * 86400};
            const int stride = kStrides[static_cast<std::size_t>(random.below(kStrides.size()))];
            const int way = random.below(12);
            if (way == 0) {
                const int year = 2022 + random.below(5);
                const auto night = testing::calendar::last_sunday(year, random.below(2) == 0 ? 3 : 10);
                now = night.time_since_epoch().count() * 86400LL + random.below(3 * 3600);
            } else {
                now += (way < 3 ? -1 : 1) * std::int64_t{1 + random.below(stride)};
            }
            clock.observe(UtcTime::from_seconds(now));
            if (control.due(clock)) control.follow(store, clock);
            const std::int64_t local = testing::calendar::central_european(now);
            const auto tariff = reference.at(SwitchTarget::tariff, local, Switching::kHorizonDays);
            RC_ASSERT(int{control.rate()} == int{tariff.value_or(control.fallback())});
            const auto relay = reference.at(SwitchTarget::relay, local, Switching::kHorizonDays);
            RC_ASSERT(control.relay_closed() == (relay.value_or(kOpenRelay) == kCloseRelay));
        }
    }));
}

TEST(CalendarProperty, TheLastSecondOfATariffCountsInIt) {
    EXPECT_TRUE(rc::check([](std::uint32_t seed) {
        Random random(seed);
        const CalendarSet set = random_calendar(random);
        testing::Bench bench(UtcTime::from_seconds(utc(2026, 3, 29, 0, 45).seconds() + random.below(20) * 3600));
        RC_ASSERT(testing::send_passive(bench, set) == dlms::DataAccessResult::success);
        RC_ASSERT(testing::activate(bench) == dlms::ActionResult::success);
        const ReferenceCalendar reference(set, {}, 2015, 2026);
        std::array<std::uint64_t, kRateCount + 1> expected{};
        // On the day on which daylight saving begins, or over its begin: a second counts in the tariff in which it
        // began.
        constexpr int kSeconds = 1500;
        for (int second = 0; second < kSeconds; ++second) {
            const std::int64_t begin = bench.now.seconds();
            const auto rate = reference.at(SwitchTarget::tariff, testing::calendar::central_european(begin), 366);
            RC_PRE(rate.has_value());
            expected[*rate] += 3600 * 1'000'000ULL;
            bench.run(1, 3600);
        }
        std::uint64_t sum = 0;
        for (Rate rate = 1; rate <= kRateCount; ++rate) {
            const std::uint64_t counted = bench.meter->instrument().registers.counts(rate)[0];
            RC_ASSERT(counted == expected[rate] / kMicrojoulesPerMilliwatthour);
            sum += counted;
        }
        RC_ASSERT(sum == kSeconds * 1000ULL);
    }));
}

}  // namespace
}  // namespace ferraris::meter
