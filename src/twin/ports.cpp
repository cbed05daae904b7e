#include "twin/ports.hpp"

#include <algorithm>
#include <boost/asio.hpp>
#include <chrono>
#include <list>
#include <map>
#include <set>
#include <stdexcept>
#include <utility>
#include <vector>

#include "dlms/hdlc/frame.hpp"
#include "dlms/wrapper.hpp"
#include "twin/client_link.hpp"
#include "twin/connection_watch.hpp"
#include "twin/counted_log.hpp"
#include "twin/hdlc_line.hpp"
#include "twin/local_line.hpp"
#include "twin/logging_device.hpp"
#include "twin/pass_through.hpp"
#include "twin/rs485_bus.hpp"
#include "twin/rs485_end.hpp"
#include "twin/serial_line.hpp"

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

/// For the log.
std::string name_of_line(meter::Port port, const std::string& device) {
    constexpr std::array kNames{"line ", "RS485 ", "module port "};
    return kNames[static_cast<std::size_t>(port)] + device;
}

const char* advice(const boost::system::error_code& error) {
    if (error == asio::error::address_in_use) return "; stop what uses it, or choose another port";
    if (error == asio::error::access_denied) return "; choose a port above 1023";
    if (error == boost::system::errc::address_not_available) {
        return "; it is no address of this machine: give one of its own, or 0.0.0.0 for all";
    }
    return "; choose another address or port";
}

constexpr const char* kCutOff = "the connection ended in the middle of a message";
constexpr std::array<const char*, 2> kNoWrapper{
    "closed: what it sent is no wrapper PDU",
    "closed: its wrapper PDU is longer than the meter takes",
};

/// A TCP connection that reads when there is something and writes at once when it can. A request costs four system
/// calls: the reactor reads where its wait ends, which an operation that only waits would have to be armed for anew
/// each time.
class Connection {
public:
    explicit Connection(tcp::socket socket) : socket_(std::move(socket)), watch_(now_ms()) {
        boost::system::error_code ignored;
        socket_.non_blocking(true, ignored);
        socket_.set_option(tcp::no_delay(true), ignored);
        const auto peer = socket_.remote_endpoint(ignored);
        peer_ = text(peer);
    }

    [[nodiscard]] const std::string& peer() const { return peer_; }
    [[nodiscard]] ConnectionWatch& watch() { return watch_; }
    /// Not yet closed by this end.
    [[nodiscard]] bool is_open() const { return socket_.is_open(); }
    void close() {
        boost::system::error_code ignored;
        socket_.close(ignored);
    }

    /// Empty at the end of the connection.
    asio::awaitable<ByteView> read() {
        boost::system::error_code error;
        const std::size_t count =
            co_await socket_.async_read_some(asio::buffer(received_), asio::redirect_error(asio::use_awaitable, error));
        if (error) co_return ByteView{};
        watch_.active(now_ms());
        co_return ByteView(received_).first(count);
    }

    asio::awaitable<bool> write(ByteView octets) {
        while (!octets.empty()) {
            boost::system::error_code error;
            const std::size_t count = socket_.write_some(asio::buffer(octets.data(), octets.size()), error);
            octets = octets.subspan(count);
            if (count != 0) watch_.active(now_ms());
            if (error == asio::error::would_block) {
                watch_.wait_for(ConnectionWatch::Wait::send_buffer);
                co_await socket_.async_wait(tcp::socket::wait_write, asio::redirect_error(asio::use_awaitable, error));
            }
            if (error) co_return false;
        }
        co_return true;
    }

private:
    tcp::socket socket_;
    std::string peer_;
    ConnectionWatch watch_;
    std::array<std::uint8_t, 4096> received_{};
};

}  // namespace

class Ports::Implementation : public std::enable_shared_from_this<Implementation> {
public:
    Implementation(asio::io_context& io, dlms::LogicalDevice& device, Crypto& crypto, const PortSettings& settings,
                   std::function<void(const std::string&)> log)
        : io_(io),
          settings_(settings),
          log_(std::move(log)),
          counted_(log_, now_ms),
          device_(device, counted_, settings.heard),
          meter_{device_,
                 crypto,
                 counted_,
                 settings.before_request,
                 settings.devices_behind,
                 settings.setups,
                 settings.power,
                 settings.sub_meters,
                 nullptr,
                 settings.sub_meter_answered,
                 settings.optical_active,
                 settings.heard},
          sweeper_(io) {}

    void start() { asio::co_spawn(io_, sweep(shared_from_this()), asio::detached); }

    std::uint16_t listen(const Endpoint& endpoint, bool hdlc) {
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
            asio::co_spawn(io_, accept(shared_from_this(), acceptors_.back(), hdlc), asio::detached);
            if (hdlc) {
                asio::co_spawn(io_, serve_udp<HdlcPeer>(shared_from_this(), udp_sockets_.back()), asio::detached);
            } else {
                asio::co_spawn(io_, serve_udp<WrapperPeer>(shared_from_this(), udp_sockets_.back()), asio::detached);
            }
            return port;
        }
    }

    template <class MakeEnd>
    std::string open_line(const std::string& device, HdlcLineSettings settings, MakeEnd&& make_end) {
        SerialDevice opened = open_serial_device(device, dlms::iec62056_21::kInitialBaud);
        settings.pseudo_terminal = opened.is_pseudo_terminal();
        std::unique_ptr<LineEnd> end = make_end(settings);
        if (!set_baud(opened.file, end->baud())) {
            close_serial_device(opened);
            throw std::runtime_error("the serial line " + device + " does not take " + std::to_string(end->baud()) +
                                     " Bd; give another baud=");
        }
        lines_.push_back(
            std::make_shared<SerialLine>(io_, std::move(opened), std::move(end), settings.fast, now_ms, log_));
        lines_.back()->start();
        return lines_.back()->path();
    }

    std::string open_rs485(const std::string& device, HdlcLineSettings settings, const std::string& serial_number) {
        if (meter_.pass_through != nullptr) throw std::runtime_error("the meter has one RS485 port, not two");
        pass_through_ = std::make_unique<PassThrough>(meter_);
        meter_.pass_through = pass_through_.get();
        settings.port = meter::Port::rs485;
        const auto make_end = [&](const HdlcLineSettings& known) {
            return std::make_unique<Rs485End>(meter_, known, serial_number, name_of_line(known.port, device),
                                              *pass_through_);
        };
        std::function<void()> wake;
        std::string path = device;
        if (is_device(device)) {
            path = open_line(device, settings, make_end);
            wake = [line = lines_.back().get()] { line->wake(); };
        } else {
            settings.pseudo_terminal = true;
            bus_ = std::make_shared<Rs485Bus>(io_, device, make_end(settings), settings.fast, now_ms, log_);
            bus_->start();
            path = bus_->path();
            wake = [bus = bus_.get()] { bus->wake(); };
        }
        // Not at once: whoever asks is in the middle of something.
        pass_through_->on_request([this, wake] {
            asio::post(io_, [self = weak_from_this(), wake] {
                const auto alive = self.lock();
                if (alive && !alive->closed_) wake();
            });
        });
        return path;
    }

    [[nodiscard]] const MeterService& meter() const { return meter_; }

    void close() {
        boost::system::error_code ignored;
        for (const auto& line : lines_) line->close();
        if (bus_) bus_->close();
        for (auto& acceptor : acceptors_) acceptor.close(ignored);
        for (auto& socket : udp_sockets_) socket.close(ignored);
        for (Connection* connection : connections_) connection->close();
        sweeper_.cancel();
        if (!closed_) counted_.flush();
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
                                     advice(error));
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
                const auto from = socket.remote_endpoint(error);
                self->counted_.add("connection refused: too many are open already", text(from));
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

    static asio::awaitable<void> serve_wrapper(std::shared_ptr<Implementation> self,
                                               std::unique_ptr<Connection> connection) {
        const Registration registration(*self, *connection);
        ClientLink link(self->meter_, connection->peer());
        std::array<std::uint8_t, kMaxCarried> pdu_buffer{};
        std::array<std::uint8_t, kMaxCarried + dlms::kWrapperHeaderOctets> out{};
        dlms::WrapperParser parser(pdu_buffer);
        bool open = true;
        while (open) {
            ByteView in = co_await connection->read();
            if (in.empty()) break;
            while (open) {
                const auto pdu = parser.push(in);
                if (!pdu) break;
                const std::uint16_t source = pdu->source;
                const std::uint16_t destination = pdu->destination;
                ByteView answer = link.handle(source, destination, pdu->apdu);
                if (link.waiting()) {
                    co_await late(*self, link);
                }
                if (answer.empty()) answer = link.take_late();
                while (open && !answer.empty()) {
                    ByteWriter writer(out);
                    open = dlms::write_wrapper({destination, source, answer}, writer) &&
                           co_await connection->write(writer.written());
                    answer = link.next(source);
                }
            }
            if (parser.error() != dlms::WrapperError::none) {
                self->counted_.add(kNoWrapper[parser.error() == dlms::WrapperError::too_long ? 1 : 0],
                                   connection->peer());
                break;
            }
            connection->watch().wait_for(parser.in_pdu() ? ConnectionWatch::Wait::rest_of_message
                                                         : ConnectionWatch::Wait::request);
        }
        const bool in_step = parser.error() == dlms::WrapperError::none;
        if (in_step && parser.in_pdu() && connection->is_open()) self->counted_.add(kCutOff, connection->peer());
        link.lost();
    }

    /// Waits until a device behind the meter has answered, or has not; other connections go on meanwhile.
    static asio::awaitable<void> late(Implementation& self, ClientLink& link) {
        asio::steady_timer timer(self.io_, asio::steady_timer::time_point::max());
        link.when_late([&timer] { timer.cancel(); });
        boost::system::error_code ignored;
        while (link.waiting() && !self.closed_) {
            timer.expires_after(std::chrono::seconds(1));
            co_await timer.async_wait(asio::redirect_error(asio::use_awaitable, ignored));
        }
        link.when_late({});
    }

    static asio::awaitable<void> serve_hdlc(std::shared_ptr<Implementation> self,
                                            std::unique_ptr<Connection> connection) {
        const Registration registration(*self, *connection);
        HdlcLine line(self->meter_, self->hdlc_settings(), connection->peer());
        bool open = true;
        while (open) {
            ByteView in = co_await connection->read();
            if (in.empty()) break;
            line.poll(now_ms());
            do {
                line.receive(in, now_ms());
                for (ByteView out = line.pull(now_ms()); open && !out.empty(); out = line.pull(now_ms())) {
                    open = co_await connection->write(out);
                }
            } while (open && !in.empty());
            connection->watch().wait_for(line.in_frame() ? ConnectionWatch::Wait::rest_of_message
                                                         : ConnectionWatch::Wait::request);
        }
        if (line.in_frame() && connection->is_open()) self->counted_.add(kCutOff, connection->peer());
    }

    [[nodiscard]] static HdlcLineSettings hdlc_settings() {
        HdlcLineSettings settings;
        // Octets of one frame may come in several TCP segments, with the network's delays between them.
        settings.inter_octet_timeout_ms = 2000;
        return settings;
    }

    /// What one sender of datagrams has to do with the wrapper.
    class WrapperPeer {
    public:
        WrapperPeer(Implementation& owner, std::string name) : link_(owner.meter_, std::move(name)) {}
        /// `send` is called with a datagram when a device behind the meter has answered.
        void when_late(std::function<void(ByteView)> send) {
            link_.when_late([this, send = std::move(send)] { send(wrapped(link_.take_late())); });
        }
        ~WrapperPeer() { link_.lost(); }
        WrapperPeer(const WrapperPeer&) = delete;
        WrapperPeer& operator=(const WrapperPeer&) = delete;

        /// Whether anybody means something by it: garbage makes no peer.
        static bool may_be(ByteView datagram) { return dlms::decode_wrapper_datagram(datagram).has_value(); }
        static constexpr const char* kGarbage = "dropped a datagram: it is no wrapper PDU";
        static constexpr std::size_t kMaxDatagram = kMaxCarried + dlms::kWrapperHeaderOctets;

        void receive(ByteView& in) {
            const auto pdu = dlms::decode_wrapper_datagram(in);
            in = {};
            source_ = pdu->source;
            destination_ = pdu->destination;
            waiting_ = wrapped(link_.handle(pdu->source, pdu->destination, pdu->apdu));
        }
        /// The next datagram to send; general block transfer streams several.
        ByteView pull() {
            if (waiting_.empty()) return {};
            if (!std::exchange(first_, false)) waiting_ = wrapped(link_.next(source_));
            if (waiting_.empty()) first_ = true;
            return waiting_;
        }

        [[nodiscard]] bool authenticated() const { return link_.authenticated(); }

    private:
        ByteView wrapped(ByteView apdu) {
            ByteWriter writer(out_);
            if (apdu.empty() || !dlms::write_wrapper({destination_, source_, apdu}, writer)) return {};
            return writer.written();
        }

        ClientLink link_;
        std::uint16_t source_{0};
        std::uint16_t destination_{0};
        bool first_{true};
        std::array<std::uint8_t, kMaxCarried + dlms::kWrapperHeaderOctets> out_{};
        ByteView waiting_{};
    };

    /// The same with HDLC: a frame a datagram, so that what gets lost is a frame, and HDLC repeats it.
    class HdlcPeer {
    public:
        HdlcPeer(Implementation& owner, std::string name)
            : line_(owner.meter_, owner.hdlc_settings(), std::move(name)) {}

        static bool may_be(ByteView datagram) {
            return datagram.size() > 2 && datagram.front() == dlms::hdlc::kFlag && datagram.back() == dlms::hdlc::kFlag;
        }
        static constexpr const char* kGarbage = "dropped a datagram: it is no HDLC frame";
        static constexpr std::size_t kMaxDatagram = 8 * dlms::hdlc::frame_room(dlms::hdlc::kMaxInformationField);

        void receive(ByteView& in) { line_.receive(in, now_ms()); }
        ByteView pull() {
            if (waiting_.empty()) waiting_ = line_.pull(now_ms());
            if (waiting_.empty()) return {};
            const ByteView frame = waiting_.first(dlms::hdlc::written_size(waiting_));
            waiting_ = waiting_.subspan(frame.size());
            return frame;
        }

        [[nodiscard]] bool authenticated() const { return line_.authenticated(); }
        /// HDLC asks again by itself.
        void when_late(const std::function<void(ByteView)>& /*send*/) {}

    private:
        HdlcLine line_;
        ByteView waiting_{};
    };

    template <class Peer>
    static asio::awaitable<void> serve_udp(std::shared_ptr<Implementation> self, udp::socket& socket) {
        struct Known {
            std::unique_ptr<Peer> peer;
            std::int64_t last_activity_ms{0};
            std::uint64_t last_datagram{0};  ///< its number: many come within a millisecond
        };
        std::map<udp::endpoint, Known> peers;
        std::uint64_t datagrams = 0;
        std::array<std::uint8_t, Peer::kMaxDatagram> buffer{};
        while (socket.is_open()) {
            boost::system::error_code error;
            udp::endpoint sender;
            const std::size_t count = co_await socket.async_receive_from(
                asio::buffer(buffer), sender, asio::redirect_error(asio::use_awaitable, error));
            if (error == asio::error::operation_aborted || error == asio::error::bad_descriptor) break;
            if (error) continue;
            ByteView in = ByteView(buffer).first(count);
            if (!Peer::may_be(in)) {
                self->counted_.add(Peer::kGarbage, text(sender));
                continue;
            }
            const std::int64_t now = now_ms();
            const std::int64_t oldest = now - self->settings_.inactivity_timeout_s * 1000;
            std::erase_if(peers, [oldest](const auto& known) { return known.second.last_activity_ms < oldest; });
            if (!peers.contains(sender) && peers.size() >= self->settings_.max_connections) {
                // A datagram's sender never says good-bye: the one that was silent longest makes room, but nobody who
                // never proved who he is takes the place of one who did.
                const auto first_to_go = std::ranges::min_element(peers, {}, [](const auto& known) {
                    return std::pair(known.second.peer->authenticated(), known.second.last_datagram);
                });
                if (first_to_go->second.peer->authenticated()) {
                    self->counted_.add("dropped a datagram: too many peers", text(sender));
                    continue;
                }
                peers.erase(first_to_go);
            }
            Known& known = peers[sender];
            if (!known.peer) {
                known.peer = std::make_unique<Peer>(*self, text(sender));
                known.peer->when_late([&socket, sender](ByteView datagram) {
                    boost::system::error_code ignored;
                    if (!datagram.empty())
                        socket.send_to(asio::buffer(datagram.data(), datagram.size()), sender, 0, ignored);
                });
            }
            known.last_activity_ms = now;
            known.last_datagram = ++datagrams;
            while (!in.empty()) {
                known.peer->receive(in);
                for (ByteView out = known.peer->pull(); !out.empty(); out = known.peer->pull()) {
                    co_await socket.async_send_to(asio::buffer(out.data(), out.size()), sender,
                                                  asio::redirect_error(asio::use_awaitable, error));
                }
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
            self->counted_.sweep();
            const std::int64_t now = now_ms();
            const std::int64_t oldest = now - self->settings_.inactivity_timeout_s * 1000;
            for (Connection* connection : self->connections_) {
                ConnectionWatch& watch = connection->watch();
                const bool silent = watch.last_activity_ms() < oldest;
                const char* const complaint = watch.complaint(now);
                if (complaint != nullptr && !silent) self->counted_.add(complaint, connection->peer());
                if (!silent) continue;
                self->counted_.add("closed: silent for too long", connection->peer(), 1,
                                   std::to_string(self->settings_.inactivity_timeout_s) + " s");
                connection->close();
            }
        }
    }

    asio::io_context& io_;
    PortSettings settings_;
    std::function<void(const std::string&)> log_;
    CountedLog counted_;
    LoggingDevice device_;
    MeterService meter_;
    std::unique_ptr<PassThrough> pass_through_{};
    asio::steady_timer sweeper_;
    std::list<tcp::acceptor> acceptors_{};
    std::list<udp::socket> udp_sockets_{};
    std::set<Connection*> connections_{};
    std::vector<std::shared_ptr<SerialLine>> lines_{};
    std::shared_ptr<Rs485Bus> bus_{};
    bool closed_{false};
};

Ports::Ports(asio::io_context& io, dlms::LogicalDevice& device, Crypto& crypto, const PortSettings& settings,
             std::function<void(const std::string&)> log)
    : implementation_(std::make_shared<Implementation>(io, device, crypto, settings, std::move(log))) {
    implementation_->start();
}

Ports::~Ports() { close(); }

std::uint16_t Ports::listen_wrapper(const Endpoint& endpoint) { return implementation_->listen(endpoint, false); }

std::uint16_t Ports::listen_hdlc(const Endpoint& endpoint) { return implementation_->listen(endpoint, true); }

std::string Ports::open_serial(const std::string& device, const HdlcLineSettings& settings) {
    return implementation_->open_line(device, settings, [&](const HdlcLineSettings& known) {
        return std::make_unique<HdlcLine>(implementation_->meter(), known, name_of_line(known.port, device));
    });
}

std::string Ports::open_local(const std::string& device, const HdlcLineSettings& settings,
                              const std::string& serial_number) {
    return implementation_->open_line(device, settings, [&](const HdlcLineSettings& known) {
        return std::make_unique<LocalLine>(implementation_->meter(), known, serial_number,
                                           name_of_line(known.port, device));
    });
}

std::string Ports::open_rs485(const std::string& device, const HdlcLineSettings& settings,
                              const std::string& serial_number) {
    return implementation_->open_rs485(device, settings, serial_number);
}

void Ports::close() { implementation_->close(); }

}  // namespace ferraris::twin
