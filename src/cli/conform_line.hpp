/// The line of a conformance case over a socket.
#pragma once

#include <memory>

#include "cli/address.hpp"
#include "cli/channel.hpp"
#include "conform/bench.hpp"

namespace ferraris::cli {

/// A meter that closes the connection falls silent: cases judge silence, not sockets.
class SocketLine final : public conform::Line {
public:
    /// `connect_timeout` is for each connection.
    SocketLine(Address address, std::chrono::milliseconds connect_timeout)
        : address_(std::move(address)), connect_timeout_(connect_timeout) {}

    void open() override;
    void send(ByteView octets) override;
    [[nodiscard]] conform::Octets receive(conform::milliseconds patience) override;

private:
    Address address_;
    std::chrono::milliseconds connect_timeout_;
    std::unique_ptr<Channel> channel_{};
};

}  // namespace ferraris::cli
