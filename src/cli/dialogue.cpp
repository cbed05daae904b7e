#include "cli/dialogue.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "cli/error.hpp"
#include "cli/gateway_link.hpp"

namespace ferraris::cli {
namespace {

/// The longest APDU and its envelope.
constexpr std::size_t kSendBuffer = 66'000;
/// Silences in a row, in an exchange of general blocks, before the meter is taken to be gone.
constexpr int kRetries = 8;

std::unique_ptr<Link> link_to(const ConnectOptions& options, const Address& address, std::uint16_t client_sap) {
    auto link = open_link(address, client_sap, timeout_of(options), options.quirks);
    return options.gateway.empty() ? std::move(link) : through_gateway(std::move(link), options.gateway);
}

}  // namespace

Dialogue::Dialogue(const ConnectOptions& options, std::uint16_t client_sap,
                   const dlms::ClientConfiguration& configuration, Crypto& crypto, dlms::InvocationCounters& counters)
    : address_(address_of(options)),
      timeout_(timeout_of(options)),
      link_(link_to(options, address_, client_sap)),
      send_buffer_(kSendBuffer),
      session_(configuration, crypto, counters, send_buffer_) {}

Dialogue::~Dialogue() {
    try {
        if (session_.association().open) (void)carry(session_.release());
    } catch (const CliError&) {
        // The meter ends an association by itself when its link goes.
        session_.link_lost();
    }
    link_->close();
}

/// Sends what is due and waits for an APDU; empty when datagrams may be lost and none came in its share of the time.
ByteView Dialogue::round(const dlms::Progress& progress) {
    const bool ask = progress.step == dlms::Step::send;
    if (address_.hdlc() || !session_.repeatable()) return ask ? link_->exchange(progress.apdu) : link_->receive();
    if (ask) {
        link_->send(progress.apdu);
        for (ByteView more = session_.next(); !more.empty(); more = session_.next()) link_->send(more);
    }
    return link_->receive_within(std::max(std::chrono::milliseconds(50), timeout_ / kRetries));
}

dlms::Progress Dialogue::carry(dlms::Progress progress) {
    std::vector<std::uint8_t> answer;
    int silences = 0;
    while (progress.step != dlms::Step::done && progress.step != dlms::Step::failed) {
        const ByteView received = round(progress);
        if (received.empty()) {
            const dlms::Progress again = session_.retry();
            if (++silences > kRetries || again.step == dlms::Step::failed) {
                throw CliError(fmt::format("{} does not answer any more; try again, or allow more with --timeout",
                                           address_.text()));
            }
            progress = again;
            continue;
        }
        silences = 0;
        answer.assign(received.begin(), received.end());
        progress = session_.receive(answer);
    }
    return progress;
}

}  // namespace ferraris::cli
