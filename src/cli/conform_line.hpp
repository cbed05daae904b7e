/// The line of a conformance case over a socket or a serial line.
#pragma once

#include <memory>
#include <vector>

#include "cli/address.hpp"
#include "cli/channel.hpp"
#include "conform/bench.hpp"

namespace ferraris::cli {

/// A meter that closes the connection falls silent: cases judge silence, not sockets.
class ChannelLine final : public conform::Line {
public:
    /// `connect_timeout` is for each connection. `goodbyes` are frames that end whatever link an earlier case left
    /// open: a serial line has no connection that does so.
    ChannelLine(Address address, std::chrono::milliseconds connect_timeout, std::vector<conform::Octets> goodbyes = {})
        : address_(std::move(address)), connect_timeout_(connect_timeout), goodbyes_(std::move(goodbyes)) {}

    void open() override;
    void send(ByteView octets) override;
    [[nodiscard]] conform::Octets receive(conform::milliseconds patience) override;

private:
    void say_goodbye();

    Address address_;
    std::chrono::milliseconds connect_timeout_;
    std::vector<conform::Octets> goodbyes_;
    std::unique_ptr<Channel> channel_{};
};

}  // namespace ferraris::cli
