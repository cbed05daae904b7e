#include "meter/push/push_protection.hpp"

#include <algorithm>

#include "dlms/security/data_protection.hpp"

namespace ferraris::meter {
namespace {

using dlms::DataReader;
using dlms::KeyChoice;
using dlms::ProtectionLayer;

/// Room for the ids that come with each message.
constexpr std::size_t kTransactionId = 8;

/// What comes with each message is not in the list.
bool take_layer(const dlms::ProtectionElement& element, PushProtection& protection) {
    if (!element.transaction_id.empty() || !element.originator_system_title.empty() ||
        !element.other_information.empty() || !element.key_ciphered_data.empty()) {
        return false;
    }
    const ByteView recipient = element.recipient_system_title;
    if (!recipient.empty()) (void)protection.recipient.assign(recipient);
    ProtectionLayer layer;
    layer.protection = element.protection;
    layer.kind = element.ciphers() ? ProtectionLayer::Kind::general_ciphering : ProtectionLayer::Kind::general_signing;
    layer.key = element.key;
    (void)layer.transaction_id.resize(kTransactionId);
    return protection.layers.push_back(layer);
}

}  // namespace

bool PushProtection::needs_curve_keys() const {
    return std::ranges::any_of(layers, [](const ProtectionLayer& layer) {
        return !layer.ciphers() || layer.key == KeyChoice::one_pass || layer.key == KeyChoice::static_unified;
    });
}

dlms::Protection PushProtection::protection() const {
    dlms::Protection all;
    for (const ProtectionLayer& layer : layers) all = all | layer.protection;
    return all;
}

std::optional<PushProtection> take_push_protection(DataReader& in) {
    PushProtection protection;
    const auto elements = dlms::take_protection_parameters(in);
    if (!elements) return std::nullopt;
    for (const dlms::ProtectionElement& element : *elements) {
        if (!take_layer(element, protection)) return std::nullopt;
    }
    std::ranges::reverse(protection.layers);
    if (protection.protection().digitally_signed && !protection.protection().authenticated) return std::nullopt;
    return protection;
}

PushProtection read_push_protection(const ParameterStore& store, PushCause cause) {
    constexpr int kProtectionParameters = 10;
    PushAttribute buffer;
    DataReader in(read_push_attribute(store, cause, kProtectionParameters, buffer));
    return take_push_protection(in).value_or(PushProtection{});
}

PushProtection protection_of_push(const ParameterStore& store, PushCause cause, const dlms::ClientAccess& access) {
    PushProtection protection = read_push_protection(store, cause);
    if (!protection.layers.empty() || !access.policy.any()) return protection;
    if (access.policy.ciphered()) {
        ProtectionLayer layer;
        layer.envelope = dlms::Envelope::general_global;
        (void)protection.layers.push_back(layer);
    }
    dlms::complete_layers(protection.layers, access.policy, std::array<std::uint8_t, kTransactionId>{});
    return protection;
}

std::optional<ByteView> protect_push(dlms::LogicalDevice& device, Crypto& crypto, const dlms::ClientAccess& access,
                                     const PushProtection& protection, ByteSpan buffer, std::size_t offset,
                                     std::size_t length) {
    const ByteView recipient = protection.recipient.view();
    dlms::GeneralKeys keys;
    keys.own_system_title = device.system_title();
    keys.peer_system_title = recipient;
    keys.unicast_encryption = access.keys.global_unicast_encryption;
    keys.broadcast_encryption = access.keys.global_broadcast_encryption;
    keys.authentication = access.keys.authentication;
    keys.master = access.keys.master;
    std::optional<dlms::PrivateKey> signing;
    std::optional<dlms::PrivateKey> agreement;
    std::optional<dlms::PublicKey> agreement_of_recipient;
    if (protection.needs_curve_keys()) {
        signing = device.private_key(access.client_sap, dlms::KeyUse::digital_signature);
        agreement = device.private_key(access.client_sap, dlms::KeyUse::key_agreement);
        agreement_of_recipient = device.public_key(access.client_sap, recipient, dlms::KeyUse::key_agreement);
    }
    if (signing) keys.own_signing_private = signing->octets.view();
    if (agreement) keys.own_agreement_private = agreement->octets.view();
    if (agreement_of_recipient) keys.peer_agreement_public = agreement_of_recipient->view();
    ByteView apdu = ByteView(buffer).subspan(offset, length);
    for (std::size_t i = protection.layers.size(); i > 0; --i) {
        ProtectionLayer layer = protection.layers[i - 1];
        // Counts under whatever key: no two messages have the same id either.
        const auto counter = device.next_invocation_counter(access.client_sap, dlms::KeySet::global_unicast);
        if (!counter) return std::nullopt;
        std::array<std::uint8_t, kTransactionId> transaction_id{};
        ByteWriter(transaction_id).u64(*counter);
        (void)layer.transaction_id.assign(transaction_id);
        const auto sealed = dlms::seal_layer(crypto, access.security_suite, layer, *counter, keys, buffer,
                                             static_cast<std::size_t>(apdu.data() - buffer.data()), apdu.size());
        if (!sealed) return std::nullopt;
        apdu = *sealed;
    }
    return apdu;
}

}  // namespace ferraris::meter
