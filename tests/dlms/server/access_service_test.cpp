#include <gtest/gtest.h>

#include "dlms/server/fake_device.hpp"

namespace ferraris::dlms {
namespace {

const std::string kAccessSerial = "0001 0000600100FF 02";
const std::string kAccessCounter = "0001 00002B0100FF 02";
const std::string kAccessLong = "0007 0100630100FF 02";
const std::string kAccessUnknown = "0001 0000800000FF 02";
const std::string kEcho = "0009 00000A0000FF 01";

/// A server with an association whose conformance has ACCESS (bit 17).
struct AccessService : ::testing::Test {
    FakeServer server{400};

    void associate(const std::string& conformance = "FFFFFF") {
        server.device.conformance = server.device.conformance | Conformance::access;
        (void)server.ask(16, "601DA109060760857405080101BE10040E01000000065F1F0400" + conformance + "FFFF");
        ASSERT_EQ(server.session.association().status, AssociationStatus::associated);
    }
    /// Hexadecimal text without spaces.
    static std::string hex(const std::string& text) { return to_hex(bytes(text)); }
};

TEST_F(AccessService, ReadsWritesAndCallsInOrder) {
    associate();
    EXPECT_EQ(server.ask(16, "D9 C0000005 00 04 01" + kAccessCounter + "02" + kAccessCounter + "01" + kAccessCounter +
                                 "03" + kEcho + "04 00 0600000059 00 0F07"),
              hex("DA C0000005 00 00"
                  "04 0600000058 00 0600000059 0F07"
                  "04 0100 0200 0100 0300"));
    EXPECT_EQ(server.device.writes, 1);
}

TEST_F(AccessService, OneThatFailsDoesNotStopTheRest) {
    associate();
    EXPECT_EQ(server.ask(16, "D9 40000001 00 03 01" + kAccessUnknown + "03" + kAccessUnknown + "02" + kAccessCounter +
                                 "03 00 00 0600000001"),
              hex("DA 40000001 00 00 03 00 00 00 03 0104 0304 0200"));
    EXPECT_EQ(server.device.writes, 1);
}

TEST_F(AccessService, BreakOnErrorLeavesTheRestUntried) {
    associate();
    EXPECT_EQ(server.ask(16, "D9 60000001 00 04 01" + kAccessSerial + "01" + kAccessUnknown + "02" + kAccessCounter +
                                 "03" + kEcho + "04 00 00 0600000001 00"),
              hex("DA 60000001 00 00 04 09083132303030303137 00 00 00 04 0100 0104 02FA 03FA"));
    EXPECT_EQ(server.device.writes, 0);
}

TEST_F(AccessService, SelfDescriptiveRepeatsTheSpecifications) {
    associate();
    EXPECT_EQ(server.ask(16, "D9 50000001 00 02 01" + kAccessSerial + "04" + kAccessCounter + "02 1101 02 00 00"),
              hex("DA 50000001 00 01 02 01" + kAccessSerial + "04" + kAccessCounter +
                  "02 1101"
                  "02 09083132303030303137 0600000058"
                  "02 0100 0100"));
}

TEST_F(AccessService, UnconfirmedIsCarriedOutInSilence) {
    associate();
    EXPECT_EQ(server.ask(16, "D9 00000001 00 01 02" + kAccessCounter + "01 0600000001"), "");
    EXPECT_EQ(server.device.writes, 1);
}

TEST_F(AccessService, SelectionNeedsItsOwnBit) {
    associate("FFFFFB");
    EXPECT_EQ(server.ask(16, "D9 40000001 00 02 05" + kAccessCounter + "01 1101 04" + kAccessSerial +
                                 "01 1101 02 0600000001 00"),
              hex("DA 40000001 00 00 02 00 00 02 020D 010D"));
    EXPECT_EQ(server.device.writes, 0);
}

TEST_F(AccessService, ATooLongValueIsAnErrorOfItsItem) {
    associate();
    EXPECT_EQ(server.ask(16, "D9 40000001 00 02 01" + kAccessLong + "01" + kAccessSerial + "02 00 00"),
              hex("DA 40000001 00 00 02 00 09083132303030303137 02 01FA 0100"));
}

TEST_F(AccessService, AnOversizedListIsRefusedBeforeAnythingIsDone) {
    server.device.conformance = server.device.conformance | Conformance::access;
    // The client takes 60 octets: the results of 20 items are more.
    (void)server.ask(16, "601DA109060760857405080101BE10040E01000000065F1F0400FFFFFF003C");
    std::string items;
    std::string values;
    for (int i = 0; i < 20; ++i) {
        items += "02" + kAccessCounter;
        values += "0600000001";
    }
    EXPECT_EQ(server.ask(16, "D9 40000001 00 14" + items + "14" + values), "D80104");
    EXPECT_EQ(server.device.writes, 0);
}

TEST_F(AccessService, IsRefusedWithoutItsBit) {
    associate("FFFFBF");
    EXPECT_EQ(server.ask(16, "D9 40000001 00 01 01" + kAccessSerial + "01 00"), "D80102");
}

TEST_F(AccessService, MalformedRequestsAreAnswered) {
    associate();
    EXPECT_EQ(server.ask(16, "D9 40000001 00 01 01" + kAccessSerial + "02 00 00"), "D80103");
    EXPECT_EQ(server.ask(16, "D9 40000001 00 01 09" + kAccessSerial + "01 00"), "D80202");
}

}  // namespace
}  // namespace ferraris::dlms
