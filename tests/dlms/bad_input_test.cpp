/// Attackers and broken clients in suite 0, by the names under which they are known. Suites 1 and 2 have theirs in
/// security/suites_test.cpp; lists and blocks that are too many in server/services_test.cpp; windows in
/// block_transfer_test.cpp.
#include <gtest/gtest.h>

#include "dlms/pair.hpp"
#include "dlms/security/hls.hpp"

namespace ferraris::dlms {
namespace {

using testing::Octets;
using testing::octets;
using testing::Pair;

constexpr std::uint16_t kClient = 1;

class BadInput : public ::testing::Test {
protected:
    /// GET of the serial number; the error of the client.
    ClientError get() {
        SpanSink sink(value_);
        return pair_.finish(pair_.client.get({FakeDevice::kSerial, {}}, sink)).failure.error;
    }
    std::string ask(const Octets& apdu) { return to_hex(pair_.server.handle(kClient, apdu)); }
    Octets last_request() const { return octets(pair_.requests.back()); }
    /// A request of our own making under the right keys.
    Octets sealed(std::uint32_t counter, const std::string& plain_hex, Protection protection = {true, true}) {
        const Octets plain = octets(plain_hex);
        Octets buffer(kMaxCipherHead + plain.size() + kMaxCipherTail);
        std::ranges::copy(plain, buffer.begin() + kMaxCipherHead);
        ProtectParameters how;
        how.protection = protection;
        how.invocation_counter = counter;
        how.keys = {title_, pair_.device.unicast, pair_.device.authentication};
        const auto apdu = protect(*crypto_, how, buffer, kMaxCipherHead, plain.size());
        return {apdu->begin(), apdu->end()};
    }

    Pair pair_{};
    std::unique_ptr<Crypto> crypto_ = make_openssl_crypto();
    Octets title_ = octets("4D4D4D0000BC614E");  // the pair's client
    Octets value_ = Octets(4000);
};

const std::string kGetSerial = "C001C100010000600100FF0200";

TEST_F(BadInput, ADowngradeOfTheMechanismIsRefused) {
    // AARQ without ciphering with mechanism 0 (none named), 1, 3, 4 and 6, in the place of 5
    pair_.device.policy = {};
    for (const char* const mechanism : {"01", "03", "04", "06", "00"}) {
        const std::string aare =
            ask(octets("6042A109060760857405080101A60A04084D4D4D0000BC614E8A0207808B07608574050802" +
                       std::string(mechanism) + "AC0A80083132333435363738BE10040E01000000065F1F0400FFFFFFFFFF"));
        EXPECT_EQ(aare.substr(26, 10), "A203020101") << mechanism;
        EXPECT_EQ(pair_.device.events.back(), SecurityEvent::mechanism_refused) << mechanism;
    }
    EXPECT_EQ(ask(octets("601DA109060760857405080101BE10040E01000000065F1F0400FFFFFFFFFF")).substr(26, 10),
              "A203020101");
    EXPECT_EQ(pair_.server.association().status, AssociationStatus::non_associated);
}

TEST_F(BadInput, ADowngradeOfTheProtectionIsRefused) {
    ASSERT_TRUE(pair_.associate());
    const std::uint32_t next = pair_.device.received + 1;
    EXPECT_EQ(ask(octets(kGetSerial)), "D80101") << "in the clear";
    EXPECT_EQ(ask(sealed(next, kGetSerial, {true, false})), "D80101") << "authenticated only";
    EXPECT_EQ(ask(sealed(next + 1, kGetSerial, {false, true})), "D80101") << "encrypted only";
    EXPECT_EQ(get(), ClientError::none) << "the association stands";
}

TEST_F(BadInput, ADowngradeOfTheAnswerIsNotTaken) {
    ASSERT_TRUE(pair_.associate());
    SpanSink sink(value_);
    ASSERT_EQ(pair_.client.get({FakeDevice::kSerial, {}}, sink).step, Step::send);
    // The right answer, which anybody could have sent.
    Octets plain = octets("C401C10009083132303030303137");
    EXPECT_EQ(pair_.client.receive(plain).failure.error, ClientError::answer_unprotected);
    EXPECT_TRUE(sink.octets().empty());
}

TEST_F(BadInput, AWrongSuiteIsRefused) {
    ASSERT_TRUE(pair_.associate());
    constexpr std::uint8_t kOthers[]{1, 2, 3, 15};
    for (const std::uint8_t suite : kOthers) {
        Octets apdu = sealed(pair_.device.received + 1, kGetSerial);
        apdu[2] = static_cast<std::uint8_t>(0x30 | suite);
        EXPECT_EQ(ask(apdu).substr(0, 4), "D801") << int{suite};
    }
    EXPECT_EQ(get(), ClientError::none);
}

TEST_F(BadInput, AReplayIsRefused) {
    ASSERT_TRUE(pair_.associate());
    ASSERT_EQ(get(), ClientError::none);
    const Octets recorded = last_request();
    EXPECT_EQ(ask(recorded).substr(0, 6), "D80106") << "invocation-counter-error";
    EXPECT_EQ(pair_.device.events.back(), SecurityEvent::replay_refused);
    // A whole association played back is none: its proof answers a challenge that is no more.
    const auto dialogue = pair_.requests;
    for (const std::string& apdu : dialogue) (void)ask(octets(apdu));
    EXPECT_NE(pair_.server.association().status, AssociationStatus::associated);
}

// The proof that the server would give of itself is not taken for the client's: the sender's title is in it.
TEST_F(BadInput, AReflectedChallengeProvesNothing) {
    for (const bool reflected : {true, false}) {
        pair_.device.received = 0;
        const Progress aarq = pair_.client.associate();
        ASSERT_EQ(aarq.step, Step::send);
        const Octets answer = octets(ask(Octets(aarq.apdu.begin(), aarq.apdu.end())));
        const auto aare = decode_aare(answer);
        ASSERT_TRUE(aare && aare->responding_authentication_value);
        HlsInputs inputs;
        inputs.received_challenge = aare->responding_authentication_value->octets;
        inputs.keys = {reflected ? ByteView(pair_.device.title) : ByteView(title_), pair_.device.unicast,
                       pair_.device.authentication};
        inputs.invocation_counter = pair_.device.received + 1;
        const auto token = hls_token(*crypto_, inputs);
        ASSERT_TRUE(token);
        (void)ask(sealed(pair_.device.received + 2, "C301C1000F0000280000FF01010911" + to_hex(token->view())));
        EXPECT_EQ(pair_.server.association().status,
                  reflected ? AssociationStatus::non_associated : AssociationStatus::associated);
        pair_.client.link_lost();
    }
}

TEST_F(BadInput, ACounterThatOverflowsIsTheEnd) {
    ASSERT_TRUE(pair_.associate());
    EXPECT_NE(ask(sealed(0xFFFFFFFF, kGetSerial)).substr(0, 2), "D8") << "the last one is served";
    for (const std::uint32_t counter : {0xFFFFFFFFU, 0U, 1U}) {
        EXPECT_EQ(ask(sealed(counter, kGetSerial)).substr(0, 6), "D80106") << counter;
    }
    EXPECT_EQ(get(), ClientError::refused) << "nor is who shares the key";
}

TEST_F(BadInput, AnOversizedApduIsRefusedAndTheAssociationStands) {
    ASSERT_TRUE(pair_.associate());
    EXPECT_EQ(ask(Octets(513, 0xC8)), "D80104") << "pdu-too-long: 512 are announced";
    EXPECT_EQ(get(), ClientError::none);
}

}  // namespace
}  // namespace ferraris::dlms
