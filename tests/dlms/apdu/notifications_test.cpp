/// Exception, confirmed service error, event and data notification.
#include <gtest/gtest.h>

#include "dlms/apdu/confirmed_service_error.hpp"
#include "dlms/apdu/data_notification.hpp"
#include "dlms/apdu/event_notification.hpp"
#include "dlms/apdu/exception.hpp"
#include "dlms/octets.hpp"

namespace ferraris::dlms {
namespace {

using testing::encoded;
using testing::octets;

TEST(Exception, WithAndWithoutCounter) {
    const auto usual = decode_exception_response(octets("D80101"));
    ASSERT_TRUE(usual);
    EXPECT_EQ(usual->state, StateError::service_not_allowed);
    EXPECT_EQ(usual->service, ServiceError::operation_not_possible);
    EXPECT_EQ(encoded(*usual), "D80101");
    const auto counter = decode_exception_response(octets("D801060000002A"));
    ASSERT_TRUE(counter);
    EXPECT_EQ(counter->expected_invocation_counter, 42U);
    EXPECT_EQ(encoded(*counter), "D801060000002A");
    const auto without = decode_exception_response(octets("D80106"));
    ASSERT_TRUE(without);
    EXPECT_FALSE(without->expected_invocation_counter);
    EXPECT_EQ(decode_exception_response(octets("D80204")).value().service, ServiceError::pdu_too_long);
    EXPECT_EQ(decode_exception_response(octets("D802")).error(), ApduError::truncated);
    EXPECT_EQ(decode_exception_response(octets("D8010100")).error(), ApduError::malformed);
}

TEST(ConfirmedServiceError, InitiateErrors) {
    const auto error = decode_confirmed_service_error(octets("0E010601"));
    ASSERT_TRUE(error);
    EXPECT_EQ(error->service, ConfirmedService::initiate);
    EXPECT_EQ(error->group, ServiceErrorGroup::initiate);
    EXPECT_EQ(error->code, static_cast<std::uint8_t>(InitiateError::dlms_version_too_low));
    EXPECT_EQ(encoded(*error), "0E010601");
    EXPECT_EQ(encoded(ConfirmedServiceError::of(InitiateError::pdu_size_too_short)), "0E010603");
    EXPECT_EQ(decode_confirmed_service_error(octets("0E0106")).error(), ApduError::truncated);
}

TEST(EventNotification, WithAndWithoutTime) {
    const auto bare = octets("C2 00 0003 0100010800FF 02 1107");
    const auto event = decode_event_notification(bare);
    ASSERT_TRUE(event);
    EXPECT_FALSE(event->time);
    EXPECT_EQ(event->attribute, (AttributeDescriptor{3, obis(1, 0, 1, 8, 0), 2}));
    EXPECT_EQ(to_hex(event->value), "1107");
    EXPECT_EQ(encoded(*event), to_hex(bare));
    const auto timed = octets("C2 01 0C 07E50118FF0E303950FFC400 0003 0100010800FF 02 1107");
    const auto with_time = decode_event_notification(timed);
    ASSERT_TRUE(with_time);
    EXPECT_EQ(to_hex(with_time->time.value()), "07E50118FF0E303950FFC400");
    EXPECT_EQ(encoded(*with_time), to_hex(timed));
}

TEST(DataNotification, DateTimeAsTheStandardAndAsSomeMetersHaveIt) {
    const auto none = octets("0F 00000001 00 1107");
    const auto bare = decode_data_notification(none);
    ASSERT_TRUE(bare);
    EXPECT_EQ(bare->invoke.id(), 1U);
    EXPECT_TRUE(bare->date_time.empty());
    EXPECT_EQ(to_hex(bare->body), "1107");
    EXPECT_EQ(encoded(*bare), to_hex(none));

    const auto dated = octets("0F 4000004D 0C 07E60B03FF0F2619FFFF4CFF 1107");
    const auto standard = decode_data_notification(dated);
    ASSERT_TRUE(standard);
    EXPECT_TRUE(standard->invoke.confirmed());
    EXPECT_EQ(to_hex(standard->date_time), "07E60B03FF0F2619FFFF4CFF");
    EXPECT_EQ(encoded(*standard), to_hex(dated));

    const auto as_octet_string = octets("0F 4000004D 09 0C 07E60B03FF0F2619FFFF4CFF 1107");
    const auto tagged = decode_data_notification(as_octet_string);
    ASSERT_TRUE(tagged);
    EXPECT_EQ(to_hex(tagged->date_time), "07E60B03FF0F2619FFFF4CFF");
    EXPECT_EQ(to_hex(tagged->body), "1107");

    EXPECT_EQ(decode_data_notification(octets("0F 00000001 00")).error(), ApduError::truncated) << "no body";
    EXPECT_EQ(decode_data_notification(octets("0F 00000001 03 010203 1107")).error(), ApduError::malformed);
}

TEST(DataNotification, PushesOfTheFacts) {
    FERRARIS_NEEDS_SHARED("facts/vectors_push_and_profile.json");
    int seen = 0;
    const auto facts = testing::shared_json("facts/vectors_push_and_profile.json");
    for (const auto& sample : facts.at("samples")) {
        for (const char* field : {"plain", "bytes"}) {
            if (!sample.contains(field)) continue;
            const auto apdu = octets(sample.at(field));
            if (apdu[0] != 0x0F) continue;
            const auto notification = decode_data_notification(apdu);
            ASSERT_TRUE(notification) << sample.at("id");
            EXPECT_EQ(encoded(*notification), to_hex(apdu)) << sample.at("id");
            ++seen;
        }
    }
    EXPECT_EQ(seen, 5);
}

}  // namespace
}  // namespace ferraris::dlms
