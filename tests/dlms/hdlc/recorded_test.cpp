/// Whole dialogues of a real meter and its reader, from either side: the octets on the line are the same.
#include <gtest/gtest.h>

#include <memory>

#include "dlms/hdlc/support.hpp"
#include "shared.hpp"

namespace ferraris::dlms {
namespace {

using testing::ClientStation;
using testing::Octets;
using testing::octets;
using testing::ServerStation;

constexpr const char* kRecordings = "facts/recorded_hdlc_exchanges.json";

struct Step {
    bool from_client;
    Octets line;
    hdlc::Frame frame;
    [[nodiscard]] ByteView apdu() const { return hdlc::without_llc(frame.information).value(); }
};

std::vector<Step> steps_of(const nlohmann::json& session) {
    std::vector<Step> steps;
    for (const auto& step : session.at("steps")) {
        steps.push_back({step.at("dir") == "TX", octets(step.at("frame").get<std::string>()), {}});
        const ByteView line = steps.back().line;
        steps.back().frame = hdlc::decode_frame(line.subspan(1, line.size() - 2)).value();
    }
    return steps;
}

TEST(HdlcRecorded, OurServerSaysWhatTheMeterSaid) {
    FERRARIS_NEEDS_SHARED(kRecordings);
    const auto recorded = ferraris::testing::shared_json(kRecordings);
    for (const auto& session : recorded.at("sessions")) {
        SCOPED_TRACE(session.at("id").get<std::string>());
        const std::vector<Step> steps = steps_of(session);
        ASSERT_GE(steps.size(), 16U);

        HdlcServerConfig config = ServerStation::defaults();
        // This meter states 239 octets, in two, whatever the reader proposes.
        config.parameters = {239, 239, 1, 1};
        config.absent_proposal = config.parameters;
        config.length_width = hdlc::LengthWidth::two_octets;
        ServerStation station(config);
        for (std::size_t i = 0; i + 1 < steps.size(); i += 2) {
            SCOPED_TRACE(i);
            const bool has_apdu = hdlc::decode_control(steps[i].frame.control).type == hdlc::FrameType::information;
            if (has_apdu) station.answer.assign(steps[i + 1].apdu().begin(), steps[i + 1].apdu().end());
            Octets said = steps[i + 1].line;
            const bool disconnect = hdlc::decode_control(steps[i].frame.control).type == hdlc::FrameType::disconnect;
            const bool linked = station.server.connected() && station.client_sap == steps[i].frame.source.upper;
            if (disconnect && !linked) {
                // The meter says UA to a DISC without a link; the standard, and so our server, says DM.
                said = testing::frame(steps[i + 1].frame.destination, steps[i + 1].frame.source, 0x1F);
            }
            EXPECT_EQ(to_hex(station.exchange(steps[i].line)), to_hex(said));
            if (has_apdu) {
                EXPECT_EQ(to_hex(station.events.back().apdu), to_hex(steps[i].apdu()));
                EXPECT_EQ(station.client_sap, steps[i].frame.source.upper);
            }
        }
    }
}

TEST(HdlcRecorded, OurClientSaysWhatTheReaderSaid) {
    FERRARIS_NEEDS_SHARED(kRecordings);
    const auto recorded = ferraris::testing::shared_json(kRecordings);
    for (const auto& session : recorded.at("sessions")) {
        SCOPED_TRACE(session.at("id").get<std::string>());
        const std::vector<Step> steps = steps_of(session);
        std::vector<std::unique_ptr<ClientStation>> stations;
        std::uint16_t client_sap = 0;
        for (std::size_t i = 0; i + 1 < steps.size(); i += 2) {
            SCOPED_TRACE(i);
            if (steps[i].frame.source.upper != client_sap) {
                client_sap = steps[i].frame.source.upper;
                HdlcClientConfig config;
                config.server = {1, 17, 4};
                config.client_sap = static_cast<std::uint8_t>(client_sap);
                config.propose_parameters = false;
                config.parameters = {239, 239, 1, 1};
                stations.push_back(std::make_unique<ClientStation>(config));
            }
            ClientStation& station = *stations.back();
            HdlcClientEventKind expected = HdlcClientEventKind::apdu;
            switch (hdlc::decode_control(steps[i].frame.control).type) {
                case hdlc::FrameType::set_normal_response:
                    station.client.connect(station.now_ms);
                    expected = HdlcClientEventKind::connected;
                    break;
                case hdlc::FrameType::disconnect:
                    station.client.disconnect(station.now_ms);
                    expected = HdlcClientEventKind::disconnected;
                    break;
                default:
                    ASSERT_TRUE(station.client.send(steps[i].apdu(), station.now_ms));
            }
            EXPECT_EQ(to_hex(station.pull()), to_hex(steps[i].line));
            EXPECT_TRUE(station.exchange(steps[i + 1].line).empty());
            EXPECT_EQ(station.kind, expected);
            if (expected == HdlcClientEventKind::apdu) {
                EXPECT_EQ(to_hex(station.apdu), to_hex(steps[i + 1].apdu()));
            }
        }
    }
}

}  // namespace
}  // namespace ferraris::dlms
