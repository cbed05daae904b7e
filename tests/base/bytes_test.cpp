#include "base/bytes.hpp"

#include <gtest/gtest.h>

#include <rapidcheck.h>
#include <array>
#include <vector>

namespace ferraris {
namespace {

TEST(ByteReader, YieldsZerosPastTheEndAndSaysSo) {
    const std::array<std::uint8_t, 3> data{1, 2, 3};
    ByteReader in(data);
    EXPECT_EQ(in.u16(), 0x0102);
    EXPECT_EQ(in.u16(), 0);
    EXPECT_TRUE(in.failed());
    EXPECT_EQ(in.u8(), 0) << "a failed reader stays at its end";
}

TEST(ByteWriter, CountsWhatDoesNotFit) {
    std::array<std::uint8_t, 3> buffer{};
    ByteWriter out(buffer);
    out.u32(0x01020304);
    EXPECT_TRUE(out.overflowed());
    EXPECT_EQ(out.produced(), 4U);
    EXPECT_EQ(out.size(), 3U);
}

// The property block transfer rests on: windows of any sizes, put together, are the whole.
TEST(ByteWriter, WindowsAddUpToTheWhole) {
    EXPECT_TRUE(rc::check([](const std::vector<std::vector<std::uint8_t>>& pieces) {
        std::vector<std::uint8_t> whole;
        for (const auto& piece : pieces) whole.insert(whole.end(), piece.begin(), piece.end());
        std::vector<std::uint8_t> joined;
        bool more = true;
        while (more) {
            std::vector<std::uint8_t> window(*rc::gen::inRange<std::size_t>(1, 9));
            ByteWriter out(window, joined.size());
            for (const auto& piece : pieces) out.put(piece);
            joined.insert(joined.end(), out.written().begin(), out.written().end());
            more = out.overflowed();
        }
        RC_ASSERT(joined == whole);
    }));
}

}  // namespace
}  // namespace ferraris
