#include "mbus/record.hpp"

#include <gtest/gtest.h>

#include <array>
#include <vector>

#include "base/hex.hpp"

namespace ferraris::mbus {
namespace {

using Octets = std::vector<std::uint8_t>;

std::string written(const RecordHead& head, ByteView quantity, std::uint64_t value) {
    std::array<std::uint8_t, 32> memory{};
    ByteWriter out(memory);
    write_record_head(head, quantity, out);
    write_integer(head.coding, value, out);
    return to_hex(out.written());
}

TEST(MbusRecord, WritesHeadsWithTariffs) {
    // DIF 06 (48 bit), VIF 83 3B (Wh, positive contributions), value low octet first.
    EXPECT_EQ(written({Coding::integer_48}, quantity::kImportedWattHours, 0x0102030405), "06833B050403020100");
    // Tariff 3 fits the first extension, tariff 4 needs a second one.
    EXPECT_EQ(written({Coding::integer_32, Function::instantaneous, 0, 3}, quantity::kWattHours, 1), "84300301000000");
    EXPECT_EQ(written({Coding::integer_32, Function::instantaneous, 0, 4}, quantity::kWattHours, 1),
              "8480100301000000");
    // Storage 1 is a bit of the DIF.
    EXPECT_EQ(written({Coding::integer_16, Function::maximum, 1, 0}, quantity::kWattHours, 7), "52030700");
}

// Type F of annex N: 31.5.2008 23:50.
TEST(MbusRecord, WritesDateAndTime) {
    std::array<std::uint8_t, 4> memory{};
    ByteWriter out(memory);
    write_date_time({.year = 2008, .month = 5, .day = 31, .hour = 23, .minute = 50}, true, false, out);
    EXPECT_EQ(to_hex(out.written()), "32371F15");
    ByteWriter again(memory);
    write_date_time({.year = 2026, .month = 12, .day = 1, .hour = 0, .minute = 0}, false, true, again);
    EXPECT_EQ(to_hex(again.written()), "80A0413C") << "not valid, in summer";
}

TEST(MbusRecord, ReadsRecordsOfTheSpecification) {
    const Octets octets = *from_hex("2F2F0C1427048502046D32371F1502FD1700002F");
    ByteReader in(octets);
    EXPECT_TRUE(read_record(in)->filler);
    EXPECT_TRUE(read_record(in)->filler);
    const auto volume = read_record(in);
    ASSERT_TRUE(volume);
    EXPECT_EQ(volume->head.coding, Coding::bcd_8);
    EXPECT_EQ(to_hex(volume->quantity), "14");
    EXPECT_EQ(integer_of(*volume), 2850427);
    EXPECT_EQ(to_hex(read_record(in)->value), "32371F15");
    const auto errors = read_record(in);
    EXPECT_EQ(to_hex(errors->quantity), "FD17");
    EXPECT_EQ(integer_of(*errors), 0);
    EXPECT_TRUE(read_record(in)->filler);
    EXPECT_TRUE(in.at_end());
}

TEST(MbusRecord, ReadsSignsTariffsTextsAndTheManufacturersOwn) {
    const Octets octets = *from_hex(
        "848010032AFFFFFF"
        "0C03000000F1"
        "0D7803434241"
        "0F112233");
    ByteReader in(octets);
    const auto tariff = read_record(in);
    ASSERT_TRUE(tariff);
    EXPECT_EQ(tariff->head.tariff, 4U);
    EXPECT_EQ(integer_of(*tariff), -214);
    EXPECT_EQ(integer_of(*read_record(in)), -1000000);
    EXPECT_EQ(to_hex(read_record(in)->value), "434241");
    const auto own = read_record(in);
    EXPECT_TRUE(own->manufacturer);
    EXPECT_EQ(to_hex(own->value), "112233");
}

TEST(MbusRecord, RefusesTheTruncatedAndTheUnknown) {
    const Octets whole = *from_hex("868010833B010203040506");
    for (std::size_t size = 0; size < whole.size(); ++size) {
        ByteReader in(ByteView(whole).first(size));
        EXPECT_EQ(read_record(in).error(), RecordError::truncated) << size;
    }
    const Octets endless(20, 0x84);
    ByteReader in(endless);
    EXPECT_EQ(read_record(in).error(), RecordError::too_long);
    const Octets unknown{0x3F, 0x00};
    ByteReader special(unknown);
    EXPECT_FALSE(read_record(special));
    const Octets length = *from_hex("0D78FA00");
    ByteReader variable(length);
    EXPECT_EQ(read_record(variable).error(), RecordError::unknown_coding);
}

}  // namespace
}  // namespace ferraris::mbus
