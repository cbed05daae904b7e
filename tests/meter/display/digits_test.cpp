#include <gtest/gtest.h>

#include <string>

#include "meter/display/lcd_text.hpp"
#include "meter/display/quantity_digits.hpp"
#include "meter/display/seven_segments.hpp"

namespace ferraris::meter {
namespace {

using board::Lcd;
using dlms::Unit;
using testing::text_of;

std::string shown(std::int64_t number, std::int8_t scaler, Unit unit, std::uint8_t decimals) {
    Lcd lcd;
    show_quantity({number, scaler, unit}, decimals, lcd);
    return text_of(lcd);
}

std::string page_of(std::string_view text, std::uint64_t page) {
    Lcd lcd;
    show_page(text, page, lcd.digits);
    return testing::characters_of(lcd.digits);
}

TEST(Digits, ShowEnergiesWithAllTheirDigitsAndCutOff) {
    EXPECT_EQ(shown(1'999, 0, Unit::watt_hour, 0), "[00000001] k W h");
    EXPECT_EQ(shown(1'999, 0, Unit::watt_hour, 1), "[0000001.9] k W h");
    EXPECT_EQ(shown(1'999, 0, Unit::watt_hour, 3), "[00001.999] k W h");
    EXPECT_EQ(shown(0, 0, Unit::var_hour, 2), "[000000.00] k V A r h");
    EXPECT_EQ(shown(5, 3, Unit::volt_ampere_hour, 3), "[00005.000] k V A h");
}

TEST(Digits, RollOverAt99999999KilowattHours) {
    EXPECT_EQ(shown(99'999'999'999, 0, Unit::watt_hour, 0), "[99999999] k W h");
    EXPECT_EQ(shown(100'000'000'000, 0, Unit::watt_hour, 0), "[00000000] k W h");
    EXPECT_EQ(shown(99'999'999'999, 0, Unit::watt_hour, 3), "[99999.999] k W h");
    EXPECT_EQ(shown(100'000'000, 0, Unit::watt_hour, 3), "[00000.000] k W h");
    EXPECT_EQ(shown(123'456'789, 6, Unit::watt_hour, 3), "[89000.000] k W h");
}

TEST(Digits, ShowPresentValuesInTheirUnits) {
    EXPECT_EQ(shown(1'500'000, -3, Unit::watt, 3), "[    1.500] k W");
    EXPECT_EQ(shown(-1'500'499, -3, Unit::watt, 2), "[    -1.50] k W");
    EXPECT_EQ(shown(-4, -3, Unit::watt, 3), "[    0.000] k W") << "no sign before nothing";
    EXPECT_EQ(shown(23'012, -2, Unit::volt, 1), "[    230.1] V");
    EXPECT_EQ(shown(6'525, -3, Unit::ampere, 2), "[     6.52] A");
    EXPECT_EQ(shown(49'987, -3, Unit::hertz, 2), "[    49.98] Hz");
    EXPECT_EQ(shown(-950, -3, Unit::count, 3), "[   -0.950]");
    EXPECT_EQ(shown(42, 0, Unit::count, 0), "[      42]");
}

TEST(Digits, ShowDashesForWhatDoesNotFit) {
    EXPECT_EQ(shown(99'999'999, 0, Unit::count, 0), "[99999999]");
    EXPECT_EQ(shown(100'000'000, 0, Unit::count, 0), "[--------]");
    EXPECT_EQ(shown(-10'000'000, 0, Unit::count, 0), "[--------]");
    EXPECT_EQ(shown(INT64_MAX, 127, Unit::volt, 3), "[--------] V");
    EXPECT_EQ(shown(INT64_MIN, 0, Unit::volt, 0), "[--------] V");
    EXPECT_EQ(shown(INT64_MIN, -128, Unit::volt, 0), "[       0] V");
}

TEST(Digits, ShowLongTextsInPages) {
    EXPECT_EQ(page_of("0.1.0", 5), "     0.1.0");
    EXPECT_EQ(page_of("Ferraris 0.1.0", 0), "FErrAri5");
    EXPECT_EQ(page_of("Ferraris 0.1.0", 1), " 0.1.0    ");
    EXPECT_EQ(page_of("Ferraris 0.1.0", 2), "FErrAri5");
}

TEST(Digits, CountDigitsWithoutTheirPoints) {
    EXPECT_EQ(digits_of("1.8.0"), 3U);
    EXPECT_EQ(digits_of("..1"), 3U) << "two points in a row have a digit between them";
    EXPECT_EQ(digits_of(""), 0U);
    EXPECT_FALSE(digits_of("W").has_value());
    EXPECT_FALSE(digits_of("\x80").has_value());
}

TEST(Digits, AreReadAsTheyAreWritten) {
    for (const char character : std::string("0123456789-_AbCdEFGHiJLnoPqrtUy=")) {
        const auto segments = segments_of(character);
        ASSERT_TRUE(segments.has_value()) << character;
        EXPECT_EQ(character_of(*segments), character);
    }
    EXPECT_EQ(character_of(0b0100001), '?');
}

}  // namespace
}  // namespace ferraris::meter
