/// A number that is not negative, with 32 significant bits and its own exponent, in integer arithmetic only: what
/// `double` would be used for, with the same bits on every machine.
#pragma once

#include <cstdint>

#include "metrology/wide_integer.hpp"

namespace ferraris::metrology {

/// Integer square root, rounded down.
[[nodiscard]] std::uint32_t square_root(std::uint64_t value);

/// mantissa * 2^exponent; the mantissa has its top bit set, or is 0. Each operation rounds once, by at most 2^-32 of
/// its result (the square root by 2^-31).
class Magnitude {
public:
    constexpr Magnitude() = default;

    [[nodiscard]] static Magnitude of(std::uint64_t value, int exponent = 0);
    /// Of a value that is not negative.
    [[nodiscard]] static Magnitude of(const Int128& value, int exponent = 0);

    [[nodiscard]] std::uint32_t mantissa() const { return mantissa_; }
    [[nodiscard]] int exponent() const { return exponent_; }
    [[nodiscard]] bool is_zero() const { return mantissa_ == 0; }

    [[nodiscard]] friend Magnitude operator*(const Magnitude& a, const Magnitude& b) {
        return of(std::uint64_t{a.mantissa_} * b.mantissa_, a.exponent_ + b.exponent_);
    }
    /// Zero when the divisor is zero: a mean over no time is nothing.
    [[nodiscard]] friend Magnitude operator/(const Magnitude& a, const Magnitude& b) { return a.divided_by(b); }
    [[nodiscard]] Magnitude root() const;

    /// To the nearest integer; the largest where it does not fit.
    [[nodiscard]] std::uint64_t rounded() const;

private:
    [[nodiscard]] Magnitude divided_by(const Magnitude& divisor) const;

    std::uint32_t mantissa_{0};
    int exponent_{0};
};

}  // namespace ferraris::metrology
