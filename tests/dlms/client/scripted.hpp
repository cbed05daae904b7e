/// What a client session needs in a test: counters, a random source that says what the test wants, and a meter that
/// answers from a script.
#pragma once

#include <deque>
#include <memory>

#include "crypto/openssl.hpp"
#include "dlms/client/session.hpp"
#include "dlms/octets.hpp"

namespace ferraris::testing {

/// Counts on from a number, or gives out what the test lists; then it is exhausted.
class CountersFrom final : public dlms::InvocationCounters {
public:
    explicit CountersFrom(std::uint32_t first, std::size_t how_many = 1000) {
        for (std::size_t i = 0; i < how_many; ++i) left_.push_back(first++);
    }
    explicit CountersFrom(std::vector<std::uint32_t> listed) : left_(listed.begin(), listed.end()) {}
    std::optional<std::uint32_t> reserve() override {
        if (left_.empty()) return std::nullopt;
        const std::uint32_t next = left_.front();
        left_.pop_front();
        return next;
    }

private:
    std::deque<std::uint32_t> left_;
};

/// OpenSSL, but "random" octets come from the test.
class ScriptedCrypto final : public Crypto {
public:
    std::deque<Octets> random_octets;

    bool gcm_seal(ByteView key, const GcmIv& iv, std::span<const ByteView> additional, ByteView plain, ByteSpan cipher,
                  GcmTag& tag) override {
        return crypto_->gcm_seal(key, iv, additional, plain, cipher, tag);
    }
    bool gcm_open(ByteView key, const GcmIv& iv, std::span<const ByteView> additional, ByteView cipher, ByteView tag,
                  ByteSpan plain) override {
        return crypto_->gcm_open(key, iv, additional, cipher, tag, plain);
    }
    bool gcm_stream(ByteView key, const GcmIv& iv, ByteView in, ByteSpan out) override {
        return crypto_->gcm_stream(key, iv, in, out);
    }
    bool cbc_encrypt(ByteView key, const AesBlock& iv, ByteView in, ByteSpan out) override {
        return crypto_->cbc_encrypt(key, iv, in, out);
    }
    bool cbc_decrypt(ByteView key, const AesBlock& iv, ByteView in, ByteSpan out) override {
        return crypto_->cbc_decrypt(key, iv, in, out);
    }
    bool cmac(ByteView key, std::span<const ByteView> message, AesBlock& out) override {
        return crypto_->cmac(key, message, out);
    }
    bool wrap_key(ByteView kek, ByteView key, ByteSpan wrapped) override {
        return crypto_->wrap_key(kek, key, wrapped);
    }
    bool unwrap_key(ByteView kek, ByteView wrapped, ByteSpan key) override {
        return crypto_->unwrap_key(kek, wrapped, key);
    }
    bool hash(Digest digest, std::span<const ByteView> pieces, ByteSpan out) override {
        return crypto_->hash(digest, pieces, out);
    }
    bool generate_key_pair(Curve curve, ByteSpan private_key, ByteSpan public_key) override {
        return crypto_->generate_key_pair(curve, private_key, public_key);
    }
    bool public_key_of(Curve curve, ByteView private_key, ByteSpan public_key) override {
        return crypto_->public_key_of(curve, private_key, public_key);
    }
    bool sign(Curve curve, ByteView private_key, std::span<const ByteView> message, ByteSpan signature) override {
        return crypto_->sign(curve, private_key, message, signature);
    }
    bool verify(Curve curve, ByteView public_key, std::span<const ByteView> message, ByteView signature) override {
        return crypto_->verify(curve, public_key, message, signature);
    }
    bool agree(Curve curve, ByteView private_key, ByteView public_key, ByteSpan shared_secret) override {
        return crypto_->agree(curve, private_key, public_key, shared_secret);
    }
    bool random(ByteSpan out) override {
        if (random_octets.empty() || random_octets.front().size() != out.size()) return false;
        std::ranges::copy(random_octets.front(), out.begin());
        random_octets.pop_front();
        return true;
    }

private:
    std::unique_ptr<Crypto> crypto_ = make_openssl_crypto();
};

/// Request and answer, as hexadecimal text. An empty request is not compared.
struct Exchange {
    std::string request;
    std::string answer;
};

/// Plays the meter: each request has to be the next of the script. The last progress, when the script or the request
/// is at its end.
inline dlms::Progress play(dlms::ClientSession& session, dlms::Progress progress, const std::vector<Exchange>& script,
                           Octets& memory) {
    for (const Exchange& exchange : script) {
        EXPECT_EQ(progress.step, dlms::Step::send);
        if (progress.step != dlms::Step::send) return progress;
        if (!exchange.request.empty()) {
            EXPECT_EQ(to_hex(progress.apdu), to_hex(octets(exchange.request)));
        }
        memory = octets(exchange.answer);
        progress = session.receive(memory);
    }
    return progress;
}

}  // namespace ferraris::testing
