#include "dlms/security/general.hpp"

#include <algorithm>
#include <array>

namespace ferraris::dlms {
namespace {

constexpr std::uint8_t kGlobalUnicast = 0;
constexpr std::uint8_t kGlobalBroadcast = 1;
constexpr std::uint8_t kMasterKey = 0;
constexpr std::uint8_t kOnePass[] = {0x01};
constexpr std::uint8_t kStaticUnified[] = {0x02};
constexpr std::size_t kWrapOverhead = 8;
/// An ephemeral public key and its signature.
constexpr std::size_t kMaxKeyData = kMaxPublicKeySize + kMaxSignatureSize;

Result<KeyChoice, SecurityError> choice_of(const KeyInfo& info) {
    switch (info.kind) {
        case KeyInfo::Kind::none:
            return KeyChoice::known;
        case KeyInfo::Kind::identified:
            if (info.id == kGlobalUnicast) return KeyChoice::identified_unicast;
            if (info.id == kGlobalBroadcast) return KeyChoice::identified_broadcast;
            return Error(SecurityError::missing_key);
        case KeyInfo::Kind::wrapped:
            if (info.id == kMasterKey) return KeyChoice::wrapped;
            return Error(SecurityError::missing_key);
        case KeyInfo::Kind::agreed:
            if (equal(info.parameters, kOnePass)) return KeyChoice::one_pass;
            if (equal(info.parameters, kStaticUnified)) return KeyChoice::static_unified;
            return Error(SecurityError::unknown_key_agreement);
    }
    return Error(SecurityError::malformed);
}

/// A party that is named must be the one that is known; one that is not named is the known one.
bool names(ByteView given, ByteView known) { return given.empty() || equal(given, known); }

bool parties_fit(const GeneralHeader& header, const GeneralKeys& keys) {
    return names(header.originator_system_title, keys.peer_system_title) &&
           names(header.recipient_system_title, keys.own_system_title);
}

Result<SymmetricKey, SecurityError> copy_of(ByteView key) {
    SymmetricKey copy;
    if (key.empty()) return Error(SecurityError::missing_key);
    if (!copy.assign(key)) return Error(SecurityError::wrong_key_length);
    return copy;
}

Result<SymmetricKey, SecurityError> unwrap(Crypto& crypto, std::uint8_t suite, ByteView master, ByteView wrapped) {
    SymmetricKey key;
    const std::size_t size = key_size_of_suite(suite);
    if (master.empty()) return Error(SecurityError::missing_key);
    if (master.size() != size || wrapped.size() != size + kWrapOverhead || !key.resize(size))
        return Error(SecurityError::wrong_key_length);
    if (!crypto.unwrap_key(master, wrapped, key.view())) return Error(SecurityError::bad_tag);
    return key;
}

/// Seen from the recipient, who is V.
Result<SymmetricKey, SecurityError> received_key(Crypto& crypto, const GeneralCipheredHeader& header,
                                                 const GeneralKeys& keys) {
    const std::uint8_t suite = header.security.suite;
    const ByteView data = header.apdu.key_info.key_ciphered_data;
    switch (header.key) {
        case KeyChoice::known:
        case KeyChoice::identified_unicast:
            return copy_of(keys.unicast_encryption);
        case KeyChoice::identified_broadcast:
            return copy_of(keys.broadcast_encryption);
        case KeyChoice::wrapped:
            return unwrap(crypto, suite, keys.master, data);
        case KeyChoice::one_pass: {
            const auto curve = curve_of_suite(suite);
            if (!curve) return Error(SecurityError::unknown_suite);
            if (data.size() != public_key_size(*curve) + signature_size(*curve)) return Error(SecurityError::malformed);
            const ByteView ephemeral = data.first(public_key_size(*curve));
            if (keys.peer_signing_public.empty()) return Error(SecurityError::missing_key);
            if (!crypto.verify(*curve, keys.peer_signing_public, std::array<ByteView, 1>{ephemeral},
                               data.subspan(ephemeral.size()))) {
                return Error(SecurityError::bad_signature);
            }
            return agree_key(crypto, suite, key_algorithm(suite), keys.own_agreement_private, ephemeral,
                             {keys.peer_system_title, keys.own_system_title, {}});
        }
        case KeyChoice::static_unified:
            if (!data.empty()) return Error(SecurityError::malformed);
            return agree_key(crypto, suite, key_algorithm(suite), keys.own_agreement_private,
                             keys.peer_agreement_public,
                             {keys.peer_system_title, keys.own_system_title, header.apdu.header.transaction_id});
    }
    return Error(SecurityError::malformed);
}

using KeyData = FixedVector<std::uint8_t, kMaxKeyData>;

/// Seen from the originator, who is U. `data` gets what the recipient needs.
Result<SymmetricKey, SecurityError> key_to_send(Crypto& crypto, const GeneralCipherParameters& parameters,
                                                const GeneralKeys& keys, KeyData& data) {
    const std::uint8_t suite = parameters.suite;
    switch (parameters.key) {
        case KeyChoice::known:
        case KeyChoice::identified_unicast:
            return copy_of(keys.unicast_encryption);
        case KeyChoice::identified_broadcast:
            return copy_of(keys.broadcast_encryption);
        case KeyChoice::wrapped: {
            SymmetricKey key;
            const std::size_t size = key_size_of_suite(suite);
            if (keys.master.empty()) return Error(SecurityError::missing_key);
            if (keys.master.size() != size) return Error(SecurityError::wrong_key_length);
            if (!key.resize(size) || !data.resize(size + kWrapOverhead) || !crypto.random(key.view()) ||
                !crypto.wrap_key(keys.master, key.view(), data.view())) {
                return Error(SecurityError::crypto_failed);
            }
            return key;
        }
        case KeyChoice::one_pass: {
            const auto curve = curve_of_suite(suite);
            if (!curve) return Error(SecurityError::unknown_suite);
            if (keys.own_signing_private.empty()) return Error(SecurityError::missing_key);
            std::array<std::uint8_t, kMaxPrivateKeySize> memory{};
            const ByteSpan ephemeral_private = ByteSpan(memory).first(private_key_size(*curve));
            const std::size_t public_size = public_key_size(*curve);
            bool good = data.resize(public_size + signature_size(*curve));
            const ByteSpan ephemeral = data.view().first(public_size);
            good = good && crypto.generate_key_pair(*curve, ephemeral_private, ephemeral) &&
                   crypto.sign(*curve, keys.own_signing_private, std::array<ByteView, 1>{ephemeral},
                               data.view().subspan(public_size));
            if (!good) return Error(SecurityError::crypto_failed);
            const auto key = agree_key(crypto, suite, key_algorithm(suite), ephemeral_private,
                                       keys.peer_agreement_public, {keys.own_system_title, keys.peer_system_title, {}});
            wipe(memory);
            return key;
        }
        case KeyChoice::static_unified:
            return agree_key(crypto, suite, key_algorithm(suite), keys.own_agreement_private,
                             keys.peer_agreement_public,
                             {keys.own_system_title, keys.peer_system_title, parameters.transaction_id});
    }
    return Error(SecurityError::malformed);
}

KeyInfo key_info_of(KeyChoice choice, ByteView data) {
    KeyInfo info;
    info.key_ciphered_data = data;
    switch (choice) {
        case KeyChoice::known:
            break;
        case KeyChoice::identified_unicast:
        case KeyChoice::identified_broadcast:
            info.kind = KeyInfo::Kind::identified;
            info.id = choice == KeyChoice::identified_unicast ? kGlobalUnicast : kGlobalBroadcast;
            break;
        case KeyChoice::wrapped:
            info.kind = KeyInfo::Kind::wrapped;
            info.id = kMasterKey;
            break;
        case KeyChoice::one_pass:
        case KeyChoice::static_unified:
            info.kind = KeyInfo::Kind::agreed;
            info.parameters = choice == KeyChoice::one_pass ? ByteView(kOnePass) : ByteView(kStaticUnified);
            break;
    }
    return info;
}

std::size_t key_data_size(KeyChoice choice, std::uint8_t suite) {
    if (choice == KeyChoice::wrapped) return key_size_of_suite(suite) + kWrapOverhead;
    if (choice != KeyChoice::one_pass) return 0;
    const Curve curve = curve_of_suite(suite).value_or(Curve::p384);
    return public_key_size(curve) + signature_size(curve);
}

std::size_t ciphering_head_size(const GeneralHeader& header, const KeyInfo& info, std::size_t content_length) {
    ByteWriter measure{ByteSpan{}};
    put_general_ciphering_head(measure, header, info, content_length);
    return measure.produced();
}

std::size_t signing_head_size(const GeneralHeader& header, std::size_t content_length) {
    ByteWriter measure{ByteSpan{}};
    put_general_signing_head(measure, header, content_length);
    return measure.produced();
}

}  // namespace

std::optional<std::size_t> make_room(ByteSpan buffer, std::size_t offset, std::size_t length, std::size_t before,
                                     std::size_t after) {
    if (offset > buffer.size() || length > buffer.size() - offset) return std::nullopt;
    if (before > buffer.size() || length > buffer.size() - before || after > buffer.size() - before - length)
        return std::nullopt;
    if (offset >= before && after <= buffer.size() - offset - length) return offset;
    const auto text = buffer.begin() + static_cast<std::ptrdiff_t>(offset);
    const auto target = buffer.begin() + static_cast<std::ptrdiff_t>(before);
    if (before < offset) {
        std::copy_n(text, length, target);
    } else {
        std::copy_backward(text, text + static_cast<std::ptrdiff_t>(length),
                           target + static_cast<std::ptrdiff_t>(length));
    }
    return before;
}

Result<GeneralCipheredHeader, SecurityError> read_general_ciphering(ByteView apdu) {
    const auto ciphering = decode_general_ciphering(apdu);
    if (!ciphering) return Error(security_error(ciphering.error()));
    const auto security = read_security_header(ciphering->content);
    if (!security) return Error(security.error());
    // The key info names the key, not this bit.
    if (security->broadcast) return Error(SecurityError::malformed);
    const auto key = choice_of(ciphering->key_info);
    if (!key) return Error(key.error());
    return GeneralCipheredHeader{*ciphering, *security, *key};
}

Result<ByteView, SecurityError> open_general_ciphering(Crypto& crypto, const GeneralCipheredHeader& header,
                                                       const GeneralKeys& keys, ByteSpan apdu) {
    if (!parties_fit(header.apdu.header, keys)) return Error(SecurityError::wrong_party);
    if (header.apdu.content.size() > apdu.size()) return Error(SecurityError::truncated);
    auto key = received_key(crypto, header, keys);
    if (!key) return Error(key.error());
    const CipherKeys cipher_keys{keys.peer_system_title, key->view(), keys.authentication};
    const auto text = open_content(crypto, header.security, cipher_keys, header.apdu.encoded_header,
                                   apdu.last(header.apdu.content.size()));
    wipe(key->view());
    return text;
}

std::size_t general_ciphering_overhead(const GeneralCipherParameters& parameters, std::size_t length) {
    const GeneralHeader header{parameters.transaction_id, kAnyTitle, kAnyTitle, {}, {}};
    const std::array<std::uint8_t, kMaxKeyData> data{};
    const KeyInfo info =
        key_info_of(parameters.key, ByteView(data).first(key_data_size(parameters.key, parameters.suite)));
    const std::size_t around = kSecurityHeaderSize + (parameters.protection.authenticated ? kGcmTagSize : 0);
    return ciphering_head_size(header, info, length + around) + around;
}

Result<ByteView, SecurityError> seal_general_ciphering(Crypto& crypto, const GeneralCipherParameters& parameters,
                                                       const GeneralKeys& keys, ByteSpan buffer, std::size_t offset,
                                                       std::size_t length) {
    KeyData data;
    auto key = key_to_send(crypto, parameters, keys, data);
    if (!key) return Error(key.error());
    const GeneralHeader header{parameters.transaction_id, keys.own_system_title, keys.peer_system_title, {}, {}};
    const KeyInfo info = key_info_of(parameters.key, data.view());
    const SecurityHeader security{parameters.suite, parameters.protection, false, parameters.invocation_counter};
    const std::size_t content_length = kSecurityHeaderSize + length + security.tag_size();
    const std::size_t head_length = ciphering_head_size(header, info, content_length);
    const auto begin = make_room(buffer, offset, length, head_length + kSecurityHeaderSize, security.tag_size());
    if (!begin) return Error(SecurityError::no_room);
    const ByteSpan whole = buffer.subspan(*begin - kSecurityHeaderSize - head_length, head_length + content_length);
    ByteWriter head(whole.first(head_length));
    put_general_ciphering_head(head, header, info, content_length);
    ByteWriter measure{ByteSpan{}};
    put(measure, header);
    const CipherKeys cipher_keys{keys.own_system_title, key->view(), keys.authentication};
    // The header follows the octet of the tag.
    const auto sealed =
        seal_content(crypto, security, cipher_keys, whole.subspan(1, measure.produced()), whole.last(content_length));
    wipe(key->view());
    if (!sealed) return Error(sealed.error());
    return ByteView(whole);
}

Result<ByteView, SecurityError> open_general_signing(Crypto& crypto, std::uint8_t suite, const GeneralKeys& keys,
                                                     ByteView apdu) {
    const auto signing = decode_general_signing(apdu);
    if (!signing) return Error(security_error(signing.error()));
    const auto curve = curve_of_suite(suite);
    if (!curve) return Error(SecurityError::unknown_suite);
    if (!parties_fit(signing->header, keys)) return Error(SecurityError::wrong_party);
    if (keys.peer_signing_public.empty()) return Error(SecurityError::missing_key);
    if (!crypto.verify(*curve, keys.peer_signing_public, std::array<ByteView, 1>{signing->signed_octets},
                       signing->signature)) {
        return Error(SecurityError::bad_signature);
    }
    return signing->content;
}

std::size_t general_signing_overhead(std::uint8_t suite, ByteView transaction_id, std::size_t length) {
    const GeneralHeader header{transaction_id, kAnyTitle, kAnyTitle, {}, {}};
    return signing_head_size(header, length) + 1 + signature_size(curve_of_suite(suite).value_or(Curve::p384));
}

Result<ByteView, SecurityError> seal_general_signing(Crypto& crypto, std::uint8_t suite, ByteView transaction_id,
                                                     const GeneralKeys& keys, ByteSpan buffer, std::size_t offset,
                                                     std::size_t length) {
    const auto curve = curve_of_suite(suite);
    if (!curve) return Error(SecurityError::unknown_suite);
    if (keys.own_signing_private.empty()) return Error(SecurityError::missing_key);
    const GeneralHeader header{transaction_id, keys.own_system_title, keys.peer_system_title, {}, {}};
    const std::size_t head_length = signing_head_size(header, length);
    // Signatures are shorter than 128 octets: their length is one.
    const std::size_t tail_length = 1 + signature_size(*curve);
    const auto begin = make_room(buffer, offset, length, head_length, tail_length);
    if (!begin) return Error(SecurityError::no_room);
    const ByteSpan whole = buffer.subspan(*begin - head_length, head_length + length + tail_length);
    ByteWriter head(whole.first(head_length));
    put_general_signing_head(head, header, length);
    whole[head_length + length] = static_cast<std::uint8_t>(signature_size(*curve));
    const std::array<ByteView, 1> message{whole.subspan(1, head_length - 1 + length)};
    if (!crypto.sign(*curve, keys.own_signing_private, message, whole.last(signature_size(*curve))))
        return Error(SecurityError::crypto_failed);
    return ByteView(whole);
}

}  // namespace ferraris::dlms
