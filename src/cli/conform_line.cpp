#include "cli/conform_line.hpp"

#include <thread>

#include "cli/error.hpp"
#include "dlms/wrapper.hpp"

namespace ferraris::cli {

void SocketLine::open() {
    channel_.reset();
    channel_ = open_channel(address_, connect_timeout_);
}

void SocketLine::send(ByteView octets) {
    if (!channel_) return;
    try {
        channel_->send(octets, SteadyClock::now() + connect_timeout_);
    } catch (const CliError&) {
        channel_.reset();
    }
}

conform::Octets SocketLine::receive(conform::milliseconds patience) {
    const Deadline deadline = SteadyClock::now() + patience;
    if (channel_) {
        try {
            conform::Octets octets(dlms::kWrapperHeaderOctets + 65535);
            octets.resize(channel_->receive(octets, deadline));
            return octets;
        } catch (const CliError&) {
            channel_.reset();
        }
    }
    // A link that has to time out needs the time even when the connection is gone.
    std::this_thread::sleep_until(deadline);
    return {};
}

}  // namespace ferraris::cli
