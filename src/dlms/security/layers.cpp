#include "dlms/security/layers.hpp"

#include <algorithm>

namespace ferraris::dlms {
namespace {

using Kind = ProtectionLayer::Kind;

constexpr Protection kSigned{false, false, true};

ByteView encryption_key(const GeneralKeys& keys, KeySet key_set) {
    switch (key_set) {
        case KeySet::dedicated:
            return keys.dedicated_encryption;
        case KeySet::global_broadcast:
            return keys.broadcast_encryption;
        case KeySet::global_unicast:
            break;
    }
    return keys.unicast_encryption;
}

Envelope general_of(Envelope envelope) {
    return is_dedicated(envelope) ? Envelope::general_dedicated : Envelope::general_global;
}

/// The same octets, which may be changed: `view` lies in `owner`.
ByteSpan part_of(ByteSpan owner, ByteView view) {
    return owner.subspan(static_cast<std::size_t>(view.data() - owner.data()), view.size());
}

bool take_over(ByteView transaction_id, ProtectionLayer& layer) { return layer.transaction_id.assign(transaction_id); }

Result<OpenedLayer, SecurityError> open_envelope(Crypto& crypto, std::uint8_t suite, const GeneralKeys& keys,
                                                 ByteSpan apdu) {
    const auto header = read_ciphered_header(apdu);
    if (!header) return Error(header.error());
    if (header->suite != suite) return Error(SecurityError::wrong_suite);
    const ByteView named = header->apdu.system_title;
    if (!named.empty() && !keys.peer_system_title.empty() && !equal(named, keys.peer_system_title))
        return Error(SecurityError::wrong_party);
    const CipherKeys cipher_keys{keys.peer_system_title.empty() ? named : keys.peer_system_title,
                                 encryption_key(keys, header->key_set), keys.authentication};
    const auto plain = unprotect(crypto, *header, cipher_keys, apdu);
    if (!plain) return Error(plain.error());
    OpenedLayer opened;
    opened.layer.envelope = header->apdu.envelope;
    opened.layer.protection = header->protection;
    opened.key_set = header->key_set;
    opened.invocation_counter = header->invocation_counter;
    opened.inside = part_of(apdu, *plain);
    return opened;
}

Result<OpenedLayer, SecurityError> open_ciphering(Crypto& crypto, std::uint8_t suite, const GeneralKeys& keys,
                                                  ByteSpan apdu) {
    const auto header = read_general_ciphering(apdu);
    if (!header) return Error(header.error());
    if (header->security.suite != suite) return Error(SecurityError::wrong_suite);
    OpenedLayer opened;
    opened.layer.kind = Kind::general_ciphering;
    opened.layer.key = header->key;
    opened.layer.protection = header->security.protection;
    if (!take_over(header->apdu.header.transaction_id, opened.layer)) return Error(SecurityError::malformed);
    const auto plain = open_general_ciphering(crypto, *header, keys, apdu);
    if (!plain) return Error(plain.error());
    opened.key_set = counted_by(header->key);
    opened.invocation_counter = header->security.invocation_counter;
    opened.inside = part_of(apdu, *plain);
    return opened;
}

Result<OpenedLayer, SecurityError> open_signing(Crypto& crypto, std::uint8_t suite, const GeneralKeys& keys,
                                                ByteSpan apdu) {
    OpenedLayer opened;
    opened.layer.kind = Kind::general_signing;
    opened.layer.protection = kSigned;
    const auto content = open_general_signing(crypto, suite, keys, apdu);
    if (!content) return Error(content.error());
    const auto signing = decode_general_signing(apdu);
    if (!signing || !take_over(signing->header.transaction_id, opened.layer)) return Error(SecurityError::malformed);
    opened.inside = part_of(apdu, *content);
    return opened;
}

GeneralCipherParameters parameters_of(const ProtectionLayer& layer, std::uint8_t suite, std::uint32_t counter) {
    return {layer.key, suite, layer.protection, counter, layer.transaction_id.view()};
}

}  // namespace

bool is_protected(std::uint8_t tag) {
    return is_ciphered(tag) || tag == static_cast<std::uint8_t>(ApduTag::general_ciphering) ||
           tag == static_cast<std::uint8_t>(ApduTag::general_signing);
}

Result<OpenedLayer, SecurityError> open_layer(Crypto& crypto, std::uint8_t suite, const GeneralKeys& keys,
                                              ByteSpan apdu) {
    const auto tag = apdu_tag(apdu);
    if (tag == ApduTag::general_ciphering) return open_ciphering(crypto, suite, keys, apdu);
    if (tag == ApduTag::general_signing) return open_signing(crypto, suite, keys, apdu);
    return open_envelope(crypto, suite, keys, apdu);
}

std::size_t overhead_of(const ProtectionLayers& layers, std::uint8_t suite, std::size_t length) {
    std::size_t overhead = 0;
    for (const ProtectionLayer& layer : layers) {
        switch (layer.kind) {
            case Kind::envelope: {
                ProtectParameters parameters;
                parameters.envelope = layer.envelope;
                parameters.protection = layer.protection;
                parameters.keys.system_title = kAnyTitle;
                overhead += protected_size(parameters, length) - length;
                break;
            }
            case Kind::general_ciphering:
                overhead += general_ciphering_overhead(parameters_of(layer, suite, 0), length);
                break;
            case Kind::general_signing:
                overhead += general_signing_overhead(suite, layer.transaction_id.view(), length);
                break;
        }
    }
    return overhead;
}

Result<ByteView, SecurityError> seal_layer(Crypto& crypto, std::uint8_t suite, const ProtectionLayer& layer,
                                           std::uint32_t invocation_counter, const GeneralKeys& keys, ByteSpan buffer,
                                           std::size_t offset, std::size_t length) {
    if (layer.kind == Kind::general_signing) {
        return seal_general_signing(crypto, suite, layer.transaction_id.view(), keys, buffer, offset, length);
    }
    if (layer.kind == Kind::general_ciphering) {
        return seal_general_ciphering(crypto, parameters_of(layer, suite, invocation_counter), keys, buffer, offset,
                                      length);
    }
    ProtectParameters parameters;
    // Some APDUs have no ciphered tag of their own.
    const bool specific = offset < buffer.size() && ciphered_tag(ApduTag{buffer[offset]}, layer.envelope);
    parameters.envelope = specific ? layer.envelope : general_of(layer.envelope);
    parameters.protection = layer.protection;
    parameters.suite = suite;
    parameters.invocation_counter = invocation_counter;
    parameters.keys = {keys.own_system_title, encryption_key(keys, layer.key_set()), keys.authentication};
    const auto begin = make_room(buffer, offset, length, kMaxCipherHead, kMaxCipherTail);
    if (!begin) return Error(SecurityError::no_room);
    return protect(crypto, parameters, buffer, *begin, length);
}

void complete_layers(ProtectionLayers& layers, Protection wanted, ByteView transaction_id) {
    const auto ciphers = [](const ProtectionLayer& layer) { return layer.ciphers(); };
    if (wanted.ciphered() && std::ranges::none_of(layers, ciphers)) {
        ProtectionLayers more;
        (void)more.push_back({});
        (void)more.append(layers.view());
        layers = more;
    }
    const auto signs = [](const ProtectionLayer& layer) { return !layer.ciphers(); };
    if (wanted.digitally_signed && std::ranges::none_of(layers, signs)) {
        ProtectionLayer signing;
        signing.kind = Kind::general_signing;
        signing.protection = kSigned;
        (void)take_over(transaction_id, signing);
        (void)layers.push_back(signing);
    }
    const bool signed_inside = layers.size() == 2 && !layers[1].ciphers();
    for (ProtectionLayer& layer : layers) {
        if (!layer.ciphers()) continue;
        layer.protection.authenticated = layer.protection.authenticated || wanted.authenticated;
        layer.protection.encrypted = layer.protection.encrypted || wanted.encrypted;
        if (!signed_inside || layer.kind != Kind::envelope) continue;
        layer.envelope = general_of(layer.envelope);
    }
}

}  // namespace ferraris::dlms
