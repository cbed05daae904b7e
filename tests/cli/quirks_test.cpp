/// What each entry of a file of quirks changes in what goes out, or in what is taken.
#include "cli/quirks.hpp"

#include <gtest/gtest.h>

#include <fstream>
#include <nlohmann/json.hpp>
#include <set>

#include "base/hex.hpp"
#include "cli/client.hpp"
#include "cli/error.hpp"
#include "cli/link.hpp"
#include "cli/quirks_file.hpp"
#include "cli/typed_value.hpp"
#include "crypto/openssl.hpp"
#include "dlms/client/session.hpp"
#include "dlms/security/ciphering.hpp"
#include "scratch_folder.hpp"
#include "scripted_meter.hpp"

namespace ferraris::cli {
namespace {

using dlms::Progress;
using dlms::Step;
using Octets = std::vector<std::uint8_t>;

const std::filesystem::path kFolder = std::filesystem::path(FERRARIS_SOURCE) / "data/quirks";
const Octets kClientTitle{'C', 'L', 'I', 0, 0, 0, 0, 1};
const Octets kMeterTitle{'M', 'E', 'T', 0, 0, 0, 0, 1};
const Octets kEncryptionKey(16, 0x11);
const Octets kAuthenticationKey(16, 0x22);
constexpr dlms::AttributeRequest kClock{{8, dlms::obis(0, 0, 1, 0, 0), 2}, {}};

class QuirksFiles : public ::testing::Test {
protected:
    std::filesystem::path write(const std::string& text) {
        const auto path = folder_ / "meter.toml";
        std::ofstream(path) << text;
        return path;
    }
    Quirks quirks(const std::string& text) { return read_quirks_file(write(text)).quirks; }
    std::string complaint(const std::string& text) {
        try {
            (void)read_quirks_file(write(text));
        } catch (const CliError& error) {
            return error.what();
        }
        return "";
    }
    testing::ScratchFolder folder_;
};

/// A client session under quirks, and what it makes.
class Session {
public:
    explicit Session(const Quirks& quirks, bool ciphered = false,
                     dlms::AuthenticationMechanism mechanism = dlms::AuthenticationMechanism::none,
                     ByteSpan block_memory = {})
        : quirks_(quirks) {
        configuration_.mechanism = mechanism;
        configuration_.secret = kEncryptionKey;
        configuration_.system_title = kClientTitle;
        configuration_.block_memory = block_memory;
        configuration_.blocks_always = !block_memory.empty();
        configuration_.encryption_key = kEncryptionKey;
        configuration_.authentication_key = kAuthenticationKey;
        if (ciphered) configuration_.context = dlms::ApplicationContext::logical_names_ciphered;
        apply(quirks_, configuration_);
        session_.emplace(configuration_, *crypto_, counters_, send_);
    }

    dlms::ClientSession& operator*() { return *session_; }
    dlms::ClientSession* operator->() { return &*session_; }

    Octets request(const Progress& progress) {
        EXPECT_EQ(progress.step, Step::send);
        return {progress.apdu.begin(), progress.apdu.end()};
    }
    Octets aarq() { return request(session_->associate()); }
    Octets get() { return request(session_->get(kClock, sink_)); }
    Progress take(Octets answer) {
        answer_ = std::move(answer);
        return session_->receive(answer_);
    }
    /// An AARE that accepts, without InitiateResponse: what was proposed holds.
    Progress accept(bool with_title = true) {
        (void)aarq();
        dlms::AssociateResponse response;
        response.application_context_name = dlms::application_context_oid(configuration_.context);
        if (with_title) response.responding.ap_title = kMeterTitle;
        dlms::AuthenticationValue challenge;
        const Octets value(64, 0x5A);
        challenge.octets = value;
        if (configuration_.mechanism > dlms::AuthenticationMechanism::low)
            response.responding_authentication_value = challenge;
        Octets memory(256);
        ByteWriter out(memory);
        encode(out, response);
        memory.resize(out.size());
        return take(memory);
    }
    /// A GET response with a boolean, ciphered by the meter with `counter`.
    Progress take_ciphered(std::uint8_t invoke, std::uint32_t counter) {
        Octets memory(64);
        const Octets plain{0xC4, 0x01, invoke, 0x00, 0x03, 0x01};
        std::ranges::copy(plain, memory.begin() + dlms::kMaxCipherHead);
        dlms::ProtectParameters parameters;
        parameters.protection = {true, true};
        parameters.keys = {kMeterTitle, kEncryptionKey, kAuthenticationKey};
        parameters.invocation_counter = counter;
        const auto apdu = protect(*crypto_, parameters, memory, dlms::kMaxCipherHead, plain.size());
        EXPECT_TRUE(apdu);
        return take({apdu->begin(), apdu->end()});
    }

private:
    class Counters final : public dlms::InvocationCounters {
    public:
        std::optional<std::uint32_t> reserve() override { return ++last_; }

    private:
        std::uint32_t last_{0};
    };

    Quirks quirks_;
    dlms::ClientConfiguration configuration_{};
    std::unique_ptr<Crypto> crypto_ = make_openssl_crypto();
    Counters counters_{};
    Octets send_ = Octets(1024);
    Octets value_ = Octets(256);
    Octets answer_{};
    dlms::SpanSink sink_{value_};
    std::optional<dlms::ClientSession> session_{};
};

/// Of an AARQ.
dlms::AssociateRequest decoded(const Octets& aarq) {
    const auto request = dlms::decode_aarq(aarq);
    EXPECT_TRUE(request);
    return request.value_or(dlms::AssociateRequest{});
}

dlms::InitiateRequest initiate_of(const Octets& aarq) {
    const auto initiate = dlms::decode_initiate_request(decoded(aarq).user_information.value_or(ByteView{}));
    EXPECT_TRUE(initiate);
    return initiate.value_or(dlms::InitiateRequest{});
}

bool contains(const Octets& octets, const std::string& hex) { return to_hex(octets).find(hex) != std::string::npos; }

Octets set_normal_response(const Quirks& quirks,
                           const std::string& address_text = "hdlc+tcp://h?physical=35&server=2") {
    Address address = parse_address(address_text);
    apply(quirks, address);
    dlms::HdlcClientConfig config;
    config.server = hdlc_server_address(address);
    config.parameters = {2030, 2030, 1, 7};
    apply(quirks, config);
    Octets frame(2100);
    Octets apdu(64);
    dlms::HdlcClient client(config, frame, apdu);
    client.connect(0);
    Octets memory(128);
    ByteWriter out(memory);
    EXPECT_TRUE(client.pull(out, 0));
    memory.resize(out.size());
    return memory;
}

// Association

TEST_F(QuirksFiles, TheReplyOfHlsGoesToTheObjectThatTheyName) {
    using enum dlms::AuthenticationMechanism;
    Session usual({}, false, high_sha256);
    EXPECT_TRUE(contains(usual.request(usual.accept()), "000F0000280000FF01"));
    Session quirky(quirks("[association]\nreply_object = \"0-0:40.0.1\""), false, high_sha256);
    EXPECT_TRUE(contains(quirky.request(quirky.accept()), "000F0000280001FF01"));
}

TEST_F(QuirksFiles, TheChallengeIsAsLongAsTheySay) {
    const auto challenge = [](const Quirks& of) {
        const Octets aarq = Session(of, false, dlms::AuthenticationMechanism::high_gmac).aarq();
        return decoded(aarq).calling_authentication_value->octets.size();
    };
    EXPECT_EQ(challenge({}), 16U);
    EXPECT_EQ(challenge(quirks("[association]\nchallenge_size = 64")), 64U);
}

TEST_F(QuirksFiles, TheClientSaysThatItTakesSoMuch) {
    EXPECT_EQ(initiate_of(Session({}).aarq()).client_max_receive_pdu_size, 0xFFFF);
    EXPECT_EQ(initiate_of(Session(quirks("[association]\nmax_pdu_size = 1024")).aarq()).client_max_receive_pdu_size,
              1024);
}

TEST_F(QuirksFiles, AMeterWithoutANameGetsOne) {
    using enum dlms::AuthenticationMechanism;
    EXPECT_EQ(Session({}, false, high_gmac).accept(false).failure.error, dlms::ClientError::answer_from_another_meter);
    Session named(quirks("[association]\nsystem_title = \"4D45540000000001\""), false, high_gmac);
    EXPECT_EQ(named.accept(false).step, Step::send);
    EXPECT_EQ(to_hex(named->association().server_system_title.view()), "4D45540000000001");
}

TEST_F(QuirksFiles, TheInitiateRequestIsProtectedInTheirWay) {
    // 21, length, security control
    const auto control = [](const Quirks& of) { return int{(*decoded(Session(of, true).aarq()).user_information)[2]}; };
    EXPECT_EQ(control({}), 0x30);
    EXPECT_EQ(control(quirks("[association]\ninitiate_protection = \"both\"")), 0x30);
    EXPECT_EQ(control(quirks("[association]\ninitiate_protection = \"authenticate\"")), 0x10);
    EXPECT_EQ(control(quirks("[association]\ninitiate_protection = \"encrypt\"")), 0x20);
}

TEST_F(QuirksFiles, WhatTheMeterDoesNotTakeIsNotProposed) {
    using dlms::Conformance;
    const auto usual = initiate_of(Session({}).aarq()).proposed_conformance;
    EXPECT_TRUE(dlms::has(usual, Conformance::multiple_references));
    const auto less =
        initiate_of(Session(quirks("[association]\nwithout = [\"multiple_references\", \"access\"]")).aarq())
            .proposed_conformance;
    EXPECT_EQ(less | Conformance::multiple_references | Conformance::access, usual);
    EXPECT_FALSE(dlms::has(less, Conformance::multiple_references));
    EXPECT_FALSE(dlms::has(less, Conformance::access));
}

TEST_F(QuirksFiles, RequestsMayHaveOneInvokeIdForAll) {
    const auto second = [](const Quirks& of) {
        Session session(of);
        (void)session.accept();
        (void)session.get();
        session->abandon();
        return session.get()[2] & 0x0FU;
    };
    EXPECT_EQ(second({}), 2U);
    EXPECT_EQ(second(quirks("[association]\nsame_invoke_id = true")), 1U);
}

TEST_F(QuirksFiles, CipheredServicesMayGoInGeneralEnvelopes) {
    const auto tag = [](const Quirks& of) {
        Session session(of, true);
        (void)session.accept();
        return int{session.get()[0]};
    };
    EXPECT_EQ(tag({}), 0xC8) << "glo-get-request";
    EXPECT_EQ(tag(quirks("[association]\ngeneral_envelopes = true")), 0xDB) << "general-glo-ciphering";
}

TEST_F(QuirksFiles, TheReleaseMayComeWithoutInitiateRequest) {
    const auto release = [](const Quirks& of) {
        Session session(of, true);
        (void)session.accept();
        return to_hex(session.request(session->release()));
    };
    EXPECT_GT(release({}).size(), std::string("6203800100").size());
    EXPECT_EQ(release(quirks("[association]\nrelease_without_initiate = true")), "6203800100");
}

// Answers

TEST_F(QuirksFiles, CountersThatDoNotRiseMayBeTaken) {
    const auto second = [](const Quirks& of) {
        Session session(of, true);
        (void)session.accept();
        (void)session.get();
        EXPECT_EQ(session.take_ciphered(0xC1, 7).step, Step::done);
        (void)session.get();
        return session.take_ciphered(0xC2, 7);
    };
    EXPECT_EQ(second({}).failure.error, dlms::ClientError::answer_repeats_counter);
    EXPECT_EQ(second(quirks("[answers]\nrepeat_counters = true")).step, Step::done);
}

TEST_F(QuirksFiles, AnotherInvokeIdMayBeTaken) {
    const auto answer = [](const Quirks& of) {
        Session session(of);
        (void)session.accept();
        (void)session.get();
        return session.take({0xC4, 0x01, 0xC5, 0x00, 0x03, 0x01}).step;
    };
    EXPECT_EQ(answer({}), Step::unsolicited);
    EXPECT_EQ(answer(quirks("[answers]\nwrong_invoke_id = true")), Step::done);
}

// HDLC

TEST_F(QuirksFiles, TheServerAddressIsAsWideAsTheySay) {
    // 7E, A0 and length, then the destination
    EXPECT_EQ(to_hex(ByteView(set_normal_response({})).subspan(3, 2)), "0447");
    const Quirks four = quirks("[hdlc]\naddress_size = 4");
    EXPECT_EQ(to_hex(ByteView(set_normal_response(four)).subspan(3, 4)), "00040047");
    EXPECT_EQ(
        to_hex(ByteView(set_normal_response(four, "hdlc+tcp://h?physical=35&server=2&address-size=2")).subspan(3, 2)),
        "0447")
        << "the user goes first";
}

TEST_F(QuirksFiles, LengthsOfFieldsAreWrittenInTheirWay) {
    EXPECT_TRUE(contains(set_normal_response(quirks("[hdlc]\nmax_information = 128")), "050180060180"));
    EXPECT_TRUE(contains(set_normal_response(quirks("[hdlc]\nmax_information = 128\nlength_width = \"two_octets\"")),
                         "0502008006020080"));
}

TEST_F(QuirksFiles, TheLinkIsSetUpWithTheirParameters) {
    EXPECT_TRUE(contains(set_normal_response({}), "050207EE060207EE"));
    EXPECT_TRUE(contains(set_normal_response({}), "070400000001080400000007"));
    EXPECT_TRUE(contains(set_normal_response(quirks("[hdlc]\nwindow = 3")), "070400000001080400000003"));
    EXPECT_TRUE(contains(set_normal_response({}), "8180"));
    EXPECT_FALSE(contains(set_normal_response(quirks("[hdlc]\nwithout_parameters = true")), "8180"));
}

// Blocks

TEST_F(QuirksFiles, TheMeterMaySendSoManyBlocks) {
    Octets memory(1024);
    const auto window = [&](const Quirks& of) {
        Session session(of, false, dlms::AuthenticationMechanism::none, memory);
        (void)session.accept();
        const Octets block = session.get();
        EXPECT_EQ(block[0], 0xE0);
        return block[1] & 0x3FU;
    };
    EXPECT_EQ(window({}), 32U);
    EXPECT_EQ(window(quirks("[blocks]\nwindow = 5")), 5U);
}

// Times

TEST_F(QuirksFiles, TimesAreWrittenInTheirForm) {
    const auto written = [](const Quirks& of) {
        return to_hex(encode_typed("time:2026-07-01T12:00:00+02:00", std::nullopt, of.time));
    };
    EXPECT_EQ(written({}), "090C07EA0701030C000000FF8800");
    EXPECT_EQ(written(quirks("[time]\ndeviation = \"standard\"")), written({}));
    EXPECT_EQ(written(quirks("[time]\ndeviation = \"reversed\"")), "090C07EA0701030C000000007800");
    EXPECT_EQ(written(quirks("[time]\ndeviation = \"unspecified\"")), "090C07EA0701030C000000800000");
    EXPECT_EQ(written(quirks("[time]\ntype = \"date_time\"")), "1907EA0701030C000000FF8800");
}

// The verbs' client

/// AARQ and what follows, of a client that connects to a meter with `answers` for the public client.
std::vector<Octets> connect(const Quirks& quirks, std::uint16_t client_sap, const std::string& key_file,
                            const std::vector<std::string>& answers) {
    std::size_t next = 0;
    testing::ScriptedMeter meter([&](std::uint16_t sap, const Octets&) -> std::optional<Octets> {
        if (sap != 16 || next == answers.size()) return std::nullopt;
        return from_hex(answers[next++]);
    });
    ConnectOptions options;
    options.address = meter.address();
    options.client_sap = client_sap;
    options.key_file = key_file;
    options.quirks = quirks;
    EXPECT_THROW(Client{options}, CliError);
    return meter.requests();
}

class QuirksOfVerbs : public QuirksFiles {
protected:
    std::string keys() {
        const auto path = folder_ / "keys.toml";
        std::ofstream(path) << "[client.1]\nunicast_key = \"000102030405060708090A0B0C0D0E0F\"\n"
                               "authentication_key = \"D0D1D2D3D4D5D6D7D8D9DADBDCDDDEDF\"\n";
        std::filesystem::permissions(path, std::filesystem::perms::owner_read | std::filesystem::perms::owner_write);
        return path.string();
    }
    /// AARE: rejected permanently, no reason given; accepted.
    static constexpr const char* kRejected = "6117A109060760857405080101A203020101A305A103020101";
    static constexpr const char* kAccepted = "6117A109060760857405080101A203020100A305A103020100";
};

TEST_F(QuirksOfVerbs, GeneralBlocksAreProposedOnAnyLink) {
    const auto proposes = [&](const Quirks& of) {
        return dlms::has(initiate_of(connect(of, 16, "", {}).at(0)).proposed_conformance,
                         dlms::Conformance::general_block_transfer);
    };
    EXPECT_FALSE(proposes({}));
    EXPECT_TRUE(proposes(quirks("[blocks]\ngeneral = true")));
}

TEST_F(QuirksOfVerbs, TheCounterIsReadWhereTheySay) {
    const auto read = [&](const Quirks& of) { return connect(of, 1, keys(), {kAccepted}).at(1); };
    EXPECT_TRUE(contains(read({}), "000100002B0101FF02"));
    EXPECT_TRUE(contains(read(quirks("[counter]\nobject = \"0-1:43.1.3\"")), "000100012B0103FF02"));
}

TEST_F(QuirksOfVerbs, TheFirstCounterIsAtLeastTheirs) {
    const auto first = [&](const Quirks& of) {
        const Octets aarq = connect(of, 1, keys(), {kRejected}).at(1);
        // 21, length, security control, counter
        return to_hex(decoded(aarq).user_information->subspan(3, 4));
    };
    EXPECT_EQ(first({}), "00000001");
    EXPECT_EQ(first(quirks("[counter]\nat_least = 305419896")), "12345678");
}

// Files

TEST_F(QuirksFiles, AreFoundByFileAndByModel) {
    EXPECT_EQ(find_quirks(write("[hdlc]\nwindow = 3").string()).window, 3);
    EXPECT_EQ(find_quirks("kamstrup").time.deviation, TimeForm::Deviation::unspecified);
    EXPECT_EQ(find_quirks("EXAMPLE").address_size, 4);
    try {
        (void)find_quirks("nobody's meter");
        FAIL();
    } catch (const CliError& error) {
        EXPECT_NE(std::string(error.what()).find("known are Example, Kamstrup"), std::string::npos) << error.what();
    }
}

TEST_F(QuirksFiles, SayWhatIsWrongAndInWhichLine) {
    const std::string path = (folder_ / "meter.toml").string();
    EXPECT_EQ(complaint("\n[hdlc]\nwindow = 8"),
              "quirks file " + path + ", line 3: [hdlc] window: write a number from 1 to 7");
    EXPECT_EQ(complaint("[hdlc]\naddress_size = 3"),
              "quirks file " + path + ", line 2: [hdlc] address_size: write one of 1, 2, 4");
    EXPECT_EQ(complaint("[blocks]\nwidow = 3"),
              "quirks file " + path + ", line 2: [blocks] widow: unknown; known are general, window");
    EXPECT_EQ(
        complaint("\n\nhdlc_window = 3"),
        "quirks file " + path +
            ", line 3: hdlc_window: unknown; known are models and the tables association, answers, counter, hdlc, "
            "blocks, time");
    EXPECT_EQ(complaint("[time]\ntype = \"text\""),
              "quirks file " + path + ", line 2: [time] type: \"text\" is none of octet_string, date_time");
    EXPECT_EQ(complaint("[counter]\nobject = \"clock\""),
              "quirks file " + path + ", line 2: [counter] object: write an OBIS code, as in \"0-0:40.0.1\"");
    EXPECT_EQ(complaint("[association]\nsystem_title = \"4D45\""),
              "quirks file " + path + ", line 2: [association] system_title: write 16 hexadecimal digits");
    EXPECT_EQ(complaint("[association]\nwithout = \"access\""),
              "quirks file " + path +
                  ", line 2: [association] without: write a list of texts in quotes, as in [\"one\", \"two\"]");
    EXPECT_EQ(complaint("[answers]\nrepeat_counters = 1"),
              "quirks file " + path + ", line 2: [answers] repeat_counters: write true or false");
    EXPECT_EQ(complaint("[hdlc]\nwindow ="),
              "quirks file " + path + ", line 2: this is no TOML; write NAME = VALUE below [hdlc]");
    EXPECT_EQ(complaint("hdlc = 3"), "quirks file " + path + ", line 1: hdlc: write it as a table, [hdlc]");
}

nlohmann::json schema_of(const QuirkField& field) {
    using Kind = QuirkField::Kind;
    nlohmann::json schema{{"description", field.description}};
    switch (field.kind) {
        case Kind::flag:
            schema["type"] = "boolean";
            break;
        case Kind::number:
            if (field.numbers.empty()) {
                schema["type"] = "integer";
                schema["minimum"] = field.least;
                schema["maximum"] = field.most;
            } else {
                schema["enum"] = field.numbers;
            }
            break;
        case Kind::choice:
            schema["enum"] = field.names;
            break;
        case Kind::choices:
            schema["type"] = "array";
            schema["items"] = {{"enum", field.names}};
            break;
        case Kind::logical_name:
            schema["type"] = "string";
            schema["pattern"] = R"(^[0-9]+[-.][0-9]+[:.][0-9]+\.[0-9]+\.[0-9]+([.*][0-9]+)?$)";
            break;
        case Kind::octets:
            schema["type"] = "string";
            schema["pattern"] = "^[0-9A-Fa-f]{" + std::to_string(2 * field.least) + "}$";
            break;
    }
    return schema;
}

TEST_F(QuirksFiles, TheSchemaIsThatOfTheTable) {
    nlohmann::json expected{
        {"$schema", "https://json-schema.org/draft/2020-12/schema"},
        {"title", "Quirks of a model of meter"},
        {"type", "object"},
        {"additionalProperties", false},
        {"properties",
         {{"models",
           {{"description", "Names that the file is found by, besides its own"},
            {"type", "array"},
            {"items", {{"type", "string"}}}}}}},
    };
    for (const QuirkField& field : quirk_fields()) {
        nlohmann::json& table = expected["properties"][std::string(field.table)];
        table["type"] = "object";
        table["additionalProperties"] = false;
        table["properties"][std::string(field.name)] = schema_of(field);
    }
    std::ifstream file(kFolder / "schema.json");
    const nlohmann::json schema = nlohmann::json::parse(file);
    EXPECT_EQ(schema, expected) << expected.dump(2);
}

TEST_F(QuirksFiles, TheExampleHasEveryEntryOfTheTable) {
    std::ifstream file(kFolder / "example.toml");
    std::set<std::string> found;
    std::string table;
    for (std::string line; std::getline(file, line);) {
        if (line.starts_with('[')) table = line.substr(1, line.find(']') - 1);
        if (const auto equals = line.find(" = "); equals != std::string::npos && !line.starts_with('#'))
            found.insert(table + "." + line.substr(0, equals));
    }
    for (const QuirkField& field : quirk_fields())
        EXPECT_TRUE(found.contains(std::string(field.table) + "." + std::string(field.name))) << field.name;
    EXPECT_EQ(found.size(), quirk_fields().size() + 1) << "and models";
}

}  // namespace
}  // namespace ferraris::cli
