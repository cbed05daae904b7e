#include "twin/local_line.hpp"

#include <utility>

#include "dlms/hdlc/frame.hpp"
#include "meter/identity.hpp"

namespace ferraris::twin {
namespace {

using dlms::iec62056_21::ServerEvent;
using dlms::iec62056_21::ServerEventKind;
using dlms::iec62056_21::text_of;

constexpr std::uint8_t kSevenBits = 0x7F;
/// Longer than the pauses within a frame, shorter than those between two readers; besides the time of octets.
constexpr std::int64_t kPause_ms = 20;

}  // namespace

LocalLine::LocalLine(const MeterService& meter, const HdlcLineSettings& hdlc, std::string serial_number,
                     std::string peer)
    : meter_(meter),
      serial_number_(std::move(serial_number)),
      peer_(std::move(peer)),
      settings_(hdlc),
      power_(meter),
      setup_(setup()),
      device_(meter.device, meter.setups != nullptr ? &meter.setups->local_of(hdlc.port) : nullptr),
      hdlc_(meter, hdlc, peer_) {
    sign_on_.emplace(sign_on_config(), device_, received_, transmit_);
    hdlc_at_once_ = setup_.default_mode == meter::LocalPortMode::hdlc;
    hdlc_.at_baud(rest_baud());
}

meter::LocalPortSetup LocalLine::setup() const {
    return meter_.setups != nullptr ? meter_.setups->local_of(settings_.port)
                                    : meter::LocalPortSetup::of(settings_.port);
}

std::uint32_t LocalLine::rest_baud() const { return settings_.baud.value_or(setup_.baud()); }

dlms::iec62056_21::ServerConfig LocalLine::sign_on_config() const {
    dlms::iec62056_21::ServerConfig config;
    const ByteView address = setup_.device_address.view();
    config.address = address.empty() ? text_of(serial_number_) : address;
    for (std::size_t i = 0; i < 3; ++i) {
        config.identification.manufacturer[i] = static_cast<std::uint8_t>(meter::kManufacturer[i]);
    }
    // A third letter in lower case says that the reaction time is short (IEC 62056-21, 6.3.2).
    if (setup_.fast_response) config.identification.manufacturer[2] |= 0x20U;
    config.identification.baud_character = static_cast<std::uint8_t>('0' + setup_.proposed_baud);
    config.identification.hdlc = true;
    config.identification.text = text_of("FERRARIS1P");
    config.initial_baud = rest_baud();
    // The port stays at eight bits, so that one and the same setting serves both protocols, also on a pseudo-terminal.
    config.software_parity = true;
    config.need_password = false;
    return config;
}

bool LocalLine::idle() const { return sign_on_->idle() && !hdlc_.connected(); }

std::uint32_t LocalLine::baud() const { return hdlc_at_once_ ? rest_baud() : sign_on_->line().baud; }

void LocalLine::follow_setup() {
    if (meter_.setups == nullptr || !idle()) return;
    const meter::LocalPortSetup& wanted = meter_.setups->local_of(settings_.port);
    const bool same = wanted.default_mode == setup_.default_mode && wanted.default_baud == setup_.default_baud &&
                      wanted.proposed_baud == setup_.proposed_baud && wanted.fast_response == setup_.fast_response &&
                      equal(wanted.device_address.view(), setup_.device_address.view());
    if (same) return;
    setup_ = wanted;
    sign_on_.emplace(sign_on_config(), device_, received_, transmit_);
    hdlc_at_once_ = setup_.default_mode == meter::LocalPortMode::hdlc;
    hdlc_.at_baud(rest_baud());
    told_dropped_ = 0;
}

void LocalLine::receive(ByteView& in, std::int64_t now_ms) {
    now_ms_ = now_ms;
    const PowerWatch::Seen power = power_.look();
    if (power != PowerWatch::Seen::same) end_hdlc();
    if (power == PowerWatch::Seen::none) {
        tell_activity();
        in = {};
        return;
    }
    follow_setup();
    if (settings_.port == meter::Port::rs485 && idle() && !in.empty()) listen(in.front(), now_ms);
    last_octet_ms_ = now_ms;
    if (!speaks_hdlc()) return receive_characters(in, now_ms);
    hdlc_.receive(in, now_ms);
    was_connected_ = was_connected_ || hdlc_.connected();
    tell_activity();
}

void LocalLine::tell_activity() {
    if (settings_.port != meter::Port::optical || idle() == !told_active_) return;
    told_active_ = !told_active_;
    if (meter_.optical_active) meter_.optical_active(told_active_);
}

void LocalLine::listen(std::uint8_t first, std::int64_t now_ms) {
    if (first == dlms::hdlc::kFlag && !sign_on_->parser().inside()) hdlc_at_once_ = true;
    // A slash within a frame for somebody else begins nothing.
    const std::int64_t pause_ms = kPause_ms + dlms::iec62056_21::airtime_ms(2, rest_baud());
    if ((first & kSevenBits) == '/' && now_ms - last_octet_ms_ > pause_ms) hdlc_at_once_ = false;
}

void LocalLine::receive_characters(ByteView& in, std::int64_t now_ms) {
    if (meter_.before_request) meter_.before_request();
    const ByteView line = settings_.pseudo_terminal ? parity_.incoming(in, sign_on_->idle()) : in;
    ByteView rest = line;
    meter_.tell(Heard::What::characters_in, peer_, line);
    take(sign_on_->receive(rest, now_ms), now_ms);
    in = in.subspan(line.size() - rest.size());
    tell_activity();
    const std::uint32_t dropped = sign_on_->parser().dropped();
    meter_.log.add("dropped a message: it is broken", peer_, dropped - std::exchange(told_dropped_, dropped),
                   std::string(name_of(sign_on_->parser().last_error())));
}

void LocalLine::take(const ServerEvent& event, std::int64_t now_ms) {
    switch (event.kind) {
        case ServerEventKind::hdlc:
            hdlc_.at_baud(sign_on_->line().baud);
            link_wanted_by_ms_ = now_ms + kLinkWait_ms;
            was_connected_ = false;
            return;
        case ServerEventKind::password_rejected:
            return meter_.log.add("refused a password", peer_);
        case ServerEventKind::command_refused:
            return meter_.log.add("refused a command", peer_, 1, "ER" + std::to_string(static_cast<int>(event.error)));
        case ServerEventKind::given_up:
            return meter_.log.add("ended the session: too many repeats or passwords", peer_);
        case ServerEventKind::timed_out:
            return meter_.log.add("ended the session: the reader fell silent", peer_);
        default:
            return;
    }
}

ByteView LocalLine::pull(std::int64_t now_ms) {
    now_ms_ = now_ms;
    tell_activity();
    if (speaks_hdlc()) {
        const ByteView out = hdlc_.pull(now_ms);
        if (out.empty() && was_connected_ && !hdlc_.connected()) end_hdlc();
        return out;
    }
    ByteWriter out(out_);
    (void)sign_on_->pull(out, now_ms);
    if (out.size() == 0) follow_setup();
    meter_.tell(Heard::What::characters_out, peer_, out.written());
    return settings_.pseudo_terminal ? parity_.outgoing(out.written()) : out.written();
}

void LocalLine::end_hdlc() {
    hdlc_.lost();
    sign_on_->reset();
    hdlc_.at_baud(rest_baud());
    link_wanted_by_ms_.reset();
    was_connected_ = false;
    tell_activity();
}

void LocalLine::poll(std::int64_t now_ms) {
    now_ms_ = now_ms;
    tell_activity();
    if (speaks_hdlc()) hdlc_.poll(now_ms);
    if (hdlc_at_once_) return follow_setup();
    take(sign_on_->poll(now_ms), now_ms);
    if (!sign_on_->is_hdlc()) return;
    if (!was_connected_ && link_wanted_by_ms_ && now_ms >= *link_wanted_by_ms_) end_hdlc();
}

std::optional<std::int64_t> LocalLine::next_timeout() const {
    std::optional<std::int64_t> due;
    if (hdlc_at_once_) {
        due = hdlc_.next_timeout();
    } else if (!sign_on_->is_hdlc() || !link_wanted_by_ms_) {
        due = sign_on_->next_timeout();
    } else {
        due = was_connected_ ? hdlc_.next_timeout() : link_wanted_by_ms_;
    }
    if (!due && meter_.setups != nullptr) due = now_ms_ + kSetupLook_ms;
    return due;
}

}  // namespace ferraris::twin
