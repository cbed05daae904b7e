/// Protection with the APDUs general-ciphering and general-signing (IEC 62056-5-3, 5.3.7): the key is known, named,
/// wrapped, or agreed upon for this very APDU; and signatures. In place, without a heap.
///
/// What general-ciphering authenticates besides the text, under the key that its key info gives:
///     security control, authentication key, then transaction id to other information with their lengths
/// The initialisation vector is the originator's title and the counter. general-signing signs the same header and the
/// content, with their lengths, without the tag octet.
#pragma once

#include "dlms/apdu/general_protection.hpp"
#include "dlms/security/content.hpp"
#include "dlms/security/key_derivation.hpp"

namespace ferraris::dlms {

/// How the two sides come to the key of a general-ciphering APDU.
enum class KeyChoice : std::uint8_t {
    known,               ///< no key info: the global unicast key
    identified_unicast,  ///< the global unicast key by its name
    identified_broadcast,
    wrapped,         ///< a fresh key, wrapped with the master key
    one_pass,        ///< C(1e,1s): ephemeral key of the originator, static key of the recipient; suites 1 and 2
    static_unified,  ///< C(0e,2s): static keys of both, made fresh by the transaction id; suites 1 and 2
};

/// The key set whose counter counts. Fresh keys count with the unicast key, so that none of them can be played back.
[[nodiscard]] constexpr KeySet counted_by(KeyChoice choice) {
    return choice == KeyChoice::identified_broadcast ? KeySet::global_broadcast : KeySet::global_unicast;
}

/// Two parties as one of them knows them. Keys that a method does not use may be empty.
struct GeneralKeys {
    ByteView own_system_title{};
    ByteView peer_system_title{};
    ByteView unicast_encryption{};
    ByteView broadcast_encryption{};
    ByteView dedicated_encryption{};
    ByteView authentication{};
    ByteView master{};
    ByteView own_signing_private{};
    ByteView own_agreement_private{};
    ByteView peer_signing_public{};
    ByteView peer_agreement_public{};
};

/// A general-ciphering APDU as far as it can be read without a key.
struct GeneralCipheredHeader {
    GeneralCiphering apdu{};
    SecurityHeader security{};
    KeyChoice key{KeyChoice::known};
};

/// Errors: as of read_security_header; malformed; unknown_key_agreement.
[[nodiscard]] Result<GeneralCipheredHeader, SecurityError> read_general_ciphering(ByteView apdu);

/// Deciphers and checks `apdu` in place, of which `header` was read. Errors: wrong_party, missing_key,
/// wrong_key_length, bad_signature (of an ephemeral key), bad_tag, crypto_failed. Whether the counter may be accepted
/// is for the caller to say, and only after this succeeded.
[[nodiscard]] Result<ByteView, SecurityError> open_general_ciphering(Crypto& crypto,
                                                                     const GeneralCipheredHeader& header,
                                                                     const GeneralKeys& keys, ByteSpan apdu);

struct GeneralCipherParameters {
    KeyChoice key{KeyChoice::known};
    std::uint8_t suite{0};
    Protection protection{true, true};
    std::uint32_t invocation_counter{0};
    ByteView transaction_id{};
};

/// The most octets that general-ciphering adds to an APDU of `length` octets, or exactly so for titles of 8 octets.
[[nodiscard]] std::size_t general_ciphering_overhead(const GeneralCipherParameters& parameters, std::size_t length);

/// Ciphers the APDU of `length` octets that stands in `buffer` from `offset` on; it is moved where there is too little
/// room before it. The answer is a view into `buffer`. Errors: no_room, missing_key, wrong_key_length, unknown_suite,
/// crypto_failed.
[[nodiscard]] Result<ByteView, SecurityError> seal_general_ciphering(Crypto& crypto,
                                                                     const GeneralCipherParameters& parameters,
                                                                     const GeneralKeys& keys, ByteSpan buffer,
                                                                     std::size_t offset, std::size_t length);

/// Checks a general-signing APDU; the content is a view into it. Errors: malformed, truncated, unknown_suite,
/// wrong_party, missing_key, bad_signature.
[[nodiscard]] Result<ByteView, SecurityError> open_general_signing(Crypto& crypto, std::uint8_t suite,
                                                                   const GeneralKeys& keys, ByteView apdu);

/// What general-signing adds to an APDU of `length` octets, for titles of 8 octets.
[[nodiscard]] std::size_t general_signing_overhead(std::uint8_t suite, ByteView transaction_id, std::size_t length);

/// Moves the text so that `before` octets fit in front of it and `after` behind it: where it then begins. Nothing: they
/// do not fit.
[[nodiscard]] std::optional<std::size_t> make_room(ByteSpan buffer, std::size_t offset, std::size_t length,
                                                   std::size_t before, std::size_t after);

/// Signs the APDU of `length` octets that stands in `buffer` from `offset` on, as seal_general_ciphering ciphers it.
[[nodiscard]] Result<ByteView, SecurityError> seal_general_signing(Crypto& crypto, std::uint8_t suite,
                                                                   ByteView transaction_id, const GeneralKeys& keys,
                                                                   ByteSpan buffer, std::size_t offset,
                                                                   std::size_t length);

}  // namespace ferraris::dlms
