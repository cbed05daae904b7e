/// High level security: what the two sides answer to each other's challenge (IEC 62056-5-3, 5.3.4 and annex of
/// authentication mechanisms). CtoS is the client's challenge, StoC the server's.
///
/// Mechanism 3: MD5(challenge || secret)
/// Mechanism 4: SHA-1(challenge || secret)
/// Mechanism 5: SC || IC || GMAC(SC || authentication key || challenge), under the encryption key
/// Mechanism 6: SHA-256(secret || own title || other's title || challenge received || challenge sent)
/// Mechanism 7: ECDSA(own title || other's title || challenge received || challenge sent), under the signing key
#pragma once

#include "base/fixed_vector.hpp"
#include "crypto/crypto.hpp"
#include "dlms/enumerations.hpp"
#include "dlms/security/ciphering.hpp"

namespace ferraris::dlms {

/// The limits of a challenge's length (IEC 62056-5-3, 7.3.7.2).
inline constexpr std::size_t kMinChallengeSize = 8;
inline constexpr std::size_t kMaxChallengeSize = 64;
/// SC, IC and tag of mechanism 5.
inline constexpr std::size_t kGmacTokenSize = kSecurityHeaderSize + kGcmTagSize;

/// Mechanism 7 wants longer challenges.
inline constexpr std::size_t kMinSignedChallengeSize = 32;

/// The longest answer is that of mechanism 7.
using HlsToken = FixedVector<std::uint8_t, kMaxSignatureSize>;

/// Everything that an answer may depend on, seen from the side that answers.
struct HlsInputs {
    AuthenticationMechanism mechanism{AuthenticationMechanism::high_gmac};
    ByteView secret{};                    ///< mechanisms 3, 4, 6
    ByteView received_challenge{};        ///< what is answered: the other side's challenge
    ByteView sent_challenge{};            ///< mechanisms 6 and 7: the challenge of the answering side
    ByteView other_system_title{};        ///< mechanisms 6 and 7
    CipherKeys keys{};                    ///< mechanism 5; the system title also of mechanisms 6 and 7
    std::uint8_t suite{0};                ///< mechanisms 5 and 7; mechanism 7 needs suite 1 or 2
    std::uint32_t invocation_counter{0};  ///< mechanism 5
    ByteView signing_private_key{};       ///< mechanism 7, to answer
    ByteView signing_public_key{};        ///< mechanism 7, to check the answer
};

[[nodiscard]] constexpr std::size_t min_challenge_size(AuthenticationMechanism mechanism) {
    return mechanism == AuthenticationMechanism::high_ecdsa ? kMinSignedChallengeSize : kMinChallengeSize;
}
/// MD5 and SHA-1 are broken as digests: the mechanisms with them serve old meters and heads only, where they are
/// allowed.
[[nodiscard]] constexpr bool is_legacy(AuthenticationMechanism mechanism) {
    return mechanism == AuthenticationMechanism::high_md5 || mechanism == AuthenticationMechanism::high_sha1;
}
/// The system titles of both sides take part in the answer.
[[nodiscard]] constexpr bool needs_system_titles(AuthenticationMechanism mechanism) {
    return mechanism == AuthenticationMechanism::high_gmac || mechanism == AuthenticationMechanism::high_sha256 ||
           mechanism == AuthenticationMechanism::high_ecdsa;
}

/// The counter that a token of mechanism 5 was made with; nothing when the token has another size, or a security
/// control that is not "authenticated" under a global unicast key.
struct GmacTokenHeader {
    std::uint8_t suite{0};
    std::uint32_t invocation_counter{0};
};
[[nodiscard]] std::optional<GmacTokenHeader> read_gmac_token(ByteView token);

/// f(challenge). Errors: missing_key, wrong_key_length, wrong_system_title_length, unknown_suite, crypto_failed;
/// not_protected for a mechanism that has no such function here (none, low, manufacturer-specific).
[[nodiscard]] Result<HlsToken, SecurityError> hls_token(Crypto& crypto, const HlsInputs& inputs);

/// Is `token` the other side's answer? `inputs` is seen from the side that answered; counter and suite are taken from
/// the token of mechanism 5. Errors as of hls_token; bad_tag when it is wrong. Whether a counter may be accepted is
/// for the caller to say, and only after this succeeded.
[[nodiscard]] Result<void, SecurityError> check_hls_token(Crypto& crypto, HlsInputs inputs, ByteView token);

/// Low level security: a password, compared in constant time. An empty secret matches nothing.
[[nodiscard]] bool lls_matches(ByteView secret, ByteView given);

}  // namespace ferraris::dlms
