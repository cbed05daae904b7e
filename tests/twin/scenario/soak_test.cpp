// Some days of `make soak`, which has ninety.
#include "twin/scenario/soak.hpp"

#include <gtest/gtest.h>

#include <string>

#include "meter/profile/profile_status.hpp"
#include "twin/scenario/support.hpp"

namespace ferraris::twin::scenario::testing {
namespace {

TEST(Soak, KeepsEveryInvariantForSomeDays) {
    constexpr std::int64_t kDays = 6;
    for (const std::uint64_t seed : {1U, 2U}) {
        const SoakReport report = soak(seed, kDays, {});
        EXPECT_EQ(report.violation, "") << "make soak SEED=" << seed;
        EXPECT_EQ(report.seconds, kDays * 86'400);
        EXPECT_GT(report.faults, 50U);
        EXPECT_GT(report.losses_of_power, 3U);
        EXPECT_GT(report.rows, 200U);
        EXPECT_GT(report.visits, 5U);
    }
}

TEST(Soak, IsTheSameAgainFromItsSeed) {
    const SoakReport first = soak(7, 1, {});
    const SoakReport second = soak(7, 1, {});
    EXPECT_EQ(first.faults, second.faults);
    EXPECT_EQ(first.events, second.events);
    EXPECT_EQ(first.rows, second.rows);
}

// Each invariant against a meter that breaks it: a checker that finds nothing proves nothing.

/// Behind the first losses of power, when rows and events of every kind are there.
constexpr std::int64_t kBroken_s = 100'000;

meter::Instrument& inside(Stage& stage) { return const_cast<meter::Instrument&>(stage.device().instrument()); }

std::string violation_of(const Sabotage& sabotage) {
    const SoakReport report = soak(3, 6, {}, sabotage);
    EXPECT_GE(report.seconds, kBroken_s) << report.violation;
    return report.violation;
}

/// Once, in the first second with power from `kBroken_s` on.
template <class Break>
Sabotage once(Break&& broken) {
    return [broken, done = false](Stage& stage, std::int64_t second) mutable {
        if (done || second < kBroken_s) return;
        done = true;
        broken(inside(stage));
    };
}

std::uint32_t last_load_stamp(const meter::Instrument& instrument) {
    std::uint32_t stamp = 0;
    each_row(instrument, meter::ProfileIndex::load, [&](const meter::ProfileRow& row) { stamp = row.stamp; });
    return stamp;
}

#define EXPECT_FOUND(violation, what) EXPECT_NE((violation).find(what), std::string::npos) << (violation)

TEST(Soak, FindsALostMicrojoule) {
    const auto violation = violation_of(once([](meter::Instrument& instrument) {
        auto remainders = instrument.registers.remainders();
        std::uint32_t& microjoules = remainders[static_cast<std::size_t>(metrology::Energy::active_import)];
        if (microjoules != 0) --microjoules;
        instrument.registers.restore_remainders(remainders);
        instrument.self_check.mirror.keep_all(instrument.registers);
    }));
    EXPECT_FOUND(violation, "energy 0: ");
    EXPECT_FOUND(violation, " in the world");
}

TEST(Soak, FindsARegisterThatWentBack) {
    const auto violation = violation_of(once([](meter::Instrument& instrument) {
        auto counts = instrument.registers.counts(2);
        std::uint64_t& milliwatthours = counts[static_cast<std::size_t>(metrology::Energy::active_import)];
        milliwatthours /= 2;
        instrument.registers.restore(2, counts, instrument.registers.seconds(2));
        instrument.self_check.mirror.keep_all(instrument.registers);
    }));
    EXPECT_FOUND(violation, "energy 0: ");
}

TEST(Soak, FindsARowThatComesTwice) {
    EXPECT_FOUND(violation_of(once([](meter::Instrument& instrument) {
                     (void)instrument.capture_profile(meter::ProfileIndex::load, last_load_stamp(instrument));
                 })),
                 "comes twice");
}

TEST(Soak, FindsAGapWithoutAStatus) {
    EXPECT_FOUND(violation_of(once([](meter::Instrument& instrument) {
                     (void)instrument.capture_profile(meter::ProfileIndex::load, last_load_stamp(instrument) + 9000);
                 })),
                 "no status behind the gap");
}

TEST(Soak, FindsAStatusForNothing) {
    EXPECT_FOUND(violation_of([](Stage& stage, std::int64_t second) {
                     if (second >= kBroken_s) inside(stage).profiles.mark(meter::profile_status::kPowerDown);
                 }),
                 "for nothing");
}

TEST(Soak, FindsAnEventThatWasNotTold) {
    const auto violation = violation_of([](Stage& stage, std::int64_t second) {
        if (second < kBroken_s) return;
        board::Inputs inputs = stage.device().instrument().inputs.inputs();
        for (std::size_t i = 0; i < board::kInputCount; ++i) {
            inputs.levels.set(static_cast<board::Input>(i), false);
        }
        stage.device().sense(inputs);
    });
    EXPECT_FOUND(violation, " was told ");
}

TEST(Soak, FindsAnEventOfNothing) {
    EXPECT_FOUND(violation_of(once([](meter::Instrument& instrument) {
                     instrument.report({meter::Event::meter_cover_removed, 0, 0, 0});
                 })),
                 "Meter cover removed");
}

TEST(Soak, FindsAnEventThatIsToldTwice) {
    EXPECT_FOUND(violation_of(once([](meter::Instrument& instrument) {
                     instrument.report({meter::Event::power_up, 0, 0, 0});
                 })),
                 "Power up");
}

}  // namespace
}  // namespace ferraris::twin::scenario::testing
