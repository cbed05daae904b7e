#include "twin/ports.hpp"

#include <boost/asio.hpp>
#include <chrono>
#include <list>
#include <map>
#include <set>
#include <stdexcept>
#include <utility>

#include "dlms/hdlc/server.hpp"
#include "dlms/wrapper.hpp"
#include "twin/client_link.hpp"

namespace ferraris::twin {
namespace {

namespace asio = boost::asio;
using asio::ip::tcp;
using asio::ip::udp;
using Clock = std::chrono::steady_clock;

std::int64_t now_ms() {
    return std::chrono::duration_cast<std::chrono::milliseconds>(Clock::now().time_since_epoch()).count();
}

std::string text(const auto& endpoint) {
    return endpoint.address().to_string() + ":" + std::to_string(endpoint.port());
}

asio::ip::address parse_address(const std::string& host) {
    boost::system::error_code error;
    asio::ip::address address = asio::ip::make_address(host, error);
    if (error) throw std::runtime_error("'" + host + "' is not an IP address; give one such as 127.0.0.1");
    return address;
}

/// A TCP connection that reads when there is something and writes at once when it can: the fast path makes no
/// asynchronous operation but the wait.
class Connection {
public:
    explicit Connection(tcp::socket socket) : socket_(std::move(socket)), last_activity_ms_(now_ms()) {
        boost::system::error_code ignored;
        socket_.non_blocking(true, ignored);
        socket_.set_option(tcp::no_delay(true), ignored);
        const auto peer = socket_.remote_endpoint(ignored);
        peer_ = text(peer);
    }

    [[nodiscard]] const std::string& peer() const { return peer_; }
    [[nodiscard]] std::int64_t last_activity_ms() const { return last_activity_ms_; }
    void close() {
        boost::system::error_code ignored;
        socket_.close(ignored);
    }

    /// Empty at the end of the connection. With a timeout, also when nothing came until then.
    asio::awaitable<ByteView> read() {
        for (;;) {
            boost::system::error_code error;
            const std::size_t count = socket_.read_some(asio::buffer(received_), error);
            if (!error) {
                last_activity_ms_ = now_ms();
                co_return ByteView(received_).first(count);
            }
            if (error != asio::error::would_block) co_return ByteView{};
            co_await socket_.async_wait(tcp::socket::wait_read, asio::redirect_error(asio::use_awaitable, error));
            if (error) co_return ByteView{};
        }
    }

    asio::awaitable<bool> write(ByteView octets) {
        while (!octets.empty()) {
            boost::system::error_code error;
            const std::size_t count = socket_.write_some(asio::buffer(octets.data(), octets.size()), error);
            octets = octets.subspan(count);
            if (count != 0) last_activity_ms_ = now_ms();
            if (error == asio::error::would_block) {
                co_await socket_.async_wait(tcp::socket::wait_write, asio::redirect_error(asio::use_awaitable, error));
            }
            if (error) co_return false;
        }
        co_return true;
    }

private:
    tcp::socket socket_;
    std::string peer_;
    std::int64_t last_activity_ms_;
    std::array<std::uint8_t, 4096> received_{};
};

}  // namespace

class Ports::Implementation : public std::enable_shared_from_this<Implementation> {
public:
    Implementation(asio::io_context& io, dlms::LogicalDevice& device, Crypto& crypto, const PortSettings& settings,
                   std::function<void(const std::string&)> log)
        : io_(io), device_(device), crypto_(crypto), settings_(settings), log_(std::move(log)), sweeper_(io) {}

    void start() { asio::co_spawn(io_, sweep(shared_from_this()), asio::detached); }

    std::uint16_t listen_wrapper(const Endpoint& endpoint) {
        // With port 0 the system gives one to TCP, which UDP need not be able to have too: try again.
        for (int attempt = 0;; ++attempt) {
            tcp::acceptor acceptor = bind<tcp::acceptor, tcp>(endpoint, "TCP");
            acceptor.listen();
            const std::uint16_t port = acceptor.local_endpoint().port();
            try {
                udp::socket socket = bind<udp::socket, udp>({endpoint.host, port}, "UDP");
                acceptors_.push_back(std::move(acceptor));
                udp_sockets_.push_back(std::move(socket));
            } catch (const std::runtime_error&) {
                if (endpoint.port != 0 || attempt == 8) throw;
                continue;
            }
            asio::co_spawn(io_, accept(shared_from_this(), acceptors_.back(), false), asio::detached);
            asio::co_spawn(io_, serve_udp(shared_from_this(), udp_sockets_.back()), asio::detached);
            return port;
        }
    }

    std::uint16_t listen_hdlc(const Endpoint& endpoint) {
        acceptors_.push_back(bind<tcp::acceptor, tcp>(endpoint, "TCP"));
        acceptors_.back().listen();
        asio::co_spawn(io_, accept(shared_from_this(), acceptors_.back(), true), asio::detached);
        return acceptors_.back().local_endpoint().port();
    }

    void close() {
        boost::system::error_code ignored;
        for (auto& acceptor : acceptors_) acceptor.close(ignored);
        for (auto& socket : udp_sockets_) socket.close(ignored);
        for (Connection* connection : connections_) connection->close();
        sweeper_.cancel();
        closed_ = true;
    }

private:
    template <class Socket, class Protocol>
    Socket bind(const Endpoint& endpoint, const char* protocol) {
        const typename Protocol::endpoint local(parse_address(endpoint.host), endpoint.port);
        Socket socket(io_);
        boost::system::error_code error;
        socket.open(local.protocol(), error);
        if constexpr (std::is_same_v<Protocol, tcp>) socket.set_option(tcp::acceptor::reuse_address(true), error);
        if (!error) socket.bind(local, error);
        if (error) {
            throw std::runtime_error("cannot listen on " + text(local) + " (" + protocol + "): " + error.message() +
                                     "; stop what uses it, or choose another port");
        }
        return socket;
    }

    static asio::awaitable<void> accept(std::shared_ptr<Implementation> self, tcp::acceptor& acceptor, bool hdlc) {
        while (acceptor.is_open()) {
            boost::system::error_code error;
            tcp::socket socket = co_await acceptor.async_accept(asio::redirect_error(asio::use_awaitable, error));
            if (error == asio::error::operation_aborted) break;
            if (error) {
                // Out of file descriptors, say: wait, rather than turn round at full speed.
                self->log_("cannot accept a connection: " + error.message());
                asio::steady_timer pause(self->io_, std::chrono::seconds(1));
                co_await pause.async_wait(asio::redirect_error(asio::use_awaitable, error));
                continue;
            }
            if (self->connections_.size() >= self->settings_.max_connections) {
                self->log_("connection refused: " + std::to_string(self->connections_.size()) + " are open already");
                continue;
            }
            auto connection = std::make_unique<Connection>(std::move(socket));
            if (hdlc) {
                asio::co_spawn(self->io_, serve_hdlc(self, std::move(connection)), asio::detached);
            } else {
                asio::co_spawn(self->io_, serve_wrapper(self, std::move(connection)), asio::detached);
            }
        }
    }

    /// Keeps the list of open connections true, however a connection ends.
    class Registration {
    public:
        Registration(Implementation& owner, Connection& connection) : owner_(owner), connection_(connection) {
            owner_.connections_.insert(&connection_);
        }
        ~Registration() { owner_.connections_.erase(&connection_); }
        Registration(const Registration&) = delete;
        Registration& operator=(const Registration&) = delete;

    private:
        Implementation& owner_;
        Connection& connection_;
    };

    ByteView handle(ClientLink& link, std::uint16_t client_sap, std::uint16_t server_sap, ByteView apdu) {
        if (settings_.before_request) settings_.before_request();
        return link.handle(client_sap, server_sap, apdu);
    }

    static asio::awaitable<void> serve_wrapper(std::shared_ptr<Implementation> self,
                                               std::unique_ptr<Connection> connection) {
        const Registration registration(*self, *connection);
        ClientLink link(self->device_, self->crypto_);
        std::array<std::uint8_t, kMaxPdu> pdu_buffer{};
        std::array<std::uint8_t, kMaxPdu + dlms::kWrapperHeaderOctets> out{};
        dlms::WrapperParser parser(pdu_buffer);
        bool open = true;
        while (open) {
            ByteView in = co_await connection->read();
            if (in.empty()) break;
            while (open) {
                const auto pdu = parser.push(in);
                if (!pdu) break;
                const ByteView answer = self->handle(link, pdu->source, pdu->destination, pdu->apdu);
                if (answer.empty()) continue;
                ByteWriter writer(out);
                open = dlms::write_wrapper({pdu->destination, pdu->source, answer}, writer) &&
                       co_await connection->write(writer.written());
            }
            if (parser.error() != dlms::WrapperError::none) {
                self->log_("closed " + connection->peer() + ": what it sent is no wrapper PDU of at most " +
                           std::to_string(kMaxPdu) + " octets");
                break;
            }
        }
        link.lost();
    }

    static asio::awaitable<void> serve_hdlc(std::shared_ptr<Implementation> self,
                                            std::unique_ptr<Connection> connection) {
        static constexpr std::array<std::uint16_t, 1> kLogicalDevices{1};
        const Registration registration(*self, *connection);
        ClientLink link(self->device_, self->crypto_);
        dlms::HdlcServerConfig config;
        config.logical_devices = kLogicalDevices;
        config.physical_device = self->settings_.hdlc_physical_device;
        config.parameters = {dlms::hdlc::kMaxInformationField, dlms::hdlc::kMaxInformationField, 7, 7};
        // Octets of one frame may come in several TCP segments, with the network's delays between them.
        config.inter_octet_timeout_ms = 2000;
        std::array<std::uint8_t, dlms::hdlc::frame_room(dlms::hdlc::kMaxInformationField)> frame_buffer{};
        std::array<std::uint8_t, kMaxPdu> apdu_buffer{};
        std::array<std::uint8_t, 8 * dlms::hdlc::frame_room(dlms::hdlc::kMaxInformationField)> out{};
        dlms::HdlcServer server(config, frame_buffer, apdu_buffer);
        bool open = true;
        while (open) {
            ByteView in = co_await connection->read();
            if (in.empty()) break;
            if (server.poll(now_ms()).kind == dlms::HdlcServerEventKind::disconnected) link.lost();
            do {
                const dlms::HdlcServerEvent event = server.receive(in, now_ms());
                ByteView answer;
                switch (event.kind) {
                    case dlms::HdlcServerEventKind::connected:
                    case dlms::HdlcServerEventKind::disconnected:
                        link.lost();
                        break;
                    case dlms::HdlcServerEventKind::apdu:
                        answer = self->handle(link, event.client_sap, event.server_sap, event.apdu);
                        break;
                    case dlms::HdlcServerEventKind::apdu_too_long:
                        answer = link.refuse_too_long(event.client_sap);
                        break;
                    case dlms::HdlcServerEventKind::none:
                    case dlms::HdlcServerEventKind::unconfirmed_apdu:
                        break;
                }
                if (!answer.empty()) (void)server.send(answer);
                bool whole = false;
                while (open && !whole) {
                    ByteWriter writer(out);
                    whole = server.pull(writer);
                    if (writer.size() == 0) break;
                    open = co_await connection->write(writer.written());
                }
            } while (open && !in.empty());
        }
        link.lost();
    }

    struct UdpPeer {
        std::unique_ptr<ClientLink> link;
        std::int64_t last_activity_ms{0};
    };

    static asio::awaitable<void> serve_udp(std::shared_ptr<Implementation> self, udp::socket& socket) {
        static constexpr std::size_t kMaxPeers = 64;
        std::map<udp::endpoint, UdpPeer> peers;
        std::array<std::uint8_t, kMaxPdu + dlms::kWrapperHeaderOctets> in{};
        std::array<std::uint8_t, kMaxPdu + dlms::kWrapperHeaderOctets> out{};
        while (socket.is_open()) {
            boost::system::error_code error;
            udp::endpoint sender;
            const std::size_t count = co_await socket.async_receive_from(
                asio::buffer(in), sender, asio::redirect_error(asio::use_awaitable, error));
            if (error == asio::error::operation_aborted || error == asio::error::bad_descriptor) break;
            if (error) continue;
            const auto pdu = dlms::decode_wrapper_datagram(ByteView(in).first(count));
            if (!pdu) {
                self->log_("dropped a datagram of " + text(sender) + ": no wrapper PDU");
                continue;
            }
            const std::int64_t now = now_ms();
            forget_silent_peers(peers, now - self->settings_.inactivity_timeout_s * 1000);
            if (!peers.contains(sender) && peers.size() == kMaxPeers) {
                self->log_("dropped a datagram of " + text(sender) + ": too many peers");
                continue;
            }
            UdpPeer& peer = peers[sender];
            if (!peer.link) peer.link = std::make_unique<ClientLink>(self->device_, self->crypto_);
            peer.last_activity_ms = now;
            const ByteView answer = self->handle(*peer.link, pdu->source, pdu->destination, pdu->apdu);
            ByteWriter writer(out);
            if (answer.empty() || !dlms::write_wrapper({pdu->destination, pdu->source, answer}, writer)) continue;
            co_await socket.async_send_to(asio::buffer(writer.written().data(), writer.size()), sender,
                                          asio::redirect_error(asio::use_awaitable, error));
        }
    }

    static void forget_silent_peers(std::map<udp::endpoint, UdpPeer>& peers, std::int64_t oldest_ms) {
        for (auto peer = peers.begin(); peer != peers.end();) {
            if (peer->second.last_activity_ms < oldest_ms) {
                peer->second.link->lost();
                peer = peers.erase(peer);
            } else {
                ++peer;
            }
        }
    }

    /// Closes connections that have been silent, or stuck with a full send buffer, for too long.
    static asio::awaitable<void> sweep(std::shared_ptr<Implementation> self) {
        while (!self->closed_) {
            self->sweeper_.expires_after(std::chrono::seconds(1));
            boost::system::error_code error;
            co_await self->sweeper_.async_wait(asio::redirect_error(asio::use_awaitable, error));
            if (error) break;
            const std::int64_t oldest = now_ms() - self->settings_.inactivity_timeout_s * 1000;
            for (Connection* connection : self->connections_) {
                if (connection->last_activity_ms() >= oldest) continue;
                self->log_("closed " + connection->peer() + ": silent for " +
                           std::to_string(self->settings_.inactivity_timeout_s) + " s");
                connection->close();
            }
        }
    }

    asio::io_context& io_;
    dlms::LogicalDevice& device_;
    Crypto& crypto_;
    PortSettings settings_;
    std::function<void(const std::string&)> log_;
    asio::steady_timer sweeper_;
    std::list<tcp::acceptor> acceptors_{};
    std::list<udp::socket> udp_sockets_{};
    std::set<Connection*> connections_{};
    bool closed_{false};
};

Ports::Ports(asio::io_context& io, dlms::LogicalDevice& device, Crypto& crypto, const PortSettings& settings,
             std::function<void(const std::string&)> log)
    : implementation_(std::make_shared<Implementation>(io, device, crypto, settings, std::move(log))) {
    implementation_->start();
}

Ports::~Ports() { close(); }

std::uint16_t Ports::listen_wrapper(const Endpoint& endpoint) { return implementation_->listen_wrapper(endpoint); }

std::uint16_t Ports::listen_hdlc(const Endpoint& endpoint) { return implementation_->listen_hdlc(endpoint); }

void Ports::close() { implementation_->close(); }

}  // namespace ferraris::twin
