/// Client and server on a line that loses, corrupts, doubles and splits octets, from a seed. Every APDU arrives once
/// and in order, or an error is reported; nothing hangs.
#include <gtest/gtest.h>

#include <deque>
#include <random>

#include "dlms/hdlc/support.hpp"

namespace ferraris::dlms {
namespace {

using testing::Octets;

struct Faults {
    unsigned lost_per_mille{0};       ///< of the bursts sent
    unsigned doubled_per_mille{0};    ///< of the bursts sent
    unsigned corrupted_per_mille{0};  ///< of the octets
    unsigned dropped_per_mille{0};    ///< of the octets
};

/// One direction. Octets arrive in pieces, one a step.
class Line {
public:
    Line(std::mt19937& random, const Faults& faults) : random_(random), faults_(faults) {}

    void send(const Octets& burst) {
        if (burst.empty() || happens(faults_.lost_per_mille)) return;
        const int copies = happens(faults_.doubled_per_mille) ? 2 : 1;
        for (int i = 0; i < copies; ++i) {
            for (std::uint8_t octet : burst) {
                if (happens(faults_.dropped_per_mille)) continue;
                if (happens(faults_.corrupted_per_mille)) octet ^= static_cast<std::uint8_t>(1 + random_() % 255);
                octets_.push_back(octet);
            }
        }
    }

    Octets piece() {
        const std::size_t size = std::min<std::size_t>(octets_.size(), 1 + random_() % 200);
        Octets taken(octets_.begin(), octets_.begin() + static_cast<std::ptrdiff_t>(size));
        octets_.erase(octets_.begin(), octets_.begin() + static_cast<std::ptrdiff_t>(size));
        return taken;
    }

private:
    bool happens(unsigned per_mille) { return random_() % 1000 < per_mille; }

    std::mt19937& random_;
    Faults faults_;
    std::deque<std::uint8_t> octets_;
};

struct Tally {
    int delivered{0};
    int failed{0};
};

constexpr int kExchanges = 12;

/// Requests carry their number; the server checks that it gets each at most once and in order, and answers with it.
class Dialogue {
public:
    Dialogue(std::uint32_t seed, const Faults& faults)
        : random_(seed),
          to_server_(random_, faults),
          to_client_(random_, faults),
          server_(server_config()),
          client_(client_config()) {}

    Tally run() {
        client_.client.connect(client_.now_ms);
        int steps = 0;
        for (; steps < 400'000 && !done_; ++steps) step();
        EXPECT_TRUE(done_) << "hangs";
        return tally_;
    }

private:
    HdlcServerConfig server_config() {
        HdlcServerConfig config = testing::ServerStation::defaults();
        config.parameters = parameters();
        config.inter_octet_timeout_ms = 200;
        config.inactivity_timeout_s = 30;
        return config;
    }
    HdlcClientConfig client_config() {
        HdlcClientConfig config;
        config.parameters = parameters();
        config.response_timeout_ms = 300;
        config.retries = 8;
        config.inter_octet_timeout_ms = 200;
        return config;
    }
    hdlc::LinkParameters parameters() {
        const auto length = [this] { return static_cast<std::uint16_t>(32 + random_() % 200); };
        const auto window = [this] { return static_cast<std::uint8_t>(1 + random_() % 7); };
        return {length(), length(), window(), window()};
    }
    Octets numbered(int number) {
        Octets apdu = testing::pattern(1 + random_() % 1500, static_cast<std::uint8_t>(number));
        apdu[0] = static_cast<std::uint8_t>(number);
        return apdu;
    }

    void step() {
        client_.now_ms += 10;
        server_.now_ms += 10;
        serve();
        const Octets piece = to_client_.piece();
        ByteView in = piece;
        while (!in.empty()) {
            note(client_.client.receive(in, client_.now_ms));
            to_server_.send(client_.pull());
        }
        note(client_.client.poll(client_.now_ms));
        to_server_.send(client_.pull());
    }

    void serve() {
        const Octets piece = to_server_.piece();
        ByteView in = piece;
        while (!in.empty()) {
            const HdlcServerEvent event = server_.server.receive(in, server_.now_ms);
            if (event.kind == HdlcServerEventKind::connected) at_server_ = -1;
            if (event.kind == HdlcServerEventKind::apdu) {
                const Octets got(event.apdu.begin(), event.apdu.end());
                EXPECT_EQ(got, request_);
                EXPECT_GT(int{got[0]}, at_server_);
                at_server_ = got[0];
                answer_ = numbered(got[0]);
                EXPECT_TRUE(server_.server.send(answer_));
            }
            Octets sent;
            server_.pull(sent);
            to_client_.send(sent);
        }
        (void)server_.server.poll(server_.now_ms);
    }

    void note(const HdlcClientEvent& event) {
        switch (event.kind) {
            case HdlcClientEventKind::apdu:
                EXPECT_EQ(Octets(event.apdu.begin(), event.apdu.end()), answer_);
                EXPECT_EQ(event.apdu[0], request_[0]);
                ++tally_.delivered;
                next();
                break;
            case HdlcClientEventKind::failed:
                EXPECT_TRUE(event.failure == HdlcFailure::no_answer || event.failure == HdlcFailure::too_busy ||
                            event.failure == HdlcFailure::link_lost || event.failure == HdlcFailure::refused)
                    << static_cast<int>(event.failure);
                ++tally_.failed;
                if (tally_.failed > 3) {
                    done_ = true;
                } else {
                    client_.client.connect(client_.now_ms);
                }
                break;
            case HdlcClientEventKind::connected:
                next();
                break;
            case HdlcClientEventKind::disconnected:
                done_ = true;
                break;
            default:
                break;
        }
    }

    void next() {
        if (number_ == kExchanges) {
            client_.client.disconnect(client_.now_ms);
            return;
        }
        request_ = numbered(++number_);
        EXPECT_TRUE(client_.client.send(request_, client_.now_ms));
    }

    std::mt19937 random_;
    Line to_server_;
    Line to_client_;
    testing::ServerStation server_;
    testing::ClientStation client_;
    Octets request_;
    Octets answer_;
    Tally tally_;
    int number_{0};
    int at_server_{-1};
    bool done_{false};
};

constexpr std::uint32_t kSeeds = 150;

TEST(HdlcLine, AGoodLineNeedsNoRetry) {
    for (std::uint32_t seed = 0; seed < kSeeds; ++seed) {
        SCOPED_TRACE(seed);
        const Tally tally = Dialogue(seed, {}).run();
        EXPECT_EQ(tally.delivered, kExchanges);
        EXPECT_EQ(tally.failed, 0);
    }
}

TEST(HdlcLine, DoubledBurstsAreDeliveredOnce) {
    for (std::uint32_t seed = 0; seed < kSeeds; ++seed) {
        SCOPED_TRACE(seed);
        const Tally tally = Dialogue(seed, {.doubled_per_mille = 300}).run();
        EXPECT_EQ(tally.delivered, kExchanges);
        EXPECT_EQ(tally.failed, 0);
    }
}

TEST(HdlcLine, LostBurstsAreSentAgain) {
    for (std::uint32_t seed = 0; seed < kSeeds; ++seed) {
        SCOPED_TRACE(seed);
        const Tally tally = Dialogue(seed, {.lost_per_mille = 100}).run();
        EXPECT_EQ(tally.delivered, kExchanges);
        EXPECT_EQ(tally.failed, 0);
    }
}

TEST(HdlcLine, EverythingAtOnce) {
    int delivered = 0;
    for (std::uint32_t seed = 0; seed < kSeeds; ++seed) {
        SCOPED_TRACE(seed);
        const Faults faults{
            .lost_per_mille = 50, .doubled_per_mille = 50, .corrupted_per_mille = 1, .dropped_per_mille = 1};
        delivered += Dialogue(seed, faults).run().delivered;
    }
    EXPECT_GT(delivered, static_cast<int>(kSeeds) * kExchanges * 9 / 10);
}

TEST(HdlcLine, AHopelessLineEndsInAnError) {
    for (std::uint32_t seed = 0; seed < kSeeds / 5; ++seed) {
        SCOPED_TRACE(seed);
        const Tally tally = Dialogue(seed, {.lost_per_mille = 200, .corrupted_per_mille = 100}).run();
        EXPECT_GT(tally.failed, 0);
    }
}

}  // namespace
}  // namespace ferraris::dlms
