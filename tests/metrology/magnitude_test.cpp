#include "metrology/magnitude.hpp"

#include <gtest/gtest.h>
#include <rapidcheck.h>

#include <cmath>

namespace ferraris::metrology {
namespace {

__extension__ using Wide = __int128;
__extension__ using UnsignedWide = unsigned __int128;

Wide to_wide(const Int128& x) { return static_cast<Wide>((static_cast<UnsignedWide>(x.high()) << 64U) | x.low()); }

double to_double(const Magnitude& m) { return std::ldexp(m.mantissa(), m.exponent()); }

TEST(Int128, ProductsAndSumsAreExact) {
    EXPECT_TRUE(rc::check([](std::int64_t a, std::int64_t b, std::int64_t c) {
        // The most negative number squared is the one product that is used nowhere and still right.
        const Int128 x = Int128::product(a, b);
        RC_ASSERT(to_wide(x) == static_cast<Wide>(a) * b);
        RC_ASSERT(to_wide(x - Int128(c)) == static_cast<Wide>(a) * b - c);
        RC_ASSERT(x.is_negative() == (static_cast<Wide>(a) * b < 0));
    }));
    const std::int64_t least = INT64_MIN;
    EXPECT_TRUE(to_wide(Int128::product(least, least)) == static_cast<Wide>(least) * least);
}

TEST(Int128, DividesIntoHighAndLowBits) {
    EXPECT_TRUE(rc::check([](std::uint64_t high, std::uint64_t low) {
        const unsigned bits = *rc::gen::inRange(1U, 128U);
        const Int128 x = Int128::from_halves(high >> 1U, low);
        const auto whole = static_cast<UnsignedWide>(to_wide(x));
        RC_ASSERT(x.shifted_right(bits) == static_cast<std::uint64_t>(whole >> bits));
        const auto rest = static_cast<UnsignedWide>(to_wide(x.low_bits(bits)));
        RC_ASSERT((whole >> bits << bits) + rest == whole);
    }));
}

TEST(Magnitude, OperationsRoundOnceToThirtyTwoBits) {
    EXPECT_TRUE(rc::check([](std::uint64_t a, std::uint64_t b) {
        RC_PRE(a != 0 && b != 0);
        const Magnitude x = Magnitude::of(a);
        const Magnitude y = Magnitude::of(b);
        const auto close = [](double value, double truth, double bits) {
            return std::abs(value / truth - 1) <= std::ldexp(1.0001, static_cast<int>(-bits));
        };
        RC_ASSERT(close(to_double(x), static_cast<double>(a), 32));
        RC_ASSERT(close(to_double(x * y), to_double(x) * to_double(y), 32));
        RC_ASSERT(close(to_double(x / y), to_double(x) / to_double(y), 32));
        RC_ASSERT(close(to_double(x.root()), std::sqrt(to_double(x)), 31));
    }));
}

TEST(Magnitude, ZeroAndItsQuotients) {
    EXPECT_TRUE(Magnitude::of(std::uint64_t{0}).is_zero());
    EXPECT_TRUE((Magnitude::of(std::uint64_t{7}) / Magnitude{}).is_zero());
    EXPECT_TRUE(Magnitude{}.root().is_zero());
    EXPECT_EQ(Magnitude{}.rounded(), 0U);
}

TEST(Magnitude, RoundsToTheNearestIntegerAndSaturates) {
    EXPECT_EQ(Magnitude::of(std::uint64_t{3}, -1).rounded(), 2U);  // 1.5
    EXPECT_EQ(Magnitude::of(std::uint64_t{5}, -2).rounded(), 1U);  // 1.25
    EXPECT_EQ(Magnitude::of(std::uint64_t{1}, -1).rounded(), 1U);  // 0.5
    EXPECT_EQ(Magnitude::of(std::uint64_t{1}, -2).rounded(), 0U);  // 0.25
    EXPECT_EQ(Magnitude::of(std::uint64_t{1}, 63).rounded(), std::uint64_t{1} << 63U);
    EXPECT_EQ(Magnitude::of(std::uint64_t{1}, 64).rounded(), ~std::uint64_t{0});
}

TEST(SquareRoot, IsRoundedDown) {
    EXPECT_TRUE(rc::check([](std::uint64_t value) {
        const std::uint64_t root = square_root(value);
        RC_ASSERT(root * root <= value);
        RC_ASSERT(root == 0xFFFFFFFFU || (root + 1) * (root + 1) > value);
    }));
}

}  // namespace
}  // namespace ferraris::metrology
