/// A client session and a server session that speak to each other, with a fake device behind the server.
#pragma once

#include <functional>

#include "dlms/client/scripted.hpp"
#include "dlms/server/fake_device.hpp"

namespace ferraris::testing {

/// Sizes of the memory that both ends work with, and what they may do.
struct PairSetup {
    bool ciphered{true};
    dlms::Conformance conformance{static_cast<dlms::Conformance>(dlms::kConformanceMask)};
    std::uint16_t client_max_pdu{0xFFFF};
    std::size_t server_max_pdu{512};
    bool general_envelopes{false};
    bool dedicated_key{false};
    std::size_t client_blocks{0};  ///< memory for general blocks; 0: not proposed
    std::size_t server_blocks{0};
    bool blocks_always{false};
    std::uint8_t window{32};
    std::size_t send_buffer{20'000};
};

class Pair {
public:
    explicit Pair(const PairSetup& setup = {})
        : deciphering_(setup.server_max_pdu),
          answer_(setup.server_max_pdu + dlms::kAnswerHeadroom + dlms::kMaxCipherTail),
          blocks_(setup.server_blocks),
          client_blocks_(setup.client_blocks),
          send_buffer_(setup.send_buffer),
          server(device, *crypto_, {deciphering_, answer_, long_values_, blocks_}),
          client(configure(setup), *crypto_, counters_, send_buffer_) {
        device.conformance = setup.conformance;
        if (setup.ciphered) device.policy = {true, true};
    }

    [[nodiscard]] std::uint16_t sap() const { return ciphered_ ? 1 : 16; }

    /// Loses, when it says so: called with the direction for every APDU.
    std::function<bool(bool to_server)> loses = [](bool) { return false; };

    /// Carries `progress` to its end; after a silence the client sends again what it may.
    dlms::Progress finish(dlms::Progress progress) {
        while (progress.step == dlms::Step::send || progress.step == dlms::Step::receive) {
            if (progress.step == dlms::Step::send) {
                to_server(progress.apdu);
                for (ByteView more = client.next(); !more.empty(); more = client.next()) to_server(more);
            }
            if (to_client_.empty()) {
                if (++silences > 500) return progress;
                progress = client.retry();
                continue;
            }
            received_ = to_client_.front();
            to_client_.pop_front();
            progress = client.receive(received_);
        }
        return progress;
    }
    /// With an association; false when there is none.
    [[nodiscard]] bool associate() { return finish(client.associate()).step == dlms::Step::done; }

    dlms::FakeDevice device{};
    std::vector<std::string> requests{};
    std::vector<std::string> answers{};
    int silences = 0;

private:
    void to_server(ByteView apdu) {
        requests.push_back(to_hex(apdu));
        if (loses(true)) return;
        const Octets copy(apdu.begin(), apdu.end());
        for (ByteView answer = server.handle(sap(), copy); !answer.empty(); answer = server.next()) {
            answers.push_back(to_hex(answer));
            if (!loses(false)) to_client_.emplace_back(answer.begin(), answer.end());
        }
    }

    dlms::ClientConfiguration configure(const PairSetup& setup) {
        ciphered_ = setup.ciphered;
        dlms::ClientConfiguration c;
        c.max_receive_pdu_size = setup.client_max_pdu;
        c.conformance = setup.conformance;
        c.block_memory = client_blocks_;
        c.blocks_always = setup.blocks_always;
        c.block_window = setup.window;
        if (!setup.ciphered) return c;
        c.context = dlms::ApplicationContext::logical_names_ciphered;
        c.mechanism = dlms::AuthenticationMechanism::high_gmac;
        c.system_title = title_;
        c.encryption_key = device.unicast;
        c.authentication_key = device.authentication;
        c.use_general_envelopes = setup.general_envelopes;
        c.use_dedicated_key = setup.dedicated_key;
        return c;
    }

    std::unique_ptr<Crypto> crypto_ = make_openssl_crypto();
    bool ciphered_{false};
    Octets title_ = octets("4D4D4D0000BC614E");
    CountersFrom counters_{1};
    Octets deciphering_;
    Octets answer_;
    Octets long_values_ = Octets(4096);
    Octets blocks_;
    Octets client_blocks_;
    Octets send_buffer_;
    Octets received_{};
    std::deque<Octets> to_client_{};

public:
    dlms::ServerSession server;
    dlms::ClientSession client;
};

}  // namespace ferraris::testing
