#include "crypto/openssl.hpp"

#include <openssl/core_names.h>
#include <openssl/evp.h>
#include <openssl/params.h>
#include <openssl/rand.h>

#include <algorithm>
#include <array>

#include "crypto/openssl_curves.hpp"

namespace ferraris {
namespace {

constexpr std::size_t kMaxKey = 32;
/// Enough for one association's two directions with global, dedicated and broadcast keys of a few neighbours.
constexpr std::size_t kContexts = 8;
/// EVP counts in int.
constexpr std::size_t kMaxLength = 1U << 30U;

struct FreeContext {
    void operator()(EVP_CIPHER_CTX* context) const { EVP_CIPHER_CTX_free(context); }
    void operator()(EVP_MD_CTX* context) const { EVP_MD_CTX_free(context); }
    void operator()(EVP_CIPHER* cipher) const { EVP_CIPHER_free(cipher); }
    void operator()(EVP_MAC* mac) const { EVP_MAC_free(mac); }
    void operator()(EVP_MAC_CTX* context) const { EVP_MAC_CTX_free(context); }
    void operator()(EVP_MD* digest) const { EVP_MD_free(digest); }
};
using CipherContext = std::unique_ptr<EVP_CIPHER_CTX, FreeContext>;
using DigestContext = std::unique_ptr<EVP_MD_CTX, FreeContext>;
using Cipher = std::unique_ptr<EVP_CIPHER, FreeContext>;
using Mac = std::unique_ptr<EVP_MAC, FreeContext>;
using MacContext = std::unique_ptr<EVP_MAC_CTX, FreeContext>;
using Message = std::unique_ptr<EVP_MD, FreeContext>;

int size_of(ByteView octets) { return static_cast<int>(octets.size()); }

bool key_size_allowed(ByteView key) { return key.size() == 16 || key.size() == kMaxKey; }

class OpensslCrypto final : public Crypto {
public:
    OpensslCrypto() {
        constexpr const char* kGcm[] = {"AES-128-GCM", "AES-256-GCM"};
        constexpr const char* kCbc[] = {"AES-128-CBC", "AES-256-CBC"};
        constexpr const char* kWrap[] = {"AES-128-WRAP", "AES-256-WRAP"};
        constexpr const char* kDigests[] = {"MD5", "SHA1", "SHA256", "SHA384"};
        for (std::size_t i = 0; i < 2; ++i) {
            gcm_[i].reset(EVP_CIPHER_fetch(nullptr, kGcm[i], nullptr));
            cbc_[i].reset(EVP_CIPHER_fetch(nullptr, kCbc[i], nullptr));
            wrap_[i].reset(EVP_CIPHER_fetch(nullptr, kWrap[i], nullptr));
        }
        for (std::size_t i = 0; i < digests_.size(); ++i)
            digests_[i].reset(EVP_MD_fetch(nullptr, kDigests[i], nullptr));
        digest_context_.reset(EVP_MD_CTX_new());
        cmac_.reset(EVP_MAC_fetch(nullptr, "CMAC", nullptr));
    }
    OpensslCrypto(const OpensslCrypto&) = delete;
    OpensslCrypto& operator=(const OpensslCrypto&) = delete;
    ~OpensslCrypto() override {
        for (Slot& slot : slots_) wipe(slot.key);
    }

    bool gcm_seal(ByteView key, const GcmIv& iv, std::span<const ByteView> additional, ByteView plain, ByteSpan cipher,
                  GcmTag& tag) override {
        if (cipher.size() == plain.size() && seal(key, iv, additional, plain, cipher, tag)) return true;
        std::ranges::fill(cipher, std::uint8_t{0});
        tag.fill(0);
        return false;
    }

    bool gcm_open(ByteView key, const GcmIv& iv, std::span<const ByteView> additional, ByteView cipher, ByteView tag,
                  ByteSpan plain) override {
        if (cipher.size() == plain.size() && open(key, iv, additional, cipher, tag, plain)) return true;
        std::ranges::fill(plain, std::uint8_t{0});
        return false;
    }

    bool gcm_stream(ByteView key, const GcmIv& iv, ByteView in, ByteSpan out) override {
        EVP_CIPHER_CTX* context = in.size() == out.size() ? prepare(key, iv, Direction::encrypt) : nullptr;
        if (context != nullptr && update(context, in, out)) return true;
        std::ranges::fill(out, std::uint8_t{0});
        return false;
    }

    bool cbc_encrypt(ByteView key, const AesBlock& iv, ByteView in, ByteSpan out) override {
        return chaining(key, iv, in, out, Direction::encrypt);
    }

    bool cbc_decrypt(ByteView key, const AesBlock& iv, ByteView in, ByteSpan out) override {
        return chaining(key, iv, in, out, Direction::decrypt);
    }

    bool cmac(ByteView key, std::span<const ByteView> message, AesBlock& out) override {
        // The library takes the name as text that it may change, and does not.
        std::array<char, 12> name{"AES-128-CBC"};
        if (key.size() == kMaxKey) name = {"AES-256-CBC"};
        const std::array<OSSL_PARAM, 2> parameters{
            OSSL_PARAM_construct_utf8_string(OSSL_MAC_PARAM_CIPHER, name.data(), 0), OSSL_PARAM_construct_end()};
        const MacContext context(cmac_ ? EVP_MAC_CTX_new(cmac_.get()) : nullptr);
        std::size_t written = 0;
        bool good = context && key_size_allowed(key) &&
                    EVP_MAC_init(context.get(), key.data(), key.size(), parameters.data()) == 1;
        for (const ByteView piece : message) {
            good = good && EVP_MAC_update(context.get(), piece.data(), piece.size()) == 1;
        }
        good = good && EVP_MAC_final(context.get(), out.data(), &written, out.size()) == 1 && written == out.size();
        if (!good) out.fill(0);
        return good;
    }

    bool wrap_key(ByteView key_encryption_key, ByteView key, ByteSpan wrapped) override {
        return wrapping(key_encryption_key, key, wrapped, Direction::encrypt, key.size() + 8 == wrapped.size());
    }

    bool unwrap_key(ByteView key_encryption_key, ByteView wrapped, ByteSpan key) override {
        return wrapping(key_encryption_key, wrapped, key, Direction::decrypt, key.size() + 8 == wrapped.size());
    }

    bool hash(Digest digest, std::span<const ByteView> pieces, ByteSpan out) override {
        std::array<std::uint8_t, EVP_MAX_MD_SIZE> result{};
        const EVP_MD* message = digests_[static_cast<std::size_t>(digest)].get();
        EVP_MD_CTX* context = digest_context_.get();
        bool good = out.size() == digest_size(digest) && message != nullptr && context != nullptr &&
                    EVP_DigestInit_ex2(context, message, nullptr) == 1;
        for (const ByteView piece : pieces) good = good && EVP_DigestUpdate(context, piece.data(), piece.size()) == 1;
        good = good && EVP_DigestFinal_ex(context, result.data(), nullptr) == 1;
        if (!good) {
            std::ranges::fill(out, std::uint8_t{0});
            return false;
        }
        std::copy_n(result.begin(), out.size(), out.begin());
        return true;
    }

    bool generate_key_pair(Curve curve, ByteSpan private_key, ByteSpan public_key) override {
        if (openssl::generate_key_pair(curve, private_key, public_key)) return true;
        std::ranges::fill(private_key, std::uint8_t{0});
        std::ranges::fill(public_key, std::uint8_t{0});
        return false;
    }

    bool public_key_of(Curve curve, ByteView private_key, ByteSpan public_key) override {
        if (openssl::public_key_of(curve, private_key, public_key)) return true;
        std::ranges::fill(public_key, std::uint8_t{0});
        return false;
    }

    bool sign(Curve curve, ByteView private_key, std::span<const ByteView> message, ByteSpan signature) override {
        std::array<std::uint8_t, EVP_MAX_MD_SIZE> memory{};
        const ByteSpan digest = ByteSpan(memory).first(digest_size(digest_of(curve)));
        if (hash(digest_of(curve), message, digest) && openssl::sign_digest(curve, private_key, digest, signature)) {
            return true;
        }
        std::ranges::fill(signature, std::uint8_t{0});
        return false;
    }

    bool verify(Curve curve, ByteView public_key, std::span<const ByteView> message, ByteView signature) override {
        std::array<std::uint8_t, EVP_MAX_MD_SIZE> memory{};
        const ByteSpan digest = ByteSpan(memory).first(digest_size(digest_of(curve)));
        return hash(digest_of(curve), message, digest) && openssl::verify_digest(curve, public_key, digest, signature);
    }

    bool agree(Curve curve, ByteView private_key, ByteView public_key, ByteSpan shared_secret) override {
        if (openssl::agree(curve, private_key, public_key, shared_secret)) return true;
        std::ranges::fill(shared_secret, std::uint8_t{0});
        return false;
    }

    bool random(ByteSpan out) override {
        if (out.size() < kMaxLength && RAND_bytes(out.data(), size_of(out)) == 1) return true;
        std::ranges::fill(out, std::uint8_t{0});
        return false;
    }

private:
    enum class Direction : std::uint8_t { decrypt = 0, encrypt = 1 };

    /// A context whose key is expanded, and the key that it was made for.
    struct Slot {
        CipherContext context{};
        std::array<std::uint8_t, kMaxKey> key{};
        std::size_t key_size{0};
        Direction direction{Direction::decrypt};
        std::uint64_t last_used{0};
    };

    /// A context for this key with the IV set. The key is expanded only when no slot has it; the slot that was unused
    /// longest makes room.
    EVP_CIPHER_CTX* prepare(ByteView key, const GcmIv& iv, Direction direction) {
        if (!key_size_allowed(key)) return nullptr;
        Slot* oldest = &slots_[0];
        for (Slot& slot : slots_) {
            if (slot.key_size == key.size() && slot.direction == direction &&
                constant_time_equal(ByteView(slot.key).first(slot.key_size), key)) {
                slot.last_used = ++clock_;
                const bool good = EVP_CipherInit_ex2(slot.context.get(), nullptr, nullptr, iv.data(), -1, nullptr) == 1;
                return good ? slot.context.get() : nullptr;
            }
            if (slot.last_used < oldest->last_used) oldest = &slot;
        }
        return expand(*oldest, key, iv, direction);
    }

    EVP_CIPHER_CTX* expand(Slot& slot, ByteView key, const GcmIv& iv, Direction direction) {
        slot.key_size = 0;
        if (!slot.context) slot.context.reset(EVP_CIPHER_CTX_new());
        const EVP_CIPHER* cipher = gcm_[key.size() == kMaxKey ? 1 : 0].get();
        if (!slot.context || cipher == nullptr ||
            EVP_CipherInit_ex2(slot.context.get(), cipher, key.data(), iv.data(), static_cast<int>(direction),
                               nullptr) != 1) {
            return nullptr;
        }
        wipe(slot.key);
        std::ranges::copy(key, slot.key.begin());
        slot.key_size = key.size();
        slot.direction = direction;
        slot.last_used = ++clock_;
        return slot.context.get();
    }

    static bool update(EVP_CIPHER_CTX* context, ByteView in, ByteSpan out) {
        int written = 0;
        if (in.empty()) return true;
        return in.size() < kMaxLength && EVP_CipherUpdate(context, out.data(), &written, in.data(), size_of(in)) == 1 &&
               written == size_of(in);
    }

    /// Short pieces go in as one: a call costs more than a copy.
    static bool authenticate(EVP_CIPHER_CTX* context, std::span<const ByteView> additional) {
        std::array<std::uint8_t, 256> together{};
        std::size_t size = 0;
        std::size_t used = 0;
        int written = 0;
        const auto flush = [&] {
            const bool good =
                size == 0 || EVP_CipherUpdate(context, nullptr, &written, together.data(), static_cast<int>(size)) == 1;
            size = 0;
            return good;
        };
        bool good = true;
        for (const ByteView piece : additional) {
            if (piece.size() > together.size() - size) good = good && flush();
            if (piece.size() <= together.size()) {
                std::copy_n(piece.begin(), piece.size(), together.begin() + static_cast<std::ptrdiff_t>(size));
                size += piece.size();
                used = std::max(used, size);
            } else {
                good = good && piece.size() < kMaxLength &&
                       EVP_CipherUpdate(context, nullptr, &written, piece.data(), size_of(piece)) == 1;
            }
        }
        good = good && flush();
        // An authentication key is among the pieces.
        wipe(ByteSpan(together).first(used));
        return good;
    }

    bool seal(ByteView key, const GcmIv& iv, std::span<const ByteView> additional, ByteView plain, ByteSpan cipher,
              GcmTag& tag) {
        EVP_CIPHER_CTX* context = prepare(key, iv, Direction::encrypt);
        int written = 0;
        std::uint8_t none = 0;
        return context != nullptr && authenticate(context, additional) && update(context, plain, cipher) &&
               EVP_CipherFinal_ex(context, &none, &written) == 1 &&
               EVP_CIPHER_CTX_ctrl(context, EVP_CTRL_AEAD_GET_TAG, static_cast<int>(tag.size()), tag.data()) == 1;
    }

    bool open(ByteView key, const GcmIv& iv, std::span<const ByteView> additional, ByteView cipher, ByteView tag,
              ByteSpan plain) {
        GcmTag expected{};
        if (tag.size() != expected.size()) return false;
        std::ranges::copy(tag, expected.begin());
        EVP_CIPHER_CTX* context = prepare(key, iv, Direction::decrypt);
        int written = 0;
        std::uint8_t none = 0;
        return context != nullptr && authenticate(context, additional) && update(context, cipher, plain) &&
               EVP_CIPHER_CTX_ctrl(context, EVP_CTRL_AEAD_SET_TAG, static_cast<int>(expected.size()),
                                   expected.data()) == 1 &&
               EVP_CipherFinal_ex(context, &none, &written) == 1;
    }

    /// Used so seldom that no context is kept, like those below.
    bool chaining(ByteView key, const AesBlock& iv, ByteView in, ByteSpan out, Direction direction) {
        const CipherContext context(EVP_CIPHER_CTX_new());
        const EVP_CIPHER* cipher = cbc_[key.size() == kMaxKey ? 1 : 0].get();
        const bool good = in.size() == out.size() && in.size() % kAesBlockSize == 0 && key_size_allowed(key) &&
                          context && cipher != nullptr &&
                          EVP_CipherInit_ex2(context.get(), cipher, key.data(), iv.data(), static_cast<int>(direction),
                                             nullptr) == 1 &&
                          EVP_CIPHER_CTX_set_padding(context.get(), 0) == 1 && update(context.get(), in, out);
        if (!good) std::ranges::fill(out, std::uint8_t{0});
        return good;
    }

    /// RFC 3394. Keys are wrapped so seldom that no context is kept.
    bool wrapping(ByteView key, ByteView in, ByteSpan out, Direction direction, bool sizes_fit) {
        std::array<std::uint8_t, kMaxKey + 16> result{};
        int written = 0;
        const CipherContext context(EVP_CIPHER_CTX_new());
        const EVP_CIPHER* cipher = wrap_[key.size() == kMaxKey ? 1 : 0].get();
        bool good = sizes_fit && key_size_allowed(key) && in.size() % 8 == 0 && in.size() >= 16 &&
                    in.size() <= kMaxKey + 8 && context && cipher != nullptr;
        if (good) EVP_CIPHER_CTX_set_flags(context.get(), EVP_CIPHER_CTX_FLAG_WRAP_ALLOW);
        good =
            good &&
            EVP_CipherInit_ex2(context.get(), cipher, key.data(), nullptr, static_cast<int>(direction), nullptr) == 1 &&
            EVP_CipherUpdate(context.get(), result.data(), &written, in.data(), size_of(in)) == 1 &&
            written == size_of(out);
        if (good) {
            std::copy_n(result.begin(), out.size(), out.begin());
        } else {
            std::ranges::fill(out, std::uint8_t{0});
        }
        wipe(result);
        return good;
    }

    std::array<Cipher, 2> gcm_{};
    std::array<Cipher, 2> cbc_{};
    std::array<Cipher, 2> wrap_{};
    Mac cmac_{};
    std::array<Message, 4> digests_{};
    DigestContext digest_context_{};
    std::array<Slot, kContexts> slots_{};
    std::uint64_t clock_{0};
};

}  // namespace

std::unique_ptr<Crypto> make_openssl_crypto() { return std::make_unique<OpensslCrypto>(); }

}  // namespace ferraris
