// The limiter, its emergencies and its actions, scripts and schedule of the supply, as a client and the load see them.
#include "meter/disconnect/limiter.hpp"

#include <gtest/gtest.h>
#include <rapidcheck.h>

#include <array>
#include <random>

#include "meter/disconnect/fake_relay.hpp"
#include "meter/disconnect/reference_limiter.hpp"
#include "meter/fixture.hpp"
#include "meter/objects/classes.hpp"

namespace ferraris::meter {
namespace {

using dlms::ActionResult;
using dlms::DataAccessResult;
using dlms::obis;
using testing::FakeRelay;
using testing::octets;
using testing::plus_seconds;
using testing::ReferenceLimiter;

constexpr dlms::LogicalName kLimiter = obis(0, 0, 17, 0, 0);
constexpr dlms::LogicalName kSchedule = obis(0, 0, 15, 0, 1);

template <class Fill>
std::vector<std::uint8_t> encode(Fill&& fill) {
    std::array<std::uint8_t, 512> buffer{};
    ByteWriter out(buffer);
    dlms::DataWriter data(out);
    fill(data);
    return {out.written().begin(), out.written().end()};
}

class LimiterBench : public testing::Bench {
public:
    explicit LimiterBench(UtcTime from = testing::utc(2026, 1, 15, 10)) : Bench(from) {
        supply_relay = &relay;
        power_up();
    }
    DataAccessResult set(std::int8_t attribute, const std::vector<std::uint8_t>& value,
                         std::uint16_t sap = kUtilitySap) {
        return write(sap, {71, kLimiter, attribute}, value);
    }
    DataAccessResult set_number(std::int8_t attribute, std::uint32_t number) {
        return set(attribute, encode([number](dlms::DataWriter& data) { data.double_long_unsigned(number); }));
    }
    DataAccessResult set_profile(std::uint16_t id, UtcTime begin, std::uint32_t duration_s) {
        const auto time = dlms::encode(meter->instrument().clock.rule.date_time(begin, 0));
        return set(8, encode([&](dlms::DataWriter& data) {
                       data.structure(3);
                       data.long_unsigned(id);
                       data.octet_string(time);
                       data.double_long_unsigned(duration_s);
                   }));
    }
    DataAccessResult set_groups(const std::vector<std::uint16_t>& groups) {
        return set(9, encode([&](dlms::DataWriter& data) {
                       data.array(groups.size());
                       for (const std::uint16_t group : groups) data.long_unsigned(group);
                   }));
    }
    DataAccessResult set_actions(std::uint16_t over, std::uint16_t under,
                                 const dlms::LogicalName& table = kSupplyScriptTable) {
        return set(11, encode([&](dlms::DataWriter& data) {
                       data.structure(2);
                       for (const std::uint16_t script : {over, under}) {
                           data.structure(2);
                           data.octet_string(table);
                           data.long_unsigned(script);
                       }
                   }));
    }
    std::uint32_t number(std::int8_t attribute) {
        const auto value = read(kReaderSap, {71, kLimiter, attribute});
        return dlms::DataReader(value).double_long_unsigned();
    }
    bool emergency() { return dlms::DataReader(read(kReaderSap, {71, kLimiter, 10})).boolean(); }
    ActionResult script(std::uint16_t number) {
        return invoke(kUtilitySap, {9, kSupplyScriptTable, 1},
                      encode([number](dlms::DataWriter& data) { data.long_unsigned(number); }));
    }
    void press() {
        meter->press(board::Button::relay, true);
        meter->press(board::Button::relay, false);
    }
    /// Seconds in which the load wants `watts` and gets them through a closed contact.
    void live(int seconds, std::uint64_t watts) {
        for (int i = 0; i < seconds; ++i) run(1, relay.closed ? watts : 0);
    }
    int state() { return static_cast<int>(meter->instrument().disconnector.state()); }
    std::uint32_t count(int event) { return meter->instrument().event_logs.count(static_cast<Event>(event)); }

    FakeRelay relay;
};

TEST(Limiter, DisconnectsAfterItsTimeAndReconnectsAfterItsTime) {
    LimiterBench bench;
    ASSERT_EQ(bench.set_number(4, 3'000'000), DataAccessResult::success);
    ASSERT_EQ(bench.set_number(6, 10), DataAccessResult::success);
    ASSERT_EQ(bench.set_number(7, 20), DataAccessResult::success);
    ASSERT_EQ(bench.set_actions(1, 2), DataAccessResult::success);
    bench.live(9, 3500);
    bench.live(1, 3000);
    bench.live(9, 3500);
    EXPECT_TRUE(bench.relay.closed) << "it has to last, and on the threshold is not over it";
    bench.live(1, 3500);
    EXPECT_FALSE(bench.relay.closed);
    EXPECT_EQ(bench.state(), 2);
    EXPECT_EQ(bench.count(65), 1U);
    EXPECT_EQ(bench.count(64), 1U);
    bench.live(19, 3500);
    EXPECT_FALSE(bench.relay.closed);
    bench.live(1, 3500);
    EXPECT_TRUE(bench.relay.closed);
    EXPECT_EQ(bench.count(69), 1U);
    EXPECT_EQ(bench.count(66), 1U);
}

TEST(Limiter, OnlyTellsWhereItHasNoAction) {
    LimiterBench bench;
    ASSERT_EQ(bench.set_number(4, 3'000'000), DataAccessResult::success);
    bench.live(60, 9000);
    EXPECT_EQ(bench.count(65), 1U);
    EXPECT_EQ(bench.state(), 1);
}

TEST(Limiter, WhoConnectsAgainAndGoesOnIsDisconnectedAgain) {
    LimiterBench bench;
    ASSERT_EQ(bench.set_number(4, 3'000'000), DataAccessResult::success);
    ASSERT_EQ(bench.set_number(6, 10), DataAccessResult::success);
    ASSERT_EQ(bench.set_number(7, 300), DataAccessResult::success);
    ASSERT_EQ(bench.set_actions(1, 2), DataAccessResult::success);
    bench.live(10, 5000);
    ASSERT_FALSE(bench.relay.closed);
    bench.press();
    ASSERT_TRUE(bench.relay.closed);
    bench.live(10, 5000);
    EXPECT_FALSE(bench.relay.closed);
    EXPECT_EQ(bench.count(65), 1U) << "it never ended";
    EXPECT_EQ(bench.count(64), 2U);
}

TEST(Limiter, TakesBackOnlyWhatItDid) {
    LimiterBench bench;
    ASSERT_EQ(bench.set_number(4, 3'000'000), DataAccessResult::success);
    ASSERT_EQ(bench.set_number(6, 10), DataAccessResult::success);
    ASSERT_EQ(bench.set_number(7, 20), DataAccessResult::success);
    ASSERT_EQ(bench.set_actions(1, 2), DataAccessResult::success);
    bench.live(10, 5000);
    ASSERT_EQ(bench.state(), 2);
    EXPECT_EQ(bench.script(1), ActionResult::success) << "somebody else wants it open, too";
    bench.live(100, 5000);
    EXPECT_EQ(bench.state(), 2);
    bench.press();
    bench.live(5, 5000);
    bench.press();
    ASSERT_EQ(bench.state(), 2) << "a person opened it, to work behind it";
    bench.live(100, 5000);
    EXPECT_EQ(bench.state(), 2);
}

TEST(Limiter, NormalThresholdAndContractedPowerAreOne) {
    LimiterBench bench;
    ASSERT_EQ(bench.set_number(4, 3'000'000), DataAccessResult::success);
    const auto contracted = bench.read(kReaderSap, {3, obis(1, 0, 1, 35, 0), 2});
    EXPECT_EQ(dlms::DataReader(contracted).double_long_unsigned(), 3'000'000U);
    ASSERT_EQ(bench.write(kUtilitySap, {3, obis(1, 0, 1, 35, 0), 2}, octets("0600000001")), DataAccessResult::success);
    EXPECT_EQ(bench.number(4), 1U);
    EXPECT_EQ(bench.number(3), 1U);
    EXPECT_EQ(bench.count(67), 2U);
}

TEST(Limiter, AnEmergencyHasItsThresholdForItsTime) {
    LimiterBench bench;
    ASSERT_EQ(bench.set_number(4, 6'000'000), DataAccessResult::success);
    ASSERT_EQ(bench.set_number(5, 1'000'000), DataAccessResult::success);
    ASSERT_EQ(bench.set_number(6, 5), DataAccessResult::success);
    ASSERT_EQ(bench.set_actions(1, 0), DataAccessResult::success);
    ASSERT_EQ(bench.set_profile(7, plus_seconds(bench.now, 100), 50), DataAccessResult::success);
    ASSERT_EQ(bench.set_groups({3, 4}), DataAccessResult::success);
    bench.live(120, 2000);
    EXPECT_EQ(bench.state(), 1) << "this meter is not in group 7";
    ASSERT_EQ(bench.set_groups({3, 7}), DataAccessResult::success);
    EXPECT_TRUE(bench.emergency());
    EXPECT_EQ(bench.number(3), 1'000'000U);
    bench.live(5, 2000);
    EXPECT_EQ(bench.state(), 2);
    bench.live(24, 0);
    EXPECT_TRUE(bench.emergency());
    bench.live(1, 0);
    EXPECT_FALSE(bench.emergency()) << "50 s are over";
    EXPECT_EQ(bench.number(3), 6'000'000U);
    bench.live(1, 0);
    EXPECT_EQ(bench.count(67), 3U) << "written, begun, ended";
}

TEST(Limiter, AnEmergencyOutlivesALossOfPowerAndEndsInOne) {
    LimiterBench bench;
    ASSERT_EQ(bench.set_number(5, 1'000'000), DataAccessResult::success);
    ASSERT_EQ(bench.set_groups({7}), DataAccessResult::success);
    ASSERT_EQ(bench.set_profile(7, bench.now, 3600), DataAccessResult::success);
    bench.live(60, 0);
    ASSERT_TRUE(bench.meter->power_fail(bench.now));
    bench.power_up();
    EXPECT_TRUE(bench.emergency());
    bench.live(60, 0);
    EXPECT_EQ(bench.count(67), 1U) << "begun";
    ASSERT_TRUE(bench.meter->power_fail(bench.now));
    bench.now = plus_seconds(bench.now, 7200);
    bench.power_up();
    EXPECT_FALSE(bench.emergency());
    bench.live(1, 0);
    EXPECT_EQ(bench.count(67), 2U);
}

TEST(Limiter, TheAverageOfTheDemandPeriodCanBeLimited) {
    LimiterBench bench;
    ASSERT_EQ(bench.set_number(4, 2'000'000), DataAccessResult::success);
    ASSERT_EQ(bench.set_number(6, 0), DataAccessResult::success);
    ASSERT_EQ(bench.set_actions(1, 0), DataAccessResult::success);
    const auto average = encode([](dlms::DataWriter& data) {
        data.structure(3);
        data.long_unsigned(5);
        data.octet_string(obis(1, 0, 1, 4, 0));
        data.integer(2);
    });
    ASSERT_EQ(bench.set(2, average), DataAccessResult::success);
    EXPECT_EQ(bench.read(kReaderSap, {71, kLimiter, 2}), average);
    bench.power_up();
    EXPECT_EQ(bench.read(kReaderSap, {71, kLimiter, 2}), average);
    // 4 kW for a while are 2 kW over the whole quarter of an hour after half of it.
    bench.live(449, 4000);
    EXPECT_EQ(bench.state(), 1);
    bench.live(3, 4000);
    EXPECT_EQ(bench.state(), 2);
}

TEST(Limiter, BadInputChangesNothing) {
    LimiterBench bench;
    for (std::int8_t attribute = 2; attribute <= 11; ++attribute) {
        const auto before = bench.read(kReaderSap, {71, kLimiter, attribute});
        ASSERT_EQ(bench.result, DataAccessResult::success) << int{attribute};
        EXPECT_EQ(bench.set(attribute, before, kTechnicianSap), DataAccessResult::read_write_denied);
        const bool read_only = attribute == 3 || attribute == 10;
        EXPECT_EQ(bench.set(attribute, before),
                  read_only ? DataAccessResult::read_write_denied : DataAccessResult::success)
            << "what was read can be written: " << int{attribute};
        if (read_only) continue;
        EXPECT_EQ(bench.set(attribute, octets("00")), DataAccessResult::type_unmatched);
        EXPECT_EQ(bench.set(attribute, {}), DataAccessResult::type_unmatched);
        auto longer = before;
        longer.push_back(0);
        EXPECT_EQ(bench.set(attribute, longer), DataAccessResult::type_unmatched);
        EXPECT_EQ(bench.read(kReaderSap, {71, kLimiter, attribute}), before);
    }
    EXPECT_EQ(bench.set_number(6, 3601), DataAccessResult::other_reason);
    EXPECT_EQ(bench.set_number(7, 86'401), DataAccessResult::other_reason);
    EXPECT_EQ(bench.set_actions(3, 2), DataAccessResult::other_reason);
    EXPECT_EQ(bench.set_actions(1, 2, obis(0, 0, 10, 0, 1)), DataAccessResult::other_reason);
    EXPECT_EQ(bench.set_groups(std::vector<std::uint16_t>(17, 1)), DataAccessResult::other_reason);
    EXPECT_EQ(bench.set(2, encode([](dlms::DataWriter& data) {
                            data.structure(3);
                            data.long_unsigned(3);
                            data.octet_string(obis(1, 0, 32, 7, 0));
                            data.integer(2);
                        })),
              DataAccessResult::other_reason)
        << "a voltage is no power";
    EXPECT_EQ(bench.set(8, octets("020312000109 0C 07EA0230FF 0A0000FF 8000 00 0600000001")),
              DataAccessResult::other_reason)
        << "the 48th of February";
    EXPECT_EQ(bench.set(8, octets("0203120001090C07EAFFFFFF0A0000FF8000000600000001")), DataAccessResult::other_reason)
        << "half a date is no moment";
    bench.flash.cut_at(0, testing::Tear::before, 1);
    EXPECT_EQ(bench.set_number(5, 1), DataAccessResult::hardware_fault);
    EXPECT_EQ(bench.number(5), 0U);
}

TEST(SupplyScripts, AreLocalCommands) {
    LimiterBench bench;
    EXPECT_EQ(bench.script(1), ActionResult::success);
    EXPECT_EQ(bench.count(64), 1U);
    EXPECT_EQ(bench.script(2), ActionResult::success);
    EXPECT_EQ(bench.count(69), 1U);
    EXPECT_EQ(bench.script(2), ActionResult::success) << "it is as it should be";
    EXPECT_EQ(bench.script(3), ActionResult::object_undefined);
    EXPECT_EQ(bench.invoke(kUtilitySap, {9, kSupplyScriptTable, 1}, octets("0601")), ActionResult::type_unmatched);
    ASSERT_EQ(bench.invoke(kUtilitySap, {70, kDisconnectControl, 1}, octets("0F00")), ActionResult::success);
    EXPECT_EQ(bench.script(2), ActionResult::other_reason) << "what the network disconnected only it may permit";
    EXPECT_EQ(bench.state(), 0);
}

/// Every day at `hour`.
std::vector<std::uint8_t> daily(std::uint8_t hour) {
    return encode([hour](dlms::DataWriter& data) {
        data.array(1);
        data.structure(2);
        data.octet_string(dlms::encode(dlms::Time{hour, 0, 0, 0}));
        data.octet_string(dlms::encode(dlms::Date{}));
    });
}

TEST(SupplySchedule, OpensAtItsTimeOnce) {
    LimiterBench bench;  // 11:00 local time
    ASSERT_EQ(bench.write(kUtilitySap, {22, kSchedule, 4}, daily(12)), DataAccessResult::success);
    bench.live(3599, 100);
    EXPECT_EQ(bench.state(), 1);
    bench.live(1, 100);
    EXPECT_EQ(bench.state(), 2);
    bench.press();
    bench.power_up();
    bench.live(60, 100);
    EXPECT_EQ(bench.state(), 1) << "also where the journal is older than the switch";
    bench.live(86'400, 0);
    EXPECT_EQ(bench.state(), 2) << "the next day";
}

TEST(SupplySchedule, MakesUpForWhatCameWithoutPower) {
    LimiterBench bench;
    ASSERT_EQ(bench.write(kUtilitySap, {22, kSchedule, 4}, daily(12)), DataAccessResult::success);
    bench.live(60, 100);
    ASSERT_TRUE(bench.meter->power_fail(bench.now));
    bench.now = plus_seconds(bench.now, 2 * 86'400);
    bench.power_up();
    bench.live(1, 100);
    EXPECT_EQ(bench.state(), 2);
    EXPECT_EQ(bench.count(64), 1U);
}

TEST(SupplySchedule, BadInputChangesNothing) {
    LimiterBench bench;
    const auto times = daily(12);
    ASSERT_EQ(bench.write(kUtilitySap, {22, kSchedule, 4}, times), DataAccessResult::success);
    EXPECT_EQ(bench.write(kUtilitySap, {22, kSchedule, 4}, octets("0600000001")), DataAccessResult::type_unmatched);
    EXPECT_EQ(bench.write(kUtilitySap, {22, kSchedule, 4}, octets("010109")), DataAccessResult::type_unmatched);
    EXPECT_EQ(bench.write(kUtilitySap, {22, kSchedule, 4}, daily(25)), DataAccessResult::other_reason);
    EXPECT_EQ(bench.write(kTechnicianSap, {22, kSchedule, 4}, times), DataAccessResult::read_write_denied);
    EXPECT_EQ(bench.write(kUtilitySap, {22, kSchedule, 2}, octets("0202090600000A006AFF120003")),
              DataAccessResult::other_reason);
    EXPECT_EQ(bench.write(kUtilitySap, {22, kSchedule, 2}, octets("0202090600000A0001FF120001")),
              DataAccessResult::other_reason);
    EXPECT_EQ(bench.write(kUtilitySap, {22, kSchedule, 2}, octets("0202090600000A006AFF120002")),
              DataAccessResult::success);
    bench.power_up();
    EXPECT_EQ(bench.read(kReaderSap, {22, kSchedule, 4}), times);
    EXPECT_EQ(bench.read(kReaderSap, {22, kSchedule, 2}), octets("0202090600000A006AFF120002"));
}

/// One meter and its reference, led the same way.
class Pair {
public:
    explicit Pair(std::uint32_t seed) : random_(seed) {}

    void step() {
        switch (below(14)) {
            case 0:
                reference.normal = std::int64_t{below(4)} * 1'000'000;
                if (bench.number(4) != reference.normal) {
                    expect(67);
                    if (!reference.in_emergency(now())) reference.told = reference.normal;
                }
                ok(bench.set_number(4, static_cast<std::uint32_t>(reference.normal)));
                break;
            case 1:
                reference.emergency = std::int64_t{below(4)} * 1'000'000;
                ok(bench.set_number(5, static_cast<std::uint32_t>(reference.emergency)));
                break;
            case 2:
                reference.min_over = below(8);
                ok(bench.set_number(6, static_cast<std::uint32_t>(reference.min_over)));
                break;
            case 3:
                reference.min_under = below(12);
                ok(bench.set_number(7, static_cast<std::uint32_t>(reference.min_under)));
                break;
            case 4:
                reference.id = static_cast<int>(below(3));
                reference.begin = now() + static_cast<std::int64_t>(below(20)) - 5;
                reference.duration = below(30);
                ok(bench.set_profile(static_cast<std::uint16_t>(reference.id), UtcTime::from_seconds(reference.begin),
                                     static_cast<std::uint32_t>(reference.duration)));
                break;
            case 5: {
                const auto group = static_cast<std::uint16_t>(below(3));
                reference.groups = {group, 9};
                ok(bench.set_groups({9, group}));
                break;
            }
            case 6:
                reference.disconnects = below(4) != 0;
                reference.reconnects = below(4) != 0;
                ok(bench.set_actions(reference.disconnects ? 1 : 0, reference.reconnects ? 2 : 0));
                break;
            case 7:
                bench.press();
                expect(reference.press());
                break;
            case 8:
                (void)bench.invoke(kUtilitySap, {70, kDisconnectControl, 1}, octets("0F00"));
                expect(reference.command("remote_disconnect"));
                break;
            case 9:
                (void)bench.invoke(kUtilitySap, {70, kDisconnectControl, 2}, octets("0F00"));
                expect(reference.command("remote_reconnect"));
                break;
            case 10: {
                const bool opens = below(2) == 0;
                (void)bench.script(opens ? 1 : 2);
                expect(reference.command(opens ? "local_disconnect" : "local_reconnect"));
                if (opens) reference.opened = false;
                break;
            }
            case 11:
                EXPECT_TRUE(bench.meter->power_fail(bench.now));
                reference.power_cut(now());
                bench.now = plus_seconds(bench.now, static_cast<std::int64_t>(below(40)));
                bench.power_up();
                break;
            default:
                live(static_cast<int>(below(25)), below(6) * 1000);
        }
    }

    /// What is different, in words; empty: nothing.
    [[nodiscard]] std::string difference() {
        for (int event = 59; event <= 69; ++event) {
            const std::uint32_t expected = expected_[static_cast<std::size_t>(event - 59)];
            if (bench.count(event) == expected) continue;
            return "event " + std::to_string(event) + ": " + std::to_string(bench.count(event)) + " instead of " +
                   std::to_string(expected);
        }
        if (bench.state() != reference.supply.state) return "state " + std::to_string(bench.state());
        if (bench.relay.closed != (reference.supply.state == 1)) return "contact";
        return bench.number(3) == reference.threshold(now()) ? "" : "threshold " + std::to_string(bench.number(3));
    }

    LimiterBench bench;
    ReferenceLimiter reference;

private:
    std::uint32_t below(std::uint32_t bound) { return static_cast<std::uint32_t>(random_() % bound); }
    std::int64_t now() { return bench.now.seconds(); }
    void expect(int event) {
        if (event != 0) ++expected_[static_cast<std::size_t>(event - 59)];
    }
    static void ok(DataAccessResult result) { EXPECT_EQ(result, DataAccessResult::success); }
    void live(int seconds, std::uint64_t watts) {
        for (int i = 0; i < seconds; ++i) {
            const std::uint64_t flows = reference.supply.state == 1 ? watts : 0;
            for (const int event : reference.second(now() + 1, static_cast<std::int64_t>(flows * 1000))) expect(event);
            bench.live(1, watts);
        }
    }

    std::mt19937 random_;
    std::array<std::uint32_t, 11> expected_{};
};

TEST(Limiter, AnySequenceIsAsTheReferenceHasIt) {
    EXPECT_TRUE(rc::check([](std::uint32_t seed) {
        Pair pair(seed);
        for (int i = 0; i < 60; ++i) {
            pair.step();
            const std::string difference = pair.difference();
            RC_ASSERT(difference == "");
        }
    }));
}

}  // namespace
}  // namespace ferraris::meter
