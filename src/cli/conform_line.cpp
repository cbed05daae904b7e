#include "cli/conform_line.hpp"

#include <thread>

#include "cli/error.hpp"
#include "cli/sign_on.hpp"
#include "dlms/wrapper.hpp"

namespace ferraris::cli {

void ChannelLine::open() {
    // Behind a sign-on the goodbye goes out at the agreed speed, before the line is back at 300 Bd.
    if (address_.signs_on() && channel_) say_goodbye();
    channel_.reset();
    channel_ = open_channel(address_, connect_timeout_);
    if (address_.signs_on()) {
        sign_on_for_hdlc(*channel_, address_, connect_timeout_);
    } else if (address_.serial()) {
        say_goodbye();
    }
}

void ChannelLine::say_goodbye() {
    constexpr conform::milliseconds kPatience{300};
    // An answer at the speed of the line comes in pieces.
    constexpr conform::milliseconds kBetweenPieces{60};
    constexpr int kMostPieces = 100;
    for (const conform::Octets& frame : goodbyes_) {
        send(frame);
        bool more = !receive(kPatience).empty();
        for (int piece = 0; more && piece < kMostPieces; ++piece) more = !receive(kBetweenPieces).empty();
    }
}

void ChannelLine::send(ByteView octets) {
    if (!channel_) return;
    try {
        channel_->send(octets, SteadyClock::now() + connect_timeout_);
    } catch (const CliError&) {
        channel_.reset();
    }
}

conform::Octets ChannelLine::receive(conform::milliseconds patience) {
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
