/// APDUs to a meter and back: the wrapper or HDLC over a channel.
#pragma once

#include <chrono>
#include <cstdint>
#include <memory>
#include <vector>

#include "cli/address.hpp"
#include "cli/channel.hpp"
#include "cli/quirks.hpp"
#include "dlms/hdlc/address.hpp"

namespace ferraris::cli {

/// The longest APDU that is taken: more than any meter's PDU; long values come in blocks.
inline constexpr std::size_t kMaxApdu = 65535;

class Link {
public:
    virtual ~Link() = default;

    /// Sends one APDU and waits for the one that answers it; the view is valid until the next call. What comes unasked
    /// meanwhile (notifications) is dropped. Throws CliError when nothing came in time or the link broke.
    [[nodiscard]] virtual ByteView exchange(ByteView request) = 0;
    /// The last request went out more than once, as it was: the meter may have carried it out and its answer be lost.
    [[nodiscard]] virtual bool repeated() const { return false; }
    /// Sends one APDU and waits for nothing: general block transfer streams. HDLC cannot, and throws CliError.
    virtual void send(ByteView apdu) = 0;
    /// Waits for one APDU as long as `patience`; empty when none came. Not for HDLC, which repeats by itself.
    [[nodiscard]] virtual ByteView receive_within(std::chrono::milliseconds patience) = 0;
    /// Waits for another APDU after one that was not the answer. Throws CliError likewise.
    [[nodiscard]] virtual ByteView receive() = 0;
    /// Ends the link in good order, where there is an order to it. Does not throw.
    virtual void close() noexcept = 0;
};

/// The server's address in HDLC frames: in the width that the address names, else the shortest that holds it.
[[nodiscard]] dlms::hdlc::Address hdlc_server_address(const Address& address);

/// Opens the channel and, for HDLC, sets up the link as `client_sap`, in the way that `quirks` ask for. `timeout` is
/// how long each answer may take. Throws CliError.
[[nodiscard]] std::unique_ptr<Link> open_link(const Address& address, std::uint16_t client_sap,
                                              std::chrono::milliseconds timeout, const Quirks& quirks = {});

}  // namespace ferraris::cli
