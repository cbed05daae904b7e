/// The content of every ciphered APDU, whatever envelope is around it (IEC 62056-5-3, 5.3.5): security control,
/// invocation counter, text, authentication tag.
#pragma once

#include <array>

#include "base/result.hpp"
#include "crypto/crypto.hpp"
#include "dlms/apdu/apdu.hpp"
#include "dlms/security/protection.hpp"

namespace ferraris::dlms {

/// Why an APDU could not be protected or unprotected.
enum class SecurityError : std::uint8_t {
    not_ciphered,               ///< the tag is none of an envelope
    truncated,                  ///< shorter than its own fields say
    malformed,                  ///< a length or a bit that the standard forbids
    unknown_suite,              ///< not 0, 1 or 2, or one that has no such method
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
    wrong_party,                ///< originator or recipient is another than those of the association
    unknown_key_agreement,      ///< key parameters other than those of C(1e,1s) and C(0e,2s)
    bad_signature,              ///< another signer, or another message
    wrong_suite,                ///< another suite than that of the association
};

inline constexpr std::size_t kSystemTitleSize = 8;
/// Stands for any system title where only the length of a header is of interest.
inline constexpr std::array<std::uint8_t, kSystemTitleSize> kAnyTitle{};
inline constexpr std::uint8_t kLastSuite = 2;
inline constexpr std::size_t kSecurityHeaderSize = 5;

/// Keys have 16 octets in suites 0 and 1, and 32 in suite 2.
[[nodiscard]] constexpr std::size_t key_size_of_suite(std::uint8_t suite) { return suite == 2 ? 32 : 16; }

/// The secrets and the title behind one direction of one association.
struct CipherKeys {
    ByteView system_title{};        ///< of the sender
    ByteView encryption_key{};      ///< the one that the key set names
    ByteView authentication_key{};  ///< may be empty for messages that are encrypted only
};

/// Security control and invocation counter.
struct SecurityHeader {
    std::uint8_t suite{0};
    Protection protection{};
    bool broadcast{false};
    std::uint32_t invocation_counter{0};

    [[nodiscard]] std::uint8_t control() const;
    /// Octets of the tag behind the text.
    [[nodiscard]] std::size_t tag_size() const { return protection.authenticated ? kGcmTagSize : 0; }
};

/// Errors: truncated, unknown_suite, compression_unsupported, not_protected.
[[nodiscard]] Result<SecurityHeader, SecurityError> read_security_header(ByteView content);

/// Are suite, protection and keys fit for each other? Errors: unknown_suite, not_protected, missing_key,
/// wrong_key_length, wrong_system_title_length.
[[nodiscard]] Result<void, SecurityError> check_keys(const SecurityHeader& header, const CipherKeys& keys);

/// Deciphers and checks `content` in place; the text is a view into it. `associated` is authenticated besides security
/// control, authentication key and text (general-ciphering). On an error the text is wiped.
[[nodiscard]] Result<ByteView, SecurityError> open_content(Crypto& crypto, const SecurityHeader& header,
                                                           const CipherKeys& keys, ByteView associated,
                                                           ByteSpan content);

/// The reverse: the text stands already in `content`, with kSecurityHeaderSize octets of room before it and
/// `header.tag_size()` behind it.
[[nodiscard]] Result<void, SecurityError> seal_content(Crypto& crypto, const SecurityHeader& header,
                                                       const CipherKeys& keys, ByteView associated, ByteSpan content);

/// What it means for an envelope that its APDU could not be read.
[[nodiscard]] SecurityError security_error(ApduError error);

}  // namespace ferraris::dlms
