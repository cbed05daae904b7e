#include "metrology/trigonometry.hpp"

#include <gtest/gtest.h>
#include <rapidcheck.h>

#include <cmath>
#include <numbers>

namespace ferraris::metrology {
namespace {

TEST(SineCosine, AgreesWithTheLibraryToThirtyBits) {
    EXPECT_TRUE(rc::check([](std::uint32_t phase) {
        const SineCosine result = sine_cosine(phase);
        const double angle = phase * std::ldexp(2 * std::numbers::pi, -32);
        RC_ASSERT(std::abs(std::ldexp(result.sine, -30) - std::sin(angle)) < 3e-9);
        RC_ASSERT(std::abs(std::ldexp(result.cosine, -30) - std::cos(angle)) < 3e-9);
    }));
}

TEST(SineCosine, QuartersOfATurn) {
    for (const std::uint32_t phase : {0U, 0x40000000U, 0x80000000U, 0xC0000000U}) {
        const double angle = phase * std::ldexp(2 * std::numbers::pi, -32);
        EXPECT_NEAR(std::ldexp(sine_cosine(phase).sine, -30), std::sin(angle), 3e-9);
        EXPECT_NEAR(std::ldexp(sine_cosine(phase).cosine, -30), std::cos(angle), 3e-9);
    }
}

}  // namespace
}  // namespace ferraris::metrology
