/// The ports of a virtual meter: DLMS over the wrapper and over HDLC, each on TCP and UDP; serial and optical lines.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>

#include "crypto/crypto.hpp"
#include "dlms/server/gateway.hpp"
#include "dlms/server/logical_device.hpp"
#include "twin/hdlc_line.hpp"
#include "twin/heard.hpp"

namespace boost::asio {
class io_context;
}

namespace ferraris::twin {

/// A numeric IP address and a port; port 0 lets the system choose.
struct Endpoint {
    std::string host;
    std::uint16_t port{0};
};

struct PortSettings {
    std::int64_t inactivity_timeout_s{180};  ///< a silent or stuck connection is closed after this
    std::size_t max_connections{1024};       ///< further ones are closed at once
    /// Devices that the meter is the gateway to; null: none. Outlives the ports.
    dlms::DevicesBehind* devices_behind{nullptr};
    /// Called before each request is handled: here the host tells the device what time it is.
    std::function<void()> before_request{};
    /// What the meter wants of its ports; without it they have the defaults. Outlives the ports.
    const meter::PortSetups* setups{nullptr};
    /// How often the meter's power has come; nothing while it is away, and nobody gets an answer.
    std::function<std::optional<std::uint32_t>()> power{};
    /// Devices on RS485 that a gateway header can name; null: none. Outlives the ports.
    const meter::SubMeters* sub_meters{nullptr};
    /// Told whether number `index` of them answered.
    std::function<void(std::size_t index, bool did)> sub_meter_answered{};
    /// Told when somebody begins and ends to talk at the optical port.
    std::function<void(bool active)> optical_active{};
    /// Told of everything that goes over the ports.
    Listener heard{};
};

/// Serves one logical device. Everything runs in the thread of the io_context; nothing is shared.
class Ports {
public:
    /// `log` gets one line for everything that an operator may want to know, refused requests included; of what bad
    /// peers send, each thing once and what comes again together (`CountedLog`).
    Ports(boost::asio::io_context& io, dlms::LogicalDevice& device, Crypto& crypto, const PortSettings& settings,
          std::function<void(const std::string&)> log);
    ~Ports();
    Ports(const Ports&) = delete;
    Ports& operator=(const Ports&) = delete;

    /// TCP and UDP on the same number. Each gives back the port in use and throws std::runtime_error, with the
    /// address and what to do, when it cannot be had.
    std::uint16_t listen_wrapper(const Endpoint& endpoint);
    std::uint16_t listen_hdlc(const Endpoint& endpoint);

    /// HDLC on a serial line: the module port, or a line of the host. `device` as in `open_serial_device`. Gives back
    /// what a client has to open. Throws std::runtime_error likewise.
    std::string open_serial(const std::string& device, const HdlcLineSettings& settings);
    /// IEC 62056-21 and HDLC: the optical port. `serial_number` is what a request
    /// may name where the port's setup says nothing else.
    std::string open_local(const std::string& device, const HdlcLineSettings& settings,
                           const std::string& serial_number);

    /// RS485: a device with a bus behind it, or a bus of virtual meters under that name (rs485_bus.hpp). `open_local`
    /// with the way to the devices behind the meter.
    std::string open_rs485(const std::string& device, const HdlcLineSettings& settings,
                           const std::string& serial_number);

    void close();

private:
    class Implementation;
    std::shared_ptr<Implementation> implementation_;
};

}  // namespace ferraris::twin
