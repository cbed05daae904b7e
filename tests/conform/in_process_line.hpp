/// Our own meter behind a line in memory, on a clock that only silence moves: what takes minutes takes none.
#pragma once

#include <array>
#include <functional>
#include <memory>
#include <optional>

#include "conform/bench.hpp"
#include "dlms/hdlc/server.hpp"
#include "dlms/server/session.hpp"
#include "dlms/wrapper.hpp"

namespace ferraris::conform::testing {

/// What a deliberately broken server does to the octets that come in (before it sees them) or go out.
struct Mutation {
    std::function<void(Octets&)> of_request{};
    std::function<void(Octets&)> of_answer{};  ///< also called for silence
};

inline constexpr std::array<std::uint16_t, 1> kLogicalDevices{1};
inline constexpr std::uint32_t kInactivitySeconds = 30;

class InProcessLine final : public Line {
public:
    InProcessLine(dlms::LogicalDevice& device, Crypto& crypto, Framing framing, Mutation mutation = {})
        : device_(device), crypto_(crypto), framing_(framing), mutation_(std::move(mutation)) {}

    /// As the link layer of a meter that was declared so, with another address width where a test wants it.
    dlms::HdlcServerConfig hdlc{.logical_devices = kLogicalDevices,
                                .physical_device = 17,
                                .address_widths = 2,
                                .parameters = {512, 512, 7, 7},
                                .inactivity_timeout_s = kInactivitySeconds};

    /// Whoever wants to know of time that passes without an answer, in milliseconds.
    std::function<void(std::int64_t)> on_silence{};

    void open() override {
        waiting_.clear();
        dlms::ServerMemory lent = memory_.lend();
        lent.blocks = blocks_;
        session_.emplace(device_, crypto_, lent);
        if (framing_ == Framing::hdlc) session_->limit_streaming_to(1);
        parser_.emplace(apdu_);
        server_.emplace(hdlc, frame_, apdu_);
    }
    void send(ByteView octets) override {
        Octets request(octets.begin(), octets.end());
        if (mutation_.of_request) mutation_.of_request(request);
        if (framing_ == Framing::hdlc) {
            serve_hdlc(request);
        } else {
            serve_wrapper(request);
        }
    }
    Octets receive(milliseconds patience) override {
        if (waiting_.empty()) {
            now_ms_ += patience.count();
            if (on_silence) on_silence(patience.count());
            if (framing_ == Framing::hdlc) follow(server_->poll(now_ms_));
        }
        Octets answer = std::exchange(waiting_, {});
        if (mutation_.of_answer) mutation_.of_answer(answer);
        return answer;
    }

private:
    void serve_wrapper(ByteView in) {
        while (const auto pdu = parser_->push(in)) {
            for (ByteView answer = session_->handle(pdu->source, pdu->apdu); !answer.empty();
                 answer = session_->next()) {
                std::array<std::uint8_t, 4096> octets{};
                ByteWriter out(octets);
                if (dlms::write_wrapper({pdu->destination, pdu->source, answer}, out)) take(out.written());
            }
        }
    }
    void serve_hdlc(ByteView in) {
        while (!in.empty()) {
            follow(server_->receive(in, now_ms_));
            std::array<std::uint8_t, 8192> octets{};
            ByteWriter out(octets);
            (void)server_->pull(out);
            take(out.written());
        }
    }
    void follow(const dlms::HdlcServerEvent& event) {
        switch (event.kind) {
            case dlms::HdlcServerEventKind::connected:
            case dlms::HdlcServerEventKind::disconnected:
                session_->link_lost();
                break;
            case dlms::HdlcServerEventKind::apdu:
                (void)server_->send(session_->handle(event.client_sap, event.apdu));
                break;
            default:
                break;
        }
    }
    void take(ByteView octets) { waiting_.insert(waiting_.end(), octets.begin(), octets.end()); }

    dlms::LogicalDevice& device_;
    Crypto& crypto_;
    Framing framing_;
    Mutation mutation_;
    std::int64_t now_ms_{1};
    dlms::ServerMemoryOf<2048, 4096> memory_{};
    std::array<std::uint8_t, 16384> blocks_{};
    std::array<std::uint8_t, 4096> apdu_{};
    std::array<std::uint8_t, 2100> frame_{};
    std::optional<dlms::ServerSession> session_{};
    std::optional<dlms::WrapperParser> parser_{};
    std::optional<dlms::HdlcServer> server_{};
    Octets waiting_{};
};

}  // namespace ferraris::conform::testing
