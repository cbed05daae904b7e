// Counters, keys, passwords and associations of the meter.
#include <gtest/gtest.h>

#include "base/hex.hpp"
#include "meter/fixture.hpp"

namespace ferraris::meter {
namespace {

using dlms::ActionResult;
using dlms::AuthenticationMechanism;
using dlms::DataAccessResult;
using dlms::KeySet;
using dlms::obis;
using testing::Bench;
using testing::octets;

TEST(InvocationCounters, AcceptOnlyWhatIsGreaterForEachClientAndKey) {
    Bench bench;
    Meter& meter = *bench.meter;
    EXPECT_EQ(meter.expected_invocation_counter(kUtilitySap, KeySet::global_unicast), 0U);
    EXPECT_TRUE(meter.accept_invocation_counter(kUtilitySap, KeySet::global_unicast, 0));
    EXPECT_FALSE(meter.accept_invocation_counter(kUtilitySap, KeySet::global_unicast, 0));
    EXPECT_TRUE(meter.accept_invocation_counter(kUtilitySap, KeySet::global_unicast, 1000));
    EXPECT_FALSE(meter.accept_invocation_counter(kUtilitySap, KeySet::global_unicast, 999));
    EXPECT_EQ(meter.expected_invocation_counter(kUtilitySap, KeySet::global_unicast), 1001U);
    EXPECT_TRUE(meter.accept_invocation_counter(kUtilitySap, KeySet::global_broadcast, 5));
    EXPECT_TRUE(meter.accept_invocation_counter(kTechnicianSap, KeySet::global_unicast, 7));
    EXPECT_FALSE(meter.accept_invocation_counter(kPublicSap, KeySet::global_unicast, 7));
    EXPECT_FALSE(meter.accept_invocation_counter(99, KeySet::global_unicast, 7));
    // Everybody may read the last one: double-long-unsigned 1000 and 7.
    EXPECT_EQ(to_hex(bench.read(kPublicSap, {1, obis(0, 0, 43, 1, 1), 2})), "06000003E8");
    EXPECT_EQ(to_hex(bench.read(kPublicSap, {1, obis(0, 0, 43, 1, 3), 2})), "0600000007");
}

TEST(InvocationCounters, EndWithTheLastNumberOf32Bits) {
    Bench bench;
    EXPECT_TRUE(bench.meter->accept_invocation_counter(kUtilitySap, KeySet::global_unicast, 0xFFFFFFFE));
    EXPECT_TRUE(bench.meter->accept_invocation_counter(kUtilitySap, KeySet::global_unicast, 0xFFFFFFFF));
    EXPECT_FALSE(bench.meter->accept_invocation_counter(kUtilitySap, KeySet::global_unicast, 0xFFFFFFFF));
    bench.power_up();
    EXPECT_FALSE(bench.meter->accept_invocation_counter(kUtilitySap, KeySet::global_unicast, 0xFFFFFFFF));
}

TEST(InvocationCounters, SeldomWriteToFlash) {
    Bench bench;
    const std::uint64_t before = bench.flash.operations();
    for (std::uint32_t i = 1; i <= 10'000; ++i) {
        ASSERT_TRUE(bench.meter->accept_invocation_counter(kUtilitySap, KeySet::global_unicast, i));
        ASSERT_TRUE(bench.meter->next_invocation_counter(kUtilitySap, KeySet::global_unicast));
    }
    EXPECT_LT(bench.flash.operations() - before, 60U);
}

TEST(InvocationCounters, GoPastWhateverAKillMayHaveForgotten) {
    Bench bench;
    ASSERT_TRUE(bench.meter->accept_invocation_counter(kUtilitySap, KeySet::global_unicast, 10));
    const auto sent = bench.meter->next_invocation_counter(kUtilitySap, KeySet::global_unicast);
    bench.power_up();
    EXPECT_FALSE(bench.meter->accept_invocation_counter(kUtilitySap, KeySet::global_unicast, 10));
    EXPECT_EQ(bench.meter->expected_invocation_counter(kUtilitySap, KeySet::global_unicast),
              10U + InvocationCounters::kReceiveBlock);
    EXPECT_EQ(bench.meter->next_invocation_counter(kUtilitySap, KeySet::global_unicast),
              *sent + InvocationCounters::kSendBlock);
    EXPECT_EQ(bench.meter->next_invocation_counter(kPublicSap, KeySet::global_unicast), std::nullopt);
    EXPECT_EQ(bench.meter->next_invocation_counter(kUtilitySap, KeySet::global_broadcast), std::nullopt);
}

TEST(InvocationCounters, BeginBehindAnEarlierMeterWithTheSameKeys) {
    Bench bench;
    FactorySettings factory = testing::factory_settings();
    factory.first_sending_counter = 5000;
    Meter successor(bench.flash, *bench.crypto, MeterIdentity::from_serial_number(4711), factory);
    ASSERT_TRUE(successor.start(UtcTime::from_seconds(1'700'000'000)));
    EXPECT_EQ(successor.next_invocation_counter(kUtilitySap, KeySet::global_unicast), 5000U);
    EXPECT_EQ(successor.next_invocation_counter(kTechnicianSap, KeySet::global_unicast), 5000U);
    // What the flash says holds from then on.
    Meter later(bench.flash, *bench.crypto, MeterIdentity::from_serial_number(4711), factory);
    ASSERT_TRUE(later.start(UtcTime::from_seconds(1'700'000'010)));
    EXPECT_EQ(later.next_invocation_counter(kUtilitySap, KeySet::global_unicast),
              5000U + InvocationCounters::kSendBlock);
}

TEST(Clients, AreFourLevelsAndNobodyElse) {
    Bench bench;
    EXPECT_EQ(bench.meter->client(kPublicSap)->mechanism, AuthenticationMechanism::none);
    EXPECT_EQ(bench.meter->client(kReaderSap)->mechanism, AuthenticationMechanism::low);
    EXPECT_EQ(to_hex(bench.meter->client(kReaderSap)->secret), "3132333435363738");
    const auto utility = bench.meter->client(kUtilitySap);
    EXPECT_EQ(utility->mechanism, AuthenticationMechanism::high_gmac);
    EXPECT_EQ(to_hex(utility->keys.authentication), "30303030303030303030303030303030");
    EXPECT_EQ(to_hex(bench.meter->client(kTechnicianSap)->keys.global_unicast_encryption),
              "12121212121212121212121212121212");
    EXPECT_FALSE(bench.meter->client(0));
    EXPECT_FALSE(bench.meter->client(17));
}

TEST(SecuritySetup, OnlyGetsStronger) {
    Bench bench;
    const dlms::MethodDescriptor activate{64, obis(0, 0, 43, 0, 3), 1};
    // Class 64 version 1: 04 and 08 requests authenticated and encrypted, 20 and 40 answers.
    EXPECT_EQ(bench.invoke(kTechnicianSap, activate, octets("160C")), ActionResult::read_write_denied);
    EXPECT_EQ(bench.invoke(kUtilitySap, activate, octets("1608")), ActionResult::success);
    EXPECT_EQ(bench.invoke(kUtilitySap, activate, octets("1604")), ActionResult::other_reason) << "weaker";
    EXPECT_EQ(bench.invoke(kUtilitySap, activate, octets("1609")), ActionResult::other_reason) << "an unused bit";
    EXPECT_EQ(bench.invoke(kUtilitySap, activate, octets("1618")), ActionResult::other_reason)
        << "signed requests in suite 0";
    EXPECT_EQ(bench.invoke(kUtilitySap, activate, octets("116C")), ActionResult::type_unmatched);
    EXPECT_EQ(bench.meter->client(kTechnicianSap)->policy, (dlms::Protection{false, true}));
    EXPECT_EQ(bench.meter->client(kTechnicianSap)->answer_policy, (dlms::Protection{false, false}));
    EXPECT_EQ(bench.invoke(kUtilitySap, activate, octets("166C")), ActionResult::success);
    bench.power_up();
    EXPECT_EQ(bench.meter->client(kTechnicianSap)->policy, (dlms::Protection{true, true}));
    EXPECT_EQ(bench.meter->client(kTechnicianSap)->answer_policy, (dlms::Protection{true, true}));
    EXPECT_EQ(bench.meter->client(kUtilitySap)->policy, (dlms::Protection{false, false}));
    EXPECT_EQ(to_hex(bench.read(kTechnicianSap, {64, obis(0, 0, 43, 0, 3), 2})), "166C");
    EXPECT_EQ(to_hex(bench.read(kTechnicianSap, {64, obis(0, 0, 43, 0, 3), 5})), "09084652530000001267");
}

// Flash of a meter that had class 64 version 0, and factories that count as it did.
TEST(SecuritySetup, PoliciesOfVersionZeroMeanTheSame) {
    Bench bench;
    bench.factory.security[kTechnicianIndex].policy = 3;
    bench.power_up();
    EXPECT_EQ(to_hex(bench.read(kTechnicianSap, {64, obis(0, 0, 43, 0, 3), 2})), "166C");
    bench.factory.security[kTechnicianIndex].policy = 1;
    bench.power_up();
    EXPECT_EQ(to_hex(bench.read(kTechnicianSap, {64, obis(0, 0, 43, 0, 3), 2})), "1624");
}

TEST(SecuritySetup, TakesKeysUnderTheMasterKeyAllOrNone) {
    Bench bench;
    const std::vector<std::uint8_t> master(16, 0x40);
    const auto wrap = [&](std::uint8_t octet, const std::vector<std::uint8_t>& under) {
        std::vector<std::uint8_t> wrapped(24);
        EXPECT_TRUE(bench.crypto->wrap_key(under, std::vector<std::uint8_t>(16, octet), wrapped));
        return to_hex(wrapped);
    };
    const dlms::MethodDescriptor transfer{64, obis(0, 0, 43, 0, 1), 2};
    // array(2) of structure(2) { enum id, octet-string(24) }
    const std::string good =
        "01020202"
        "1600"
        "0918" +
        wrap(0xE1, master) +
        "0202"
        "1602"
        "0918" +
        wrap(0xA1, master);
    EXPECT_EQ(bench.invoke(kTechnicianSap, transfer, octets(good)), ActionResult::read_write_denied);
    EXPECT_EQ(bench.invoke(kUtilitySap, transfer, octets(good)), ActionResult::success);
    bench.power_up();
    const auto check = [&] {
        const auto keys = bench.meter->client(kUtilitySap)->keys;
        EXPECT_EQ(keys.global_unicast_encryption[0], 0xE1);
        EXPECT_EQ(keys.authentication[15], 0xA1);
        EXPECT_EQ(keys.global_broadcast_encryption[0], 0x20);
    };
    check();
    const std::vector<std::uint8_t> stranger(16, 0x41);
    const std::string half =
        "01020202"
        "1600"
        "0918" +
        wrap(0xE2, master) +
        "0202"
        "1602"
        "0918" +
        wrap(0xA2, stranger);
    EXPECT_EQ(bench.invoke(kUtilitySap, transfer, octets(half)), ActionResult::other_reason);
    EXPECT_EQ(bench.invoke(kUtilitySap, transfer, octets("0100")), ActionResult::other_reason);
    EXPECT_EQ(bench.invoke(kUtilitySap, transfer,
                           octets("010102021604"
                                  "0900")),
              ActionResult::other_reason);
    EXPECT_EQ(bench.invoke(kUtilitySap, transfer, octets("0101020211000900")), ActionResult::type_unmatched);
    check();
}

TEST(Association, DescribesItselfAndGivesOutNoSecret) {
    Bench bench;
    const dlms::LogicalName current = obis(0, 0, 40, 0, 0);
    // structure(2) { integer client, long-unsigned server }
    EXPECT_EQ(to_hex(bench.read(kReaderSap, {15, current, 3})), "02020F02120001");
    // 2.16.756.5.8.1.1 and 2.16.756.5.8.2.5 as structures
    EXPECT_EQ(to_hex(bench.read(kReaderSap, {15, current, 4})),
              "0207110211101202F4110511081101"
              "1101");
    EXPECT_EQ(to_hex(bench.read(kUtilitySap, {15, obis(0, 0, 40, 0, 3), 6})),
              "0207110211101202F4110511081102"
              "1105");
    EXPECT_EQ(to_hex(bench.read(kReaderSap, {15, current, 8})), "1602");
    EXPECT_EQ(to_hex(bench.read(kUtilitySap, {15, current, 9})), "090600002B0001FF");
    (void)bench.read(kUtilitySap, {15, obis(0, 0, 40, 0, 2), 7});
    EXPECT_EQ(bench.result, DataAccessResult::read_write_denied);
}

TEST(Association, TakesNewSecretsOfTheRightLength) {
    Bench bench;
    const dlms::AttributeDescriptor reader{15, obis(0, 0, 40, 0, 2), 7};
    EXPECT_EQ(bench.write(kUtilitySap, reader,
                          octets("0907"
                                 "41414141414141")),
              DataAccessResult::other_reason);
    EXPECT_EQ(bench.write(kUtilitySap, reader, octets("1105")), DataAccessResult::type_unmatched);
    EXPECT_EQ(bench.write(kUtilitySap, reader,
                          octets("0908"
                                 "4242424242424242")),
              DataAccessResult::success);
    EXPECT_EQ(bench.write(kTechnicianSap, reader,
                          octets("0908"
                                 "4342424242424242")),
              DataAccessResult::read_write_denied);
    bench.power_up();
    EXPECT_EQ(to_hex(bench.meter->client(kReaderSap)->secret), "4242424242424242");
    const dlms::MethodDescriptor change{15, obis(0, 0, 40, 0, 0), 2};
    EXPECT_EQ(bench.invoke(kTechnicianSap, change,
                           octets("0908"
                                  "4444444444444444")),
              ActionResult::success);
    EXPECT_EQ(to_hex(bench.meter->client(kTechnicianSap)->secret), "4444444444444444");
    EXPECT_EQ(bench.invoke(kReaderSap, change,
                           octets("0908"
                                  "4444444444444444")),
              ActionResult::read_write_denied);
}

}  // namespace
}  // namespace ferraris::meter
