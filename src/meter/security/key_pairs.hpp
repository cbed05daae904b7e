/// The meter's own key pairs and the certificates that it trusts, as class 64 version 1 manages them (IEC 62056-6-2).
///
///     generate_key_pair ──▶ new pair ──▶ generate_certificate_request ──▶ … authority … ──▶ import_certificate
///                                                                                                   │
///                                      the pair in use is the new one from here on  ◀───────────────┘
///
/// Private keys lie in flash and nowhere else; none can be read from outside.
#pragma once

#include "dlms/server/logical_device.hpp"
#include "meter/security/certificate_store.hpp"

namespace ferraris::meter {

enum class KeyPairStage : std::uint8_t { in_use, generated };

class KeyPairs {
public:
    KeyPairs(board::Flash& flash, FlashRegion certificates, ParameterStore& parameters)
        : certificates_(flash, certificates), parameters_(parameters) {}

    /// False: the flash does not answer.
    [[nodiscard]] bool recover() { return certificates_.recover(); }
    [[nodiscard]] bool trusts_anyone() const;
    /// Takes over the certificate of an authority for nothing but the caller's word: a factory's.
    [[nodiscard]] bool trust(ByteView authority);

    /// A key pair that comes from outside: a factory's.
    [[nodiscard]] bool store(dlms::KeyUse use, ByteView private_key, KeyPairStage stage);
    [[nodiscard]] std::optional<dlms::PrivateKey> private_key(dlms::KeyUse use, KeyPairStage stage) const;
    [[nodiscard]] bool generate(Crypto& crypto, dlms::KeyUse use, Curve curve);
    /// For the pair that was generated last, or else for the one in use.
    [[nodiscard]] std::optional<ByteView> request(Crypto& crypto, dlms::KeyUse use, Curve curve, ByteView system_title,
                                                  ByteSpan memory) const;

    /// Takes a certificate that a trusted authority issued: of the authority below it, of a client, or of the meter
    /// itself, whose key it must fit. One in the same name for the same use is replaced. `now`: nothing without a
    /// clock.
    [[nodiscard]] bool import(Crypto& crypto, ByteView certificate, ByteView own_system_title,
                              std::optional<UtcTime> now);
    /// The last authority stays: without one no certificate could be taken any more.
    [[nodiscard]] bool remove(std::size_t slot);
    [[nodiscard]] std::optional<dlms::PublicKey> public_key(ByteView system_title, dlms::KeyUse use,
                                                            std::optional<UtcTime> now) const;

    [[nodiscard]] const CertificateStore& certificates() const { return certificates_; }

private:
    [[nodiscard]] bool trusts(Crypto& crypto, const dlms::Certificate& certificate, std::optional<UtcTime> now) const;
    [[nodiscard]] bool adopt(Crypto& crypto, const dlms::Certificate& certificate);

    CertificateStore certificates_;
    ParameterStore& parameters_;
};

[[nodiscard]] CertificateEntity entity_of(const dlms::Certificate& certificate, ByteView own_system_title);

}  // namespace ferraris::meter
