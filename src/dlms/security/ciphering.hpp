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
#include "dlms/security/protection.hpp"

namespace ferraris::dlms {

/// Why an APDU could not be protected or unprotected.
enum class SecurityError : std::uint8_t {
    not_ciphered,               ///< the tag is none of an envelope
    truncated,                  ///< shorter than its own fields say
    malformed,                  ///< a length or a bit that the standard forbids
    unknown_suite,              ///< not 0, 1 or 2
    compression_unsupported,    ///< bit 7 of the security control
    not_protected,              ///< neither authenticated nor encrypted
    missing_key,                ///< no key is known for this key set, or no authentication key where one is needed
    wrong_key_length,           ///< 16 octets in suites 0 and 1, 32 in suite 2
    wrong_system_title_length,  ///< not 8 octets
    bad_tag,                    ///< another key, another title, or another message
    wrong_content,              ///< the envelope of one service around the APDU of another
    no_room,                    ///< the buffer cannot hold the envelope
    no_envelope,                ///< the standard has no service-specific envelope for this APDU
    crypto_failed,              ///< the cryptographic library refused
};

inline constexpr std::size_t kSystemTitleSize = 8;
inline constexpr std::size_t kSecurityHeaderSize = 5;
/// The most octets that `protect` puts in front of an APDU: tag, title with its length, length, security header.
inline constexpr std::size_t kMaxCipherHead = 1 + 1 + kSystemTitleSize + 5 + kSecurityHeaderSize;
/// The most octets that `protect` puts behind it.
inline constexpr std::size_t kMaxCipherTail = kGcmTagSize;

/// Keys have 16 octets in suites 0 and 1, and 32 in suite 2.
[[nodiscard]] constexpr std::size_t key_size_of_suite(std::uint8_t suite) { return suite == 2 ? 32 : 16; }

/// What can be read of a ciphered APDU without a key.
struct CipheredHeader {
    CipheredApdu apdu{};  ///< tag, envelope, system title if it has one, content
    std::uint8_t suite{0};
    Protection protection{};
    KeySet key_set{KeySet::global_unicast};
    std::uint32_t invocation_counter{0};
};

/// The secrets and the title behind one direction of one association.
struct CipherKeys {
    ByteView system_title{};        ///< of the sender
    ByteView encryption_key{};      ///< the one that the key set names
    ByteView authentication_key{};  ///< may be empty for messages that are encrypted only
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
