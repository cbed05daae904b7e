/// Where a meter is: `tcp://host:port`, `udp://host:port`, `hdlc+tcp://host:port`,
/// `hdlc+udp://host:port`, `hdlc+serial:///dev/ttyUSB0?baud=9600`, `optical:///dev/ttyUSB0`,
/// `iec+serial:///dev/ttyUSB0`.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

namespace ferraris::cli {

/// How octets travel, and what frames them.
enum class Transport : std::uint8_t {
    tcp_wrapper,  ///< IEC 62056-47 over TCP
    udp_wrapper,  ///< IEC 62056-47 over UDP
    tcp_hdlc,     ///< HDLC frames in a TCP stream: serial servers, gateways
    udp_hdlc,     ///< HDLC frames in datagrams
    serial_hdlc,  ///< HDLC on a line: optical head, RS485
    optical,      ///< the same after a sign-on in mode E of IEC 62056-21, at 300 Bd
    serial_iec,   ///< IEC 62056-21, mode C
};

inline constexpr std::uint16_t kWrapperPort = 4059;
inline constexpr std::uint16_t kHdlcPort = 4060;

struct Address {
    Transport transport{Transport::tcp_wrapper};
    std::string host{};           ///< name or number; for a serial line the device
    std::uint16_t port{0};        ///< of TCP and UDP
    std::uint32_t baud{9600};     ///< of a serial line, at its beginning
    std::string device{};         ///< address in the sign-on; empty: whoever is there
    std::string line{"8N1"};      ///< "8N1" or "7E1"
    std::uint16_t server_sap{1};  ///< wrapper port, or upper HDLC address, of the logical device
    /// Lower HDLC address of the physical device; 0 is none: the address is the logical device alone.
    std::uint16_t physical{0};
    /// Octets of the HDLC server address: 1, 2 or 4; 0: the shortest that holds both numbers.
    std::uint8_t address_size{0};

    [[nodiscard]] bool hdlc() const {
        return transport == Transport::tcp_hdlc || transport == Transport::udp_hdlc ||
               transport == Transport::serial_hdlc || transport == Transport::optical;
    }
    [[nodiscard]] bool serial() const { return transport == Transport::serial_hdlc || signs_on(); }
    /// Begins at 300 Bd with the meter's identification, and agrees on a speed.
    [[nodiscard]] bool signs_on() const {
        return transport == Transport::optical || transport == Transport::serial_iec;
    }
    [[nodiscard]] bool datagrams() const {
        return transport == Transport::udp_wrapper || transport == Transport::udp_hdlc;
    }
    /// In the form that `parse_address` takes, without what is default.
    [[nodiscard]] std::string text() const;
};

/// Throws CliError when `text` is no address; the message says which part is wrong. Parameters behind `?`, joined by
/// `&`: `server=` (1 to 16383), `physical=` (1 to 16383), `address-size=` (1, 2, 4), `baud=`, `line=8N1|7E1`,
/// `device=` (only where there is a sign-on).
[[nodiscard]] Address parse_address(std::string_view text);

}  // namespace ferraris::cli
