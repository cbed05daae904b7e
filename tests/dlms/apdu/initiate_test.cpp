#include "dlms/apdu/initiate.hpp"

#include <gtest/gtest.h>

#include "dlms/octets.hpp"

namespace ferraris::dlms {
namespace {

using testing::encoded;
using testing::octets;

TEST(Initiate, Request) {
    const auto apdu = octets(
        "01 00 00 00"        // no dedicated key, response allowed, no quality of service
        "06"                 // DLMS version
        "5F1F 04 00 007E1F"  // conformance
        "04B0");             // 1200 octets
    const auto request = decode_initiate_request(apdu);
    ASSERT_TRUE(request);
    EXPECT_FALSE(request->dedicated_key);
    EXPECT_TRUE(request->response_allowed);
    EXPECT_EQ(request->proposed_dlms_version, 6);
    EXPECT_EQ(static_cast<std::uint32_t>(request->proposed_conformance), 0x007E1FU);
    EXPECT_TRUE(has(request->proposed_conformance, Conformance::block_transfer_with_get));
    EXPECT_EQ(request->client_max_receive_pdu_size, 1200);
    EXPECT_EQ(encoded(*request), to_hex(apdu));
}

TEST(Initiate, RequestWithDedicatedKeyQualityAndNoAnswerWanted) {
    const auto apdu = octets(
        "01 01 10 00112233445566778899AABBCCDDEEFF"
        "01 00"  // response-allowed: false
        "01 05"  // quality of service 5
        "06 5F1F0400007E1F 04B0");
    const auto request = decode_initiate_request(apdu);
    ASSERT_TRUE(request);
    EXPECT_EQ(to_hex(request->dedicated_key.value()), "00112233445566778899AABBCCDDEEFF");
    EXPECT_FALSE(request->response_allowed);
    EXPECT_EQ(request->proposed_quality_of_service, 5);
    EXPECT_EQ(encoded(*request), to_hex(apdu));
}

TEST(Initiate, Response) {
    const auto apdu = octets("08 00 06 5F1F0400 00501F 01F4 0007");
    const auto response = decode_initiate_response(apdu);
    ASSERT_TRUE(response);
    EXPECT_EQ(static_cast<std::uint32_t>(response->negotiated_conformance), 0x00501FU);
    EXPECT_EQ(response->server_max_receive_pdu_size, 500);
    EXPECT_EQ(response->vaa_name, kVaaNameLogicalNames);
    EXPECT_EQ(encoded(*response), to_hex(apdu));
    const auto quality = octets("08 01 00 06 5F1F0400 001E1D 04C8 0007");
    const auto with_quality = decode_initiate_response(quality);
    ASSERT_TRUE(with_quality);
    EXPECT_EQ(with_quality->negotiated_quality_of_service, 0);
    EXPECT_EQ(encoded(*with_quality), to_hex(quality));
}

TEST(Initiate, TheShortTagOfOlderConformanceBlocksIsRead) {
    const auto response = decode_initiate_response(octets("08 00 06 5F 04 00 00501F 01F4 0007"));
    ASSERT_TRUE(response);
    EXPECT_EQ(static_cast<std::uint32_t>(response->negotiated_conformance), 0x00501FU);
}

TEST(Initiate, RefusesWhatIsNotOne) {
    EXPECT_EQ(decode_initiate_request(octets("08")).error(), ApduError::unknown_tag);
    EXPECT_EQ(decode_initiate_request(octets("01 02 00 00 06 5F1F0400007E1F 04B0")).error(), ApduError::malformed);
    EXPECT_EQ(decode_initiate_request(octets("01 00 00 00 06 5F1F0500007E1F 04B0")).error(), ApduError::malformed);
    EXPECT_EQ(decode_initiate_request(octets("01 01 84FFFFFFFF 00")).error(), ApduError::truncated);
    const auto whole = octets("01000000065F1F0400007E1F04B0");
    for (std::size_t size = 0; size < whole.size(); ++size)
        EXPECT_FALSE(decode_initiate_request(ByteView(whole).first(size))) << size;
}

}  // namespace
}  // namespace ferraris::dlms
