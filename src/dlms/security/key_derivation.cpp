#include "dlms/security/key_derivation.hpp"

namespace ferraris::dlms {

Result<SymmetricKey, SecurityError> derive_key(Crypto& crypto, std::uint8_t suite, KeyAlgorithm algorithm,
                                               ByteView shared_secret, const KeyParties& parties) {
    const auto curve = curve_of_suite(suite);
    if (!curve) return Error(SecurityError::unknown_suite);
    constexpr std::array<std::uint8_t, 4> kFirstBlock{0, 0, 0, 1};
    const std::array<std::uint8_t, 7> algorithm_id{
        0x60, 0x85, 0x74, 0x05, 0x08, 0x03, static_cast<std::uint8_t>(algorithm)};
    const auto nonce_length = static_cast<std::uint8_t>(parties.transaction_id.size());
    const ByteView nonce_head = parties.transaction_id.empty() ? ByteView{} : ByteView(&nonce_length, 1);
    const std::array<ByteView, 7> pieces{
        kFirstBlock, shared_secret,          algorithm_id,          parties.system_title_u,
        nonce_head,  parties.transaction_id, parties.system_title_v};
    std::array<std::uint8_t, 48> memory{};
    const ByteSpan digest = ByteSpan(memory).first(digest_size(digest_of(*curve)));
    SymmetricKey key;
    const bool good =
        crypto.hash(digest_of(*curve), pieces, digest) && key.assign(ByteView(digest).first(key_size_of_suite(suite)));
    wipe(memory);
    if (!good) return Error(SecurityError::crypto_failed);
    return key;
}

Result<SymmetricKey, SecurityError> agree_key(Crypto& crypto, std::uint8_t suite, KeyAlgorithm algorithm,
                                              ByteView private_key, ByteView public_key, const KeyParties& parties) {
    const auto curve = curve_of_suite(suite);
    if (!curve) return Error(SecurityError::unknown_suite);
    if (private_key.empty() || public_key.empty()) return Error(SecurityError::missing_key);
    if (private_key.size() != private_key_size(*curve) || public_key.size() != public_key_size(*curve))
        return Error(SecurityError::wrong_key_length);
    std::array<std::uint8_t, kMaxPrivateKeySize> memory{};
    const ByteSpan secret = ByteSpan(memory).first(shared_secret_size(*curve));
    if (!crypto.agree(*curve, private_key, public_key, secret)) return Error(SecurityError::crypto_failed);
    const auto key = derive_key(crypto, suite, algorithm, secret, parties);
    wipe(memory);
    return key;
}

}  // namespace ferraris::dlms
