// The conformance cases against our own meter, each as a test with its name, and against broken servers, so that each
// kind of case is seen to fail.
#include <gtest/gtest.h>

#include <algorithm>
#include <fstream>
#include <map>
#include <nlohmann/json.hpp>
#include <set>
#include <string>

#include "base/hex.hpp"
#include "conform/cases.hpp"
#include "conform/in_process_line.hpp"
#include "conform/obliging.hpp"
#include "conform/station.hpp"
#include "meter/fixture.hpp"
#include "meter/image/support.hpp"
#include "shared.hpp"

namespace ferraris::conform {
namespace {

using testing::InProcessLine;
using testing::Mutation;
using testing::Obliging;

Target target_of(Framing framing) {
    const meter::FactorySettings settings = meter::testing::factory_settings();
    const auto& keys = settings.security[meter::kUtilityIndex];
    Credentials credentials;
    credentials.client_sap = meter::kClients[meter::kUtilityIndex].sap;
    credentials.system_title = from_hex("4652530000000001").value();
    const auto octets = [](const auto& key) { return Octets(key.begin(), key.begin() + 16); };
    credentials.unicast_key = octets(keys.unicast_encryption);
    credentials.authentication_key = octets(keys.authentication);
    credentials.master_key = octets(keys.master);
    credentials.next_counter = [counter = std::make_shared<std::uint32_t>(0)] { return ++*counter; };
    Target target;
    target.framing = framing;
    target.credentials = credentials;
    target.destructive = true;
    target.irreversible = true;
    target.inactivity = std::chrono::seconds(testing::kInactivitySeconds);
    return target;
}

const Case& case_of(const std::string& id) {
    for (const Case* const candidate : all_cases()) {
        if (id == candidate->id) return *candidate;
    }
    throw std::invalid_argument("no such case: " + id);
}

Outcome run_on_our_meter(const Case& conformance_case, Framing framing, const Mutation& mutation = {}) {
    meter::testing::Bench bench;
    InProcessLine line(*bench.meter, *bench.crypto, framing, mutation);
    const Target target = target_of(framing);
    return run_case(conformance_case, line, target, *bench.crypto);
}

std::string told(const Outcome& outcome) {
    std::string text = std::string(name_of(outcome.verdict)) + ": " + outcome.why;
    for (const Passage& passage : outcome.record) {
        text += (passage.sent ? "\n> " : "\n< ") + to_hex(passage.octets);
    }
    return text;
}

std::string case_name(const ::testing::TestParamInfo<Case>& info) { return info.param.id; }

class Conformance : public ::testing::TestWithParam<Case> {};
class ConformanceOverHdlc : public ::testing::TestWithParam<Case> {};

TEST_P(Conformance, OurMeterPasses) {
    const bool hdlc = std::string(GetParam().id).starts_with("HDLC");
    const Outcome outcome = run_on_our_meter(GetParam(), hdlc ? Framing::hdlc : Framing::wrapper);
    EXPECT_EQ(outcome.verdict, Verdict::passed) << told(outcome);
    EXPECT_FALSE(outcome.record.empty());
}
INSTANTIATE_TEST_SUITE_P(Hdlc, Conformance, ::testing::ValuesIn(hdlc_cases().begin(), hdlc_cases().end()), case_name);
INSTANTIATE_TEST_SUITE_P(Application, Conformance,
                         ::testing::ValuesIn(application_cases().begin(), application_cases().end()), case_name);
INSTANTIATE_TEST_SUITE_P(SymmetricSecurity, Conformance,
                         ::testing::ValuesIn(security_cases().begin(), security_cases().end()), case_name);
INSTANTIATE_TEST_SUITE_P(Objects, Conformance, ::testing::ValuesIn(object_cases().begin(), object_cases().end()),
                         case_name);
INSTANTIATE_TEST_SUITE_P(Blocks, Conformance, ::testing::ValuesIn(block_cases().begin(), block_cases().end()),
                         case_name);

/// With an image that our meter takes, and seconds that pass while it verifies and starts anew.
class ConformanceOfImageTransfer : public ::testing::TestWithParam<Case> {};

TEST_P(ConformanceOfImageTransfer, OurMeterPasses) {
    meter::testing::Bench bench;
    const meter::testing::Signer signer(*bench.crypto);
    bench.factory.firmware_key = signer.key;
    bench.power_up();
    InProcessLine line(*bench.meter, *bench.crypto, Framing::wrapper);
    line.on_silence = [&](std::int64_t milliseconds) { bench.run((milliseconds + 999) / 1000, 500); };
    Target target = target_of(Framing::wrapper);
    target.image = Image{{'I'}, signer.image(meter::testing::payload_of(5000), {0, 2, 0})};
    const Outcome outcome = run_case(GetParam(), line, target, *bench.crypto);
    EXPECT_EQ(outcome.verdict, Verdict::passed) << told(outcome);
}
INSTANTIATE_TEST_SUITE_P(ImageTransfer, ConformanceOfImageTransfer,
                         ::testing::ValuesIn(image_cases().begin(), image_cases().end()), case_name);

TEST_P(ConformanceOverHdlc, OurMeterPasses) {
    const Outcome outcome = run_on_our_meter(GetParam(), Framing::hdlc);
    EXPECT_EQ(outcome.verdict, Verdict::passed) << told(outcome);
}
INSTANTIATE_TEST_SUITE_P(Application, ConformanceOverHdlc,
                         ::testing::ValuesIn(application_cases().begin(), application_cases().end()), case_name);
INSTANTIATE_TEST_SUITE_P(SymmetricSecurity, ConformanceOverHdlc,
                         ::testing::ValuesIn(security_cases().begin(), security_cases().end()), case_name);
INSTANTIATE_TEST_SUITE_P(Objects, ConformanceOverHdlc,
                         ::testing::ValuesIn(object_cases().begin(), object_cases().end()), case_name);

/// Ids that the plan writes together: "Key_Tx_P1/P2/P3", "APPL_DATA_SN_N1..N3".
std::vector<std::string> ids_of(const std::string& written) {
    static const std::map<std::string, std::vector<std::string>> kTogether{
        {"Key_Tx_P1/P2/P3", {"Key_Tx_P1", "Key_Tx_P2", "Key_Tx_P3"}},
        {"SecPol_1/2/3", {"SecPol_1", "SecPol_2", "SecPol_3"}},
        {"APPL_DATA_SN_N1..N3", {"APPL_DATA_SN_N1", "APPL_DATA_SN_N2", "APPL_DATA_SN_N3"}}};
    const auto found = kTogether.find(written);
    return found == kTogether.end() ? std::vector<std::string>{written} : found->second;
}

/// The cases of single classes, in the words of the plan.
const std::map<std::string, std::string> kObjectCases{
    {"profile generic", "COSEM_ProfileGeneric"},
    {"script table", "COSEM_ScriptTable"},
    {"push", "COSEM_Push"},
    {"security setup", "COSEM_SecuritySetup"},
    {"dummy attributes", "COSEM_DummyAttributes"},
    {"multiple references", "COSEM_MultipleReferences"},
    {"mandatory objects", "COSEM_MandatoryObjects"},
};

TEST(ConformanceCases, EveryNamedCaseIsThere) {
    FERRARIS_NEEDS_SHARED("facts/conformance_test_cases.json");
    std::ifstream file(std::string(FERRARIS_SHARED) + "/facts/conformance_test_cases.json");
    const auto plan = nlohmann::json::parse(file);
    std::set<std::string> ours;
    for (const Case* const each : all_cases()) EXPECT_TRUE(ours.insert(each->id).second) << each->id;
    std::size_t named = 0;
    for (const char* const group : {"HDLC", "APPL", "SYMSEC_0"}) {
        for (const auto& row : plan.at(group)) {
            ++named;
            for (const std::string& id : ids_of(row.at(0))) EXPECT_TRUE(ours.contains(id)) << id;
        }
    }
    EXPECT_EQ(named, 51U);
    EXPECT_TRUE(ours.contains("COSEM_X_Y"));
    for (const auto& [words, what] : plan.at("COSEM_specific").items()) {
        ASSERT_TRUE(kObjectCases.contains(words)) << words;
        EXPECT_TRUE(ours.contains(kObjectCases.at(words))) << words;
    }
}

/// A server that never answers.
Mutation mute() {
    return {{}, [](Octets& answer) { answer.clear(); }};
}

/// A secondary station that acknowledges whatever comes, and silence too.
Mutation eager() {
    return {{}, [](Octets& answer) {
                RawFrame frame;
                frame.destination = {0x21};
                frame.source = {0x02, 0x23};
                frame.control = 0x73;
                answer = frame.octets();
            }};
}

/// A server that sends the same ciphered answer to GET again and again, counter and all.
Mutation stale() {
    return {{}, [first = Octets{}](Octets& answer) mutable {
                constexpr std::uint8_t kCipheredGetResponse = 0xCC;
                if (answer.size() <= dlms::kWrapperHeaderOctets) return;
                if (answer[dlms::kWrapperHeaderOctets] != kCipheredGetResponse) return;
                if (first.empty()) first = answer;
                answer = first;
            }};
}

enum class Broken { mute, eager, obliging, stale };
struct Killed {
    const char* id;
    Broken by;
};

class BrokenServer : public ::testing::TestWithParam<Killed> {};

TEST_P(BrokenServer, Fails) {
    Obliging obliging;
    const Mutation mutations[]{mute(), eager(), obliging.mutation(), stale()};
    const bool hdlc = std::string(GetParam().id).starts_with("HDLC");
    const Outcome outcome = run_on_our_meter(case_of(GetParam().id), hdlc ? Framing::hdlc : Framing::wrapper,
                                             mutations[static_cast<std::size_t>(GetParam().by)]);
    EXPECT_EQ(outcome.verdict, Verdict::failed) << told(outcome);
    EXPECT_FALSE(outcome.why.empty());
}

constexpr Killed kKilled[]{
    {"HDLC_FRAME_P1", Broken::mute},
    {"HDLC_FRAME_P2", Broken::mute},
    {"HDLC_FRAME_P3", Broken::eager},
    {"HDLC_FRAME_N1", Broken::eager},
    {"HDLC_FRAME_N2", Broken::eager},
    {"HDLC_FRAME_N3", Broken::eager},
    {"HDLC_FRAME_N4", Broken::eager},
    {"HDLC_FRAME_N5", Broken::eager},
    {"HDLC_FRAME_N7", Broken::eager},
    {"HDLC_FRAME_N8", Broken::eager},
    {"HDLC_ADDRESS_P1", Broken::mute},
    {"HDLC_ADDRESS_N1", Broken::eager},
    {"HDLC_ADDRESS_N4", Broken::eager},
    {"HDLC_ADDRESS_N6", Broken::eager},
    {"HDLC_ADDRESS_N7", Broken::eager},
    {"HDLC_NDM2NRM_P1", Broken::mute},
    {"HDLC_NDM2NRM_P2", Broken::mute},
    {"HDLC_INFO_P1", Broken::eager},
    {"HDLC_INFO_N1", Broken::mute},
    {"HDLC_INFO_N2", Broken::eager},
    {"HDLC_INFO_N3", Broken::eager},
    {"HDLC_NDMOP_N1", Broken::eager},
    {"APPL_IDLE_N1", Broken::obliging},
    {"APPL_OPEN_1", Broken::mute},
    {"APPL_OPEN_2", Broken::mute},
    {"APPL_OPEN_3", Broken::mute},
    {"APPL_OPEN_4", Broken::obliging},
    {"APPL_OPEN_5", Broken::obliging},
    {"APPL_OPEN_6", Broken::obliging},
    {"APPL_OPEN_7", Broken::obliging},
    {"APPL_OPEN_9", Broken::mute},
    {"APPL_OPEN_11", Broken::mute},
    {"APPL_OPEN_12", Broken::obliging},
    {"APPL_OPEN_13", Broken::obliging},
    {"APPL_OPEN_14", Broken::obliging},
    {"APPL_DATA_LN_N1", Broken::obliging},
    {"APPL_DATA_LN_N3", Broken::obliging},
    {"APPL_DATA_LN_N4", Broken::obliging},
    {"APPL_REL_P1", Broken::obliging},
    {"BasicCap_1", Broken::mute},
    {"FraCount_1", Broken::obliging},
    {"FraCount_3", Broken::stale},
    {"Key_Tx_P1", Broken::obliging},
    {"Key_Tx_P2", Broken::obliging},
    {"Key_Tx_P3", Broken::obliging},
    {"Key_Tx_N1", Broken::obliging},
    {"Key_Tx_N2", Broken::obliging},
    {"DedKey_N1", Broken::obliging},
    {"SecDataX_P1", Broken::mute},
    {"SecDataX_N1", Broken::obliging},
    {"SYMSEC_REL_N1", Broken::obliging},
    {"APPL_DATA_SN_N1", Broken::obliging},
    {"APPL_DATA_SN_N2", Broken::obliging},
    {"APPL_DATA_SN_N3", Broken::obliging},
    {"SecPol_1", Broken::obliging},
    {"SecPol_2", Broken::obliging},
    {"SecPol_3", Broken::obliging},
    {"COSEM_X_Y", Broken::mute},
    {"COSEM_MandatoryObjects", Broken::mute},
    {"COSEM_MultipleReferences", Broken::mute},
    {"COSEM_DummyAttributes", Broken::mute},
    {"COSEM_ProfileGeneric", Broken::mute},
    {"COSEM_ScriptTable", Broken::mute},
    {"COSEM_SecuritySetup", Broken::mute},
    {"COSEM_Push", Broken::mute},
};

std::string killed_name(const ::testing::TestParamInfo<Killed>& row) { return row.param.id; }
INSTANTIATE_TEST_SUITE_P(Cases, BrokenServer, ::testing::ValuesIn(kKilled), killed_name);

TEST(BrokenServers, EveryCaseIsSeenToFail) {
    std::set<std::string> killed;
    for (const Killed& row : kKilled) killed.insert(row.id);
    for (const Case* const each : all_cases()) {
        // Those of blocks and of image transfer are seen to fail on a device that has no keys
        // (image_and_blocks_test.cpp).
        const std::string id = each->id;
        if (id.starts_with("IMGT") || id.starts_with("BLOCK") || id.starts_with("GBT")) continue;
        EXPECT_TRUE(killed.contains(id)) << id;
    }
}

}  // namespace
}  // namespace ferraris::conform
