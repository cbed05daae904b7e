/// The sessions of one link (a TCP connection, a UDP peer, an HDLC line): one for each client SAP that speaks on it.
#pragma once

#include <array>
#include <cstdint>
#include <memory>
#include <vector>

#include "dlms/server/session.hpp"

namespace ferraris::twin {

/// The longest APDU that a virtual meter takes and gives.
inline constexpr std::size_t kMaxPdu = 2048;

class ClientLink {
public:
    ClientLink(dlms::LogicalDevice& device, Crypto& crypto) : device_(device), crypto_(crypto) {}

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

    dlms::LogicalDevice& device_;
    Crypto& crypto_;
    std::vector<std::unique_ptr<Session>> sessions_{};
};

}  // namespace ferraris::twin
