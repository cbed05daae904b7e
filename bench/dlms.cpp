/// One request after the other against a whole meter in memory: no sockets, no log, no waiting.
#include <benchmark/benchmark.h>

#include <cstdlib>
#include <vector>

#include "client_driver.hpp"
#include "crypto/openssl.hpp"
#include "dlms/client/session.hpp"
#include "dlms/security/ciphering.hpp"
#include "dlms/server/session.hpp"
#include "meter/meter.hpp"
#include "twin/flash_memory.hpp"
#include "twin/test_factory.hpp"

namespace {

using namespace ferraris;

constexpr std::size_t kPdu = 2048;

struct Bench {
    std::unique_ptr<Crypto> crypto = make_openssl_crypto();
    twin::FlashMemory flash{meter::kFlashSize / meter::kSectorSize, meter::kSectorSize};
    meter::Meter device{flash, *crypto, meter::MeterIdentity::from_serial_number(1), twin::test_factory_settings()};
    std::vector<std::uint8_t> deciphering = std::vector<std::uint8_t>(kPdu);
    std::vector<std::uint8_t> answer = std::vector<std::uint8_t>(kPdu + dlms::kAnswerHeadroom + dlms::kMaxCipherTail);
    std::vector<std::uint8_t> long_values = std::vector<std::uint8_t>(2048);
    dlms::ServerSession session{device, *crypto, {deciphering, answer, long_values}};

    Bench() {
        if (!device.start(UtcTime::from_seconds(1'780'000'000))) std::abort();
    }
};

void associate_public(Bench& bench) {
    const std::array<std::uint8_t, 31> aarq{0x60, 0x1D, 0xA1, 0x09, 0x06, 0x07, 0x60, 0x85, 0x74, 0x05, 0x08,
                                            0x01, 0x01, 0xBE, 0x10, 0x04, 0x0E, 0x01, 0x00, 0x00, 0x00, 0x06,
                                            0x5F, 0x1F, 0x04, 0x00, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF};
    (void)bench.session.handle(16, aarq);
    if (bench.session.association().status != dlms::AssociationStatus::associated) std::abort();
}

void get_plain(benchmark::State& state) {
    Bench bench;
    associate_public(bench);
    // The clock: what the public client may read.
    constexpr std::array<std::uint8_t, 13> kGetClock{0xC0, 1, 0xC1, 0, 8, 0, 0, 1, 0, 0, 255, 2, 0};
    if (bench.session.handle(16, kGetClock)[3] != 0) std::abort();
    for (auto _ : state) benchmark::DoNotOptimize(bench.session.handle(16, kGetClock));
}
BENCHMARK(get_plain);

/// Authenticated and encrypted, suite 0, under the global key: deciphering, counter, object table, ciphering. What the
/// client does to make the requests is not counted.
void get_ciphered(benchmark::State& state) {
    Bench bench;
    bench::Utility client(*bench.crypto);
    bench::Association association(client);
    association.associate([&](ByteView apdu) {
        const ByteView answer = bench.session.handle(1, apdu);
        return std::vector<std::uint8_t>(answer.begin(), answer.end());
    });
    std::vector<std::vector<std::uint8_t>> requests(512);
    for (auto _ : state) {
        state.PauseTiming();
        for (auto& request : requests) request = client.seal(bench::kGetImport);
        state.ResumeTiming();
        for (const auto& request : requests) {
            const ByteView response = bench.session.handle(1, request);
            if (response.size() < 20) std::abort();
            benchmark::DoNotOptimize(response);
        }
    }
    state.counters["seconds_per_get"] =
        benchmark::Counter(static_cast<double>(state.iterations()) * static_cast<double>(requests.size()),
                           benchmark::Counter::kIsRate | benchmark::Counter::kInvert);
}
BENCHMARK(get_ciphered);

void start_up(benchmark::State& state) {
    const auto crypto = make_openssl_crypto();
    for (auto _ : state) {
        twin::FlashMemory flash(meter::kFlashSize / meter::kSectorSize, meter::kSectorSize);
        meter::Meter device(flash, *crypto, meter::MeterIdentity::from_serial_number(1), twin::test_factory_settings());
        benchmark::DoNotOptimize(device.start(UtcTime::from_seconds(1'780'000'000)));
    }
}
BENCHMARK(start_up);

void tick(benchmark::State& state) {
    Bench bench;
    metrology::Measurement second;
    second.energy[metrology::Energy::active_import] = 1'000'000'000;
    UtcTime now = UtcTime::from_seconds(1'780'000'000);
    for (auto _ : state) {
        now.milliseconds += 1000;
        bench.device.tick(second, now);
    }
}
BENCHMARK(tick);

}  // namespace

BENCHMARK_MAIN();
