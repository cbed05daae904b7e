/// A client session and a server session that speak to each other, with a fake device behind the server.
#pragma once

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
};

class Pair {
public:
    explicit Pair(const PairSetup& setup = {})
        : deciphering_(setup.server_max_pdu),
          answer_(setup.server_max_pdu + dlms::kAnswerHeadroom + dlms::kMaxCipherTail),
          server(device, *crypto_, {deciphering_, answer_, long_values_}),
          client(configure(setup), *crypto_, counters_, send_buffer_) {
        device.conformance = setup.conformance;
        if (setup.ciphered) device.policy = {true, true};
    }

    [[nodiscard]] std::uint16_t sap() const { return ciphered_ ? 1 : 16; }

    /// Carries `progress` to its end on a perfect line.
    dlms::Progress finish(dlms::Progress progress) {
        while (progress.step == dlms::Step::send) {
            requests.push_back(to_hex(progress.apdu));
            const ByteView answer = server.handle(sap(), progress.apdu);
            answers.push_back(to_hex(answer));
            received_.assign(answer.begin(), answer.end());
            progress = client.receive(received_);
        }
        return progress;
    }
    /// With an association; false when there is none.
    [[nodiscard]] bool associate() { return finish(client.associate()).step == dlms::Step::done; }

    dlms::FakeDevice device{};
    std::vector<std::string> requests{};
    std::vector<std::string> answers{};

private:
    dlms::ClientConfiguration configure(const PairSetup& setup) {
        ciphered_ = setup.ciphered;
        dlms::ClientConfiguration c;
        c.max_receive_pdu_size = setup.client_max_pdu;
        c.conformance = setup.conformance;
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
    Octets send_buffer_ = Octets(20'000);
    Octets received_{};

public:
    dlms::ServerSession server;
    dlms::ClientSession client;
};

}  // namespace ferraris::testing
