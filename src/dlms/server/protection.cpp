/// The security side of a server session: taking protection off requests, and putting it around answers.
#include <algorithm>

#include "dlms/server/session.hpp"

namespace ferraris::dlms {

ServerSession::AnswerKeys::AnswerKeys(const Keys& keys) {
    (void)unicast.assign(keys.global_unicast_encryption);
    (void)authentication.assign(keys.authentication);
    (void)master.assign(keys.master);
}

ServerSession::AnswerKeys::~AnswerKeys() {
    for (SymmetricKey* key : {&unicast, &authentication, &master}) wipe(key->view());
}

GeneralKeys ServerSession::keys_of(CurveKeys& curve_keys) const {
    const std::uint16_t sap = association_.client_sap;
    const ByteView title = association_.client_system_title.view();
    GeneralKeys keys;
    keys.own_system_title = device_.system_title();
    keys.peer_system_title = title;
    keys.unicast_encryption = access_->keys.global_unicast_encryption;
    keys.broadcast_encryption = access_->keys.global_broadcast_encryption;
    keys.dedicated_encryption = dedicated_key_.view();
    keys.authentication = access_->keys.authentication;
    keys.master = access_->keys.master;
    if (!curve_keys.wanted || !curve_of_suite(access_->security_suite)) return keys;
    curve_keys.own_signing = device_.private_key(sap, KeyUse::digital_signature);
    curve_keys.own_agreement = device_.private_key(sap, KeyUse::key_agreement);
    curve_keys.peer_signing = device_.public_key(sap, title, KeyUse::digital_signature);
    curve_keys.peer_agreement = device_.public_key(sap, title, KeyUse::key_agreement);
    if (curve_keys.own_signing) keys.own_signing_private = curve_keys.own_signing->octets.view();
    if (curve_keys.own_agreement) keys.own_agreement_private = curve_keys.own_agreement->octets.view();
    if (curve_keys.peer_signing) keys.peer_signing_public = curve_keys.peer_signing->view();
    if (curve_keys.peer_agreement) keys.peer_agreement_public = curve_keys.peer_agreement->view();
    return keys;
}

bool ServerSession::needs_curve_keys(std::uint8_t tag) {
    return tag == static_cast<std::uint8_t>(ApduTag::general_ciphering) ||
           tag == static_cast<std::uint8_t>(ApduTag::general_signing);
}

Result<ByteView, ServerSession::Refusal> ServerSession::decipher(ByteView apdu, ProtectionLayers& layers,
                                                                 Protection& protection) {
    spent_from_ = 0;
    spent_to_ = -1;
    if (!is_protected(apdu[0])) return apdu;
    const auto refuse_with = [&](SecurityEvent event) {
        device_.security_event(association_.client_sap, event);
        return Error(Refusal{StateError::service_not_allowed, ServiceError::deciphering_error, {}});
    };
    if (!access_ || association_.context != ApplicationContext::logical_names_ciphered)
        return refuse_with(SecurityEvent::deciphering_failed);
    ByteSpan octets = where_to_decipher(apdu);
    std::optional<OpenedLayer> ciphered;
    while (!octets.empty() && is_protected(octets[0])) {
        CurveKeys curve_keys;
        curve_keys.wanted = needs_curve_keys(octets[0]);
        const auto opened = open_layer(crypto_, access_->security_suite, keys_of(curve_keys), octets);
        // One layer that ciphers and one that signs: more of the same is nothing but work for nothing.
        const bool twice = opened && std::ranges::any_of(layers, [&](const ProtectionLayer& layer) {
                               return layer.ciphers() == opened->layer.ciphers();
                           });
        if (!opened || twice || !layers.push_back(opened->layer)) return refuse_with(SecurityEvent::deciphering_failed);
        if (opened->layer.ciphers()) ciphered = *opened;
        protection = protection | opened->layer.protection;
        octets = opened->inside;
    }
    // Nothing in a signature alone rises: whoever saw it could play it back.
    if (!ciphered || octets.empty()) return refuse_with(SecurityEvent::deciphering_failed);
    // Without the tag that the policy wants, nobody vouches for the counter: it must not move.
    const Protection needed{access_->policy.authenticated || protection.digitally_signed, access_->policy.encrypted,
                            false};
    if (!ciphered->layer.protection.covers(needed)) {
        device_.security_event(association_.client_sap, SecurityEvent::protection_insufficient);
        return Error(Refusal{});
    }
    const KeySet key_set = ciphered->key_set;
    if (!accept_counter(key_set, ciphered->invocation_counter)) {
        device_.security_event(association_.client_sap, SecurityEvent::replay_refused);
        const std::uint32_t expected = key_set == KeySet::dedicated
                                           ? dedicated_received_ + 1
                                           : device_.expected_invocation_counter(association_.client_sap, key_set);
        return Error(Refusal{StateError::service_not_allowed, ServiceError::invocation_counter_error, expected});
    }
    return ByteView(octets);
}

bool ServerSession::accept_counter(KeySet key_set, std::uint32_t counter) {
    if (key_set != KeySet::dedicated) {
        const std::uint32_t expected = device_.expected_invocation_counter(association_.client_sap, key_set);
        if (!device_.accept_invocation_counter(association_.client_sap, key_set, counter)) return false;
        if (key_set == KeySet::global_unicast) {
            spent_from_ = expected;
            spent_to_ = counter;
        }
        return true;
    }
    if (dedicated_seen_ && counter <= dedicated_received_) return false;
    dedicated_seen_ = true;
    dedicated_received_ = counter;
    return true;
}

bool ServerSession::accept_token_counter(std::uint32_t counter) {
    if (counter >= spent_from_ && counter <= spent_to_) return true;
    return device_.accept_invocation_counter(association_.client_sap, KeySet::global_unicast, counter);
}

/// Makes of the layers of a request those of its answer.
void ServerSession::protect_like(ProtectionLayers& layers) {
    // Nobody but the client is to read the answer to a message for all.
    for (ProtectionLayer& layer : layers) {
        if (layer.key == KeyChoice::identified_broadcast) layer.key = KeyChoice::identified_unicast;
    }
    if (association_.context != ApplicationContext::logical_names_ciphered) return;
    // Copied: the layers move.
    FixedVector<std::uint8_t, kMaxTransactionId> transaction_id;
    for (const ProtectionLayer& layer : layers) {
        if (!layer.transaction_id.empty()) transaction_id = layer.transaction_id;
    }
    complete_layers(layers, access_->answer_policy, transaction_id.view());
}

bool ServerSession::protect_answer(const ProtectionLayers& layers, Answer& answer) {
    const auto sealed = seal_layers(layers, answer.memory(), answer.begin(), answer.view().size());
    if (sealed) answer.replace(*sealed);
    return sealed.has_value();
}

std::optional<ByteView> ServerSession::seal_layers(const ProtectionLayers& layers, ByteSpan buffer, std::size_t offset,
                                                   std::size_t length) {
    CurveKeys curve_keys;
    curve_keys.wanted = std::ranges::any_of(
        layers, [](const ProtectionLayer& layer) { return layer.kind != ProtectionLayer::Kind::envelope; });
    const GeneralKeys keys = keys_of(curve_keys);
    for (std::size_t i = layers.size(); i > 0; --i) {
        const ProtectionLayer& layer = layers[i - 1];
        const auto counter = layer.ciphers() ? next_counter(layer.key_set()) : std::optional<std::uint32_t>(0);
        if (!counter) return std::nullopt;
        const auto sealed = seal_layer(crypto_, access_->security_suite, layer, *counter, keys, buffer, offset, length);
        if (!sealed) return std::nullopt;
        offset = static_cast<std::size_t>(sealed->data() - buffer.data());
        length = sealed->size();
    }
    return ByteView(buffer).subspan(offset, length);
}

/// Drawn only for an answer that exists, and before it is used.
std::optional<std::uint32_t> ServerSession::next_counter(KeySet key_set) {
    if (key_set != KeySet::dedicated) return device_.next_invocation_counter(association_.client_sap, key_set);
    if (dedicated_sent_ == UINT32_MAX) return std::nullopt;
    return ++dedicated_sent_;
}

}  // namespace ferraris::dlms
