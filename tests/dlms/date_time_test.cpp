#include "dlms/date_time.hpp"

#include <gtest/gtest.h>

#include <rapidcheck.h>

#include "dlms/octets.hpp"

namespace ferraris::dlms {
namespace {

using testing::octets;

TEST(DateTime, FieldsOfARecordedOne) {
    const auto encoded = octets(
        "07E5 09 1B 01"  // 2021-09-27, a Monday
        "09 2F 0F 00"    // 09:47:15.00
        "FF88 80");      // deviation -120: CEST; daylight saving
    const auto date_time = decode_date_time(encoded);
    ASSERT_TRUE(date_time);
    EXPECT_EQ(date_time->date, (Date{2021, 9, 27, 1}));
    EXPECT_EQ(date_time->time, (Time{9, 47, 15, 0}));
    EXPECT_EQ(date_time->deviation, -120);
    EXPECT_EQ(date_time->status, clock_status::kDaylightSavingActive);
    EXPECT_TRUE(possible(*date_time));
    EXPECT_EQ(to_hex(encode(*date_time)), to_hex(encoded));
    // 09:47:15 in CEST is 07:47:15 UTC.
    EXPECT_EQ(to_utc(*date_time), utc_from_civil({2021, 9, 27, 7, 47, 15, 0}));
    EXPECT_EQ(from_utc(utc_from_civil({2021, 9, 27, 7, 47, 15, 0}), -120, clock_status::kDaylightSavingActive),
              *date_time);
}

TEST(DateTime, WithoutDeviationTheReaderSaysWhichItIs) {
    const auto date_time = decode_date_time(octets("07E3 0C 13 04 02 00 00 FF 8000 00"));
    ASSERT_TRUE(date_time);
    EXPECT_EQ(to_utc(*date_time), utc_from_civil({2019, 12, 19, 2, 0, 0, 0}));
    EXPECT_EQ(to_utc(*date_time, -60), utc_from_civil({2019, 12, 19, 1, 0, 0, 0}));
    EXPECT_EQ(from_utc(utc_from_civil({2019, 12, 19, 2, 0, 0, 0}), kDeviationNotSpecified, 0).time, (Time{2, 0, 0, 0}));
}

TEST(DateTime, WildcardsHaveNoInstant) {
    const auto last_sunday_of_march = decode_date_time(octets("FFFF 03 FE 07 02 00 00 00 8000 00"));
    ASSERT_TRUE(last_sunday_of_march);
    EXPECT_TRUE(possible(*last_sunday_of_march));
    EXPECT_EQ(last_sunday_of_march->date.day_of_month, kLastDay);
    EXPECT_FALSE(to_utc(*last_sunday_of_march));
    EXPECT_TRUE(possible(DateTime{}));
    EXPECT_EQ(to_hex(encode(DateTime{})), "FFFFFFFFFFFFFFFFFF8000FF");
}

TEST(DateTime, DatesThatAreImpossible) {
    EXPECT_TRUE(possible(Date{2024, 2, 29, 4}));
    EXPECT_FALSE(possible(Date{2023, 2, 29, kNotSpecified}));
    EXPECT_TRUE(possible(Date{kYearNotSpecified, 2, 29, kNotSpecified})) << "exists in some years";
    EXPECT_FALSE(possible(Date{kYearNotSpecified, 2, 30, kNotSpecified}));
    EXPECT_FALSE(possible(Date{2024, 2, 29, 5})) << "it was a Thursday";
    EXPECT_FALSE(possible(Date{2024, 0, 1, kNotSpecified}));
    EXPECT_FALSE(possible(Date{2024, 13, 1, kNotSpecified}));
    EXPECT_FALSE(possible(Date{2024, 4, 31, kNotSpecified}));
    EXPECT_FALSE(possible(Date{2024, 4, 0, kNotSpecified}));
    EXPECT_FALSE(possible(Date{2024, 4, 32, kNotSpecified}));
    EXPECT_FALSE(possible(Date{2024, 4, 1, 0}));
    EXPECT_FALSE(possible(Date{2024, 4, 1, 8}));
    EXPECT_TRUE(possible(Date{2024, kMonthDaylightSavingsBegin, kSecondLastDay, 7}));
    EXPECT_FALSE(possible(Time{24, 0, 0, 0}));
    EXPECT_FALSE(possible(Time{0, 60, 0, 0}));
    EXPECT_FALSE(possible(Time{0, 0, 60, 0}));
    EXPECT_FALSE(possible(Time{0, 0, 0, 100}));
    EXPECT_TRUE(possible(Time{}));
    EXPECT_FALSE(possible(DateTime{{}, {}, 841, 0}));
    EXPECT_TRUE(possible(DateTime{{}, {}, -840, 0}));
}

TEST(DateTime, AWrongDayOfWeekDoesNotHideTheInstant) {
    const DateTime date_time{{2024, 2, 29, 5}, {12, 0, 0, 0}, 0, 0};
    EXPECT_FALSE(possible(date_time));
    EXPECT_EQ(to_utc(date_time), utc_from_civil({2024, 2, 29, 12, 0, 0, 0}));
    EXPECT_FALSE(to_utc(DateTime{{2023, 2, 29, kNotSpecified}, {12, 0, 0, 0}, 0, 0}));
}

TEST(DateTime, OtherSizesAreRefused) {
    EXPECT_FALSE(decode_date_time(octets("07E5091B01092F0F00FF88")));
    EXPECT_FALSE(decode_date(octets("07E5091B")));
    EXPECT_FALSE(decode_time(octets("092F0F0000")));
    EXPECT_EQ(decode_date(octets("07E5091B01")), (Date{2021, 9, 27, 1}));
    EXPECT_EQ(decode_time(octets("092F0FFF")), (Time{9, 47, 15, kNotSpecified}));
}

TEST(DateTime, InstantsComeBack) {
    EXPECT_TRUE(rc::check([] {
        const UtcTime instant{*rc::gen::inRange<std::int64_t>(0, 253'000'000'000LL) * 10};
        const auto deviation = *rc::gen::inRange<std::int16_t>(-720, 841);
        const DateTime date_time = from_utc(instant, deviation, 0);
        RC_ASSERT(possible(date_time));
        RC_ASSERT(to_utc(date_time) == instant);
        RC_ASSERT(decode_date_time(encode(date_time)) == date_time);
    }));
}

}  // namespace
}  // namespace ferraris::dlms
