/// The explainer against the codecs of `dlms`: on every APDU of the fuzzers' corpora, and on each of them with one
/// octet changed, left out or put in.
#include "decode/agreement.hpp"

#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>
#include <iterator>
#include <map>
#include <vector>

#include "base/hex.hpp"

namespace ferraris::decode::testing {
namespace {

using Octets = std::vector<std::uint8_t>;

std::vector<Octets> samples() {
    std::vector<Octets> all;
    for (const char* const folder : {"apdu", "decode"}) {
        for (const auto& entry :
             std::filesystem::directory_iterator(std::filesystem::path(FERRARIS_SOURCE) / "fuzz" / "corpus" / folder)) {
            std::ifstream file(entry.path(), std::ios::binary);
            all.emplace_back(std::istreambuf_iterator<char>(file), std::istreambuf_iterator<char>());
        }
    }
    // One of each APDU that the corpora might not have.
    for (const std::string_view hex :
         {"0100000006 5F1F0400001E1D FFFF",
          "0800065F1F0400001E1D04B00007",
          "0E010600",
          "0F000000010002020600000001",
          "100000000100",
          "601DA109060760857405080101BE10040E01000000065F1F0400007E1FFFFF",
          "6129A109060760857405080101A203020100A305A103020100BE10040E0800065F1F0400007E1F04B00007",
          "6203800100",
          "6303800100",
          "C001C1000100002B0100FF0200",
          "C1010100080000010000FF020009020102",
          "C20000010000600100FF020009020102",
          "C301C1000F0000280000FF0100",
          "C401C1000600000001",
          "C401C10103",
          "C501C100",
          "C701C10000",
          "D80102",
          "D8020600000005",
          "D9000000010001010001000060 0100FF020100",
          "DA00000001000001060000000101 0100",
          "C8053000000001",
          "DB084D4D4D0000BC614E053000000001",
          "E0800001000003C00181",
          "DD00000000000000051000000001",
          "DF0000000000 0D C001C1000100002B0100FF0200 00"}) {
        std::string digits(hex);
        std::erase(digits, ' ');
        const auto octets = from_hex(digits);
        EXPECT_TRUE(octets) << hex;
        if (octets) all.push_back(*octets);
    }
    return all;
}

TEST(Agreement, HoldsOnEverySampleAndItsNeighbours) {
    constexpr std::uint8_t kValues[] = {0x00, 0x01, 0x02, 0x05, 0x7F, 0x80, 0x81, 0xFF};
    constexpr std::size_t kMostChanged = 120;
    std::size_t checked = 0;
    for (const Octets& sample : samples()) {
        const auto check = [&checked](const Octets& octets) {
            ++checked;
            const auto found = disagreement(octets);
            EXPECT_FALSE(found) << to_hex(octets) << "\n" << *found;
            return !found;
        };
        bool good = check(sample);
        for (std::size_t i = 0; good && i < std::min(sample.size(), kMostChanged); ++i) {
            for (const std::uint8_t value : kValues) {
                Octets changed = sample;
                changed[i] = value;
                good = check(changed) && good;
                changed = sample;
                changed.insert(changed.begin() + static_cast<std::ptrdiff_t>(i), value);
                good = check(changed) && good;
            }
            Octets shorter = sample;
            shorter.erase(shorter.begin() + static_cast<std::ptrdiff_t>(i));
            good = check(shorter) && good;
            good = check(Octets(sample.begin(), sample.begin() + static_cast<std::ptrdiff_t>(i))) && good;
        }
    }
    EXPECT_GT(checked, 10'000U);
}

}  // namespace
}  // namespace ferraris::decode::testing
