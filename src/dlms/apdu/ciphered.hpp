/// The envelopes of ciphered APDUs (IEC 62056-5-3, 5.3.5 and annex A): which tag carries which APDU under which key.
/// What is inside `content` (security control, counter, text, tag) is the business of dlms/security/ciphering.hpp.
#pragma once

#include "dlms/apdu/apdu.hpp"

namespace ferraris::dlms {

enum class Envelope : std::uint8_t {
    service_specific_global,     ///< glo-…: the tag tells the service
    service_specific_dedicated,  ///< ded-…
    general_global,              ///< general-glo-ciphering, with the sender's system title
    general_dedicated,           ///< general-ded-ciphering, likewise
};

[[nodiscard]] constexpr bool is_dedicated(Envelope envelope) {
    return envelope == Envelope::service_specific_dedicated || envelope == Envelope::general_dedicated;
}
[[nodiscard]] constexpr bool is_general(Envelope envelope) {
    return envelope == Envelope::general_global || envelope == Envelope::general_dedicated;
}

struct CipheredApdu {
    std::uint8_t tag{0};
    Envelope envelope{Envelope::service_specific_global};
    ByteView system_title{};  ///< general ones only; empty means that both sides know it already
    ByteView content{};       ///< security control, invocation counter, text, authentication tag
};

/// True for the tags of all four kinds of envelope, not for general-ciphering or general-signing.
[[nodiscard]] bool is_ciphered(std::uint8_t tag);
/// The tag that carries the APDU with `plain` under a global or a dedicated key; nothing for APDUs that the standard
/// gives none (those go into a general envelope).
[[nodiscard]] std::optional<std::uint8_t> ciphered_tag(ApduTag plain, Envelope envelope);
/// The tag of the APDU inside a service-specific envelope; nothing for every other tag.
[[nodiscard]] std::optional<ApduTag> plain_tag(std::uint8_t ciphered);

[[nodiscard]] Result<CipheredApdu, ApduError> decode_ciphered(ByteView apdu);
/// Writes what stands before the content of `content_length` octets: tag, system title (general ones), length.
void put_ciphered_head(ByteWriter& out, std::uint8_t tag, Envelope envelope, ByteView system_title,
                       std::size_t content_length);

}  // namespace ferraris::dlms
