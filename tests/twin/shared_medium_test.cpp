/// The bus of RS485: who hears what, and when.
#include "twin/shared_medium.hpp"

#include <gtest/gtest.h>

namespace ferraris::twin {
namespace {

using Octets = std::vector<std::uint8_t>;

TEST(SharedMedium, EverybodyElseHearsAnOctetWhenItIsOver) {
    SharedMedium medium(false);
    const auto speaker = medium.join(300);
    const auto one = medium.join(300);
    const auto other = medium.join(300);
    medium.transmit(speaker, Octets{0x11, 0x22}, 1000);
    EXPECT_EQ(medium.next_ms(), 1034) << "ten bits at 300 Bd";
    medium.advance(1033);
    EXPECT_TRUE(medium.take(one).empty());
    medium.advance(1034);
    EXPECT_EQ(medium.take(one), Octets{0x11});
    medium.advance(1067);
    EXPECT_EQ(medium.take(one), Octets{0x22});
    EXPECT_EQ(medium.take(other), (Octets{0x11, 0x22}));
    EXPECT_TRUE(medium.take(speaker).empty()) << "nobody hears himself";
    EXPECT_FALSE(medium.next_ms().has_value());
}

TEST(SharedMedium, TwoAtOnceAreNoiseToEverybody) {
    SharedMedium medium(false);
    const auto one = medium.join(9600);
    const auto other = medium.join(9600);
    const auto listener = medium.join(9600);
    medium.transmit(one, Octets{0x7E, 0x7E, 0x7E}, 1000);  // over at 1001.04, 1002.08, 1003.12
    medium.transmit(other, Octets{0x2F}, 1002);            // from 1002 to 1003.04
    medium.advance(1010);
    EXPECT_EQ(medium.take(listener), (Octets{0x7E, 0x7E ^ 0x55, 0x2F ^ 0x55, 0x7E ^ 0x55})) << "the first was clear";
    EXPECT_EQ(medium.collisions(), 3U);
    medium.transmit(other, Octets{0x2F}, 1020);
    medium.advance(1030);
    EXPECT_EQ(medium.take(listener), Octets{0x2F}) << "alone again";
}

TEST(SharedMedium, AnotherSpeedIsNoise) {
    SharedMedium medium(false);
    const auto speaker = medium.join(9600);
    const auto slow = medium.join(300);
    medium.transmit(speaker, Octets{0x7E}, 1000);
    medium.advance(1010);
    EXPECT_NE(medium.take(slow), Octets{0x7E});
    medium.set_baud(slow, 9600);
    medium.transmit(speaker, Octets{0x7E}, 1010);
    medium.advance(1020);
    EXPECT_EQ(medium.take(slow), Octets{0x7E});
}

TEST(SharedMedium, WhoHasLeftHearsAndDisturbsNobody) {
    SharedMedium medium(false);
    const auto one = medium.join(9600);
    const auto other = medium.join(9600);
    medium.transmit(one, Octets{0x01}, 1000);
    medium.leave(one);
    medium.transmit(other, Octets{0x02}, 1000);
    medium.advance(1010);
    EXPECT_TRUE(medium.take(one).empty());
    EXPECT_EQ(medium.collisions(), 0U);
}

}  // namespace
}  // namespace ferraris::twin
