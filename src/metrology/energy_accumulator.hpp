/// Energy that is counted in whole units and keeps what is smaller.
#pragma once

#include <cstdint>

#include "metrology/wide_integer.hpp"

namespace ferraris::metrology {

class EnergyAccumulator {
public:
    /// Adds `sum` times `mantissa`, exactly. `sum` is not negative.
    void add(std::int64_t sum, std::uint32_t mantissa) { total_ += Int128::product(sum, std::int64_t{mantissa}); }

    /// Takes out the whole multiples of 2^`bits`.
    [[nodiscard]] std::uint64_t take(unsigned bits) {
        const std::uint64_t whole = total_.shifted_right(bits);
        total_ = total_.low_bits(bits);
        return whole;
    }

private:
    Int128 total_{};
};

}  // namespace ferraris::metrology
