#include "twin/serial_line.hpp"

#include <unistd.h>

#include <algorithm>
#include <boost/asio/write.hpp>
#include <chrono>
#include <utility>

namespace ferraris::twin {

namespace asio = boost::asio;

SerialLine::SerialLine(asio::io_context& io, SerialDevice device, std::unique_ptr<LineEnd> end, bool fast,
                       std::function<std::int64_t()> clock, std::function<void(const std::string&)> log)
    : port_(io, device.file),
      timer_(io),
      device_(std::move(device)),
      end_(std::move(end)),
      clock_(std::move(clock)),
      log_(std::move(log)),
      baud_(end_->baud()),
      paced_(device_.is_pseudo_terminal() && !fast) {
    device_.file = -1;  // the port's
}

SerialLine::~SerialLine() { close_serial_device(device_); }

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
    end_.reset();  // what it leads to may go before the last operation has ended
}

void SerialLine::lost(const std::string& why) {
    if (closed_) return;
    log_("the line " + device_.path + " is gone: " + why + "; start again when it is back");
    close();
}

void SerialLine::read() {
    port_.async_read_some(asio::buffer(received_), [self = shared_from_this()](const boost::system::error_code& error,
                                                                               std::size_t count) {
        if (self->closed_) return;
        if (error) return self->lost(error.message());
        self->unread_ = ByteView(self->received_).first(count);
        self->in_.begin(self->clock_());
        if (self->paced_) {
            // Who changes the speed just behind what he wrote wrote it at the old one.
            const std::uint32_t before = std::exchange(self->reader_baud_, speed_of_reader(self->device_));
            self->in_step_ = self->reader_baud_ == self->baud_ || before == self->baud_;
        }
        self->service();
    });
}

ByteView SerialLine::as_heard(ByteView octets, bool same_speed) {
    constexpr std::uint8_t kWrongSpeed = 0x55;
    if (same_speed) return octets;
    noise_.assign(octets.begin(), octets.end());
    for (std::uint8_t& octet : noise_) octet ^= kWrongSpeed;
    return noise_;
}

void SerialLine::collect(std::int64_t now_ms) {
    const ByteView out = end_->pull(now_ms);
    if (out.empty()) return;
    if (waiting() == 0) {
        transmit_.clear();
        sent_ = 0;
        out_.begin(now_ms);
    }
    transmit_.insert(transmit_.end(), out.begin(), out.end());
}

bool SerialLine::take(std::int64_t now_ms) {
    if (unread_.empty() || waiting() > kMaxWaiting) return false;
    const std::size_t count = paced_ ? std::min(in_.due(now_ms, baud_), unread_.size()) : unread_.size();
    if (count == 0) return false;
    const ByteView heard = as_heard(unread_.first(count), in_step_);
    ByteView rest = heard;
    // The clock's milliseconds are whole, and the octets came within this one: what has to wait waits from its end on,
    // or a reaction time would be short by a part of it.
    end_->receive(rest, now_ms + 1);
    const std::size_t taken = heard.size() - rest.size();
    in_.take(taken, baud_);
    unread_ = unread_.subspan(taken);
    collect(now_ms);
    if (unread_.empty()) read();
    return true;
}

bool SerialLine::give(std::int64_t now_ms) {
    if (waiting() == 0) return false;
    const std::size_t count = paced_ ? std::min(out_.due(now_ms, baud_), waiting()) : waiting();
    if (count == 0) return false;
    const ByteView heard =
        as_heard(ByteView(transmit_).subspan(sent_, count), !paced_ || speed_of_reader(device_) == baud_);
    out_.take(count, baud_);
    sent_ += count;
    writing_ = true;
    // What is on its way is apart: the end may have more to say meanwhile.
    auto octets = std::make_shared<std::vector<std::uint8_t>>(heard.begin(), heard.end());
    asio::async_write(port_, asio::buffer(*octets),
                      [self = shared_from_this(), octets](const boost::system::error_code& error, std::size_t) {
                          self->writing_ = false;
                          if (self->closed_) return;
                          if (error) return self->lost(error.message());
                          self->service();
                      });
    return true;
}

void SerialLine::service() {
    while (!closed_) {
        const std::int64_t now_ms = clock_();
        end_->poll(now_ms);
        if (waiting() == 0) collect(now_ms);
        if (take(now_ms)) continue;
        // A reader that does not take what it asked for is waited for, and what it sends waits with it.
        if (writing_ || give(now_ms)) return;
        if (waiting() == 0 && end_->baud() != baud_) {
            baud_ = end_->baud();
            // The speed of a pseudo-terminal is its reader's affair.
            if (!device_.is_pseudo_terminal() && !set_baud(port_.native_handle(), baud_)) {
                return lost("it does not take " + std::to_string(baud_) + " Bd");
            }
        }
        std::optional<std::int64_t> due = end_->next_timeout();
        const auto at_least = [&due](std::int64_t time_ms) { due = std::min(due.value_or(time_ms), time_ms); };
        if (waiting() != 0) at_least(std::max(out_.over_ms(1, baud_), now_ms + kPortion_ms));
        if (!unread_.empty() && paced_) at_least(std::max(in_.over_ms(1, baud_), now_ms + kPortion_ms));
        if (due) wait_until(*due);
        return;
    }
}

void SerialLine::wait_until(std::int64_t time_ms) {
    timer_.expires_after(std::chrono::milliseconds(std::max<std::int64_t>(time_ms - clock_(), 1)));
    timer_.async_wait([self = shared_from_this()](const boost::system::error_code& error) {
        if (!error) self->service();
    });
}

}  // namespace ferraris::twin
