/// X.509 certificates and PKCS#10 requests as DLMS uses them (IEC 62056-5-3, 5.6 and 5.7; RFC 5280, RFC 2986): keys of
/// P-256 and P-384, the subject's common name is the system title in hexadecimal digits, key usage says what for.
#pragma once

#include <array>
#include <optional>

#include "base/civil_time.hpp"
#include "base/fixed_vector.hpp"
#include "base/result.hpp"
#include "crypto/crypto.hpp"
#include "dlms/security/protection.hpp"

namespace ferraris::dlms {

enum class CertificateError : std::uint8_t {
    malformed,                   ///< not the distinguished encoding of a certificate or request
    unsupported_algorithm,       ///< other than ECDSA with SHA-256 or SHA-384, or a key of another curve
    unknown_critical_extension,  ///< one that must be understood is not
    wrong_issuer,                ///< issued under another name
    issuer_not_entitled,         ///< the issuer's certificate may not sign certificates
    bad_signature,
    not_yet_valid,
    expired,
    no_room,        ///< the buffer cannot hold what was to be made
    crypto_failed,  ///< the cryptographic library refused
};

/// Bits of the extension key usage (RFC 5280, 4.2.1.3): bit n is 1 << n.
enum KeyUsage : std::uint16_t {
    kDigitalSignature = 1U << 0U,
    kKeyAgreement = 1U << 4U,
    kKeyCertSign = 1U << 5U,
    kCrlSign = 1U << 6U,
};

/// A certificate longer than this is refused; those of P-384 with every extension of DLMS have about 700 octets.
inline constexpr std::size_t kMaxCertificateSize = 1000;
inline constexpr std::size_t kMaxSerialNumberSize = 20;

using TitleOctets = std::array<std::uint8_t, 8>;

/// What a certificate says. Views into the octets that it was parsed from.
struct Certificate {
    ByteView encoded{};
    ByteView to_be_signed{};
    ByteView serial_number{};  ///< content of the INTEGER
    ByteView issuer{};         ///< the whole Name, encoded
    ByteView subject{};        ///< the whole Name, encoded
    /// Of the subject, when its common name is one.
    std::optional<TitleOctets> system_title{};
    UtcTime not_before{};
    UtcTime not_after{};
    Curve curve{Curve::p256};
    ByteView public_key{};               ///< x || y
    std::uint16_t key_usage{0};          ///< KeyUsage; 0 where the extension is missing
    bool authority{false};               ///< basic constraints: may issue
    Curve signature_curve{Curve::p256};  ///< of the issuer
    ByteView signature{};                ///< SEQUENCE { r, s }, encoded

    /// By key usage: signing wins nothing for a key that may do both, which is for TLS.
    [[nodiscard]] KeyUse use() const;
    [[nodiscard]] bool may(KeyUsage usage) const { return (key_usage & usage) == usage; }
};

/// Errors: malformed, unsupported_algorithm, unknown_critical_extension.
[[nodiscard]] Result<Certificate, CertificateError> parse_certificate(ByteView encoded);

/// Did `issuer` issue `certificate`, and may it? The issuer itself must be trusted for another reason. `now`: also
/// judges the time; nothing: no clock that could. Errors: wrong_issuer to expired, in that order.
[[nodiscard]] Result<void, CertificateError> verify_certificate(Crypto& crypto, const Certificate& certificate,
                                                                const Certificate& issuer,
                                                                std::optional<UtcTime> now = std::nullopt);

/// A PKCS#10 request. Views into the octets that it was parsed from.
struct CertificateRequest {
    ByteView subject{};
    std::optional<TitleOctets> system_title{};
    Curve curve{Curve::p256};
    ByteView public_key{};
};

/// Also checks that the one who asks has the private key. Errors: malformed, unsupported_algorithm, bad_signature.
[[nodiscard]] Result<CertificateRequest, CertificateError> parse_certificate_request(Crypto& crypto, ByteView encoded);

/// Asks for a certificate for the key pair, in the name of `system_title`. What is made ends `memory`. Errors: no_room,
/// crypto_failed.
[[nodiscard]] Result<ByteView, CertificateError> make_certificate_request(Crypto& crypto, Curve curve,
                                                                          ByteView private_key, ByteView system_title,
                                                                          ByteSpan memory);

/// What an authority puts into a certificate.
struct CertificateContents {
    ByteView serial_number{};  ///< up to 20 octets, most significant first
    ByteView issuer{};         ///< the issuer's subject, encoded; empty: self-signed
    ByteView common_name{};    ///< of the subject, printable characters
    UtcTime not_before{};
    UtcTime not_after{};  ///< before the year 2050
    Curve curve{Curve::p256};
    ByteView public_key{};
    std::uint16_t key_usage{kDigitalSignature};
    bool authority{false};
};

/// Issues a certificate under the issuer's private key. What is made ends `memory`. Errors: no_room, crypto_failed.
[[nodiscard]] Result<ByteView, CertificateError> issue_certificate(Crypto& crypto, const CertificateContents& contents,
                                                                   Curve issuer_curve, ByteView issuer_private_key,
                                                                   ByteSpan memory);

/// A system title as the 16 characters of a common name.
[[nodiscard]] std::array<std::uint8_t, 16> common_name_of(ByteView system_title);

}  // namespace ferraris::dlms
