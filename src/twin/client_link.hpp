/// The sessions of one link (a TCP connection, a UDP peer, an HDLC line): one for each client SAP that speaks on it.
#pragma once

#include <array>
#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "dlms/server/session.hpp"
#include "twin/counted_log.hpp"

namespace ferraris::twin {

/// The longest APDU that a virtual meter takes and gives.
inline constexpr std::size_t kMaxPdu = 2048;

/// What all lines of a virtual meter lead to; it outlives them.
struct MeterService {
    dlms::LogicalDevice& device;
    Crypto& crypto;
    CountedLog& log;
    /// Called before each request is handled: here the host tells the device what time it is.
    std::function<void()> before_request{};
};

class ClientLink {
public:
    /// `peer` is for the log.
    ClientLink(const MeterService& meter, std::string peer) : meter_(meter), peer_(std::move(peer)) {}

    /// The answer is valid until the next call; empty means silence.
    [[nodiscard]] ByteView handle(std::uint16_t client_sap, std::uint16_t server_sap, ByteView apdu);
    [[nodiscard]] ByteView refuse_too_long(std::uint16_t client_sap);
    void lost();

private:
    /// More clients than access levels on one link is nobody's use: a fifth takes the place of the oldest.
    static constexpr std::size_t kMaxSessions = 4;

    struct Session {
        Session(dlms::LogicalDevice& device, Crypto& crypto, std::uint16_t sap)
            : client_sap(sap), server(device, crypto, {deciphering, answer, long_values}) {}

        std::uint16_t client_sap;
        std::array<std::uint8_t, kMaxPdu> deciphering{};
        std::array<std::uint8_t, kMaxPdu + dlms::kAnswerHeadroom + dlms::kMaxCipherTail> answer{};
        std::array<std::uint8_t, 8192> long_values{};
        dlms::ServerSession server;
    };

    [[nodiscard]] Session& session(std::uint16_t client_sap);

    const MeterService& meter_;
    std::string peer_;
    std::vector<std::unique_ptr<Session>> sessions_{};
};

}  // namespace ferraris::twin
