#include "dlms/security/ciphering.hpp"

#include <algorithm>

namespace ferraris::dlms {
namespace {

/// An envelope of GET must hold a GET. Refusals are let through: some servers put them into the envelope of the answer.
bool belongs(const CipheredApdu& envelope, ByteView plain) {
    const auto inner = apdu_tag(plain);
    if (!inner) return false;
    const auto expected = plain_tag(envelope.tag);
    return !expected || *expected == *inner || *inner == ApduTag::exception_response ||
           *inner == ApduTag::confirmed_service_error;
}

/// Octets before the text: the envelope's head and the security header.
std::size_t head_size(const ProtectParameters& parameters, std::size_t content_length) {
    ByteWriter measure{ByteSpan{}};
    put_ciphered_head(measure, 0, parameters.envelope, parameters.keys.system_title, content_length);
    return measure.produced() + kSecurityHeaderSize;
}

std::size_t content_size(const ProtectParameters& parameters, std::size_t length) {
    return kSecurityHeaderSize + length + (parameters.protection.authenticated ? kGcmTagSize : 0);
}

}  // namespace

Result<CipheredHeader, SecurityError> read_ciphered_header(ByteView apdu) {
    const auto ciphered = decode_ciphered(apdu);
    if (!ciphered) return Error(security_error(ciphered.error()));
    const auto security = read_security_header(ciphered->content);
    if (!security) return Error(security.error());
    const bool dedicated = is_dedicated(ciphered->envelope);
    if (security->broadcast && dedicated) return Error(SecurityError::malformed);
    CipheredHeader header;
    header.apdu = *ciphered;
    header.suite = security->suite;
    header.protection = security->protection;
    header.key_set = dedicated             ? KeySet::dedicated
                     : security->broadcast ? KeySet::global_broadcast
                                           : KeySet::global_unicast;
    header.invocation_counter = security->invocation_counter;
    return header;
}

Result<ByteView, SecurityError> unprotect(Crypto& crypto, const CipheredHeader& header, const CipherKeys& keys,
                                          ByteSpan apdu) {
    const std::size_t content_length = header.apdu.content.size();
    if (content_length > apdu.size()) return Error(SecurityError::truncated);
    const SecurityHeader security{header.suite, header.protection, header.key_set == KeySet::global_broadcast,
                                  header.invocation_counter};
    // The content ends the APDU, whatever the envelope in front of it.
    const auto text = open_content(crypto, security, keys, {}, apdu.last(content_length));
    if (text && !belongs(header.apdu, *text)) return Error(SecurityError::wrong_content);
    return text;
}

Result<ByteView, SecurityError> protect(Crypto& crypto, const ProtectParameters& parameters, ByteSpan buffer,
                                        std::size_t offset, std::size_t length) {
    const SecurityHeader security{parameters.suite, parameters.protection, parameters.broadcast,
                                  parameters.invocation_counter};
    if (parameters.broadcast && is_dedicated(parameters.envelope)) return Error(SecurityError::malformed);
    if (const auto good = check_keys(security, parameters.keys); !good) return Error(good.error());
    if (length == 0) return Error(SecurityError::truncated);
    const std::size_t content_length = content_size(parameters, length);
    const std::size_t head_length = head_size(parameters, content_length);
    if (offset < head_length || offset > buffer.size() || buffer.size() - offset < length ||
        buffer.size() - offset - length < security.tag_size()) {
        return Error(SecurityError::no_room);
    }
    const auto envelope_tag = ciphered_tag(static_cast<ApduTag>(buffer[offset]), parameters.envelope);
    if (!envelope_tag) return Error(SecurityError::no_envelope);
    const ByteSpan whole = buffer.subspan(offset - head_length, head_length + length + security.tag_size());
    if (const auto sealed = seal_content(crypto, security, parameters.keys, {}, whole.last(content_length)); !sealed)
        return Error(sealed.error());
    ByteWriter head(whole.first(head_length - kSecurityHeaderSize));
    put_ciphered_head(head, *envelope_tag, parameters.envelope, parameters.keys.system_title, content_length);
    return ByteView(whole);
}

std::size_t protected_size(const ProtectParameters& parameters, std::size_t length) {
    const std::size_t content_length = content_size(parameters, length);
    return head_size(parameters, content_length) + content_length - kSecurityHeaderSize;
}

}  // namespace ferraris::dlms
