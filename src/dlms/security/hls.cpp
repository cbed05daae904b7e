#include "dlms/security/hls.hpp"

#include <array>

#include "dlms/security/key_derivation.hpp"

namespace ferraris::dlms {
namespace {

constexpr std::uint8_t kAuthenticationOnly = 0x10;

Result<HlsToken, SecurityError> digest(Crypto& crypto, Digest digest, std::span<const ByteView> pieces) {
    HlsToken token;
    if (!token.resize(digest_size(digest)) || !crypto.hash(digest, pieces, token.view()))
        return Error(SecurityError::crypto_failed);
    return token;
}

using SignedPieces = std::array<ByteView, 4>;

/// What mechanism 7 signs, once both titles have their 8 octets.
Result<SignedPieces, SecurityError> signed_pieces(const HlsInputs& inputs) {
    if (inputs.keys.system_title.size() != kSystemTitleSize || inputs.other_system_title.size() != kSystemTitleSize)
        return Error(SecurityError::wrong_system_title_length);
    return SignedPieces{inputs.keys.system_title, inputs.other_system_title, inputs.received_challenge,
                        inputs.sent_challenge};
}

Result<HlsToken, SecurityError> ecdsa(Crypto& crypto, const HlsInputs& inputs) {
    const auto curve = curve_of_suite(inputs.suite);
    if (!curve) return Error(SecurityError::unknown_suite);
    if (inputs.signing_private_key.empty()) return Error(SecurityError::missing_key);
    if (inputs.signing_private_key.size() != private_key_size(*curve)) return Error(SecurityError::wrong_key_length);
    const auto pieces = signed_pieces(inputs);
    if (!pieces) return Error(pieces.error());
    HlsToken token;
    if (!token.resize(signature_size(*curve)) ||
        !crypto.sign(*curve, inputs.signing_private_key, *pieces, token.view())) {
        return Error(SecurityError::crypto_failed);
    }
    return token;
}

/// A signature is not made twice the same: it is verified, not compared.
Result<void, SecurityError> check_ecdsa(Crypto& crypto, const HlsInputs& inputs, ByteView token) {
    const auto curve = curve_of_suite(inputs.suite);
    if (!curve) return Error(SecurityError::unknown_suite);
    if (inputs.signing_public_key.empty()) return Error(SecurityError::missing_key);
    if (inputs.signing_public_key.size() != public_key_size(*curve)) return Error(SecurityError::wrong_key_length);
    const auto pieces = signed_pieces(inputs);
    if (!pieces) return Error(pieces.error());
    if (!crypto.verify(*curve, inputs.signing_public_key, *pieces, token)) return Error(SecurityError::bad_signature);
    return {};
}

Result<HlsToken, SecurityError> gmac(Crypto& crypto, const HlsInputs& inputs) {
    const CipherKeys& keys = inputs.keys;
    if (inputs.suite > kLastSuite) return Error(SecurityError::unknown_suite);
    const std::size_t key_size = key_size_of_suite(inputs.suite);
    if (keys.encryption_key.empty() || keys.authentication_key.empty()) return Error(SecurityError::missing_key);
    if (keys.encryption_key.size() != key_size || keys.authentication_key.size() != key_size)
        return Error(SecurityError::wrong_key_length);
    if (keys.system_title.size() != kSystemTitleSize) return Error(SecurityError::wrong_system_title_length);

    GcmIv iv{};
    ByteWriter vector(iv);
    vector.put(keys.system_title);
    vector.u32(inputs.invocation_counter);

    const auto control = static_cast<std::uint8_t>(kAuthenticationOnly | inputs.suite);
    const std::array<ByteView, 3> additional{ByteView(&control, 1), keys.authentication_key, inputs.received_challenge};
    GcmTag tag{};
    HlsToken token;
    if (!token.resize(kGmacTokenSize) || !crypto.gcm_seal(keys.encryption_key, iv, additional, {}, {}, tag))
        return Error(SecurityError::crypto_failed);
    ByteWriter out(token.view());
    out.u8(control);
    out.u32(inputs.invocation_counter);
    out.put(tag);
    return token;
}

}  // namespace

std::optional<GmacTokenHeader> read_gmac_token(ByteView token) {
    if (token.size() != kGmacTokenSize) return std::nullopt;
    ByteReader in(token);
    const std::uint8_t control = in.u8();
    const auto suite = static_cast<std::uint8_t>(control & 0x0FU);
    if ((control & 0xF0U) != kAuthenticationOnly || suite > kLastSuite) return std::nullopt;
    return GmacTokenHeader{suite, in.u32()};
}

Result<HlsToken, SecurityError> hls_token(Crypto& crypto, const HlsInputs& inputs) {
    switch (inputs.mechanism) {
        case AuthenticationMechanism::high_md5:
        case AuthenticationMechanism::high_sha1: {
            if (inputs.secret.empty()) return Error(SecurityError::missing_key);
            const std::array<ByteView, 2> pieces{inputs.received_challenge, inputs.secret};
            return digest(crypto, inputs.mechanism == AuthenticationMechanism::high_md5 ? Digest::md5 : Digest::sha1,
                          pieces);
        }
        case AuthenticationMechanism::high_gmac:
            return gmac(crypto, inputs);
        case AuthenticationMechanism::high_sha256: {
            if (inputs.secret.empty()) return Error(SecurityError::missing_key);
            const std::array<ByteView, 5> pieces{inputs.secret, inputs.keys.system_title, inputs.other_system_title,
                                                 inputs.received_challenge, inputs.sent_challenge};
            return digest(crypto, Digest::sha256, pieces);
        }
        case AuthenticationMechanism::high_ecdsa:
            return ecdsa(crypto, inputs);
        default:
            return Error(SecurityError::not_protected);
    }
}

Result<void, SecurityError> check_hls_token(Crypto& crypto, HlsInputs inputs, ByteView token) {
    if (inputs.mechanism == AuthenticationMechanism::high_ecdsa) return check_ecdsa(crypto, inputs, token);
    if (inputs.mechanism == AuthenticationMechanism::high_gmac) {
        const auto header = read_gmac_token(token);
        if (!header) return Error(SecurityError::malformed);
        inputs.suite = header->suite;
        inputs.invocation_counter = header->invocation_counter;
    }
    const auto expected = hls_token(crypto, inputs);
    if (!expected) return Error(expected.error());
    if (!constant_time_equal(expected->view(), token)) return Error(SecurityError::bad_tag);
    return {};
}

bool lls_matches(ByteView secret, ByteView given) { return !secret.empty() && constant_time_equal(secret, given); }

}  // namespace ferraris::dlms
