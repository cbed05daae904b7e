#include "twin/client_link.hpp"

#include <algorithm>

#include "meter/ports/sub_meters.hpp"
#include "twin/pass_through.hpp"

namespace ferraris::twin {
namespace {

/// The management logical device, the only one of this meter.
constexpr std::uint16_t kServerSap = 1;

/// In the order of `dlms::GatewayRefusal`.
constexpr std::array<const char*, 3> kRefusedByGateway{
    nullptr,
    "dropped an APDU: its gateway header is malformed",
    "refused an APDU: the gateway knows no such device",
};

}  // namespace

ByteView ClientLink::handle(std::uint16_t client_sap, std::uint16_t server_sap, ByteView apdu) {
    const PowerWatch::Seen power = power_.look();
    if (power != PowerWatch::Seen::same) lost();
    if (power == PowerWatch::Seen::none) return {};
    if (server_sap != kServerSap) {
        meter_.log.add("dropped an APDU for a logical device that is not here", peer_, 1,
                       "server " + std::to_string(server_sap));
        return {};
    }
    if (meter_.before_request) meter_.before_request();
    meter_.tell(Heard::What::request, peer_, apdu);
    const ByteView answer = gateway_.handle(
        client_sap, apdu, [&](ByteView own) { return session(client_sap).server.handle(client_sap, own); });
    if (const char* const why = kRefusedByGateway[static_cast<std::size_t>(gateway_.refusal())]; why != nullptr) {
        meter_.log.add(why, peer_);
    }
    meter_.tell(Heard::What::answer, peer_, answer);
    return answer;
}

ByteView ClientLink::next(std::uint16_t client_sap) {
    const ByteView answer = gateway_.wrap(session(client_sap).server.next());
    meter_.tell(Heard::What::answer, peer_, answer);
    return answer;
}

ByteView ClientLink::refuse_too_long(std::uint16_t client_sap) { return session(client_sap).server.refuse_too_long(); }

std::optional<ByteView> ClientLink::ask_behind(std::uint8_t network_id, ByteView address, std::uint16_t client_sap,
                                               ByteView apdu) {
    const auto index = meter_.sub_meters != nullptr ? meter_.sub_meters->find(address) : std::nullopt;
    if (meter_.pass_through == nullptr || !index) {
        return meter_.devices_behind != nullptr ? meter_.devices_behind->exchange(network_id, address, client_sap, apdu)
                                                : std::nullopt;
    }
    const std::vector<std::uint8_t> name(address.begin(), address.end());
    waiting_ = true;
    asked_ = true;
    late_size_ = 0;
    const std::uint16_t device = meter_.sub_meters->list()[*index].address;
    meter_.pass_through->request(
        this, device, client_sap, apdu, [this, network_id, name, number = *index](std::optional<ByteView> answer) {
            if (meter_.sub_meter_answered) meter_.sub_meter_answered(number, answer.has_value());
            if (!answer) meter_.log.add("a device behind the meter does not answer", peer_, 1);
            std::array<std::uint8_t, 8> refusal{};
            ByteWriter exception(refusal);
            encode(exception,
                   dlms::ExceptionResponse{
                       dlms::StateError::service_not_allowed, dlms::ServiceError::operation_not_possible, {}});
            ByteWriter out(late_);
            encode(out, dlms::GatewayApdu{true, network_id, name, answer.value_or(exception.written())});
            late_size_ = out.overflowed() ? 0 : out.size();
            waiting_ = false;
            if (when_late_) when_late_();
        });
    return ByteView{};
}

ByteView ClientLink::take_late() { return ByteView(late_).first(std::exchange(late_size_, 0)); }

void ClientLink::lost() {
    if (std::exchange(asked_, false) && meter_.pass_through != nullptr) meter_.pass_through->forget(this);
    waiting_ = false;
    late_size_ = 0;
    for (const auto& session : sessions_) session->server.link_lost();
    sessions_.clear();
}

bool ClientLink::authenticated() const {
    return std::ranges::any_of(sessions_, [](const auto& session) {
        const dlms::Association& association = session->server.association();
        return association.status == dlms::AssociationStatus::associated &&
               association.mechanism != dlms::AuthenticationMechanism::none;
    });
}

ClientLink::Session& ClientLink::session(std::uint16_t client_sap) {
    for (const auto& session : sessions_) {
        if (session->client_sap == client_sap) return *session;
    }
    if (sessions_.size() == kMaxSessions) {
        sessions_.front()->server.link_lost();
        sessions_.erase(sessions_.begin());
    }
    sessions_.push_back(std::make_unique<Session>(meter_.device, meter_.crypto, client_sap));
    sessions_.back()->server.limit_streaming_to(streaming_);
    return *sessions_.back();
}

}  // namespace ferraris::twin
