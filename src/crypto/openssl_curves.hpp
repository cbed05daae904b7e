/// The elliptic curves of OpenSSL 3: what `make_openssl_crypto` answers with. Every function is as its namesake in
/// crypto.hpp, but writes nothing when it fails.
#pragma once

#include "crypto/crypto.hpp"

namespace ferraris::openssl {

[[nodiscard]] bool generate_key_pair(Curve curve, ByteSpan private_key, ByteSpan public_key);
[[nodiscard]] bool public_key_of(Curve curve, ByteView private_key, ByteSpan public_key);
/// `digest` has the size of the curve's digest.
[[nodiscard]] bool sign_digest(Curve curve, ByteView private_key, ByteView digest, ByteSpan signature);
[[nodiscard]] bool verify_digest(Curve curve, ByteView public_key, ByteView digest, ByteView signature);
[[nodiscard]] bool agree(Curve curve, ByteView private_key, ByteView public_key, ByteSpan shared_secret);

}  // namespace ferraris::openssl
