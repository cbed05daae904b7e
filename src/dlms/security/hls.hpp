/// High level security: what the two sides answer to each other's challenge (IEC 62056-5-3, 5.3.4 and annex of
/// authentication mechanisms). CtoS is the client's challenge, StoC the server's.
///
/// Mechanism 3: MD5(challenge || secret)
/// Mechanism 4: SHA-1(challenge || secret)
/// Mechanism 5: SC || IC || GMAC(SC || authentication key || challenge), under the encryption key
/// Mechanism 6: SHA-256(secret || own title || other's title || challenge received || challenge sent)
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

/// The longest answer is that of mechanism 6.
using HlsToken = FixedVector<std::uint8_t, 32>;

/// Everything that an answer may depend on, seen from the side that answers.
struct HlsInputs {
    AuthenticationMechanism mechanism{AuthenticationMechanism::high_gmac};
    ByteView secret{};                    ///< mechanisms 3, 4, 6
    ByteView received_challenge{};        ///< what is answered: the other side's challenge
    ByteView sent_challenge{};            ///< mechanism 6: the challenge of the answering side
    ByteView other_system_title{};        ///< mechanism 6
    CipherKeys keys{};                    ///< mechanism 5; the system title also of mechanism 6
    std::uint8_t suite{0};                ///< mechanism 5
    std::uint32_t invocation_counter{0};  ///< mechanism 5
};

/// The counter that a token of mechanism 5 was made with; nothing when the token has another size, or a security
/// control that is not "authenticated" under a global unicast key.
struct GmacTokenHeader {
    std::uint8_t suite{0};
    std::uint32_t invocation_counter{0};
};
[[nodiscard]] std::optional<GmacTokenHeader> read_gmac_token(ByteView token);

/// f(challenge). Errors: missing_key, wrong_key_length, wrong_system_title_length, crypto_failed; not_protected for a
/// mechanism that has no such function here (none, low, manufacturer-specific, ECDSA).
[[nodiscard]] Result<HlsToken, SecurityError> hls_token(Crypto& crypto, const HlsInputs& inputs);

/// Is `token` the other side's answer? `inputs` is seen from the side that answered; counter and suite are taken from
/// the token of mechanism 5. Errors as of hls_token; bad_tag when it is wrong. Whether a counter may be accepted is
/// for the caller to say, and only after this succeeded.
[[nodiscard]] Result<void, SecurityError> check_hls_token(Crypto& crypto, HlsInputs inputs, ByteView token);

/// Low level security: a password, compared in constant time. An empty secret matches nothing.
[[nodiscard]] bool lls_matches(ByteView secret, ByteView given);

}  // namespace ferraris::dlms
