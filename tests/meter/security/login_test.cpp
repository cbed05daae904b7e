// Who may log in, and how often somebody may be wrong: users, secrets, and the lock after failed logins.
#include <rapidcheck.h>

#include "base/hex.hpp"
#include "dlms/server/session.hpp"
#include "meter/fixture.hpp"

namespace ferraris::meter {
namespace {

using dlms::ActionResult;
using dlms::DataAccessResult;
using dlms::obis;
using testing::Bench;
using testing::octets;
using testing::plus_seconds;

const std::string kRight = "3132333435363738";
const std::string kWrong = "3132333435363739";
const std::string kAccepted = "A203020100A305A103020100";
const std::string kWrongSecret = "A203020101A305A10302010D";  // rejected-permanent, authentication-failure
const std::string kLockedOut = "A203020102A305A10302010D";    // rejected-transient, authentication-failure

/// A client's line to the meter.
class Line {
public:
    explicit Line(Bench& bench) : session_(*bench.meter, *bench.crypto, {deciphering_, answer_, long_values_}) {}

    std::string ask(std::uint16_t sap, const std::string& apdu) { return to_hex(session_.handle(sap, octets(apdu))); }
    /// The reader's password; result and diagnostic of the AARE.
    std::string log_in(const std::string& password, const std::string& user = "") {
        const std::string fields = "A109060760857405080101" + user + "8A0207808B0760857405080201AC0A8008" + password +
                                   "BE10040E01000000065F1F0400FFFFFFFFFF";
        const auto size = static_cast<std::uint8_t>(fields.size() / 2);
        const std::string aare = ask(kReaderSap, "60" + to_hex(ByteView(&size, 1)) + fields);
        return aare.substr(26, 24);
    }

private:
    std::array<std::uint8_t, 1024> deciphering_{};
    std::array<std::uint8_t, 1024 + dlms::kAnswerHeadroom + dlms::kMaxCipherTail> answer_{};
    std::array<std::uint8_t, 1024> long_values_{};
    dlms::ServerSession session_;
};

constexpr dlms::LogicalName kReaderLock = obis(0, 0, 44, 2, 2);

class Logins : public ::testing::Test {
protected:
    /// Attribute of the reader's communication port protection, as the utility reads it.
    std::string lock(std::int8_t attribute) { return to_hex(bench_.read(kUtilitySap, {124, kReaderLock, attribute})); }
    DataAccessResult set_lock(std::int8_t attribute, const std::string& value) {
        return bench_.write(kUtilitySap, {124, kReaderLock, attribute}, octets(value));
    }
    std::string log_in(const std::string& password) { return Line(bench_).log_in(password); }
    void wait(std::int64_t seconds) {
        bench_.now = plus_seconds(bench_.now, seconds);
        bench_.meter->observe(bench_.now);
    }

    Bench bench_;
};

TEST_F(Logins, AreLockedOutForLongerWithEachFailure) {
    for (int i = 0; i < 3; ++i) EXPECT_EQ(log_in(kWrong), kWrongSecret);
    EXPECT_EQ(lock(8), "1600") << "three failures are allowed";
    for (const std::int64_t seconds : {10, 20, 40, 80, 160, 320, 600, 600}) {
        EXPECT_EQ(log_in(kWrong), kWrongSecret);
        EXPECT_EQ(lock(8), "1601");
        EXPECT_EQ(log_in(kRight), kLockedOut) << "whatever it brings";
        wait(seconds - 1);
        EXPECT_EQ(log_in(kRight), kLockedOut) << seconds;
        wait(1);
        EXPECT_EQ(lock(8), "1600");
    }
    // 11 failures; what came while it was locked is none.
    EXPECT_EQ(lock(9), "060000000B");
    EXPECT_EQ(lock(10), "060000000B");
    EXPECT_EQ(log_in(kRight), kAccepted);
    EXPECT_EQ(lock(9), "0600000000");
    EXPECT_EQ(lock(10), "060000000B");
    EXPECT_EQ(bench_.meter->security_event_count(dlms::SecurityEvent::locked_out), 16U);
}

TEST_F(Logins, OfOthersAreNotConcerned) {
    for (int i = 0; i < 4; ++i) (void)log_in(kWrong);
    EXPECT_EQ(log_in(kRight), kLockedOut);
    Line line(bench_);
    const std::string aare = line.ask(kPublicSap, "601DA109060760857405080101BE10040E01000000065F1F0400FFFFFFFFFF");
    EXPECT_EQ(aare.substr(26, 24), kAccepted);
    EXPECT_FALSE(bench_.meter->client(kUtilitySap)->locked);
    EXPECT_TRUE(bench_.meter->client(kReaderSap)->locked);
}

TEST_F(Logins, StayLockedThroughALossOfPowerAndASetClock) {
    for (int i = 0; i < 4; ++i) (void)log_in(kWrong);
    bench_.power_up();
    EXPECT_EQ(log_in(kRight), kLockedOut);
    // 090C date-time: a year on
    EXPECT_EQ(bench_.write(kUtilitySap, {8, obis(0, 0, 1, 0, 0), 2}, octets("090C07EB010FFF0C000000FFC400")),
              DataAccessResult::success);
    EXPECT_EQ(log_in(kRight), kLockedOut) << "the clock that can be set does not shorten it";
    wait(10);
    EXPECT_EQ(log_in(kRight), kAccepted);
    // A board whose clock begins anew keeps the time out, and no longer.
    for (int i = 0; i < 4; ++i) (void)log_in(kWrong);
    bench_.now = testing::utc(2020, 1, 1);
    bench_.power_up();
    EXPECT_EQ(log_in(kRight), kLockedOut);
    wait(10);
    EXPECT_EQ(log_in(kRight), kAccepted);
}

TEST_F(Logins, WearTheFlashByOneRecordALockOut) {
    for (int i = 0; i < 4; ++i) (void)log_in(kWrong);
    const std::uint64_t before = bench_.flash.operations();
    for (int i = 0; i < 1000; ++i) EXPECT_EQ(log_in(kWrong), kLockedOut);
    EXPECT_EQ(bench_.flash.operations(), before);
}

TEST_F(Logins, ByAnotherMechanismAreRefusedAndTriedNoSecret) {
    Line line(bench_);
    // 8B mechanism-name 1 to 7, for the reader (low level security) and the utility (GMAC)
    for (const std::uint16_t sap : {kReaderSap, kUtilitySap}) {
        for (int i = 0; i < 10; ++i) {
            for (const char* const mechanism : {"03", "04", "06", "07", "2A"}) {
                const std::string aare = line.ask(
                    sap, "6042A109060760857405080101A60A040846525300000000018A0207808B07608574050802" +
                             std::string(mechanism) + "AC0A80083132333435363738BE10040E01000000065F1F0400FFFFFFFFFF");
                EXPECT_EQ(aare.substr(26, 8), "A2030201") << aare;
                EXPECT_NE(aare.substr(34, 2), "00");
            }
        }
    }
    EXPECT_EQ(bench_.meter->security_event_count(dlms::SecurityEvent::mechanism_refused), 100U);
    EXPECT_EQ(lock(9), "0600000000") << "failed attempts";
    EXPECT_EQ(log_in(kRight), kAccepted);
    EXPECT_FALSE(bench_.meter->client(kUtilitySap)->locked);
}

TEST_F(Logins, FollowTheRuleOfTheUtility) {
    EXPECT_EQ(set_lock(3, "120001"), DataAccessResult::success);      // one failure is free
    EXPECT_EQ(set_lock(4, "0600000064"), DataAccessResult::success);  // 100 s
    EXPECT_EQ(set_lock(5, "1101"), DataAccessResult::success);        // not longer from time to time
    bench_.power_up();
    EXPECT_EQ(log_in(kWrong), kWrongSecret);
    for (int i = 0; i < 3; ++i) {
        EXPECT_EQ(log_in(kWrong), kWrongSecret);
        wait(99);
        EXPECT_EQ(log_in(kRight), kLockedOut);
        wait(1);
    }
    EXPECT_EQ(log_in(kWrong), kWrongSecret);
    const dlms::MethodDescriptor reset{124, kReaderLock, 1};
    EXPECT_EQ(bench_.invoke(kUtilitySap, reset, octets("0F00")), ActionResult::success);
    EXPECT_EQ(log_in(kRight), kAccepted);
    EXPECT_EQ(set_lock(2, "1600"), DataAccessResult::success);
    EXPECT_EQ(lock(8), "1602");
    EXPECT_EQ(log_in(kRight), kLockedOut) << "closed until the utility opens it";
    EXPECT_EQ(set_lock(2, "1602"), DataAccessResult::success);
    for (int i = 0; i < 20; ++i) EXPECT_EQ(log_in(kWrong), kWrongSecret) << "never locked";
    EXPECT_EQ(log_in(kRight), kAccepted);
    EXPECT_EQ(lock(7),
              "090600002800"
              "02FF");
}

TEST_F(Logins, RefuseRulesThatCannotBe) {
    EXPECT_EQ(set_lock(2, "1603"), DataAccessResult::other_reason);
    EXPECT_EQ(set_lock(2, "1102"), DataAccessResult::type_unmatched);
    EXPECT_EQ(set_lock(5, "1100"), DataAccessResult::other_reason);
    EXPECT_EQ(set_lock(9, "0600000000"), DataAccessResult::read_write_denied);
    EXPECT_EQ(bench_.write(kUtilitySap, {124, obis(0, 0, 44, 2, 1), 2}, octets("1600")), DataAccessResult::other_reason)
        << "the utility would lock itself out for good";
    EXPECT_EQ(bench_.write(kTechnicianSap, {124, kReaderLock, 2}, octets("1602")), DataAccessResult::read_write_denied);
    bench_.protection = {true, false};
    EXPECT_EQ(set_lock(2, "1602"), DataAccessResult::read_write_denied) << "in the clear";
}

TEST(LoginRule, GrowsToItsBoundAndNeverPastIt) {
    EXPECT_TRUE(rc::check([](std::uint32_t failures) {
        LoginRule rule;
        rule.steepness_factor = *rc::gen::arbitrary<std::uint8_t>();
        rule.initial_lockout_s = *rc::gen::arbitrary<std::uint32_t>();
        rule.max_lockout_s = *rc::gen::arbitrary<std::uint32_t>();
        rule.allowed_failed_attempts = *rc::gen::arbitrary<std::uint16_t>();
        const std::uint32_t seconds = rule.lockout_s(failures);
        RC_ASSERT(seconds <= rule.max_lockout_s);
        RC_ASSERT((seconds == 0) || failures > rule.allowed_failed_attempts);
        if (failures != UINT32_MAX) RC_ASSERT(rule.lockout_s(failures + 1) >= seconds || rule.steepness_factor == 0);
    }));
}

TEST(Secrets, CountFromTheNextAssociationOn) {
    Bench bench;
    Line open(bench);
    ASSERT_EQ(open.log_in(kRight), kAccepted);
    const dlms::AttributeDescriptor secret{15, obis(0, 0, 40, 0, 2), 7};
    ASSERT_EQ(bench.write(kUtilitySap, secret, octets("0908" + kWrong)), DataAccessResult::success);
    // GET of the voltage: the association that was open goes on.
    EXPECT_EQ(open.ask(kReaderSap,
                       "C001C1000301002007"
                       "00FF0300"),
              "C401C10002020FFE1623");
    EXPECT_EQ(Line(bench).log_in(kRight), kWrongSecret);
    EXPECT_EQ(Line(bench).log_in(kWrong), kAccepted);
    bench.power_up();
    EXPECT_EQ(Line(bench).log_in(kRight), kWrongSecret);
    EXPECT_EQ(Line(bench).log_in(kWrong), kAccepted);
}

TEST(Users, AreAskedForWhereTheAssociationNamesSome) {
    Bench bench;
    const dlms::LogicalName reader = obis(0, 0, 40, 0, 2);
    const std::string anybody;
    const std::string five = "A903020105";  // calling-AE-invocation-id, INTEGER 5
    const std::string two_hundred = "A9030201C8";
    EXPECT_EQ(Line(bench).log_in(kRight, anybody), kAccepted);
    // structure(2) { unsigned 5, visible-string "Ana" }, then user 200 without a name
    const std::string ana = "020211050A03416E61";
    EXPECT_EQ(bench.invoke(kUtilitySap, {15, reader, 5}, octets(ana)), ActionResult::success);
    EXPECT_EQ(bench.invoke(kUtilitySap, {15, reader, 5}, octets(ana)), ActionResult::other_reason) << "there already";
    EXPECT_EQ(bench.invoke(kUtilitySap, {15, reader, 5}, octets("020211C80A00")), ActionResult::success);
    bench.power_up();
    EXPECT_EQ(to_hex(bench.read(kUtilitySap, {15, reader, 10})), "0102" + ana + "020211C80A00");
    // rejected-permanent, calling-AE-invocation-identifier-not-recognized
    const std::string unknown = "A203020101A305A103020106";
    EXPECT_EQ(Line(bench).log_in(kRight, anybody), unknown);
    EXPECT_EQ(Line(bench).log_in(kRight, "A903020106"), unknown);
    EXPECT_EQ(Line(bench).log_in(kWrong, five), kWrongSecret);
    EXPECT_EQ(Line(bench).log_in(kRight, two_hundred), kAccepted);
    EXPECT_EQ(Line(bench).log_in(kRight, "A904020200C8"), kAccepted) << "as an INTEGER without a sign";
    Line line(bench);
    ASSERT_EQ(line.log_in(kRight, five), kAccepted);
    // GET of current_user of the current association
    EXPECT_EQ(line.ask(kReaderSap, "C001C1000F0000280000FF0B00"), "C401C100" + ana);
    EXPECT_EQ(bench.invoke(kUtilitySap, {15, reader, 6}, octets("020211050A03426F62")), ActionResult::other_reason);
    EXPECT_EQ(bench.invoke(kUtilitySap, {15, reader, 6}, octets("020211050903416E61")), ActionResult::type_unmatched);
    EXPECT_EQ(bench.invoke(kUtilitySap, {15, reader, 6}, octets(ana)), ActionResult::success);
    EXPECT_EQ(Line(bench).log_in(kRight, five), unknown);
    EXPECT_EQ(bench.invoke(kUtilitySap, {15, reader, 6}, octets("020211C80A00")), ActionResult::success);
    EXPECT_EQ(Line(bench).log_in(kRight, anybody), kAccepted);
}

}  // namespace
}  // namespace ferraris::meter
