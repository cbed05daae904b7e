/// Carries octets between a serial device and what speaks on it.
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
#include "twin/serial_device.hpp"

namespace ferraris::twin {

/// Everything runs in the thread of the io_context.
class SerialLine : public std::enable_shared_from_this<SerialLine> {
public:
    /// `clock` gives milliseconds; `log` is told when the device goes.
    SerialLine(boost::asio::io_context& io, SerialDevice device, std::unique_ptr<LineEnd> end,
               std::function<std::int64_t()> clock, std::function<void(const std::string&)> log);
    ~SerialLine();
    SerialLine(const SerialLine&) = delete;
    SerialLine& operator=(const SerialLine&) = delete;

    void start();
    void close();
    [[nodiscard]] const std::string& path() const { return device_.path; }

private:
    void read();
    /// Sends what is due, sets the speed, sets the timer.
    void service();
    void wait_until(std::int64_t time_ms);
    void lost(const std::string& why);

    boost::asio::serial_port port_;
    boost::asio::steady_timer timer_;
    SerialDevice device_;
    std::unique_ptr<LineEnd> end_;
    std::function<std::int64_t()> clock_;
    std::function<void(const std::string&)> log_;
    std::array<std::uint8_t, 1024> received_{};
    ByteView unread_{};
    std::vector<std::uint8_t> transmit_{};
    std::uint32_t baud_{0};
    bool writing_{false};
    bool closed_{false};
};

}  // namespace ferraris::twin
