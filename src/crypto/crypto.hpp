/// What the protocol needs of a cryptographic library, so that hosts (OpenSSL) and microcontrollers (Mbed TLS) differ
/// in one file each.
#pragma once

#include <array>
#include <cstdint>
#include <span>

#include "base/bytes.hpp"

namespace ferraris {

/// DLMS sends the leftmost 12 octets of the GCM tag (IEC 62056-5-3, 5.3.3).
inline constexpr std::size_t kGcmTagSize = 12;
inline constexpr std::size_t kGcmIvSize = 12;
using GcmTag = std::array<std::uint8_t, kGcmTagSize>;
using GcmIv = std::array<std::uint8_t, kGcmIvSize>;

/// One block of AES.
inline constexpr std::size_t kAesBlockSize = 16;
using AesBlock = std::array<std::uint8_t, kAesBlockSize>;

enum class Digest : std::uint8_t { md5, sha1, sha256, sha384 };
/// Octets of a digest; the largest is 48.
[[nodiscard]] constexpr std::size_t digest_size(Digest digest) {
    constexpr std::size_t kSizes[] = {16, 20, 32, 48};
    return kSizes[static_cast<std::size_t>(digest)];
}

/// The curves of suite 1 (P-256 with SHA-256) and suite 2 (P-384 with SHA-384), FIPS 186-4. A private key is its
/// scalar, a public key x || y, a signature r || s, a shared secret the x of the common point: octet strings of fixed
/// size.
enum class Curve : std::uint8_t { p256, p384 };
[[nodiscard]] constexpr std::size_t private_key_size(Curve curve) { return curve == Curve::p256 ? 32 : 48; }
[[nodiscard]] constexpr std::size_t shared_secret_size(Curve curve) { return private_key_size(curve); }
[[nodiscard]] constexpr std::size_t public_key_size(Curve curve) { return 2 * private_key_size(curve); }
[[nodiscard]] constexpr std::size_t signature_size(Curve curve) { return 2 * private_key_size(curve); }
[[nodiscard]] constexpr Digest digest_of(Curve curve) { return curve == Curve::p256 ? Digest::sha256 : Digest::sha384; }
inline constexpr std::size_t kMaxPrivateKeySize = 48;
inline constexpr std::size_t kMaxPublicKeySize = 96;
inline constexpr std::size_t kMaxSignatureSize = 96;

/// One for each event loop: an engine may keep expanded keys between calls and is not shared between threads.
/// Keys are 16 octets (AES-128) or 32 (AES-256); any other length is refused. A false answer leaves the output zeroed.
class Crypto {
public:
    virtual ~Crypto() = default;

    /// AES-GCM. The additional data is given in pieces that are taken as one. `cipher` has the size of `plain` and may
    /// be the same octets.
    [[nodiscard]] virtual bool gcm_seal(ByteView key, const GcmIv& iv, std::span<const ByteView> additional,
                                        ByteView plain, ByteSpan cipher, GcmTag& tag) = 0;
    /// Checks the tag in constant time, and gives out plain text only when it is right.
    [[nodiscard]] virtual bool gcm_open(ByteView key, const GcmIv& iv, std::span<const ByteView> additional,
                                        ByteView cipher, ByteView tag, ByteSpan plain) = 0;
    /// AES-GCM's key stream without a tag, for messages that are encrypted only (security control 0x20); both
    /// directions.
    [[nodiscard]] virtual bool gcm_stream(ByteView key, const GcmIv& iv, ByteView in, ByteSpan out) = 0;

    /// AES in cipher block chaining without padding: whole blocks only. Wireless M-Bus uses it (EN 13757-7, modes 5 and
    /// 7). `out` has the size of `in` and may be the same octets.
    [[nodiscard]] virtual bool cbc_encrypt(ByteView key, const AesBlock& iv, ByteView in, ByteSpan out) = 0;
    [[nodiscard]] virtual bool cbc_decrypt(ByteView key, const AesBlock& iv, ByteView in, ByteSpan out) = 0;
    /// AES-CMAC (RFC 4493) over the pieces, taken as one message.
    [[nodiscard]] virtual bool cmac(ByteView key, std::span<const ByteView> message, AesBlock& out) = 0;

    /// AES key wrap (RFC 3394). `wrapped` is 8 octets longer than `key`.
    [[nodiscard]] virtual bool wrap_key(ByteView key_encryption_key, ByteView key, ByteSpan wrapped) = 0;
    [[nodiscard]] virtual bool unwrap_key(ByteView key_encryption_key, ByteView wrapped, ByteSpan key) = 0;

    /// `out` has `digest_size(digest)` octets.
    [[nodiscard]] virtual bool hash(Digest digest, std::span<const ByteView> pieces, ByteSpan out) = 0;

    /// A new key pair.
    [[nodiscard]] virtual bool generate_key_pair(Curve curve, ByteSpan private_key, ByteSpan public_key) = 0;
    /// The public key that belongs to a private one. False also for a scalar that is 0 or not below the curve's order.
    [[nodiscard]] virtual bool public_key_of(Curve curve, ByteView private_key, ByteSpan public_key) = 0;
    /// ECDSA over the digest of the curve; the pieces are taken as one message.
    [[nodiscard]] virtual bool sign(Curve curve, ByteView private_key, std::span<const ByteView> message,
                                    ByteSpan signature) = 0;
    /// False also for a public key that is no point of the curve.
    [[nodiscard]] virtual bool verify(Curve curve, ByteView public_key, std::span<const ByteView> message,
                                      ByteView signature) = 0;
    /// ECDH, the cofactor being 1 (NIST SP 800-56A, 5.7.1.2). False also for a public key that is no point of the
    /// curve.
    [[nodiscard]] virtual bool agree(Curve curve, ByteView private_key, ByteView public_key,
                                     ByteSpan shared_secret) = 0;

    /// Cryptographically strong random octets.
    [[nodiscard]] virtual bool random(ByteSpan out) = 0;
};

/// Takes the same time wherever the difference is. Lengths are not secret.
[[nodiscard]] inline bool constant_time_equal(ByteView a, ByteView b) {
    if (a.size() != b.size()) return false;
    std::uint8_t difference = 0;
    for (std::size_t i = 0; i < a.size(); ++i) difference = static_cast<std::uint8_t>(difference | (a[i] ^ b[i]));
    return difference == 0;
}

/// Clears a secret in a way that the compiler cannot leave out.
inline void wipe(ByteSpan secret) {
    volatile std::uint8_t* octets = secret.data();
    for (std::size_t i = 0; i < secret.size(); ++i) octets[i] = 0;
}

}  // namespace ferraris
