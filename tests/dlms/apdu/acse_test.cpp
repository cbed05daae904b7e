#include "dlms/apdu/acse.hpp"

#include <gtest/gtest.h>

#include <rapidcheck.h>

#include "dlms/octets.hpp"

namespace ferraris::dlms {
namespace {

using testing::encoded;
using testing::octets;

std::string text(const std::optional<ByteView>& field) { return field ? to_hex(*field) : "absent"; }

TEST(Acse, AarqWithLowLevelSecurity) {
    const auto apdu = octets(
        "60 36"
        "A1 09 06 07 60857405080101"    // application context: logical names, no ciphering
        "8A 02 07 80"                   // sender-acse-requirements: authentication
        "8B 07 60857405080201"          // mechanism: low
        "AC 0A 80 08 3132333435363738"  // secret 12345678
        "BE 10 04 0E 01000000065F1F0400007E1F04B0");
    const auto request = decode_aarq(apdu);
    ASSERT_TRUE(request);
    EXPECT_EQ(application_context_of(request->application_context_name), ApplicationContext::logical_names);
    EXPECT_TRUE(request->offers_version_1());
    EXPECT_TRUE(request->asks_for_authentication());
    EXPECT_EQ(mechanism_of(request->mechanism_name.value()), AuthenticationMechanism::low);
    EXPECT_EQ(to_hex(request->calling_authentication_value.value().octets), "3132333435363738");
    EXPECT_EQ(text(request->user_information), "01000000065F1F0400007E1F04B0");
    EXPECT_EQ(text(request->calling.ap_title), "absent");
    EXPECT_EQ(encoded(*request), to_hex(apdu));
}

TEST(Acse, AarqWithEveryOptionalField) {
    const auto apdu = octets(
        "60 4B"
        "80 02 07 80"  // protocol version 1
        "A1 09 06 07 60857405080103"
        "A2 03 04 01 11"  // called AP title
        "A3 03 04 01 22"  // called AE qualifier
        "A4 03 02 01 33"  // called AP invocation id
        "A5 03 02 01 44"  // called AE invocation id
        "A6 03 04 01 55"  // calling AP title
        "A7 03 04 01 66"  // calling AE qualifier
        "A8 03 02 01 77"  // calling AP invocation id
        "A9 03 02 01 08"  // calling AE invocation id: the user
        "8A 02 07 80"
        "AC 05 81 03 00 AABB"  // a bit string
        "9D 02 4142"           // implementation information
        "BE 03 04 01 01");
    const auto request = decode_aarq(apdu);
    ASSERT_TRUE(request);
    EXPECT_EQ(text(request->called.ap_title), "11");
    EXPECT_EQ(text(request->called.ae_qualifier), "22");
    EXPECT_EQ(text(request->called.ap_invocation_id), "33");
    EXPECT_EQ(text(request->called.ae_invocation_id), "44");
    EXPECT_EQ(text(request->calling.ap_title), "55");
    EXPECT_EQ(text(request->calling.ae_qualifier), "66");
    EXPECT_EQ(text(request->calling.ap_invocation_id), "77");
    EXPECT_EQ(text(request->calling.ae_invocation_id), "08");
    EXPECT_EQ(request->calling_authentication_value.value().choice, AuthenticationValue::Choice::bit_string);
    EXPECT_EQ(to_hex(request->calling_authentication_value.value().octets), "AABB");
    EXPECT_EQ(text(request->implementation_information), "4142");
    EXPECT_EQ(encoded(*request), to_hex(apdu));
}

TEST(Acse, ProtocolVersionsOtherThan1AreSeen) {
    const auto apdu = octets("60 0F 80 02 07 40 A1 09 06 07 60857405080101");
    const auto request = decode_aarq(apdu);
    ASSERT_TRUE(request);
    EXPECT_FALSE(request->offers_version_1());
}

TEST(Acse, FieldsThatNobodyKnowsAreSkippedWhenWellFormed) {
    const auto apdu = octets("60 10 A1 09 06 07 60857405080101 8D 03 010203");
    ASSERT_TRUE(decode_aarq(apdu));
    const auto cut = octets("60 10 A1 09 06 07 60857405080101 8D 04 010203");
    EXPECT_EQ(decode_aarq(cut).error(), ApduError::truncated);
}

TEST(Acse, RefusesDoubleAndMissingFields) {
    EXPECT_EQ(decode_aarq(octets("60 04 8A 02 07 80")).error(), ApduError::malformed) << "no context";
    EXPECT_EQ(decode_aarq(octets("60 16 A1 09 06 07 60857405080101 A1 09 06 07 60857405080101")).error(),
              ApduError::malformed);
    EXPECT_EQ(decode_aarq(octets("60 0B A1 09 04 07 60857405080101")).error(), ApduError::malformed)
        << "a context that is no object identifier";
    EXPECT_EQ(decode_aare(octets("61 0B A1 09 06 07 60857405080101")).error(), ApduError::malformed) << "no result";
    EXPECT_EQ(decode_aarq(octets("61 00")).error(), ApduError::unknown_tag);
    EXPECT_EQ(decode_aarq(octets("60 80 00 00")).error(), ApduError::truncated) << "no indefinite lengths";
    EXPECT_EQ(decode_aarq(octets("60 0B A1 09 06 07 60857405080101 00")).error(), ApduError::malformed);
}

TEST(Acse, AareAccepted) {
    const auto apdu = octets(
        "61 42"
        "A1 09 06 07 60857405080101"
        "A2 03 02 01 00"        // accepted
        "A3 05 A1 03 02 01 0E"  // acse-service-user: authentication required
        "88 02 07 80"
        "89 07 60857405080205"          // HLS with GMAC
        "AA 0A 80 08 503677524A323146"  // challenge P6wRJ21F
        "BE 10 04 0E 0800065F1F040000501F01F40007");
    const auto response = decode_aare(apdu);
    ASSERT_TRUE(response);
    EXPECT_EQ(response->result, AssociationResult::accepted);
    EXPECT_EQ(response->diagnostic, AssociateDiagnostic::of(AcseUserDiagnostic::authentication_required));
    EXPECT_EQ(mechanism_of(response->mechanism_name.value()), AuthenticationMechanism::high_gmac);
    EXPECT_EQ(to_hex(response->responding_authentication_value.value().octets), "503677524A323146");
    EXPECT_EQ(encoded(*response), to_hex(apdu));
}

TEST(Acse, AareRejectedByTheProviderAndWithoutUserInformation) {
    const auto apdu = octets("61 17 A1 09 06 07 60857405080101 A2 03 02 01 01 A3 05 A2 03 02 01 02");
    const auto response = decode_aare(apdu);
    ASSERT_TRUE(response);
    EXPECT_EQ(response->result, AssociationResult::rejected_permanent);
    EXPECT_EQ(response->diagnostic, AssociateDiagnostic::of(AcseProviderDiagnostic::no_common_acse_version));
    EXPECT_FALSE(response->user_information);
    EXPECT_EQ(encoded(*response), to_hex(apdu));
}

TEST(Acse, ReleaseRequestsAndResponses) {
    const auto request = decode_rlrq(octets("6203800100"));
    ASSERT_TRUE(request);
    EXPECT_EQ(request->reason, ReleaseReason::normal);
    EXPECT_EQ(encoded(*request), "6203800100");
    const auto empty = decode_rlrq(octets("6200"));
    ASSERT_TRUE(empty);
    EXPECT_FALSE(empty->reason);
    EXPECT_EQ(encoded(*empty), "6200");
    const auto apdu = octets("63 16 80 01 00 BE 11 04 0F 080100065F1F0400001E1D04C80007");
    const auto response = decode_rlre(apdu);
    ASSERT_TRUE(response);
    EXPECT_EQ(text(response->user_information), "080100065F1F0400001E1D04C80007");
    EXPECT_EQ(encoded(*response), to_hex(apdu));
    EXPECT_EQ(decode_rlre(octets("6203800100")).error(), ApduError::unknown_tag);
    EXPECT_EQ(decode_rlrq(octets("6206800100800100")).error(), ApduError::malformed);
}

TEST(Acse, ObjectIdentifiers) {
    EXPECT_EQ(to_hex(application_context_oid(ApplicationContext::logical_names_ciphered)), "60857405080103");
    EXPECT_EQ(to_hex(mechanism_oid(AuthenticationMechanism::high_sha256)), "60857405080206");
    EXPECT_FALSE(application_context_of(octets("60857405080100")));
    EXPECT_FALSE(application_context_of(octets("60857405080201")));
    EXPECT_FALSE(mechanism_of(octets("60857405080208")));
    EXPECT_FALSE(mechanism_of({}));
}

std::optional<std::string> round_trip(ByteView apdu) {
    switch (apdu_tag(apdu).value_or(ApduTag::get_request)) {
        case ApduTag::aarq:
            if (const auto a = decode_aarq(apdu)) return encoded(*a);
            break;
        case ApduTag::aare:
            if (const auto a = decode_aare(apdu)) return encoded(*a);
            break;
        case ApduTag::rlrq:
            if (const auto a = decode_rlrq(apdu)) return encoded(*a);
            break;
        case ApduTag::rlre:
            if (const auto a = decode_rlre(apdu)) return encoded(*a);
            break;
        default:
            break;
    }
    return std::nullopt;
}

TEST(Acse, EveryVectorOfTheFactsComesBackByteForByte) {
    FERRARIS_NEEDS_SHARED("facts/vectors_acse.json");
    int seen = 0;
    const auto facts = testing::shared_json("facts/vectors_acse.json");
    for (const auto& item : facts.at("apdus")) {
        auto apdu = octets(item.at("apdu"));
        if (apdu[0] < 0x60 || apdu[0] > 0x63) continue;
        ++seen;
        EXPECT_EQ(round_trip(apdu), to_hex(apdu)) << item.at("id");
        for (std::size_t size = 0; size < apdu.size(); ++size)
            EXPECT_FALSE(round_trip(ByteView(apdu).first(size))) << item.at("id") << " cut to " << size;
        apdu.push_back(0);
        EXPECT_FALSE(round_trip(apdu)) << item.at("id");
    }
    EXPECT_EQ(seen, 18);
}

TEST(Acse, WhateverIsDecodedIsEncodedToSomethingThatDecodesTheSame) {
    EXPECT_TRUE(rc::check([](const std::vector<std::vector<std::uint8_t>>& contents) {
        std::vector<std::uint8_t> fields = octets("A109060760857405080101A203020100A305A103020100");
        for (const auto& content : contents) {
            if (content.size() > 100) continue;
            fields.push_back(
                *rc::gen::element<std::uint8_t>(0x80, 0xA4, 0xA6, 0x8A, 0x8B, 0x88, 0x89, 0xAC, 0xAA, 0xBE));
            fields.push_back(static_cast<std::uint8_t>(content.size() + 2));
            fields.push_back(*rc::gen::element<std::uint8_t>(0x04, 0x80, 0x81, 0x02));
            fields.push_back(static_cast<std::uint8_t>(content.size()));
            fields.insert(fields.end(), content.begin(), content.end());
        }
        RC_PRE(fields.size() < 4000U);
        for (const ApduTag tag : {ApduTag::aarq, ApduTag::aare}) {
            std::vector<std::uint8_t> apdu(fields.size() + 8);
            ByteWriter out(apdu);
            out.u8(static_cast<std::uint8_t>(tag));
            put_length(out, fields.size());
            out.put(fields);
            if (const auto once = round_trip(out.written())) RC_ASSERT(round_trip(octets(*once)) == once);
        }
    }));
}

}  // namespace
}  // namespace ferraris::dlms
