#include "dlms/server/table_device.hpp"

#include <gtest/gtest.h>

#include <array>

#include "base/hex.hpp"

namespace ferraris::dlms {
namespace {

struct Tank {
    std::uint8_t level{42};
};

constexpr LogicalName kLevel = obis(0, 0, 128, 0, 1);
constexpr LogicalName kSecret = obis(0, 0, 128, 0, 2);
constexpr TableRow<Tank> kTable[]{
    {3, 0, kLevel, 2, [](const Tank& tank, DataWriter& out) { out.unsigned_(tank.level); },
     [](Tank& tank, ByteView value) {
         DataReader in(value);
         const std::uint8_t level = in.unsigned_();
         if (!in.finished()) return DataAccessResult::type_unmatched;
         tank.level = level;
         return DataAccessResult::success;
     }},
    {3, 0, kLevel, 3, [](const Tank&, DataWriter& out) { out.scaler_unit(0, Unit::percent); }},
    {1, 0, kSecret, 2, nullptr, [](Tank&, ByteView) { return DataAccessResult::success; }},
};
constexpr ClientAccess kClients[]{{.client_sap = 16}, {.client_sap = 2, .mechanism = AuthenticationMechanism::low}};

class TableDeviceTest : public testing::Test {
protected:
    void SetUp() override { association.mechanism = AuthenticationMechanism::low; }

    std::string read(const AttributeDescriptor& attribute, std::size_t window = 1024) {
        ReadCursor cursor;
        std::string hex;
        std::array<std::uint8_t, 1024> octets{};
        while (true) {
            ByteWriter out(ByteSpan(octets).first(window));
            const ReadOutcome outcome = device.read({association}, attribute, nullptr, cursor, out);
            if (outcome.result != DataAccessResult::success) return std::to_string(static_cast<int>(outcome.result));
            hex += to_hex(out.written());
            if (outcome.complete) return hex;
        }
    }
    DataAccessResult write(const AttributeDescriptor& attribute, const std::string& hex) {
        return device.write({association}, attribute, nullptr, from_hex(hex).value());
    }

    Tank tank;
    Association association{};
    TableDevice<Tank> device{tank, kTable, kClients, octets_of("XMP00001")};
};

TEST_F(TableDeviceTest, ReadsRowsAndTheLogicalNameThatHasNone) {
    EXPECT_EQ(read({3, kLevel, 2}), "112A");
    EXPECT_EQ(read({3, kLevel, 3}), "02020F001638");
    EXPECT_EQ(read({3, kLevel, 1}), "09060000800001FF");
}

TEST_F(TableDeviceTest, WritesWhatHasAWriter) {
    EXPECT_EQ(write({3, kLevel, 2}, "1107"), DataAccessResult::success);
    EXPECT_EQ(tank.level, 7);
    EXPECT_EQ(write({3, kLevel, 2}, "120007"), DataAccessResult::type_unmatched);
    EXPECT_EQ(write({3, kLevel, 3}, "1107"), DataAccessResult::read_write_denied);
    EXPECT_EQ(write({3, kLevel, 1}, "09060000800001FF"), DataAccessResult::read_write_denied);
    EXPECT_EQ(tank.level, 7);
}

TEST_F(TableDeviceTest, NamesWhatIsWrongWithAnAddress) {
    const auto code = [](DataAccessResult result) { return std::to_string(static_cast<int>(result)); };
    EXPECT_EQ(read({3, obis(9, 9, 9, 9, 9), 2}), code(DataAccessResult::object_undefined));
    EXPECT_EQ(read({1, kLevel, 2}), code(DataAccessResult::object_class_inconsistent));
    EXPECT_EQ(read({3, kLevel, 4}), code(DataAccessResult::read_write_denied));
    EXPECT_EQ(read({1, kSecret, 2}), code(DataAccessResult::read_write_denied));
}

TEST_F(TableDeviceTest, RefusesSelectiveAccess) {
    const Selection selection{2, {}};
    ReadCursor cursor;
    std::array<std::uint8_t, 16> octets{};
    ByteWriter out(octets);
    EXPECT_EQ(device.read({association}, {3, kLevel, 2}, &selection, cursor, out).result,
              DataAccessResult::type_unmatched);
    EXPECT_EQ(out.size(), 0U);
}

TEST_F(TableDeviceTest, ClientsWithoutAuthenticationOnlyRead) {
    association.mechanism = AuthenticationMechanism::none;
    EXPECT_EQ(write({3, kLevel, 2}, "1107"), DataAccessResult::read_write_denied);
    EXPECT_EQ(tank.level, 42);
    EXPECT_EQ(read({3, kLevel, 2}), "112A");
}

TEST_F(TableDeviceTest, ListsItsObjectsWithTheRightsOfTheCaller) {
    const std::string head = "0103";  // array of 3
    const std::string association_object =
        "0204"
        "12000F"
        "1101"
        "09060000280000FF"  // class 15, version 1
        "0202"
        "0102"
        "02030F01160100"
        "02030F02160100"  // 1 and 2: read
        "0100";           // no methods
    const std::string level =
        "0204"
        "120003"
        "1100"
        "09060000800001FF"
        "0202"
        "0103"
        "02030F01160100"
        "02030F02160300"
        "02030F03160100"
        "0100";  // 2: read and write
    const std::string secret =
        "0204"
        "120001"
        "1100"
        "09060000800002FF"
        "0202"
        "0102"
        "02030F01160100"
        "02030F02160200"
        "0100";  // 2: write only
    const std::string list = head + association_object + level + secret;
    const AttributeDescriptor object_list{15, obis(0, 0, 40, 0, 0), 2};
    EXPECT_EQ(read(object_list), list);
    for (const std::size_t window : {1U, 7U, 64U}) EXPECT_EQ(read(object_list, window), list) << window;

    association.mechanism = AuthenticationMechanism::none;
    EXPECT_EQ(read(object_list).find("02030F021603"), std::string::npos);
    EXPECT_EQ(read(object_list).size(), list.size());
}

TEST_F(TableDeviceTest, KnowsItsClientsAndCiphersWithNobody) {
    EXPECT_TRUE(device.client(16));
    EXPECT_EQ(device.client(2).value().mechanism, AuthenticationMechanism::low);
    EXPECT_FALSE(device.client(3));
    EXPECT_FALSE(device.accept_invocation_counter(2, KeySet::global_unicast, 7));
    EXPECT_FALSE(device.next_invocation_counter(2, KeySet::global_unicast));
}

}  // namespace
}  // namespace ferraris::dlms
