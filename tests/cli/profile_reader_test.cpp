#include "cli/profile_reader.hpp"

#include <gtest/gtest.h>
#include <rapidcheck.h>

#include "base/hex.hpp"
#include "cli/object_list.hpp"
#include "dlms/apdu/get.hpp"
#include "shared.hpp"

namespace ferraris::cli {
namespace {

using dlms::obis;

ProfileLayout layout(std::uint32_t period_s = 900) {
    ProfileLayout layout;
    layout.name = obis(1, 0, 99, 1, 0);
    layout.capture_period_s = period_s;
    layout.columns = {{{{8, obis(0, 0, 1, 0, 0), 2}, 0}, std::nullopt},
                      {{{1, obis(0, 0, 96, 10, 1), 2}, 0}, std::nullopt},
                      {{{3, obis(1, 0, 1, 8, 0), 2}, 0}, ScalerUnit{0, 30}}};
    return layout;
}

Value row(std::string_view hex) { return decode_value(from_hex(hex).value()).value(); }

TEST(RowResolver, NullDataIsTheTimeBeforePlusThePeriodAndTheValueBefore) {
    const ProfileLayout profile = layout();
    RowResolver resolver(profile);
    // structure of 3: date-time as octet-string, unsigned, double-long-unsigned
    const ProfileRow first = resolver.resolve(row("0203090C07EA011F06173B0000FFC4001108060000000A"));
    EXPECT_EQ(date_time_text(*first.time), "2026-01-31T23:59:00+01:00");
    const ProfileRow second = resolver.resolve(row("020300000600000014"));
    EXPECT_EQ(date_time_text(*second.time), "2026-02-01T00:14:00+01:00");
    EXPECT_EQ(second.values[1].integer(), 8);
    EXPECT_EQ(second.values[2].integer(), 20);
    const ProfileRow third = resolver.resolve(row("0203000000"));
    EXPECT_EQ(date_time_text(*third.time), "2026-02-01T00:29:00+01:00");
    EXPECT_EQ(third.values[1].integer(), 8);
    EXPECT_EQ(third.values[2].integer(), 20);
}

TEST(RowResolver, AddsDifferencesToTheValueBeforeInItsType) {
    const ProfileLayout profile = layout();
    RowResolver resolver(profile);
    (void)resolver.resolve(row("0203090C07EA011F06173B0000FFC4001108060000000A"));
    // delta-unsigned 245, delta-integer -2, delta-double-long-unsigned: each of the row before.
    for (const auto& [hex, expected] :
         {std::pair{"0203001FF51FF5", 255}, {"0203001CFE1CFE", 253}, {"02030021000000031CFE", 251}}) {
        const ProfileRow next = resolver.resolve(row(hex));
        EXPECT_EQ(next.values[2].integer(), expected);
        EXPECT_EQ(next.values[2].tag, dlms::DataTag::double_long_unsigned);
        EXPECT_EQ(next.values[1].tag, dlms::DataTag::unsigned_);
    }
    // What the type cannot hold rolls over: 8 + 245 - 2 + 3 = 254, and 3 more.
    EXPECT_EQ(resolver.resolve(row("0203001F031F00")).values[1].integer(), 1);
}

TEST(RowResolver, ADifferenceToNothingStaysWhatItIs) {
    const ProfileLayout profile = layout();
    RowResolver resolver(profile);
    EXPECT_EQ(resolver.resolve(row("0203001F031F00")).values[1].tag, dlms::DataTag::delta_unsigned);
}

TEST(CompactBuffer, IsExplainedByItsTemplate) {
    // structure of 3: unsigned, octet-string, long-unsigned
    const auto description = from_hex("0203110912").value();
    const auto values = decode_compact_buffer(description, from_hex("0102ABCD5A00").value());
    ASSERT_TRUE(values);
    EXPECT_EQ(*values, row("0203110109"
                           "02ABCD125A00"));
    EXPECT_EQ(decode_compact_buffer(description, from_hex("0102ABCD5A").value()), std::nullopt) << "cut short";
    EXPECT_EQ(decode_compact_buffer(description, from_hex("0102ABCD5A0000").value()), std::nullopt) << "too long";
    EXPECT_EQ(decode_compact_buffer(from_hex("02031109").value(), from_hex("0100").value()), std::nullopt);
}

TEST(RowResolver, GoesBackInTimeWhereTheNewestComesFirst) {
    ProfileLayout profile = layout();
    profile.newest_first = true;
    RowResolver resolver(profile);
    (void)resolver.resolve(row("0203090C07EA02010700000000FFC4001108060000000A"));
    EXPECT_EQ(date_time_text(*resolver.resolve(row("0203000000")).time), "2026-01-31T23:45:00+01:00");
}

TEST(RowResolver, WithoutAFirstTimeThereIsNone) {
    const ProfileLayout profile = layout();
    RowResolver resolver(profile);
    EXPECT_EQ(resolver.resolve(row("0203000000")).time, std::nullopt);
    EXPECT_TRUE(resolver.resolve(row("0203000000")).values[2].is_null());
}

TEST(BufferParser, TakesRowsFromPiecesOfAnySize) {
    const auto buffer = from_hex(
                            "0103"
                            "02021101120001"
                            "02021102120002"
                            "02021103120003")
                            .value();
    EXPECT_TRUE(rc::check([&] {
        std::vector<std::int64_t> seen;
        BufferParser parser([&](const Value& item) { seen.push_back(item.items[0].integer().value()); });
        std::size_t used = 0;
        while (used < buffer.size()) {
            RC_ASSERT(!parser.complete());
            const auto count = std::min<std::size_t>(*rc::gen::inRange<std::size_t>(1, 9), buffer.size() - used);
            RC_ASSERT(parser.push(ByteView(buffer).subspan(used, count)));
            used += count;
        }
        RC_ASSERT(parser.complete());
        RC_ASSERT((seen == std::vector<std::int64_t>{1, 2, 3}));
    }));
}

TEST(BufferParser, RefusesWhatIsNoArrayOfRows) {
    for (const char* const hex : {"1201", "0101FF", "01011103", "0181"}) {
        BufferParser parser([](const Value&) {});
        const bool good = parser.push(from_hex(hex).value());
        EXPECT_FALSE(good && parser.complete()) << hex;
    }
    BufferParser empty([](const Value&) {});
    EXPECT_TRUE(empty.push(from_hex("0100").value()));
    EXPECT_TRUE(empty.complete());
}

TEST(BufferParser, UnderstandsARealMetersCompressedProfile) {
    FERRARIS_NEEDS_SHARED("facts/vectors_push_and_profile.json");
    const auto samples = ferraris::testing::shared_json("facts/vectors_push_and_profile.json");
    const auto apdu = from_hex(samples["samples"][0]["apdu"].get<std::string>()).value();
    const auto response = dlms::decode_get_response(apdu);
    ASSERT_TRUE(response);
    ProfileLayout profile = layout();
    profile.columns.push_back({{{3, obis(1, 0, 2, 8, 0), 2}, 0}, ScalerUnit{0, 30}});
    RowResolver resolver(profile);
    std::vector<ProfileRow> rows;
    BufferParser parser([&](const Value& raw) { rows.push_back(resolver.resolve(raw)); });
    EXPECT_TRUE(parser.push(response->block.raw_data));
    EXPECT_FALSE(parser.complete()) << "this is the first of 19 blocks";
    ASSERT_GT(rows.size(), 70U);
    EXPECT_EQ(date_time_text(*rows[0].time), "2019-12-19T02:00:00+01:00");
    for (std::size_t i = 1; i < rows.size(); ++i) {
        EXPECT_EQ(*local_seconds(*rows[i].time), *local_seconds(*rows[i - 1].time) + 900);
        EXPECT_EQ(rows[i].values.size(), 4U);
    }
    EXPECT_EQ(rows[1].values[2].integer(), 1517);
}

TEST(ObjectList, RightsAreNumbersOrBitsByTheVersionOfTheAssociation) {
    // structure{class, version, name, structure{array of structure{attribute, mode, null}, array of structure{method,
    // mode}}}
    const std::string clock =
        "0204"
        "120008"
        "1100"
        "09060000010000FF"
        "0202"
        "0102"
        "02030F02160400"
        "02030F03160500"
        "0101"
        "02020F061601";
    const auto association = [](int version) {
        return "020412000F110" + std::to_string(version) +
               "09060000280000FF"
               "0202"
               "01000100";
    };
    // 4 and 5 are authenticated read and authenticated write; from version 3 on bits: 4 no right, 5 read.
    const auto old = parse_object_list(row("0102" + association(1) + clock));
    ASSERT_EQ(old.size(), 2U);
    EXPECT_TRUE(old[1].readable(2));
    EXPECT_FALSE(old[1].readable(3));
    EXPECT_EQ(old[1].methods, (std::vector<std::int8_t>{6}));
    EXPECT_TRUE(old[0].readable(2)) << "where nothing is said, everything is tried";
    const auto recent = parse_object_list(row("0102" + association(3) + clock));
    EXPECT_FALSE(recent[1].readable(2));
    EXPECT_TRUE(recent[1].readable(3));
    EXPECT_EQ(find_object(old, obis(0, 0, 1, 0, 0), std::nullopt)->class_id, 8);
    EXPECT_EQ(find_object(old, obis(0, 0, 1, 0, 0), std::uint16_t{3}), nullptr);
    EXPECT_TRUE(parse_object_list(row("010111FF")).empty());
}

}  // namespace
}  // namespace ferraris::cli
