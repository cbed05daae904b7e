#include "crypto/openssl_curves.hpp"

#include <openssl/core_names.h>
#include <openssl/ec.h>
#include <openssl/ecdsa.h>
#include <openssl/evp.h>
#include <openssl/obj_mac.h>
#include <openssl/param_build.h>

#include <algorithm>
#include <array>
#include <memory>

namespace ferraris::openssl {
namespace {

struct Free {
    void operator()(EVP_PKEY* key) const { EVP_PKEY_free(key); }
    void operator()(EVP_PKEY_CTX* context) const { EVP_PKEY_CTX_free(context); }
    void operator()(BIGNUM* number) const { BN_clear_free(number); }
    void operator()(BN_CTX* context) const { BN_CTX_free(context); }
    void operator()(EC_GROUP* group) const { EC_GROUP_free(group); }
    void operator()(EC_POINT* point) const { EC_POINT_clear_free(point); }
    void operator()(ECDSA_SIG* signature) const { ECDSA_SIG_free(signature); }
    void operator()(OSSL_PARAM_BLD* builder) const { OSSL_PARAM_BLD_free(builder); }
    void operator()(OSSL_PARAM* parameters) const { OSSL_PARAM_free(parameters); }
};
template <class T>
using Owned = std::unique_ptr<T, Free>;

constexpr std::uint8_t kUncompressed = 0x04;
/// SEC 1, 2.3.3: 04 || x || y.
using EncodedPoint = std::array<std::uint8_t, 1 + kMaxPublicKeySize>;
/// SEQUENCE of two INTEGERs, each with an octet of sign at most.
constexpr std::size_t kMaxDerSignature = 3 + 2 * (2 + 1 + kMaxSignatureSize / 2);

const char* name_of(Curve curve) { return curve == Curve::p256 ? SN_X9_62_prime256v1 : SN_secp384r1; }

const EC_GROUP* group_of(Curve curve) {
    static const Owned<EC_GROUP> groups[] = {Owned<EC_GROUP>(EC_GROUP_new_by_curve_name(NID_X9_62_prime256v1)),
                                             Owned<EC_GROUP>(EC_GROUP_new_by_curve_name(NID_secp384r1))};
    return groups[static_cast<std::size_t>(curve)].get();
}

ByteView encode_point(Curve curve, ByteView public_key, EncodedPoint& out) {
    out[0] = kUncompressed;
    std::ranges::copy(public_key, out.begin() + 1);
    return ByteView(out).first(1 + public_key_size(curve));
}

Owned<BIGNUM> scalar_of(Curve curve, ByteView private_key) {
    if (private_key.size() != private_key_size(curve)) return nullptr;
    Owned<BIGNUM> scalar(BN_secure_new());
    const EC_GROUP* group = group_of(curve);
    if (!scalar || group == nullptr ||
        BN_bin2bn(private_key.data(), static_cast<int>(private_key.size()), scalar.get()) == nullptr ||
        BN_is_zero(scalar.get()) == 1 || BN_cmp(scalar.get(), EC_GROUP_get0_order(group)) >= 0) {
        return nullptr;
    }
    BN_set_flags(scalar.get(), BN_FLG_CONSTTIME);
    return scalar;
}

/// A key of the library; `scalar` may be null for a public key alone.
Owned<EVP_PKEY> key_of(Curve curve, const BIGNUM* scalar, ByteView public_key) {
    if (public_key.size() != public_key_size(curve)) return nullptr;
    EncodedPoint memory{};
    const ByteView point = encode_point(curve, public_key, memory);
    const Owned<OSSL_PARAM_BLD> builder(OSSL_PARAM_BLD_new());
    if (!builder ||
        OSSL_PARAM_BLD_push_utf8_string(builder.get(), OSSL_PKEY_PARAM_GROUP_NAME, name_of(curve), 0) != 1 ||
        OSSL_PARAM_BLD_push_octet_string(builder.get(), OSSL_PKEY_PARAM_PUB_KEY, point.data(), point.size()) != 1 ||
        (scalar != nullptr && OSSL_PARAM_BLD_push_BN(builder.get(), OSSL_PKEY_PARAM_PRIV_KEY, scalar) != 1)) {
        return nullptr;
    }
    const Owned<OSSL_PARAM> parameters(OSSL_PARAM_BLD_to_param(builder.get()));
    const Owned<EVP_PKEY_CTX> context(EVP_PKEY_CTX_new_from_name(nullptr, "EC", nullptr));
    EVP_PKEY* key = nullptr;
    const int selection = scalar != nullptr ? EVP_PKEY_KEYPAIR : EVP_PKEY_PUBLIC_KEY;
    if (!parameters || !context || EVP_PKEY_fromdata_init(context.get()) != 1 ||
        EVP_PKEY_fromdata(context.get(), &key, selection, parameters.get()) != 1) {
        return nullptr;
    }
    return Owned<EVP_PKEY>(key);
}

bool public_key_of(Curve curve, const BIGNUM& scalar, ByteSpan public_key) {
    const EC_GROUP* group = group_of(curve);
    const Owned<BN_CTX> context(BN_CTX_secure_new());
    if (group == nullptr || !context || public_key.size() != public_key_size(curve)) return false;
    const Owned<EC_POINT> point(EC_POINT_new(group));
    EncodedPoint octets{};
    const std::size_t size = 1 + public_key.size();
    if (!point || EC_POINT_mul(group, point.get(), &scalar, nullptr, nullptr, context.get()) != 1 ||
        EC_POINT_point2oct(group, point.get(), POINT_CONVERSION_UNCOMPRESSED, octets.data(), size, context.get()) !=
            size) {
        return false;
    }
    std::copy_n(octets.begin() + 1, public_key.size(), public_key.begin());
    return true;
}

Owned<EVP_PKEY> private_key_of(Curve curve, ByteView private_key) {
    const auto scalar = scalar_of(curve, private_key);
    std::array<std::uint8_t, kMaxPublicKeySize> memory{};
    const ByteSpan public_key = ByteSpan(memory).first(public_key_size(curve));
    if (!scalar || !public_key_of(curve, *scalar, public_key)) return nullptr;
    return key_of(curve, scalar.get(), public_key);
}

}  // namespace

bool generate_key_pair(Curve curve, ByteSpan private_key, ByteSpan public_key) {
    const EC_GROUP* group = group_of(curve);
    if (group == nullptr || private_key.size() != private_key_size(curve)) return false;
    const Owned<BIGNUM> scalar(BN_secure_new());
    // 0 is no key; so improbable that another draw is no cost.
    do {
        if (!scalar || BN_priv_rand_range(scalar.get(), EC_GROUP_get0_order(group)) != 1) return false;
    } while (BN_is_zero(scalar.get()) == 1);
    BN_set_flags(scalar.get(), BN_FLG_CONSTTIME);
    return public_key_of(curve, *scalar, public_key) &&
           BN_bn2binpad(scalar.get(), private_key.data(), static_cast<int>(private_key.size())) > 0;
}

bool public_key_of(Curve curve, ByteView private_key, ByteSpan public_key) {
    const auto scalar = scalar_of(curve, private_key);
    return scalar && public_key_of(curve, *scalar, public_key);
}

bool sign_digest(Curve curve, ByteView private_key, ByteView digest, ByteSpan signature) {
    const auto key = private_key_of(curve, private_key);
    if (!key || signature.size() != signature_size(curve)) return false;
    const Owned<EVP_PKEY_CTX> context(EVP_PKEY_CTX_new_from_pkey(nullptr, key.get(), nullptr));
    std::array<std::uint8_t, kMaxDerSignature> der{};
    std::size_t size = der.size();
    if (!context || EVP_PKEY_sign_init(context.get()) != 1 ||
        EVP_PKEY_sign(context.get(), der.data(), &size, digest.data(), digest.size()) != 1) {
        return false;
    }
    const unsigned char* cursor = der.data();
    const Owned<ECDSA_SIG> numbers(d2i_ECDSA_SIG(nullptr, &cursor, static_cast<long>(size)));
    const auto half = static_cast<int>(signature.size() / 2);
    return numbers && BN_bn2binpad(ECDSA_SIG_get0_r(numbers.get()), signature.data(), half) == half &&
           BN_bn2binpad(ECDSA_SIG_get0_s(numbers.get()), signature.data() + half, half) == half;
}

bool verify_digest(Curve curve, ByteView public_key, ByteView digest, ByteView signature) {
    if (signature.size() != signature_size(curve)) return false;
    const auto key = key_of(curve, nullptr, public_key);
    const auto half = static_cast<int>(signature.size() / 2);
    Owned<BIGNUM> r(BN_bin2bn(signature.data(), half, nullptr));
    Owned<BIGNUM> s(BN_bin2bn(signature.data() + half, half, nullptr));
    const Owned<ECDSA_SIG> numbers(ECDSA_SIG_new());
    if (!key || !r || !s || !numbers) return false;
    if (ECDSA_SIG_set0(numbers.get(), r.get(), s.get()) != 1) return false;
    // Owned by the signature from here on.
    (void)r.release();
    (void)s.release();
    std::array<std::uint8_t, kMaxDerSignature> der{};
    unsigned char* cursor = der.data();
    const int size = i2d_ECDSA_SIG(numbers.get(), &cursor);
    const Owned<EVP_PKEY_CTX> context(EVP_PKEY_CTX_new_from_pkey(nullptr, key.get(), nullptr));
    return size > 0 && context && EVP_PKEY_verify_init(context.get()) == 1 &&
           EVP_PKEY_verify(context.get(), der.data(), static_cast<std::size_t>(size), digest.data(), digest.size()) ==
               1;
}

bool agree(Curve curve, ByteView private_key, ByteView public_key, ByteSpan shared_secret) {
    const auto own = private_key_of(curve, private_key);
    const auto other = key_of(curve, nullptr, public_key);
    if (!own || !other || shared_secret.size() != shared_secret_size(curve)) return false;
    const Owned<EVP_PKEY_CTX> context(EVP_PKEY_CTX_new_from_pkey(nullptr, own.get(), nullptr));
    std::size_t size = shared_secret.size();
    return context && EVP_PKEY_derive_init(context.get()) == 1 &&
           EVP_PKEY_derive_set_peer(context.get(), other.get()) == 1 &&
           EVP_PKEY_derive(context.get(), shared_secret.data(), &size) == 1 && size == shared_secret.size();
}

}  // namespace ferraris::openssl
