/// A whole link session, both stations against a hostile peer. The input is a list of frames without their check
/// sequences, which are added here, so that the fuzzer does not have to guess them:
///
///     what (1): bit 7 raw octets instead of a frame, bit 6 S, bits 3..0 times 8 s pass before
///     address (1): which of the table; control (1); length (1); information
#include <array>
#include <cstdint>
#include <cstdlib>

#include "dlms/hdlc/client.hpp"
#include "dlms/hdlc/server.hpp"

using namespace ferraris;
using namespace ferraris::dlms;

namespace {

constexpr hdlc::Address kAddresses[] = {{1, 17, 2}, {1, 0, 1}, {1, 17, 4}, {0x7F, 0x7F, 2}, {1, 0x7E, 2}, {2, 17, 2}};
constexpr std::uint16_t kDevices[] = {1, 16};

void must(bool holds) {
    if (!holds) std::abort();
}

/// Every octet that a station sends belongs to a good frame.
void check_output(ByteView sent) {
    std::array<std::uint8_t, 2100> buffer{};
    hdlc::FrameParser parser(buffer);
    std::size_t octets = 0;
    for (ByteView in = sent; const auto frame = parser.push(in, 0);) {
        std::array<std::uint8_t, 2100> copy{};
        ByteWriter out(copy);
        must(hdlc::write_frame(*frame, {}, out));
        octets += out.size();
    }
    must(octets == sent.size());
}

template <class Pull>
void drain(Pull&& pull) {
    std::array<std::uint8_t, 300> buffer{};
    for (bool done = false; !done;) {
        ByteWriter out(buffer);
        done = pull(out);
        must(done || out.size() != 0);
        check_output(out.written());
    }
}

class Stations {
public:
    Stations() {
        client_.connect(0);
        drain([this](ByteWriter& out) { return client_.pull(out, now_ms_); });
    }

    void pass(std::int64_t milliseconds) {
        now_ms_ += milliseconds;
        (void)server_.poll(now_ms_);
        note(client_.poll(now_ms_));
    }

    void feed(ByteView to_server, ByteView to_client) {
        while (!to_server.empty()) {
            const HdlcServerEvent event = server_.receive(to_server, now_ms_);
            must(event.apdu.size() <= apdu_.size());
            if (event.kind == HdlcServerEventKind::apdu) {
                must(server_.send(ByteView(kAnswer).first(1 + event.apdu.size() * 5 % kAnswer.size())));
            } else if (event.kind == HdlcServerEventKind::apdu_too_long) {
                must(server_.send(ByteView(kAnswer).first(3)));
            } else if (event.kind == HdlcServerEventKind::unconfirmed_apdu) {
                server_.set_busy(event.apdu.size() % 3 == 1);
                (void)server_.notify(ByteView(kAnswer).first(100), 16, {1, 17, 2});
            }
            drain([this](ByteWriter& out) { return server_.pull(out); });
        }
        while (!to_client.empty()) {
            note(client_.receive(to_client, now_ms_));
            drain([this](ByteWriter& out) { return client_.pull(out, now_ms_); });
        }
    }

private:
    void note(const HdlcClientEvent& event) {
        if (event.kind == HdlcClientEventKind::failed) client_.connect(now_ms_);
        const bool free = event.kind == HdlcClientEventKind::connected || event.kind == HdlcClientEventKind::apdu;
        if (free) must(client_.send(ByteView(kAnswer).first(1 + event.apdu.size() * 7 % kAnswer.size()), now_ms_));
        drain([this](ByteWriter& out) { return client_.pull(out, now_ms_); });
    }
    static HdlcServerConfig server_config() {
        HdlcServerConfig config;
        config.logical_devices = kDevices;
        config.parameters = {128, 128, 7, 7};
        return config;
    }
    static HdlcClientConfig client_config() {
        HdlcClientConfig config;
        config.parameters = {128, 128, 7, 7};
        config.line_echoes = true;
        return config;
    }

    static constexpr std::array<std::uint8_t, 700> kAnswer{};
    std::array<std::uint8_t, hdlc::frame_room(140)> server_frame_{};
    std::array<std::uint8_t, 200> apdu_{};
    std::array<std::uint8_t, hdlc::frame_room(140)> client_frame_{};
    std::array<std::uint8_t, 200> client_apdu_{};
    HdlcServer server_{server_config(), server_frame_, apdu_};
    HdlcClient client_{client_config(), client_frame_, client_apdu_};
    std::int64_t now_ms_{0};
};

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    Stations stations;
    ByteReader reader(ByteView(data, size));
    while (!reader.at_end()) {
        const std::uint32_t what = reader.u8();
        const hdlc::Address server = kAddresses[reader.u8() % std::size(kAddresses)];
        const std::uint8_t control = reader.u8();
        const ByteView information = reader.take(std::min<std::size_t>(reader.u8(), reader.remaining()));
        stations.pass(static_cast<std::int64_t>(what & 0x0FU) * 8000);
        if ((what & 0x80U) != 0) {
            stations.feed(information, information);
            continue;
        }
        const hdlc::Address client = hdlc::Address::client(16);
        const bool segmented = (what & 0x40U) != 0;
        std::array<std::uint8_t, hdlc::frame_room(255)> to_server{};
        std::array<std::uint8_t, hdlc::frame_room(255)> to_client{};
        ByteWriter out(to_server);
        ByteWriter back(to_client);
        must(hdlc::write_frame({server, client, control, segmented, information}, {}, out));
        must(hdlc::write_frame({client, server, control, segmented, information}, {}, back));
        stations.feed(out.written(), back.written());
    }
    return 0;
}
