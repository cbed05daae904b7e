/// How octets reach a meter: a TCP connection, UDP datagrams, a serial line. Blocking, with deadlines.
#pragma once

#include <chrono>
#include <memory>

#include "base/bytes.hpp"
#include "cli/address.hpp"

namespace ferraris::cli {

using SteadyClock = std::chrono::steady_clock;
using Deadline = SteadyClock::time_point;

class Channel {
public:
    virtual ~Channel() = default;

    /// All of `octets`; one datagram where the channel has datagrams. Throws CliError when it cannot by `deadline`.
    virtual void send(ByteView octets, Deadline deadline) = 0;
    /// Waits for some octets (a datagram); 0 when none came until `deadline`. Throws CliError when the other end
    /// closed.
    [[nodiscard]] virtual std::size_t receive(ByteSpan into, Deadline deadline) = 0;
    /// Of a serial line: another speed once what was sent is out. The line stays open: a meter may answer at once.
    virtual void set_baud(std::uint32_t /*baud*/) {}
};

/// Resolves, connects or opens within `timeout`. Throws CliError that says what is wrong with the host, port or device.
[[nodiscard]] std::unique_ptr<Channel> open_channel(const Address& address, std::chrono::milliseconds timeout);

}  // namespace ferraris::cli
