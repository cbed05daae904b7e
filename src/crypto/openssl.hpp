/// The cryptography of hosts: OpenSSL 3.
#pragma once

#include <memory>

#include "crypto/crypto.hpp"

namespace ferraris {

/// Keeps the expanded keys of the last few keys it saw, so that a call sets an IV and no more. Not for several threads
/// at once: make one for each.
[[nodiscard]] std::unique_ptr<Crypto> make_openssl_crypto();

}  // namespace ferraris
