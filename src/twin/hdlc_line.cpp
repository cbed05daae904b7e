#include "twin/hdlc_line.hpp"

#include <algorithm>
#include <limits>
#include <utility>

#include "dlms/iec62056_21/characters.hpp"

namespace ferraris::twin {
namespace {

constexpr std::array<std::uint16_t, 1> kLogicalDevices{1};

/// In the order of `dlms::hdlc::FrameError`.
constexpr std::array<const char*, 9> kDropped{
    "dropped a frame",
    "dropped a frame: it is not of type 3",
    "dropped a frame: its length is impossible",
    "dropped a frame: its address has no end",
    "dropped a frame: its header check sequence is wrong",
    "dropped a frame: its frame check sequence is wrong",
    "dropped a frame: it does not end in a flag",
    "dropped a frame: it is too long",
    "dropped a frame: the line fell silent within it",
};

/// In the order of `dlms::HdlcRefusal`.
constexpr std::array<const char*, dlms::kHdlcRefusalCount> kRefused{
    "left a frame alone: it is for another address",
    "refused a frame: there is no HDLC link",
    "refused a frame: its number is not the next one",
    "refused a frame: it begins no APDU",
    "refused a frame (FRMR): its control field is unknown",
    "refused a frame (FRMR): its information field is longer than agreed",
    "refused a frame (FRMR): it confirms what was never sent",
    "took the parameters of an SNRM for none: they are malformed",
    "refused a DISC: there is no HDLC link",
    "refused a frame (FRMR): the link waits for SNRM or DISC",
    "left a request alone: the answer before it is not confirmed",
    "left a frame alone: it is a response",
    "left a frame alone: it is to all stations and asks for an answer",
    "left a UI frame alone: it holds a part of an APDU",
};

}  // namespace

HdlcLine::HdlcLine(const MeterService& meter, const HdlcLineSettings& settings, std::string peer)
    : meter_(meter),
      link_(meter, peer, 1),
      power_(meter),
      log_(meter.log),
      peer_(std::move(peer)),
      settings_(settings) {
    setup_ = meter_.setups != nullptr ? meter_.setups->hdlc_of(settings_.port) : meter::HdlcSetup::of(settings_.port);
    server_.emplace(server_config(), frame_buffer_, apdu_buffer_);
}

dlms::HdlcServerConfig HdlcLine::server_config() const {
    dlms::HdlcServerConfig config;
    config.logical_devices = kLogicalDevices;
    config.physical_device = static_cast<std::uint16_t>(settings_.device_address.value_or(setup_.device_address));
    config.parameters = setup_.link;
    // Octets are known when they are over, so that the next one's own time is no silence.
    const std::int64_t octet_ms = dlms::iec62056_21::airtime_ms(1, line_baud_.value_or(baud()));
    config.inter_octet_timeout_ms =
        settings_.inter_octet_timeout_ms.value_or(setup_.inter_octet_timeout_ms) + static_cast<std::uint32_t>(octet_ms);
    // Processes wait for each other, which is no silence of the line.
    constexpr std::uint32_t kHostDelay_ms = 250;
    if (settings_.pseudo_terminal) config.inter_octet_timeout_ms += kHostDelay_ms;
    config.inactivity_timeout_s = settings_.inactivity_timeout_s.value_or(setup_.inactivity_timeout_s);
    return config;
}

void HdlcLine::at_baud(std::uint32_t baud) {
    line_baud_ = baud;
    if (connected()) return;
    server_.emplace(server_config(), frame_buffer_, apdu_buffer_);
    told_dropped_ = 0;
    told_refused_ = {};
}

void HdlcLine::follow_setup() {
    if (meter_.setups == nullptr || connected()) return;
    const meter::HdlcSetup& wanted = meter_.setups->hdlc_of(settings_.port);
    if (wanted == setup_) return;
    setup_ = wanted;
    server_.emplace(server_config(), frame_buffer_, apdu_buffer_);
    told_dropped_ = 0;
    told_noise_ = 0;
    told_refused_ = {};
}

void HdlcLine::receive(ByteView& in, std::int64_t now_ms) {
    now_ms_ = now_ms;
    const PowerWatch::Seen power = power_.look();
    if (power != PowerWatch::Seen::same) lost();
    if (power == PowerWatch::Seen::none) {
        in = {};
        return;
    }
    follow_setup();
    answer_late();
    const dlms::HdlcServerEvent event = server_->receive(in, now_ms);
    ByteView answer;
    switch (event.kind) {
        case dlms::HdlcServerEventKind::connected:
        case dlms::HdlcServerEventKind::disconnected:
            link_.lost();
            break;
        case dlms::HdlcServerEventKind::apdu:
            answer = link_.handle(event.client_sap, event.server_sap, event.apdu);
            break;
        case dlms::HdlcServerEventKind::apdu_too_long:
            log_.add("refused an APDU: it is longer than the meter takes", peer_);
            answer = link_.refuse_too_long(event.client_sap);
            break;
        case dlms::HdlcServerEventKind::unconfirmed_apdu:
            log_.add("left an unconfirmed APDU alone: the meter has no use for one", peer_);
            break;
        case dlms::HdlcServerEventKind::none:
            break;
    }
    if (!answer.empty()) (void)server_->send(answer);
    tell_of_refusals();
}

void HdlcLine::answer_late() {
    // The client has had its turn back and asks again for as long as it has patience.
    const ByteView late = link_.take_late();
    if (!late.empty()) (void)server_->send(late);
}

ByteView HdlcLine::pull(std::int64_t now_ms) {
    now_ms_ = now_ms;
    ByteWriter writer(out_);
    (void)server_->pull(writer);
    // Not before the answer to DISC is out, which still goes by what the link had.
    if (writer.size() == 0) follow_setup();
    return writer.written();
}

void HdlcLine::poll(std::int64_t now_ms) {
    now_ms_ = now_ms;
    const dlms::HdlcServerEvent event = server_->poll(now_ms);
    tell_of_refusals();
    if (event.kind != dlms::HdlcServerEventKind::disconnected) return;
    log_.add("ended the HDLC link: it was silent for too long", peer_);
    link_.lost();
}

std::optional<std::int64_t> HdlcLine::next_timeout() const {
    const auto due = server_->next_timeout();
    if (connected() || meter_.setups == nullptr) return due;
    return std::min(due.value_or(std::numeric_limits<std::int64_t>::max()), now_ms_ + kSetupLook_ms);
}

void HdlcLine::lost() {
    server_->reset();
    link_.lost();
}

void HdlcLine::tell_of_refusals() {
    const std::uint32_t dropped = server_->line().dropped();
    // Several may be dropped at once; the last is what is known of them.
    const auto why = static_cast<std::size_t>(server_->line().last_error());
    log_.add(kDropped[why], peer_, dropped - std::exchange(told_dropped_, dropped));
    const std::uint32_t noise = server_->line().noise();
    if (noise != told_noise_) log_.add("skipped octets outside of any frame", peer_);
    told_noise_ = noise;
    for (std::size_t i = 0; i < told_refused_.size(); ++i) {
        const std::uint32_t count = server_->refused(static_cast<dlms::HdlcRefusal>(i));
        log_.add(kRefused[i], peer_, count - std::exchange(told_refused_[i], count));
    }
}

}  // namespace ferraris::twin
