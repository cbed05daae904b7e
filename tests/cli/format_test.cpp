#include "cli/format.hpp"

#include <gtest/gtest.h>
#include <rapidcheck.h>

#include "base/hex.hpp"
#include "cli/date_time.hpp"

namespace ferraris::cli {
namespace {

Value value(std::string_view hex) { return decode_value(from_hex(hex).value()).value(); }

TEST(Decimal, PlacesThePointExactly) {
    EXPECT_EQ(decimal(false, 23012, -2), "230.12");
    EXPECT_EQ(decimal(true, 5, -2), "-0.05");
    EXPECT_EQ(decimal(false, 0, -3), "0.000");
    EXPECT_EQ(decimal(true, 0, 0), "0");
    EXPECT_EQ(decimal(false, 42, 2), "4200");
    EXPECT_EQ(decimal(false, 0, 3), "0");
    EXPECT_EQ(decimal(false, UINT64_MAX, -1), "1844674407370955161.5");
}

TEST(Quantity, HasScalerAndUnit) {
    EXPECT_EQ(quantity_text(value("1259E4"), {-2, 35}), "230.12 V");
    EXPECT_EQ(quantity_text(value("0600000539"), {0, 30}), "1.337 kWh");
    EXPECT_EQ(quantity_text(value("06000003E7"), {0, 30}), "999 Wh");
    EXPECT_EQ(quantity_text(value("06000004D2"), {-3, 30}), "1.234 Wh");
    EXPECT_EQ(quantity_text(value("05FFFFFA"
                                  "C7"),
                            {0, 32}),
              "-1.337 kvarh");
    EXPECT_EQ(quantity_text(value("1203E8"), {-3, 255}), "1.000");
    EXPECT_EQ(quantity_text(value("173F800000"), {0, 27}), "1 W");
    EXPECT_EQ(quantity_text(value("00"), {0, 30}), "-");
}

TEST(Quantity, ScalerUnitIsAStructureOfTwoNumbers) {
    EXPECT_EQ(scaler_unit_of(value("02020FFE1623")), (ScalerUnit{-2, 35}));
    EXPECT_EQ(scaler_unit_of(value("02010FFE")), std::nullopt);
    EXPECT_EQ(scaler_unit_of(value("1203E8")), std::nullopt);
    EXPECT_EQ(scaler_unit_of(value("02020F7F1623")), std::nullopt);
    EXPECT_EQ(value_text(value("02020FFE1623"), 3, 3), "0.01 V");
    EXPECT_EQ(value_text(value("02020F0016FF"), 3, 3), "1 (count)");
}

TEST(ValueText, TellsTextCodesTimesAndOctetsApart) {
    EXPECT_EQ(value_text(value("0904"
                               "46455231")),
              "\"FER1\"");
    EXPECT_EQ(value_text(value("0906"
                               "0100010800FF")),
              "1-0:1.8.0");
    EXPECT_EQ(value_text(value("090C"
                               "07EA011F060C000000FFC400")),
              "2026-01-31T12:00:00+01:00");
    EXPECT_EQ(value_text(value("090C"
                               "07EA011F060C000000FFC401")),
              "2026-01-31T12:00:00+01:00 (invalid)");
    EXPECT_EQ(value_text(value("0904"
                               "00FF0180")),
              "00FF0180");
    EXPECT_EQ(value_text(value("0900")), "(empty)");
    EXPECT_EQ(value_text(value("00")), "-");
    EXPECT_EQ(value_text(value("0301")), "true");
    EXPECT_EQ(value_text(value("0403A0")), "0b101");
    EXPECT_EQ(value_text(value("0202"
                               "1101"
                               "0101"
                               "1202FF")),
              "{1, [767]}");
    EXPECT_EQ(value_text(value("1601"), 70, 3), "1 (connected)");
    EXPECT_EQ(value_text(value("1A07EA011F06")), "2026-01-31");
    EXPECT_EQ(value_text(value("1B0C1E00FF")), "12:30:00");
}

TEST(ValueText, CompactArraysAreUnpacked) {
    // type description: structure of 2 (long-unsigned, octet-string); 9 octets of content: two items
    const Value rows = value(
        "13"
        "0202"
        "12"
        "09"
        "09"
        "0001"
        "02AABB"
        "0002"
        "01CC");
    EXPECT_EQ(value_text(rows), "[{1, AABB}, {2, CC}]");
}

TEST(DateTime, TextIsIso8601OrWords) {
    const auto text = [](std::string_view hex) {
        return date_time_text(plausible_date_time(from_hex(hex).value()).value());
    };
    EXPECT_EQ(text("07EA071F050C0000FFFF8880"), "2026-07-31T12:00:00+02:00");
    EXPECT_EQ(text("07EA071F050C000032800000"), "2026-07-31T12:00:00.50");
    // Clock, daylight_savings_begin of Europe: the last Sunday of March, 02:00.
    EXPECT_EQ(text("FFFF03FE070200000080"
                   "0000"),
              "every year, March, last Sunday, 02:00:00");
    EXPECT_EQ(text("FFFFFFFFFFFFFFFFFF8000FF"), "not set");
    EXPECT_EQ(plausible_date_time(from_hex("414243444546474849505152").value()), std::nullopt);
    EXPECT_EQ(plausible_date_time(from_hex("07EA0D1F060C000000FFC400").value()), std::nullopt);
}

TEST(DateTime, UserTimesAreTakenInTheUsualForms) {
    const auto offset = [](std::string_view text) { return parse_user_time(text).value().offset_minutes; };
    EXPECT_EQ(parse_user_time("2026-01-31")->civil, (CivilTime{2026, 1, 31, 0, 0, 0, 0}));
    EXPECT_EQ(parse_user_time("2026-01-31 12:34")->civil, (CivilTime{2026, 1, 31, 12, 34, 0, 0}));
    EXPECT_EQ(parse_user_time("2024-02-29T23:59:59Z")->civil, (CivilTime{2024, 2, 29, 23, 59, 59, 0}));
    EXPECT_EQ(offset("2026-01-31"), std::nullopt);
    EXPECT_EQ(offset("2026-01-31T12:00Z"), std::int16_t{0});
    EXPECT_EQ(offset("2026-01-31T12:00+01:00"), std::int16_t{60});
    EXPECT_EQ(offset("2026-01-31T12:00-0530"), std::int16_t{-330});
    for (const char* const bad :
         {"", "2026", "2026-13-01", "2026-02-29", "2026-01-31T", "2026-01-31T24:00", "2026-01-31T12",
          "2026-01-31T12:00+", "2026-01-31T12:00:00x", "31.1.2026", "2026-01--1"}) {
        EXPECT_EQ(parse_user_time(bad), std::nullopt) << bad;
    }
}

TEST(DateTime, SecondsAreAddedAcrossMidnightAndYears) {
    const auto last = plausible_date_time(from_hex("07E90C1F03173B000080"
                                                   "0000")
                                              .value());
    ASSERT_TRUE(last);
    EXPECT_EQ(date_time_text(plus_seconds(*last, 60)), "2026-01-01T00:00:00");
    EXPECT_EQ(date_time_text(plus_seconds(plus_seconds(*last, 60), -60)), "2025-12-31T23:59:00");
}

TEST(Value, NothingIsReadFromBrokenOctets) {
    EXPECT_TRUE(rc::check([](const std::vector<std::uint8_t>& octets) {
        const auto decoded = decode_value(octets);
        if (decoded) RC_ASSERT(!value_text(*decoded).empty());
    }));
}

}  // namespace
}  // namespace ferraris::cli
