/// A number that is not negative, with 32 significant bits and its own exponent, in integer arithmetic only: what
/// `double` would be used for, with the same bits on every machine.
#pragma once

#include <bit>
#include <cstdint>

#include "metrology/wide_integer.hpp"

namespace ferraris::metrology {

/// Integer square root, rounded down.
[[nodiscard]] constexpr std::uint32_t square_root(std::uint64_t value) {
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

/// mantissa * 2^exponent; the mantissa has its top bit set, or is 0. Each operation rounds once, by at most 2^-32 of
/// its result (the square root by 2^-31).
class Magnitude {
public:
    constexpr Magnitude() = default;

    [[nodiscard]] static constexpr Magnitude of(std::uint64_t value, int exponent = 0) {
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
    /// Of a value that is not negative.
    [[nodiscard]] static constexpr Magnitude of(const Int128& value, int exponent = 0) {
        if (value.high() == 0) return of(value.low(), exponent);
        const auto bits = static_cast<unsigned>(64 - std::countl_zero(value.high()));
        return of(value.shifted_right(bits), exponent + static_cast<int>(bits));
    }

    [[nodiscard]] constexpr std::uint32_t mantissa() const { return mantissa_; }
    [[nodiscard]] constexpr int exponent() const { return exponent_; }
    [[nodiscard]] constexpr bool is_zero() const { return mantissa_ == 0; }

    [[nodiscard]] friend constexpr Magnitude operator*(const Magnitude& a, const Magnitude& b) {
        return of(std::uint64_t{a.mantissa_} * b.mantissa_, a.exponent_ + b.exponent_);
    }
    /// Zero when the divisor is zero: a mean over no time is nothing.
    [[nodiscard]] friend constexpr Magnitude operator/(const Magnitude& a, const Magnitude& b) {
        if (b.mantissa_ == 0) return {};
        // The quotient has 31 to 33 bits; one more guards the rounding.
        const std::uint64_t quotient = ((std::uint64_t{a.mantissa_} << 31U) / b.mantissa_) << 1U;
        const std::uint64_t rest = (std::uint64_t{a.mantissa_} << 31U) % b.mantissa_;
        const std::uint64_t guard = rest * 2U >= b.mantissa_ ? 1U : 0U;
        return of(quotient | guard, a.exponent_ - b.exponent_ - 32);
    }
    [[nodiscard]] constexpr Magnitude root() const {
        const bool odd = (exponent_ & 1) != 0;
        Magnitude result = of(square_root(std::uint64_t{mantissa_} << (odd ? 31U : 32U)));
        result.exponent_ += (odd ? exponent_ - 31 : exponent_ - 32) / 2;
        return result;
    }

    /// To the nearest integer; the largest where it does not fit.
    [[nodiscard]] constexpr std::uint64_t rounded() const {
        if (mantissa_ == 0 || exponent_ < -32) return 0;
        if (exponent_ > 32) return ~std::uint64_t{0};
        if (exponent_ >= 0) return std::uint64_t{mantissa_} << static_cast<unsigned>(exponent_);
        return ((std::uint64_t{mantissa_} >> static_cast<unsigned>(-exponent_ - 1)) + 1U) >> 1U;
    }

private:
    std::uint32_t mantissa_{0};
    int exponent_{0};
};

}  // namespace ferraris::metrology
