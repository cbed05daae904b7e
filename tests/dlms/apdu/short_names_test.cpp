#include "dlms/apdu/short_names.hpp"

#include <gtest/gtest.h>

#include "dlms/octets.hpp"

namespace ferraris::dlms {
namespace {

using testing::encoded;
using testing::octets;

TEST(ShortNames, ReadRequest) {
    const auto apdu = octets(
        "05 05"
        "02 FA08"               // variable-name: attribute 2 of the current association
        "04 0058 01 0F01"       // parameterized access, selector 1
        "05 0003"               // block number 3
        "06 01 0001 03 020001"  // a piece of a long request, the last
        "07 00 0002");          // a piece of a long write
    const auto request = decode_read_request(apdu);
    ASSERT_TRUE(request);
    auto item = request->variables.begin();
    EXPECT_EQ(item->choice, VariableAccessChoice::variable_name);
    EXPECT_EQ(item->name, 0xFA08);
    ++item;
    EXPECT_EQ(item->name, 0x0058);
    EXPECT_EQ(item->selection.selector, 1);
    EXPECT_EQ(to_hex(item->selection.parameters), "0F01");
    ++item;
    EXPECT_EQ(item->block_number, 3);
    ++item;
    EXPECT_TRUE(item->last);
    EXPECT_EQ(to_hex(item->raw_data), "020001");
    ++item;
    EXPECT_EQ(item->choice, VariableAccessChoice::write_data_block_access);
    EXPECT_FALSE(item->last);
    EXPECT_EQ(encoded(*request), to_hex(apdu));
}

TEST(ShortNames, ReadResponse) {
    const auto apdu = octets("0C 04 00 0600000005 01 03 02 01 0002 02 AABB 03 0004");
    const auto response = decode_read_response(apdu);
    ASSERT_TRUE(response);
    auto item = response->results.begin();
    EXPECT_EQ(to_hex(item->data), "0600000005");
    ++item;
    EXPECT_EQ(item->result, DataAccessResult::read_write_denied);
    ++item;
    EXPECT_TRUE(item->block.last);
    EXPECT_EQ(item->block.number, 2U);
    EXPECT_EQ(to_hex(item->block.raw_data), "AABB");
    ++item;
    EXPECT_EQ(item->choice, ReadResultChoice::block_number);
    EXPECT_EQ(encoded(*response), to_hex(apdu));
}

TEST(ShortNames, WriteAndItsResponse) {
    const auto request = octets("06 02 02 0058 02 0060 02 1101 120002");
    const auto decoded = decode_write_request(request);
    ASSERT_TRUE(decoded);
    EXPECT_EQ(decoded->values.count, 2U);
    EXPECT_EQ(encoded(*decoded), to_hex(request));
    EXPECT_EQ(decode_write_request(octets("06 02 02 0058 02 0060 01 1101")).error(), ApduError::malformed);
    const auto response = octets("0D 03 00 01 0C 02 0001");
    const auto results = decode_write_response(response);
    ASSERT_TRUE(results);
    EXPECT_EQ(encoded(*results), to_hex(response));
}

TEST(ShortNames, InformationReportWithAndWithoutTime) {
    const auto without = octets("18 00 01 02 0058 01 0600000005");
    const auto report = decode_information_report(without);
    ASSERT_TRUE(report);
    EXPECT_FALSE(report->time);
    EXPECT_EQ(report->variables.begin()->name, 0x0058);
    EXPECT_EQ(encoded(*report), to_hex(without));
    const auto with = octets("18 01 0E 3230323430313031303030303030 01 02 0058 01 0600000005");
    EXPECT_EQ(encoded(*decode_information_report(with)), to_hex(with));
}

TEST(ShortNames, MutilationsAreErrors) {
    const auto request = octets("05 02 04 0058 01 0F01 06 01 0001 03 020001");
    for (std::size_t size = 0; size < request.size(); ++size) {
        EXPECT_FALSE(decode_read_request(ByteView(request).first(size))) << size;
    }
    EXPECT_EQ(decode_read_request(octets("05 01 03 0058")).error(), ApduError::unknown_choice);
    EXPECT_EQ(decode_read_response(octets("0C 01 04 00")).error(), ApduError::unknown_choice);
    EXPECT_EQ(decode_write_response(octets("0D 01 03")).error(), ApduError::unknown_choice);
}

TEST(ShortNames, NamesOfAttributesAndMethods) {
    EXPECT_EQ(attribute_short_name(0xFA00, 2), 0xFA08);
    EXPECT_EQ(attribute_short_name(0x2BC0, 1), 0x2BC0);
    EXPECT_EQ(method_short_name(0xFA00, 12, 8), 0xFA58) << "reply_to_HLS_authentication";
    EXPECT_EQ(method_short_name(0x0100, 8, 6), 0x0188) << "shift_time";
    EXPECT_FALSE(method_short_name(0x0100, 1, 1)) << "class 1 has no methods";
}

}  // namespace
}  // namespace ferraris::dlms
