/// One association over one link: sends what the session wants sent, and gives it what comes.
#pragma once

#include <chrono>
#include <cstdint>
#include <memory>
#include <vector>

#include "cli/address.hpp"
#include "cli/client.hpp"
#include "cli/link.hpp"
#include "crypto/crypto.hpp"
#include "dlms/client/session.hpp"

namespace ferraris::cli {

class Dialogue {
public:
    /// Connects to the options' meter, through a gateway when they name one; throws CliError when nobody answers. The
    /// configuration's views, `crypto` and `counters` outlive it.
    Dialogue(const ConnectOptions& options, std::uint16_t client_sap, const dlms::ClientConfiguration& configuration,
             Crypto& crypto, dlms::InvocationCounters& counters);
    /// Releases the association, if one is open, and closes the link.
    ~Dialogue();
    Dialogue(const Dialogue&) = delete;
    Dialogue& operator=(const Dialogue&) = delete;

    [[nodiscard]] dlms::ClientSession& session() { return session_; }
    [[nodiscard]] const dlms::ClientSession& session() const { return session_; }
    /// Carries a request that the session began to its end. Throws CliError when the link fails.
    dlms::Progress carry(dlms::Progress progress);
    /// The last request went out more than once, so that the meter may have had it before.
    [[nodiscard]] bool repeated() const { return link_->repeated(); }

private:
    [[nodiscard]] ByteView round(const dlms::Progress& progress);

    Address address_;
    std::chrono::milliseconds timeout_;
    std::unique_ptr<Link> link_;
    std::vector<std::uint8_t> send_buffer_;
    dlms::ClientSession session_;
};

}  // namespace ferraris::cli
