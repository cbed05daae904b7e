#include "dlms/security/content.hpp"

#include <algorithm>

namespace ferraris::dlms {
namespace {

// The security control octet (IEC 62056-5-3, 5.3.5, table of its bits).
constexpr std::uint8_t kSuiteMask = 0x0F;
constexpr std::uint8_t kAuthenticated = 0x10;
constexpr std::uint8_t kEncrypted = 0x20;
constexpr std::uint8_t kBroadcast = 0x40;
constexpr std::uint8_t kCompressed = 0x80;

GcmIv initialisation_vector(ByteView system_title, std::uint32_t counter) {
    GcmIv iv{};
    ByteWriter out(iv);
    out.put(system_title);
    out.u32(counter);
    return iv;
}

}  // namespace

std::uint8_t SecurityHeader::control() const {
    return static_cast<std::uint8_t>(suite | (protection.authenticated ? kAuthenticated : 0U) |
                                     (protection.encrypted ? kEncrypted : 0U) | (broadcast ? kBroadcast : 0U));
}

Result<void, SecurityError> check_keys(const SecurityHeader& header, const CipherKeys& keys) {
    if (header.suite > kLastSuite) return Error(SecurityError::unknown_suite);
    if (!header.protection.ciphered()) return Error(SecurityError::not_protected);
    const std::size_t size = key_size_of_suite(header.suite);
    if (keys.encryption_key.empty()) return Error(SecurityError::missing_key);
    if (keys.encryption_key.size() != size) return Error(SecurityError::wrong_key_length);
    if (header.protection.authenticated) {
        if (keys.authentication_key.empty()) return Error(SecurityError::missing_key);
        if (keys.authentication_key.size() != size) return Error(SecurityError::wrong_key_length);
    }
    if (keys.system_title.size() != kSystemTitleSize) return Error(SecurityError::wrong_system_title_length);
    return {};
}

Result<SecurityHeader, SecurityError> read_security_header(ByteView content) {
    ByteReader in(content);
    const std::uint8_t control = in.u8();
    SecurityHeader header;
    header.invocation_counter = in.u32();
    if (in.failed()) return Error(SecurityError::truncated);
    header.suite = control & kSuiteMask;
    header.protection.authenticated = (control & kAuthenticated) != 0;
    header.protection.encrypted = (control & kEncrypted) != 0;
    header.broadcast = (control & kBroadcast) != 0;
    if (header.suite > kLastSuite) return Error(SecurityError::unknown_suite);
    if ((control & kCompressed) != 0) return Error(SecurityError::compression_unsupported);
    if (!header.protection.ciphered()) return Error(SecurityError::not_protected);
    if (in.remaining() < header.tag_size()) return Error(SecurityError::truncated);
    return header;
}

Result<ByteView, SecurityError> open_content(Crypto& crypto, const SecurityHeader& header, const CipherKeys& keys,
                                             ByteView associated, ByteSpan content) {
    if (const auto good = check_keys(header, keys); !good) return Error(good.error());
    const std::size_t tag_size = header.tag_size();
    if (content.size() < kSecurityHeaderSize + tag_size) return Error(SecurityError::truncated);
    const ByteSpan text = content.subspan(kSecurityHeaderSize, content.size() - kSecurityHeaderSize - tag_size);
    const ByteView tag = content.last(tag_size);
    const GcmIv iv = initialisation_vector(keys.system_title, header.invocation_counter);
    const ByteView control = content.first(1);
    if (!header.protection.authenticated) {
        if (!crypto.gcm_stream(keys.encryption_key, iv, text, text)) return Error(SecurityError::crypto_failed);
        return ByteView(text);
    }
    bool good = false;
    if (header.protection.encrypted) {
        const std::array<ByteView, 3> additional{control, keys.authentication_key, associated};
        good = crypto.gcm_open(keys.encryption_key, iv, additional, text, tag, text);
    } else {
        const std::array<ByteView, 4> additional{control, keys.authentication_key, associated, text};
        good = crypto.gcm_open(keys.encryption_key, iv, additional, {}, tag, {});
        if (!good) std::ranges::fill(text, std::uint8_t{0});
    }
    if (!good) return Error(SecurityError::bad_tag);
    return ByteView(text);
}

Result<void, SecurityError> seal_content(Crypto& crypto, const SecurityHeader& header, const CipherKeys& keys,
                                         ByteView associated, ByteSpan content) {
    if (const auto good = check_keys(header, keys); !good) return Error(good.error());
    const std::size_t tag_size = header.tag_size();
    if (content.size() < kSecurityHeaderSize + tag_size) return Error(SecurityError::truncated);
    const ByteSpan text = content.subspan(kSecurityHeaderSize, content.size() - kSecurityHeaderSize - tag_size);
    const std::uint8_t control_octet = header.control();
    ByteWriter head(content.first(kSecurityHeaderSize));
    head.u8(control_octet);
    head.u32(header.invocation_counter);
    const GcmIv iv = initialisation_vector(keys.system_title, header.invocation_counter);
    const ByteView control(&control_octet, 1);
    GcmTag tag{};
    bool good = false;
    if (!header.protection.authenticated) {
        good = crypto.gcm_stream(keys.encryption_key, iv, text, text);
    } else if (header.protection.encrypted) {
        const std::array<ByteView, 3> additional{control, keys.authentication_key, associated};
        good = crypto.gcm_seal(keys.encryption_key, iv, additional, text, text, tag);
    } else {
        const std::array<ByteView, 4> additional{control, keys.authentication_key, associated, text};
        good = crypto.gcm_seal(keys.encryption_key, iv, additional, {}, {}, tag);
    }
    if (!good) return Error(SecurityError::crypto_failed);
    std::copy_n(tag.begin(), tag_size, content.last(tag_size).begin());
    return {};
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

}  // namespace ferraris::dlms
