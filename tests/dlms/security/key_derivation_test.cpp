#include "dlms/security/key_derivation.hpp"

#include <gtest/gtest.h>

#include "crypto/openssl.hpp"
#include "dlms/octets.hpp"

namespace ferraris::dlms {
namespace {

using testing::fact;
using testing::octets;
using testing::Octets;

std::string vector(const std::string& id, const std::string& field) {
    return fact("vectors_security.json", "vectors", id, field);
}

std::string derived(std::uint8_t suite, const std::string& id, const char* u, const char* v, ByteView nonce = {}) {
    const auto crypto = make_openssl_crypto();
    const Octets title_u = octets(vector(id, u));
    const Octets title_v = octets(vector(id, v));
    const auto key =
        derive_key(*crypto, suite, key_algorithm(suite), octets(vector(id, "Z")), {title_u, title_v, nonce});
    return key ? to_hex(key->view()) : "none";
}

TEST(KeyDerivation, EphemeralUnifiedModelOfTheGreenBook) {
    FERRARIS_NEEDS_SHARED("facts/vectors_security.json");
    EXPECT_EQ(derived(1, "gb-c2e0s", "ID_U_client", "ID_V_server"), vector("gb-c2e0s", "GUEK"));
}

TEST(KeyDerivation, OnePassModelOfTheGreenBookInBothDirections) {
    FERRARIS_NEEDS_SHARED("facts/vectors_security.json");
    EXPECT_EQ(derived(1, "gb-c1e1s", "originator", "recipient"), vector("gb-c1e1s", "EK"));
    EXPECT_EQ(derived(1, "gb-c1e1s-response", "ID_U", "ID_V"), vector("gb-c1e1s-response", "EK"));
}

TEST(KeyDerivation, StaticUnifiedModelOfTheGreenBookTakesTheTransactionIdWithItsLength) {
    FERRARIS_NEEDS_SHARED("facts/vectors_security.json");
    EXPECT_EQ(derived(1, "gb-c0e2s", "ID_U", "ID_V", octets(vector("gb-c0e2s", "transaction_id"))),
              vector("gb-c0e2s", "EK"));
}

TEST(KeyDerivation, Suite2TakesSha384AndGivesThirtyTwoOctets) {
    FERRARIS_NEEDS_SHARED("facts/vectors_security.json");
    EXPECT_EQ(derived(2, "derived-kdf-suite2", "ID_U", "ID_V"), vector("derived-kdf-suite2", "key"));
}

TEST(KeyDerivation, RefusesSuitesWithoutACurveAndKeysOfOtherSizes) {
    const auto crypto = make_openssl_crypto();
    EXPECT_EQ(derive_key(*crypto, 0, KeyAlgorithm::aes_gcm_128, Octets(32), {}).error(), SecurityError::unknown_suite);
    EXPECT_EQ(derive_key(*crypto, 3, KeyAlgorithm::aes_gcm_128, Octets(32), {}).error(), SecurityError::unknown_suite);
    const auto agreed = [&](std::size_t private_size, std::size_t public_size) {
        return agree_key(*crypto, 1, KeyAlgorithm::aes_gcm_128, Octets(private_size, 1), Octets(public_size, 1), {})
            .error();
    };
    EXPECT_EQ(agreed(0, 64), SecurityError::missing_key);
    EXPECT_EQ(agreed(32, 0), SecurityError::missing_key);
    EXPECT_EQ(agreed(48, 64), SecurityError::wrong_key_length);
    EXPECT_EQ(agreed(32, 96), SecurityError::wrong_key_length);
    EXPECT_EQ(agreed(32, 64), SecurityError::crypto_failed) << "no point of the curve";
}

}  // namespace
}  // namespace ferraris::dlms
