/// Sine and cosine by CORDIC, in integers: the same bits on every machine.
#pragma once

#include <cstdint>

namespace ferraris::metrology {

/// Both in units of 2^-30.
struct SineCosine {
    std::int32_t sine{0};
    std::int32_t cosine{1 << 30};
};

/// Of an angle in units of 2^-32 turns; right to about 2^-30.
[[nodiscard]] SineCosine sine_cosine(std::uint32_t phase);

}  // namespace ferraris::metrology
