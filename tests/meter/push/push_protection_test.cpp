// What push_protection_parameters make of a push (class 40, attribute 10).
#include <gtest/gtest.h>

#include "dlms/security/layers.hpp"
#include "meter/push/bench.hpp"

namespace ferraris::meter {
namespace {

using dlms::DataAccessResult;
using testing::kOnSchedule;
using testing::Octets;
using testing::PushBench;

/// One element that ciphers (authenticated and encrypted), with its key info.
std::string ciphers(const std::string& key_info) {
    return "02021602"
           "0205"
           "0900"
           "0900"
           "0900"
           "0900" +
           key_info;
}
/// key_info: identified key, global unicast; a fresh key, wrapped with the master key.
const std::string kIdentified =
    "0202"
    "1600"
    "0201"
    "1600";
const std::string kWrapped =
    "0202"
    "1601"
    "0202"
    "1600"
    "0900";

/// The push, and what a receiver with the utility's keys makes of its outermost layer.
struct Received {
    Octets apdu;
    std::optional<dlms::OpenedLayer> opened{};
};

Received receive(PushBench& bench, const std::string& parameters) {
    EXPECT_EQ(bench.set(kOnSchedule, 10, *from_hex(parameters)), DataAccessResult::success) << parameters;
    bench.send_to(kOnSchedule, "127.0.0.1:4059");
    const auto message = bench.push_from(3600);
    Received received;
    if (!message || message->problem != PushProblem::none) return received;
    received.apdu.assign(message->apdu.begin(), message->apdu.end());
    const auto access = bench.meter->client(kUtilitySap);
    dlms::GeneralKeys keys;
    keys.peer_system_title = bench.meter->system_title();
    keys.unicast_encryption = access->keys.global_unicast_encryption;
    keys.authentication = access->keys.authentication;
    keys.master = access->keys.master;
    const auto opened = dlms::open_layer(*bench.crypto, 0, keys, received.apdu);
    if (opened) received.opened = *opened;
    return received;
}

TEST(PushProtection, AnIdentifiedKey) {
    PushBench bench;
    const Received push = receive(bench, "0101" + ciphers(kIdentified));
    ASSERT_FALSE(push.apdu.empty());
    EXPECT_EQ(push.apdu[0], 0xDD) << "general-ciphering";
    ASSERT_TRUE(push.opened);
    EXPECT_EQ(push.opened->layer.key, dlms::KeyChoice::identified_unicast);
    EXPECT_TRUE(push.opened->layer.protection.covers({true, true}));
    EXPECT_TRUE(dlms::decode_data_notification(push.opened->inside));
}

TEST(PushProtection, AFreshKeyForEachMessage) {
    PushBench bench;
    const Received first = receive(bench, "0101" + ciphers(kWrapped));
    const Received second = receive(bench, "0101" + ciphers(kWrapped));
    ASSERT_TRUE(first.opened && second.opened);
    EXPECT_EQ(second.opened->layer.key, dlms::KeyChoice::wrapped);
    EXPECT_GT(second.opened->invocation_counter, first.opened->invocation_counter);
    EXPECT_FALSE(equal(second.opened->layer.transaction_id.view(), first.opened->layer.transaction_id.view()));
    EXPECT_TRUE(dlms::decode_data_notification(second.opened->inside));
}

TEST(PushProtection, NothingLessThanThePolicyOfItsClient) {
    PushBench bench;
    // Authenticated alone, where requests and answers are to be authenticated and encrypted.
    ASSERT_EQ(bench.invoke(kUtilitySap, {64, dlms::obis(0, 0, 43, 0, 1), 1}, *from_hex("166C")),
              dlms::ActionResult::success);
    ASSERT_EQ(bench.set(kOnSchedule, 10,
                        *from_hex("010102021600"
                                  "0205"
                                  "0900"
                                  "0900"
                                  "0900"
                                  "0900" +
                                  kIdentified)),
              DataAccessResult::success);
    bench.send_to(kOnSchedule, "127.0.0.1:4059");
    const auto message = bench.push_within(3600);
    ASSERT_TRUE(message);
    EXPECT_EQ(message->problem, PushProblem::unprotected);
}

TEST(PushProtection, WithoutTheKeyItIsSaidAndOver) {
    PushBench bench;
    // C(1e,1s) wants the certificate of its recipient, and a suite with curves.
    const std::string agreed =
        "02021602"
        "0205"
        "0900"
        "0900"
        "09085245434549564552"
        "0900"
        "0202"
        "1602"
        "0202"
        "090101"
        "0900";
    ASSERT_EQ(bench.set(kOnSchedule, 10, *from_hex("0101" + agreed)), DataAccessResult::success);
    bench.send_to(kOnSchedule, "127.0.0.1:4059");
    const auto message = bench.push_within(3600);
    ASSERT_TRUE(message);
    EXPECT_EQ(message->problem, PushProblem::unprotected);
    EXPECT_EQ(bench.push_within(600), std::nullopt);
}

TEST(PushProtection, IsCheckedAndDurable) {
    PushBench bench;
    const auto refused = [&](const std::string& hex, DataAccessResult why) {
        EXPECT_EQ(bench.set(kOnSchedule, 10, *from_hex(hex)), why) << hex;
    };
    const std::string good = ciphers(kIdentified);
    refused("0102" + good + good, DataAccessResult::other_reason);  // ciphered twice
    refused(
        "0101"
        "02021603"
        "0205"
        "0900"
        "0900"
        "0900"
        "0900" +
            kIdentified,
        DataAccessResult::other_reason);
    refused(
        "0101"
        "02021604"
        "0205"
        "0900"
        "0900"
        "0900"
        "0900" +
            kIdentified,
        DataAccessResult::other_reason);
    refused("0101" + ciphers("0202"
                             "1600"
                             "0201"
                             "1602"),
            DataAccessResult::other_reason);  // no such key
    refused("0101" + ciphers("0202"
                             "1601"
                             "0202"
                             "1600"
                             "0901AA"),
            DataAccessResult::other_reason);  // a key of theirs
    refused(
        "0101"
        "02021602"
        "0205"
        "0900"
        "0900"
        "09015A"
        "0900" +
            kIdentified,
        DataAccessResult::other_reason);
    refused("1600", DataAccessResult::type_unmatched);
    EXPECT_EQ(to_hex(bench.read(kUtilitySap, {40, kOnSchedule, 10})), "0100");
    ASSERT_EQ(bench.set(kOnSchedule, 10, *from_hex("0101" + good)), DataAccessResult::success);
    bench.power_up();
    EXPECT_EQ(to_hex(bench.read(kUtilitySap, {40, kOnSchedule, 10})), "0101" + good);
}

TEST(PushProtection, RefusesWhatThereIsNotAndKeepsWhatThereIs) {
    const std::string identified_broadcast =
        "02021600020116"
        "01";
    const std::string one_pass =
        "02021602"
        "0202"
        "090101"
        "0900";
    const std::string static_unified =
        "02021602"
        "0202"
        "090102"
        "0900";
    PushBench bench;
    const auto set = [&](const std::string& value) { return bench.set(kOnSchedule, 10, *from_hex(value)); };
    for (const std::string& key : {kIdentified, identified_broadcast, kWrapped, one_pass, static_unified}) {
        EXPECT_EQ(set("0101" + ciphers(key)), DataAccessResult::success) << key;
    }
    ASSERT_EQ(set("0101" + ciphers(kWrapped)), DataAccessResult::success);
    const auto stored = bench.read(kUtilitySap, {40, kOnSchedule, 10});
    const std::string head =
        "0101"
        "02021602"
        "0205";
    for (const std::string& wrong : {
             "0103" + ciphers(kIdentified) + ciphers(kIdentified) + ciphers(kIdentified),  // more layers than there are
             "0102" + ciphers(kIdentified) + ciphers(kIdentified),                         // ciphered twice
             std::string("0101"
                         "0203"
                         "1602"
                         "0205"),  // an element of three
             std::string("0101"
                         "02021607"
                         "0205"),  // an unknown kind
             std::string("0101"
                         "02021602"
                         "0204"),  // options of four
             head +
                 "090101"
                 "0900"
                 "0900"
                 "0900" +
                 kIdentified,  // a transaction's id
             head +
                 "0900"
                 "090101"
                 "0900"
                 "0900" +
                 kIdentified,  // an originator
             head +
                 "0900"
                 "0900"
                 "09020102"
                 "0900" +
                 kIdentified,  // half a title
             head +
                 "0900"
                 "0900"
                 "0900"
                 "090101" +
                 kIdentified,           // other information
             "0101" + ciphers("0203"),  // key info of three
             "0101" + ciphers("02021600"
                              "0202"
                              "1600"
                              "1600"),  // identified by two
             "0101" + ciphers("02021600"
                              "0201"
                              "1602"),  // a third global key
             "0101" + ciphers("02021601"
                              "0202"
                              "1601"
                              "0900"),  // wrapped with what is not
             "0101" + ciphers("02021601"
                              "0202"
                              "1600"
                              "090101"),  // a key that is the meter's
             "0101" + ciphers("02021602"
                              "0202"
                              "090103"
                              "0900"),  // an unknown agreement
             "0101" + ciphers("02021602"
                              "0202"
                              "09020101"
                              "0900"),  // two at once
             "0101" + ciphers("02021602"
                              "0202"
                              "090101"
                              "090101"),  // an ephemeral key
             "0101" + ciphers("02021603"
                              "0201"
                              "1600"),  // a kind of key that is not
         }) {
        EXPECT_NE(set(wrong), DataAccessResult::success) << wrong;
        EXPECT_EQ(bench.read(kUtilitySap, {40, kOnSchedule, 10}), stored) << wrong;
    }
}

}  // namespace
}  // namespace ferraris::meter
