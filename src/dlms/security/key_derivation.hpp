/// Keys out of a key agreement: the concatenation key derivation of NIST SP 800-56A as DLMS uses it (IEC 62056-5-3,
/// 5.3.4.6), and the three schemes that feed it.
///
///     key = leftmost octets of H(00000001 || Z || AlgorithmID || PartyUInfo || PartyVInfo)
///
///     scheme      used by                 U signs                      PartyUInfo
///     C(2e,0s)    class 64 key_agreement  key id || ephemeral key      title of U
///     C(1e,1s)    general-ciphering       ephemeral key                title of U
///     C(0e,2s)    general-ciphering       nothing                      title of U || length || transaction id
///
/// H is SHA-256 in suite 1 and SHA-384 in suite 2. PartyVInfo is the title of V. U is who starts; in
/// general-ciphering, who sends.
#pragma once

#include "base/fixed_vector.hpp"
#include "base/result.hpp"
#include "crypto/crypto.hpp"
#include "dlms/security/ciphering.hpp"

namespace ferraris::dlms {

/// What the key is for: the last arc of 2.16.756.5.8.3.x (IEC 62056-5-3, table of algorithm identifiers).
enum class KeyAlgorithm : std::uint8_t { aes_gcm_128 = 0, aes_gcm_256 = 1, aes_wrap_128 = 2, aes_wrap_256 = 3 };

/// A symmetric key: 16 octets in suites 0 and 1, 32 in suite 2.
using SymmetricKey = FixedVector<std::uint8_t, 32>;

/// The curve of a suite; nothing for suite 0, which has none.
[[nodiscard]] constexpr std::optional<Curve> curve_of_suite(std::uint8_t suite) {
    if (suite == 1) return Curve::p256;
    if (suite == 2) return Curve::p384;
    return std::nullopt;
}

/// The algorithm of a key of `suite`, to cipher with or (`wraps`) to wrap other keys with.
[[nodiscard]] constexpr KeyAlgorithm key_algorithm(std::uint8_t suite, bool wraps = false) {
    if (suite == 2) return wraps ? KeyAlgorithm::aes_wrap_256 : KeyAlgorithm::aes_gcm_256;
    return wraps ? KeyAlgorithm::aes_wrap_128 : KeyAlgorithm::aes_gcm_128;
}

/// Who takes part in an agreement.
struct KeyParties {
    ByteView system_title_u{};
    ByteView system_title_v{};
    ByteView transaction_id{};  ///< C(0e,2s) only; else empty
};

/// Derives a key from the shared secret. Errors: unknown_suite, crypto_failed.
[[nodiscard]] Result<SymmetricKey, SecurityError> derive_key(Crypto& crypto, std::uint8_t suite, KeyAlgorithm algorithm,
                                                             ByteView shared_secret, const KeyParties& parties);

/// ECDH and derivation in one. Errors as of derive_key; wrong_key_length.
[[nodiscard]] Result<SymmetricKey, SecurityError> agree_key(Crypto& crypto, std::uint8_t suite, KeyAlgorithm algorithm,
                                                            ByteView private_key, ByteView public_key,
                                                            const KeyParties& parties);

}  // namespace ferraris::dlms
