#include "dlms/profile_buffer.hpp"

#include <gtest/gtest.h>
#include <rapidcheck.h>

#include "octets.hpp"

namespace ferraris::dlms {
namespace {

using testing::octets;

/// What comes out of a buffer that arrives in pieces of `piece` octets, with that much memory.
struct Outcome {
    std::vector<std::string> rows{};
    BufferError error{BufferError::none};
    bool complete{false};
};

template <class PieceSize>
Outcome read_buffer(ByteView buffer, std::size_t memory_size, PieceSize&& piece_size) {
    std::vector<std::uint8_t> memory(memory_size);
    std::vector<std::uint8_t> row_memory(memory_size);
    BufferReader reader(memory);
    Outcome outcome;
    while (!buffer.empty() && reader.error() == BufferError::none) {
        const std::size_t size = std::min<std::size_t>(piece_size(), buffer.size());
        const ByteView left = reader.push(buffer.first(size));
        buffer = buffer.subspan(size - left.size());
        while (const auto row = reader.next(row_memory)) outcome.rows.push_back(to_hex(*row));
    }
    outcome.error = reader.error();
    outcome.complete = reader.complete();
    return outcome;
}

Outcome read_buffer(const std::string& hex, std::size_t memory_size = 64) {
    return read_buffer(octets(hex), memory_size, [] { return std::size_t{1000}; });
}

// array of 3 structures{unsigned, long-unsigned}
constexpr const char* kPlain =
    "0103"
    "02021101120001"
    "02021102120002"
    "02021103120003";
// the same as a compact array: the types, 9 octets of values
constexpr const char* kCompact =
    "13"
    "02021112"
    "09"
    "010001"
    "020002"
    "030003";
const std::vector<std::string> kRows{"02021101120001", "02021102120002", "02021103120003"};

TEST(BufferReader, TakesRowsFromPiecesOfAnySizeThroughAnyMemory) {
    for (const char* const hex : {kPlain, kCompact}) {
        const auto buffer = octets(hex);
        EXPECT_TRUE(rc::check([&] {
            const auto memory = *rc::gen::inRange<std::size_t>(9, 40);
            const Outcome outcome = read_buffer(buffer, memory, [] { return *rc::gen::inRange<std::size_t>(1, 9); });
            RC_ASSERT(outcome.rows == kRows);
            RC_ASSERT(outcome.complete);
        }));
    }
}

TEST(BufferReader, IsCompleteWithTheLastOctetAndNotBefore) {
    for (const char* const hex : {kPlain, kCompact}) {
        const auto buffer = octets(hex);
        for (std::size_t size = 0; size < buffer.size(); ++size) {
            const Outcome cut = read_buffer(ByteView(buffer).first(size), 64, [] { return std::size_t{64}; });
            EXPECT_FALSE(cut.complete) << size;
            EXPECT_EQ(cut.error, BufferError::none) << "more might come";
        }
        EXPECT_EQ(read_buffer(std::string(hex) + "00").error, BufferError::malformed) << "one octet too many";
    }
    EXPECT_TRUE(read_buffer("0100").complete);
    EXPECT_TRUE(read_buffer("130202111200").complete);
}

TEST(BufferReader, NamesWhatIsWrong) {
    EXPECT_EQ(read_buffer("1201").error, BufferError::not_a_buffer) << "no array";
    EXPECT_EQ(read_buffer("01011103").error, BufferError::not_a_buffer) << "an array of numbers";
    EXPECT_EQ(read_buffer("131101AA").error, BufferError::not_a_buffer) << "a compact array of numbers";
    EXPECT_EQ(read_buffer("0101FF").error, BufferError::not_a_buffer) << "don't care is no row";
    EXPECT_EQ(read_buffer("01010201630000").error, BufferError::malformed) << "an unknown type";
    EXPECT_EQ(read_buffer("01850000000001").error, BufferError::malformed) << "five octets of count";
    EXPECT_EQ(read_buffer("13020163"
                          "0101")
                  .error,
              BufferError::malformed)
        << "an unknown type in front";
    EXPECT_EQ(read_buffer("1302021112"
                          "04"
                          "01000102")
                  .error,
              BufferError::malformed)
        << "a row and a third";
    EXPECT_EQ(read_buffer("13020200"
                          "00"
                          "0101")
                  .error,
              BufferError::malformed)
        << "rows without octets";
    EXPECT_EQ(read_buffer(kPlain, 6).error, BufferError::row_too_long);
    EXPECT_EQ(read_buffer(kCompact, 6).error, BufferError::row_too_long);
}

/// Expands rows one after the other.
class Expanded {
public:
    explicit Expanded(const RowShape& shape, std::size_t memory = 64) : memory_(memory), expander_(shape, memory_) {}
    std::string operator()(const std::string& row) {
        std::array<std::uint8_t, 64> out{};
        const auto whole = expander_.expand(octets(row), out);
        return whole ? to_hex(*whole) : "";
    }

private:
    std::vector<std::uint8_t> memory_;
    RowExpander expander_;
};

constexpr RowShape kQuarterHours{0, 900};
// structure{date-time 2026-01-31T23:59:00+01:00 as octet-string, unsigned 8, double-long-unsigned 10}
constexpr const char* kFirstRow = "0203090C07EA011F06173B0000FFC4001108060000000A";

TEST(RowExpander, NullDataIsTheTimeBeforePlusThePeriodAndTheValueBefore) {
    Expanded row(kQuarterHours);
    EXPECT_EQ(row(kFirstRow), kFirstRow);
    EXPECT_EQ(row("020300000600000014"), "0203090C07EA020107000E0000FFC40011080600000014") << "0:14 of the next month";
    EXPECT_EQ(row("0203000000"), "0203090C07EA020107001D0000FFC40011080600000014") << "and 0:29";
}

TEST(RowExpander, TimesOfTheTypeDateTimeKeepIt) {
    Expanded row(kQuarterHours);
    (void)row("02011907EA011F06173B0000FFC400");
    EXPECT_EQ(row("020100"), "02011907EA020107000E0000FFC400");
}

TEST(RowExpander, TimeGoesBackWhereTheNewestComesFirst) {
    Expanded row({0, -900});
    (void)row("0201090C07EA02010700000000FFC400");
    EXPECT_EQ(row("020100"), "0201090C07EA011F06172D0000FFC400");
}

TEST(RowExpander, AClockThatIsNotTheTimeStampIsAValueLikeOthers) {
    Expanded row({std::nullopt, 900});
    (void)row(kFirstRow);
    EXPECT_EQ(row("0203000000"), kFirstRow);
}

TEST(RowExpander, AddsDifferencesToTheValueBeforeInItsType) {
    Expanded row({std::nullopt, 0});
    // structure{unsigned 8, double-long-unsigned 10, long -1, long64-unsigned 2^32}
    (void)row("02041108060000000A10FFFF150000000100000000");
    EXPECT_EQ(row("02041FF51FF51F011F01"), "020411FD06000000FF100000150000000100000001") << "delta-unsigned";
    EXPECT_EQ(row("02041CFE1CFE1CFE1CFE"), "020411FB06000000FD10FFFE1500000000FFFFFFFF") << "delta-integer -2";
    EXPECT_EQ(row("0204210000000321000000031DFF001E80000000"), "020411FE060000010010FEFE15000000007FFFFFFF")
        << "double-long-unsigned 3, long -256, double-long -2^31";
    EXPECT_EQ(row("02041F031F001F001F00"), "02041101060000010010FEFE15000000007FFFFFFF")
        << "rolls over, as registers do";
}

TEST(RowExpander, ADifferenceToNothingStaysWhatItIs) {
    Expanded row({std::nullopt, 0});
    EXPECT_EQ(row("02021F0309021234"), "02021F0309021234");
    EXPECT_EQ(row("02021F041F01"), "02021F041F01") << "to a difference, or to a string";
}

TEST(RowExpander, WithoutARowBeforeThereIsNothingToRepeat) {
    Expanded row(kQuarterHours);
    EXPECT_EQ(row("0203000000"), "0203000000");
    EXPECT_EQ(row(kFirstRow), kFirstRow);
    EXPECT_EQ(row("020400000000"), "0204090C07EA020107000E0000FFC4001108060000000A00") << "a column more";
}

TEST(RowExpander, WhatIsNoRowOrTooLongIsRefusedAndForgotten) {
    Expanded row(kQuarterHours, 32);
    (void)row(kFirstRow);
    EXPECT_EQ(row("1101"), "");
    EXPECT_EQ(row("020111"), "");
    EXPECT_EQ(row("0201091F" + std::string(62, '0')), "") << "35 octets";
    EXPECT_EQ(row("0203000000"), "0203090C07EA020107000E0000FFC4001108060000000A") << "the row before is still that";
}

}  // namespace
}  // namespace ferraris::dlms
