#include "twin/optical_line.hpp"

#include <utility>

#include "meter/identity.hpp"

namespace ferraris::twin {
namespace {

using dlms::iec62056_21::ServerEvent;
using dlms::iec62056_21::ServerEventKind;
using dlms::iec62056_21::text_of;

dlms::iec62056_21::ServerConfig sign_on_config(ByteView device_address) {
    dlms::iec62056_21::ServerConfig config;
    config.address = device_address;
    for (std::size_t i = 0; i < 3; ++i) {
        config.identification.manufacturer[i] = static_cast<std::uint8_t>(meter::kManufacturer[i]);
    }
    config.identification.baud_character = '5';
    config.identification.hdlc = true;
    config.identification.text = text_of("FERRARIS1P");
    // The port stays at eight bits, so that one and the same setting serves both protocols, also on a pseudo-terminal.
    config.software_parity = true;
    return config;
}

}  // namespace

OpticalLine::OpticalLine(const MeterService& meter, const HdlcLineSettings& hdlc, std::string device_address,
                         std::string peer)
    : meter_(meter),
      device_address_(std::move(device_address)),
      peer_(std::move(peer)),
      power_(meter),
      device_(meter.device),
      sign_on_(sign_on_config(text_of(device_address_)), device_, received_, transmit_),
      hdlc_(meter, hdlc, peer_) {}

void OpticalLine::receive(ByteView& in, std::int64_t now_ms) {
    const PowerWatch::Seen power = power_.look();
    if (power != PowerWatch::Seen::same) end_hdlc();
    if (power == PowerWatch::Seen::none) {
        in = {};
        return;
    }
    if (sign_on_.is_hdlc()) {
        hdlc_.receive(in, now_ms);
        was_connected_ = was_connected_ || hdlc_.connected();
        return;
    }
    if (meter_.before_request) meter_.before_request();
    take(sign_on_.receive(in, now_ms), now_ms);
    const std::uint32_t dropped = sign_on_.parser().dropped();
    meter_.log.add("dropped a message: it is broken", peer_, dropped - std::exchange(told_dropped_, dropped),
                   std::string(name_of(sign_on_.parser().last_error())));
}

void OpticalLine::take(const ServerEvent& event, std::int64_t now_ms) {
    switch (event.kind) {
        case ServerEventKind::hdlc:
            link_wanted_by_ms_ = now_ms + kLinkWait_ms;
            was_connected_ = false;
            return;
        case ServerEventKind::password_rejected:
            return meter_.log.add("refused a password", peer_);
        case ServerEventKind::command_refused:
            return meter_.log.add("refused a command", peer_, 1, "ER" + std::to_string(static_cast<int>(event.error)));
        case ServerEventKind::given_up:
            return meter_.log.add("ended the session: too many repeats or passwords", peer_);
        default:
            return;
    }
}

ByteView OpticalLine::pull(std::int64_t now_ms) {
    if (sign_on_.is_hdlc()) {
        const ByteView out = hdlc_.pull(now_ms);
        if (out.empty() && was_connected_ && !hdlc_.connected()) end_hdlc();
        return out;
    }
    ByteWriter out(out_);
    (void)sign_on_.pull(out, now_ms);
    return out.written();
}

void OpticalLine::end_hdlc() {
    hdlc_.lost();
    sign_on_.reset();
    link_wanted_by_ms_.reset();
    was_connected_ = false;
}

void OpticalLine::poll(std::int64_t now_ms) {
    take(sign_on_.poll(now_ms), now_ms);
    if (!sign_on_.is_hdlc()) return;
    hdlc_.poll(now_ms);
    if (!was_connected_ && link_wanted_by_ms_ && now_ms >= *link_wanted_by_ms_) end_hdlc();
}

std::optional<std::int64_t> OpticalLine::next_timeout() const {
    if (!sign_on_.is_hdlc() || !link_wanted_by_ms_) return sign_on_.next_timeout();
    return was_connected_ ? hdlc_.next_timeout() : link_wanted_by_ms_;
}

}  // namespace ferraris::twin
