#include "meter/demand/demand.hpp"

#include <rapidcheck.h>

#include <map>

#include "dlms/date_time.hpp"
#include "meter/fixture.hpp"
#include "meter/profile/profile_status.hpp"

namespace ferraris::meter {
namespace {

using dlms::ActionResult;
using dlms::DataAccessResult;
using dlms::obis;
using testing::Bench;
using testing::plus_seconds;
using testing::utc;

constexpr std::size_t kImportIndex = 0;

std::vector<std::uint8_t> double_long_unsigned(std::uint32_t value) {
    return {0x06, static_cast<std::uint8_t>(value >> 24U), static_cast<std::uint8_t>(value >> 16U),
            static_cast<std::uint8_t>(value >> 8U), static_cast<std::uint8_t>(value)};
}

std::vector<std::uint8_t> long_unsigned(std::uint16_t value) {
    return {0x12, static_cast<std::uint8_t>(value >> 8U), static_cast<std::uint8_t>(value)};
}

DataAccessResult set_periods(Bench& bench, std::uint32_t period_s, std::uint16_t count) {
    const auto first = bench.write(kUtilitySap, {5, obis(1, 0, 1, 4, 0), 8}, double_long_unsigned(period_s));
    if (first != DataAccessResult::success) return first;
    return bench.write(kUtilitySap, {5, obis(1, 0, 1, 4, 0), 9}, long_unsigned(count));
}

DataAccessResult set_meter_clock(Bench& bench, UtcTime time) {
    std::vector<std::uint8_t> value{0x09, 0x0C};
    const auto octets = dlms::encode(dlms::from_utc(time, 0, 0));
    value.insert(value.end(), octets.begin(), octets.end());
    return bench.write(kUtilitySap, {8, obis(0, 0, 1, 0, 0), 2}, value);
}

void power_cut(Bench& bench, std::int64_t seconds) {
    ASSERT_TRUE(bench.meter->power_fail(bench.now));
    bench.now = plus_seconds(bench.now, seconds);
    bench.power_up();
}

const Demand& demand(const Bench& bench) { return bench.meter->instrument().demand; }

/// What every second was like, and nothing else: the averages are worked out anew for each window.
class ReferenceDemand {
public:
    ReferenceDemand(std::uint32_t period_s, std::uint32_t count) : period_s_(period_s), window_s_(period_s * count) {}

    void second(std::int64_t clock, std::uint64_t microjoules, Rate rate) {
        fed_ += microjoules;
        seconds_[clock] = {fed_, rate};
        if (clock % period_s_ != 0) return;
        const auto before = seconds_.find(clock - window_s_);
        if (before == seconds_.end()) return;
        bool one_rate = true;
        for (std::int64_t at = clock - window_s_ + 1; at <= clock; ++at) {
            const auto found = seconds_.find(at);
            if (found == seconds_.end()) return;
            one_rate = one_rate && found->second.rate == rate;
        }
        const std::uint64_t milliwatthours =
            fed_ / kMicrojoulesPerMilliwatthour - before->second.fed / kMicrojoulesPerMilliwatthour;
        const auto milliwatts =
            static_cast<std::uint32_t>(milliwatthours * 3600 / static_cast<std::uint64_t>(window_s_));
        raise(0, milliwatts, clock);
        if (one_rate) raise(rate, milliwatts, clock);
    }
    /// Time before and time after have nothing to do with each other.
    void interrupted() { seconds_.clear(); }

    std::array<std::pair<std::uint32_t, std::int64_t>, kRateCount + 1> maxima{};

private:
    struct Second {
        std::uint64_t fed;
        Rate rate;
    };

    void raise(Rate rate, std::uint32_t milliwatts, std::int64_t stamp) {
        if (milliwatts > maxima[rate].first) maxima[rate] = {milliwatts, stamp};
    }

    std::int64_t period_s_;
    std::int64_t window_s_;
    std::uint64_t fed_{0};
    std::map<std::int64_t, Second> seconds_;
};

TEST(Demand, MaximaAreThoseOfAReferenceThatLooksAtEverySecond) {
    EXPECT_TRUE(rc::check([] {
        const auto period_s = *rc::gen::element<std::uint32_t>(60, 300, 900);
        const auto count = *rc::gen::inRange<std::uint16_t>(1, 5);
        // The tariffs change at 5:00 UTC.
        Bench bench(utc(2026, 1, 15, 4, 33, *rc::gen::inRange<std::uint8_t>(0, 60)));
        RC_ASSERT(set_periods(bench, period_s, count) == DataAccessResult::success);
        ReferenceDemand reference(period_s, count);
        const int segments = *rc::gen::inRange(2, 12);
        for (int i = 0; i < segments; ++i) {
            const auto watts = *rc::gen::inRange<std::uint64_t>(0, 18'400);
            const int seconds = *rc::gen::inRange(1, 1500);
            for (int s = 0; s < seconds; ++s) {
                const Rate rate = bench.meter->instrument().active_rate;
                bench.run(1, watts);
                reference.second(bench.meter->clock().seconds(), watts * 1'000'000, rate);
            }
            switch (*rc::gen::inRange(0, 6)) {
                case 0:
                    power_cut(bench, *rc::gen::inRange(1, 3000));
                    reference.interrupted();
                    break;
                case 1: {
                    const auto shift = *rc::gen::inRange(-2000, 2000);
                    RC_PRE(shift != 0);
                    RC_ASSERT(set_meter_clock(bench, plus_seconds(bench.meter->clock(), shift)) ==
                              DataAccessResult::success);
                    reference.interrupted();
                    break;
                }
                default:
                    break;
            }
            for (Rate rate = 0; rate <= kRateCount; ++rate) {
                const Maximum& maximum = demand(bench).maxima()[rate][kImportIndex];
                RC_ASSERT(maximum.milliwatts == reference.maxima[rate].first);
                RC_ASSERT(std::int64_t{maximum.stamp} == reference.maxima[rate].second);
            }
        }
    }));
}

TEST(Demand, AverageIsTheAdvanceOfTheRegisterOverItsBlock) {
    Bench bench(utc(2026, 1, 15, 10, 0));
    bench.run(900, 1000);
    EXPECT_EQ(demand(bench).last_status(), profile_status::kDataNotValid) << "the block in which the meter began";
    EXPECT_EQ(demand(bench).maxima()[0][kImportIndex], Maximum{});
    bench.run(450, 2000);
    EXPECT_EQ(demand(bench).current_average(kImportIndex, bench.meter->instrument().registers), 1'000'000U);
    bench.run(450, 4000);
    EXPECT_EQ(demand(bench).last_average(kImportIndex), 3'000'000U);
    EXPECT_EQ(demand(bench).last_status(), 0);
    const Maximum expected{3'000'000, static_cast<std::uint32_t>(utc(2026, 1, 15, 10, 30).seconds()), 0};
    EXPECT_EQ(demand(bench).maxima()[0][kImportIndex], expected);
    EXPECT_EQ(demand(bench).maxima()[2][kImportIndex], expected) << "10:30 is in the high tariff";
    EXPECT_EQ(demand(bench).maxima()[3][kImportIndex], Maximum{});
}

TEST(Demand, SlidingWindowFindsThePeakThatBlocksCutInTwo) {
    Bench bench(utc(2026, 1, 15, 9, 0));
    ASSERT_EQ(set_periods(bench, 300, 3), DataAccessResult::success);
    bench.run(3600 + 600, 0);
    bench.run(900, 5000);  // 10:10 to 10:25
    bench.run(1200, 0);
    const Maximum& maximum = demand(bench).maxima()[0][kImportIndex];
    EXPECT_EQ(maximum.milliwatts, 5'000'000U);
    EXPECT_EQ(maximum.stamp, utc(2026, 1, 15, 10, 25).seconds());
}

TEST(Demand, CutIntervalsSayWhyAndAreNoMaximum) {
    Bench bench(utc(2026, 1, 15, 10, 0));
    bench.run(1800 + 300, 100);
    const Maximum before = demand(bench).maxima()[0][kImportIndex];
    bench.run(60, 18'000);
    power_cut(bench, 60);
    bench.run(900 - 420, 18'000);  // to 10:45
    EXPECT_EQ(demand(bench).last_stamp(), utc(2026, 1, 15, 10, 45).seconds());
    EXPECT_TRUE((demand(bench).last_status() & profile_status::kPowerDown) != 0);
    EXPECT_EQ(demand(bench).maxima()[0][kImportIndex], before);

    bench.run(300, 18'000);
    ASSERT_EQ(set_meter_clock(bench, plus_seconds(bench.meter->clock(), -120)), DataAccessResult::success);
    bench.run(720, 18'000);  // to 11:00 by the meter, 17 minutes of mains
    EXPECT_EQ(demand(bench).last_stamp(), utc(2026, 1, 15, 11, 0).seconds());
    EXPECT_TRUE((demand(bench).last_status() & profile_status::kClockAdjusted) != 0);
    EXPECT_EQ(demand(bench).maxima()[0][kImportIndex], before) << "17 minutes are not 15";
    bench.run(900, 18'000);
    EXPECT_EQ(demand(bench).maxima()[0][kImportIndex].milliwatts, 18'000'000U);
}

TEST(Demand, PeriodInWhichTheTariffChangedCountsForTheTotalOnly) {
    // By local time the high tariff ends at 13:00, which is 12:00 UTC; periods of an hour that end at 12:30 do not
    // exist, so three of 20 minutes slide over the change.
    Bench bench(utc(2026, 1, 15, 10, 40));
    ASSERT_EQ(set_periods(bench, 1200, 3), DataAccessResult::success);
    bench.run(3600 + 1200, 1000);  // to 12:00
    ASSERT_EQ(demand(bench).maxima()[2][kImportIndex].milliwatts, 1'000'000U);
    bench.run(1200, 4000);  // to 12:20: one third is low tariff
    EXPECT_EQ(demand(bench).maxima()[0][kImportIndex].milliwatts, 2'000'000U);
    EXPECT_EQ(demand(bench).maxima()[2][kImportIndex].milliwatts, 1'000'000U);
    EXPECT_EQ(demand(bench).maxima()[3][kImportIndex], Maximum{});
    bench.run(2400, 1000);
    EXPECT_EQ(demand(bench).maxima()[3][kImportIndex].milliwatts, 2'000'000U);
}

TEST(Demand, MaximaOutliveAKill) {
    Bench bench(utc(2026, 1, 15, 10, 0));
    bench.run(1800, 3000);
    const Maximum before = demand(bench).maxima()[0][kImportIndex];
    ASSERT_EQ(before.milliwatts, 3'000'000U);
    bench.power_up();
    EXPECT_EQ(demand(bench).maxima()[0][kImportIndex], before);
}

TEST(Demand, RefusesPeriodsThatCannotBe) {
    Bench bench;
    for (const std::uint32_t period : {0U, 59U, 90U, 420U, 3601U, 7200U}) {
        EXPECT_EQ(set_periods(bench, period, 1), DataAccessResult::other_reason) << period;
    }
    EXPECT_EQ(set_periods(bench, 900, 0), DataAccessResult::other_reason);
    EXPECT_EQ(set_periods(bench, 900, 16), DataAccessResult::other_reason);
    EXPECT_EQ(bench.write(kUtilitySap, {5, obis(1, 0, 1, 4, 0), 8}, long_unsigned(900)),
              DataAccessResult::type_unmatched);
    EXPECT_EQ(bench.write(kTechnicianSap, {5, obis(1, 0, 1, 4, 0), 8}, double_long_unsigned(900)),
              DataAccessResult::read_write_denied);
    EXPECT_EQ(demand(bench).periods(), DemandPeriods{});
    ASSERT_EQ(set_periods(bench, 300, 3), DataAccessResult::success);
    bench.power_up();
    EXPECT_EQ(demand(bench).periods(), (DemandPeriods{300, 3}));
}

TEST(Demand, ObjectsShowItWithHonestUnits) {
    Bench bench(utc(2026, 1, 15, 10, 0));
    bench.run(1800, 3000);
    const auto last = bench.read(kReaderSap, {5, obis(1, 0, 1, 4, 0), 3});
    EXPECT_EQ(last, double_long_unsigned(3'000'000));
    EXPECT_EQ(bench.read(kReaderSap, {3, obis(1, 0, 1, 5, 0), 2}), last);
    EXPECT_EQ(bench.read(kReaderSap, {4, obis(1, 0, 1, 6, 2), 2}), last);
    // structure of scaler (integer) -3 and unit (enum): 27 W, 29 var, 28 VA
    EXPECT_EQ(bench.read(kReaderSap, {4, obis(1, 0, 1, 6, 0), 3}), testing::octets("02020ffd161b"));
    EXPECT_EQ(bench.read(kReaderSap, {5, obis(1, 0, 3, 4, 0), 4}), testing::octets("02020ffd161d"));
    EXPECT_EQ(bench.read(kReaderSap, {3, obis(1, 0, 10, 5, 0), 3}), testing::octets("02020ffd161c"));
    // 2026-01-15, Thursday, 11:30:00 local, deviation -60, no status bit
    EXPECT_EQ(bench.read(kReaderSap, {4, obis(1, 0, 1, 6, 0), 5}), testing::octets("090c07ea010f040b1e0000ffc400"));
    // not specified: there was no export
    EXPECT_EQ(bench.read(kReaderSap, {4, obis(1, 0, 2, 6, 0), 5}), testing::octets("090cffffffffffffffffff8000ff"));
}

TEST(Demand, NextPeriodEndsTheOneThatRunsForNoMaximum) {
    Bench bench(utc(2026, 1, 15, 10, 0));
    bench.run(1800, 1000);
    bench.run(60, 18'000);
    const std::vector<std::uint8_t> zero{0x0F, 0x00};
    ASSERT_EQ(bench.invoke(kUtilitySap, {5, obis(1, 0, 1, 4, 0), 2}, zero), ActionResult::success);
    EXPECT_EQ(demand(bench).last_average(kImportIndex), 1'200'000U) << "18 kW for a fifteenth of the period";
    EXPECT_TRUE((demand(bench).last_status() & profile_status::kDataNotValid) != 0);
    EXPECT_EQ(demand(bench).maxima()[0][kImportIndex].milliwatts, 1'000'000U);
    ASSERT_EQ(bench.invoke(kUtilitySap, {5, obis(1, 0, 1, 4, 0), 1}, zero), ActionResult::success);
    EXPECT_EQ(demand(bench).last_average(kImportIndex), 0U);
    EXPECT_EQ(demand(bench).last_stamp(), 0U);
    bench.run(840, 18'000);
    EXPECT_EQ(demand(bench).maxima()[0][kImportIndex].milliwatts, 1'000'000U) << "14 minutes are not 15";
}

}  // namespace
}  // namespace ferraris::meter
