#include "twin/push_sender.hpp"

#include <fmt/format.h>
#include <linux/sockios.h>
#include <sys/ioctl.h>

#include <array>
#include <boost/asio.hpp>
#include <chrono>
#include <optional>
#include <set>
#include <string_view>
#include <utility>
#include <vector>

#include "dlms/hdlc/server.hpp"
#include "dlms/wrapper.hpp"
#include "meter/push/push_blocks.hpp"
#include "twin/client_link.hpp"

namespace ferraris::twin {
namespace {

namespace asio = boost::asio;
using asio::ip::tcp;
using asio::ip::udp;
using meter::PushMessage;
using meter::PushOutcome;
using meter::PushTransport;

constexpr auto kLookAgain = std::chrono::milliseconds(2);
/// The longest push; what is longer than kMaxPdu goes out in general blocks.
constexpr std::size_t kMaxPush = 32768;
using FrameBuffer = std::array<std::uint8_t, dlms::hdlc::frame_room(dlms::hdlc::kMaxInformationField)>;

struct Destination {
    std::string host;
    std::string port;
};

/// "host:port", IPv6 numbers in brackets.
std::optional<Destination> parse_destination(std::string_view text) {
    const std::size_t colon = text.rfind(':');
    if (colon == std::string_view::npos || colon == 0 || colon + 1 == text.size()) return std::nullopt;
    std::string_view host = text.substr(0, colon);
    if (host.size() > 2 && host.front() == '[' && host.back() == ']') host = host.substr(1, host.size() - 2);
    return Destination{std::string(host), std::string(text.substr(colon + 1))};
}

const char* name_of(PushTransport transport) {
    switch (transport) {
        case PushTransport::tcp:
            return "tcp";
        case PushTransport::udp:
            return "udp";
        case PushTransport::hdlc:
            return "hdlc+tcp";
    }
    return "?";
}

const char* name_of(meter::PushProblem problem) {
    switch (problem) {
        case meter::PushProblem::none:
            break;
        case meter::PushProblem::too_long:
            return "its values do not fit one message; shorten push_object_list";
        case meter::PushProblem::no_client:
            return "its push client is none of this meter's; correct push_client_SAP";
        case meter::PushProblem::unprotected:
            return "it cannot be protected as the policy of its push client wants";
    }
    return "";
}

std::string text_of(const dlms::LogicalName& name) {
    const auto& g = name.groups;
    return fmt::format("{}-{}:{}.{}.{}", g[0], g[1], g[2], g[3], g[4]);
}

/// One attempt on its way, with its octets: the meter's buffer is free for the next.
struct Attempt {
    PushMessage message;
    std::vector<std::uint8_t> apdu;
    std::string address;
    std::string trouble{};
};

}  // namespace

class PushSender::Implementation : public std::enable_shared_from_this<Implementation> {
public:
    Implementation(asio::io_context& io, meter::Meter& meter, const PushSenderSettings& settings,
                   std::function<void(const std::string&)> log)
        : io_(io), meter_(meter), settings_(settings), log_(std::move(log)) {}

    void run() {
        while (!closed_ && meter_.push_due()) {
            const auto message = meter_.next_push(buffer_);
            if (!message) break;
            const std::string setup = text_of(meter::kPushSetups[static_cast<std::size_t>(message->cause)].name);
            if (message->problem != meter::PushProblem::none) {
                log_(fmt::format("push {} not sent: {}", setup, name_of(message->problem)));
                continue;
            }
            Attempt attempt{*message, {message->apdu.begin(), message->apdu.end()}, {}};
            attempt.address.assign(message->destination.begin(), message->destination.end());
            ++on_their_way_;
            asio::co_spawn(io_, carry(shared_from_this(), std::move(attempt), setup), asio::detached);
        }
    }

    [[nodiscard]] bool busy() const { return on_their_way_ != 0; }

    void when_idle(std::function<void()> then) {
        if (busy()) {
            when_idle_ = std::move(then);
        } else {
            asio::post(io_, std::move(then));
        }
    }

    void close() {
        closed_ = true;
        when_idle_ = nullptr;
        for (asio::steady_timer* timer : timers_) timer->cancel();
        boost::system::error_code ignored;
        for (tcp::socket* socket : tcp_sockets_) socket->close(ignored);
        for (udp::socket* socket : udp_sockets_) socket->close(ignored);
    }

private:
    /// Keeps what `close` has to end in its list while it lives.
    template <class Thing>
    class Registration {
    public:
        Registration(std::set<Thing*>& things, Thing& thing) : things_(things), thing_(thing) {
            things_.insert(&thing_);
        }
        ~Registration() { things_.erase(&thing_); }
        Registration(const Registration&) = delete;
        Registration& operator=(const Registration&) = delete;

    private:
        std::set<Thing*>& things_;
        Thing& thing_;
    };

    static asio::awaitable<void> carry(std::shared_ptr<Implementation> self, Attempt attempt, std::string setup) {
        const auto destination = parse_destination(attempt.address);
        PushOutcome outcome = PushOutcome::failed;
        if (!destination) {
            attempt.trouble = "the destination is not host:port";
        } else if (attempt.message.transport == PushTransport::udp) {
            outcome = co_await self->over_udp(attempt, *destination);
        } else {
            outcome = co_await self->over_tcp(attempt, *destination);
        }
        --self->on_their_way_;
        if (self->closed_) co_return;
        self->report(attempt, setup, outcome);
        if (!self->busy() && self->when_idle_) std::exchange(self->when_idle_, nullptr)();
    }

    void report(const Attempt& attempt, const std::string& setup, PushOutcome outcome) {
        const meter::PushStep step = meter_.push_finished(attempt.message, outcome);
        std::string what =
            fmt::format("push {} to {}://{}", setup, name_of(attempt.message.transport), attempt.address);
        if (attempt.message.attempt > 1) what += fmt::format(", attempt {}", attempt.message.attempt);
        if (step == meter::PushStep::done) {
            log_(fmt::format("{}: {} octets {}", what, attempt.apdu.size(),
                             outcome == PushOutcome::confirmed ? "sent and confirmed" : "sent"));
            return;
        }
        std::string why = attempt.trouble;
        if (why.empty()) why = attempt.message.confirmation_wanted ? "no confirmation came" : "it was not acknowledged";
        log_(fmt::format("{} failed: {}; {}", what, why,
                         step == meter::PushStep::retry ? "it will be tried again" : "given up"));
    }

    asio::awaitable<PushOutcome> over_tcp(Attempt& attempt, const Destination& destination) {
        tcp::socket socket(io_);
        const Registration socket_open(tcp_sockets_, socket);
        boost::system::error_code error;
        tcp::resolver resolver(io_);
        const auto endpoints = co_await resolver.async_resolve(destination.host, destination.port,
                                                               asio::redirect_error(asio::use_awaitable, error));
        if (!error) {
            co_await connect(socket, endpoints, error);
        }
        for (const auto& frame : frames(attempt)) {
            if (error) break;
            co_await asio::async_write(socket, asio::buffer(frame), asio::redirect_error(asio::use_awaitable, error));
        }
        if (error) {
            attempt.trouble = error == asio::error::operation_aborted ? "no connection in time" : error.message();
            co_return PushOutcome::failed;
        }
        if (attempt.message.confirmation_wanted) {
            const bool confirmed = co_await hear_confirmation(attempt, socket);
            if (confirmed) co_return PushOutcome::confirmed;
        } else {
            socket.shutdown(tcp::socket::shutdown_send, error);
        }
        co_return co_await acknowledged(socket) ? PushOutcome::acknowledged : PushOutcome::sent;
    }

    asio::awaitable<void> connect(tcp::socket& socket, const tcp::resolver::results_type& endpoints,
                                  boost::system::error_code& error) {
        asio::steady_timer timer(io_, std::chrono::milliseconds(settings_.connect_timeout_ms));
        const Registration timing(timers_, timer);
        timer.async_wait([&socket](const boost::system::error_code& cancelled) {
            boost::system::error_code ignored;
            if (!cancelled) socket.close(ignored);
        });
        co_await asio::async_connect(socket, endpoints, asio::redirect_error(asio::use_awaitable, error));
        timer.cancel();
    }

    /// Whether the other side's TCP has taken everything.
    asio::awaitable<bool> acknowledged(tcp::socket& socket) {
        const auto deadline = std::chrono::steady_clock::now() + std::chrono::milliseconds(settings_.answer_timeout_ms);
        asio::steady_timer timer(io_);
        const Registration timing(timers_, timer);
        boost::system::error_code error;
        while (socket.is_open() && !closed_) {
            int failure = 0;
            socklen_t size = sizeof failure;
            if (::getsockopt(socket.native_handle(), SOL_SOCKET, SO_ERROR, &failure, &size) != 0 || failure != 0) break;
            int pending = 0;
            if (::ioctl(socket.native_handle(), SIOCOUTQ, &pending) != 0) break;
            if (pending == 0) co_return true;
            if (std::chrono::steady_clock::now() >= deadline) break;
            timer.expires_after(kLookAgain);
            co_await timer.async_wait(asio::redirect_error(asio::use_awaitable, error));
        }
        co_return false;
    }

    /// The push in the frames of its transport; a block each where it is long.
    std::vector<std::vector<std::uint8_t>> frames(const Attempt& attempt) const {
        std::vector<std::vector<std::uint8_t>> all;
        meter::PushBlocks blocks(attempt.apdu, kMaxPdu);
        std::array<std::uint8_t, kMaxPdu> memory{};
        for (;;) {
            ByteWriter apdu(memory);
            if (!blocks.pull(apdu)) return all;
            all.push_back(framed(attempt.message, apdu.written()));
        }
    }

    std::vector<std::uint8_t> framed(const PushMessage& message, ByteView apdu) const {
        std::vector<std::uint8_t> octets(2 * apdu.size() + 1024);
        ByteWriter out(octets);
        if (message.transport == PushTransport::hdlc) {
            FrameBuffer frame_buffer{};
            std::array<std::uint8_t, 1> nothing{};
            dlms::HdlcServerConfig config;
            config.physical_device = meter_.instrument().ports.hdlc_of(meter::Port::optical).device_address;
            dlms::HdlcServer line(config, frame_buffer, nothing);
            const dlms::hdlc::Address source{meter::kManagementLogicalDeviceSap,
                                             meter_.instrument().ports.hdlc_of(meter::Port::optical).device_address, 2};
            if (line.notify(apdu, static_cast<std::uint8_t>(message.client_sap), source)) {
                (void)line.pull(out);
            }
        } else {
            (void)dlms::write_wrapper({meter::kManagementLogicalDeviceSap, message.client_sap, apdu}, out);
        }
        octets.resize(out.size());
        return octets;
    }

    [[nodiscard]] bool confirms(const Attempt& attempt, ByteView apdu) {
        std::vector<std::uint8_t> octets(apdu.begin(), apdu.end());
        return meter_.confirms(attempt.message, octets);
    }

    asio::awaitable<bool> hear_confirmation(const Attempt& attempt, tcp::socket& socket) {
        static constexpr std::array<std::uint16_t, 1> kLogicalDevices{meter::kManagementLogicalDeviceSap};
        const bool hdlc = attempt.message.transport == PushTransport::hdlc;
        FrameBuffer frame_buffer{};
        std::array<std::uint8_t, kMaxPdu> apdu_buffer{};
        std::array<std::uint8_t, 2048> received{};
        dlms::WrapperParser parser(apdu_buffer);
        dlms::HdlcServerConfig config;
        config.logical_devices = kLogicalDevices;
        config.physical_device = meter_.instrument().ports.hdlc_of(meter::Port::optical).device_address;
        config.parameters.max_information_receive = dlms::hdlc::kMaxInformationField;
        dlms::HdlcServer line(config, frame_buffer, apdu_buffer);

        asio::steady_timer timer(io_, std::chrono::milliseconds(settings_.answer_timeout_ms));
        const Registration timing(timers_, timer);
        bool over = false;
        timer.async_wait([&socket, &over](const boost::system::error_code& cancelled) {
            boost::system::error_code ignored;
            if (cancelled) return;
            over = true;
            socket.cancel(ignored);
        });
        bool confirmed = false;
        while (!confirmed && !over) {
            boost::system::error_code error;
            const std::size_t count = co_await socket.async_read_some(asio::buffer(received),
                                                                      asio::redirect_error(asio::use_awaitable, error));
            if (error) break;
            ByteView in = ByteView(received).first(count);
            while (!in.empty() && !confirmed) {
                if (hdlc) {
                    const auto event = line.receive(in, 0);
                    confirmed =
                        event.kind == dlms::HdlcServerEventKind::unconfirmed_apdu && confirms(attempt, event.apdu);
                } else {
                    const auto pdu = parser.push(in);
                    confirmed = pdu && confirms(attempt, pdu->apdu);
                    if (parser.error() != dlms::WrapperError::none) break;
                }
            }
            if (parser.error() != dlms::WrapperError::none) break;
        }
        timer.cancel();
        co_return confirmed;
    }

    asio::awaitable<PushOutcome> over_udp(Attempt& attempt, const Destination& destination) {
        boost::system::error_code error;
        udp::resolver resolver(io_);
        const auto endpoints = co_await resolver.async_resolve(destination.host, destination.port,
                                                               asio::redirect_error(asio::use_awaitable, error));
        udp::socket socket(io_);
        const Registration socket_open(udp_sockets_, socket);
        if (!error) socket.open(endpoints.begin()->endpoint().protocol(), error);
        if (!error) socket.connect(*endpoints.begin(), error);
        for (const auto& frame : frames(attempt)) {
            if (error) break;
            co_await socket.async_send(asio::buffer(frame), asio::redirect_error(asio::use_awaitable, error));
        }
        if (error) {
            attempt.trouble = error.message();
            co_return PushOutcome::failed;
        }
        if (!attempt.message.confirmation_wanted) co_return PushOutcome::sent;
        asio::steady_timer timer(io_, std::chrono::milliseconds(settings_.answer_timeout_ms));
        const Registration timing(timers_, timer);
        timer.async_wait([&socket](const boost::system::error_code& cancelled) {
            boost::system::error_code ignored;
            if (!cancelled) socket.cancel(ignored);
        });
        std::array<std::uint8_t, kMaxPdu + dlms::kWrapperHeaderOctets> received{};
        bool confirmed = false;
        while (!confirmed) {
            const std::size_t count =
                co_await socket.async_receive(asio::buffer(received), asio::redirect_error(asio::use_awaitable, error));
            if (error) break;
            const auto pdu = dlms::decode_wrapper_datagram(ByteView(received).first(count));
            confirmed = pdu && confirms(attempt, pdu->apdu);
        }
        timer.cancel();
        co_return confirmed ? PushOutcome::confirmed : PushOutcome::sent;
    }

    asio::io_context& io_;
    meter::Meter& meter_;
    PushSenderSettings settings_;
    std::function<void(const std::string&)> log_;
    std::function<void()> when_idle_{};
    std::set<asio::steady_timer*> timers_{};
    std::set<tcp::socket*> tcp_sockets_{};
    std::set<udp::socket*> udp_sockets_{};
    std::array<std::uint8_t, kMaxPush> buffer_{};
    std::size_t on_their_way_{0};
    bool closed_{false};
};

PushSender::PushSender(asio::io_context& io, meter::Meter& meter, const PushSenderSettings& settings,
                       std::function<void(const std::string&)> log)
    : implementation_(std::make_shared<Implementation>(io, meter, settings, std::move(log))) {}

PushSender::~PushSender() { close(); }

void PushSender::run() { implementation_->run(); }

bool PushSender::busy() const { return implementation_->busy(); }

void PushSender::when_idle(std::function<void()> then) { implementation_->when_idle(std::move(then)); }

void PushSender::close() { implementation_->close(); }

}  // namespace ferraris::twin
