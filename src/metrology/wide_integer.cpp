#include "metrology/wide_integer.hpp"

namespace ferraris::metrology {

namespace {

constexpr std::uint64_t magnitude(std::int64_t value) {
    return value < 0 ? ~static_cast<std::uint64_t>(value) + 1U : static_cast<std::uint64_t>(value);
}

}  // namespace

Int128 Int128::product(std::int64_t a, std::int64_t b) {
    const bool negative = (a < 0) != (b < 0);
    const std::uint64_t x = magnitude(a);
    const std::uint64_t y = magnitude(b);
    constexpr std::uint64_t kMask = 0xFFFFFFFFU;
    const std::uint64_t low_low = (x & kMask) * (y & kMask);
    const std::uint64_t high_low = (x >> 32U) * (y & kMask);
    const std::uint64_t low_high = (x & kMask) * (y >> 32U);
    const std::uint64_t middle = (low_low >> 32U) + (high_low & kMask) + (low_high & kMask);
    const Int128 unsigned_product =
        from_halves((x >> 32U) * (y >> 32U) + (high_low >> 32U) + (low_high >> 32U) + (middle >> 32U),
                    (middle << 32U) | (low_low & kMask));
    return negative ? -unsigned_product : unsigned_product;
}

}  // namespace ferraris::metrology
