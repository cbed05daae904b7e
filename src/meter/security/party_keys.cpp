#include "meter/security/party_keys.hpp"

#include "dlms/security/content.hpp"

namespace ferraris::meter {

PartyKeys::PartyKeys(const Instrument& meter, std::size_t client, ByteView peer_title, bool with_curves) {
    const SecuritySettings& security = meter.security[client];
    const std::size_t size = dlms::key_size_of_suite(security.suite);
    keys_.own_system_title = meter.identity.system_title;
    keys_.peer_system_title = peer_title;
    keys_.unicast_encryption = ByteView(security.unicast_encryption).first(size);
    keys_.broadcast_encryption = ByteView(security.broadcast_encryption).first(size);
    keys_.authentication = ByteView(security.authentication).first(size);
    keys_.master = ByteView(security.master).first(size);
    if (!with_curves) return;
    const auto now = meter.clock.valid() ? std::optional(meter.clock.utc()) : std::nullopt;
    own_signing_ = meter.key_pairs.private_key(dlms::KeyUse::digital_signature, KeyPairStage::in_use);
    own_agreement_ = meter.key_pairs.private_key(dlms::KeyUse::key_agreement, KeyPairStage::in_use);
    peer_signing_ = meter.key_pairs.public_key(peer_title, dlms::KeyUse::digital_signature, now);
    peer_agreement_ = meter.key_pairs.public_key(peer_title, dlms::KeyUse::key_agreement, now);
    if (own_signing_) keys_.own_signing_private = own_signing_->octets.view();
    if (own_agreement_) keys_.own_agreement_private = own_agreement_->octets.view();
    if (peer_signing_) keys_.peer_signing_public = peer_signing_->view();
    if (peer_agreement_) keys_.peer_agreement_public = peer_agreement_->view();
}

}  // namespace ferraris::meter
