/// A client that is out of step with the meter's counters, against a server session.
#include "dlms/client/recovery.hpp"

#include <gtest/gtest.h>

#include "dlms/client/scripted.hpp"
#include "dlms/server/fake_device.hpp"

namespace ferraris::dlms {
namespace {

using testing::octets;
using testing::Octets;

class StepCounters final : public InvocationCounters {
public:
    std::uint32_t last{0};
    std::vector<std::uint32_t> used{};
    std::optional<std::uint32_t> reserve() override {
        used.push_back(++last);
        return last;
    }
};

const Octets kOwnTitle = octets("4D4D4D0000BC614E");

/// One server, and a program that recovers as the header of recovery.hpp says.
struct Program {
    FakeServer meter{1024};
    std::unique_ptr<Crypto> crypto = make_openssl_crypto();
    StepCounters counters{};
    Octets send_buffer = Octets(1024);
    Octets received{};
    CounterRecovery recovery{};
    int counters_read = 0;
    std::vector<std::uint32_t> told{};

    Program() { meter.device.policy = {true, true}; }

    [[nodiscard]] ClientConfiguration configuration() const {
        ClientConfiguration c;
        c.context = ApplicationContext::logical_names_ciphered;
        c.mechanism = AuthenticationMechanism::high_gmac;
        c.system_title = kOwnTitle;
        c.encryption_key = meter.device.unicast;
        c.authentication_key = meter.device.authentication;
        return c;
    }

    Progress carry(ClientSession& session, std::uint16_t sap, Progress progress) {
        while (progress.step == Step::send) {
            const ByteView answer = meter.session.handle(sap, Octets(progress.apdu.begin(), progress.apdu.end()));
            received.assign(answer.begin(), answer.end());
            progress = session.receive(received);
        }
        return progress;
    }

    std::optional<std::uint32_t> counter_of_meter() {
        ++counters_read;
        NoInvocationCounters none;
        ClientSession anybody({}, *crypto, none, send_buffer);
        // The first object is one that this meter does not have.
        const std::array<LogicalName, 2> names{obis(0, 0, 43, 1, 1), obis(0, 0, 43, 1, 0)};
        MeterCounterReader reader(anybody, names);
        for (Progress p = reader.start(); p.step != Step::done;) p = reader.next(carry(anybody, 16, p));
        return reader.counter();
    }

    /// True: associated, and the serial number was read.
    bool reads() {
        for (;;) {
            ClientSession session(configuration(), *crypto, counters, send_buffer);
            const Progress progress = carry(session, 1, session.associate());
            if (progress.step == Step::done) {
                Octets memory(32);
                SpanSink value(memory);
                const Progress got = carry(session, 1, session.get({FakeDevice::kSerial, {}}, value));
                return got.step == Step::done && !value.octets().empty();
            }
            RecoveryStep step = recovery.association_failed(progress.failure, counters.last);
            if (step == RecoveryStep::read_counter) step = recovery.counter_read(counter_of_meter());
            if (step != RecoveryStep::try_again) return false;
            if (recovery.first()) told.push_back(recovery.taken());
            counters.last = recovery.taken();
        }
    }

    /// The meter has seen `counter`, and shows it to the public.
    void has_seen(std::uint32_t counter) {
        meter.device.received = counter;
        Octets value(5);
        ByteWriter out(value);
        DataWriter(out).double_long_unsigned(counter);
        meter.device.values[FakeDevice::kCounter] = value;
    }
};

TEST(CounterRecovery, GoesOnBehindTheCounterThatThePublicClientReads) {
    Program program;
    program.has_seen(5000);
    EXPECT_TRUE(program.reads());
    EXPECT_EQ(program.told, std::vector<std::uint32_t>{5000}) << "said once";
    EXPECT_EQ(program.counters_read, 1) << "an AARE has no room for it";
    EXPECT_EQ(program.counters.used[1], 5001U);
    EXPECT_TRUE(std::ranges::is_sorted(program.counters.used)) << "no counter twice";
    EXPECT_EQ(std::ranges::adjacent_find(program.counters.used), program.counters.used.end());
}

TEST(CounterRecovery, WrongKeysAreNoMatterOfCounters) {
    Program program;
    program.has_seen(0);
    program.counters.last = 10;
    const ClientConfiguration good = program.configuration();
    program.meter.device.unicast = octets("FF0102030405060708090A0B0C0D0E0F");
    ClientConfiguration wrong = good;
    const Octets other_key = octets("000102030405060708090A0B0C0D0E0F");
    wrong.encryption_key = other_key;
    ClientSession session(wrong, *program.crypto, program.counters, program.send_buffer);
    const Progress progress = program.carry(session, 1, session.associate());
    ASSERT_EQ(progress.step, Step::failed);
    ASSERT_EQ(program.recovery.association_failed(progress.failure, program.counters.last), RecoveryStep::read_counter);
    EXPECT_EQ(program.recovery.counter_read(program.counter_of_meter()), RecoveryStep::give_up);
    EXPECT_EQ(program.recovery.taken(), 0U);
}

TEST(CounterRecovery, AnAssociationGoesOnAfterARefusedRequest) {
    Program program;
    ClientSession session(program.configuration(), *program.crypto, program.counters, program.send_buffer);
    ASSERT_EQ(program.carry(session, 1, session.associate()).step, Step::done);
    program.has_seen(900);  // somebody else, with the same keys
    Octets memory(32);
    SpanSink value(memory);
    const Progress refused = program.carry(session, 1, session.get({FakeDevice::kSerial, {}}, value));
    ASSERT_EQ(refused.step, Step::failed);
    ASSERT_EQ(program.recovery.request_failed(refused.failure, program.counters.last), RecoveryStep::try_again);
    EXPECT_EQ(program.recovery.taken(), 900U);
    program.counters.last = program.recovery.taken();
    EXPECT_EQ(program.carry(session, 1, session.get({FakeDevice::kSerial, {}}, value)).step, Step::done);
}

ClientFailure expects(std::uint32_t counter) {
    ClientFailure failure{ClientError::refused};
    failure.exception = ExceptionResponse{.expected_invocation_counter = counter};
    return failure;
}

TEST(CounterRecovery, NeverGoesBelowWhatWasSent) {
    CounterRecovery recovery;
    EXPECT_EQ(recovery.request_failed(expects(5), 100), RecoveryStep::try_again);
    EXPECT_EQ(recovery.taken(), 100U);
}

TEST(CounterRecovery, AMeterThatLeavesNoCountersIsLeft) {
    CounterRecovery recovery;
    EXPECT_EQ(recovery.association_failed(expects(0xFFFFFFFF), 1), RecoveryStep::give_up);
    EXPECT_EQ(recovery.request_failed(ClientFailure{ClientError::refused}, 1), RecoveryStep::give_up);
    EXPECT_EQ(recovery.association_failed(ClientFailure{ClientError::malformed_answer}, 1), RecoveryStep::give_up);
    EXPECT_EQ(recovery.hung_up(0), RecoveryStep::give_up) << "nothing was sent with a counter";
    EXPECT_EQ(recovery.hung_up(7), RecoveryStep::read_counter);
    EXPECT_EQ(recovery.counter_read(7), RecoveryStep::give_up) << "the meter is not ahead";
    EXPECT_EQ(recovery.counter_read(std::nullopt), RecoveryStep::give_up);
}

TEST(CounterRecovery, EndsAndWaitsLongerFromTryToTry) {
    CounterRecovery recovery(4);
    std::vector<std::uint32_t> pauses;
    for (std::uint32_t counter = 10; recovery.request_failed(expects(counter), counter) == RecoveryStep::try_again;
         ++counter) {
        EXPECT_EQ(recovery.first(), counter == 10);
        pauses.push_back(recovery.pause_ms(0));
        EXPECT_LE(recovery.pause_ms(255), 2 * pauses.back());
    }
    EXPECT_EQ(pauses, (std::vector<std::uint32_t>{0, 5, 10}));
    CounterRecovery patient(100);
    for (int i = 0; i < 90; ++i) (void)patient.request_failed(expects(10), 10);
    EXPECT_LE(patient.pause_ms(255), 160U);
}

TEST(MeterCounterReader, TellsNothingWhereThePublicClientIsRefusedOrTheValueIsNoCounter) {
    Program program;
    for (const char* const value : {"0902ABCD", "06FFFFFFFF", "05FFFFFFFF", "150000000100000000", "0600"}) {
        program.meter.device.values[FakeDevice::kCounter] = octets(value);
        EXPECT_EQ(program.counter_of_meter(), std::nullopt) << value;
    }
    program.meter.device.values[FakeDevice::kCounter] = octets("12FFFF");
    EXPECT_EQ(program.counter_of_meter(), 0xFFFFU);
    program.meter.device.values.erase(FakeDevice::kCounter);
    EXPECT_EQ(program.counter_of_meter(), std::nullopt);
    program.meter.device.conformance = {};
    EXPECT_EQ(program.counter_of_meter(), std::nullopt);
}

}  // namespace
}  // namespace ferraris::dlms
