#include "cli/gateway_link.hpp"

#include <fmt/format.h>

#include <charconv>
#include <utility>

#include "base/hex.hpp"
#include "cli/error.hpp"
#include "dlms/apdu/gateway.hpp"

namespace ferraris::cli {
namespace {

using Apdu = std::vector<std::uint8_t>;

class GatewayLink : public Link {
public:
    GatewayLink(std::unique_ptr<Link> link, std::uint8_t network_id, Apdu address)
        : link_(std::move(link)), network_id_(network_id), address_(std::move(address)) {}

    ByteView exchange(ByteView request) override { return own(link_->exchange(wrapped(request))); }
    void send(ByteView apdu) override { link_->send(wrapped(apdu)); }
    ByteView receive() override { return own(link_->receive()); }
    ByteView receive_within(std::chrono::milliseconds patience) override {
        const ByteView received = link_->receive_within(patience);
        return received.empty() ? received : own(received);
    }
    [[nodiscard]] bool repeated() const override { return link_->repeated(); }
    void close() noexcept override { link_->close(); }

private:
    ByteView wrapped(ByteView apdu) {
        sent_.resize(apdu.size() + dlms::kMaxGatewayHeader);
        ByteWriter out(sent_);
        encode(out, dlms::GatewayApdu{false, network_id_, address_, apdu});
        return out.written();
    }
    /// Without its header. What other devices say is not for us.
    ByteView own(ByteView received) {
        for (;;) {
            const auto gateway = dlms::decode_gateway(received);
            if (!gateway || !gateway->response) {
                throw CliError("the answer has no gateway header; is there a gateway? Try again without --gateway");
            }
            if (gateway->network_id == network_id_ && equal(gateway->address, address_)) return gateway->apdu;
            received = link_->receive();
        }
    }

    std::unique_ptr<Link> link_;
    std::uint8_t network_id_;
    Apdu address_;
    Apdu sent_{};
};

}  // namespace

std::unique_ptr<Link> through_gateway(std::unique_ptr<Link> link, const std::string& device) {
    const std::size_t colon = device.find(':');
    std::uint8_t network_id = 0;
    const auto number = std::from_chars(device.data(), device.data() + std::min(colon, device.size()), network_id);
    const bool numbered = colon != std::string::npos && number.ec == std::errc{} && number.ptr == device.data() + colon;
    const std::string text = numbered ? device.substr(colon + 1) : "";
    std::optional<Apdu> address = Apdu(text.begin(), text.end());
    if (text.starts_with("0x")) address = from_hex(text.substr(2));
    if (!numbered || !address || address->size() > dlms::kMaxGatewayAddress) {
        throw CliError(fmt::format(
            "--gateway \"{}\" is no device behind a gateway; write NETWORK:ADDRESS, say 1:4711 or 1:0x31323334",
            device));
    }
    return std::make_unique<GatewayLink>(std::move(link), network_id, std::move(*address));
}

}  // namespace ferraris::cli
