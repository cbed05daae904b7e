/// What one connection waits for, so that an operator hears of one that is stuck before it is closed.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>

namespace ferraris::twin {

class ConnectionWatch {
public:
    /// A wait is worth a line after this; between two requests a client may take all the time that it has.
    static constexpr std::int64_t kStuck_ms = 10'000;

    enum class Wait : std::uint8_t {
        first_octet,      ///< it connected, and sent nothing yet
        request,          ///< between two requests
        rest_of_message,  ///< a message has begun, and is not whole
        send_buffer,      ///< it does not take what is sent to it
    };

    explicit ConnectionWatch(std::int64_t now_ms) : last_activity_ms_(now_ms) {}

    void wait_for(Wait wait) { wait_ = wait; }
    /// Octets came or went.
    void active(std::int64_t now_ms) {
        last_activity_ms_ = now_ms;
        told_ = false;
    }
    [[nodiscard]] std::int64_t last_activity_ms() const { return last_activity_ms_; }

    /// What to write into the log, once for each wait that lasts too long; else null.
    [[nodiscard]] const char* complaint(std::int64_t now_ms) {
        if (told_ || now_ms - last_activity_ms_ < kStuck_ms) return nullptr;
        told_ = true;
        return kComplaints[static_cast<std::size_t>(wait_)];
    }

private:
    static constexpr std::array<const char*, 4> kComplaints{
        "has sent nothing since it connected",
        nullptr,
        "has stopped in the middle of a message",
        "does not take the answers that are sent to it",
    };

    std::int64_t last_activity_ms_;
    Wait wait_{Wait::first_octet};
    bool told_{false};
};

}  // namespace ferraris::twin
