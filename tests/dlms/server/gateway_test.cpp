#include "dlms/server/gateway.hpp"

#include <gtest/gtest.h>

#include "dlms/octets.hpp"
#include "dlms/server/fake_device.hpp"

namespace ferraris::dlms {
namespace {

using testing::encoded;
using testing::octets;
using testing::Octets;

TEST(GatewayHeader, FieldsAndBack) {
    const auto apdu = octets("E6 01 04 31323334 C001C1");  // network 1, address "1234"
    const auto gateway = decode_gateway(apdu);
    ASSERT_TRUE(gateway);
    EXPECT_FALSE(gateway->response);
    EXPECT_EQ(gateway->network_id, 1);
    EXPECT_EQ(to_hex(gateway->address), "31323334");
    EXPECT_EQ(to_hex(gateway->apdu), "C001C1");
    EXPECT_EQ(encoded(*gateway), to_hex(apdu));
    EXPECT_TRUE(decode_gateway(octets("E7 00 00 C4"))->response);
}

TEST(GatewayHeader, MutilationsAreErrors) {
    for (const char* const wrong : {"", "E6", "E6 01", "E6 01 04 313233", "E6 01 04 31323334"}) {
        EXPECT_FALSE(decode_gateway(octets(wrong))) << wrong;
    }
    EXPECT_EQ(decode_gateway(octets("E5 01 00 C0")).error(), ApduError::unknown_tag);
    EXPECT_EQ(decode_gateway(octets("E6 01 21" + std::string(66, '0') + "C0")).error(), ApduError::malformed);
}

/// One device, on network 2, with address "water".
struct Water final : DevicesBehind {
    std::optional<ByteView> exchange(std::uint8_t network_id, ByteView address, std::uint16_t client_sap,
                                     ByteView apdu) override {
        if (network_id != 2 || to_hex(address) != "7761746572") return std::nullopt;
        asked = std::to_string(client_sap) + " " + to_hex(apdu);
        return answer;
    }
    std::string asked{};
    Octets answer = octets("C401C1000600000007");
};

struct GatewayOfMeter : ::testing::Test {
    FakeServer server;
    Water water;
    Octets own = octets("6D65746572");  // "meter"
    Octets memory = Octets(300);
    Gateway gateway{own, &water, memory};

    std::string ask(const std::string& hex) {
        const Octets request = octets(hex);
        return to_hex(gateway.handle(16, request, [&](ByteView apdu) { return server.session.handle(16, apdu); }));
    }
    void SetUp() override {
        (void)ask("601DA109060760857405080101BE10040E01000000065F1F0400FFFFFFFFFF");
        ASSERT_EQ(server.session.association().status, AssociationStatus::associated);
    }
    const std::string get = "C001C1 0001 0000600100FF 02 00";
    const std::string got = "C401C10009083132303030303137";
};

TEST_F(GatewayOfMeter, WithoutAHeaderTheMeterAnswers) { EXPECT_EQ(ask(get), got); }

TEST_F(GatewayOfMeter, ItsOwnAddressAndNoAddressAreTheMeter) {
    EXPECT_EQ(ask("E6 05 05 6D65746572" + get), "E705056D65746572" + got);
    EXPECT_EQ(ask("E6 00 00" + get), "E70000" + got);
    EXPECT_EQ(ask(get), got) << "the header is not remembered";
}

TEST_F(GatewayOfMeter, ADeviceBehindIsHandedItsRequest) {
    EXPECT_EQ(ask("E6 02 05 7761746572 C001C1"), "E702057761746572C401C1000600000007");
    EXPECT_EQ(water.asked, "16 C001C1");
    water.answer.clear();
    EXPECT_EQ(ask("E6 02 05 7761746572 C001C1"), "") << "it says nothing, and so does the gateway";
}

TEST_F(GatewayOfMeter, UnknownDevicesAreAnsweredFor) {
    EXPECT_EQ(ask("E6 03 05 7761746572" + get), "E703057761746572D80101");
    EXPECT_EQ(ask("E6 02 03 676173" + get), "E70203676173D80101");
    EXPECT_EQ(gateway.refusal(), GatewayRefusal::unknown_device);
    EXPECT_EQ(ask(get), got);
    EXPECT_EQ(gateway.refusal(), GatewayRefusal::none);
    Gateway alone(own, nullptr, memory);
    EXPECT_EQ(to_hex(alone.handle(16, octets("E6 02 01 31 C0"), [](ByteView) { return ByteView{}; })),
              "E7020131D80101");
}

TEST_F(GatewayOfMeter, ResponsesAndMutilatedHeadersAreSilence) {
    EXPECT_EQ(ask("E7 02 05 7761746572" + get), "");
    EXPECT_EQ(ask("E6 02 05 7761"), "");
    EXPECT_EQ(gateway.refusal(), GatewayRefusal::malformed);
}

TEST_F(GatewayOfMeter, AnAnswerThatDoesNotFitWithItsHeaderIsNotSent) {
    water.answer = Octets(295, 1);
    EXPECT_EQ(ask("E6 02 05 7761746572 C001C1"), "");
}

}  // namespace
}  // namespace ferraris::dlms
