// Conformance of pushes, for which there is no public plan: our own cases. A push leaves the meter by itself, so that
// they are run on the meter, and not over a line.
#include "meter/push/bench.hpp"

namespace ferraris::conform {
namespace {

using dlms::ActionResult;
using dlms::DataAccessResult;
using meter::kUtilitySap;
using meter::PushOutcome;
using meter::PushStep;
using meter::testing::encoded;
using meter::testing::kOnSchedule;
using meter::testing::PushBench;
using Octets = std::vector<std::uint8_t>;

constexpr dlms::MethodDescriptor kPush{40, kOnSchedule, 1};
const Octets kNoParameter{0x0F, 0x00};

class PushConformance : public ::testing::Test {
protected:
    PushConformance() { bench.send_to(kOnSchedule, "127.0.0.1:4059"); }
    void raise_policy() {
        ASSERT_EQ(bench.invoke(kUtilitySap, {64, dlms::obis(0, 0, 43, 0, 1), 1}, Octets{0x16, 0x6C}),
                  ActionResult::success);
    }
    void set_retries(std::uint8_t number, std::uint16_t seconds) {
        ASSERT_EQ(bench.set(kOnSchedule, 6, Octets{0x11, number}), DataAccessResult::success);
        ASSERT_EQ(bench.set(kOnSchedule, 7, encoded([&](dlms::DataWriter& data) {
                                data.structure(3);
                                data.long_unsigned(seconds);
                                data.long_unsigned(100);
                                data.long_unsigned(seconds);
                            })),
                  DataAccessResult::success);
    }
    PushBench bench{};
};

TEST_F(PushConformance, PUSH_Delivery_P1_WhatTheListNames) {
    bench.as_reader(kOnSchedule);
    ASSERT_EQ(bench.invoke(kUtilitySap, kPush, kNoParameter), ActionResult::success);
    const auto message = bench.push_within(60);
    ASSERT_TRUE(message);
    const auto notification = dlms::decode_data_notification(message->apdu);
    ASSERT_TRUE(notification);
    dlms::DataReader body(notification->body);
    const Octets list = bench.read(kUtilitySap, {40, kOnSchedule, 2});
    dlms::DataReader named(list);
    EXPECT_EQ(body.structure(), named.array()) << "a value for each entry of push_object_list";
}

TEST_F(PushConformance, PUSH_Delivery_P2_ProtectedByThePolicyOfItsClient) {
    raise_policy();
    ASSERT_EQ(bench.invoke(kUtilitySap, kPush, kNoParameter), ActionResult::success);
    const auto message = bench.push_within(60);
    ASSERT_TRUE(message);
    const auto header = dlms::read_ciphered_header(message->apdu);
    ASSERT_TRUE(header);
    EXPECT_TRUE(header->protection.authenticated);
    EXPECT_TRUE(header->protection.encrypted);
    EXPECT_EQ(to_hex(header->apdu.system_title), to_hex(bench.meter->system_title()));
}

TEST_F(PushConformance, PUSH_Delivery_P3_CountersRise) {
    raise_policy();
    std::int64_t last = -1;
    for (int i = 0; i < 3; ++i) {
        ASSERT_EQ(bench.invoke(kUtilitySap, kPush, kNoParameter), ActionResult::success);
        const auto message = bench.push_from(60);
        ASSERT_TRUE(message);
        const auto header = dlms::read_ciphered_header(message->apdu);
        ASSERT_TRUE(header);
        EXPECT_GT(header->invocation_counter, last);
        last = header->invocation_counter;
    }
}

TEST_F(PushConformance, PUSH_Delivery_N1_NowhereToGo) {
    bench.send_to(kOnSchedule, "");
    EXPECT_NE(bench.invoke(kUtilitySap, kPush, kNoParameter), ActionResult::success);
    EXPECT_FALSE(bench.push_within(60));
}

TEST_F(PushConformance, PUSH_Retries_P1_AsManyAsAreSetAndNoMore) {
    set_retries(2, 30);
    ASSERT_EQ(bench.invoke(kUtilitySap, kPush, kNoParameter), ActionResult::success);
    auto message = bench.push_within(60);
    ASSERT_TRUE(message);
    const std::uint32_t id = message->invoke_id;
    for (int retry = 0; retry < 2; ++retry) {
        ASSERT_EQ(bench.meter->push_finished(*message, PushOutcome::failed), PushStep::retry);
        message = bench.push_within(60);
        ASSERT_TRUE(message);
        EXPECT_EQ(bench.waited, 30);
        EXPECT_EQ(message->invoke_id, id);
    }
    EXPECT_EQ(bench.meter->push_finished(*message, PushOutcome::failed), PushStep::given_up);
    EXPECT_FALSE(bench.push_within(600));
}

TEST_F(PushConformance, PUSH_Retries_N1_NoneBehindASuccess) {
    set_retries(5, 30);
    ASSERT_EQ(bench.invoke(kUtilitySap, kPush, kNoParameter), ActionResult::success);
    const auto message = bench.push_within(60);
    ASSERT_TRUE(message);
    EXPECT_EQ(bench.meter->push_finished(*message, PushOutcome::sent), PushStep::done);
    EXPECT_FALSE(bench.push_within(600));
}

TEST_F(PushConformance, PUSH_Confirm_P1_ByItsInvokeId) {
    bench.as_reader(kOnSchedule);
    ASSERT_EQ(bench.set(kOnSchedule, 11, Octets{0x16, 0x02}), DataAccessResult::success);
    ASSERT_EQ(bench.invoke(kUtilitySap, kPush, kNoParameter), ActionResult::success);
    const auto message = bench.push_within(60);
    ASSERT_TRUE(message);
    EXPECT_TRUE(message->confirmation_wanted);
    const auto confirmation = [](std::uint32_t id) {
        Octets octets(64);
        ByteWriter out(octets);
        dlms::encode(out, dlms::DataNotificationConfirm{{id}, {}});
        octets.resize(out.size());
        return octets;
    };
    Octets other = confirmation(message->invoke_id + 1);
    EXPECT_FALSE(bench.meter->confirms(*message, other)) << "of another push";
    Octets own = confirmation(message->invoke_id);
    EXPECT_TRUE(bench.meter->confirms(*message, own));
    EXPECT_EQ(bench.meter->push_finished(*message, PushOutcome::confirmed), PushStep::done);
}

TEST_F(PushConformance, PUSH_Confirm_N1_UnconfirmedIsSentAgain) {
    set_retries(1, 30);
    ASSERT_EQ(bench.set(kOnSchedule, 11, Octets{0x16, 0x02}), DataAccessResult::success);
    ASSERT_EQ(bench.invoke(kUtilitySap, kPush, kNoParameter), ActionResult::success);
    auto message = bench.push_within(60);
    ASSERT_TRUE(message);
    EXPECT_EQ(bench.meter->push_finished(*message, PushOutcome::acknowledged), PushStep::retry)
        << "that the transport took it is no confirmation";
    EXPECT_TRUE(bench.push_within(60));
}

}  // namespace
}  // namespace ferraris::conform
