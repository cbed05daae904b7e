/// ACCESS from end to end: our client with our server.
#include <gtest/gtest.h>

#include "dlms/pair.hpp"

namespace ferraris::dlms {
namespace {

using testing::octets;
using testing::Pair;
using testing::PairSetup;

const auto kNull = testing::octets("00");
const auto kNewValue = testing::octets("0600000059");
const std::array<AccessSpecification, 3> kItems{AccessSpecification::get(FakeDevice::kSerial),
                                                AccessSpecification::set(FakeDevice::kCounter),
                                                AccessSpecification::action({9, obis(0, 0, 10, 0, 0), 2})};
const std::array<EncodedData, 3> kValues{EncodedData{kNull}, EncodedData{kNewValue}, EncodedData{kNull}};

void expect_answers(const Progress& done) {
    ASSERT_EQ(done.step, Step::done);
    ASSERT_EQ(done.access.results.count, 3U);
    EXPECT_EQ(to_hex(done.access.data.begin()->octets), "09083132303030303137");
    auto result = done.access.results.begin();
    EXPECT_TRUE(result->success());
    ++result;
    EXPECT_EQ(result->choice, AccessChoice::set);
    EXPECT_TRUE(result->success());
    ++result;
    EXPECT_EQ(result->action_result(), ActionResult::object_undefined);
}

TEST(AccessOfClient, InTheClear) {
    Pair pair(PairSetup{.ciphered = false});
    ASSERT_TRUE(pair.associate());
    expect_answers(pair.finish(pair.client.access(kItems, kValues)));
    EXPECT_EQ(pair.requests.back().substr(0, 12), "D9C000000100");
}

TEST(AccessOfClient, CipheredInAGeneralEnvelope) {
    for (const bool dedicated : {false, true}) {
        Pair pair(PairSetup{.dedicated_key = dedicated});
        ASSERT_TRUE(pair.associate());
        expect_answers(pair.finish(pair.client.access(kItems, kValues)));
        EXPECT_EQ(pair.requests.back().substr(0, 2), dedicated ? "DC" : "DB") << "ACCESS has no ciphered tag";
        EXPECT_EQ(pair.answers.back().substr(0, 2), dedicated ? "DC" : "DB");
    }
}

TEST(AccessOfClient, SelfDescriptiveAnswersSayWhatWasAsked) {
    Pair pair;
    ASSERT_TRUE(pair.associate());
    AccessOptions options;
    options.self_descriptive = true;
    const auto done = pair.finish(pair.client.access(kItems, kValues, options));
    expect_answers(done);
    ASSERT_TRUE(done.access.specifications);
    EXPECT_EQ(done.access.specifications->begin()->attribute(), FakeDevice::kSerial);
}

TEST(AccessOfClient, AnswersOfAnotherLengthOrAnotherRequestAreNotTaken) {
    Pair pair(PairSetup{.ciphered = false});
    ASSERT_TRUE(pair.associate());
    EXPECT_EQ(pair.client.access(kItems, std::span(kValues).first(2)).failure.error,
              ClientError::invalid_configuration);
    ASSERT_EQ(pair.client.access(kItems, kValues).step, Step::send);
    auto late = octets("DA C0000009 00 00 03 00 00 00 03 0100 0200 0300");
    EXPECT_EQ(pair.client.receive(late).step, Step::unsolicited) << "another invoke id";
    auto answer = octets("DA C0000001 00 00 02 00 00 02 0100 0200");
    EXPECT_EQ(pair.client.receive(answer).failure.error, ClientError::unexpected_answer);
}

}  // namespace
}  // namespace ferraris::dlms
