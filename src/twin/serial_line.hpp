/// Carries octets between a serial device and what speaks on it. A pseudo-terminal keeps to the speed as a line would,
/// unless it is asked to be fast: octets take their time, and what comes at another speed than the meter's is noise.
#pragma once

#include <array>
#include <boost/asio/io_context.hpp>
#include <boost/asio/serial_port.hpp>
#include <boost/asio/steady_timer.hpp>
#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "twin/line_end.hpp"
#include "twin/line_pace.hpp"
#include "twin/serial_device.hpp"

namespace ferraris::twin {

/// Everything runs in the thread of the io_context.
class SerialLine : public std::enable_shared_from_this<SerialLine> {
public:
    /// `clock` gives milliseconds; `log` is told when the device goes. `fast`: a pseudo-terminal without times.
    SerialLine(boost::asio::io_context& io, SerialDevice device, std::unique_ptr<LineEnd> end, bool fast,
               std::function<std::int64_t()> clock, std::function<void(const std::string&)> log);
    ~SerialLine();
    SerialLine(const SerialLine&) = delete;
    SerialLine& operator=(const SerialLine&) = delete;

    void start();
    void close();
    /// The end has something new to say.
    void wake() { service(); }
    [[nodiscard]] const std::string& path() const { return device_.path; }

private:
    /// More waits for the line than anybody reads: what comes has to wait too.
    static constexpr std::size_t kMaxWaiting = 65'536;
    /// Octets of a slow line are handed on at most this often.
    static constexpr std::int64_t kPortion_ms = 4;

    void read();
    /// Takes what has come and sends what is due, sets the speed, sets the timer.
    void service();
    /// Hands what has come by now to the end. True when there was something.
    [[nodiscard]] bool take(std::int64_t now_ms);
    /// Writes what the line has had time for. True when the next step has to wait for it.
    [[nodiscard]] bool give(std::int64_t now_ms);
    void collect(std::int64_t now_ms);
    void wait_until(std::int64_t time_ms);
    void lost(const std::string& why);
    [[nodiscard]] std::size_t waiting() const { return transmit_.size() - sent_; }
    /// `octets`, or the noise that they are for an end of another speed.
    [[nodiscard]] ByteView as_heard(ByteView octets, bool same_speed);

    boost::asio::serial_port port_;
    boost::asio::steady_timer timer_;
    SerialDevice device_;
    std::unique_ptr<LineEnd> end_;
    std::function<std::int64_t()> clock_;
    std::function<void(const std::string&)> log_;
    std::array<std::uint8_t, 1024> received_{};
    ByteView unread_{};
    LinePace in_{};
    std::vector<std::uint8_t> transmit_{};
    std::size_t sent_{0};  ///< of `transmit_`
    LinePace out_{};
    std::vector<std::uint8_t> noise_{};
    std::uint32_t baud_{0};
    std::uint32_t reader_baud_{0};  ///< when the last octets came
    bool in_step_{true};            ///< those came at the meter's speed
    bool paced_;
    bool writing_{false};
    bool closed_{false};
};

}  // namespace ferraris::twin
