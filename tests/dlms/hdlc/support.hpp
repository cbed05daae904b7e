/// What the tests of the link share: octets from text, frames by their fields, stations with their memory.
#pragma once

#include <array>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "dlms/hdlc/client.hpp"
#include "dlms/hdlc/frame.hpp"
#include "dlms/hdlc/server.hpp"
#include "dlms/octets.hpp"

namespace ferraris::dlms::testing {

using ferraris::testing::Octets;
using ferraris::testing::octets;

/// An APDU of `size` octets in which every place is told from its neighbours.
inline Octets pattern(std::size_t size, std::uint8_t seed = 0) {
    Octets data(size);
    for (std::size_t i = 0; i < size; ++i) data[i] = static_cast<std::uint8_t>(seed + i + i / 251);
    return data;
}

inline Octets frame(const hdlc::Address& destination, const hdlc::Address& source, std::uint8_t control,
                    ByteView information = {}, bool segmented = false) {
    Octets buffer(4096);
    ByteWriter out(buffer);
    if (!hdlc::write_frame({destination, source, control, segmented, information}, {}, out)) return {};
    buffer.resize(out.size());
    return buffer;
}

/// The ends of the line: upper and lower server address, and the public client.
inline constexpr hdlc::Address kServer{1, 17, 2};
inline constexpr hdlc::Address kClient = hdlc::Address::client(16);

inline Octets command(std::uint8_t control, ByteView information = {}, bool segmented = false) {
    return frame(kServer, kClient, control, information, segmented);
}
inline std::string response(std::uint8_t control, ByteView information = {}, bool segmented = false) {
    return to_hex(frame(kClient, kServer, control, information, segmented));
}

struct SeenEvent {
    HdlcServerEventKind kind;
    Octets apdu;
};

/// A server with its memory. `exchange` is one turn of the line: octets in, all that comes out.
class ServerStation {
public:
    static constexpr std::uint16_t kDevices[] = {1, 16};
    static HdlcServerConfig defaults() {
        HdlcServerConfig config;
        config.logical_devices = kDevices;
        return config;
    }

    explicit ServerStation(const HdlcServerConfig& config = defaults(), std::size_t max_apdu = 2048)
        : apdu_buffer_(max_apdu), server(config, frame_buffer_, apdu_buffer_) {}

    Octets exchange(ByteView in) {
        Octets sent;
        while (!in.empty()) {
            const HdlcServerEvent event = server.receive(in, now_ms);
            if (event.kind != HdlcServerEventKind::none) {
                events.push_back({event.kind, Octets(event.apdu.begin(), event.apdu.end())});
                client_sap = event.client_sap;
                server_sap = event.server_sap;
            }
            const bool wants_answer =
                event.kind == HdlcServerEventKind::apdu || event.kind == HdlcServerEventKind::apdu_too_long;
            if (wants_answer && !answer.empty()) sent_by_app = server.send(answer);
            pull(sent);
        }
        return sent;
    }
    Octets exchange(std::string_view hex) { return exchange(octets(hex)); }

    void pull(Octets& sent) {
        std::array<std::uint8_t, 2100> buffer{};
        bool more = true;
        while (more) {
            ByteWriter out(buffer);
            more = !server.pull(out);
            sent.insert(sent.end(), out.written().begin(), out.written().end());
        }
    }

    std::int64_t now_ms{1000};
    Octets answer;  ///< of the application, to every APDU
    bool sent_by_app{false};
    std::vector<SeenEvent> events;
    std::uint16_t client_sap{0};
    std::uint16_t server_sap{0};

private:
    std::array<std::uint8_t, hdlc::frame_room(hdlc::kMaxInformationField)> frame_buffer_{};
    Octets apdu_buffer_;

public:
    HdlcServer server;
};

/// A client with its memory.
class ClientStation {
public:
    explicit ClientStation(const HdlcClientConfig& config = {}, std::size_t max_apdu = 4096)
        : apdu_buffer_(max_apdu), client(config, frame_buffer_, apdu_buffer_) {}

    Octets pull() {
        Octets sent;
        std::array<std::uint8_t, 2100> buffer{};
        bool more = true;
        while (more) {
            ByteWriter out(buffer);
            more = !client.pull(out, now_ms);
            sent.insert(sent.end(), out.written().begin(), out.written().end());
        }
        return sent;
    }

    /// Octets in; what the client then sends. Events are kept in `kind`, `failure` and `apdu`.
    Octets exchange(ByteView in) {
        Octets sent;
        while (!in.empty()) {
            note(client.receive(in, now_ms));
            const Octets more = pull();
            sent.insert(sent.end(), more.begin(), more.end());
        }
        return sent;
    }

    /// Lets time pass until the client has something to do.
    Octets expire() {
        now_ms = client.next_timeout().value();
        note(client.poll(now_ms));
        return pull();
    }

    void note(const HdlcClientEvent& event) {
        if (event.kind == HdlcClientEventKind::none) return;
        kind = event.kind;
        failure = event.failure;
        if (!event.apdu.empty()) apdu.assign(event.apdu.begin(), event.apdu.end());
    }

    std::int64_t now_ms{5000};
    HdlcClientEventKind kind{HdlcClientEventKind::none};
    HdlcFailure failure{HdlcFailure::none};
    Octets apdu;

private:
    std::array<std::uint8_t, hdlc::frame_room(hdlc::kMaxInformationField)> frame_buffer_{};
    Octets apdu_buffer_;

public:
    HdlcClient client;
};

}  // namespace ferraris::dlms::testing
