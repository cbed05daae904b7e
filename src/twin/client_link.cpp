#include "twin/client_link.hpp"

#include <algorithm>

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
    const ByteView answer = gateway_.handle(
        client_sap, apdu, [&](ByteView own) { return session(client_sap).server.handle(client_sap, own); });
    if (const char* const why = kRefusedByGateway[static_cast<std::size_t>(gateway_.refusal())]; why != nullptr) {
        meter_.log.add(why, peer_);
    }
    return answer;
}

ByteView ClientLink::next(std::uint16_t client_sap) { return gateway_.wrap(session(client_sap).server.next()); }

ByteView ClientLink::refuse_too_long(std::uint16_t client_sap) { return session(client_sap).server.refuse_too_long(); }

void ClientLink::lost() {
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
