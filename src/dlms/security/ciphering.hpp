/// Protection of APDUs with AES-GCM (IEC 62056-5-3, 5.3.5 to 5.3.7): service-specific and general envelopes under
/// global and dedicated keys, in place, without a heap.
///
///     envelope head | security control | invocation counter | text | authentication tag
///     C8 1E         | 30               | 01234567           | 4113…| 7D82…
///
/// The initialisation vector is the sender's system title and counter. What is authenticated besides the text:
///     authenticated (10)               security control, authentication key, the APDU (which stays readable)
///     encrypted (20)                   nothing, and no tag
///     authenticated and encrypted (30) security control, authentication key
#pragma once

#include "crypto/crypto.hpp"
#include "dlms/apdu/ciphered.hpp"
#include "dlms/security/content.hpp"

namespace ferraris::dlms {

/// The most octets that `protect` puts in front of an APDU: tag, title with its length, length, security header.
inline constexpr std::size_t kMaxCipherHead = 1 + 1 + kSystemTitleSize + 5 + kSecurityHeaderSize;
/// The most octets that `protect` puts behind it.
inline constexpr std::size_t kMaxCipherTail = kGcmTagSize;

/// What can be read of a ciphered APDU without a key.
struct CipheredHeader {
    CipheredApdu apdu{};  ///< tag, envelope, system title if it has one, content
    std::uint8_t suite{0};
    Protection protection{};
    KeySet key_set{KeySet::global_unicast};
    std::uint32_t invocation_counter{0};
};

struct ProtectParameters {
    Envelope envelope{Envelope::service_specific_global};
    Protection protection{true, true};
    std::uint8_t suite{0};
    bool broadcast{false};
    std::uint32_t invocation_counter{0};
    CipherKeys keys{};
};

/// Reads the header of a ciphered APDU. Errors: not_ciphered, truncated, malformed, unknown_suite,
/// compression_unsupported, not_protected.
[[nodiscard]] Result<CipheredHeader, SecurityError> read_ciphered_header(ByteView apdu);

/// Deciphers and checks `apdu` in place. `header` is what read_ciphered_header said of the same octets. The plain APDU
/// is a view into `apdu`. On an error the text is wiped, never given out. Whether the counter may be accepted is for
/// the caller to say, and only after this succeeded.
[[nodiscard]] Result<ByteView, SecurityError> unprotect(Crypto& crypto, const CipheredHeader& header,
                                                        const CipherKeys& keys, ByteSpan apdu);

/// Ciphers the APDU of `length` octets that stands in `buffer` from `offset` on; the envelope grows into the octets
/// before it (kMaxCipherHead are always enough) and behind it (kMaxCipherTail). The answer is a view into `buffer`.
[[nodiscard]] Result<ByteView, SecurityError> protect(Crypto& crypto, const ProtectParameters& parameters,
                                                      ByteSpan buffer, std::size_t offset, std::size_t length);

/// Size of the APDU that `protect` makes of one with `length` octets.
[[nodiscard]] std::size_t protected_size(const ProtectParameters& parameters, std::size_t length);

}  // namespace ferraris::dlms
