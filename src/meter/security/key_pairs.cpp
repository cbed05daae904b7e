#include "meter/security/key_pairs.hpp"

#include "meter/store/parameter_keys.hpp"

namespace ferraris::meter {
namespace {

using dlms::Certificate;
using dlms::KeyUse;
using Octets = CertificateStore::Octets;

std::uint16_t parameter_key(KeyUse use, KeyPairStage stage) {
    return key_number(ParameterKey::key_pair, static_cast<std::size_t>(use) * 2 + static_cast<std::size_t>(stage));
}

bool has_key_pair(KeyUse use) { return use == KeyUse::digital_signature || use == KeyUse::key_agreement; }

bool is_of(const Certificate& certificate, ByteView system_title, KeyUse use) {
    return !certificate.authority && certificate.use() == use && certificate.system_title &&
           equal(*certificate.system_title, system_title);
}

bool is_valid(const Certificate& certificate, std::optional<UtcTime> now) {
    return !now || (*now >= certificate.not_before && *now <= certificate.not_after);
}

}  // namespace

CertificateEntity entity_of(const Certificate& certificate, ByteView own_system_title) {
    if (certificate.authority) return CertificateEntity::authority;
    if (!certificate.system_title) return CertificateEntity::other;
    return equal(*certificate.system_title, own_system_title) ? CertificateEntity::server : CertificateEntity::client;
}

bool KeyPairs::trusts_anyone() const {
    Octets memory;
    Certificate certificate;
    return certificates_.find(memory, certificate, [](const Certificate& each) { return each.authority; }).has_value();
}

bool KeyPairs::trust(ByteView authority) {
    const auto certificate = dlms::parse_certificate(authority);
    const auto slot = certificates_.free_slot();
    return certificate && certificate->authority && slot && certificates_.write(*slot, authority);
}

bool KeyPairs::store(KeyUse use, ByteView private_key, KeyPairStage stage) {
    return has_key_pair(use) && parameters_.write(parameter_key(use, stage), private_key);
}

std::optional<dlms::PrivateKey> KeyPairs::private_key(KeyUse use, KeyPairStage stage) const {
    dlms::PrivateKey key;
    if (!has_key_pair(use) || !key.octets.resize(kMaxPrivateKeySize)) return std::nullopt;
    const auto size = parameters_.read(parameter_key(use, stage), key.octets.view());
    if (!size || *size == 0 || !key.octets.resize(*size)) return std::nullopt;
    return key;
}

bool KeyPairs::generate(Crypto& crypto, KeyUse use, Curve curve) {
    dlms::PrivateKey key;
    std::array<std::uint8_t, kMaxPublicKeySize> public_key{};
    return key.octets.resize(private_key_size(curve)) &&
           crypto.generate_key_pair(curve, key.octets.view(), ByteSpan(public_key).first(public_key_size(curve))) &&
           store(use, key.octets.view(), KeyPairStage::generated);
}

std::optional<ByteView> KeyPairs::request(Crypto& crypto, KeyUse use, Curve curve, ByteView system_title,
                                          ByteSpan memory) const {
    auto key = private_key(use, KeyPairStage::generated);
    if (!key) key = private_key(use, KeyPairStage::in_use);
    if (!key || key->octets.size() != private_key_size(curve)) return std::nullopt;
    const auto made = dlms::make_certificate_request(crypto, curve, key->octets.view(), system_title, memory);
    if (!made) return std::nullopt;
    return *made;
}

bool KeyPairs::trusts(Crypto& crypto, const Certificate& certificate, std::optional<UtcTime> now) const {
    Octets memory;
    Certificate issuer;
    return certificates_
        .find(memory, issuer,
              [&](const Certificate& each) {
                  return each.authority && is_valid(each, now) &&
                         dlms::verify_certificate(crypto, certificate, each, now).has_value();
              })
        .has_value();
}

/// A certificate of the meter itself is for the pair in use, or for the generated one, which then comes into use.
bool KeyPairs::adopt(Crypto& crypto, const Certificate& certificate) {
    for (const KeyPairStage stage : {KeyPairStage::generated, KeyPairStage::in_use}) {
        const auto key = private_key(certificate.use(), stage);
        if (!key || key->octets.size() != private_key_size(certificate.curve)) continue;
        std::array<std::uint8_t, kMaxPublicKeySize> memory{};
        const ByteSpan own = ByteSpan(memory).first(public_key_size(certificate.curve));
        if (!crypto.public_key_of(certificate.curve, key->octets.view(), own) || !equal(own, certificate.public_key))
            continue;
        return stage == KeyPairStage::in_use || store(certificate.use(), key->octets.view(), KeyPairStage::in_use);
    }
    return false;
}

bool KeyPairs::import(Crypto& crypto, ByteView encoded, ByteView own_system_title, std::optional<UtcTime> now) {
    const auto certificate = dlms::parse_certificate(encoded);
    if (!certificate || encoded.size() > Octets::capacity() || !trusts(crypto, *certificate, now)) return false;
    const CertificateEntity entity = entity_of(*certificate, own_system_title);
    const KeyUse use = certificate->use();
    if (entity == CertificateEntity::other) return false;
    if (entity != CertificateEntity::authority && !has_key_pair(use)) return false;
    Octets memory;
    Certificate present;
    auto slot = certificates_.find(memory, present, [&](const Certificate& each) {
        if (certificate->authority) return each.authority && equal(each.subject, certificate->subject);
        return is_of(each, *certificate->system_title, use);
    });
    if (!slot) slot = certificates_.free_slot();
    if (!slot) return false;
    if (entity == CertificateEntity::server && !adopt(crypto, *certificate)) return false;
    return certificates_.write(*slot, encoded);
}

bool KeyPairs::remove(std::size_t slot) {
    Octets memory;
    if (!certificates_.read(slot, memory)) return false;
    const auto certificate = dlms::parse_certificate(memory.view());
    if (certificate && certificate->authority) {
        std::size_t authorities = 0;
        Octets other_memory;
        Certificate other;
        (void)certificates_.find(other_memory, other, [&](const Certificate& each) {
            authorities += each.authority ? 1U : 0U;
            return false;
        });
        if (authorities < 2) return false;
    }
    return certificates_.write(slot, {});
}

std::optional<dlms::PublicKey> KeyPairs::public_key(ByteView system_title, KeyUse use,
                                                    std::optional<UtcTime> now) const {
    Octets memory;
    Certificate certificate;
    const auto fits = [&](const Certificate& each) { return is_of(each, system_title, use) && is_valid(each, now); };
    dlms::PublicKey key;
    if (!certificates_.find(memory, certificate, fits) || !key.assign(certificate.public_key)) return std::nullopt;
    return key;
}

}  // namespace ferraris::meter
