/// Files with keys and certificates, as other programs write and read them: PEM (RFC 7468) and DER. For hosts.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "crypto/crypto.hpp"

namespace ferraris {

/// What stands between the lines BEGIN and END.
inline constexpr std::string_view kCertificateLabel = "CERTIFICATE";
inline constexpr std::string_view kCertificateRequestLabel = "CERTIFICATE REQUEST";

/// The scalar of a private key on one of the curves; cleared from memory when it goes.
struct EncodedPrivateKey {
    Curve curve{Curve::p256};
    std::vector<std::uint8_t> scalar{};

    EncodedPrivateKey() = default;
    EncodedPrivateKey(const EncodedPrivateKey&) = delete;
    EncodedPrivateKey(EncodedPrivateKey&&) = default;
    EncodedPrivateKey& operator=(const EncodedPrivateKey&) = delete;
    EncodedPrivateKey& operator=(EncodedPrivateKey&&) = default;
    ~EncodedPrivateKey() { wipe(scalar); }
};

/// PEM or DER, PKCS#8 (RFC 5208) or SEC 1 (RFC 5915), without a passphrase. Nothing: none of these, or another curve.
[[nodiscard]] std::optional<EncodedPrivateKey> decode_private_key(ByteView file);
/// PEM of PKCS#8; the keys have the sizes of the curve.
[[nodiscard]] std::string encode_private_key(Curve curve, ByteView private_key, ByteView public_key);

/// The first block of that label in a PEM file, or the whole file where it is DER: a SEQUENCE. Nothing: neither.
[[nodiscard]] std::optional<std::vector<std::uint8_t>> decode_pem_or_der(std::string_view label, ByteView file);
[[nodiscard]] std::string encode_pem(std::string_view label, ByteView der);

}  // namespace ferraris
