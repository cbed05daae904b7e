#include "panel/server.hpp"

#include <boost/asio.hpp>
#include <boost/beast/core.hpp>
#include <boost/beast/http.hpp>
#include <boost/beast/websocket.hpp>
#include <chrono>
#include <deque>
#include <set>
#include <stdexcept>
#include <utility>

#include "panel/command.hpp"
#include "panel/http.hpp"
#include "twin/counted_log.hpp"

namespace ferraris::panel {
namespace {

namespace asio = boost::asio;
namespace beast = boost::beast;
namespace http = beast::http;
namespace websocket = beast::websocket;
using asio::ip::tcp;
using Clock = std::chrono::steady_clock;
using Request = http::request<http::string_body>;

constexpr std::uint32_t kMostHeaderOctets = 8192;
constexpr std::uint64_t kMostBodyOctets = 1024;
constexpr std::size_t kMostConnections = 64;
constexpr auto kRequestTimeout = std::chrono::seconds(10);
/// People press no more buttons than these in a second.
constexpr int kMostCommandsASecond = 200;
/// Who sends so much that is none is no page of ours.
constexpr int kMostBadMessages = 16;
/// Answers that wait: before they are out, nothing more is read from that browser.
constexpr std::size_t kMostWaitingAnswers = 16;

std::int64_t now_ms() {
    return std::chrono::duration_cast<std::chrono::milliseconds>(Clock::now().time_since_epoch()).count();
}

std::string_view view_of(beast::string_view text) { return {text.data(), text.size()}; }

/// One browser that looks on.
struct Browser {
    explicit Browser(beast::tcp_stream&& stream) : socket(std::move(stream)) {}

    websocket::stream<beast::tcp_stream> socket;
    View::Seen seen{};
    std::deque<std::string> answers{};
    std::string out{};  ///< on its way
    bool writing{false};
    bool open{false};
    asio::steady_timer* drained{nullptr};  ///< cancelled when an answer has gone out
};

}  // namespace

class Server::Implementation : public std::enable_shared_from_this<Implementation> {
public:
    Implementation(asio::io_context& io, const View& view, Callbacks callbacks)
        : io_(io),
          view_(view),
          callbacks_(std::move(callbacks)),
          counted_(callbacks_.log, now_ms),
          acceptor_(io),
          sweeper_(io) {}

    std::uint16_t listen(const twin::Endpoint& endpoint) {
        boost::system::error_code error;
        const asio::ip::address address = asio::ip::make_address(endpoint.host, error);
        if (error) {
            throw std::runtime_error("'" + endpoint.host + "' is not an IP address; give one such as 127.0.0.1");
        }
        const tcp::endpoint local(address, endpoint.port);
        acceptor_.open(local.protocol(), error);
        if (!error) acceptor_.set_option(tcp::acceptor::reuse_address(true), error);
        if (!error) acceptor_.bind(local, error);
        if (!error) acceptor_.listen(asio::socket_base::max_listen_connections, error);
        if (error) {
            boost::system::error_code ignored;
            acceptor_.close(ignored);
            throw std::runtime_error("the panel cannot listen on " + endpoint.host + ":" +
                                     std::to_string(endpoint.port) + ": " + error.message() +
                                     "; stop what uses it, or choose another address or port");
        }
        asio::co_spawn(io_, accept(shared_from_this()), asio::detached);
        asio::co_spawn(io_, sweep(shared_from_this()), asio::detached);
        return acceptor_.local_endpoint().port();
    }

    void broadcast() {
        for (const auto& browser : browsers_) write(browser);
    }

    void close() {
        if (std::exchange(closed_, true)) return;
        boost::system::error_code ignored;
        acceptor_.close(ignored);
        sweeper_.cancel();
        for (const auto& browser : browsers_) beast::get_lowest_layer(browser->socket).socket().close(ignored);
        for (beast::tcp_stream* stream : streams_) stream->socket().close(ignored);
        counted_.flush();
    }

private:
    using Self = std::shared_ptr<Implementation>;

    static asio::awaitable<void> sweep(Self self) {
        while (!self->closed_) {
            boost::system::error_code error;
            self->sweeper_.expires_after(std::chrono::seconds(1));
            co_await self->sweeper_.async_wait(asio::redirect_error(asio::use_awaitable, error));
            if (error) break;
            self->counted_.sweep();
        }
    }

    static asio::awaitable<void> accept(Self self) {
        while (!self->closed_) {
            boost::system::error_code error;
            tcp::socket socket =
                co_await self->acceptor_.async_accept(asio::redirect_error(asio::use_awaitable, error));
            if (error == asio::error::operation_aborted) break;
            if (error) {
                // Out of file descriptors, say: wait, rather than turn round at full speed.
                asio::steady_timer pause(self->io_, std::chrono::seconds(1));
                co_await pause.async_wait(asio::redirect_error(asio::use_awaitable, error));
                continue;
            }
            if (self->connections_ >= kMostConnections) {
                self->counted_.add("panel: connection refused: too many are open already", "");
                continue;
            }
            asio::co_spawn(self->io_, serve(self, std::move(socket)), asio::detached);
        }
    }

    /// Counts a connection as long as it stands.
    class Counted {
    public:
        explicit Counted(Self owner) : owner_(std::move(owner)) { ++owner_->connections_; }
        ~Counted() { --owner_->connections_; }
        Counted(const Counted&) = delete;
        Counted& operator=(const Counted&) = delete;

    private:
        Self owner_;
    };

    static asio::awaitable<void> serve(Self self, tcp::socket socket) {
        const Counted counted(self);
        boost::system::error_code error;
        const auto remote = socket.remote_endpoint(error);
        const std::string peer = remote.address().to_string();
        socket.set_option(tcp::no_delay(true), error);
        beast::tcp_stream stream(std::move(socket));
        self->streams_.insert(&stream);
        beast::flat_buffer buffer(kMostHeaderOctets + kMostBodyOctets);
        bool goes_on = true;
        while (goes_on && !self->closed_) {
            http::request_parser<http::string_body> parser;
            parser.header_limit(kMostHeaderOctets);
            parser.body_limit(kMostBodyOctets);
            stream.expires_after(kRequestTimeout);
            co_await http::async_read(stream, buffer, parser, asio::redirect_error(asio::use_awaitable, error));
            if (error) {
                const bool silent = error == http::error::end_of_stream || error == beast::error::timeout ||
                                    error == asio::error::operation_aborted || error == asio::error::connection_reset;
                if (silent) break;
                self->counted_.add("panel: refused a malformed request", peer, 1, error.message());
                HttpAnswer answer;
                answer.status = error == http::error::header_limit ? 431U
                                : error == http::error::body_limit ? 413U
                                                                   : 400U;
                answer.body = "That is no HTTP request that this server takes.\n";
                co_await send(stream, answer, 11, false, false);
                break;
            }
            const Request request = parser.release();
            const HttpAnswer answer = answer_to(
                {view_of(request.method_string()), view_of(request.target()), view_of(request[http::field::host]),
                 view_of(request[http::field::origin]), websocket::is_upgrade(request)});
            if (answer.complaint != nullptr) self->counted_.add(answer.complaint, "panel, " + peer);
            if (answer.switch_protocols) {
                self->streams_.erase(&stream);
                co_await watch(self, std::move(stream), request, peer);
                co_return;
            }
            goes_on = request.keep_alive() && answer.status < 400;
            const bool sent =
                co_await send(stream, answer, request.version(), goes_on, request.method() == http::verb::head);
            goes_on = goes_on && sent;
        }
        self->streams_.erase(&stream);
        stream.socket().shutdown(tcp::socket::shutdown_both, error);
    }

    static asio::awaitable<bool> send(beast::tcp_stream& stream, const HttpAnswer& answer, unsigned version,
                                      bool keep_alive, bool head) {
        http::response<http::span_body<const char>> response{static_cast<http::status>(answer.status), version};
        response.set(http::field::content_type, answer.type);
        response.set(http::field::cache_control, answer.immutable ? "public, max-age=31536000, immutable" : "no-store");
        response.set("Content-Security-Policy",
                     beast::string_view(kContentSecurityPolicy.data(), kContentSecurityPolicy.size()));
        response.set("X-Content-Type-Options", "nosniff");
        response.set("Referrer-Policy", "no-referrer");
        response.set("Cross-Origin-Opener-Policy", "same-origin");
        response.set("Cross-Origin-Resource-Policy", "same-origin");
        if (!answer.allow.empty()) response.set(http::field::allow, answer.allow);
        response.body() = beast::span<const char>(answer.body.data(), answer.body.size());
        response.keep_alive(keep_alive);
        response.content_length(answer.body.size());
        boost::system::error_code error;
        stream.expires_after(kRequestTimeout);
        http::response_serializer<http::span_body<const char>> serializer{response};
        if (head) {
            co_await http::async_write_header(stream, serializer, asio::redirect_error(asio::use_awaitable, error));
        } else {
            co_await http::async_write(stream, serializer, asio::redirect_error(asio::use_awaitable, error));
        }
        co_return !error;
    }

    /// Keeps the set of browsers true, however a connection ends.
    class Registration {
    public:
        Registration(Self owner, std::shared_ptr<Browser> browser)
            : owner_(std::move(owner)), browser_(std::move(browser)) {
            owner_->browsers_.insert(browser_);
            if (owner_->browsers_.size() == 1) owner_->callbacks_.watched(true);
        }
        ~Registration() {
            browser_->open = false;
            owner_->browsers_.erase(browser_);
            if (owner_->browsers_.empty() && !owner_->closed_) owner_->callbacks_.watched(false);
        }
        Registration(const Registration&) = delete;
        Registration& operator=(const Registration&) = delete;

    private:
        Self owner_;
        std::shared_ptr<Browser> browser_;
    };

    static asio::awaitable<void> watch(Self self, beast::tcp_stream&& stream, Request request, std::string peer) {
        const auto browser = std::make_shared<Browser>(std::move(stream));
        boost::system::error_code error;
        beast::get_lowest_layer(browser->socket).expires_never();
        // Asks a silent browser whether it is still there, and gives up one that is not.
        browser->socket.set_option(websocket::stream_base::timeout::suggested(beast::role_type::server));
        browser->socket.read_message_max(kMostCommandOctets);
        co_await browser->socket.async_accept(request, asio::redirect_error(asio::use_awaitable, error));
        if (error) {
            self->counted_.add("panel: refused a malformed WebSocket handshake", peer);
            co_return;
        }
        asio::steady_timer drained(self->io_, asio::steady_timer::time_point::max());
        browser->drained = &drained;
        browser->open = true;
        const Registration registration(self, browser);
        self->write(browser);
        beast::flat_buffer buffer;
        int bad_messages = 0;
        int commands = 0;
        std::int64_t second = now_ms() / 1000;
        while (!self->closed_) {
            while (browser->answers.size() >= kMostWaitingAnswers && browser->open) {
                co_await drained.async_wait(asio::redirect_error(asio::use_awaitable, error));
                drained.expires_at(asio::steady_timer::time_point::max());
            }
            buffer.clear();
            co_await browser->socket.async_read(buffer, asio::redirect_error(asio::use_awaitable, error));
            if (error) {
                const bool gone = error == websocket::error::closed || error == asio::error::operation_aborted ||
                                  error == asio::error::eof || error == asio::error::connection_reset ||
                                  error == beast::error::timeout;
                if (!gone) self->counted_.add("panel: closed: malformed WebSocket", peer, 1, error.message());
                break;
            }
            if (const std::int64_t now = now_ms() / 1000; std::exchange(second, now) != now) commands = 0;
            bool bad = !browser->socket.got_text();
            const auto data = buffer.cdata();
            const std::string_view message(static_cast<const char*>(data.data()), data.size());
            std::string answer =
                bad ? refused_message({"messages are texts", {}}) : self->callbacks_.command(message, bad);
            if (bad) self->counted_.add("panel: refused a message that is no command", peer);
            if (!answer.empty()) browser->answers.push_back(std::move(answer));
            self->broadcast();
            if ((bad && ++bad_messages >= kMostBadMessages) || ++commands > kMostCommandsASecond) {
                self->counted_.add("panel: closed: too much that is no command, or too many", peer);
                while (browser->writing && browser->open) {
                    co_await drained.async_wait(asio::redirect_error(asio::use_awaitable, error));
                    drained.expires_at(asio::steady_timer::time_point::max());
                }
                co_await browser->socket.async_close(websocket::close_code::policy_error,
                                                     asio::redirect_error(asio::use_awaitable, error));
                break;
            }
        }
        browser->drained = nullptr;
    }

    /// One message is on its way at a time; what is new meanwhile goes with the next, merged.
    void write(const std::shared_ptr<Browser>& browser) {
        if (!browser->open || browser->writing) return;
        if (!browser->answers.empty()) {
            browser->out = std::move(browser->answers.front());
            browser->answers.pop_front();
        } else {
            browser->out = view_.newer_than(browser->seen);
        }
        if (browser->out.empty()) return;
        browser->writing = true;
        browser->socket.text(true);
        browser->socket.async_write(asio::buffer(browser->out),
                                    [self = shared_from_this(), browser](boost::system::error_code error, std::size_t) {
                                        browser->writing = false;
                                        if (browser->drained != nullptr) browser->drained->cancel();
                                        if (error) {
                                            browser->open = false;
                                            return;
                                        }
                                        if (!browser->answers.empty()) self->write(browser);
                                    });
    }

    asio::io_context& io_;
    const View& view_;
    Callbacks callbacks_;
    twin::CountedLog counted_;
    tcp::acceptor acceptor_;
    asio::steady_timer sweeper_;
    std::set<std::shared_ptr<Browser>> browsers_{};
    std::set<beast::tcp_stream*> streams_{};
    std::size_t connections_{0};
    bool closed_{false};
};

Server::Server(asio::io_context& io, const View& view, Callbacks callbacks)
    : implementation_(std::make_shared<Implementation>(io, view, std::move(callbacks))) {}

Server::~Server() { close(); }

std::uint16_t Server::listen(const twin::Endpoint& endpoint) { return implementation_->listen(endpoint); }

void Server::broadcast() { implementation_->broadcast(); }

void Server::close() { implementation_->close(); }

}  // namespace ferraris::panel
