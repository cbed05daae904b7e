/// Captures of networks: pcap and pcapng, down to the octets that TCP and UDP carry. Anything may be wrong in a file
/// that somebody sends; nothing outside it is read, and its lengths are believed only as far as the file goes.
#pragma once

#include <array>
#include <compare>
#include <cstdint>
#include <functional>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "base/bytes.hpp"
#include "decode/conversation.hpp"

namespace ferraris::decode {

/// The first octets of pcap (any byte order and resolution) or pcapng.
[[nodiscard]] bool is_capture(ByteView file);

/// A captured packet as it was on the link.
struct Packet {
    std::uint32_t link_type{0};  ///< as registered by the pcap project: 1 Ethernet, 101 raw IP, …
    std::int64_t time_ns{0};     ///< since 1970, UTC
    ByteView octets{};
};

/// Goes through the packets of a file.
class CaptureReader {
public:
    explicit CaptureReader(ByteView file);
    /// The next packet; nothing at the end, or where the file breaks off.
    [[nodiscard]] std::optional<Packet> next();
    [[nodiscard]] std::uint64_t position() const { return position_; }
    /// Why the file could not be read on; empty when it was read to its end.
    [[nodiscard]] const std::string& problem() const { return problem_; }

private:
    struct Interface {
        std::uint32_t link_type{0};
        std::int64_t ticks_per_second{1'000'000};
    };

    [[nodiscard]] std::uint32_t u32(std::uint64_t at) const;
    [[nodiscard]] std::uint32_t u16(std::uint64_t at) const;
    [[nodiscard]] std::optional<Packet> next_pcap();
    [[nodiscard]] std::optional<Packet> next_pcapng();
    void interface_block(std::uint64_t at, std::uint64_t end);

    ByteView file_;
    std::uint64_t position_{0};
    bool next_generation_{false};
    bool little_endian_{true};
    bool nanoseconds_{false};
    std::uint32_t link_type_{0};
    std::vector<Interface> interfaces_{};
    std::string problem_{};
};

struct Endpoint {
    std::array<std::uint8_t, 16> address{};  ///< IPv4: the first four
    bool v6{false};
    std::uint16_t port{0};

    friend auto operator<=>(const Endpoint&, const Endpoint&) = default;
};
/// "10.0.0.1:4059", "[fe80::1]:4059"
[[nodiscard]] std::string endpoint_text(const Endpoint& endpoint);

/// What TCP or UDP carries in one packet.
struct Transport {
    Endpoint source{};
    Endpoint destination{};
    bool tcp{false};
    std::uint32_t sequence{0};  ///< TCP
    bool syn{false};
    bool fin{false};  ///< FIN or RST
    ByteView payload{};
};
/// Nothing for other protocols, fragments behind the first, and packets that are cut short in their heads.
[[nodiscard]] std::optional<Transport> transport_of(const Packet& packet);

/// Puts the segments of one direction of a TCP connection in order.
class TcpStream {
public:
    using Take = std::function<void(ByteView)>;
    using Lost = std::function<void(std::uint64_t)>;

    /// `take` gets octets in order, each once; `lost` how many were never captured, when no more hope is left.
    void segment(const Transport& segment, const Take& take, const Lost& lost);
    void finish(const Take& take, const Lost& lost);

private:
    void deliver(const Take& take);
    void jump(const Lost& lost);

    bool begun_{false};
    std::uint32_t next_{0};
    std::map<std::uint32_t, Octets> waiting_{};  ///< by distance from `base_`
    std::uint32_t base_{0};
    std::size_t waiting_octets_{0};
};

/// "2026-01-31T12:00:00.123456Z"
[[nodiscard]] std::string time_text(std::int64_t time_ns);

}  // namespace ferraris::decode
