#include "meter/push/push_protection.hpp"

#include <algorithm>

namespace ferraris::meter {
namespace {

using dlms::DataReader;
using dlms::KeyChoice;
using dlms::ProtectionLayer;

/// Room for the ids that come with each message.
constexpr std::size_t kTransactionId = 8;

/// protection_type
constexpr dlms::Protection kProtectionTypes[] = {
    {true, false, false}, {false, true, false}, {true, true, false}, {false, false, true}};
/// key_info_type
enum class KeyInfoType : std::uint8_t { identified = 0, wrapped = 1, agreed = 2 };

std::optional<KeyChoice> take_key_info(DataReader& in) {
    if (in.structure() != 2) return std::nullopt;
    const auto type = static_cast<KeyInfoType>(in.enum_());
    const std::size_t fields = in.structure();
    if (type == KeyInfoType::identified && fields == 1) {
        const std::uint8_t key = in.enum_();
        if (key == 0) return KeyChoice::identified_unicast;
        if (key == 1) return KeyChoice::identified_broadcast;
        return std::nullopt;
    }
    if (type == KeyInfoType::wrapped && fields == 2) {
        const bool master = in.enum_() == 0;
        const bool fresh = in.octet_string().empty();
        return master && fresh ? std::optional(KeyChoice::wrapped) : std::nullopt;
    }
    if (type == KeyInfoType::agreed && fields == 2) {
        const ByteView scheme = in.octet_string();
        const bool fresh = in.octet_string().empty();
        if (scheme.size() != 1 || !fresh) return std::nullopt;
        if (scheme[0] == 1) return KeyChoice::one_pass;
        if (scheme[0] == 2) return KeyChoice::static_unified;
    }
    return std::nullopt;
}

bool take_element(DataReader& in, PushProtection& protection) {
    if (in.structure() != 2) return false;
    const std::uint8_t type = in.enum_();
    if (type >= std::size(kProtectionTypes) || in.structure() != 5) return false;
    const bool no_transaction = in.octet_string().empty();
    const bool no_originator = in.octet_string().empty();
    const ByteView recipient = in.octet_string();
    const bool nothing_else = in.octet_string().empty();
    const auto key = take_key_info(in);
    if (!no_transaction || !no_originator || !nothing_else || !key) return false;
    if (!recipient.empty() && recipient.size() != dlms::kSystemTitleSize) return false;
    if (!recipient.empty()) (void)protection.recipient.assign(recipient);
    ProtectionLayer layer;
    layer.protection = kProtectionTypes[type];
    layer.kind = layer.protection.digitally_signed ? ProtectionLayer::Kind::general_signing
                                                   : ProtectionLayer::Kind::general_ciphering;
    layer.key = *key;
    (void)layer.transaction_id.resize(kTransactionId);
    const bool twice = std::ranges::any_of(
        protection.layers, [&](const ProtectionLayer& other) { return other.ciphers() == layer.ciphers(); });
    return !twice && protection.layers.push_back(layer);
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
    const std::size_t count = in.array();
    if (count > dlms::ProtectionLayers::capacity()) return std::nullopt;
    for (std::size_t i = 0; i < count; ++i) {
        if (!take_element(in, protection)) return std::nullopt;
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
