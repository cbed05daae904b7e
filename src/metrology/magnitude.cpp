#include "metrology/magnitude.hpp"

#include <bit>

namespace ferraris::metrology {

std::uint32_t square_root(std::uint64_t value) {
    std::uint64_t root = 0;
    for (std::uint64_t bit = std::uint64_t{1} << 62U; bit != 0; bit >>= 2U) {
        if (value >= root + bit) {
            value -= root + bit;
            root = (root >> 1U) + bit;
        } else {
            root >>= 1U;
        }
    }
    return static_cast<std::uint32_t>(root);
}

Magnitude Magnitude::of(std::uint64_t value, int exponent) {
    if (value == 0) return {};
    const int shift = 32 - std::countl_zero(value);
    Magnitude result;
    result.exponent_ = exponent + shift;
    if (shift <= 0) {
        result.mantissa_ = static_cast<std::uint32_t>(value << static_cast<unsigned>(-shift));
        return result;
    }
    const auto bits = static_cast<unsigned>(shift);
    const std::uint64_t rounded = (value >> bits) + ((value >> (bits - 1U)) & 1U);
    if ((rounded >> 32U) != 0) {  // rounding made one bit more
        result.mantissa_ = 0x80000000U;
        ++result.exponent_;
    } else {
        result.mantissa_ = static_cast<std::uint32_t>(rounded);
    }
    return result;
}

Magnitude Magnitude::of(const Int128& value, int exponent) {
    if (value.high() == 0) return of(value.low(), exponent);
    const auto bits = static_cast<unsigned>(64 - std::countl_zero(value.high()));
    return of(value.shifted_right(bits), exponent + static_cast<int>(bits));
}

Magnitude Magnitude::divided_by(const Magnitude& divisor) const {
    if (divisor.mantissa_ == 0) return {};
    // The quotient has 32 or 33 bits: with 33, the last one rounds; with 32, the rest of the division does.
    const std::uint64_t dividend = std::uint64_t{mantissa_} << 32U;
    const std::uint64_t quotient = dividend / divisor.mantissa_;
    const std::uint64_t rest = dividend - quotient * divisor.mantissa_;
    const bool rounds_up = (quotient >> 32U) == 0 && rest * 2U >= divisor.mantissa_;
    return of(quotient + (rounds_up ? 1U : 0U), exponent_ - divisor.exponent_ - 32);
}

Magnitude Magnitude::root() const {
    const bool odd = (exponent_ & 1) != 0;
    Magnitude result = of(square_root(std::uint64_t{mantissa_} << (odd ? 31U : 32U)));
    result.exponent_ += (odd ? exponent_ - 31 : exponent_ - 32) / 2;
    return result;
}

std::uint64_t Magnitude::rounded() const {
    if (mantissa_ == 0 || exponent_ < -32) return 0;
    if (exponent_ > 32) return ~std::uint64_t{0};
    if (exponent_ >= 0) return std::uint64_t{mantissa_} << static_cast<unsigned>(exponent_);
    return ((std::uint64_t{mantissa_} >> static_cast<unsigned>(-exponent_ - 1)) + 1U) >> 1U;
}

}  // namespace ferraris::metrology
