#include "cli/profile_reader.hpp"

#include <fmt/format.h>
#include <gtest/gtest.h>

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

/// The rows of an array with these rows in it.
std::vector<ProfileRow> rows_of(const ProfileLayout& profile, const std::vector<std::string>& rows) {
    std::vector<ProfileRow> taken;
    ProfileRows parser(profile, [&](const ProfileRow& resolved) { taken.push_back(resolved); });
    std::string buffer = fmt::format("01{:02X}", rows.size());
    for (const std::string& one : rows) buffer += one;
    EXPECT_TRUE(parser.push(from_hex(buffer).value()));
    EXPECT_TRUE(parser.complete());
    return taken;
}

TEST(ProfileRows, HaveTimesAndValuesThatTheMeterLeftOut) {
    const auto rows = rows_of(layout(), {"0203090C07EA011F06173B0000FFC4001108060000000A", "0203000000"});
    ASSERT_EQ(rows.size(), 2U);
    EXPECT_EQ(date_time_text(*rows[0].time), "2026-01-31T23:59:00+01:00");
    EXPECT_EQ(date_time_text(*rows[1].time), "2026-02-01T00:14:00+01:00");
    EXPECT_EQ(rows[1].values[2].integer(), 10);
}

TEST(ProfileRows, GoBackInTimeWhereTheNewestComesFirst) {
    ProfileLayout profile = layout();
    profile.newest_first = true;
    const auto rows = rows_of(profile, {"0203090C07EA02010700000000FFC4001108060000000A", "0203000000"});
    EXPECT_EQ(date_time_text(*rows.at(1).time), "2026-01-31T23:45:00+01:00");
}

TEST(ProfileRows, HaveNoTimeWithoutAFirstOne) {
    const auto rows = rows_of(layout(), {"0203000000"});
    EXPECT_EQ(rows.at(0).time, std::nullopt);
    EXPECT_TRUE(rows.at(0).values[2].is_null());
}

TEST(ProfileRows, RefuseWhatIsNoArrayOfRows) {
    for (const char* const hex : {"1201", "0101FF", "01011103", "0181"}) {
        ProfileRows parser(layout(), [](const ProfileRow&) {});
        const bool good = parser.push(from_hex(hex).value());
        EXPECT_FALSE(good && parser.complete()) << hex;
    }
}

TEST(ProfileRows, OfARealMetersCompressedProfileAreUnderstood) {
    FERRARIS_NEEDS_SHARED("facts/vectors_push_and_profile.json");
    const auto samples = ferraris::testing::shared_json("facts/vectors_push_and_profile.json");
    const auto apdu = from_hex(samples["samples"][0]["apdu"].get<std::string>()).value();
    const auto response = dlms::decode_get_response(apdu);
    ASSERT_TRUE(response);
    ProfileLayout profile = layout();
    profile.columns.push_back({{{3, obis(1, 0, 2, 8, 0), 2}, 0}, ScalerUnit{0, 30}});
    std::vector<ProfileRow> rows;
    ProfileRows parser(profile, [&](const ProfileRow& row) { rows.push_back(row); });
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
