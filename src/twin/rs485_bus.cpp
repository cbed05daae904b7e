#include "twin/rs485_bus.hpp"

#include <unistd.h>

#include <algorithm>
#include <boost/asio/read.hpp>
#include <boost/asio/write.hpp>
#include <chrono>
#include <filesystem>
#include <stdexcept>
#include <utility>

#include "base/bytes.hpp"

namespace ferraris::twin {
namespace {

namespace asio = boost::asio;
using asio::local::stream_protocol;

constexpr std::string_view kSocketSuffix = ".bus";

}  // namespace

Rs485Bus::Rs485Bus(asio::io_context& io, std::string name, std::unique_ptr<LineEnd> end, bool fast,
                   std::function<std::int64_t()> clock, std::function<void(const std::string&)> log)
    : io_(io),
      name_(std::move(name)),
      end_(std::move(end)),
      fast_(fast),
      clock_(std::move(clock)),
      log_(std::move(log)),
      timer_(io) {
    open();
}

Rs485Bus::~Rs485Bus() { close(); }

void Rs485Bus::open() {
    boost::system::error_code error;
    Socket socket(io_);
    const stream_protocol::endpoint place(name_ + std::string(kSocketSuffix));
    socket.connect(place, error);
    if (error) return make_bus();
    auto peer = std::make_shared<Peer>(std::move(socket));
    peers_.push_back(peer);
    told_baud_ = 0;
}

void Rs485Bus::make_bus() {
    const std::string place = name_ + std::string(kSocketSuffix);
    std::error_code ignored;
    std::filesystem::remove(place, ignored);  // nobody answers there: whoever made it has gone
    stream_protocol::acceptor acceptor(io_);
    boost::system::error_code error;
    acceptor.open(stream_protocol(), error);
    if (!error) acceptor.bind(stream_protocol::endpoint(place), error);
    if (!error) acceptor.listen(asio::socket_base::max_listen_connections, error);
    if (error) {
        throw std::runtime_error("the bus " + place + " cannot be made: " + error.message() +
                                 "; name a file in a folder of yours");
    }
    acceptor_.emplace(std::move(acceptor));
    terminal_ = open_serial_device(name_, end_->baud());
    terminal_line_.emplace(io_, terminal_.file);
    terminal_line_->non_blocking(true, error);
    terminal_.file = -1;  // the line's
    medium_.emplace(fast_);
    own_ = medium_->join(end_->baud());
    outside_ = medium_->join(end_->baud());
}

void Rs485Bus::start() {
    if (medium_) {
        accept();
        read_terminal();
    } else {
        read_peer(peers_.front());
    }
    service();
}

void Rs485Bus::close() {
    if (closed_) return;
    closed_ = true;
    boost::system::error_code ignored;
    timer_.cancel();
    end_.reset();  // what it leads to may go before the last operation has ended
    for (const auto& peer : peers_) peer->link.close(ignored);
    peers_.clear();
    if (!medium_) return;
    acceptor_->close(ignored);
    terminal_line_->close(ignored);
    close_serial_device(terminal_);
    std::error_code gone;
    std::filesystem::remove(name_ + std::string(kSocketSuffix), gone);
}

void Rs485Bus::accept() {
    acceptor_->async_accept([self = shared_from_this()](const boost::system::error_code& error, Socket socket) {
        if (self->closed_ || error) return;
        auto peer = std::make_shared<Peer>(std::move(socket));
        peer->station = self->medium_->join(self->end_->baud());
        self->peers_.push_back(peer);
        self->read_peer(peer);
        self->accept();
    });
}

void Rs485Bus::read_terminal() {
    terminal_line_->async_read_some(asio::buffer(from_terminal_), [self = shared_from_this()](
                                                                      const boost::system::error_code& error,
                                                                      std::size_t count) {
        if (self->closed_) return;
        if (error) return self->log_("nobody can plug into " + self->name_ + " any more: " + error.message());
        self->medium_->set_baud(self->outside_, self->fast_ ? self->end_->baud() : speed_of_reader(self->terminal_));
        self->medium_->transmit(self->outside_, ByteView(self->from_terminal_).first(count), self->clock_());
        self->read_terminal();
        self->service();
    });
}

void Rs485Bus::read_peer(const std::shared_ptr<Peer>& peer) {
    const auto fail = [self = shared_from_this(), peer](const boost::system::error_code& error) {
        if (error) self->drop(peer);
        return static_cast<bool>(error) || self->closed_;
    };
    asio::async_read(peer->link, asio::buffer(peer->header),
                     [self = shared_from_this(), peer, fail](const boost::system::error_code& error, std::size_t) {
                         if (fail(error)) return;
                         ByteReader in(peer->header);
                         const std::uint32_t baud = in.u32();
                         peer->octets.resize(std::min<std::size_t>(in.u16(), kMaxPacket));
                         asio::async_read(peer->link, asio::buffer(peer->octets),
                                          [self, peer, fail, baud](const boost::system::error_code& end, std::size_t) {
                                              if (fail(end)) return;
                                              const std::int64_t now_ms = self->clock_();
                                              if (self->medium_) {
                                                  if (baud != 0) self->medium_->set_baud(peer->station, baud);
                                                  self->medium_->transmit(peer->station, peer->octets, now_ms);
                                              } else {
                                                  self->hear(peer->octets, now_ms);
                                              }
                                              self->service();
                                              self->read_peer(peer);
                                          });
                     });
}

void Rs485Bus::send(const std::shared_ptr<Peer>& peer, std::uint32_t baud, ByteView octets) {
    // A process that does not read is no reason to keep what it misses for ever.
    constexpr std::size_t kMostWaiting = 1U << 20U;
    if (peer->output.size() > kMostWaiting) return;
    do {
        const ByteView part = octets.first(std::min(octets.size(), kMaxPacket));
        octets = octets.subspan(part.size());
        std::array<std::uint8_t, kHeader> header{};
        ByteWriter out(header);
        out.u32(baud);
        out.u16(static_cast<std::uint16_t>(part.size()));
        peer->output.insert(peer->output.end(), header.begin(), header.end());
        peer->output.insert(peer->output.end(), part.begin(), part.end());
    } while (!octets.empty());
    write_peer(peer);
}

void Rs485Bus::write_peer(const std::shared_ptr<Peer>& peer) {
    if (!peer->writing.empty() || peer->output.empty()) return;
    std::swap(peer->writing, peer->output);
    asio::async_write(peer->link, asio::buffer(peer->writing),
                      [self = shared_from_this(), peer](const boost::system::error_code& error, std::size_t) {
                          peer->writing.clear();
                          if (self->closed_) return;
                          if (error) return self->drop(peer);
                          self->write_peer(peer);
                      });
}

void Rs485Bus::drop(const std::shared_ptr<Peer>& peer) {
    const auto found = std::ranges::find(peers_, peer);
    if (closed_ || found == peers_.end()) return;
    peers_.erase(found);
    if (medium_) return medium_->leave(peer->station);
    // Whoever had the bus has ended.
    try {
        open();
        start();
    } catch (const std::exception& error) {
        log_(error.what());
    }
}

void Rs485Bus::hear(ByteView octets, std::int64_t now_ms) {
    while (!octets.empty()) {
        end_->receive(octets, now_ms);
        serve_own(now_ms);
    }
}

void Rs485Bus::serve_own(std::int64_t now_ms) {
    for (ByteView out = end_->pull(now_ms); !out.empty(); out = end_->pull(now_ms)) say(out, now_ms);
}

void Rs485Bus::say(ByteView octets, std::int64_t now_ms) {
    if (medium_) {
        medium_->set_baud(own_, end_->baud());
        medium_->transmit(own_, octets, now_ms);
    } else if (!peers_.empty()) {
        send(peers_.front(), end_->baud(), octets);
    }
}

void Rs485Bus::service() {
    if (closed_ || std::exchange(serving_, true)) return;
    const std::int64_t now_ms = clock_();
    end_->poll(now_ms);
    serve_own(now_ms);
    if (medium_) {
        medium_->set_baud(own_, end_->baud());
        medium_->advance(now_ms);
        hear(medium_->take(own_), now_ms);
        for (const auto& peer : std::vector(peers_)) {
            const std::vector<std::uint8_t> heard = medium_->take(peer->station);
            if (!heard.empty()) send(peer, 0, heard);
        }
        const std::vector<std::uint8_t> heard = medium_->take(outside_);
        boost::system::error_code nobody_reads;
        if (!heard.empty()) (void)terminal_line_->write_some(asio::buffer(heard), nobody_reads);
        if (medium_->collisions() != told_collisions_) {
            if (told_collisions_ == 0) log_("several speak at once on " + name_ + ": what they say is lost");
            told_collisions_ = medium_->collisions();
        }
    } else if (!peers_.empty() && told_baud_ != end_->baud()) {
        told_baud_ = end_->baud();
        send(peers_.front(), told_baud_, {});
    }
    serving_ = false;
    std::optional<std::int64_t> due = end_->next_timeout();
    if (const auto next = medium_ ? medium_->next_ms() : std::nullopt) {
        constexpr std::int64_t kPortion_ms = 4;
        due = std::min(due.value_or(*next), std::max(*next, now_ms + kPortion_ms));
    }
    if (!due) return;
    timer_.expires_after(std::chrono::milliseconds(std::max<std::int64_t>(*due - now_ms, 1)));
    timer_.async_wait([self = shared_from_this()](const boost::system::error_code& error) {
        if (!error) self->service();
    });
}

}  // namespace ferraris::twin
