/// Signed 128-bit integers for sums of products, the same on a host and on a Cortex-M, which has no such type.
#pragma once

#include <cstdint>

namespace ferraris::metrology {

/// Two's complement; wraps like an unsigned integer. Sums of this code stay far below 2^127 (see Processor).
class Int128 {
public:
    constexpr Int128() = default;
    constexpr Int128(std::int64_t value)  // NOLINT(google-explicit-constructor): every int64 is one
        : high_(value < 0 ? ~std::uint64_t{0} : 0), low_(static_cast<std::uint64_t>(value)) {}

    [[nodiscard]] static constexpr Int128 from_halves(std::uint64_t high, std::uint64_t low) {
        Int128 x;
        x.high_ = high;
        x.low_ = low;
        return x;
    }

    [[nodiscard]] static Int128 product(std::int64_t a, std::int64_t b);

    constexpr Int128& operator+=(const Int128& other) {
        low_ += other.low_;
        high_ += other.high_ + (low_ < other.low_ ? 1U : 0U);
        return *this;
    }
    constexpr Int128& operator-=(const Int128& other) { return *this += -other; }
    [[nodiscard]] friend constexpr Int128 operator+(Int128 a, const Int128& b) { return a += b; }
    [[nodiscard]] friend constexpr Int128 operator-(Int128 a, const Int128& b) { return a -= b; }
    [[nodiscard]] constexpr Int128 operator-() const { return from_halves(~high_ + (low_ == 0 ? 1U : 0U), ~low_ + 1U); }
    [[nodiscard]] friend constexpr bool operator==(const Int128& a, const Int128& b) = default;

    [[nodiscard]] constexpr bool is_negative() const { return (high_ >> 63U) != 0; }
    [[nodiscard]] constexpr Int128 absolute() const { return is_negative() ? -*this : *this; }

    /// Bits `bits` and above of a value that is not negative; 0 < bits < 128, and the result must fit.
    [[nodiscard]] constexpr std::uint64_t shifted_right(unsigned bits) const {
        return bits >= 64 ? high_ >> (bits - 64U) : (low_ >> bits) | (high_ << (64U - bits));
    }
    /// The bits below `bits`; 0 < bits < 128.
    [[nodiscard]] constexpr Int128 low_bits(unsigned bits) const {
        return bits >= 64 ? from_halves(high_ & ~(~std::uint64_t{0} << (bits - 64U)), low_)
                          : from_halves(0, low_ & ~(~std::uint64_t{0} << bits));
    }
    [[nodiscard]] constexpr std::uint64_t high() const { return high_; }
    [[nodiscard]] constexpr std::uint64_t low() const { return low_; }

private:
    std::uint64_t high_{0};
    std::uint64_t low_{0};
};

}  // namespace ferraris::metrology
