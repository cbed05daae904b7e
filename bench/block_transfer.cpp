/// A load profile over a line that is slow to answer and loses datagrams: general block transfer beside plain
/// service-specific blocks. The time is simulated and the losses are seeded, so that every run gives the same figures.
///
/// Plain blocks cannot be repeated by themselves: a link below them sends a lost request again and answers a repeated
/// one with what it answered before. They are therefore given the best that such a link can do.
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <deque>
#include <memory>
#include <random>
#include <vector>

#include "client_driver.hpp"
#include "dlms/server/session.hpp"
#include "meter/meter.hpp"
#include "twin/flash_memory.hpp"

namespace {

using namespace ferraris;
using Octets = std::vector<std::uint8_t>;

constexpr std::size_t kPdu = 512;
constexpr double kDelay_s = 0.1;
constexpr double kLoss = 0.05;
constexpr double kBitsPerSecond = 1e6;
constexpr double kPatience_s = 0.5;  ///< of the client, before it sends again
constexpr int kDays = 30;
constexpr int kRuns = 20;

/// One direction.
class Line {
public:
    explicit Line(std::uint32_t seed) : random_(seed) {}

    /// When it arrives; nothing when it is lost.
    std::optional<double> send(double now, std::size_t octets) {
        free_at_ = std::max(now, free_at_) + 8 * static_cast<double>(octets) / kBitsPerSecond;
        // mt19937 gives the same numbers everywhere, the distributions of the library do not.
        if (static_cast<double>(random_()) / 4294967296.0 < kLoss) return std::nullopt;
        return free_at_ + kDelay_s;
    }

private:
    std::mt19937 random_;
    double free_at_{0};
};

/// A meter with a month of load profile.
struct Bench {
    std::unique_ptr<Crypto> crypto = make_openssl_crypto();
    twin::FlashMemory flash{meter::kFlashSize / meter::kSectorSize, meter::kSectorSize};
    meter::Meter device{flash, *crypto, meter::MeterIdentity::from_serial_number(1), twin::test_factory_settings()};
    Octets deciphering = Octets(kPdu);
    Octets answer = Octets(kPdu + dlms::kAnswerHeadroom + dlms::kMaxCipherTail);
    Octets long_values = Octets(2048);
    Octets blocks = Octets(16384);
    bench::Utility utility{*crypto};
    Octets send_buffer = Octets(2048);
    Octets block_memory = Octets(32768);
    dlms::ServerSession server{device, *crypto, {deciphering, answer, long_values, blocks}};
    dlms::ClientSession client;

    explicit Bench(bool general_blocks)
        : client(configuration(general_blocks), *crypto, utility.counters, send_buffer) {
        UtcTime now = UtcTime::from_seconds(1'780'000'000);
        if (!device.start(now)) std::abort();
        metrology::Measurement second;
        second.energy[metrology::Energy::active_import] = 1'000'000;
        for (int i = 0; i < kDays * 86'400; ++i) {
            now.milliseconds += 1000;
            device.tick(second, now);
        }
        dlms::Progress progress = client.associate();
        while (progress.step == dlms::Step::send) {
            const ByteView octets = server.handle(1, progress.apdu);
            Octets copy(octets.begin(), octets.end());
            progress = client.receive(copy);
        }
        if (progress.step != dlms::Step::done) std::abort();
    }

    dlms::ClientConfiguration configuration(bool general_blocks) {
        dlms::ClientConfiguration c;
        c.context = dlms::ApplicationContext::logical_names_ciphered;
        c.mechanism = dlms::AuthenticationMechanism::high_gmac;
        c.system_title = utility.title;
        c.encryption_key = utility.encryption_key();
        c.authentication_key = utility.authentication_key();
        c.max_receive_pdu_size = kPdu;
        if (!general_blocks) return c;
        c.block_memory = block_memory;
        c.block_window = dlms::kMaxBlockWindow;
        c.blocks_always = true;
        return c;
    }
};

constexpr dlms::AttributeRequest kProfile{{7, dlms::obis(1, 0, 99, 1, 0), 2}, {}};

struct Outcome {
    double seconds{0};
    std::size_t octets{0};
    std::size_t datagrams{0};
};

/// One request on its way at a time, repeated until its answer is there.
Outcome plain_blocks(Bench& bench, std::uint32_t seed) {
    Line up(seed);
    Line down(seed + 1);
    Octets value(1 << 20);
    dlms::SpanSink sink(value);
    Outcome outcome;
    dlms::Progress progress = bench.client.get(kProfile, sink);
    while (progress.step == dlms::Step::send) {
        Octets answer;
        for (;;) {
            ++outcome.datagrams;
            const auto there = up.send(outcome.seconds, progress.apdu.size());
            std::optional<double> back;
            if (there) {
                if (answer.empty()) {
                    const ByteView octets = bench.server.handle(1, progress.apdu);
                    answer.assign(octets.begin(), octets.end());
                }
                ++outcome.datagrams;
                back = down.send(*there, answer.size());
            }
            if (back) {
                outcome.seconds = *back;
                break;
            }
            outcome.seconds += kPatience_s;
        }
        progress = bench.client.receive(answer);
    }
    if (progress.step != dlms::Step::done) std::abort();
    outcome.octets = sink.octets().size();
    return outcome;
}

struct Datagram {
    double at;
    Octets octets;
};

Outcome general_blocks(Bench& bench, std::uint32_t seed) {
    Line up(seed);
    Line down(seed + 1);
    std::deque<Datagram> to_server;
    std::deque<Datagram> to_client;
    Octets value(1 << 20);
    dlms::SpanSink sink(value);
    Outcome outcome;
    const auto put = [&](Line& line, std::deque<Datagram>& queue, double now, ByteView apdu) {
        ++outcome.datagrams;
        if (const auto at = line.send(now, apdu.size())) queue.push_back({*at, {apdu.begin(), apdu.end()}});
    };
    double deadline = kPatience_s;
    dlms::Progress progress = bench.client.get(kProfile, sink);
    for (;;) {
        if (progress.step == dlms::Step::send) {
            put(up, to_server, outcome.seconds, progress.apdu);
            for (ByteView more = bench.client.next(); !more.empty(); more = bench.client.next())
                put(up, to_server, outcome.seconds, more);
        }
        if (progress.step == dlms::Step::done) break;
        if (progress.step == dlms::Step::failed) std::abort();
        progress.step = dlms::Step::receive;
        // What happens first: a request arrives, an answer arrives, or patience ends.
        const double request = to_server.empty() ? 1e9 : to_server.front().at;
        const double answer = to_client.empty() ? 1e9 : to_client.front().at;
        if (request <= std::min(answer, deadline)) {
            const Datagram datagram = std::move(to_server.front());
            to_server.pop_front();
            for (ByteView octets = bench.server.handle(1, datagram.octets); !octets.empty();
                 octets = bench.server.next())
                put(down, to_client, datagram.at, octets);
        } else if (answer <= deadline) {
            Datagram datagram = std::move(to_client.front());
            to_client.pop_front();
            outcome.seconds = datagram.at;
            deadline = outcome.seconds + kPatience_s;
            progress = bench.client.receive(datagram.octets);
        } else {
            outcome.seconds = deadline;
            deadline += kPatience_s;
            progress = bench.client.retry();
        }
    }
    outcome.octets = sink.octets().size();
    return outcome;
}

/// Octets of the profile a second, and datagrams, over all runs.
struct Figures {
    double octets_per_second{0};
    double seconds{0};
    double datagrams{0};
};

Figures measure(bool general) {
    Bench bench(general);
    double seconds = 0;
    std::size_t octets = 0;
    std::size_t datagrams = 0;
    for (std::uint32_t run = 0; run < kRuns; ++run) {
        const Outcome outcome = general ? general_blocks(bench, 2 * run + 1) : plain_blocks(bench, 2 * run + 1);
        seconds += outcome.seconds;
        octets += outcome.octets;
        datagrams += outcome.datagrams;
    }
    return {static_cast<double>(octets) / seconds, seconds / kRuns, static_cast<double>(datagrams) / kRuns};
}

}  // namespace

int main(int argc, char** argv) {
    const bool json = argc > 1 && std::strcmp(argv[1], "--json") == 0;
    const Figures plain = measure(false);
    const Figures general = measure(true);
    const double ratio = general.octets_per_second / plain.octets_per_second;
    if (json) {
        std::printf(
            "{\"plain_octets_per_second\": %.0f, \"plain_seconds\": %.2f, \"plain_datagrams\": %.0f, "
            "\"general_octets_per_second\": %.0f, \"general_seconds\": %.2f, \"general_datagrams\": %.0f, "
            "\"ratio\": %.2f}\n",
            plain.octets_per_second, plain.seconds, plain.datagrams, general.octets_per_second, general.seconds,
            general.datagrams, ratio);
    } else {
        std::printf(
            "%d days of load profile, 100 ms each way, 5 %% loss, 1 Mbit/s, APDUs of %zu octets\n"
            "plain blocks:   %.0f octets a second, %.1f s, %.0f datagrams\n"
            "general blocks: %.0f octets a second, %.1f s, %.0f datagrams: %.1f times as fast\n",
            kDays, kPdu, plain.octets_per_second, plain.seconds, plain.datagrams, general.octets_per_second,
            general.seconds, general.datagrams, ratio);
    }
    return 0;
}
