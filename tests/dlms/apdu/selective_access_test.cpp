#include "dlms/apdu/selective_access.hpp"

#include <gtest/gtest.h>

#include "dlms/octets.hpp"

namespace ferraris::dlms {
namespace {

using testing::encoded;
using testing::octets;

TEST(SelectiveAccess, ByRange) {
    const auto parameters = octets(
        "02 04"
        "02 04 120008 09060000010000FF 0F02 120000"  // restricting object: the clock's time
        "090C 07E20601FF000300FFFF8880"              // from
        "090C 07E50106FF000300FFFFC400"              // to
        "01 00");                                    // all columns
    const auto range = decode_range_descriptor(parameters);
    ASSERT_TRUE(range);
    EXPECT_EQ(range->restricting_object, (CaptureObject{{8, obis(0, 0, 1, 0, 0), 2}, 0}));
    EXPECT_EQ(range->from.tag, DataTag::octet_string);
    EXPECT_EQ(to_hex(range->from.content), "07E20601FF000300FFFF8880");
    EXPECT_EQ(to_hex(range->to.content), "07E50106FF000300FFFFC400");
    EXPECT_TRUE(range->selected_values.empty());
    EXPECT_EQ(encoded(*range), to_hex(parameters));
}

TEST(SelectiveAccess, ByRangeWithColumnsAndDateTimeType) {
    const auto parameters = octets(
        "0204 0204 120008 09060000010000FF 0F02 120000"
        "19 07E20601FF000300FFFF8880"
        "19 07E50106FF000300FFFFC400"
        "01 02 0204 120008 09060000010000FF 0F02 120000"
        "0204 120003 09060100010800FF 0F02 120000");
    const auto range = decode_range_descriptor(parameters);
    ASSERT_TRUE(range);
    EXPECT_EQ(range->from.tag, DataTag::date_time);
    std::vector<CaptureObject> columns;
    for (const CaptureObject& column : range->selected_values) columns.push_back(column);
    ASSERT_EQ(columns.size(), 2U);
    EXPECT_EQ(columns[1], (CaptureObject{{3, obis(1, 0, 1, 8, 0), 2}, 0}));
    EXPECT_EQ(encoded(*range), to_hex(parameters));
    for (std::size_t size = 0; size < parameters.size(); ++size)
        EXPECT_FALSE(decode_range_descriptor(ByteView(parameters).first(size))) << size;
}

TEST(SelectiveAccess, ByEntry) {
    const auto parameters = octets("02 04 0600000001 0600000000 120001 120000");
    const auto entry = decode_entry_descriptor(parameters);
    ASSERT_TRUE(entry);
    EXPECT_EQ(entry->from_entry, 1U);
    EXPECT_EQ(entry->to_entry, 0U);
    EXPECT_EQ(entry->from_selected_value, 1);
    EXPECT_EQ(entry->to_selected_value, 0);
    EXPECT_EQ(encoded(*entry), to_hex(parameters));
}

TEST(SelectiveAccess, RefusesOtherShapes) {
    EXPECT_EQ(decode_entry_descriptor(octets("0203 0600000001 0600000000 120001")).error(), DataError::type_unmatched);
    EXPECT_EQ(decode_entry_descriptor(octets("0204 1101 1102 1103 1104")).error(), DataError::type_unmatched);
    EXPECT_EQ(decode_entry_descriptor(octets("0204 0600000001 0600000000 120001 120000 00")).error(),
              DataError::type_unmatched);
    EXPECT_EQ(decode_range_descriptor(octets("0204 0203 1101 1102 1103 00 00 0100")).error(), DataError::type_unmatched)
        << "a restricting object of three fields";
    EXPECT_FALSE(decode_range_descriptor(octets("0204 0204 120008 0905000001FF00 0F02 120000 00 00 0100")))
        << "a logical name of five octets";
    EXPECT_EQ(decode_range_descriptor({}).error(), DataError::truncated);
}

}  // namespace
}  // namespace ferraris::dlms
