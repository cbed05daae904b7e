/// Pushes as the meter decides and builds them, without a socket.
#include <gtest/gtest.h>

#include <set>

#include "dlms/apdu/event_notification.hpp"
#include "meter/push/bench.hpp"
#include "meter/push/push_blocks.hpp"

namespace ferraris::meter {
namespace {

using dlms::ActionResult;
using dlms::DataAccessResult;
using testing::encoded;
using testing::kOnAlarm;
using testing::kOnPowerUp;
using testing::kOnSchedule;
using testing::Octets;
using testing::PushBench;
using testing::utc;

/// array of structure{start, end} on every day, from and until an hour of local time
Octets daily_window(std::uint8_t from, std::uint8_t until) {
    return encoded([&](dlms::DataWriter& data) {
        data.array(1);
        data.structure(2);
        for (const std::uint8_t hour : {from, until}) {
            dlms::DateTime limit;
            limit.time = {hour, 0, 0, 0};
            data.octet_string(dlms::encode(limit));
        }
    });
}

Octets delay(std::uint16_t least, std::uint16_t exponent, std::uint16_t most) {
    return encoded([&](dlms::DataWriter& data) {
        data.structure(3);
        data.long_unsigned(least);
        data.long_unsigned(exponent);
        data.long_unsigned(most);
    });
}

TEST(Push, NothingIsSentWithoutADestination) {
    PushBench bench;
    EXPECT_EQ(bench.push_within(2 * 3600), std::nullopt);
    EXPECT_EQ(bench.invoke(kUtilitySap, {40, kOnSchedule, 1}, *from_hex("0F00")), ActionResult::other_reason);
}

TEST(Push, EveryHourTheListInItsOrder) {
    PushBench bench;  // 2026-01-15 10:00 UTC, 11:00 in Central Europe
    bench.as_reader(kOnSchedule);
    bench.send_to(kOnSchedule, "127.0.0.1:4059");
    const auto message = bench.push_from(3600);
    ASSERT_TRUE(message);
    EXPECT_EQ(bench.waited, 3600);
    EXPECT_EQ(message->problem, PushProblem::none);
    EXPECT_EQ(message->transport, PushTransport::tcp);
    EXPECT_EQ(message->client_sap, kReaderSap);
    EXPECT_FALSE(message->confirmation_wanted);
    // data-notification, invoke id 1, 2026-01-15 (Thursday) 12:00:00.00 at UTC+1
    EXPECT_EQ(to_hex(message->apdu.first(18)), "0F000000010C07EA010F040C000000FFC400");
    dlms::DataReader in(message->apdu.subspan(18));
    EXPECT_EQ(in.structure(), 11U);
    EXPECT_EQ(to_hex(in.octet_string()), "46525330303030303030303034373131") << "FRS0000000004711";
    const Octets list = bench.read(kReaderSap, {40, kOnSchedule, 2});
    EXPECT_EQ(to_hex(in.any()->encoded), to_hex(list)) << "the list of what follows";
    EXPECT_EQ(to_hex(in.octet_string()), "07EA010F040C000000FFC400") << "the clock";
    EXPECT_EQ(in.long64_unsigned(), 1000U) << "import";
    EXPECT_EQ(to_hex(in.any()->encoded), "02020F00161E") << "Wh";
    EXPECT_EQ(in.long64_unsigned(), 0U) << "export";
    (void)in.any();
    EXPECT_EQ(in.double_long_unsigned(), 1'000'000U) << "power";
    EXPECT_EQ(to_hex(in.any()->encoded), "02020FFD161B") << "mW";
    EXPECT_EQ(in.long_unsigned(), 23'000U) << "voltage";
    EXPECT_EQ(to_hex(in.any()->encoded), "02020FFE1623") << "cV";
    EXPECT_TRUE(in.finished());
    EXPECT_TRUE(bench.push_from(3600));
    EXPECT_EQ(bench.waited, 3600) << "and the next hour again";
}

TEST(Push, UnderTheKeysOfThePushClient) {
    PushBench bench;
    bench.send_to(kOnSchedule, "127.0.0.1:4059");
    const auto message = bench.push_from(3600);
    ASSERT_TRUE(message);
    // The policy of the bench is "none" until it is raised.
    EXPECT_EQ(message->apdu[0], 0x0F);
    ASSERT_EQ(bench.invoke(kUtilitySap, {64, dlms::obis(0, 0, 43, 0, 1), 1}, *from_hex("166C")), ActionResult::success);
    const auto ciphered = bench.push_from(3600);
    ASSERT_TRUE(ciphered);
    Octets apdu(ciphered->apdu.begin(), ciphered->apdu.end());
    const auto header = dlms::read_ciphered_header(apdu);
    ASSERT_TRUE(header);
    EXPECT_EQ(apdu[0], 0xDB) << "general-glo-ciphering: who listens has no association";
    EXPECT_EQ(to_hex(header->apdu.system_title), to_hex(bench.meter->system_title()));
    const auto access = bench.meter->client(kUtilitySap);
    const auto plain = dlms::unprotect(
        *bench.crypto, *header,
        {bench.meter->system_title(), access->keys.global_unicast_encryption, access->keys.authentication}, apdu);
    ASSERT_TRUE(plain);
    const auto notification = dlms::decode_data_notification(*plain);
    ASSERT_TRUE(notification);
    EXPECT_EQ(notification->invoke.id(), 2U);
}

TEST(Push, OnPowerUpAlsoAfterARestart) {
    PushBench bench;
    bench.as_reader(kOnPowerUp);
    bench.send_to(kOnPowerUp, "127.0.0.1:4059", PushTransport::udp);
    EXPECT_EQ(bench.push_within(60), std::nullopt) << "power is there already";
    bench.power_up();
    const auto message = bench.push_from(60);
    ASSERT_TRUE(message);
    EXPECT_EQ(bench.waited, 1);
    EXPECT_EQ(message->cause, PushCause::power_up);
    EXPECT_EQ(message->transport, PushTransport::udp);
    EXPECT_EQ(bench.push_within(60), std::nullopt) << "once";
}

TEST(Push, AnAlarmThatPassesTheFilter) {
    PushBench bench;
    bench.as_reader(kOnAlarm);
    bench.send_to(kOnAlarm, "127.0.0.1:4059");
    bench.meter->security_event(kUtilitySap, dlms::SecurityEvent::authentication_failed);
    EXPECT_EQ(bench.push_within(5), std::nullopt) << "no alarm passes the filter of a new meter";
    EXPECT_EQ(bench.read(kReaderSap, {1, dlms::obis(0, 0, 97, 98, 0), 2}), *from_hex("0600002014"))
        << "fraud attempt (13), configuration changed (4) and power up (2)";

    const dlms::AttributeDescriptor reg{1, dlms::obis(0, 0, 97, 98, 0), 2};
    const dlms::AttributeDescriptor filter{1, dlms::obis(0, 0, 97, 98, 10), 2};
    const dlms::AttributeDescriptor descriptor{1, dlms::obis(0, 0, 97, 98, 20), 2};
    EXPECT_EQ(bench.write(kUtilitySap, filter, *from_hex("0600000020")), DataAccessResult::other_reason);
    EXPECT_EQ(bench.write(kUtilitySap, filter, *from_hex("0600002000")), DataAccessResult::success);
    EXPECT_EQ(bench.write(kUtilitySap, reg, *from_hex("0600000000")), DataAccessResult::success);
    bench.meter->security_event(kUtilitySap, dlms::SecurityEvent::authentication_failed);
    const auto message = bench.push_from(5);
    ASSERT_TRUE(message);
    const auto notification = dlms::decode_data_notification(message->apdu);
    ASSERT_TRUE(notification);
    EXPECT_TRUE(notification->invoke.high_priority());
    EXPECT_EQ(to_hex(notification->body.last(10)), "06000020000600000000") << "the descriptors";
    bench.meter->security_event(kUtilitySap, dlms::SecurityEvent::authentication_failed);
    EXPECT_EQ(bench.push_within(5), std::nullopt) << "no news";

    bench.power_up();
    EXPECT_EQ(bench.read(kReaderSap, descriptor), *from_hex("0600002000")) << "alarms survive a loss of power";
    EXPECT_EQ(bench.write(kUtilitySap, descriptor, *from_hex("06FFFFFFFF")), DataAccessResult::success);
    EXPECT_EQ(bench.read(kReaderSap, descriptor), *from_hex("0600002000")) << "no bit can be set";
    EXPECT_EQ(bench.write(kUtilitySap, descriptor, *from_hex("0600000000")), DataAccessResult::success);
    EXPECT_EQ(bench.read(kReaderSap, descriptor), *from_hex("0600000000"));
}

TEST(Push, AnAlarmAsEventNotification) {
    PushBench bench;
    bench.as_reader(kOnAlarm);
    bench.send_to(kOnAlarm, "127.0.0.1:4059", PushTransport::tcp, 128);
    ASSERT_EQ(bench.set(kOnAlarm, 2, encoded([](dlms::DataWriter& data) {
                            data.array(1);
                            data.structure(6);
                            data.long_unsigned(1);
                            data.octet_string(dlms::obis(0, 0, 97, 98, 20));
                            data.integer(2);
                            data.long_unsigned(0);
                            data.structure(2);
                            data.enum_(0);
                            data.null_data();
                            data.array(0);
                        })),
              DataAccessResult::success);
    ASSERT_EQ(bench.write(kUtilitySap, {1, dlms::obis(0, 0, 97, 98, 10), 2}, *from_hex("0600002000")),
              DataAccessResult::success);
    bench.meter->security_event(kUtilitySap, dlms::SecurityEvent::authentication_failed);
    const auto message = bench.push_from(5);
    ASSERT_TRUE(message);
    const auto event = dlms::decode_event_notification(message->apdu);
    ASSERT_TRUE(event);
    EXPECT_EQ(event->attribute, (dlms::AttributeDescriptor{1, dlms::obis(0, 0, 97, 98, 20), 2}));
    EXPECT_EQ(to_hex(event->value), "0600002000");
}

TEST(Push, AnEventNotificationTellsWhatItIsAbout) {
    PushBench bench;
    bench.as_reader(kOnAlarm);
    bench.as_reader(kOnSchedule);
    bench.send_to(kOnAlarm, "127.0.0.1:4059", PushTransport::tcp, 128);
    bench.send_to(kOnSchedule, "127.0.0.1:4059", PushTransport::tcp, 128);
    ASSERT_EQ(bench.write(kUtilitySap, {1, dlms::obis(0, 0, 97, 98, 10), 2}, *from_hex("0600002000")),
              DataAccessResult::success);
    bench.meter->security_event(kUtilitySap, dlms::SecurityEvent::authentication_failed);
    auto message = bench.push_from(5);
    ASSERT_TRUE(message);
    auto event = dlms::decode_event_notification(message->apdu);
    ASSERT_TRUE(event);
    EXPECT_EQ(event->attribute, (dlms::AttributeDescriptor{1, dlms::obis(0, 0, 97, 98, 20), 2}));
    EXPECT_EQ(to_hex(event->value), "0600002000") << "the descriptor, though it is not first in the list";
    EXPECT_TRUE(event->time);

    message = bench.push_from(3600);
    ASSERT_TRUE(message);
    event = dlms::decode_event_notification(message->apdu);
    ASSERT_TRUE(event);
    EXPECT_EQ(event->attribute, (dlms::AttributeDescriptor{8, dlms::obis(0, 0, 1, 0, 0), 2}))
        << "not the names in front of it";
}

TEST(Push, RetriesWithGrowingDelaysThenGivesUp) {
    PushBench bench;
    bench.send_to(kOnSchedule, "127.0.0.1:4059");
    ASSERT_EQ(bench.set(kOnSchedule, 6, *from_hex("1103")), DataAccessResult::success);
    ASSERT_EQ(bench.set(kOnSchedule, 7, delay(10, 300, 60)), DataAccessResult::success);
    auto message = bench.push_within(3600);
    ASSERT_TRUE(message);
    const std::uint32_t id = message->invoke_id;
    for (const std::int64_t expected : {10, 30, 60}) {
        EXPECT_EQ(bench.meter->push_finished(*message, PushOutcome::failed), PushStep::retry);
        message = bench.push_within(100);
        ASSERT_TRUE(message) << expected;
        EXPECT_EQ(bench.waited, expected);
        EXPECT_EQ(message->invoke_id, id) << "still the same push";
    }
    EXPECT_EQ(message->attempt, 4U);
    EXPECT_EQ(bench.meter->push_finished(*message, PushOutcome::failed), PushStep::given_up);
    EXPECT_EQ(bench.push_within(600), std::nullopt);
}

TEST(Push, OnlyInItsWindow) {
    PushBench bench(utc(2026, 1, 15, 21));  // 22:00 local
    bench.send_to(kOnSchedule, "127.0.0.1:4059");
    ASSERT_EQ(bench.set(kOnSchedule, 4, daily_window(2, 4)), DataAccessResult::success);
    const auto message = bench.push_from(5 * 3600);
    ASSERT_TRUE(message);
    EXPECT_EQ(bench.waited, 4 * 3600) << "two in the morning, one push for the hours before";
    EXPECT_TRUE(bench.push_from(3600));
    EXPECT_EQ(bench.push_within(20 * 3600), std::nullopt) << "four o'clock is outside";
    // Across midnight.
    ASSERT_EQ(bench.set(kOnSchedule, 4, daily_window(23, 1)), DataAccessResult::success);
    EXPECT_TRUE(bench.push_from(3600)) << "23:00, and midnight";
    EXPECT_TRUE(bench.push_from(3600));
    EXPECT_EQ(bench.push_within(3600), std::nullopt);
}

TEST(Push, RandomStartSpreadsMetersAndIsTheSameAgain) {
    std::set<std::int64_t> starts;
    for (std::uint64_t serial = 1; serial <= 20; ++serial) {
        std::optional<std::int64_t> before;
        for (int again = 0; again < 2; ++again) {
            PushBench bench;
            bench.meter = std::make_unique<Meter>(bench.flash, *bench.crypto, MeterIdentity::from_serial_number(serial),
                                                  testing::factory_settings());
            ASSERT_TRUE(bench.meter->start(bench.now));
            bench.send_to(kOnSchedule, "127.0.0.1:4059");
            ASSERT_EQ(bench.set(kOnSchedule, 5, *from_hex("12012C")), DataAccessResult::success);
            ASSERT_EQ(bench.invoke(kUtilitySap, {40, kOnSchedule, 1}, *from_hex("0F00")), ActionResult::success);
            ASSERT_TRUE(bench.push_from(400));
            EXPECT_LE(bench.waited, 301);
            EXPECT_EQ(bench.waited, before.value_or(bench.waited)) << "deterministic";
            before = bench.waited;
        }
        starts.insert(*before);
    }
    EXPECT_GT(starts.size(), 15U);
}

TEST(Push, ConfirmedOnlyByItsOwnConfirmation) {
    PushBench bench;
    bench.send_to(kOnSchedule, "127.0.0.1:4059");
    ASSERT_EQ(bench.set(kOnSchedule, 11, *from_hex("1602")), DataAccessResult::success);
    ASSERT_EQ(bench.invoke(kUtilitySap, {64, dlms::obis(0, 0, 43, 0, 1), 1}, *from_hex("166C")), ActionResult::success);
    auto message = bench.push_within(3600);
    ASSERT_TRUE(message);
    EXPECT_TRUE(message->confirmation_wanted);
    const auto access = *bench.meter->client(kUtilitySap);
    const Octets title = *from_hex("4652430000000007");
    const auto confirmation = [&](std::uint32_t id, std::uint32_t counter) {
        Octets octets(128);
        ByteWriter out(ByteSpan(octets).subspan(dlms::kMaxCipherHead));
        dlms::encode(out, dlms::DataNotificationConfirm{{id}, {}});
        dlms::ProtectParameters how;
        how.envelope = dlms::Envelope::general_global;
        how.invocation_counter = counter;
        how.keys = {title, access.keys.global_unicast_encryption, access.keys.authentication};
        const auto apdu = dlms::protect(*bench.crypto, how, octets, dlms::kMaxCipherHead, out.size());
        return Octets(apdu->begin(), apdu->end());
    };
    Octets wrong_id = confirmation(message->invoke_id + 1, 10);
    EXPECT_FALSE(bench.meter->confirms(*message, wrong_id));
    Octets good = confirmation(message->invoke_id, 11);
    Octets replay = good;
    Octets damaged = confirmation(message->invoke_id, 12);
    damaged.back() ^= 1U;
    Octets in_the_clear = *from_hex("100000000100");
    EXPECT_FALSE(bench.meter->confirms(*message, damaged));
    EXPECT_FALSE(bench.meter->confirms(*message, in_the_clear)) << "the policy wants a tag";
    EXPECT_TRUE(bench.meter->confirms(*message, good));
    EXPECT_FALSE(bench.meter->confirms(*message, replay));

    EXPECT_EQ(bench.meter->push_finished(*message, PushOutcome::acknowledged), PushStep::retry);
    message = bench.push_within(60);
    ASSERT_TRUE(message);
    EXPECT_EQ(bench.read(kUtilitySap, {40, kOnSchedule, 13}), *from_hex("19FFFFFFFFFFFFFFFFFF8000FF"));
    EXPECT_EQ(bench.meter->push_finished(*message, PushOutcome::confirmed), PushStep::done);
    EXPECT_EQ(to_hex(bench.read(kUtilitySap, {40, kOnSchedule, 13})), "1907EA010F040C010000FFC400") << "12:01 local";
}

TEST(Push, ResetForgetsWhatWaits) {
    PushBench bench;
    bench.send_to(kOnSchedule, "127.0.0.1:4059");
    ASSERT_EQ(bench.set(kOnSchedule, 5, *from_hex("12012C")), DataAccessResult::success);
    ASSERT_EQ(bench.invoke(kUtilitySap, {40, kOnSchedule, 1}, *from_hex("0F00")), ActionResult::success);
    ASSERT_EQ(bench.invoke(kUtilitySap, {40, kOnSchedule, 2}, *from_hex("0F00")), ActionResult::success);
    EXPECT_EQ(bench.push_within(600), std::nullopt);
}

TEST(Push, AScriptPushes) {
    PushBench bench;
    bench.as_reader(kOnAlarm);
    bench.send_to(kOnAlarm, "127.0.0.1:4059");
    ASSERT_EQ(bench.invoke(kUtilitySap, {9, dlms::obis(0, 0, 10, 0, 108), 1}, *from_hex("120003")),
              ActionResult::success);
    const auto message = bench.push_from(1);
    ASSERT_TRUE(message);
    EXPECT_EQ(message->cause, PushCause::alarm);
    EXPECT_EQ(bench.invoke(kUtilitySap, {9, dlms::obis(0, 0, 10, 0, 108), 1}, *from_hex("120009")),
              ActionResult::object_undefined);
}

TEST(Push, ValuesThatTheClientMayNotReadAreNull) {
    PushBench bench;
    bench.send_to(kOnAlarm, "127.0.0.1:4059");
    ASSERT_EQ(bench.set(kOnAlarm, 9, *from_hex("0F10")), DataAccessResult::success) << "the public client";
    ASSERT_EQ(bench.invoke(kUtilitySap, {40, kOnAlarm, 1}, *from_hex("0F00")), ActionResult::success);
    const auto message = bench.push_from(1);
    ASSERT_TRUE(message);
    const auto notification = dlms::decode_data_notification(message->apdu);
    ASSERT_TRUE(notification);
    dlms::DataReader in(notification->body);
    EXPECT_EQ(in.structure(), 5U);
    EXPECT_EQ(in.octet_string().size(), 16U) << "its name is for everybody";
    EXPECT_EQ(in.any()->tag, dlms::DataTag::array) << "and its list";
    EXPECT_EQ(in.octet_string().size(), 12U);
    in.null_data();
    in.null_data();
    EXPECT_TRUE(in.finished());
}

/// One element of push_object_list of the load profile's buffer.
template <class Restriction>
Octets profile_list(Restriction&& restriction, std::initializer_list<dlms::LogicalName> columns,
                    std::uint16_t data_index = 0) {
    return encoded([&](dlms::DataWriter& data) {
        data.array(1);
        data.structure(6);
        data.long_unsigned(7);
        data.octet_string(dlms::obis(1, 0, 99, 1, 0));
        data.integer(2);
        data.long_unsigned(data_index);
        data.structure(2);
        restriction(data);
        data.array(columns.size());
        for (const dlms::LogicalName& column : columns) {
            data.structure(4);
            data.long_unsigned(3);
            data.octet_string(column);
            data.integer(2);
            data.long_unsigned(0);
        }
    });
}

TEST(Push, RowsAndColumnsOfAProfile) {
    PushBench bench;
    bench.as_reader(kOnAlarm);
    bench.send_to(kOnAlarm, "127.0.0.1:4059");
    bench.run(3601, 1000);
    const auto pushed = [&](const Octets& list) {
        EXPECT_EQ(bench.set(kOnAlarm, 2, list), DataAccessResult::success);
        EXPECT_EQ(bench.invoke(kUtilitySap, {40, kOnAlarm, 1}, *from_hex("0F00")), ActionResult::success);
        const auto message = bench.push_from(2);
        if (!message || message->problem != PushProblem::none) return std::string("problem");
        return to_hex(dlms::decode_data_notification(message->apdu)->body);
    };
    const auto entries = [](dlms::DataWriter& data) {
        data.enum_(2);
        data.structure(2);
        data.long_unsigned(3);
        data.long_unsigned(4);
    };
    const auto none = [](dlms::DataWriter& data) {
        data.enum_(0);
        data.null_data();
    };
    const auto dates = [](dlms::DataWriter& data) {
        data.enum_(1);
        data.structure(2);
        for (const std::uint8_t minute : {std::uint8_t{30}, std::uint8_t{45}}) {
            dlms::DateTime limit;
            limit.date = {2026, 1, 15, 4};
            limit.time = {11, minute, 0, 0};
            data.octet_string(dlms::encode(limit));
        }
    };
    const dlms::LogicalName import = dlms::obis(1, 0, 1, 8, 0);
    EXPECT_EQ(pushed(profile_list(none, {import})),
              "02010104"
              "020115"
              "00000000000000FA"
              "020115"
              "00000000000001F4"
              "020115"
              "00000000000002EE"
              "020115"
              "00000000000003E8")
        << "four quarters of 250 Wh";
    EXPECT_EQ(pushed(profile_list(dates, {import})),
              "02010102"
              "020115"
              "00000000000001F4"
              "020115"
              "00000000000002EE");
    EXPECT_EQ(pushed(profile_list(none, {import}, 4)),
              "0201"
              "020115"
              "00000000000003E8")
        << "the fourth row";
    EXPECT_EQ(pushed(profile_list(entries, {})).substr(0, 12), "020101020208") << "two rows of eight columns";
    EXPECT_EQ(pushed(profile_list(none, {import}, 5)), "020100") << "there is no fifth";
}

TEST(Push, TooLongIsSaidAndOver) {
    PushBench bench;
    bench.send_to(kOnSchedule, "127.0.0.1:4059");
    bench.buffer.resize(100);
    const auto message = bench.push_within(3600);
    ASSERT_TRUE(message);
    EXPECT_EQ(message->problem, PushProblem::too_long);
    EXPECT_EQ(bench.push_within(600), std::nullopt);
}

TEST(Push, ALongOneGoesOutInBlocks) {
    PushBench bench;
    bench.run(24 * 3600, 1000);
    bench.send_to(kOnAlarm, "127.0.0.1:4059");
    const auto everything = [](dlms::DataWriter& data) {
        data.enum_(0);
        data.null_data();
    };
    ASSERT_EQ(bench.set(kOnAlarm, 2, profile_list(everything, {})), DataAccessResult::success);
    bench.buffer.resize(20'000);
    ASSERT_EQ(bench.invoke(kUtilitySap, {40, kOnAlarm, 1}, *from_hex("0F00")), ActionResult::success);
    const auto message = bench.push_from(2);
    ASSERT_TRUE(message);
    ASSERT_EQ(message->problem, PushProblem::none);
    ASSERT_GT(message->apdu.size(), 4000U) << "a day of the load profile";

    constexpr std::size_t kMaxApdu = 500;
    PushBlocks blocks(message->apdu, kMaxApdu);
    Octets memory(20'000);
    dlms::BlockTransfer receiver;
    receiver.start(dlms::BlockRole::responder, memory, dlms::kMaxBlockWindow);
    auto event = dlms::BlockTransfer::Event::none;
    Octets octets(kMaxApdu);
    for (std::uint16_t number = 1;; ++number) {
        ByteWriter out(octets);
        if (!blocks.pull(out)) break;
        ASSERT_FALSE(out.overflowed());
        ASSERT_EQ(event, dlms::BlockTransfer::Event::none);
        const auto block = dlms::decode_general_block(out.written());
        ASSERT_TRUE(block);
        EXPECT_EQ(block->number, number);
        EXPECT_EQ(block->streaming, !block->last) << "nobody is waited for";
        event = receiver.take(*block);
    }
    ASSERT_EQ(event, dlms::BlockTransfer::Event::complete);
    EXPECT_EQ(to_hex(receiver.received()), to_hex(message->apdu));
}

TEST(Push, AShortOneGoesOutAsItIs) {
    const Octets apdu{0x0F, 0x00, 0x00, 0x00, 0x01, 0x00, 0x00};
    Octets memory(16);
    PushBlocks blocks(apdu, 16);
    ByteWriter out(memory);
    ASSERT_TRUE(blocks.pull(out));
    EXPECT_EQ(to_hex(out.written()), to_hex(apdu));
    EXPECT_FALSE(blocks.pull(out));
}

TEST(Push, SettingsAreCheckedAndDurable) {
    PushBench bench;
    const auto refused = [&](std::int8_t attribute, const std::string& hex, DataAccessResult why) {
        EXPECT_EQ(bench.set(kOnSchedule, attribute, *from_hex(hex)), why) << int{attribute} << " " << hex;
    };
    refused(3, "0203160209001600", DataAccessResult::other_reason);  // transport FTP
    refused(3, "0203160009001601", DataAccessResult::other_reason);  // XML
    refused(3, "1600", DataAccessResult::type_unmatched);
    refused(5, "1101", DataAccessResult::type_unmatched);
    refused(6, "110304", DataAccessResult::type_unmatched);                // something is left over
    refused(7, "0203120064120064120010", DataAccessResult::other_reason);  // the least above the most
    refused(9, "0F00", DataAccessResult::other_reason);
    refused(11, "1603", DataAccessResult::other_reason);
    refused(13, "1900", DataAccessResult::read_write_denied);
    // Class 3, 1-0:99.99.99: no such object.
    refused(2,
            "01010206120003090601006363"
            "63FF0F02120000"
            "0202160000"
            "0100",
            DataAccessResult::object_undefined);
    EXPECT_EQ(bench.write(kReaderSap, {40, kOnSchedule, 5}, *from_hex("120010")), DataAccessResult::read_write_denied);

    bench.send_to(kOnSchedule, "[::1]:4059", PushTransport::udp);
    ASSERT_EQ(bench.write(kUtilitySap, {22, dlms::obis(0, 0, 15, 0, 4), 4},
                          // every day at 06:30:00
                          *from_hex("01010202"
                                    "0904061E00FF"
                                    "0905FFFFFFFFFF")),
              DataAccessResult::success);
    bench.power_up();
    EXPECT_EQ(to_hex(bench.read(kUtilitySap, {40, kOnSchedule, 3})), "02031601090A5B3A3A315D3A343035391600");
    const auto message = bench.push_from(24 * 3600);
    ASSERT_TRUE(message);
    EXPECT_EQ(bench.waited, (24 + 6 - 11) * 3600 + 1800) << "from 11:00 local to 6:30";
    EXPECT_EQ(
        bench.write(kUtilitySap, {22, dlms::obis(0, 0, 15, 0, 4), 4}, *from_hex("010102020904181E00FF0905FFFFFFFFFF")),
        DataAccessResult::other_reason)
        << "24:30";
}

TEST(Push, TheScheduleFollowsTheClock) {
    PushBench bench;
    bench.as_reader(kOnSchedule);
    bench.send_to(kOnSchedule, "127.0.0.1:4059");
    // Set on by 1 h 30 min: the hour in between is not made up for, the next comes after half an hour.
    dlms::DateTime later;
    later.date = {2026, 1, 15, 4};
    later.time = {12, 30, 0, 0};
    ASSERT_EQ(bench.write(kUtilitySap, {8, dlms::obis(0, 0, 1, 0, 0), 2},
                          encoded([&](dlms::DataWriter& data) { data.octet_string(dlms::encode(later)); })),
              DataAccessResult::success);
    ASSERT_TRUE(bench.push_from(3600));
    EXPECT_EQ(bench.waited, 1800);
}

TEST(Push, TheHourThatComesTwice) {
    PushBench bench(utc(2026, 10, 24, 23, 30));  // 01:30 summer time; 03:00 becomes 02:00 at 01:00 UTC
    bench.send_to(kOnSchedule, "127.0.0.1:4059");
    std::vector<std::int64_t> waits;
    for (int i = 0; i < 3; ++i) {
        ASSERT_TRUE(bench.push_from(3 * 3600));
        waits.push_back(bench.waited);
    }
    EXPECT_EQ(waits, (std::vector<std::int64_t>{1800, 3600, 3600})) << "at 2:00, at 2:00 again, at 3:00";
}

}  // namespace
}  // namespace ferraris::meter
