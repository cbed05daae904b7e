/// The sessions of one link (a TCP connection, a UDP peer, an HDLC line): one for each client SAP that speaks on it.
#pragma once

#include <array>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "dlms/server/gateway.hpp"
#include "dlms/server/session.hpp"
#include "meter/ports/port_setups.hpp"
#include "twin/counted_log.hpp"
#include "twin/heard.hpp"

namespace ferraris::meter {
class SubMeters;
}

namespace ferraris::twin {

class PassThrough;

/// The longest APDU that a virtual meter takes and gives.
inline constexpr std::size_t kMaxPdu = 2048;
/// The same with a gateway's header: what a link carries.
inline constexpr std::size_t kMaxCarried = kMaxPdu + dlms::kMaxGatewayHeader;

/// What all lines of a virtual meter lead to; it outlives them.
struct MeterService {
    dlms::LogicalDevice& device;
    Crypto& crypto;
    CountedLog& log;
    /// Called before each request is handled: here the host tells the device what time it is.
    std::function<void()> before_request{};
    /// Devices that the meter is the gateway to; null: none.
    dlms::DevicesBehind* devices_behind{nullptr};
    /// What the meter wants of its ports; without it they have the defaults.
    const meter::PortSetups* setups{nullptr};
    /// How often the meter's power has come; nothing while it is away. Without this there always is power.
    std::function<std::optional<std::uint32_t>()> power{};
    /// Devices on RS485 behind the meter, which a gateway header can name, and the way to them; null: none.
    const meter::SubMeters* sub_meters{nullptr};
    PassThrough* pass_through{nullptr};
    /// Told whether number `index` of them answered.
    std::function<void(std::size_t index, bool did)> sub_meter_answered{};
    /// Told when somebody begins and ends to talk at the optical port: the display shows it.
    std::function<void(bool active)> optical_active{};
    /// Told of everything that goes over the lines.
    Listener heard{};

    void tell(Heard::What what, std::string_view peer, ByteView octets) const {
        if (heard && !octets.empty()) heard({what, peer, octets, {}});
    }
};

/// Notices that the meter lost its power: what it knew of a link is gone then.
class PowerWatch {
public:
    enum class Seen : std::uint8_t { same, lost, none };

    explicit PowerWatch(const MeterService& meter) : meter_(meter) {
        if (meter_.power) known_ = meter_.power();
    }
    /// `lost`: it is back, and was away since the last look; `none`: there is none.
    [[nodiscard]] Seen look() {
        if (!meter_.power) return Seen::same;
        const auto power = meter_.power();
        if (std::exchange(known_, power) != power) return power ? Seen::lost : Seen::none;
        return power ? Seen::same : Seen::none;
    }

private:
    const MeterService& meter_;
    std::optional<std::uint32_t> known_{};
};

class ClientLink {
public:
    /// `peer` is for the log. `streaming`: how many general blocks may go out without waiting; 1 where a link carries
    /// one APDU at a time.
    ClientLink(const MeterService& meter, std::string peer, std::uint8_t streaming = dlms::kMaxBlockWindow)
        : meter_(meter),
          peer_(std::move(peer)),
          streaming_(streaming),
          power_(meter),
          behind_(*this),
          gateway_(meter.device.physical_device_address(), &behind_, gateway_memory_) {}
    ~ClientLink() { lost(); }
    ClientLink(const ClientLink&) = delete;
    ClientLink& operator=(const ClientLink&) = delete;

    /// The answer is valid until the next call; empty means silence. `next` until it is empty, then wait again.
    [[nodiscard]] ByteView handle(std::uint16_t client_sap, std::uint16_t server_sap, ByteView apdu);
    /// What goes out behind the answer to `client_sap`: general block transfer streams.
    [[nodiscard]] ByteView next(std::uint16_t client_sap);
    [[nodiscard]] ByteView refuse_too_long(std::uint16_t client_sap);
    void lost();

    /// A device behind the meter has been asked, and its answer is yet to come.
    [[nodiscard]] bool waiting() const { return waiting_; }
    /// The answer that has come since, with its header; empty: none has. Valid until the next call.
    [[nodiscard]] ByteView take_late();
    /// Called when it comes.
    void when_late(std::function<void()> call) { when_late_ = std::move(call); }

    /// A client has an association over this link, and proved who it is.
    [[nodiscard]] bool authenticated() const;

private:
    /// More clients than access levels on one link is nobody's use: a fifth takes the place of the oldest.
    static constexpr std::size_t kMaxSessions = 4;

    struct Session {
        Session(dlms::LogicalDevice& device, Crypto& crypto, std::uint16_t sap)
            : client_sap(sap), server(device, crypto, {deciphering, answer, long_values, blocks}) {}

        std::uint16_t client_sap;
        std::array<std::uint8_t, kMaxPdu> deciphering{};
        std::array<std::uint8_t, kMaxPdu + dlms::kAnswerHeadroom + dlms::kMaxCipherTail> answer{};
        std::array<std::uint8_t, 8192> long_values{};
        /// The object list is the longest answer: some 60 octets an object.
        std::array<std::uint8_t, 32768> blocks{};
        dlms::ServerSession server;
    };

    /// Takes requests for devices behind the meter, for this link.
    class Behind final : public dlms::DevicesBehind {
    public:
        explicit Behind(ClientLink& link) : link_(link) {}
        [[nodiscard]] std::optional<ByteView> exchange(std::uint8_t network_id, ByteView address,
                                                       std::uint16_t client_sap, ByteView apdu) override {
            return link_.ask_behind(network_id, address, client_sap, apdu);
        }

    private:
        ClientLink& link_;
    };

    [[nodiscard]] Session& session(std::uint16_t client_sap);
    /// Silence for now, where the device is on RS485.
    [[nodiscard]] std::optional<ByteView> ask_behind(std::uint8_t network_id, ByteView address,
                                                     std::uint16_t client_sap, ByteView apdu);

    const MeterService& meter_;
    std::string peer_;
    std::uint8_t streaming_;
    PowerWatch power_;
    std::array<std::uint8_t, kMaxCarried> gateway_memory_{};
    std::array<std::uint8_t, kMaxCarried> late_{};
    std::size_t late_size_{0};
    bool waiting_{false};
    bool asked_{false};  ///< since the link came up
    std::function<void()> when_late_{};
    Behind behind_;
    dlms::Gateway gateway_;
    std::vector<std::unique_ptr<Session>> sessions_{};
};

}  // namespace ferraris::twin
