// The same rows in each encoding, octet by octet.
#include "meter/profile/buffer_encoding.hpp"

#include "dlms/apdu/selective_access.hpp"
#include "meter/fixture.hpp"
#include "meter/profile/profile_table.hpp"

namespace ferraris::meter {
namespace {

using dlms::DataAccessResult;
using dlms::obis;
using testing::Bench;
using testing::utc;

constexpr dlms::LogicalName kEncodedProfile = obis(1, 0, 99, 1, 0);
constexpr dlms::AttributeDescriptor kEncoding{1, obis(0, 0, 128, 7, 0), 2};

class BufferEncodingTest : public ::testing::Test {
protected:
    /// Clock, status, import, voltage: rows at 11:15, 11:30 and 11:45 local time, 250 Wh each.
    void SetUp() override {
        std::vector<std::uint8_t> list(100);
        ByteWriter out(list);
        dlms::DataWriter(out).array(4);
        put(out, kStampColumn);
        put(out, kStatusColumn);
        dlms::put(out, {{3, obis(1, 0, 1, 8, 0), 2}, 0});
        dlms::put(out, {{3, obis(1, 0, 32, 7, 0), 2}, 0});
        list.resize(out.size());
        ASSERT_EQ(bench_.write(kUtilitySap, {7, kEncodedProfile, 3}, list), DataAccessResult::success);
        bench_.run(2700, 1000);
    }
    std::string buffer(int encoding, std::size_t window = 1000) {
        const std::vector<std::uint8_t> value{0x16, static_cast<std::uint8_t>(encoding)};
        EXPECT_EQ(bench_.write(kUtilitySap, kEncoding, value), DataAccessResult::success);
        return to_hex(bench_.read(kReaderSap, {7, kEncodedProfile, 2}, nullptr, window));
    }

    Bench bench_{utc(2026, 1, 15, 10, 0, 0)};
};

const std::string kPlain =
    "0103"                          // array of three
    "0204"                          // structure of four
    "090C07EA010F040B0F0000FFC400"  // 2026-01-15 11:15:00, UTC + 1 h
    "1100"                          // status
    "1500000000000000FA"            // 250 Wh, long64-unsigned
    "1259D8"                        // 230.00 V, long-unsigned
    "0204"
    "090C07EA010F040B1E0000FFC400"
    "1100"
    "1500000000000001F4"
    "1259D8"
    "0204"
    "090C07EA010F040B2D0000FFC400"
    "1100"
    "1500000000000002EE"
    "1259D8";

const std::string kNullData =
    "0103"
    "0204"
    "090C07EA010F040B0F0000FFC400"
    "1100"
    "1500000000000000FA"
    "1259D8"
    "0204"
    "00"                  // one period later
    "00"                  // the same status
    "1500000000000001F4"  // another count
    "00"                  // the same voltage
    "0204"
    "00"
    "00"
    "1500000000000002EE"
    "00";

const std::string kDeltas =
    "0103"
    "0204"
    "090C07EA010F040B0F0000FFC400"
    "1100"
    "1500000000000000FA"
    "1259D8"
    "0204"
    "00"
    "00"
    "1FFA"  // delta-unsigned: 250 more
    "00"
    "0204"
    "00"
    "00"
    "1FFA"
    "00";

const std::string kCompactArray =
    "13"        // compact-array
    "0204"      // of structures of four:
    "09111512"  // octet-string, unsigned, long64-unsigned, long-unsigned
    "48"        // 72 octets of contents
    "0C07EA010F040B0F0000FFC400"
    "00"
    "00000000000000FA"
    "59D8"
    "0C07EA010F040B1E0000FFC400"
    "00"
    "00000000000001F4"
    "59D8"
    "0C07EA010F040B2D0000FFC400"
    "00"
    "00000000000002EE"
    "59D8";

TEST_F(BufferEncodingTest, EachIsTheSameRowsInWindowsOfAnySize) {
    bench_.conformance = dlms::Conformance::delta_value_encoding;
    const std::array<std::string, 4> expected{kPlain, kNullData, kDeltas, kCompactArray};
    for (std::size_t i = 0; i < expected.size(); ++i) {
        for (const std::size_t window : {1U, 7U, 20U, 1000U}) {
            EXPECT_EQ(buffer(static_cast<int>(i), window), expected[i]) << window;
        }
    }
}

TEST_F(BufferEncodingTest, DeltasAreForThoseWhoNegotiatedThem) { EXPECT_EQ(buffer(2), kNullData); }

TEST_F(BufferEncodingTest, AnEmptyCompactArrayStillHasItsTypes) {
    ASSERT_EQ(bench_.invoke(kUtilitySap, {7, kEncodedProfile, 1}, testing::octets("0F00")),
              dlms::ActionResult::success);
    EXPECT_EQ(buffer(3), "1302040911151200");
    EXPECT_EQ(buffer(1), "0100");
}

TEST_F(BufferEncodingTest, NumbersThatFallHaveSignedDeltas) {
    bench_.conformance = dlms::Conformance::delta_value_encoding;
    std::vector<std::uint8_t> list(100);
    ByteWriter out(list);
    dlms::DataWriter(out).array(1);
    dlms::put(out, {{3, obis(1, 0, 16, 7, 0), 2}, 0});
    list.resize(out.size());
    ASSERT_EQ(bench_.write(kUtilitySap, {7, kEncodedProfile, 3}, list), DataAccessResult::success);
    // Milliwatts, double-long; the least difference is a watt.
    for (const std::uint64_t watts : {100U, 101U, 100U, 133U, 100U, 70'000U}) bench_.run(900, watts);
    EXPECT_EQ(buffer(2),
              "0106"
              "020105000186A0"  // 100,000
              "02012003E8"      // delta-long-unsigned + 1,000
              "02011DFC18"      // delta-long - 1,000
              "02012080E8"      // + 33,000, which only an unsigned one has room for
              "0201"
              "05000186A0"  // - 33,000 has no shorter type than the value's
              "0201"
              "05042C1D80");
}

TEST_F(BufferEncodingTest, IsChosenByTheUtilityAndKept) {
    EXPECT_EQ(to_hex(bench_.read(kReaderSap, kEncoding)), "1600");
    EXPECT_EQ(bench_.write(kTechnicianSap, kEncoding, testing::octets("1601")), DataAccessResult::read_write_denied);
    EXPECT_EQ(bench_.write(kUtilitySap, kEncoding, testing::octets("1604")), DataAccessResult::other_reason);
    EXPECT_EQ(bench_.write(kUtilitySap, kEncoding, testing::octets("1101")), DataAccessResult::type_unmatched);
    EXPECT_EQ(bench_.write(kUtilitySap, kEncoding, testing::octets("1603")), DataAccessResult::success);
    bench_.power_up();
    EXPECT_EQ(to_hex(bench_.read(kReaderSap, kEncoding)), "1603");
}

}  // namespace
}  // namespace ferraris::meter
