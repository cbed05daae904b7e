#include "mbus/frame.hpp"

#include <gtest/gtest.h>
#include <rapidcheck.h>

#include <vector>

#include "base/hex.hpp"

namespace ferraris::mbus {
namespace {

using Octets = std::vector<std::uint8_t>;

Result<Octets, FrameError> without_checks(FrameFormat format, const Octets& frame) {
    Octets out(kMaxTelegram);
    const auto size = remove_check_octets(format, frame, out);
    if (!size) return Error(size.error());
    out.resize(*size);
    return out;
}
Result<Octets, FrameError> with_checks(FrameFormat format, const Octets& telegram) {
    Octets out(kMaxFrame);
    const auto size = add_check_octets(format, telegram, out);
    if (!size) return Error(size.error());
    out.resize(*size);
    return out;
}

// OMS volume 2, annex N.1.1: a gas meter, format A.
constexpr const char* kFormatA =
    "2E44931578563412330333"  // L C M A, up to the type 03 ...
    "63"                      // ... whose check octets are 3363
    "7A2A0020255923C95AAA26D1B2E7493BC2AD"
    "013EC4A6F6D3529B520EDFF0EA6DEFC955B2"
    "9D6D69EBF3EC8A";

TEST(MbusFrame, ChecksAndStripsFormatAOfTheSpecification) {
    const auto telegram = without_checks(FrameFormat::a, *from_hex(kFormatA));
    ASSERT_TRUE(telegram);
    EXPECT_EQ(to_hex(*telegram),
              "2E4493157856341233037A2A0020255923C95AAA26D1B2E7493B013EC4A6F6D3529B520EDFF0EA6DEFC99D6D69EBF3");
    EXPECT_EQ(to_hex(with_checks(FrameFormat::a, *telegram).value()), kFormatA);
}

// Format B: one pair of check octets at the end, counted by L (EN 13757-4, annex).
TEST(MbusFrame, ChecksAndStripsFormatB) {
    constexpr const char* kFormatB = "1444AE0C7856341201078C2027780B134365877AC5";
    const auto telegram = without_checks(FrameFormat::b, *from_hex(kFormatB));
    ASSERT_TRUE(telegram);
    EXPECT_EQ(to_hex(*telegram), "1244AE0C7856341201078C2027780B13436587");
    EXPECT_EQ(to_hex(with_checks(FrameFormat::b, *telegram).value()), kFormatB);
}

TEST(MbusFrame, EveryLengthComesBack) {
    EXPECT_TRUE(rc::check("what is framed is read again, and no octet can change unseen", [] {
        const auto format = *rc::gen::element(FrameFormat::a, FrameFormat::b);
        const auto size = *rc::gen::inRange<std::size_t>(10, format == FrameFormat::a ? 257 : 253);
        Octets telegram = *rc::gen::container<Octets>(size, rc::gen::arbitrary<std::uint8_t>());
        telegram[0] = static_cast<std::uint8_t>(size - 1);
        Octets frame = with_checks(format, telegram).value();
        RC_ASSERT(without_checks(format, frame).value() == telegram);
        const auto place = *rc::gen::inRange<std::size_t>(0, frame.size());
        frame[place] = static_cast<std::uint8_t>(frame[place] ^ *rc::gen::inRange(1, 256));
        RC_ASSERT(!without_checks(format, frame));
    }));
}

TEST(MbusFrame, RefusesWhatDoesNotFit) {
    const Octets frame = *from_hex(kFormatA);
    for (std::size_t size = 0; size < frame.size(); ++size) {
        EXPECT_EQ(
            without_checks(FrameFormat::a, Octets(frame.begin(), frame.begin() + static_cast<long>(size))).error(),
            FrameError::too_short);
    }
    Octets longer = frame;
    longer.push_back(0);
    EXPECT_EQ(without_checks(FrameFormat::a, longer).error(), FrameError::too_long);
    Octets telegram(254, 0);
    telegram[0] = 253;
    EXPECT_EQ(with_checks(FrameFormat::b, telegram).error(), FrameError::too_long) << "L would count 257";
    telegram[0] = 10;
    EXPECT_EQ(with_checks(FrameFormat::a, telegram).error(), FrameError::too_short) << "L says something else";
}

// EN 13757-4, table 15: 0 is 010110, F is 101001, 1 is 001101, E is 110010.
TEST(MbusFrame, CodesThreeOutOfSix) {
    Octets symbols(6);
    symbols.resize(code_three_of_six(*from_hex("0F1E"), symbols));
    EXPECT_EQ(to_hex(symbols), "5A9372");  // 010110 101001 001101 110010
    Octets odd(2);
    EXPECT_EQ(code_three_of_six(*from_hex("0F"), odd), 2U);
    EXPECT_EQ(to_hex(odd), "5A95") << "filled up with 0101";
    EXPECT_TRUE(rc::check("what is coded is read again", [](const Octets& octets) {
        Octets coded((octets.size() * 12 + 7) / 8);
        RC_ASSERT(code_three_of_six(octets, coded) == coded.size());
        Octets again(octets.size());
        RC_ASSERT(decode_three_of_six(coded, octets.size(), again).value() == octets.size());
        RC_ASSERT(again == octets);
    }));
    Octets out(2);
    EXPECT_EQ(decode_three_of_six(*from_hex("FF9372"), 2, out).error(), FrameError::wrong_symbol);
    EXPECT_EQ(decode_three_of_six(*from_hex("5A93"), 2, out).error(), FrameError::too_short);
}

TEST(MbusFrame, ChipsOfBothModes) {
    const Octets frame = *from_hex("0F1E");
    Octets chips(kMaxChips);
    chips.resize(write_chips(RadioMode::t1, FrameFormat::a, frame, chips));
    // 19 times 01, then 0000111101, then the symbols.
    EXPECT_EQ(to_hex(chips), "55555555543D5A9372");
    chips.resize(kMaxChips);
    chips.resize(write_chips(RadioMode::c1, FrameFormat::a, frame, chips));
    EXPECT_EQ(to_hex(chips), "55555555543D54CD0F1E");
    chips.resize(kMaxChips);
    chips.resize(write_chips(RadioMode::c1, FrameFormat::b, frame, chips));
    EXPECT_EQ(to_hex(chips), "55555555543D543D0F1E");
}

}  // namespace
}  // namespace ferraris::mbus
