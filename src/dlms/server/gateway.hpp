/// A meter as the gateway to devices behind it: requests with a gateway header are for the meter itself or for one of
/// them, and each answer goes back with the header of its request.
#pragma once

#include "base/fixed_vector.hpp"
#include "dlms/apdu/exception.hpp"
#include "dlms/apdu/gateway.hpp"

namespace ferraris::dlms {

/// The devices behind the meter, on whatever network they are (M-Bus, radio, another line).
class DevicesBehind {
public:
    virtual ~DevicesBehind() = default;
    /// The answer of one of them, valid until the next call, empty for silence; nothing: there is no such device.
    [[nodiscard]] virtual std::optional<ByteView> exchange(std::uint8_t network_id, ByteView address,
                                                           std::uint16_t client_sap, ByteView apdu) = 0;
};

/// Why a request with a gateway header went nowhere.
enum class GatewayRefusal : std::uint8_t {
    none,
    malformed,       ///< no header, or that of an answer: silence
    unknown_device,  ///< answered for: operation not possible
};

class Gateway {
public:
    /// `own_address` names the meter itself, on every network; so does an empty address. `behind` may be null.
    /// `memory`: the longest APDU and kMaxGatewayHeader octets.
    Gateway(ByteView own_address, DevicesBehind* behind, ByteSpan memory)
        : own_address_(own_address), behind_(behind), memory_(memory) {}

    /// Answers what came on a link: `own(ByteView apdu)` is how the meter itself answers. Without a header it is asked
    /// directly. A device that nobody knows is answered for: operation not possible. Empty: silence.
    template <class Own>
    [[nodiscard]] ByteView handle(std::uint16_t client_sap, ByteView octets, Own&& own) {
        refusal_ = GatewayRefusal::none;
        has_header_ = has_gateway_header(octets);
        if (!has_header_) return own(octets);
        const auto request = decode_gateway(octets);
        if (!request || request->response) {
            refusal_ = GatewayRefusal::malformed;
            return {};
        }
        network_id_ = request->network_id;
        (void)address_.assign(request->address);
        if (request->address.empty() || equal(request->address, own_address_)) return wrap(own(request->apdu));
        const auto answer = behind_ == nullptr
                                ? std::nullopt
                                : behind_->exchange(network_id_, address_.view(), client_sap, request->apdu);
        if (answer) return wrap(*answer);
        refusal_ = GatewayRefusal::unknown_device;
        std::uint8_t refusal[8];
        ByteWriter out(refusal);
        encode(out, ExceptionResponse{StateError::service_not_allowed, ServiceError::operation_not_possible, {}});
        return wrap(out.written());
    }
    /// Of the last request.
    [[nodiscard]] GatewayRefusal refusal() const { return refusal_; }
    /// The same header in front of what follows the answer to the last request.
    [[nodiscard]] ByteView wrap(ByteView apdu) {
        if (!has_header_ || apdu.empty()) return apdu;
        ByteWriter out(memory_);
        encode(out, GatewayApdu{true, network_id_, address_.view(), apdu});
        return out.overflowed() ? ByteView{} : out.written();
    }

private:
    ByteView own_address_;
    DevicesBehind* behind_;
    ByteSpan memory_;
    bool has_header_{false};
    GatewayRefusal refusal_{GatewayRefusal::none};
    std::uint8_t network_id_{0};
    FixedVector<std::uint8_t, kMaxGatewayAddress> address_{};
};

}  // namespace ferraris::dlms
