#include "metrology/trigonometry.hpp"

#include <array>

namespace ferraris::metrology {

namespace {

/// arctan(2^-k) in units of 2^-44 turns.
constexpr std::array<std::int64_t, 34> kArcTangents = {
    2199023255552, 1298159229407, 685911684590, 348179481054, 174765388006, 87467890064, 43744617923,
    21873643805,   10936988781,   5468515251,   2734260233,   1367130443,   683565262,   341782636,
    170891319,     85445659,      42722830,     21361415,     10680707,     5340354,     2670177,
    1335088,       667544,        333772,       166886,       83443,        41722,       20861,
    10430,         5215,          2608,         1304,         652,          326};

/// The product of cos(arctan(2^-k)), in units of 2^-40.
constexpr std::int64_t kGain = 667681663043;

constexpr std::int32_t to_q30(std::int64_t q40) { return static_cast<std::int32_t>((q40 + 512) >> 10U); }

}  // namespace

SineCosine sine_cosine(std::uint32_t phase) {
    // CORDIC converges within a quarter turn: the left half plane is the right one turned by half a turn.
    const bool left_half = ((phase + 0x40000000U) & 0x80000000U) != 0;
    const std::uint32_t folded = left_half ? phase + 0x80000000U : phase;
    std::int64_t rest = std::int64_t{static_cast<std::int32_t>(folded)} * 4096;
    std::int64_t x = kGain;
    std::int64_t y = 0;
    for (std::size_t k = 0; k < kArcTangents.size(); ++k) {
        const std::int64_t dx = y >> k;
        const std::int64_t dy = x >> k;
        if (rest >= 0) {
            x -= dx;
            y += dy;
            rest -= kArcTangents[k];
        } else {
            x += dx;
            y -= dy;
            rest += kArcTangents[k];
        }
    }
    return left_half ? SineCosine{to_q30(-y), to_q30(-x)} : SineCosine{to_q30(y), to_q30(x)};
}

}  // namespace ferraris::metrology
