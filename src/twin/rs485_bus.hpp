/// RS485 of several virtual meters, each a process of its own: all that are given the same name are on one bus.
///
/// The first one has the bus: a pseudo-terminal of that name, for whoever plugs in, and beside it a socket (`NAME.bus`)
/// for the other meters. When it ends, another one takes over.
#pragma once

#include <array>
#include <boost/asio/generic/stream_protocol.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/local/stream_protocol.hpp>
#include <boost/asio/posix/stream_descriptor.hpp>
#include <boost/asio/steady_timer.hpp>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "twin/line_end.hpp"
#include "twin/serial_device.hpp"
#include "twin/shared_medium.hpp"

namespace ferraris::twin {

/// Everything runs in the thread of the io_context.
class Rs485Bus : public std::enable_shared_from_this<Rs485Bus> {
public:
    /// Joins or makes the bus `name`. `fast`: it keeps to no speed, if this one makes it. Throws std::runtime_error
    /// that says what to do.
    Rs485Bus(boost::asio::io_context& io, std::string name, std::unique_ptr<LineEnd> end, bool fast,
             std::function<std::int64_t()> clock, std::function<void(const std::string&)> log);
    ~Rs485Bus();
    Rs485Bus(const Rs485Bus&) = delete;
    Rs485Bus& operator=(const Rs485Bus&) = delete;

    void start();
    void close();
    /// The end has something new to say.
    void wake() { service(); }
    /// What a client opens.
    [[nodiscard]] const std::string& path() const { return name_; }

private:
    using Socket = boost::asio::local::stream_protocol::socket;
    /// Speed and count of the octets that follow.
    static constexpr std::size_t kHeader = 6;
    static constexpr std::size_t kMaxPacket = 16'384;

    /// Another process on the bus; where this one has not made it, the one that has.
    struct Peer {
        explicit Peer(Socket socket) : link(std::move(socket)) {}
        Socket link;
        SharedMedium::Station station{0};
        std::array<std::uint8_t, kHeader> header{};
        std::vector<std::uint8_t> octets{};
        std::vector<std::uint8_t> output{};   ///< waits
        std::vector<std::uint8_t> writing{};  ///< on its way
    };

    void open();
    void make_bus();
    void accept();
    void read_terminal();
    void read_peer(const std::shared_ptr<Peer>& peer);
    void send(const std::shared_ptr<Peer>& peer, std::uint32_t baud, ByteView octets);
    void write_peer(const std::shared_ptr<Peer>& peer);
    void drop(const std::shared_ptr<Peer>& peer);
    /// Hands on what everybody has heard, sends what is due, sets the timer.
    void service();
    void serve_own(std::int64_t now_ms);
    void hear(ByteView octets, std::int64_t now_ms);
    void say(ByteView octets, std::int64_t now_ms);

    boost::asio::io_context& io_;
    std::string name_;
    std::unique_ptr<LineEnd> end_;
    bool fast_;
    std::function<std::int64_t()> clock_;
    std::function<void(const std::string&)> log_;
    boost::asio::steady_timer timer_;

    // Where this process has the bus.
    std::optional<SharedMedium> medium_{};
    SharedMedium::Station own_{0};
    SharedMedium::Station outside_{0};
    SerialDevice terminal_{};
    std::optional<boost::asio::posix::stream_descriptor> terminal_line_{};
    std::optional<boost::asio::local::stream_protocol::acceptor> acceptor_{};
    std::array<std::uint8_t, 1024> from_terminal_{};

    std::vector<std::shared_ptr<Peer>> peers_{};
    std::uint32_t told_baud_{0};  ///< to the process that has the bus
    std::uint64_t told_collisions_{0};
    bool serving_{false};
    bool closed_{false};
};

}  // namespace ferraris::twin
