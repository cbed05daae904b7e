#include "twin/pacer.hpp"

#include <algorithm>
#include <boost/asio.hpp>
#include <chrono>
#include <utility>

namespace ferraris::twin {
namespace {

namespace asio = boost::asio;
using Clock = std::chrono::steady_clock;

/// Seconds of the meter between two looks at the sockets: some tens of microseconds of ours.
constexpr std::int64_t kSlice = 300;
/// Behind by more of our seconds than this is worth a line in the log.
constexpr double kLagWorthTelling = 5;

}  // namespace

class Pacer::Implementation : public std::enable_shared_from_this<Implementation> {
public:
    Implementation(asio::io_context& io, VirtualMeter& meter, PushSender& pushes, const Pace& pace,
                   std::function<void(const std::string&)> log)
        : io_(io), timer_(io), meter_(meter), pushes_(pushes), pace_(pace), log_(std::move(log)), began_(pace.began) {}

    /// One chain of steps runs at a time: what was begun before `turn` ends there.
    void step(std::uint64_t turn) {
        if (stopped_ || paused_ || turn != turn_) return;
        const std::int64_t due = due_seconds();
        std::int64_t slice = std::min(due, kSlice);
        if (slice > 0) slice = meter_.advance_to_push(slice);
        metered_ += slice;
        // What is left of a meter without power sends nothing.
        if (meter_.power()) {
            pushes_.run();
            if (pace_.after_time) pace_.after_time();
        }
        if (pace_.speed == 0 && pushes_.busy()) {
            pushes_.when_idle([self = shared_from_this(), turn] { self->step(turn); });
            return;
        }
        if (leap_to_ && meter_.now() >= *leap_to_) return change([this] { pace_.speed = 1; });
        if (pace_.until && meter_.now() >= *pace_.until) {
            log_("the meter's time stands still now, as was asked; it goes on answering");
            return;
        }
        if (due > slice || pace_.speed == 0) {
            tell_lag(due - slice);
            asio::post(io_, [self = shared_from_this(), turn] { self->step(turn); });
            return;
        }
        const auto next = std::chrono::duration<double>(static_cast<double>(metered_ + 1) / pace_.speed);
        timer_.expires_at(began_ + std::chrono::duration_cast<Clock::duration>(next));
        timer_.async_wait([self = shared_from_this(), turn](const boost::system::error_code& error) {
            if (!error) self->step(turn);
        });
    }

    void begin() {
        asio::post(io_, [self = shared_from_this(), turn = turn_] { self->step(turn); });
    }

    void set_speed(double speed) {
        change([this, speed] { pace_.speed = speed; });
    }

    void pause() {
        change([this] { paused_ = true; });
    }

    void leap_to(UtcTime time) {
        change([this, time] {
            pace_.speed = 0;
            leap_to_ = time;
        });
    }

    [[nodiscard]] PaceState state() const { return {pace_.speed, paused_, leap_to_.has_value()}; }

    void observe() {
        if (pace_.speed == 0 || (pace_.until && meter_.now() >= *pace_.until)) return;
        meter_.observe(static_cast<std::int64_t>(fraction() * 1000));
    }

    void stop() {
        stopped_ = true;
        timer_.cancel();
    }

private:
    /// Of the present second, what has passed. A meter that lags behind does not run into the one that it has yet to
    /// measure.
    [[nodiscard]] double fraction() const {
        if (paused_) return paused_fraction_;
        if (pace_.speed == 0) return 0;
        const std::chrono::duration<double> elapsed = Clock::now() - began_;
        return std::clamp(elapsed.count() * pace_.speed - static_cast<double>(metered_), 0.0, 0.999);
    }

    /// Time goes on from where it is in another way.
    template <class How>
    void change(How&& how) {
        const double passed = fraction();
        paused_ = false;
        leap_to_.reset();
        how();
        ++turn_;
        timer_.cancel();
        told_lag_ = false;
        metered_ = 0;
        paused_fraction_ = passed;
        began_ = Clock::now();
        if (pace_.speed > 0) {
            began_ -= std::chrono::duration_cast<Clock::duration>(std::chrono::duration<double>(passed / pace_.speed));
        }
        if (!paused_ && !stopped_) begin();
    }

    [[nodiscard]] std::int64_t due_seconds() const {
        std::int64_t due = kSlice;
        if (pace_.speed > 0) {
            const std::chrono::duration<double> elapsed = Clock::now() - began_;
            due = static_cast<std::int64_t>(elapsed.count() * pace_.speed) - metered_;
        }
        if (pace_.until) due = std::min(due, pace_.until->seconds() - meter_.now().seconds());
        if (leap_to_) due = std::min(due, leap_to_->seconds() - meter_.now().seconds());
        return due;
    }

    void tell_lag(std::int64_t behind) {
        if (told_lag_ || pace_.speed == 0 || static_cast<double>(behind) / pace_.speed < kLagWorthTelling) return;
        told_lag_ = true;
        log_("this machine cannot keep the pace; the meter runs as fast as it can (choose a lower --speed)");
    }

    asio::io_context& io_;
    asio::steady_timer timer_;
    VirtualMeter& meter_;
    PushSender& pushes_;
    Pace pace_;
    std::function<void(const std::string&)> log_;
    Clock::time_point began_;
    std::int64_t metered_{0};
    std::optional<UtcTime> leap_to_{};
    double paused_fraction_{0};
    std::uint64_t turn_{0};
    bool paused_{false};
    bool stopped_{false};
    bool told_lag_{false};
};

Pacer::Pacer(asio::io_context& io, VirtualMeter& meter, PushSender& pushes, const Pace& pace,
             std::function<void(const std::string&)> log)
    : implementation_(std::make_shared<Implementation>(io, meter, pushes, pace, std::move(log))) {
    implementation_->begin();
}

Pacer::~Pacer() { stop(); }

void Pacer::observe() { implementation_->observe(); }

void Pacer::set_speed(double speed) { implementation_->set_speed(speed); }

void Pacer::pause() { implementation_->pause(); }

void Pacer::leap_to(UtcTime time) { implementation_->leap_to(time); }

PaceState Pacer::state() const { return implementation_->state(); }

void Pacer::stop() { implementation_->stop(); }

}  // namespace ferraris::twin
