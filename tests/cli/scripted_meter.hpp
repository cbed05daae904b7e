/// A meter on a TCP port that knows no more than which answer belongs to which request, and keeps what it was sent.
#pragma once

#include <arpa/inet.h>
#include <gtest/gtest.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

#include <functional>
#include <mutex>
#include <optional>
#include <string>
#include <thread>
#include <vector>

#include "base/bytes.hpp"
#include "dlms/wrapper.hpp"

namespace ferraris::cli::testing {

class ScriptedMeter {
public:
    using Octets = std::vector<std::uint8_t>;
    /// One APDU for each request of a client; nothing: the connection is closed.
    using Answer = std::function<std::optional<Octets>(std::uint16_t client_sap, const Octets& request)>;

    explicit ScriptedMeter(Answer answer) : answer_(std::move(answer)), listener_(::socket(AF_INET, SOCK_STREAM, 0)) {
        sockaddr_in address{};
        address.sin_family = AF_INET;
        address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
        socklen_t size = sizeof address;
        EXPECT_EQ(::bind(listener_, reinterpret_cast<sockaddr*>(&address), size), 0);
        EXPECT_EQ(::listen(listener_, 4), 0);
        EXPECT_EQ(::getsockname(listener_, reinterpret_cast<sockaddr*>(&address), &size), 0);
        port_ = ntohs(address.sin_port);
        thread_ = std::thread([this] { serve(); });
    }
    ~ScriptedMeter() {
        ::shutdown(listener_, SHUT_RDWR);
        thread_.join();
        ::close(listener_);
    }
    ScriptedMeter(const ScriptedMeter&) = delete;
    ScriptedMeter& operator=(const ScriptedMeter&) = delete;

    [[nodiscard]] std::string address() const { return "tcp://127.0.0.1:" + std::to_string(port_); }
    [[nodiscard]] std::vector<Octets> requests() {
        const std::lock_guard lock(mutex_);
        return requests_;
    }

private:
    void serve() {
        for (;;) {
            const int connection = ::accept(listener_, nullptr, nullptr);
            if (connection < 0) return;
            talk(connection);
            ::close(connection);
        }
    }

    void talk(int connection) {
        Octets memory(4096);
        dlms::WrapperParser parser(memory);
        Octets received(4096);
        for (;;) {
            const ssize_t count = ::read(connection, received.data(), received.size());
            if (count <= 0) return;
            ByteView unread = ByteView(received).first(static_cast<std::size_t>(count));
            while (const auto pdu = parser.push(unread)) {
                const Octets request(pdu->apdu.begin(), pdu->apdu.end());
                {
                    const std::lock_guard lock(mutex_);
                    requests_.push_back(request);
                }
                const auto answer = answer_(pdu->source, request);
                if (!answer) return;
                Octets sent(answer->size() + dlms::kWrapperHeaderOctets);
                ByteWriter out(sent);
                EXPECT_TRUE(dlms::write_wrapper({pdu->destination, pdu->source, *answer}, out));
                EXPECT_EQ(::write(connection, sent.data(), sent.size()), static_cast<ssize_t>(sent.size()));
            }
        }
    }

    Answer answer_;
    int listener_;
    std::uint16_t port_{0};
    std::thread thread_{};
    std::mutex mutex_{};
    std::vector<Octets> requests_{};
};

}  // namespace ferraris::cli::testing
