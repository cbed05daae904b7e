/// How many octets a line has had time for: neither end of it can be faster than its speed.
#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>

namespace ferraris::twin {

/// One direction of a line; ten bits an octet. Time in milliseconds, as the line's clock gives it.
class LinePace {
public:
    /// Octets that begin at `now_ms`, or behind those before them, and are over by now.
    [[nodiscard]] std::size_t due(std::int64_t now_ms, std::uint32_t baud) const {
        const std::int64_t passed_us = now_ms * kMicroseconds - free_us_;
        return passed_us <= 0 ? 0 : static_cast<std::size_t>(passed_us * baud / kOctet);
    }
    /// The line was at rest; what comes begins now.
    void begin(std::int64_t now_ms) { free_us_ = std::max(free_us_, now_ms * kMicroseconds); }
    void take(std::size_t octets, std::uint32_t baud) { free_us_ += static_cast<std::int64_t>(octets) * kOctet / baud; }
    /// When `octets` more are over.
    [[nodiscard]] std::int64_t over_ms(std::size_t octets, std::uint32_t baud) const {
        const std::int64_t end_us = free_us_ + static_cast<std::int64_t>(octets) * kOctet / baud;
        return (end_us + kMicroseconds - 1) / kMicroseconds;
    }

private:
    static constexpr std::int64_t kMicroseconds = 1000;
    static constexpr std::int64_t kOctet = 10'000'000;  ///< bits times microseconds of a second

    std::int64_t free_us_{0};
};

}  // namespace ferraris::twin
