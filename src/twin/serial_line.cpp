#include "twin/serial_line.hpp"

#include <unistd.h>

#include <algorithm>
#include <boost/asio/write.hpp>
#include <chrono>
#include <utility>

namespace ferraris::twin {

namespace asio = boost::asio;

SerialLine::SerialLine(asio::io_context& io, SerialDevice device, std::unique_ptr<LineEnd> end,
                       std::function<std::int64_t()> clock, std::function<void(const std::string&)> log)
    : port_(io, device.file),
      timer_(io),
      device_(std::move(device)),
      end_(std::move(end)),
      clock_(std::move(clock)),
      log_(std::move(log)),
      baud_(end_->baud()) {}

SerialLine::~SerialLine() {
    if (device_.keeper >= 0) ::close(device_.keeper);
}

void SerialLine::start() {
    read();
    service();
}

void SerialLine::close() {
    if (closed_) return;
    closed_ = true;
    boost::system::error_code ignored;
    timer_.cancel();
    port_.close(ignored);
}

void SerialLine::lost(const std::string& why) {
    if (closed_) return;
    log_("the line " + device_.path + " is gone: " + why + "; start again when it is back");
    close();
}

void SerialLine::read() {
    port_.async_read_some(asio::buffer(received_),
                          [self = shared_from_this()](const boost::system::error_code& error, std::size_t count) {
                              if (self->closed_) return;
                              if (error) return self->lost(error.message());
                              self->unread_ = ByteView(self->received_).first(count);
                              self->service();
                          });
}

void SerialLine::service() {
    while (!closed_ && !writing_) {
        const std::int64_t now_ms = clock_();
        end_->poll(now_ms);
        const ByteView out = end_->pull(now_ms);
        if (!out.empty()) {
            transmit_.assign(out.begin(), out.end());
            writing_ = true;
            asio::async_write(port_, asio::buffer(transmit_),
                              [self = shared_from_this()](const boost::system::error_code& error, std::size_t) {
                                  self->writing_ = false;
                                  if (self->closed_) return;
                                  if (error) return self->lost(error.message());
                                  self->service();
                              });
            return;
        }
        if (end_->baud() != baud_) {
            baud_ = end_->baud();
            if (!set_baud(port_.native_handle(), baud_))
                return lost("it does not take " + std::to_string(baud_) + " Bd");
        }
        if (unread_.empty()) {
            if (const auto due = end_->next_timeout()) wait_until(*due);
            return;
        }
        end_->receive(unread_, now_ms);
        if (unread_.empty()) read();
    }
}

void SerialLine::wait_until(std::int64_t time_ms) {
    timer_.expires_after(std::chrono::milliseconds(std::max<std::int64_t>(time_ms - clock_(), 1)));
    timer_.async_wait([self = shared_from_this()](const boost::system::error_code& error) {
        if (!error) self->service();
    });
}

}  // namespace ferraris::twin
