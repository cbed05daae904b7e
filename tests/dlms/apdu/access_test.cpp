/// ACCESS APDUs, against golden bytes and against every mutilation of them.
#include "dlms/apdu/access.hpp"

#include <gtest/gtest.h>

#include "dlms/octets.hpp"

namespace ferraris::dlms {
namespace {

using testing::encoded;
using testing::octets;

TEST(Access, GoldenRequest) {
    FERRARIS_NEEDS_SHARED("facts/vectors_xdlms.json");
    const auto apdu = octets(testing::fact("vectors_xdlms.json", "apdus", "access-request"));
    const auto request = decode_access_request(apdu);
    ASSERT_TRUE(request);
    EXPECT_EQ(request->invoke.id(), 0U);
    EXPECT_TRUE(request->invoke.confirmed());
    EXPECT_FALSE(request->invoke.break_on_error());
    EXPECT_FALSE(request->invoke.self_descriptive());
    ASSERT_EQ(request->specifications.count, 4U);
    auto item = request->specifications.begin();
    EXPECT_EQ(item->choice, AccessChoice::get);
    EXPECT_EQ(item->attribute(), (AttributeDescriptor{1, obis(0, 0, 96, 1, 0), 2}));
    ++item;
    EXPECT_EQ(item->attribute(), (AttributeDescriptor{8, obis(0, 0, 1, 0, 0), 2}));
    ++item;
    EXPECT_EQ(item->choice, AccessChoice::set);
    EXPECT_EQ(item->attribute(), (AttributeDescriptor{20, obis(0, 0, 13, 0, 0), 7}));
    ASSERT_EQ(request->data.count, 4U);
    EXPECT_EQ(to_hex(request->data.begin()->octets), "00");
    EXPECT_EQ(encoded(*request), to_hex(apdu));
    // The same from items in memory.
    std::vector<AccessSpecification> items;
    std::vector<EncodedData> values;
    for (const AccessSpecification& each : request->specifications) items.push_back(each);
    for (const EncodedData& each : request->data) values.push_back(each);
    std::vector<std::uint8_t> memory(300);
    ByteWriter out(memory);
    encode_access_request(out, request->invoke, {}, items, values);
    EXPECT_EQ(to_hex(out.written()), to_hex(apdu));
}

TEST(Access, RequestWithSelectionsTimeAndOptions) {
    const auto apdu = octets(
        "D9 F0000007"                                      // high priority, confirmed, break on error, self-descriptive
        "0C 07E80101FF000000008000FF"                      // date-time
        "03"                                               //
        "04 0007 0100630100FF 02 02 02020600000001120001"  // get with selection 2 (whatever is in it)
        "05 0007 0100630100FF 03 01 1105"                  // set with selection 1
        "03 0009 00000A0000FF 01"                          // action
        "03 00 0F01 120003");
    const auto request = decode_access_request(apdu);
    ASSERT_TRUE(request);
    EXPECT_TRUE(request->invoke.break_on_error());
    EXPECT_TRUE(request->invoke.self_descriptive());
    EXPECT_EQ(request->date_time.size(), 12U);
    auto item = request->specifications.begin();
    EXPECT_EQ(item->choice, AccessChoice::get_with_selection);
    EXPECT_EQ(item->selection.selector, 2);
    ++item;
    EXPECT_EQ(to_hex(item->selection.parameters), "1105");
    ++item;
    EXPECT_EQ(item->method(), (MethodDescriptor{9, obis(0, 0, 10, 0, 0), 1}));
    EXPECT_EQ(encoded(*request), to_hex(apdu));
}

TEST(Access, ResponseWithAndWithoutSpecifications) {
    const auto bare = octets(
        "DA 40000001 00 00"  // no date-time, no specifications
        "02 0600000005 00"   // what was read, and null-data
        "02 0100 0203");     // get: success; set: read-write-denied
    const auto response = decode_access_response(bare);
    ASSERT_TRUE(response);
    EXPECT_FALSE(response->specifications);
    auto result = response->results.begin();
    EXPECT_TRUE(result->success());
    ++result;
    EXPECT_EQ(result->access_result(), DataAccessResult::read_write_denied);
    EXPECT_EQ(encoded(*response), to_hex(bare));

    const auto described = octets("DA 50000001 00 01 01 01 0001 0000600100FF 02  01 00  01 0104");
    const auto full = decode_access_response(described);
    ASSERT_TRUE(full);
    ASSERT_TRUE(full->specifications);
    EXPECT_EQ(full->specifications->begin()->attribute(), (AttributeDescriptor{1, obis(0, 0, 96, 1, 0), 2}));
    EXPECT_EQ(encoded(*full), to_hex(described));
}

TEST(Access, ListsOfDifferentLengthsAreMalformed) {
    EXPECT_EQ(decode_access_request(octets("D9 40000000 00 01 01 0001 0000600100FF 02 02 00 00")).error(),
              ApduError::malformed);
    EXPECT_EQ(decode_access_response(octets("DA 40000001 00 00 02 00 00 01 0100")).error(), ApduError::malformed);
    EXPECT_EQ(
        decode_access_response(octets("DA 40000001 00 01 01 01 0001 0000600100FF 02 02 00 00 02 0100 0100")).error(),
        ApduError::malformed);
}

TEST(Access, UnknownChoicesAndTimesAreRefused) {
    EXPECT_EQ(decode_access_request(octets("D9 40000000 00 01 06 0001 0000600100FF 02 01 00")).error(),
              ApduError::unknown_choice);
    EXPECT_EQ(decode_access_request(octets("D9 40000000 01 00 00 00")).error(), ApduError::malformed);
    EXPECT_EQ(decode_access_response(octets("DA 40000001 00 00 01 00 01 0400")).error(), ApduError::unknown_choice);
}

TEST(Access, EveryTruncationIsAnError) {
    const auto request = octets("D9F0000007 00 02 01 0001 0000600100FF 02 05 0007 0100630100FF 03 01 1105 02 00 0F01");
    for (std::size_t size = 0; size < request.size(); ++size) {
        EXPECT_FALSE(decode_access_request(ByteView(request).first(size))) << size;
    }
    const auto response = octets("DA50000001 00 01 01 01 0001 0000600100FF 02 01 00 01 0104");
    for (std::size_t size = 0; size < response.size(); ++size) {
        EXPECT_FALSE(decode_access_response(ByteView(response).first(size))) << size;
    }
}

}  // namespace
}  // namespace ferraris::dlms
