#include "dlms/security/ciphering.hpp"

#include <algorithm>

namespace ferraris::dlms {
namespace {

// The security control octet (IEC 62056-5-3, 5.3.5, table of its bits).
constexpr std::uint8_t kSuiteMask = 0x0F;
constexpr std::uint8_t kAuthenticated = 0x10;
constexpr std::uint8_t kEncrypted = 0x20;
constexpr std::uint8_t kBroadcast = 0x40;
constexpr std::uint8_t kCompressed = 0x80;
constexpr std::uint8_t kLastSuite = 2;

std::uint8_t security_control(std::uint8_t suite, Protection protection, bool broadcast) {
    return static_cast<std::uint8_t>(suite | (protection.authenticated ? kAuthenticated : 0U) |
                                     (protection.encrypted ? kEncrypted : 0U) | (broadcast ? kBroadcast : 0U));
}

GcmIv initialisation_vector(ByteView system_title, std::uint32_t counter) {
    GcmIv iv{};
    ByteWriter out(iv);
    out.put(system_title);
    out.u32(counter);
    return iv;
}

std::optional<SecurityError> check_keys(const CipherKeys& keys, std::uint8_t suite, Protection protection) {
    const std::size_t size = key_size_of_suite(suite);
    if (keys.encryption_key.empty()) return SecurityError::missing_key;
    if (keys.encryption_key.size() != size) return SecurityError::wrong_key_length;
    if (protection.authenticated) {
        if (keys.authentication_key.empty()) return SecurityError::missing_key;
        if (keys.authentication_key.size() != size) return SecurityError::wrong_key_length;
    }
    if (keys.system_title.size() != kSystemTitleSize) return SecurityError::wrong_system_title_length;
    return std::nullopt;
}

SecurityError security_error(ApduError error) {
    switch (error) {
        case ApduError::truncated:
            return SecurityError::truncated;
        case ApduError::unknown_tag:
            return SecurityError::not_ciphered;
        default:
            return SecurityError::malformed;
    }
}

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
    CipheredHeader header;
    header.apdu = *ciphered;
    ByteReader in(header.apdu.content);
    const std::uint8_t control = in.u8();
    header.invocation_counter = in.u32();
    if (in.failed()) return Error(SecurityError::truncated);
    header.suite = control & kSuiteMask;
    header.protection = {(control & kAuthenticated) != 0, (control & kEncrypted) != 0};
    if (header.suite > kLastSuite) return Error(SecurityError::unknown_suite);
    if ((control & kCompressed) != 0) return Error(SecurityError::compression_unsupported);
    if (!header.protection.any()) return Error(SecurityError::not_protected);
    const bool broadcast = (control & kBroadcast) != 0;
    const bool dedicated = is_dedicated(header.apdu.envelope);
    if (broadcast && dedicated) return Error(SecurityError::malformed);
    header.key_set = dedicated ? KeySet::dedicated : broadcast ? KeySet::global_broadcast : KeySet::global_unicast;
    if (header.protection.authenticated && in.remaining() < kGcmTagSize) return Error(SecurityError::truncated);
    return header;
}

Result<ByteView, SecurityError> unprotect(Crypto& crypto, const CipheredHeader& header, const CipherKeys& keys,
                                          ByteSpan apdu) {
    if (const auto error = check_keys(keys, header.suite, header.protection)) return Error(*error);
    const std::size_t content_length = header.apdu.content.size();
    const std::size_t tag_length = header.protection.authenticated ? kGcmTagSize : 0;
    if (content_length > apdu.size() || content_length < kSecurityHeaderSize + tag_length)
        return Error(SecurityError::truncated);
    // The content ends the APDU, whatever the envelope in front of it.
    const ByteSpan content = apdu.last(content_length);
    const ByteSpan text = content.subspan(kSecurityHeaderSize, content_length - kSecurityHeaderSize - tag_length);
    const ByteView tag = content.last(tag_length);
    const GcmIv iv = initialisation_vector(keys.system_title, header.invocation_counter);
    const ByteView control = content.first(1);

    bool good = false;
    if (!header.protection.authenticated) {
        good = crypto.gcm_stream(keys.encryption_key, iv, text, text);
        if (!good) return Error(SecurityError::crypto_failed);
    } else if (header.protection.encrypted) {
        const std::array<ByteView, 2> additional{control, keys.authentication_key};
        good = crypto.gcm_open(keys.encryption_key, iv, additional, text, tag, text);
    } else {
        const std::array<ByteView, 3> additional{control, keys.authentication_key, text};
        good = crypto.gcm_open(keys.encryption_key, iv, additional, {}, tag, {});
        if (!good) std::ranges::fill(text, std::uint8_t{0});
    }
    if (!good) return Error(SecurityError::bad_tag);
    if (!belongs(header.apdu, text)) return Error(SecurityError::wrong_content);
    return ByteView(text);
}

Result<ByteView, SecurityError> protect(Crypto& crypto, const ProtectParameters& parameters, ByteSpan buffer,
                                        std::size_t offset, std::size_t length) {
    if (parameters.suite > kLastSuite) return Error(SecurityError::unknown_suite);
    if (!parameters.protection.any()) return Error(SecurityError::not_protected);
    if (parameters.broadcast && is_dedicated(parameters.envelope)) return Error(SecurityError::malformed);
    if (const auto error = check_keys(parameters.keys, parameters.suite, parameters.protection)) return Error(*error);
    if (length == 0) return Error(SecurityError::truncated);
    const std::size_t content_length = content_size(parameters, length);
    const std::size_t head_length = head_size(parameters, content_length);
    const std::size_t tag_length = parameters.protection.authenticated ? kGcmTagSize : 0;
    if (offset < head_length || offset > buffer.size() || buffer.size() - offset < length ||
        buffer.size() - offset - length < tag_length) {
        return Error(SecurityError::no_room);
    }
    const ByteSpan text = buffer.subspan(offset, length);
    const auto envelope_tag = ciphered_tag(static_cast<ApduTag>(text[0]), parameters.envelope);
    if (!envelope_tag) return Error(SecurityError::no_envelope);

    const std::uint8_t control = security_control(parameters.suite, parameters.protection, parameters.broadcast);
    ByteWriter head(buffer.subspan(offset - head_length, head_length));
    put_ciphered_head(head, *envelope_tag, parameters.envelope, parameters.keys.system_title, content_length);
    head.u8(control);
    head.u32(parameters.invocation_counter);

    const CipherKeys& keys = parameters.keys;
    const GcmIv iv = initialisation_vector(keys.system_title, parameters.invocation_counter);
    const ByteView control_octet(&control, 1);
    GcmTag tag{};
    bool good = false;
    if (!parameters.protection.authenticated) {
        good = crypto.gcm_stream(keys.encryption_key, iv, text, text);
    } else if (parameters.protection.encrypted) {
        const std::array<ByteView, 2> additional{control_octet, keys.authentication_key};
        good = crypto.gcm_seal(keys.encryption_key, iv, additional, text, text, tag);
    } else {
        const std::array<ByteView, 3> additional{control_octet, keys.authentication_key, text};
        good = crypto.gcm_seal(keys.encryption_key, iv, additional, {}, {}, tag);
    }
    if (!good) return Error(SecurityError::crypto_failed);
    std::copy_n(tag.begin(), tag_length, buffer.begin() + static_cast<std::ptrdiff_t>(offset + length));
    return ByteView(buffer).subspan(offset - head_length, head_length + length + tag_length);
}

std::size_t protected_size(const ProtectParameters& parameters, std::size_t length) {
    const std::size_t content_length = content_size(parameters, length);
    return head_size(parameters, content_length) + content_length - kSecurityHeaderSize;
}

}  // namespace ferraris::dlms
