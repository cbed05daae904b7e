#include "cli/push_listener.hpp"

#include <fmt/format.h>

#include <array>
#include <boost/asio.hpp>
#include <map>
#include <optional>
#include <set>
#include <utility>

#include "cli/error.hpp"
#include "cli/push_reader.hpp"
#include "dlms/hdlc/notification_receiver.hpp"
#include "dlms/hdlc/parameters.hpp"
#include "dlms/wrapper.hpp"

namespace ferraris::cli {
namespace {

namespace asio = boost::asio;
using asio::ip::tcp;
using asio::ip::udp;

constexpr std::size_t kMaxApdu = 65536;
constexpr std::size_t kMaxSenders = 1024;

std::string text(const auto& endpoint) {
    const std::string host = endpoint.address().to_string();
    return fmt::format(fmt::runtime(endpoint.address().is_v6() ? "[{}]:{}" : "{}:{}"), host, endpoint.port());
}

/// Octets of one sender, in frames of one kind, become APDUs.
class Stream {
public:
    Stream(bool hdlc, std::string from) : hdlc_(hdlc), from_(std::move(from)) {}

    /// False: out of step for good.
    template <class Deliver, class Damaged>
    bool push(ByteView in, Deliver&& deliver, Damaged&& damaged) {
        const auto take = [&](PushArrival arrival) {
            arrival.from = from_;
            arrival.apdu = assembler_.take(arrival.apdu);
            if (assembler_.damaged()) damaged(from_, "blocks were lost");
            if (!arrival.apdu.empty()) deliver(arrival);
        };
        if (!hdlc_) {
            while (const auto pdu = wrapper_.push(in)) take({{}, pdu->destination, pdu->source, pdu->apdu});
            if (wrapper_.error() == dlms::WrapperError::none) return true;
            damaged(from_, "this is no wrapper PDU");
            return false;
        }
        while (const auto notification = frames_.push(in, 0)) {
            take({{}, notification->destination.upper, notification->source.upper, notification->apdu});
        }
        if (frames_.line().dropped() != dropped_) damaged(from_, "a frame was damaged");
        dropped_ = frames_.line().dropped();
        return true;
    }
    [[nodiscard]] bool in_pdu() const { return !hdlc_ && wrapper_.in_pdu(); }
    /// One datagram of the wrapper.
    template <class Deliver, class Damaged>
    void datagram(ByteView in, Deliver&& deliver, Damaged&& damaged) {
        if (hdlc_) {
            (void)push(in, deliver, damaged);
            return;
        }
        const auto pdu = dlms::decode_wrapper_datagram(in);
        if (!pdu) {
            damaged(from_, "this datagram is no wrapper PDU");
            return;
        }
        PushArrival arrival{from_, pdu->destination, pdu->source, assembler_.take(pdu->apdu)};
        if (assembler_.damaged()) damaged(from_, "blocks were lost");
        if (!arrival.apdu.empty()) deliver(arrival);
    }

private:
    bool hdlc_;
    std::string from_;
    Octets pdu_buffer_ = Octets(kMaxApdu);
    Octets frame_buffer_ = Octets(dlms::hdlc::frame_room(dlms::hdlc::kMaxInformationField));
    dlms::WrapperParser wrapper_{pdu_buffer_};
    dlms::HdlcNotificationReceiver frames_{frame_buffer_, pdu_buffer_};
    PushAssembler assembler_{};
    std::uint32_t dropped_{0};
};

Octets wrapped(const PushArrival& arrival, const Octets& answer) {
    Octets octets(answer.size() + dlms::kWrapperHeaderOctets);
    ByteWriter out(octets);
    if (!dlms::write_wrapper({arrival.destination, arrival.source, answer}, out)) return {};
    return octets;
}

}  // namespace

class PushListener::Implementation : public std::enable_shared_from_this<Implementation> {
public:
    Implementation(asio::io_context& io, const Address& address, Handlers handlers)
        : io_(io), hdlc_(address.hdlc()), handlers_(std::move(handlers)), acceptor_(io), datagrams_(io) {
        boost::system::error_code error;
        const auto host = asio::ip::make_address(address.host, error);
        if (error) {
            throw CliError(
                fmt::format("{} is no address of this machine; write a number, as 127.0.0.1 or 0.0.0.0", address.host));
        }
        const bool over_udp = address.transport == Transport::udp_wrapper || address.transport == Transport::udp_hdlc;
        if (over_udp) {
            const udp::endpoint local(host, address.port);
            datagrams_.open(local.protocol(), error);
            if (!error) datagrams_.bind(local, error);
        } else {
            const tcp::endpoint local(host, address.port);
            acceptor_.open(local.protocol(), error);
            if (!error) acceptor_.set_option(tcp::acceptor::reuse_address(true), error);
            if (!error) acceptor_.bind(local, error);
            if (!error) acceptor_.listen(asio::socket_base::max_listen_connections, error);
        }
        if (error) {
            throw CliError(fmt::format("cannot listen on {}: {}; stop what uses it, or choose another port",
                                       address.text(), error.message()));
        }
    }

    void start() {
        if (acceptor_.is_open()) {
            asio::co_spawn(io_, accept(shared_from_this()), asio::detached);
        } else {
            asio::co_spawn(io_, receive(shared_from_this()), asio::detached);
        }
    }

    void close() {
        boost::system::error_code ignored;
        acceptor_.close(ignored);
        datagrams_.close(ignored);
        for (tcp::socket* socket : connections_) socket->close(ignored);
    }

private:
    static asio::awaitable<void> accept(std::shared_ptr<Implementation> self) {
        while (self->acceptor_.is_open()) {
            boost::system::error_code error;
            tcp::socket socket =
                co_await self->acceptor_.async_accept(asio::redirect_error(asio::use_awaitable, error));
            if (error == asio::error::operation_aborted) break;
            if (error || self->connections_.size() >= kMaxSenders) continue;
            asio::co_spawn(self->io_, serve(self, std::move(socket)), asio::detached);
        }
    }

    static asio::awaitable<void> serve(std::shared_ptr<Implementation> self, tcp::socket socket) {
        boost::system::error_code error;
        const auto peer = socket.remote_endpoint(error);
        if (error) co_return;
        self->connections_.insert(&socket);
        const std::string from = text(peer);
        Stream stream(self->hdlc_, from);
        std::array<std::uint8_t, 4096> received{};
        Octets answers;
        bool in_step = true;
        while (in_step) {
            const std::size_t count = co_await socket.async_read_some(asio::buffer(received),
                                                                      asio::redirect_error(asio::use_awaitable, error));
            if (error) break;
            answers.clear();
            in_step = stream.push(
                ByteView(received).first(count),
                [&](const PushArrival& arrival) {
                    const Octets answer = self->handlers_.arrived(arrival);
                    if (answer.empty() || self->hdlc_) return;
                    const Octets framed = wrapped(arrival, answer);
                    answers.insert(answers.end(), framed.begin(), framed.end());
                },
                self->handlers_.damaged);
            if (answers.empty()) continue;
            co_await asio::async_write(socket, asio::buffer(answers), asio::redirect_error(asio::use_awaitable, error));
            if (error) break;
        }
        if (stream.in_pdu() && in_step && socket.is_open()) {
            self->handlers_.damaged(from, "the connection ended inside a wrapper PDU");
        }
        self->connections_.erase(&socket);
    }

    static asio::awaitable<void> receive(std::shared_ptr<Implementation> self) {
        std::map<udp::endpoint, Stream> senders;
        Octets datagram(kMaxApdu);
        while (self->datagrams_.is_open()) {
            boost::system::error_code error;
            udp::endpoint peer;
            const std::size_t count = co_await self->datagrams_.async_receive_from(
                asio::buffer(datagram), peer, asio::redirect_error(asio::use_awaitable, error));
            if (error == asio::error::operation_aborted || error == asio::error::bad_descriptor) break;
            if (error) continue;
            // What a sender has begun is forgotten when there are too many: nobody else loses more than that.
            if (senders.size() >= kMaxSenders && !senders.contains(peer)) senders.clear();
            auto& stream = senders.try_emplace(peer, self->hdlc_, text(peer)).first->second;
            Octets answer;
            stream.datagram(
                ByteView(datagram).first(count),
                [&](const PushArrival& arrival) {
                    const Octets plain = self->handlers_.arrived(arrival);
                    if (!plain.empty() && !self->hdlc_) answer = wrapped(arrival, plain);
                },
                self->handlers_.damaged);
            if (answer.empty()) continue;
            co_await self->datagrams_.async_send_to(asio::buffer(answer), peer,
                                                    asio::redirect_error(asio::use_awaitable, error));
        }
    }

    asio::io_context& io_;
    bool hdlc_;
    Handlers handlers_;
    tcp::acceptor acceptor_;
    udp::socket datagrams_;
    std::set<tcp::socket*> connections_{};
};

PushListener::PushListener(asio::io_context& io, const Address& address, Handlers handlers)
    : implementation_(std::make_shared<Implementation>(io, address, std::move(handlers))) {
    implementation_->start();
}

PushListener::~PushListener() { close(); }

void PushListener::close() { implementation_->close(); }

}  // namespace ferraris::cli
