#include "base/crc.hpp"

#include <gtest/gtest.h>

#include <string_view>

namespace ferraris {
namespace {

ByteView octets(std::string_view text) { return {reinterpret_cast<const std::uint8_t*>(text.data()), text.size()}; }

TEST(Crc, CheckValuesOfTheCatalogues) {
    EXPECT_EQ(crc16_x25(octets("123456789")), 0x906E);
    EXPECT_EQ(crc32(octets("123456789")), 0xCBF43926U);
}

TEST(Crc, ChainsOverPieces) { EXPECT_EQ(crc32(octets("56789"), crc32(octets("1234"))), 0xCBF43926U); }

}  // namespace
}  // namespace ferraris
