/// An association with HLS by ECDSA against a whole meter in memory, both sides: AARQ to the fourth pass.
#include <benchmark/benchmark.h>

#include <array>
#include <cstdlib>
#include <vector>

#include "crypto/openssl.hpp"
#include "dlms/client/session.hpp"
#include "dlms/security/certificate.hpp"
#include "dlms/server/session.hpp"
#include "meter/meter.hpp"
#include "meter/security/security_policy.hpp"
#include "twin/flash_memory.hpp"
#include "twin/test_factory.hpp"

namespace {

using namespace ferraris;
using Octets = std::vector<std::uint8_t>;

constexpr std::size_t kPdu = 2048;
constexpr UtcTime kNow = UtcTime::from_seconds(1'780'000'000);

struct KeyPair {
    Octets private_key;
    Octets public_key;

    KeyPair(Crypto& crypto, Curve curve) : private_key(private_key_size(curve)), public_key(public_key_size(curve)) {
        if (!crypto.generate_key_pair(curve, private_key, public_key)) std::abort();
    }
};

Octets issue(Crypto& crypto, Curve curve, const KeyPair& authority, ByteView issuer, ByteView common_name,
             ByteView public_key, std::uint16_t usage) {
    constexpr std::array<std::uint8_t, 1> kSerial{1};
    dlms::CertificateContents contents;
    contents.serial_number = kSerial;
    contents.issuer = issuer;
    contents.common_name = common_name;
    contents.not_before = UtcTime{kNow.milliseconds - 1000};
    contents.not_after = UtcTime::from_seconds(kNow.seconds() + 86'400);
    contents.curve = curve;
    contents.public_key = public_key;
    contents.key_usage = usage;
    contents.authority = issuer.empty();
    Octets memory(dlms::kMaxCertificateSize);
    const auto made = dlms::issue_certificate(crypto, contents, curve, authority.private_key, memory);
    if (!made) std::abort();
    return {made->begin(), made->end()};
}

class Counters final : public dlms::InvocationCounters {
public:
    std::optional<std::uint32_t> reserve() override { return ++counter_; }

private:
    std::uint32_t counter_{0};
};

/// The range is the suite.
void associate_ecdsa(benchmark::State& state) {
    const auto suite = static_cast<std::uint8_t>(state.range(0));
    const Curve curve = *dlms::curve_of_suite(suite);
    const auto crypto = make_openssl_crypto();
    constexpr std::array<std::uint8_t, 8> kTitle{'F', 'R', 'S', 0, 0, 0, 0, 9};
    const KeyPair authority(*crypto, curve);
    const KeyPair client(*crypto, curve);
    const KeyPair server(*crypto, curve);
    constexpr std::array<std::uint8_t, 4> kAuthorityName{'R', 'o', 'o', 't'};
    const Octets root = issue(*crypto, curve, authority, {}, kAuthorityName, authority.public_key, dlms::kKeyCertSign);
    const auto parsed = dlms::parse_certificate(root);
    if (!parsed) std::abort();
    const Octets client_certificate = issue(*crypto, curve, authority, parsed->subject, dlms::common_name_of(kTitle),
                                            client.public_key, dlms::kDigitalSignature);
    const std::array<ByteView, 1> certificates{client_certificate};

    meter::FactorySettings factory = twin::test_factory_settings();
    factory.mechanisms[meter::kUtilityIndex] = dlms::AuthenticationMechanism::high_ecdsa;
    factory.security[meter::kUtilityIndex].suite = suite;
    factory.trust_anchor = root;
    factory.signing_private_key = server.private_key;
    factory.certificates = certificates;
    twin::FlashMemory flash(meter::kFlashSectors, meter::kSectorSize);
    meter::Meter device(flash, *crypto, meter::MeterIdentity::from_serial_number(1), factory);
    if (!device.start(kNow)) std::abort();
    Octets deciphering(kPdu);
    Octets answer(kPdu + dlms::kAnswerHeadroom + dlms::kMaxCipherTail);
    Octets long_values(kPdu);
    dlms::ServerSession session(device, *crypto, {deciphering, answer, long_values});

    const meter::SecuritySettings& security = factory.security[meter::kUtilityIndex];
    const std::size_t size = dlms::key_size_of_suite(suite);
    dlms::ClientConfiguration configuration;
    configuration.context = dlms::ApplicationContext::logical_names_ciphered;
    configuration.mechanism = dlms::AuthenticationMechanism::high_ecdsa;
    configuration.suite = suite;
    configuration.system_title = kTitle;
    configuration.encryption_key = ByteView(security.unicast_encryption).first(size);
    configuration.authentication_key = ByteView(security.authentication).first(size);
    configuration.signing_private_key = client.private_key;
    configuration.server_signing_key = server.public_key;
    Counters counters;
    Octets buffer(1024);
    for (auto _ : state) {
        dlms::ClientSession asking(configuration, *crypto, counters, buffer);
        dlms::Progress progress = asking.associate();
        Octets received;
        while (progress.step == dlms::Step::send) {
            const ByteView octets = session.handle(meter::kUtilitySap, progress.apdu);
            received.assign(octets.begin(), octets.end());
            progress = asking.receive(received);
        }
        if (progress.step != dlms::Step::done) std::abort();
    }
}
BENCHMARK(associate_ecdsa)->Arg(1)->Arg(2)->Unit(benchmark::kMicrosecond);

}  // namespace

BENCHMARK_MAIN();
