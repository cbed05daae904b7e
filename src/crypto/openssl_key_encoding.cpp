#include <openssl/bio.h>
#include <openssl/core_names.h>
#include <openssl/decoder.h>
#include <openssl/evp.h>
#include <openssl/obj_mac.h>
#include <openssl/pem.h>

#include <algorithm>
#include <array>
#include <memory>

#include "crypto/key_encoding.hpp"

namespace ferraris {
namespace {

struct FreeEncoding {
    void operator()(EVP_PKEY* key) const { EVP_PKEY_free(key); }
    void operator()(OSSL_DECODER_CTX* context) const { OSSL_DECODER_CTX_free(context); }
    void operator()(BIGNUM* number) const { BN_clear_free(number); }
    void operator()(BIO* stream) const { BIO_free(stream); }
    void operator()(char* text) const { OPENSSL_free(text); }
    void operator()(unsigned char* octets) const { OPENSSL_free(octets); }
};
template <class T>
using OwnedEncoding = std::unique_ptr<T, FreeEncoding>;

constexpr std::string_view kPrivateKeyLabel = "PRIVATE KEY";
constexpr std::uint8_t kSequence = 0x30;

/// PrivateKeyInfo of RFC 5208 with ECPrivateKey of RFC 5915, but for the keys themselves: all lengths are fixed.
struct PrivateKeyTemplate {
    std::string_view head;     ///< version 0, id-ecPublicKey and the curve, ECPrivateKey of version 1
    std::string_view between;  ///< [1] BIT STRING, uncompressed point
};
using namespace std::string_view_literals;
constexpr std::array<PrivateKeyTemplate, 2> kTemplates{{
    {"\x30\x81\x87\x02\x01\x00"
     "\x30\x13\x06\x07\x2A\x86\x48\xCE\x3D\x02\x01\x06\x08\x2A\x86\x48\xCE\x3D\x03\x01\x07"
     "\x04\x6D\x30\x6B\x02\x01\x01\x04\x20"sv,
     "\xA1\x44\x03\x42\x00\x04"sv},
    {"\x30\x81\xB6\x02\x01\x00"
     "\x30\x10\x06\x07\x2A\x86\x48\xCE\x3D\x02\x01\x06\x05\x2B\x81\x04\x00\x22"
     "\x04\x81\x9E\x30\x81\x9B\x02\x01\x01\x04\x30"sv,
     "\xA1\x64\x03\x62\x00\x04"sv},
}};

std::optional<Curve> curve_named(std::string_view name) {
    if (name == SN_X9_62_prime256v1) return Curve::p256;
    if (name == SN_secp384r1) return Curve::p384;
    return std::nullopt;
}

}  // namespace

std::optional<EncodedPrivateKey> decode_private_key(ByteView file) {
    EVP_PKEY* found = nullptr;
    const OwnedEncoding<OSSL_DECODER_CTX> context(
        OSSL_DECODER_CTX_new_for_pkey(&found, nullptr, nullptr, "EC", EVP_PKEY_KEYPAIR, nullptr, nullptr));
    const unsigned char* octets = file.data();
    std::size_t left = file.size();
    const bool decoded = context && OSSL_DECODER_from_data(context.get(), &octets, &left) == 1;
    const OwnedEncoding<EVP_PKEY> key(found);
    std::array<char, 64> name{};
    BIGNUM* number = nullptr;
    if (!decoded || !key ||
        EVP_PKEY_get_utf8_string_param(key.get(), OSSL_PKEY_PARAM_GROUP_NAME, name.data(), name.size(), nullptr) != 1 ||
        EVP_PKEY_get_bn_param(key.get(), OSSL_PKEY_PARAM_PRIV_KEY, &number) != 1) {
        return std::nullopt;
    }
    const OwnedEncoding<BIGNUM> scalar(number);
    const auto curve = curve_named(name.data());
    if (!curve) return std::nullopt;
    EncodedPrivateKey decoded_key;
    decoded_key.curve = *curve;
    decoded_key.scalar.resize(private_key_size(*curve));
    const int size = static_cast<int>(decoded_key.scalar.size());
    if (BN_bn2binpad(scalar.get(), decoded_key.scalar.data(), size) != size) return std::nullopt;
    return decoded_key;
}

std::string encode_private_key(Curve curve, ByteView private_key, ByteView public_key) {
    const PrivateKeyTemplate& around = kTemplates[static_cast<std::size_t>(curve)];
    std::vector<std::uint8_t> der(around.head.begin(), around.head.end());
    der.reserve(around.head.size() + private_key.size() + around.between.size() + public_key.size());
    der.insert(der.end(), private_key.begin(), private_key.end());
    der.insert(der.end(), around.between.begin(), around.between.end());
    der.insert(der.end(), public_key.begin(), public_key.end());
    std::string text = encode_pem(kPrivateKeyLabel, der);
    wipe(der);
    return text;
}

std::optional<std::vector<std::uint8_t>> decode_pem_or_der(std::string_view label, ByteView file) {
    if (!file.empty() && file[0] == kSequence) return std::vector<std::uint8_t>(file.begin(), file.end());
    const OwnedEncoding<BIO> stream(BIO_new_mem_buf(file.data(), static_cast<int>(file.size())));
    for (;;) {
        char* name = nullptr;
        char* header = nullptr;
        unsigned char* octets = nullptr;
        long size = 0;
        if (!stream || PEM_read_bio(stream.get(), &name, &header, &octets, &size) != 1) return std::nullopt;
        const OwnedEncoding<char> owned_name(name);
        const OwnedEncoding<char> owned_header(header);
        const OwnedEncoding<unsigned char> owned_octets(octets);
        if (label == name) return std::vector<std::uint8_t>(octets, octets + size);
    }
}

std::string encode_pem(std::string_view label, ByteView der) {
    const OwnedEncoding<BIO> stream(BIO_new(BIO_s_secmem()));
    const std::string name(label);
    if (!stream || PEM_write_bio(stream.get(), name.c_str(), "", der.data(), static_cast<long>(der.size())) <= 0)
        return {};
    char* text = nullptr;
    const long size = BIO_get_mem_data(stream.get(), &text);
    return {text, static_cast<std::size_t>(size)};
}

}  // namespace ferraris
