/// A client for benchmarks: associates over anything that answers an APDU with an APDU, and seals requests ahead.
#pragma once

#include <array>
#include <cstdlib>
#include <functional>
#include <vector>

#include "crypto/openssl.hpp"
#include "dlms/client/session.hpp"
#include "meter/identity.hpp"
#include "twin/test_factory.hpp"

namespace ferraris::bench {

/// GET of the total active import, 1-0:1.8.0*255, attribute 2.
inline constexpr std::array<std::uint8_t, 13> kGetImport{0xC0, 1, 0xC1, 0, 3, 1, 0, 1, 8, 0, 255, 2, 0};

/// Counters that start above what earlier runs may have used.
class Counters final : public dlms::InvocationCounters {
public:
    std::optional<std::uint32_t> reserve() override { return ++counter_; }

private:
    std::uint32_t counter_{0};
};

inline constexpr dlms::AttributeDescriptor kImport{3, dlms::obis(1, 0, 1, 8, 0), 2};

/// Answers an APDU with an APDU.
using Exchange = std::function<std::vector<std::uint8_t>(ByteView)>;

/// The utility's secrets and counter (client 1).
struct Utility {
    explicit Utility(Crypto& engine) : crypto(engine) {}

    [[nodiscard]] ByteView encryption_key() const {
        return ByteView(factory.security[meter::kUtilityIndex].unicast_encryption).first(16);
    }
    [[nodiscard]] ByteView authentication_key() const {
        return ByteView(factory.security[meter::kUtilityIndex].authentication).first(16);
    }
    /// A request APDU under the global key, with the next counter.
    std::vector<std::uint8_t> seal(ByteView plain) {
        std::vector<std::uint8_t> buffer(plain.size() + dlms::kMaxCipherHead + dlms::kMaxCipherTail);
        std::copy(plain.begin(), plain.end(), buffer.begin() + dlms::kMaxCipherHead);
        dlms::ProtectParameters how;
        how.invocation_counter = *counters.reserve();
        how.keys = {title, encryption_key(), authentication_key()};
        const auto sealed = dlms::protect(crypto, how, buffer, dlms::kMaxCipherHead, plain.size());
        if (!sealed) std::abort();
        return {sealed->begin(), sealed->end()};
    }

    Crypto& crypto;
    meter::FactorySettings factory = twin::test_factory_settings();
    std::array<std::uint8_t, 8> title{'F', 'R', 'S', 0, 0, 0, 0, 9};
    Counters counters{};
};

/// HLS with GMAC, authenticated and encrypted.
class Association {
public:
    explicit Association(Utility& client, bool dedicated = false)
        : session(configuration(client, dedicated), client.crypto, client.counters, buffer_) {}

    void associate(const Exchange& exchange) {
        dlms::Progress progress = session.associate();
        while (progress.step == dlms::Step::send) {
            std::vector<std::uint8_t> answer = exchange(progress.apdu);
            progress = session.receive(answer);
        }
        if (progress.step != dlms::Step::done) std::abort();
    }

private:
    static dlms::ClientConfiguration configuration(const Utility& client, bool dedicated) {
        dlms::ClientConfiguration configuration;
        configuration.context = dlms::ApplicationContext::logical_names_ciphered;
        configuration.mechanism = dlms::AuthenticationMechanism::high_gmac;
        configuration.system_title = client.title;
        configuration.encryption_key = client.encryption_key();
        configuration.authentication_key = client.authentication_key();
        configuration.use_dedicated_key = dedicated;
        return configuration;
    }

    std::array<std::uint8_t, 1024> buffer_{};

public:
    dlms::ClientSession session;
};

}  // namespace ferraris::bench
